"""How far senders are, for every answer about a person: asked of the store once a second, however many ask."""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Final

from tongxing.core.words import RegionId
from tongxing.services.ingest_ports import IngestStore, Watermark
from tongxing.services.ports import Clock

MARKS_HELD: Final = timedelta(seconds=1)


class WatermarkBook:
    """The hub's watermarks, at most ``MARKS_HELD`` old."""

    def __init__(self, store: IngestStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._marks: tuple[Watermark, ...] = ()
        self._marks_at: datetime | None = None

    async def marks_of(self, dataset: str, senders: AbstractSet[RegionId]) -> tuple[Watermark, ...]:
        """Return how far some senders are, by sender; those that the hub never heard of are left out."""
        at = self._clock.now()
        if self._marks_at is None or abs(at - self._marks_at) >= MARKS_HELD:
            self._marks, self._marks_at = await self._store.watermarks(), at
        return tuple(mark for mark in self._marks if mark.dataset == dataset and mark.sender in senders)

    async def whole_until(self, dataset: str, senders: AbstractSet[RegionId]) -> datetime | None:
        """Return until when nothing of any of the senders is missing; None without any, or where one never said so."""
        if not senders:
            return None
        moments = [mark.as_of for mark in await self.marks_of(dataset, senders)]
        said = [moment for moment in moments if moment is not None]
        return min(said) if len(said) == len(senders) else None
