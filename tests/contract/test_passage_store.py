"""What every ``PassageStore`` promises."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.contract.conftest import Place
from tests.contract.implementations import Stores
from tests.contract.samples import AT, ending, passage
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.verdicts import Ending, Outcome, Seen
from tongxing.services.ports import RecordedEnding

pytestmark = pytest.mark.anyio

DAY = timedelta(hours=24)


async def test_what_was_recorded_is_found_as_it_was(stores: Stores) -> None:
    await stores.passages.record(passage())
    assert await stores.passages.find("p1") == passage()


async def test_a_passage_without_issuer_and_views_is_kept_so(stores: Stores) -> None:
    bare = replace(passage(), issuer=None, views=None, direction=None, site_pseudonym=None)
    await stores.passages.record(bare)
    assert await stores.passages.find("p1") == bare


async def test_an_unknown_ref_finds_nothing(stores: Stores) -> None:
    await stores.passages.record(passage())
    assert await stores.passages.find("p2") is None
    assert await stores.passages.find("\ud800") is None


async def test_sent_twice_counts_once(stores: Stores) -> None:
    await stores.passages.record(passage())
    await stores.passages.record(passage())
    assert await stores.passages.find("p1") == passage()


async def test_another_passage_under_the_same_ref_is_refused_and_changes_nothing(stores: Stores) -> None:
    await stores.passages.record(passage())
    for other in (replace(passage(), outcome=Outcome.STOP), replace(passage(), views=b"others")):
        with pytest.raises(Refused) as refused:
            await stores.passages.record(other)
        assert refused.value.problem is ProblemId.CONFLICT
    assert await stores.passages.find("p1") == passage()


async def test_a_conflict_among_many_at_once_fails_only_its_own_caller(stores: Stores) -> None:
    await stores.passages.record(passage("p7"))
    rows = [passage(f"p{number}") for number in range(20)]
    rows[7] = replace(rows[7], outcome=Outcome.STOP)
    results = await asyncio.gather(*map(stores.passages.record, rows), return_exceptions=True)
    assert [number for number, result in enumerate(results) if result is not None] == [7]
    assert isinstance(results[7], Refused)
    found = await asyncio.gather(*(stores.passages.find(f"p{number}") for number in range(20)))
    assert [each.outcome for each in found if each] == [Outcome.PASS] * 20


async def test_many_at_once_are_all_kept(stores: Stores) -> None:
    rows = [passage(f"p{number}") for number in range(1_000)]
    await asyncio.gather(*map(stores.passages.record, rows))
    assert [await stores.passages.find(each.ref) for each in rows] == rows


async def test_passages_kept_in_one_call_are_all_kept_also_where_some_are_held_already(stores: Stores) -> None:
    rows = [passage(f"p{number}") for number in range(100)]
    await stores.passages.record(*rows[:70])
    await stores.passages.record(*rows)
    assert [await stores.passages.find(each.ref) for each in rows] == rows


async def test_of_passages_in_one_call_none_is_kept_where_one_conflicts(stores: Stores) -> None:
    await stores.passages.record(passage("p80"))
    rows = [passage(f"p{number}") for number in range(100)]
    rows[80] = replace(rows[80], outcome=Outcome.STOP)
    with pytest.raises(Refused) as refused:
        await stores.passages.record(*rows)
    assert refused.value.problem is ProblemId.CONFLICT
    assert [each.ref for each in rows if await stores.passages.find(each.ref) is not None] == ["p80"]


async def test_views_are_erased_when_their_time_is_over_and_not_before(stores: Stores) -> None:
    await stores.passages.record(passage("short", life=DAY))
    await stores.passages.record(passage("long", life=2 * DAY))
    await stores.passages.record(passage("none", views=None, life=DAY))
    assert await stores.passages.purge_views(AT + DAY - timedelta(microseconds=1)) == 0
    assert await stores.passages.purge_views(AT + DAY) == 1
    assert await stores.passages.find("short") == replace(passage("short", life=DAY), views=None)
    assert await stores.passages.find("long") == passage("long", life=2 * DAY)
    assert await stores.passages.purge_views(AT + DAY) == 0


async def test_more_views_than_one_step_takes_are_all_erased(stores: Stores) -> None:
    await asyncio.gather(*(stores.passages.record(passage(f"p{number}")) for number in range(1_203)))
    assert await stores.passages.purge_views(AT + DAY) == 1_203


async def test_a_passage_sent_again_after_its_views_were_erased_counts_once(stores: Stores) -> None:
    await stores.passages.record(passage())
    await stores.passages.purge_views(AT + DAY)
    await stores.passages.record(passage())
    assert await stores.passages.find("p1") == replace(passage(), views=None)


@pytest.mark.parametrize(
    "bad",
    [
        replace(passage(), ref="r" * 65),
        replace(passage(), ref="\ud800"),
        replace(passage(), device_id="d" * 1_025),
        replace(passage(), views=bytes(64 * 1024 + 1)),
        replace(passage(), site_pseudonym=bytes(65)),
        replace(passage(), site_pseudonym=b""),
    ],
    ids=["long ref", "no Unicode", "long device id", "long views", "long pseudonym", "empty pseudonym"],
)
async def test_what_is_out_of_bounds_is_refused(stores: Stores, bad: object) -> None:
    with pytest.raises(Refused) as refused:
        await stores.passages.record(bad)  # type: ignore[arg-type]  # a list of several types
    assert refused.value.problem is ProblemId.BAD_REQUEST


async def test_passages_are_found_after_opening_again(place: Place) -> None:
    first = await place.open()
    await first.passages.record(passage())
    await first.aclose()
    second = await place.open()
    assert await second.passages.find("p1") == passage()


async def test_a_second_opener_sees_what_was_acknowledged_to_the_first(place: Place) -> None:
    first, second = await place.open(), await place.open()
    await first.passages.record(passage("a"))
    await second.passages.record(passage("b"))
    assert await second.passages.find("a") == passage("a")
    assert await first.passages.find("b") == passage("b")


async def test_a_passage_has_no_ending_until_one_is_recorded(stores: Stores) -> None:
    await stores.passages.record(passage())
    assert await stores.passages.find_ending("p1") is None
    assert await stores.passages.record_ending(ending()) == ending()
    assert await stores.passages.find_ending("p1") == ending()
    assert await stores.passages.find("p1") == passage()


async def test_an_ending_sent_again_counts_once_and_keeps_its_first_moment(stores: Stores) -> None:
    await stores.passages.record(passage())
    await stores.passages.record_ending(ending())
    assert await stores.passages.record_ending(ending(seconds=9)) == ending()
    assert await stores.passages.find_ending("p1") == ending()


@pytest.mark.parametrize(
    "changes",
    [{"outcome": Ending.TURNED_AWAY}, {"seen": Seen.NOTHING}, {"device_id": "ffeeddccbbaa0099"}],
    ids=["another outcome", "something else seen", "another device"],
)
async def test_what_ended_cannot_end_otherwise(stores: Stores, changes: dict[str, Any]) -> None:
    await stores.passages.record(passage())
    await stores.passages.record_ending(ending())
    with pytest.raises(Refused) as refused:
        await stores.passages.record_ending(ending(seconds=9, **changes))
    assert refused.value.problem is ProblemId.CONFLICT
    assert await stores.passages.find_ending("p1") == ending()


async def test_of_many_endings_at_once_exactly_one_is_kept(stores: Stores) -> None:
    await stores.passages.record(passage())
    told = [ending(device_id=f"device {number}") for number in range(20)]
    results = await asyncio.gather(*map(stores.passages.record_ending, told), return_exceptions=True)
    kept = [result for result in results if not isinstance(result, BaseException)]
    assert kept == [await stores.passages.find_ending("p1")]
    assert {result.problem for result in results if isinstance(result, Refused)} == {ProblemId.CONFLICT}


async def test_what_never_passed_cannot_end(stores: Stores) -> None:
    with pytest.raises(Refused) as refused:
        await stores.passages.record_ending(ending("p2"))
    assert refused.value.problem is ProblemId.NOT_FOUND
    assert await stores.passages.find_ending("p2") is None


@pytest.mark.parametrize(
    "bad",
    [ending("r" * 65), ending("\ud800"), ending(device_id="d" * 1_025)],
    ids=["long ref", "no Unicode", "long device id"],
)
async def test_an_ending_out_of_bounds_is_refused(stores: Stores, bad: RecordedEnding) -> None:
    with pytest.raises(Refused) as refused:
        await stores.passages.record_ending(bad)
    assert refused.value.problem is ProblemId.BAD_REQUEST


async def test_an_ending_is_found_after_opening_again(place: Place) -> None:
    first = await place.open()
    await first.passages.record(passage())
    await first.passages.record_ending(ending())
    await first.aclose()
    second = await place.open()
    assert await second.passages.find_ending("p1") == ending()


async def test_a_passage_is_erased_with_its_ending_when_its_time_is_over_and_not_before(stores: Stores) -> None:
    for ref, kept in (("short", 7 * DAY), ("long", 14 * DAY)):
        await stores.passages.record(passage(ref, kept=kept))
        await stores.passages.record_ending(ending(ref))
    assert await stores.passages.purge_passages(AT + 7 * DAY - timedelta(microseconds=1)) == 0
    assert await stores.passages.purge_passages(AT + 7 * DAY) == 1
    assert await stores.passages.find("short") is None
    assert await stores.passages.find_ending("short") is None
    assert await stores.passages.find("long") == passage("long")
    assert await stores.passages.find_ending("long") == ending("long")
    assert await stores.passages.purge_passages(AT + 7 * DAY) == 0


async def test_more_passages_than_one_step_takes_are_all_erased_with_their_endings(stores: Stores) -> None:
    await asyncio.gather(*(stores.passages.record(passage(f"p{number}", kept=DAY)) for number in range(1_203)))
    await asyncio.gather(*(stores.passages.record_ending(ending(f"p{number}")) for number in range(1_203)))
    await stores.passages.record(passage("later"))
    assert await stores.passages.purge_passages(AT + DAY) == 1_203
    endings = [await stores.passages.find_ending(f"p{number}") for number in range(1_203)]
    assert set(endings) == {None}
    assert await stores.passages.find("later") == passage("later")
