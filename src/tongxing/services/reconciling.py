"""Reconcile: what a region holds and what the hub holds of it, counted and digested by day on both sides.

Equal counts and digests mean that the same reports are held. Where a stretch of subjects differs, its reports can be
queued again for the hub, which takes each once: a full re-sync is that with every stretch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tongxing.core.calendar import beijing_day
from tongxing.core.words import RegionId
from tongxing.services.outbox_ports import OutboxStore
from tongxing.services.peers import Hub
from tongxing.services.ports import ReportStore, SubjectReport
from tongxing.services.report_sums import STRETCH_ROWS, DaySums, add_days, differing_days, sum_by_day


@dataclass(frozen=True, slots=True)
class Compared:
    """Both sides of one stretch, and how many of its reports were queued again for the hub."""

    here: DaySums
    there: DaySums
    queued: int
    next_after: bytes | None


class Resend(StrEnum):
    """What is queued again for the hub."""

    NOTHING = "nothing"
    DIFFERING = "differing"
    ALL = "all"


class ReconcilingDesk:
    """Compares what a gateway holds of its own region with what the hub does."""

    def __init__(self, *, region: RegionId, reports: ReportStore, outbox: OutboxStore, hub: Hub) -> None:
        self._region = region
        self._reports = reports
        self._outbox = outbox
        self._hub = hub

    async def compare(self, after: bytes, resend: Resend) -> Compared:
        """Compare the stretch of subjects behind ``after``. Raises ``Refused(UPSTREAM_AWAY)``."""
        rows = await self._reports.reports_by(self._region, after, STRETCH_ROWS)
        until = rows[-1].subject if len(rows) == STRETCH_ROWS else None
        here, there = sum_by_day(rows), await self._sum_there(after, until)
        queued = await self._queue(rows, differing_days(here, there), resend)
        return Compared(here, there, queued, until)

    async def _sum_there(self, after: bytes, until: bytes | None) -> DaySums:
        days: DaySums = {}
        at: bytes | None = after
        while at is not None:
            stretch = await self._hub.sum_reports(at, until)
            days, at = add_days(days, stretch.days), stretch.next_after
        return days

    async def _queue(self, rows: Sequence[SubjectReport], differing: frozenset[date], resend: Resend) -> int:
        if resend is Resend.NOTHING:
            return 0
        again = [row for row in rows if resend is Resend.ALL or beijing_day(row.report.as_of) in differing]
        if again:
            await self._outbox.queue_again(again)
        return len(again)
