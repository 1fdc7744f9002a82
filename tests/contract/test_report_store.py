"""What every ``ReportStore`` promises."""

import asyncio
from itertools import permutations

import pytest
from msgspec.structs import replace

from tests.contract.conftest import Place
from tests.contract.implementations import Stores
from tests.contract.samples import GUANGXI, HUBEI, report, row, subject
from tongxing.core.errors import Refused
from tongxing.core.levels import Level
from tongxing.core.limits import KEPT_PER_PUT_MAX, REPORTS_PER_BATCH_MAX, SUBJECTS_PER_LOOKUP_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey
from tongxing.services.ports import PutCount
from tongxing.wire.report_bodies import keep_report

pytestmark = pytest.mark.anyio


async def test_what_was_put_is_found_as_it_was(stores: Stores) -> None:
    put = row()
    assert await stores.reports.put_reports([put]) == PutCount(stored=1, same=0, older=0)
    assert await stores.reports.reports_of(put.subject) == (put,)


async def test_a_report_without_origin_has_none_afterwards(stores: Stores) -> None:
    put = row(origin=None)
    await stores.reports.put_reports([put])
    assert await stores.reports.reports_of(put.subject) == (put,)


async def test_nobody_reported_means_no_reports(stores: Stores) -> None:
    await stores.reports.put_reports([row(1)])
    assert await stores.reports.reports_of(subject(2)) == ()


async def test_each_issuer_keeps_its_own_report(stores: Stores) -> None:
    hubei, guangxi = row(issuer=HUBEI, level=Level.HIGH), row(issuer=GUANGXI)
    await stores.reports.put_reports([guangxi, hubei])
    assert await stores.reports.reports_of(subject(1)) == (hubei, guangxi)


@pytest.mark.parametrize("with_retracted", [False, True])
async def test_many_are_told_what_each_is_told_alone(stores: Stores, with_retracted: bool) -> None:
    """Several issuers, a tombstone, and people of whom nobody reports; more than one statement takes."""
    rows = [row(number) for number in range(1, 301)]
    rows += [row(2, GUANGXI, level=Level.HIGH), row(3, revision=2, retracted=True), row(4, GUANGXI, retracted=True)]
    await stores.reports.put_reports(rows)
    asked = [subject(number) for number in (0, *range(299, 0, -1), 2, 1_000_000)]
    found = await stores.reports.reports_of_many(iter(asked), with_retracted=with_retracted)
    assert set(found) == set(asked)
    for key, told in found.items():
        assert told == await stores.reports.reports_of(key, with_retracted=with_retracted)
    assert [len(found[subject(number)]) for number in (1, 2, 1_000_000)] == [1, 2, 0]
    assert await stores.reports.reports_of_many([]) == {}


async def test_no_more_are_looked_up_at_once_than_is_allowed(stores: Stores) -> None:
    await stores.reports.put_reports([row(1)])
    asked = [subject(number) for number in range(SUBJECTS_PER_LOOKUP_MAX)]
    assert [len(told) for told in (await stores.reports.reports_of_many(asked)).values()] == [0, 1, *[0] * 3_998]
    with pytest.raises(Refused) as refused:
        await stores.reports.reports_of_many([*asked, subject(SUBJECTS_PER_LOOKUP_MAX)])
    assert refused.value.problem is ProblemId.BAD_REQUEST


async def test_sent_twice_counts_once(stores: Stores) -> None:
    await stores.reports.put_reports([row()])
    assert await stores.reports.put_reports([row()]) == PutCount(stored=0, same=1, older=0)
    assert await stores.reports.reports_of(subject(1)) == (row(),)


async def test_a_newer_revision_replaces_and_an_older_one_does_not(stores: Stores) -> None:
    newer = row(revision=2, level=Level.HIGH)
    await stores.reports.put_reports([row(revision=1)])
    assert await stores.reports.put_reports([newer]) == PutCount(stored=1, same=0, older=0)
    assert await stores.reports.put_reports([row(revision=1)]) == PutCount(stored=0, same=0, older=1)
    assert await stores.reports.reports_of(subject(1)) == (newer,)


async def test_a_tombstone_hides_the_report_and_stays(stores: Stores) -> None:
    tombstone = row(revision=2, retracted=True)
    await stores.reports.put_reports([row(revision=1)])
    await stores.reports.put_reports([tombstone])
    assert await stores.reports.put_reports([row(revision=1)]) == PutCount(stored=0, same=0, older=1)
    assert await stores.reports.reports_of(subject(1)) == ()
    assert await stores.reports.reports_of(subject(1), with_retracted=True) == (tombstone,)


async def test_a_tombstone_is_outranked_by_a_newer_report(stores: Stores) -> None:
    newest = row(revision=3)
    await stores.reports.put_reports([row(revision=2, retracted=True), newest])
    assert await stores.reports.reports_of(subject(1)) == (newest,)


@pytest.mark.parametrize("together", [True, False])
async def test_of_two_reports_with_one_revision_the_same_wins_in_every_order(place: Place, together: bool) -> None:
    """A gateway that counts wrongly must not make two hubs disagree."""
    rivals = [row(level=Level.LOW), row(level=Level.HIGH), row(level=Level.MEDIUM, origin=None)]
    winners = set()
    for number, order in enumerate(permutations(rivals)):
        folder = place.folder / str(number)
        folder.mkdir()
        stores = await place.open_stores(folder)
        for portion in [list(order)] if together else [[rival] for rival in order]:
            await stores.reports.put_reports(portion)
        winners.add(await stores.reports.reports_of(subject(1)))
        await stores.aclose()
    assert len(winners) == 1


async def test_of_a_report_and_a_tombstone_with_one_revision_the_tombstone_wins(stores: Stores) -> None:
    await stores.reports.put_reports([row(retracted=True)])
    await stores.reports.put_reports([row(level=Level.HIGH)])
    assert await stores.reports.reports_of(subject(1)) == ()


@pytest.mark.parametrize("together", [True, False])
async def test_of_two_reports_with_one_revision_the_worse_level_wins(place: Place, together: bool) -> None:
    """Whatever else they hold, and whichever came first: a green never hides a red of the same moment."""
    for number, rivals in enumerate(permutations([row(level=Level.LOW), row(level=Level.HIGH, origin=None)])):
        folder = place.folder / str(number)
        folder.mkdir()
        stores = await place.open_stores(folder)
        for portion in [list(rivals)] if together else [[rival] for rival in rivals]:
            await stores.reports.put_reports(portion)
        (held,) = await stores.reports.reports_of(subject(1))
        assert held.report.level is Level.HIGH
        await stores.aclose()


async def test_the_counts_of_one_put_add_up(stores: Stores) -> None:
    await stores.reports.put_reports([row(1, revision=5), row(2, revision=5)])
    rows = [row(1, revision=5), row(2, revision=4), row(3), row(3), row(4, revision=1), row(4, revision=2)]
    assert await stores.reports.put_reports(rows) == PutCount(stored=2, same=2, older=2)


async def test_reports_in_the_form_in_which_they_are_kept_are_taken_as_any(stores: Stores) -> None:
    older, newer, other = row(revision=1), row(revision=2, level=Level.HIGH), row(2, retracted=True)
    kept = [keep_report(each.subject, each.report, each.origin) for each in (newer, older, other, other)]
    assert await stores.reports.put_kept(kept) == PutCount(stored=2, same=1, older=1)
    assert await stores.reports.reports_of(subject(1)) == (newer,)
    assert await stores.reports.reports_of(subject(2), with_retracted=True) == (other,)
    assert await stores.reports.put_reports([newer, other]) == PutCount(stored=0, same=2, older=0)
    with pytest.raises(Refused):
        await stores.reports.put_kept(kept[:1] * (KEPT_PER_PUT_MAX + 1))


async def test_two_large_puts_about_the_same_people_at_once_end_with_the_newer(stores: Stores) -> None:
    """Together in one transaction or not: what is staged for one is no part of the other."""
    older, newer = ([row(number, revision=revision) for number in range(250)] for revision in (1, 2))
    counts = await asyncio.gather(*(stores.reports.put_reports(rows, for_hub=True) for rows in (older, newer)))
    assert counts[1] == PutCount(stored=250, same=0, older=0)
    assert counts[0].stored + counts[0].older == 250
    assert await stores.reports.reports_by(HUBEI, b"", 300) == tuple(newer)


async def test_an_empty_put_changes_nothing(stores: Stores) -> None:
    assert await stores.reports.put_reports([]) == PutCount(0, 0, 0)
    assert await stores.reports.put_kept([]) == PutCount(0, 0, 0)


async def test_a_batch_that_is_too_long_is_refused_whole(stores: Stores) -> None:
    rows = [row(number) for number in range(REPORTS_PER_BATCH_MAX + 1)]
    with pytest.raises(Refused) as refused:
        await stores.reports.put_reports(rows)
    assert refused.value.problem is ProblemId.BAD_REQUEST
    assert await stores.reports.reports_of(subject(1)) == ()


async def test_the_longest_batch_is_taken(stores: Stores) -> None:
    rows = [row(number) for number in range(REPORTS_PER_BATCH_MAX)]
    assert await stores.reports.put_reports(rows) == PutCount(REPORTS_PER_BATCH_MAX, 0, 0)
    assert await stores.reports.reports_of(rows[-1].subject) == (rows[-1],)


async def test_a_row_that_cannot_be_kept_spoils_its_own_put_only(stores: Stores) -> None:
    good = row(2)
    bad = replace(row(1), subject=SubjectKey(b"short"))
    unreadable = replace(good, report=report(sources=("",)))
    for rows in ([row(1), bad], [row(1), unreadable]):
        with pytest.raises(Refused) as refused:
            await stores.reports.put_reports(rows)
        assert refused.value.problem is ProblemId.BAD_REQUEST
    await stores.reports.put_reports([good])
    assert await stores.reports.reports_of(subject(1)) == ()
    assert await stores.reports.reports_of(subject(2)) == (good,)


async def test_reports_are_found_after_opening_again(place: Place) -> None:
    first = await place.open()
    await first.reports.put_reports([row()])
    await first.aclose()
    second = await place.open()
    assert await second.reports.reports_of(subject(1)) == (row(),)
