"""What every ``TicketStore`` promises."""

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.contract.conftest import Place
from tests.contract.implementations import Open, Stores
from tests.contract.samples import AT, ticket
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.services.ports import ClaimResult, TicketPurpose

pytestmark = pytest.mark.anyio

LIFE = timedelta(minutes=2)


async def test_an_issued_ticket_is_found_as_it_was(stores: Stores) -> None:
    for issued in (ticket("s1"), replace(ticket("s2"), purpose=TicketPurpose.VERIFY, subject=None)):
        await stores.tickets.issue(issued)
        assert await stores.tickets.find_ticket(issued.serial) == issued
    assert await stores.tickets.find_ticket("s3") is None


async def test_a_ticket_issued_twice_counts_once_and_another_under_its_serial_is_refused(stores: Stores) -> None:
    await stores.tickets.issue(ticket())
    await stores.tickets.issue(ticket())
    with pytest.raises(Refused) as refused:
        await stores.tickets.issue(replace(ticket(), secret_digest=b"e" * 32))
    assert refused.value.problem is ProblemId.CONFLICT
    assert await stores.tickets.find_ticket("s1") == ticket()


async def test_the_first_claim_wins_and_every_later_one_is_told_so(stores: Stores) -> None:
    assert await stores.tickets.claim(b"k", AT + LIFE, AT) is ClaimResult.CLAIMED
    assert await stores.tickets.claim(b"k", AT + LIFE, AT) is ClaimResult.USED
    assert await stores.tickets.claim(b"k", AT + 2 * LIFE, AT + LIFE / 2) is ClaimResult.USED
    assert await stores.tickets.claim(b"other", AT + LIFE, AT) is ClaimResult.CLAIMED


async def test_of_many_claims_at_the_same_moment_exactly_one_wins(stores: Stores) -> None:
    results = await asyncio.gather(*(stores.tickets.claim(b"k", AT + LIFE, AT) for _ in range(200)))
    assert results.count(ClaimResult.CLAIMED) == 1


async def test_of_many_claims_from_several_threads_exactly_one_wins(place: Place) -> None:
    """Each thread opens the stores for itself, as another process would."""
    rounds, results = 30, dict[int, list[ClaimResult]]()
    start = threading.Barrier(4)

    def claim_all(mine: list[ClaimResult], open_stores: Open) -> None:
        async def run() -> None:
            nonlocal mine
            stores = await open_stores(place.folder)
            start.wait()
            mine += [await stores.tickets.claim(b"k%d" % number, AT + LIFE, AT) for number in range(rounds)]
            await stores.aclose()

        asyncio.run(run())

    await place.open()
    threads = [
        threading.Thread(target=claim_all, args=(results.setdefault(number, []), place.open_stores))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    winners = [sum(mine[number] is ClaimResult.CLAIMED for mine in results.values()) for number in range(rounds)]
    assert winners == [1] * rounds


async def test_a_released_claim_can_be_made_again_once(stores: Stores) -> None:
    await stores.tickets.claim(b"k", AT + LIFE, AT)
    await stores.tickets.release(b"k")
    await stores.tickets.release(b"k")
    assert await stores.tickets.claim(b"k", AT + LIFE, AT) is ClaimResult.CLAIMED
    assert await stores.tickets.claim(b"k", AT + LIFE, AT) is ClaimResult.USED


async def test_a_claim_that_ended_can_be_made_again(stores: Stores) -> None:
    await stores.tickets.claim(b"k", AT + LIFE, AT)
    assert await stores.tickets.claim(b"k", AT + 2 * LIFE, AT + LIFE) is ClaimResult.CLAIMED
    assert await stores.tickets.claim(b"k", AT + 2 * LIFE, AT + LIFE) is ClaimResult.USED


async def test_a_claim_outlives_the_one_who_made_it(place: Place) -> None:
    first = await place.open()
    await first.tickets.claim(b"k", AT + LIFE, AT)
    await first.aclose()
    second = await place.open()
    assert await second.tickets.claim(b"k", AT + LIFE, AT) is ClaimResult.USED


async def test_forgetting_takes_what_ended_and_nothing_else(stores: Stores) -> None:
    await stores.tickets.issue(ticket("short", life=LIFE))
    await stores.tickets.issue(ticket("long", life=2 * LIFE))
    await stores.tickets.claim(b"short", AT + LIFE, AT)
    await stores.tickets.claim(b"long", AT + 2 * LIFE, AT)
    assert await stores.tickets.forget_expired(AT + LIFE) == 2
    assert await stores.tickets.find_ticket("short") is None
    assert await stores.tickets.find_ticket("long") == ticket("long", life=2 * LIFE)
    assert await stores.tickets.claim(b"long", AT + 2 * LIFE, AT + LIFE) is ClaimResult.USED


@pytest.mark.parametrize("key", [b"", b"k" * 65])
async def test_a_claim_without_a_usable_key_is_refused(stores: Stores, key: bytes) -> None:
    with pytest.raises(Refused) as refused:
        await stores.tickets.claim(key, AT + LIFE, AT)
    assert refused.value.problem is ProblemId.BAD_REQUEST
