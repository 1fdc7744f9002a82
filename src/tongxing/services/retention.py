"""Retention: what has ended is deleted, and a signed report says so each day and at the shutdown.

The report counts what is held and what of it is past its end, by the record's own statements and not by those that
delete: a deletion that does not work shows as overdue.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from tongxing.core.retention import ALARM_KEPT, BATCH_KEPT, KEPT_THINGS, REPORT_KEPT
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.suites import SignatureMismatch
from tongxing.services.ports import Clock
from tongxing.wire.cbor import WireError
from tongxing.wire.deletion_report import (
    FIRST,
    DeletionReport,
    Occasion,
    TableDeletion,
    encode_deletion_report,
    parse_deletion_report,
)

REPORTS_TOLD_MAX: Final = 400
REPORT_EVERY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A signed report as it is kept."""

    number: int
    at: datetime
    signed: bytes


Deleted = Mapping[str, int]
"""How many rows of each table."""

SignReport = Callable[[KeptReport | None, Deleted], bytes]
"""Signs the next report, given the one before and how many rows were deleted."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of the record, made by whatever means: where it is, and by when it is erased."""

    place: str
    made_at: datetime
    ends_at: datetime


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

    async def forget_persons(self, before: datetime) -> int:
        """Erase whom a source's ids mean, where it said so earlier; return how many."""
        ...

    async def forget_links(self, before: datetime) -> Deleted:
        """Erase links that nothing needs: of versions of keys, and of documents that were linked earlier.

        Nothing needs one once no report is held under either end; of versions of keys, once nothing at all is.
        """
        ...

    async def forget_region(self, region: RegionId) -> Deleted:
        """Erase all that is held of what a region handed in; return how many rows of each table."""
        ...

    async def count_of_region(self, region: RegionId) -> Deleted:
        """Return how many rows of each table a region handed in."""
        ...

    async def note_deleted(self, table: str, count: int) -> None:
        """Remember, for the next report, that so many rows were deleted."""
        ...

    async def add_report(self, at: datetime, sign: SignReport, *, with_noted: bool = True) -> KeptReport:
        """Keep the next report; of several at once each follows another.

        ``sign`` is given what was noted since the last report, which begins anew; nothing unless ``with_noted``.
        """
        ...

    async def note_backup(self, backup: Backup) -> None:
        """Keep in the catalogue that there is a copy. Raises ``Refused(CONFLICT)`` if one is at that place."""
        ...

    async def backups(self) -> tuple[Backup, ...]:
        """Return the catalogue, whichever ends first at first."""
        ...

    async def forget_backup(self, place: str) -> bool:
        """Take a copy that was erased out of the catalogue; False if none is there."""
        ...

    async def erase_all(self, at: datetime, sign: SignReport) -> KeptReport:
        """Erase every row of every table but the reports, and keep the report of it, or do neither.

        ``sign`` is given how many rows of each table were erased.
        """
        ...

    async def reports(self, limit: int) -> tuple[KeptReport, ...]:
        """Return the reports, the latest first."""
        ...


@dataclass(frozen=True, slots=True)
class RetentionDesk:
    """Deletes what has ended and reports it."""

    region: RegionId
    store: RetentionStore
    key: SigningKey
    clock: Clock

    async def note(self, table: str, count: int) -> None:
        """Remember that so many rows were deleted."""
        if table and count:
            await self.store.note_deleted(table, count)

    async def forget_ended(self) -> None:
        """Delete what has ended and no other desk deletes: reports and what rests on them, alarms, batches."""
        at = self.clock.now()
        await self.note("reports", await self.store.forget_reports(at - REPORT_KEPT))
        await self.note("persons", await self.store.forget_persons(at - REPORT_KEPT))
        for table, count in (await self.store.forget_links(at - REPORT_KEPT)).items():
            await self.note(table, count)
        await self.note("alarms", await self.store.forget_alarms(at - ALARM_KEPT))
        await self.note("ingest_batches", await self.store.forget_batches(at - BATCH_KEPT))

    async def report_daily(self) -> KeptReport | None:
        """Delete what has ended and keep the day's report; None while the last is younger than a day."""
        at = self.clock.now()
        last = await self.store.reports(1)
        if last and at - last[0].at < REPORT_EVERY:
            return None
        await self.forget_ended()
        held, overdue = await self.store.count_held(), await self.store.count_overdue(at)

        def sign(before: KeptReport | None, deleted: Deleted) -> bytes:
            rows = [
                TableDeletion(table, deleted.get(table, 0), held.get(table, 0), overdue.get(table, 0))
                for table in KEPT_THINGS
            ]
            return self._sign(before, Occasion.DAILY, at, rows)

        return await self.store.add_report(at, sign)

    async def forget_region(self, region: RegionId) -> KeptReport | None:
        """Delete what a region that left had handed in, and keep the report of it; None where nothing was held."""
        at = self.clock.now()
        erased = await self.store.forget_region(region)
        if not any(erased.values()):
            return None
        held = await self.store.count_of_region(region)
        rows = [TableDeletion(table, count, held[table], held[table]) for table, count in sorted(erased.items())]

        def sign(before: KeptReport | None, _noted: Deleted) -> bytes:
            return self._sign(before, Occasion.LEAVING, at, rows, of=region)

        return await self.store.add_report(at, sign, with_noted=False)

    async def shut_down(self) -> KeptReport:
        """Erase everything and keep the report of it, together or not at all."""
        at = self.clock.now()

        def sign(before: KeptReport | None, erased: Deleted) -> bytes:
            rows = [TableDeletion(table, count, 0, 0) for table, count in sorted(erased.items())]
            return self._sign(before, Occasion.SHUTDOWN, at, rows)

        return await self.store.erase_all(at, sign)

    def is_shutdown(self, kept: KeptReport) -> bool:
        """True if a report is this node's own of its shutdown."""
        try:
            report = parse_deletion_report(kept.signed).report_after(self.key.public.verify)
        except (WireError, SignatureMismatch):
            return False
        return report.occasion is Occasion.SHUTDOWN

    def _sign(
        self,
        before: KeptReport | None,
        occasion: Occasion,
        at: datetime,
        rows: list[TableDeletion],
        of: RegionId | None = None,
    ) -> bytes:
        report = DeletionReport(
            number=1 if before is None else before.number + 1,
            region=self.region,
            occasion=occasion,
            at=at,
            since=at if before is None else before.at,
            before=FIRST if before is None else sha256(before.signed),
            rows=tuple(rows),
            of=of,
        )
        public = self.key.public
        return encode_deletion_report(report, alg=public.cose_alg, kid=public.kid, sign=self.key.sign)
