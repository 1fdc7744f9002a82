"""What a node does by itself: fetch newer bundles, tell others what they have not heard, count.

What fails on purpose (the hub is away, the store is busy) is logged and tried again; anything else is
a bug and ends the node.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog

from tongxing.core.errors import Refused, TongxingError
from tongxing.core.problems import ProblemId
from tongxing.services.cases import CaseDesk
from tongxing.services.docking import DockingDesk
from tongxing.services.outbox import OutboxSender
from tongxing.services.ports import Clock, Entropy
from tongxing.services.published import Published
from tongxing.services.publishing import PublishingDesk
from tongxing.services.rederiving import Rederiving
from tongxing.services.reference import Reference

COUNTS_SECONDS: Final = 3_600.0
"""How often the hub counts what it holds, and a gateway tells its passages of two days."""

CASES_SECONDS: Final = 5.0
"""How often other nodes are told what they have not heard of cases, and asked what they decided."""

OUTBOX_SECONDS: Final = 1.0
OUTBOX_SECONDS_MAX: Final = 15.0
"""How often the outbox is looked into, and at most how seldom while the hub is away."""

ROTATION_SECONDS: Final = 60.0
"""How often a node looks for what is held under old subject keys."""

PUBLISHED_SECONDS: Final = 5.0
FIRST_BUNDLE_SECONDS: Final = 0.5
"""A gateway without any bundle asks this often: it can decide nothing until then."""


@asynccontextmanager
async def running(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run works beside what is done inside; all end with it, and a bug in one of them ends it."""
    inside = asyncio.current_task()
    tasks = [asyncio.create_task(work) for work in works]

    def end_inside(task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None and inside is not None:
            inside.cancel()

    for task in tasks:
        task.add_done_callback(end_inside)
    try:
        yield
    finally:
        for task in tasks:
            task.remove_done_callback(end_inside)
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        bugs = [error for error in ended if isinstance(error, Exception)]
        if bugs:
            raise bugs[0]


async def keep_reference_fresh(reference: Reference, every_seconds: float) -> None:
    """Ask the hub for newer bundles, for ever."""
    while True:
        if await _try("bundle_not_refreshed", reference.refresh()):
            structlog.get_logger().info("bundle_taken_up", bundle_number=reference.knowledge.bundle_number)
        await asyncio.sleep(every_seconds if reference.is_ready else min(every_seconds, FIRST_BUNDLE_SECONDS))


async def keep_published_fresh(published: Published) -> None:
    """Notice what another process of the hub has published, for ever."""
    while True:
        await asyncio.sleep(PUBLISHED_SECONDS)
        await _try("published_not_read", published.take_up())


async def keep_published_young(
    publishing: PublishingDesk, published: Published, clock: Clock, reissue_seconds: float
) -> None:
    """Publish the same content anew before it grows old, for ever: its age, and the coming days' verifier keys.

    Of several processes of the hub one wins; for the others the number is taken, and that is well.
    """
    while True:
        await asyncio.sleep(PUBLISHED_SECONDS)
        bundle = published.bundle
        if bundle is not None and (clock.now() - bundle.issued_at).total_seconds() >= reissue_seconds:
            await _try("bundle_not_reissued", publishing.publish_again())
            await _try("published_not_read", published.take_up())


async def keep_cases_told(cases: CaseDesk) -> None:
    """Tell cases to those who must hear of them, take in what they decided and escalate what is overdue, for ever."""
    while True:
        await _try("cases_not_told", cases.tell_waiting())
        await asyncio.sleep(CASES_SECONDS)


async def keep_hub_told(docking: DockingDesk, outbox: OutboxSender, entropy: Entropy) -> None:
    """Dock what waits for subject keys and send the hub what waits for it, for ever.

    While that fails it is tried less and less often, each time a little off, so that regions do not come in step; and
    not before the hub wants to be asked again.
    """
    wait = OUTBOX_SECONDS
    while True:
        undocked = await _failure_of("rows_wait", docking.dock_waiting())
        untold = await _failure_of("hub_not_told", outbox.send_waiting())
        wait = OUTBOX_SECONDS if undocked is untold is None else min(2 * wait, OUTBOX_SECONDS_MAX)
        asked = max(each.retry_after_seconds if isinstance(each, Refused) else 0.0 for each in (undocked, untold))
        await asyncio.sleep(asked + wait * (0.75 + entropy(1)[0] / 512))


async def keep_counted(counting: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Count anew what statistics tell, for ever."""
    while True:
        await _try("counts_not_made", counting())
        await asyncio.sleep(COUNTS_SECONDS)


async def keep_rederived(rederiving: Rederiving, every_seconds: float) -> None:
    """Lead over what is held under old subject keys, and count, for ever; nine tenths of the time nothing is done."""
    while True:
        began = time.monotonic()
        await _try("keys_not_led_over", rederiving.round())
        await asyncio.sleep(max(every_seconds, 9 * (time.monotonic() - began)))


async def _failure_of(event: str, work: Coroutine[Any, Any, object]) -> TongxingError | None:
    """Do a work; return how it failed, if it did on purpose."""
    try:
        await work
    except TongxingError as failed:
        problem = failed.problem if isinstance(failed, Refused) else ProblemId.FAULT
        structlog.get_logger().warning(event, problem=problem)
        return failed
    return None


async def _try(event: str, work: Coroutine[Any, Any, object]) -> bool:
    """Do a work; return whether it changed anything, False if it failed on purpose."""
    try:
        return bool(await work)
    except TongxingError as failed:
        problem = failed.problem if isinstance(failed, Refused) else ProblemId.FAULT
        structlog.get_logger().warning(event, problem=problem)
        return False
