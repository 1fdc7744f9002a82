"""Retention: what has ended is deleted, and a signed report says so each day and at the shutdown.

The report counts what is held and what of it is past its end, by the record's own statements and not by those that
delete: a deletion that does not work shows as overdue.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from tongxing.core.retention import ALARM_KEPT, BATCH_KEPT, KEPT_THINGS, REPORT_KEPT
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.crypto.keys import SigningKey
from tongxing.services.ports import Clock
from tongxing.wire.deletion_report import FIRST, DeletionReport, Occasion, TableDeletion, encode_deletion_report

REPORTS_TOLD_MAX: Final = 400
REPORT_EVERY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A signed report as it is kept."""

    number: int
    at: datetime
    signed: bytes


SignReport = Callable[[KeptReport | None], bytes]
"""Signs the next report, given the one before."""

SignShutdown = Callable[[KeptReport | None, Mapping[str, int]], bytes]
"""The same of a shutdown, given also how many rows of each table were erased."""


class RetentionStore(Protocol):
    """What a node holds, counted; the reports of what it deleted. Writes as ``services.ports`` says."""

    async def count_held(self) -> Mapping[str, int]:
        """Return how many rows each table holds."""
        ...

    async def count_overdue(self, at: datetime) -> Mapping[str, int]:
        """Return how many rows of each table with an end are past it."""
        ...

    async def forget_reports(self, before: datetime) -> int:
        """Erase the reports, retractions too, that speak of an earlier moment; return how many."""
        ...

    async def forget_alarms(self, before: datetime) -> int:
        """Erase earlier alarms; return how many."""
        ...

    async def forget_batches(self, before: datetime) -> int:
        """Erase what became of batches that came earlier, rows set aside with them; return how many batches."""
        ...

    async def add_report(self, at: datetime, sign: SignReport) -> KeptReport:
        """Keep the next report; of several at once each follows another."""
        ...

    async def erase_all(self, at: datetime, sign: SignShutdown) -> KeptReport:
        """Erase every row of every table but the reports, and keep the report of it, or do neither.

        ``sign`` is given how many rows of each table were erased.
        """
        ...

    async def reports(self, limit: int) -> tuple[KeptReport, ...]:
        """Return the reports, the latest first."""
        ...


@dataclass(slots=True)
class RetentionDesk:
    """Deletes what has ended and reports it. One a process: ``deleted`` is what this one has since the last report."""

    region: RegionId
    store: RetentionStore
    key: SigningKey
    clock: Clock
    deleted: Counter[str] = field(default_factory=Counter)
    since: datetime | None = None

    def note(self, table: str, count: int) -> None:
        """Remember that so many rows were deleted."""
        self.deleted[table] += count

    async def forget_ended(self) -> int:
        """Delete what has ended and no other desk deletes: reports, alarms, batches."""
        at = self.clock.now()
        self.note("reports", await self.store.forget_reports(at - REPORT_KEPT))
        self.note("alarms", await self.store.forget_alarms(at - ALARM_KEPT))
        self.note("ingest_batches", await self.store.forget_batches(at - BATCH_KEPT))
        return sum(self.deleted.values())

    async def report_daily(self) -> KeptReport | None:
        """Delete what has ended and keep the day's report; None while the last is younger than a day."""
        at = self.clock.now()
        last = await self.store.reports(1)
        if last and at - last[0].at < REPORT_EVERY:
            return None
        await self.forget_ended()
        held, overdue = await self.store.count_held(), await self.store.count_overdue(at)
        deleted, self.deleted = self.deleted, Counter()
        since, self.since = self.since or at, at
        rows = [
            TableDeletion(table, deleted[table], held.get(table, 0), overdue.get(table, 0)) for table in KEPT_THINGS
        ]
        return await self.store.add_report(at, lambda before: self._sign(before, Occasion.DAILY, at, since, rows))

    async def shut_down(self) -> KeptReport:
        """Erase everything and keep the report of it, together or not at all."""
        at = self.clock.now()

        def sign(before: KeptReport | None, erased: Mapping[str, int]) -> bytes:
            rows = [TableDeletion(table, count, 0, 0) for table, count in sorted(erased.items())]
            return self._sign(before, Occasion.SHUTDOWN, at, at if before is None else before.at, rows)

        return await self.store.erase_all(at, sign)

    def _sign(
        self,
        before: KeptReport | None,
        occasion: Occasion,
        at: datetime,
        since: datetime,
        rows: list[TableDeletion],
    ) -> bytes:
        report = DeletionReport(
            number=1 if before is None else before.number + 1,
            region=self.region,
            occasion=occasion,
            at=at,
            since=since,
            before=FIRST if before is None else sha256(before.signed),
            rows=tuple(rows),
        )
        public = self.key.public
        return encode_deletion_report(report, alg=public.cose_alg, kid=public.kid, sign=self.key.sign)
