"""What a node deletes by itself, and the signed report of each day that says so."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import partial
from typing import Final

import structlog

from tongxing.core.calendar import beijing_day
from tongxing.core.errors import Refused, TongxingError
from tongxing.core.limits import LOOK_KEPT
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.crypto.keys import SigningKey
from tongxing.services.digest_log import LOG_KEPT
from tongxing.services.ports import Clock
from tongxing.services.retention import RetentionDesk
from tongxing.services.statistics import COUNTS_KEPT
from tongxing.stores.sql.stores import NodeStores

HOUSEKEEPING_SECONDS: Final = 60.0

_Forget = Callable[[], Awaitable[int]]


async def keep_house(
    stores: NodeStores,
    region: RegionId,
    key: SigningKey,
    clock: Clock,
    departed: Callable[[datetime], AbstractSet[RegionId]] = lambda _at: frozenset(),
) -> None:
    """Forget what has ended, for ever, and report it each day, signed with ``key``.

    What regions handed in that have ``departed`` is erased in the next round, and reported at once.
    """
    retention = RetentionDesk(region, stores.retention, key, clock)
    erased: set[RegionId] = set()
    while True:
        for table, forget in _endings(stores, clock.now()):
            await _try(partial(_forget, retention, table, forget))
        gone = departed(clock.now())
        for left in gone - erased:
            if await _try(partial(_forget_region, retention, left)):
                erased.add(left)
        erased &= gone
        await _try(lambda: _report(retention))
        await asyncio.sleep(HOUSEKEEPING_SECONDS)


async def _forget(retention: RetentionDesk, table: str, forget: _Forget) -> int:
    count = await forget()
    await retention.note(table, count)
    return count


async def _forget_region(retention: RetentionDesk, region: RegionId) -> int:
    await retention.forget_region(region)
    return 1


def _endings(stores: NodeStores, at: datetime) -> Iterator[tuple[str, _Forget]]:
    """What is forgotten in each round, by table; of a passage its views go first, which is no row."""
    yield "", lambda: stores.passages.purge_views(at)
    yield "passages", lambda: stores.passages.purge_passages(at)
    yield "nonces", lambda: stores.nonces.forget_expired(at)
    yield "tickets", lambda: stores.tickets.forget_expired(at)
    yield "extensions", lambda: stores.extensions.forget_expired(at)
    yield "uses", lambda: stores.limits.forget_expired(at)
    yield "conversions", lambda: stores.conversions.forget_expired(at)
    yield "printed_codes", lambda: stores.printed_codes.forget_expired(at)
    yield "family_bonds", lambda: stores.family.forget_expired(at)
    yield "transit_passes", lambda: stores.transit_passes.forget_expired(at)
    yield "looks", lambda: stores.looks.forget_before(at - LOOK_KEPT)
    yield "evidence", lambda: stores.evidence.forget_ended(at)
    yield "masked_names", lambda: stores.masked_names.forget_expired(at)
    yield "cases", lambda: stores.cases.forget_ended(at)
    yield "carried_digests", lambda: stores.digest_log.forget_before(beijing_day(at - LOG_KEPT))
    yield "day_counts", lambda: stores.statistics.forget_before(beijing_day(at - COUNTS_KEPT))


async def _report(retention: RetentionDesk) -> int:
    return int(await retention.report_daily() is not None)


async def _try(forget: _Forget) -> int:
    """Return how many were forgotten; what fails on purpose is logged and tried again in the next round."""
    try:
        return await forget()
    except TongxingError as failed:
        problem = failed.problem if isinstance(failed, Refused) else ProblemId.FAULT
        structlog.get_logger().warning("housekeeping_failed", problem=problem)
        return 0
