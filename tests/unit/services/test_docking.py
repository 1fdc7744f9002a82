"""Docking: a bad row is set aside by index and reason, and nothing is acknowledged that is not durable."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

import pytest
from msgspec.structs import replace

from tests.fakes.outside import INSECURE_TEST_SUBJECTS
from tests.unit.services.desks import Desks, synthetic_document, synthetic_number
from tests.world import AT, GUANGXI
from tongxing.core.causes import Cause
from tongxing.core.documents import DocumentFault, DocumentRefused
from tongxing.core.errors import Refused
from tongxing.core.levels import Level
from tongxing.core.limits import REPORTS_PER_BATCH_MAX
from tongxing.core.person_links import LinkGround, PersonDocuments
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKeys
from tongxing.crypto.subject_keys import derive_subject_key
from tongxing.services.docking import OLDER_RECORD, Docked, SetAside
from tongxing.services.outbox import OutboxSender
from tongxing.services.person_documents import Linked, NamedDocument
from tongxing.services.ports import SubjectReport

pytestmark = pytest.mark.anyio


def row(sequence: int = 1, more: Mapping[str, object] = MappingProxyType({}), **changes: object) -> dict[str, object]:
    value: dict[str, object] = {
        "document": {"type": "10", "number": synthetic_number(sequence)},
        "name": "王小明",
        "status": "green",
        "told": ["wjyc"],
        "refreshed_at_seconds": int(AT.timestamp()) - 3_600,
        "division": "420106",
    }
    return {**value, **more, **changes}


def refreshed(seconds: int) -> dict[str, object]:
    """Return the refresh time of a record, counted from ten minutes before the world's present."""
    return {"refreshed_at_seconds": int(AT.timestamp()) - 600 + seconds}


CONTACT: dict[str, object] = {"status": "yellow", "told": ["mqjcz"]}

BAD: dict[str, tuple[dict[str, object], str]] = {
    "unknown status": (row(status="purple"), "status_unknown"),
    "unknown word": (row(told=["nobody knows this word"]), "status_unknown"),
    "a word of another status": (row(told=["qzbl"]), "status_unknown"),
    "no refresh time": (row(refreshed_at_seconds=None), "source_unreadable"),
    "a refresh time in the future": (row(refreshed_at_seconds=int(AT.timestamp()) + 3_600), "source_unreadable"),
    "no division": (row(division="wuhan"), "source_unreadable"),
    "wrong check digit": (
        row(document={"type": "10", "number": "994201199003070010"}),
        DocumentRefused(DocumentFault.CHECK_DIGIT).detail,
    ),
    "unknown document type": (
        row(document={"type": "77", "number": synthetic_number()}),
        DocumentRefused(DocumentFault.TYPE_UNKNOWN).detail,
    ),
    "no document": (row(document=None), "field document is missing or not as it must be"),
    "no name": (row(name=None), "field name is missing or not as it must be"),
    "a field too many": (row(level="00"), "region 42: a field that a row does not have"),
    "nothing": ({}, "field document is missing or not as it must be"),
}


async def held_here(hubei: Desks, sequence: int = 1) -> tuple[SubjectReport, ...]:
    subject = derive_subject_key(INSECURE_TEST_SUBJECTS, synthetic_document(sequence))
    return await hubei.stores.reports.reports_of(subject)


async def held_at_hub(hubei: Desks, sequence: int = 1) -> tuple[SubjectReport, ...]:
    subject = derive_subject_key(INSECURE_TEST_SUBJECTS, synthetic_document(sequence))
    return await hubei.hub_stores.reports.reports_of(subject)


async def test_a_record_is_reported_by_its_cause_here_and_at_the_hub(hubei: Desks) -> None:
    """Law 1: yellow of a close contact is high."""
    assert await hubei.docking.dock([row(1, CONTACT)]) == Docked(1, 0, ())
    (here,), (there,) = await held_here(hubei), await held_at_hub(hubei)
    assert here == there
    assert (here.report.level, here.report.has_cause(Cause.CLOSE_CONTACT)) == (Level.HIGH, True)


@pytest.mark.parametrize("fault", BAD)
async def test_a_bad_row_is_set_aside_by_index_and_reason_and_never_blocks(hubei: Desks, fault: str) -> None:
    bad, reason = BAD[fault]
    docked = await hubei.docking.dock([row(2), bad, row(3)])
    assert docked == Docked(2, 0, (SetAside(1, reason),))
    assert [len(await held_at_hub(hubei, sequence)) for sequence in (1, 2, 3)] == [0, 1, 1]


async def test_the_reason_of_a_row_set_aside_never_repeats_what_it_held(hubei: Desks) -> None:
    """Law 8: neither the number nor the name travels on in an error."""
    docked = await hubei.docking.dock([bad for bad, _ in BAD.values()])
    assert [each.index for each in docked.set_aside] == list(range(len(BAD)))
    for each in docked.set_aside:
        assert not any(secret in each.reason for secret in ("99420", "王", "purple", "wuhan", "nobody"))


async def test_a_batch_of_bad_rows_alone_asks_nobody(hubei: Desks) -> None:
    hubei.hub.away = True
    assert (await hubei.docking.dock([{}])).stored == 0
    assert await hubei.docking.dock([]) == Docked(0, 0, ())


@dataclass
class Says:
    """What a gateway says of documents, noted."""

    said: list[tuple[list[str], LinkGround, bool]] = field(default_factory=list)
    refuses: bool = False

    async def say_one_person(
        self, documents: Sequence[NamedDocument], ground: LinkGround, *, is_whole: bool = False
    ) -> Linked:
        if self.refuses:
            raise Refused(ProblemId.CONFLICT)
        self.said.append(([f"{each.document.number} {each.name}" for each in documents], ground, is_whole))
        return Linked(0, ("45-20200321-00000000",)) if documents[-1].name == "李四" else Linked(len(documents) - 1)

    async def documents_of(self, keys: SubjectKeys) -> PersonDocuments:
        return PersonDocuments((keys,))


PASSPORT = {"type": "20", "number": "e99000001", "name": "王 小明"}


async def test_all_documents_of_a_row_are_said_to_be_one_persons_and_a_row_without_them_says_nothing(
    hubei: Desks,
) -> None:
    says = Says()
    hubei.docking._links = says
    rows = [row(1), row(2, other_documents=[PASSPORT]), row(3, other_documents=[])]
    assert await hubei.docking.dock(rows) == Docked(3, 0, ())
    first, second = (f"{synthetic_number(number)} 王小明" for number in (2, 3))
    assert says.said == [
        ([first, "E99000001 王小明"], LinkGround.REGISTER, True),
        ([second], LinkGround.REGISTER, True),
    ]


async def test_a_row_whose_documents_are_not_linked_is_taken_in_and_told_of(hubei: Desks) -> None:
    hubei.docking._links = says = Says()
    docked = await hubei.docking.dock([row(1, other_documents=[{**PASSPORT, "name": "李四"}])])
    assert docked == Docked(1, 0, (), (SetAside(0, "names_differ 45-20200321-00000000"),))
    says.refuses = True
    docked = await hubei.docking.dock([row(2, other_documents=[PASSPORT])])
    assert docked == Docked(1, 0, (), (SetAside(0, "too_many_documents"),))


@pytest.mark.parametrize(
    "wrong",
    [
        "E99000001",
        [PASSPORT] * 8,
        [{**PASSPORT, "level": "00"}],
        [{"type": "20"}],
        [{**PASSPORT, "number": "1"}],
        [{**PASSPORT, "name": "\ue000"}],
        [{**PASSPORT, "name": 7}],
    ],
)
async def test_a_row_with_documents_that_are_none_is_set_aside_whole(hubei: Desks, wrong: object) -> None:
    hubei.docking._links = says = Says()
    docked = await hubei.docking.dock([row(1, other_documents=wrong), row(2)])
    assert (docked.stored, [each.index for each in docked.set_aside]) == (1, [0])
    assert "E99" not in docked.set_aside[0].reason
    assert says.said == []


async def test_without_the_key_service_rows_wait_sealed_and_are_docked_when_it_is_back(hubei: Desks) -> None:
    """A region that is cut off catches up by itself: nothing of the row can be read until then."""
    hubei.hub.away = True
    docked = await hubei.docking.dock([row(1, CONTACT), {}, row(2)])
    assert (docked.stored, docked.waiting, [each.index for each in docked.set_aside]) == (0, 2, [1])
    assert await held_here(hubei) == ()
    waiting = await hubei.stores.outbox.next_waiting()
    assert waiting is not None
    assert not any(secret.encode() in waiting.sealed for secret in (synthetic_number(1), "王小明", "mqjcz"))
    with pytest.raises(Refused):
        await hubei.docking.dock_waiting()
    hubei.hub.away = False
    hubei.clock.move(timedelta(days=1))
    await hubei.docking.dock_waiting()
    assert await hubei.stores.outbox.next_waiting() is None
    await sender_of(hubei).send_waiting()
    levels = [(await held_at_hub(hubei, sequence))[0].report.level for sequence in (1, 2)]
    assert levels == [Level.HIGH, Level.LOW]


async def test_a_record_that_states_no_time_counts_as_of_when_it_came_however_long_it_waits(guangxi: Desks) -> None:
    guangxi.hub.away = True
    arrived_at = guangxi.clock.now()
    undated = row(1, status="green", told=None, refreshed_at_seconds=None)
    assert (await guangxi.docking.dock([undated])).waiting == 1
    guangxi.hub.away = False
    guangxi.clock.move(timedelta(hours=9))
    await guangxi.docking.dock_waiting()
    (here,) = await held_here(guangxi)
    assert here.report.as_of == arrived_at.replace(microsecond=0)


@pytest.mark.parametrize("problem", [ProblemId.UPSTREAM_AWAY, ProblemId.OVERLOADED, ProblemId.FORBIDDEN])
async def test_what_the_hub_does_not_take_is_acknowledged_because_it_is_durable_and_sent_later(
    hubei: Desks, problem: ProblemId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 7: the hub derived the keys and then went away, or refused."""
    monkeypatch.setattr(hubei.hub, "send_batch", refusing(problem))
    assert await hubei.docking.dock([row(1, CONTACT)]) == Docked(1, 0, ())
    assert (len(await held_here(hubei)), await held_at_hub(hubei)) == (1, ())
    with pytest.raises(Refused):
        await sender_of(hubei).send_waiting()
    monkeypatch.undo()
    assert await sender_of(hubei).send_waiting()
    assert await held_at_hub(hubei) == await held_here(hubei) != ()


async def test_a_back_end_does_not_wait_for_a_hub_that_is_known_to_be_away(
    hubei: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def refuse(_dataset: str, number: int, _body: bytes) -> None:
        asked.append(number)
        raise Refused(ProblemId.UPSTREAM_AWAY)

    monkeypatch.setattr(hubei.hub, "send_batch", refuse)
    for sequence in (1, 2, 3):
        await hubei.docking.dock([row(sequence)])
    assert asked == [1]


def refusing(problem: ProblemId) -> Callable[[str, int, bytes], Awaitable[None]]:
    async def refuse(_dataset: str, _number: int, _body: bytes) -> None:
        raise Refused(problem)

    return refuse


def sender_of(hubei: Desks) -> OutboxSender:
    return hubei.docking._outbox.sender


async def test_a_batch_sent_twice_counts_once(hubei: Desks) -> None:
    batch = [row(sequence) for sequence in (1, 2)]
    assert await hubei.docking.dock(batch) == Docked(2, 0, ())
    assert await hubei.docking.dock(batch) == Docked(0, 2, ())
    hubei.clock.move(timedelta(minutes=5))
    await hubei.docking.dock(batch)
    assert [len(await held_at_hub(hubei, sequence)) for sequence in (1, 2)] == [1, 1]


async def test_each_record_is_its_own_persons(hubei: Desks) -> None:
    """A row set aside before it shifts nobody's report to another."""
    await hubei.docking.dock([{}, row(1, CONTACT), row(2), row(3, CONTACT)])
    levels = [(await held_at_hub(hubei, sequence))[0].report.level for sequence in (1, 2, 3)]
    assert levels == [Level.HIGH, Level.LOW, Level.HIGH]


@pytest.mark.parametrize(
    ("first", "then", "level"),
    [(CONTACT, {}, Level.LOW), ({}, CONTACT, Level.HIGH)],
    ids=["cleared", "found"],
)
async def test_what_a_region_says_later_is_what_counts(
    hubei: Desks, first: dict[str, object], then: dict[str, object], level: Level
) -> None:
    await hubei.docking.dock([row(1, {**first, **refreshed(0)})])
    hubei.clock.move(timedelta(minutes=5))
    await hubei.docking.dock([row(1, {**then, **refreshed(1)})])
    (there,) = await held_at_hub(hubei)
    assert there.report.level is level


@pytest.mark.parametrize("newer_first", [True, False])
@pytest.mark.parametrize(
    ("older", "newer", "level"), [(CONTACT, {}, Level.LOW), ({}, CONTACT, Level.HIGH)], ids=["cleared", "found"]
)
async def test_of_two_records_of_one_batch_the_newer_by_the_sources_own_time_is_held(
    hubei: Desks, older: dict[str, object], newer: dict[str, object], level: Level, *, newer_first: bool
) -> None:
    batch = [row(1, {**older, **refreshed(0)}), row(1, {**newer, **refreshed(1)})]
    lost = 0
    if newer_first:
        batch.reverse()
        lost = 1
    expected = Docked(1, 0, (SetAside(lost, OLDER_RECORD),))
    assert await hubei.docking.dock(batch) == expected
    (there,) = await held_at_hub(hubei)
    assert there.report.level is level
    assert await hubei.docking.dock(batch) == replace(expected, stored=0, unchanged=1)


async def test_a_record_delivered_late_never_replaces_a_newer_one_and_is_not_acknowledged(hubei: Desks) -> None:
    await hubei.docking.dock([row(1, {**CONTACT, **refreshed(1)})])
    hubei.clock.move(timedelta(hours=1))
    assert await hubei.docking.dock([row(1, refreshed(0)), row(2)]) == Docked(1, 0, (SetAside(0, OLDER_RECORD),))
    (here,), (there,) = await held_here(hubei), await held_at_hub(hubei)
    assert (here.report.level, there.report.level) == (Level.HIGH, Level.HIGH)


async def test_a_clock_that_steps_back_hides_no_newer_record(hubei: Desks) -> None:
    await hubei.docking.dock([row(1, refreshed(-600))])
    hubei.clock.move(timedelta(minutes=-5))
    assert await hubei.docking.dock([row(1, {**CONTACT, **refreshed(-500)})]) == Docked(1, 0, ())
    (there,) = await held_at_hub(hubei)
    assert there.report.level is Level.HIGH


async def test_records_of_one_second_leave_the_stricter_one(hubei: Desks) -> None:
    for batch in ([row(1, CONTACT), row(1)], [row(2), row(2, CONTACT)]):
        await hubei.docking.dock(batch)
    assert [(await held_at_hub(hubei, sequence))[0].report.level for sequence in (1, 2)] == [Level.HIGH, Level.HIGH]


async def test_a_record_without_a_refresh_time_is_as_old_as_what_it_says(guangxi: Desks) -> None:
    """Since when, not when it arrived: an undated green that is on its way for long hides no red."""
    since = int(AT.timestamp()) - 7_200
    red = row(1, status="red", told=None, since_seconds=since + 60, refreshed_at_seconds=None)
    green = row(1, status="green", told=None, since_seconds=since, refreshed_at_seconds=None)
    assert await guangxi.docking.dock([red]) == Docked(1, 0, ())
    guangxi.clock.move(timedelta(minutes=5))
    assert await guangxi.docking.dock([green]) == Docked(0, 0, (SetAside(0, OLDER_RECORD),))
    assert await guangxi.docking.dock([red]) == Docked(0, 1, ())


async def test_the_hub_gets_what_it_missed_while_it_was_away_in_the_order_in_which_it_was_said(
    hubei: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three days of records, the last of which corrects the first: one batch was on its way when the hub went."""
    monkeypatch.setattr(hubei.hub, "send_batch", refusing(ProblemId.UPSTREAM_AWAY))
    for day in range(3):
        await hubei.docking.dock([row(1, {**(CONTACT if day < 2 else {}), **refreshed(day)}), row(2, refreshed(day))])
        hubei.clock.move(timedelta(days=1))
    monkeypatch.undo()
    await sender_of(hubei).send_waiting()
    for sequence in (1, 2):
        assert await held_at_hub(hubei, sequence) == await held_here(hubei, sequence) != ()
    assert (await held_at_hub(hubei))[0].report.level is Level.LOW
    assert sorted(hubei.hub.batches) == [1, 2]


async def test_an_acknowledgement_that_was_lost_changes_nothing(hubei: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub took the batch in and its answer never came: the same bytes go again under the same number."""
    taken = hubei.hub.send_batch

    async def answer_nothing(dataset: str, number: int, body: bytes) -> None:
        await taken(dataset, number, body)
        raise Refused(ProblemId.UPSTREAM_AWAY)

    monkeypatch.setattr(hubei.hub, "send_batch", answer_nothing)
    await hubei.docking.dock([row(1, CONTACT)])
    monkeypatch.undo()
    assert await sender_of(hubei).send_waiting()
    assert list(hubei.hub.batches) == [1]
    assert await held_at_hub(hubei) == await held_here(hubei) != ()


async def test_an_outbox_brought_back_from_an_older_copy_numbers_on_from_what_the_hub_knows(hubei: Desks) -> None:
    hubei.hub.batches.update({1: b"", 2: b""})
    await hubei.docking.dock([row(1, CONTACT)])
    assert sorted(hubei.hub.batches) == [1, 2, 3]
    assert await held_at_hub(hubei) == await held_here(hubei) != ()


async def test_the_hub_is_told_that_nothing_is_missing_only_once_nothing_is(hubei: Desks) -> None:
    hubei.hub.away = True
    await hubei.docking.dock([row(1)])
    hubei.hub.away = False
    await sender_of(hubei).send_waiting()
    assert hubei.hub.complete == {}
    await hubei.docking.dock_waiting()
    await sender_of(hubei).send_waiting()
    assert hubei.hub.complete == {"reports": hubei.clock.now()}


async def test_a_gateway_that_reports_in_another_regions_name_changes_nothing_at_the_hub(hubei: Desks) -> None:
    """Law 4: the hub knows the sender by its key, whatever the rows say."""
    hubei.hub.sender = GUANGXI
    await hubei.docking.dock([row()])
    assert await held_at_hub(hubei) == ()


async def test_a_batch_beyond_the_limit_is_refused_whole(hubei: Desks) -> None:
    """Before a row of it is read: rows that would be set aside count as well."""
    with pytest.raises(Refused) as refused:
        await hubei.docking.dock([row(), *[{}] * REPORTS_PER_BATCH_MAX])
    assert (refused.value.problem, refused.value.detail) == (ProblemId.BAD_REQUEST, "more than 1000 rows")
    assert await held_here(hubei) == ()


async def test_no_document_is_kept_anywhere(hubei: Desks) -> None:
    """Law 8: what the store holds, it holds under subject keys."""
    await hubei.docking.dock([row()])
    assert synthetic_number() not in repr(await held_here(hubei))
