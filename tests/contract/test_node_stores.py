"""What every ``BundleStore``, ``AlarmStore`` and ``ExtensionStore`` promises."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.contract.conftest import Place
from tests.contract.implementations import Stores
from tests.contract.samples import AT, extension, subject
from tongxing.core.errors import Refused
from tongxing.core.limits import BUNDLE_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.services.ports import Alarm, HeldBundle

pytestmark = pytest.mark.anyio


async def test_a_new_store_holds_no_bundle(stores: Stores) -> None:
    assert await stores.bundles.latest() is None
    assert await stores.bundles.get(1) is None


async def test_the_latest_bundle_is_the_one_with_the_highest_number(stores: Stores) -> None:
    for number in (9, 10, 8):
        await stores.bundles.save(number, b"%d" % number, b"data %d" % number)
    assert await stores.bundles.latest() == HeldBundle(10, b"10", b"data 10")
    assert await stores.bundles.get(8) == HeldBundle(8, b"8", b"data 8")
    assert await stores.bundles.get(1 << 80) is None


async def test_a_bundle_saved_twice_counts_once_and_a_fork_is_refused(stores: Stores) -> None:
    await stores.bundles.save(1, b"a", b"data")
    await stores.bundles.save(1, b"a", b"data")
    with pytest.raises(Refused) as refused:
        await stores.bundles.save(1, b"b", b"other")
    assert refused.value.problem is ProblemId.CONFLICT
    assert await stores.bundles.latest() == HeldBundle(1, b"a", b"data")


@pytest.mark.parametrize(("number", "size"), [(1, BUNDLE_MAX_BYTES + 1), (-1, 1), (1 << 63, 1)])
async def test_a_bundle_out_of_bounds_is_refused(stores: Stores, number: int, size: int) -> None:
    with pytest.raises(Refused) as refused:
        await stores.bundles.save(number, b"a", bytes(size))
    assert refused.value.problem is ProblemId.BAD_REQUEST


async def test_the_largest_bundle_is_kept(stores: Stores) -> None:
    data = bytes(BUNDLE_MAX_BYTES)
    await stores.bundles.save(1, b"a", data)
    assert await stores.bundles.latest() == HeldBundle(1, b"a", data)


async def test_alarms_come_newest_first_and_no_more_than_asked_for(stores: Stores) -> None:
    alarms = [
        Alarm(AT + timedelta(seconds=number), ReasonId.SIGNATURE_INVALID, f"p{number}", "") for number in range(5)
    ]
    for alarm in (alarms[3], alarms[0], alarms[4], alarms[1], alarms[2]):
        await stores.alarms.raise_alarm(alarm)
    assert await stores.alarms.recent(3) == (alarms[4], alarms[3], alarms[2])
    assert await stores.alarms.recent(1_000) == tuple(reversed(alarms))


@pytest.mark.parametrize("word", [*ReasonId, *ProblemId])
def test_no_word_is_both_a_reason_and_a_problem(word: str) -> None:
    """Alarms hold either: a word must say which it is."""
    assert (word in set(map(str, ReasonId))) != (word in set(map(str, ProblemId)))


async def test_an_alarm_of_a_problem_is_found_as_it_was(stores: Stores) -> None:
    alarm = Alarm(AT, ProblemId.NONCE_REPLAYED, None, "key 0011")
    await stores.alarms.raise_alarm(alarm)
    assert await stores.alarms.recent(1) == (alarm,)


async def test_two_equal_alarms_are_two(stores: Stores) -> None:
    alarm = Alarm(AT, ReasonId.TICKET_USED, "p1", "")
    await stores.alarms.raise_alarm(alarm)
    await stores.alarms.raise_alarm(alarm)
    assert await stores.alarms.recent(10) == (alarm, alarm)


async def test_a_long_detail_is_cut(stores: Stores) -> None:
    await stores.alarms.raise_alarm(Alarm(AT, ReasonId.TICKET_USED, None, "x" * 5_000))
    assert [len(alarm.detail) for alarm in await stores.alarms.recent(1)] == [1_024]


@pytest.mark.parametrize("limit", [0, 1_001])
async def test_a_number_of_alarms_out_of_bounds_is_refused(stores: Stores, limit: int) -> None:
    with pytest.raises(Refused) as refused:
        await stores.alarms.recent(limit)
    assert refused.value.problem is ProblemId.BAD_REQUEST


async def test_alarms_are_found_after_opening_again(place: Place) -> None:
    alarm = Alarm(AT, ReasonId.TICKET_USED, "p1", "")
    first = await place.open()
    await first.alarms.raise_alarm(alarm)
    await first.aclose()
    second = await place.open()
    assert await second.alarms.recent(10) == (alarm,)


async def test_an_extension_is_found_by_its_tokens_digest(stores: Stores) -> None:
    await stores.extensions.save(extension(1))
    await stores.extensions.save(extension(1))
    assert await stores.extensions.find(extension(1).token_digest) == extension(1)
    assert await stores.extensions.find(extension(2).token_digest) is None


async def test_another_extension_under_the_same_digest_is_refused(stores: Stores) -> None:
    await stores.extensions.save(extension())
    with pytest.raises(Refused) as refused:
        await stores.extensions.save(replace(extension(), subject=subject(2)))
    assert refused.value.problem is ProblemId.CONFLICT


async def test_extensions_are_forgotten_when_they_ended_and_not_before(stores: Stores) -> None:
    await stores.extensions.save(extension(1, life=timedelta(minutes=1)))
    await stores.extensions.save(extension(2, life=timedelta(minutes=2)))
    assert await stores.extensions.forget_expired(AT + timedelta(minutes=1)) == 1
    assert await stores.extensions.find(extension(1).token_digest) is None
    assert await stores.extensions.find(extension(2).token_digest) is not None
