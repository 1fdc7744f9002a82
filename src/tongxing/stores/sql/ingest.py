"""Batches that the hub was sent, what of them was set aside, and how far each sender is."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.services.ingest_ports import BatchName, IngestedBatch, RowAside, Watermark
from tongxing.stores.rows import TEXT_MAX_CHARACTERS, check_text, encode_moment, parse_moment
from tongxing.stores.sql.connections import Insertion, Reader, RecordConnection, Row
from tongxing.stores.sql.writer import GroupCommitWriter

_FIND: Final = """
    SELECT sender, dataset, number, digest, received_at_us, taken_at_us,
        row_count, stored, unchanged, outranked, set_aside
    FROM ingest_batches WHERE sender = ? AND dataset = ? AND number = ?
"""
_OF: Final = """
    SELECT sender, dataset, number, digest, received_at_us, taken_at_us,
        row_count, stored, unchanged, outranked, set_aside
    FROM ingest_batches WHERE sender = ? AND dataset = ? AND number < ? ORDER BY number DESC LIMIT ?
"""
_BEGIN: Final = """
    INSERT INTO ingest_batches
        (sender, dataset, number, digest, received_at_us, row_count, stored, unchanged, outranked, set_aside)
    VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING
"""
_FINISH: Final = """
    UPDATE ingest_batches
    SET taken_at_us = ?4, row_count = ?5, stored = ?6, unchanged = ?7, outranked = ?8, set_aside = ?9
    WHERE sender = ?1 AND dataset = ?2 AND number = ?3 AND taken_at_us IS NULL
"""
_ASIDE: Final = Insertion(
    "ingest_set_aside", ("sender", "dataset", "number", "line", "reason"), "ON CONFLICT DO NOTHING"
)
_READ_ASIDE: Final = """
    SELECT line, reason FROM ingest_set_aside
    WHERE sender = ? AND dataset = ? AND number = ? AND line > ? ORDER BY line LIMIT ?
"""
_RAISE: Final = """
    INSERT INTO ingest_watermarks (sender, dataset, number, as_of_us, told_at_us) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (sender, dataset) DO UPDATE SET
        number = CASE WHEN excluded.number > ingest_watermarks.number
            THEN excluded.number ELSE ingest_watermarks.number END,
        as_of_us = CASE WHEN excluded.as_of_us > ingest_watermarks.as_of_us
            THEN excluded.as_of_us ELSE ingest_watermarks.as_of_us END,
        told_at_us = CASE WHEN excluded.told_at_us > ingest_watermarks.told_at_us
            THEN excluded.told_at_us ELSE ingest_watermarks.told_at_us END
    RETURNING sender, dataset, number, as_of_us, told_at_us
"""
_WATERMARKS: Final = """
    SELECT sender, dataset, number, as_of_us, told_at_us FROM ingest_watermarks ORDER BY sender, dataset
"""


class SqlIngestStore:
    """``IngestStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def begin(self, name: BatchName, digest: bytes, received_at: datetime) -> IngestedBatch:
        """Keep that a batch has come; see the port."""
        check_text("the dataset's name", name.dataset)
        return await self._writer.run(partial(_begin, name=name, digest=digest, at_us=encode_moment(received_at)))

    async def finish(self, batch: IngestedBatch, aside: Sequence[RowAside]) -> IngestedBatch:
        """Keep what became of it; see the port."""
        return await self._writer.run(partial(_finish, batch=batch, aside=tuple(aside)))

    async def find(self, name: BatchName) -> IngestedBatch | None:
        """Return what is held of a batch; see the port."""
        row = await self._reader.row(_FIND, _key(name))
        return None if row is None else _parse(row)

    async def batches_of(self, sender: RegionId, dataset: str, below: int, limit: int) -> tuple[IngestedBatch, ...]:
        """Return the last batches; see the port."""
        return tuple(_parse(row) for row in await self._reader.rows(_OF, (sender, dataset, below, limit)))

    async def set_aside(self, name: BatchName, after: int, limit: int) -> tuple[RowAside, ...]:
        """Return rows that were set aside; see the port."""
        rows = await self._reader.rows(_READ_ASIDE, (*_key(name), after, limit))
        return tuple(RowAside(line, reason) for line, reason in rows)

    async def say_complete(self, sender: RegionId, dataset: str, as_of: datetime, at: datetime) -> Watermark:
        """Raise a watermark; see the port."""
        values = (sender, dataset, 0, encode_moment(as_of), encode_moment(at))
        return await self._writer.run(partial(_raise, values=values))

    async def watermarks(self) -> tuple[Watermark, ...]:
        """Return all watermarks; see the port."""
        return tuple(_parse_watermark(row) for row in await self._reader.rows(_WATERMARKS, ()))


def _key(name: BatchName) -> tuple[str, str, int]:
    return name.sender, name.dataset, name.number


def _begin(connection: RecordConnection, *, name: BatchName, digest: bytes, at_us: int) -> IngestedBatch:
    connection.execute(_BEGIN, (*_key(name), digest, at_us))
    held = _parse(connection.execute(_FIND, _key(name)).fetchall()[0])
    if held.digest != digest:
        raise Refused(ProblemId.CONFLICT, f"batch {name.number} has come before with other content")
    return held


def _finish(connection: RecordConnection, *, batch: IngestedBatch, aside: Sequence[RowAside]) -> IngestedBatch:
    if batch.taken_at is None:
        raise ValueError("a finished batch has its time")
    key, at_us = _key(batch.name), encode_moment(batch.taken_at)
    counts = (batch.rows, batch.stored, batch.unchanged, batch.outranked, batch.set_aside)
    if connection.execute(_FINISH, (*key, at_us, *counts)).rowcount:
        connection.insert(_ASIDE, [(*key, each.line, each.reason[:TEXT_MAX_CHARACTERS]) for each in aside])
        _raise(connection, values=(*key, 0, at_us))
    return _parse(connection.execute(_FIND, key).fetchall()[0])


def _raise(connection: RecordConnection, *, values: tuple[str, str, int, int, int]) -> Watermark:
    return _parse_watermark(connection.execute(_RAISE, values).fetchall()[0])


def _parse(row: Row) -> IngestedBatch:
    sender, dataset, number, digest, received_at_us, taken_at_us, *counts = row
    taken_at = None if taken_at_us is None else parse_moment(taken_at_us)
    name = BatchName(RegionId(sender), dataset, number)
    return IngestedBatch(name, digest, parse_moment(received_at_us), taken_at, *counts)


def _parse_watermark(row: Row) -> Watermark:
    sender, dataset, number, as_of_us, told_at_us = row
    as_of = parse_moment(as_of_us) if as_of_us else None
    return Watermark(RegionId(sender), dataset, number, as_of, parse_moment(told_at_us))
