"""Counts by day, and the two countings that fill them: passages by one statement, reports page by page."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import partial
from typing import Final

from tongxing.core.errors import Fault
from tongxing.core.statistics import CountedDay, CountKind, DayCount
from tongxing.core.subjects import SubjectKey
from tongxing.core.verdicts import Outcome
from tongxing.core.words import RegionId
from tongxing.services.ports import SubjectReport
from tongxing.services.statistics import PassageCount
from tongxing.stores.rows import check_text, encode_moment, parse_moment
from tongxing.stores.sql.connections import Insertion, Reader, RecordConnection, Row
from tongxing.stores.sql.reports import parse_body
from tongxing.stores.sql.statements import change_in_steps
from tongxing.stores.sql.writer import GroupCommitWriter
from tongxing.wire.cbor import WireError

_INSERT: Final = Insertion("day_counts", ("day", "kind", "region", "count_key", "number", "counted_at_us"))
_ERASE: Final = "DELETE FROM day_counts WHERE day = ? AND kind = ?"
_ERASE_OF: Final = "DELETE FROM day_counts WHERE day = ? AND kind = ? AND region = ?"
_COUNTS: Final = "SELECT kind, region, count_key, number FROM day_counts WHERE day = ? ORDER BY kind, region, count_key"
_DAYS: Final = "SELECT day, MAX(counted_at_us) FROM day_counts GROUP BY day ORDER BY day DESC LIMIT ?"
_FORGET: Final = """
    DELETE FROM day_counts WHERE (day, kind, region, count_key) IN (
        SELECT day, kind, region, count_key FROM day_counts WHERE day < ? ORDER BY day LIMIT ?
    )
"""
_PASSAGES: Final = """
    SELECT issuer, outcome, reason, COUNT(*) FROM passages WHERE at_us >= ? AND at_us < ?
    GROUP BY issuer, outcome, reason
"""
_REPORTS: Final = """
    SELECT subject, body FROM reports WHERE (subject, issuer) > (?, ?) AND retracted = 0 AND NOT EXISTS (
        SELECT 1 FROM subject_links JOIN reports AS newer ON newer.subject = subject_links.newer
        WHERE subject_links.subject = reports.subject AND newer.issuer = reports.issuer
    ) ORDER BY subject, issuer LIMIT ?
"""


class SqlStatisticsStore:
    """``StatisticsStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def put_day(
        self, day: date, kinds: Collection[CountKind], region: RegionId | None, counts: Sequence[DayCount], at: datetime
    ) -> None:
        """Keep the counts of a day; see the port."""
        for count in counts:
            check_text("the region", count.region)
            check_text("the key", count.key)
        number, moment = day.toordinal(), encode_moment(at)
        rows = [(number, count.kind.value, count.region, count.key, count.number, moment) for count in counts]
        await self._writer.run(partial(_put_day, number=number, kinds=kinds, region=region, rows=rows))

    async def counts_of(self, day: date) -> tuple[DayCount, ...]:
        """Return what was counted of a day; see the port."""
        rows = await self._reader.rows(_COUNTS, (day.toordinal(),))
        return tuple(DayCount(CountKind(kind), RegionId(region), key, number) for kind, region, key, number in rows)

    async def days(self, limit: int) -> tuple[CountedDay, ...]:
        """Return the days of which there are counts; see the port."""
        rows = await self._reader.rows(_DAYS, (limit,))
        return tuple(CountedDay(date.fromordinal(number), parse_moment(at_us)) for number, at_us in rows)

    async def forget_before(self, day: date) -> int:
        """Erase earlier days; see the port."""
        return await change_in_steps(self._writer, _FORGET, day.toordinal())

    async def count_passages(self, since: datetime, until: datetime) -> tuple[PassageCount, ...]:
        """Count passages; see the port."""
        rows = await self._reader.rows(_PASSAGES, (encode_moment(since), encode_moment(until)))
        return tuple(PassageCount(issuer or "", Outcome(outcome), reason, n) for issuer, outcome, reason, n in rows)

    async def reports_after(self, subject: bytes, issuer: str, limit: int) -> tuple[SubjectReport, ...]:
        """Return the next reports; see the port."""
        rows = await self._reader.rows(_REPORTS, (subject, issuer, limit))
        try:
            return tuple(parse_body(SubjectKey(key), body) for key, body in rows)
        except WireError as error:
            raise Fault(f"a report in the store cannot be read: {error}") from error


def _put_day(
    connection: RecordConnection,
    *,
    number: int,
    kinds: Collection[CountKind],
    region: RegionId | None,
    rows: Sequence[Row],
) -> None:
    connection.take_turn("day counts")
    for kind in kinds:
        if region is None:
            connection.execute(_ERASE, (number, kind.value))
        else:
            connection.execute(_ERASE_OF, (number, kind.value, region))
    if rows:
        connection.insert(_INSERT, rows)
