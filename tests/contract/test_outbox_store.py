"""What a gateway has yet to tell the hub: queued with the report, batched once, in order per subject."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.conftest import Place
from tests.contract.implementations import Stores
from tests.contract.samples import AT, GUANGXI, HUBEI, row, subject
from tongxing.core.errors import Refused
from tongxing.core.levels import Level
from tongxing.core.limits import REPORTS_PER_BATCH_MAX, WAITING_ROWS_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey
from tongxing.crypto.digests import sha256
from tongxing.services.outbox_ports import OUTBOX_BATCH_ROWS, OutboxState
from tongxing.services.ports import SubjectReport
from tongxing.wire.report_lines import parse_report_line

pytestmark = pytest.mark.anyio


def rows_in(body: bytes) -> list[SubjectReport]:
    return [SubjectReport(*parse_report_line(line)) for line in body.splitlines()]


async def send_all(stores: Stores) -> list[SubjectReport]:
    """Acknowledge every batch; return all rows in the order in which they were sent."""
    sent: list[SubjectReport] = []
    while (batch := await stores.outbox.next_batch()) is not None:
        sent += rows_in(batch.body)
        await stores.outbox.acknowledged(batch.number)
    return sent


async def test_what_is_stored_for_the_hub_is_queued_and_what_is_not_is_not(stores: Stores) -> None:
    await stores.reports.put_reports([row(1)], for_hub=True)
    await stores.reports.put_reports([row(2)])
    batch = await stores.outbox.next_batch()
    assert batch is not None
    assert (batch.number, batch.rows, batch.digest) == (1, 1, sha256(batch.body))
    assert rows_in(batch.body) == [row(1)]


async def test_only_what_changed_what_is_held_is_queued(stores: Stores) -> None:
    await stores.reports.put_reports([row(1, revision=5)], for_hub=True)
    await send_all(stores)
    for put in (row(1, revision=5), row(1, revision=4)):
        await stores.reports.put_reports([put], for_hub=True)
    assert await stores.outbox.next_batch() is None
    assert (await stores.outbox.state()).is_empty


async def test_a_batch_is_the_same_bytes_under_the_same_number_until_it_is_acknowledged(place: Place) -> None:
    first, second = await place.open(), await place.open()
    await first.reports.put_reports([row(1), row(2)], for_hub=True)
    batch = await first.outbox.next_batch()
    await first.reports.put_reports([row(1, revision=2)], for_hub=True)
    assert await second.outbox.next_batch() == batch == await first.outbox.next_batch()


async def test_what_is_stored_after_a_batch_was_formed_goes_into_a_later_one(stores: Stores) -> None:
    await stores.reports.put_reports([row(1, revision=1)], for_hub=True)
    await stores.outbox.next_batch()
    await stores.reports.put_reports([row(1, revision=2, level=Level.HIGH)], for_hub=True)
    assert [each.report.revision for each in await send_all(stores)] == [1, 2]
    assert (await stores.outbox.state()) == OutboxState(2, 0, 0)


async def test_of_a_subject_that_waits_only_the_newest_report_is_sent(stores: Stores) -> None:
    for revision in (1, 2, 3):
        await stores.reports.put_reports([row(1, revision=revision)], for_hub=True)
    await stores.reports.put_reports([row(1, issuer=GUANGXI)], for_hub=True)
    sent = await send_all(stores)
    assert sorted((each.report.issuer, each.report.revision) for each in sent) == [(HUBEI, 3), (GUANGXI, 1)]


async def test_all_that_is_queued_is_sent_once_however_much_it_is(stores: Stores) -> None:
    every = [row(number) for number in range(1, OUTBOX_BATCH_ROWS + 500)]
    for start in range(0, len(every), REPORTS_PER_BATCH_MAX):
        await stores.reports.put_reports(every[start : start + REPORTS_PER_BATCH_MAX], for_hub=True)
    assert (await stores.outbox.state()).queued == len(every)
    assert sorted(each.subject for each in await send_all(stores)) == sorted(each.subject for each in every)


async def test_who_reports_all_the_time_keeps_nobody_else_waiting(stores: Stores) -> None:
    """The queue is gone through in a circle: the first subjects do not come first for ever."""
    every = [row(number) for number in range(1, OUTBOX_BATCH_ROWS + 2)]
    for start in range(0, len(every), REPORTS_PER_BATCH_MAX):
        await stores.reports.put_reports(every[start : start + REPORTS_PER_BATCH_MAX], for_hub=True)
    first = await stores.outbox.next_batch()
    assert first is not None
    await stores.outbox.acknowledged(first.number)
    busy = [row(number, revision=2) for number in range(1, OUTBOX_BATCH_ROWS + 1)]
    for start in range(0, len(busy), REPORTS_PER_BATCH_MAX):
        await stores.reports.put_reports(busy[start : start + REPORTS_PER_BATCH_MAX], for_hub=True)
    second = await stores.outbox.next_batch()
    assert second is not None
    assert subject(OUTBOX_BATCH_ROWS + 1) in {each.subject for each in rows_in(second.body)}


async def test_batches_brought_back_from_a_copy_get_numbers_that_the_hub_does_not_know(stores: Stores) -> None:
    await stores.reports.put_reports([row(1)], for_hub=True)
    held = await stores.outbox.next_batch()
    assert held is not None
    await stores.outbox.renumber(above=7)
    batch = await stores.outbox.next_batch()
    assert batch is not None
    assert (batch.number, batch.body) == (8, held.body)
    await stores.outbox.acknowledged(8)
    await stores.outbox.renumber(above=20)
    await stores.reports.put_reports([row(2)], for_hub=True)
    batch = await stores.outbox.next_batch()
    assert batch is not None
    assert batch.number == 21


async def test_what_is_queued_again_never_replaces_something_newer(stores: Stores) -> None:
    await stores.reports.put_reports([row(1, revision=2)], for_hub=True)
    await stores.outbox.queue_again([row(1, revision=1), row(2)])
    assert sorted(each.report.revision for each in await send_all(stores)) == [1, 2]


async def test_processes_that_put_and_batch_at_once_lose_nothing_and_send_the_newest_last(place: Place) -> None:
    one, other = await place.open(), await place.open()

    async def put(stores: Stores, start: int) -> None:
        for revision in range(start, 40, 2):
            await stores.reports.put_reports([row(number, revision=revision) for number in (1, 2, 3)], for_hub=True)

    last: dict[bytes, int] = {}

    async def send(stores: Stores) -> None:
        for _ in range(60):
            batch = await stores.outbox.next_batch()
            if batch is not None:
                for each in rows_in(batch.body):
                    last[each.subject] = max(each.report.revision, last.get(each.subject, 0))
                await stores.outbox.acknowledged(batch.number)
            await asyncio.sleep(0)

    await asyncio.gather(put(one, 1), put(other, 2), send(one), send(other))
    for each in await send_all(one):
        last[each.subject] = max(each.report.revision, last.get(each.subject, 0))
    assert last == {subject(number): 39 for number in (1, 2, 3)}


async def test_rows_that_wait_for_keys_come_back_in_their_order(stores: Stores) -> None:
    for content in (b"first", b"second"):
        await stores.outbox.keep_waiting(content, 2, AT)
    first = await stores.outbox.next_waiting()
    assert first is not None
    assert (first.sealed, first.received_at, first.rows) == (b"first", AT, 2)
    for _ in range(2):
        await stores.outbox.forget_waiting(first.ref)
    second = await stores.outbox.next_waiting()
    assert second is not None
    assert second.sealed == b"second"
    await stores.outbox.forget_waiting(second.ref)
    assert await stores.outbox.next_waiting() is None


async def test_more_waiting_rows_than_the_bound_are_refused(stores: Stores) -> None:
    await stores.outbox.keep_waiting(b"many", WAITING_ROWS_MAX, AT)
    with pytest.raises(Refused) as refused:
        await stores.outbox.keep_waiting(b"one more", 1, AT)
    assert refused.value.problem is ProblemId.OVERLOADED


async def test_reports_of_one_issuer_are_gone_through_by_subject(stores: Stores) -> None:
    await stores.reports.put_reports([row(3), row(1), row(2, retracted=True), row(1, issuer=GUANGXI)])
    first = await stores.reports.reports_by(HUBEI, b"", 2)
    assert first == (row(1), row(2, retracted=True))
    assert await stores.reports.reports_by(HUBEI, first[-1].subject, 2) == (row(3),)
    assert await stores.reports.reports_by(HUBEI, subject(3), 2) == ()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 9), st.booleans()), max_size=12))
async def test_whoever_takes_every_batch_in_holds_what_is_held_here(
    place: Place, steps: list[tuple[int, int, bool]]
) -> None:
    """Model: a store that takes in the batches, whenever they are formed, ends with the same newest reports."""
    stores = await place.open()
    there: dict[bytes, int] = {}
    for number, revision, sends in steps:
        await stores.reports.put_reports([row(number, revision=revision)], for_hub=True)
        for each in await send_all(stores) if sends else ():
            there[each.subject] = max(there.get(each.subject, 0), each.report.revision)
    for each in await send_all(stores):
        there[each.subject] = max(there.get(each.subject, 0), each.report.revision)
    # The stores stay the same from example to example, so that only what these steps queued is compared.
    for told, newest in there.items():
        (held,) = await stores.reports.reports_of(SubjectKey(told))
        assert held.report.revision == newest
