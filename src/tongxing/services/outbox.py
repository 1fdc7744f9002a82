"""Tell the hub what was stored here: in order, each batch once in effect, however long the hub is away.

Order of a round: (1) the batch with the lowest number is sent, the same bytes each time, until the hub says that it
holds it; (2) the next one is formed of what is queued; (3) when nothing is left, the hub is told up to which moment
nothing of this region's is missing. Batches go one after another, so that what is said of a subject later arrives
later. A round that fails changes nothing here and is begun again.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from tongxing.core.errors import Refused, TongxingError
from tongxing.core.problems import ProblemId
from tongxing.services.ingesting import REPORTS
from tongxing.services.outbox_ports import OutboxBatch, OutboxStore
from tongxing.services.peers import Hub
from tongxing.services.ports import Clock

FORWARD_SECONDS: Final = 1.0
"""So long a back end's call waits for the hub too, while the hub is there; the report is durable before that."""

TRIED_AGAIN_AFTER_SECONDS: Final = 0.5
"""So long after a failure, or as long as the hub says, no back end's call waits for it; then the next one tries."""

COMPLETE_EVERY: Final = timedelta(seconds=5)


class OutboxSender:
    """Sends one gateway's outbox."""

    def __init__(self, *, store: OutboxStore, hub: Hub, clock: Clock) -> None:
        self._store = store
        self._hub = hub
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._away_until = 0.0
        self._said_complete: datetime | None = None
        self._forwarding: set[asyncio.Task[None]] = set()

    async def send_waiting(self) -> bool:
        """Send until nothing is left; return whether anything was sent. Raises what the hub or the store refused."""
        sent = False
        async with self._one_at_a_time:
            try:
                while (batch := await self._store.next_batch()) is not None:
                    await self._send(batch)
                    sent = True
                await self._say_complete()
            except TongxingError as failed:
                asked = failed.retry_after_seconds if isinstance(failed, Refused) else 0.0
                self._away_until = asyncio.get_running_loop().time() + max(TRIED_AGAIN_AFTER_SECONDS, asked)
                raise
        return sent

    async def forward(self) -> None:
        """Have what was just stored sent, and wait for it a moment; not at all just after the hub was found away.

        Never fails: what is not sent now is sent later.
        """
        if asyncio.get_running_loop().time() < self._away_until:
            return
        task = asyncio.create_task(self._try())
        self._forwarding.add(task)
        task.add_done_callback(self._forwarding.discard)
        await asyncio.wait({task}, timeout=FORWARD_SECONDS)

    async def _try(self) -> None:
        try:
            await self.send_waiting()
        except TongxingError:
            return  # the background round meets the same, tells of it and goes on

    async def _send(self, batch: OutboxBatch) -> None:
        try:
            await self._hub.send_batch(REPORTS, batch.number, batch.body)
        except Refused as refused:
            if refused.problem is not ProblemId.CONFLICT:
                raise
            # The hub knows this number with other bytes: this outbox was brought back from an older copy.
            await self._store.renumber(above=await self._hub.last_batch(REPORTS))
            return
        await self._store.acknowledged(batch.number)

    async def _say_complete(self) -> None:
        at = self._clock.now()
        if self._said_complete is not None and abs(at - self._said_complete) < COMPLETE_EVERY:
            return
        if not (await self._store.state()).is_empty or await self._store.next_waiting() is not None:
            return
        await self._hub.say_complete(REPORTS, at)
        self._said_complete = at
