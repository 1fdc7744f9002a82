"""What every ``DigestLogStore`` promises: each digest once, in one order, with a head behind each."""

import asyncio
from datetime import date, timedelta

import pytest

from tests.contract.conftest import Place
from tests.contract.implementations import Stores
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.services.digest_log import LogEntry, LogPage, first_head, next_head
from tongxing.wire.digest_log import LogHead

pytestmark = pytest.mark.anyio

DAY = date(2020, 6, 1)


def digest(number: int) -> bytes:
    return bytes([number]) * 32


def folded(*digests: bytes, day: date = DAY) -> LogHead:
    head = first_head(day)
    for each in digests:
        head = next_head(head, each)
    return LogHead(day, len(digests), head)


async def test_digests_stand_in_the_order_in_which_they_were_published(stores: Stores) -> None:
    entries = [await stores.digest_log.append(DAY, digest(number)) for number in (3, 1, 2)]
    assert entries == [LogEntry(DAY, position) for position in (1, 2, 3)]
    told = digest(3), digest(1), digest(2)
    assert await stores.digest_log.read(DAY, 0, 10) == LogPage(told, folded(*told))


async def test_a_digest_that_is_published_again_stays_where_it_is(place: Place) -> None:
    first = await place.open()
    await first.digest_log.append(DAY, digest(1))
    await first.digest_log.append(DAY, digest(2))
    await first.aclose()
    second = await place.open()
    assert await second.digest_log.append(DAY, digest(1)) == LogEntry(DAY, 1)
    assert (await second.digest_log.read(DAY, 0, 10)).head == folded(digest(1), digest(2))


async def test_pages_have_the_head_behind_their_last_digest(stores: Stores) -> None:
    for number in range(1, 6):
        await stores.digest_log.append(DAY, digest(number))
    assert await stores.digest_log.read(DAY, 0, 2) == LogPage((digest(1), digest(2)), folded(digest(1), digest(2)))
    rest = await stores.digest_log.read(DAY, 2, 10)
    assert rest.head == folded(*map(digest, range(1, 6)))
    assert await stores.digest_log.read(DAY, 5, 10) == LogPage((), rest.head)


async def test_a_day_without_digests_has_a_head_and_nothing_is_behind_its_end(stores: Stores) -> None:
    assert await stores.digest_log.read(DAY, 0, 10) == LogPage((), folded())
    with pytest.raises(Refused) as refused:
        await stores.digest_log.read(DAY, 1, 10)
    assert refused.value.problem is ProblemId.NOT_FOUND


async def test_each_day_has_a_log_of_its_own(stores: Stores) -> None:
    next_day = DAY + timedelta(days=1)
    await stores.digest_log.append(DAY, digest(1))
    assert await stores.digest_log.append(next_day, digest(1)) == LogEntry(next_day, 1)
    assert (await stores.digest_log.read(next_day, 0, 10)).head == folded(digest(1), day=next_day)
    assert await stores.digest_log.forget_before(next_day) == 1
    assert (await stores.digest_log.read(DAY, 0, 10)).digests == ()
    assert (await stores.digest_log.read(next_day, 0, 10)).digests == (digest(1),)


async def test_of_many_hands_each_digest_gets_a_position_of_its_own(stores: Stores) -> None:
    entries = await asyncio.gather(*(stores.digest_log.append(DAY, digest(number)) for number in range(40)))
    assert sorted(entry.position for entry in entries) == list(range(1, 41))
    page = await stores.digest_log.read(DAY, 0, 100)
    assert page.head == folded(*page.digests)


@pytest.mark.parametrize("wrong", [b"", bytes(31), bytes(33)])
async def test_what_is_no_digest_is_refused(stores: Stores, wrong: bytes) -> None:
    with pytest.raises(Refused) as refused:
        await stores.digest_log.append(DAY, wrong)
    assert refused.value.problem is ProblemId.BAD_REQUEST
