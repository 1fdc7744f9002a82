"""What every ``LookStore``, ``LimitStore``, ``ConversionStore`` and ``PrintedCodeStore`` promises."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.contract.conftest import Place
from tests.contract.implementations import Open, Stores
from tests.contract.samples import AT, GUANGXI, subject
from tongxing.core.errors import Refused
from tongxing.core.looks import Ground, Look, Purpose
from tongxing.core.problems import ProblemId
from tongxing.services.way_ports import Allowance, Conversion, LimitResult, PrintedCode

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)


def look(number: int = 1, minutes: int = 0, purpose: Purpose = Purpose.OWN_CODE) -> Look:
    return Look(subject(number), AT + minutes * MINUTE, GUANGXI, "0011aabb", "南宁东站", purpose, Ground.CONSENT)


def conversion(number: int = 1, minutes: int = 10) -> Conversion:
    return Conversion(f"c{number}", number.to_bytes(32, "big"), b"sealed", AT + minutes * MINUTE)


def printed(number: int = 1, of: int = 1, minutes: int = 10) -> PrintedCode:
    return PrintedCode(subject(of), number.to_bytes(32, "big"), b"sealed", AT + minutes * MINUTE)


def allowance(key: bytes = b"k", at_most: int = 3, minutes: int = 1) -> Allowance:
    return Allowance(key, at_most, AT + minutes * MINUTE)


async def test_looks_at_a_person_are_found_the_newest_first_and_nobody_elses(stores: Stores) -> None:
    for made in (look(minutes=1), look(minutes=3, purpose=Purpose.CONVERSION), look(minutes=2), look(2)):
        await stores.looks.record(made)
    assert await stores.looks.looks_at((subject(1),), 2) == (
        look(minutes=3, purpose=Purpose.CONVERSION),
        look(minutes=2),
    )
    assert await stores.looks.looks_at((subject(2),), 10) == (look(2),)
    assert await stores.looks.looks_at((subject(3),), 10) == ()


async def test_looks_are_found_under_all_keys_of_a_person_each_once(stores: Stores) -> None:
    await stores.looks.record(look(1, minutes=1))
    await stores.looks.record(look(2, minutes=2))
    keys = (subject(1), subject(2), subject(1))
    assert await stores.looks.looks_at(keys, 10) == (look(2, minutes=2), look(1, minutes=1))


async def test_two_equal_looks_are_two_looks(stores: Stores) -> None:
    await stores.looks.record(look())
    await stores.looks.record(look())
    assert await stores.looks.looks_at((subject(1),), 10) == (look(), look())


async def test_old_looks_are_forgotten_and_newer_ones_are_not(stores: Stores) -> None:
    for minutes in (0, 1, 2):
        await stores.looks.record(look(minutes=minutes))
    assert await stores.looks.forget_before(AT + MINUTE) == 2
    assert await stores.looks.looks_at((subject(1),), 10) == (look(minutes=2),)


async def test_a_look_outlives_a_restart(place: Place) -> None:
    first = await place.open()
    await first.looks.record(look())
    await first.aclose()
    assert await (await place.open()).looks.looks_at((subject(1),), 10) == (look(),)


async def test_an_allowance_is_used_up_and_another_is_not_touched(stores: Stores) -> None:
    taken = [await stores.limits.take(allowance()) for _ in range(5)]
    assert taken == [LimitResult.TAKEN] * 3 + [LimitResult.LIMITED] * 2
    assert await stores.limits.take(allowance(b"other")) is LimitResult.TAKEN
    assert await stores.limits.take(allowance(b"none", at_most=0)) is LimitResult.LIMITED


async def test_of_many_at_the_same_moment_exactly_so_many_are_let_through(stores: Stores) -> None:
    taken = await asyncio.gather(*(stores.limits.take(allowance(at_most=7)) for _ in range(100)))
    assert taken.count(LimitResult.TAKEN) == 7


async def test_of_many_from_several_threads_exactly_so_many_are_let_through(place: Place) -> None:
    """Each thread opens the stores for itself, as another process would."""
    results: list[LimitResult] = []
    start = threading.Barrier(4)

    def take_all(open_stores: Open) -> None:
        async def run() -> None:
            stores = await open_stores(place.folder)
            start.wait()
            results.extend([await stores.limits.take(allowance(at_most=10)) for _ in range(10)])
            await stores.aclose()

        asyncio.run(run())

    await place.open()
    threads = [threading.Thread(target=take_all, args=(place.open_stores,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert len(results) == 40
    assert results.count(LimitResult.TAKEN) == 10


async def test_what_was_used_stays_used_across_a_restart(place: Place) -> None:
    first = await place.open()
    await first.limits.take(allowance(at_most=1))
    await first.aclose()
    assert await (await place.open()).limits.take(allowance(at_most=1)) is LimitResult.LIMITED


async def test_a_converted_code_is_found_by_its_id_and_by_what_is_shown(stores: Stores) -> None:
    await stores.conversions.save(conversion())
    await stores.conversions.save(conversion())
    assert await stores.conversions.find("c1") == conversion()
    assert await stores.conversions.find_by_code(conversion().code_digest) == conversion()
    assert await stores.conversions.find("c2") is None
    assert await stores.conversions.find_by_code(b"other") is None


@pytest.mark.parametrize("other", [replace(conversion(), sealed=b"x"), replace(conversion(), conversion_id="c9")])
async def test_another_conversion_under_its_id_or_text_is_refused(stores: Stores, other: Conversion) -> None:
    await stores.conversions.save(conversion())
    with pytest.raises(Refused) as refused:
        await stores.conversions.save(other)
    assert refused.value.problem is ProblemId.CONFLICT
    assert await stores.conversions.find("c1") == conversion()
    assert await stores.conversions.find("c9") is None


async def test_a_new_printed_code_cancels_the_old_ones_of_the_same_person_only(stores: Stores) -> None:
    await stores.printed_codes.issue(printed(1), [subject(1)])
    await stores.printed_codes.issue(printed(2, of=2), [subject(2)])
    await stores.printed_codes.issue(printed(3, of=5), [subject(5), subject(1)])
    found = [await stores.printed_codes.find(printed(number).code_digest) for number in (1, 2, 3)]
    assert found == [None, printed(2, of=2), printed(3, of=5)]


async def test_a_printed_code_issued_twice_counts_once(stores: Stores) -> None:
    await stores.printed_codes.issue(printed(), [subject(1)])
    await stores.printed_codes.issue(printed(), [subject(1)])
    assert await stores.printed_codes.find(printed().code_digest) == printed()
    with pytest.raises(Refused) as refused:
        await stores.printed_codes.issue(printed(of=2), [subject(2)])
    assert refused.value.problem is ProblemId.CONFLICT


async def test_of_printed_codes_issued_at_the_same_moment_one_counts(stores: Stores) -> None:
    await asyncio.gather(*(stores.printed_codes.issue(printed(number), [subject(1)]) for number in range(20)))
    found = [await stores.printed_codes.find(printed(number).code_digest) for number in range(20)]
    assert sum(one is not None for one in found) == 1


async def test_forgetting_takes_what_ended_and_nothing_else(stores: Stores) -> None:
    for number, minutes in ((1, 1), (2, 2)):
        await stores.limits.take(allowance(b"%d" % number, 1, minutes))
        await stores.conversions.save(conversion(number, minutes))
        await stores.printed_codes.issue(printed(number, number, minutes), [subject(number)])
    for forget in (
        stores.limits.forget_expired,
        stores.conversions.forget_expired,
        stores.printed_codes.forget_expired,
    ):
        assert await forget(AT + MINUTE) == 1
    assert await stores.limits.take(allowance(b"1", 1)) is LimitResult.TAKEN
    assert await stores.limits.take(allowance(b"2", 1)) is LimitResult.LIMITED
    assert await stores.conversions.find("c1") is None
    assert await stores.conversions.find("c2") is not None
    assert await stores.printed_codes.find(printed(1).code_digest) is None
    assert await stores.printed_codes.find(printed(2).code_digest) is not None


UNUSABLE: dict[str, Callable[[Stores], Awaitable[object]]] = {
    "a look at nobody": lambda stores: stores.looks.record(replace(look(), subject=b"short")),  # type: ignore[arg-type]
    "a site that is too long": lambda stores: stores.looks.record(replace(look(), site="s" * 65)),
    "no key at all": lambda stores: stores.looks.looks_at((), 10),
    "no looks at all": lambda stores: stores.looks.looks_at((subject(1),), 0),
    "an allowance without a key": lambda stores: stores.limits.take(allowance(b"")),
    "a conversion without content": lambda stores: stores.conversions.save(replace(conversion(), sealed=b"")),
    "a conversion too large": lambda stores: stores.conversions.save(replace(conversion(), sealed=b"x" * 16_385)),
    "a printed code of nobody": lambda stores: stores.printed_codes.issue(replace(printed(), subject=b"x"), []),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("case", UNUSABLE)
async def test_what_cannot_be_kept_is_refused(case: str, stores: Stores) -> None:
    with pytest.raises(Refused) as refused:
        await UNUSABLE[case](stores)
    assert refused.value.problem is ProblemId.BAD_REQUEST


async def test_looks_are_counted_by_who_looked_and_what_for_and_never_by_whom(stores: Stores) -> None:
    made = [look(1, minutes=1), look(1, minutes=2), look(2, minutes=3)]
    other = replace(look(3, minutes=4), purpose=Purpose.AUDIT)
    for each in (*made, other, look(4, minutes=60)):
        await stores.looks.record(each)
    counts = await stores.looks.count_looks(AT, AT + timedelta(minutes=60), 10)
    assert [(count.purpose, count.looks, count.people) for count in counts] == [
        (made[0].purpose, 3, 2),
        (Purpose.AUDIT, 1, 1),
    ]
    assert (counts[0].looker, counts[0].last_at) == (made[0].looker, made[2].at)
    assert len(await stores.looks.count_looks(AT, AT + timedelta(minutes=60), 1)) == 1
    assert await stores.looks.count_looks(AT, made[0].at, 10) == ()
    with pytest.raises(Refused):
        await stores.looks.count_looks(AT, AT, 0)
