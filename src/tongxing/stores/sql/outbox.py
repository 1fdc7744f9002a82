"""The outbox of a gateway: what is queued by subject, batches that wait for the hub's word, rows that wait for keys."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.limits import WAITING_ROWS_MAX
from tongxing.core.problems import ProblemId
from tongxing.crypto.digests import sha256
from tongxing.services.outbox_ports import OUTBOX_BATCH_ROWS, OutboxBatch, OutboxState, WaitingRows
from tongxing.services.ports import SubjectReport
from tongxing.stores.rows import check_subject, encode_moment, parse_moment
from tongxing.stores.sql.connections import Insertion, Reader, RecordConnection, Values
from tongxing.stores.sql.writer import GroupCommitWriter
from tongxing.wire.report_lines import encode_report_line

_OLDEST: Final = "SELECT number, digest, body, row_count FROM outbox_batches ORDER BY number LIMIT 1"
_ANY: Final = "SELECT 1 FROM outbox_reports LIMIT 1"
_TAKE: Final = """
    DELETE FROM outbox_reports WHERE (subject, issuer) IN (
        SELECT subject, issuer FROM outbox_reports WHERE subject > ? ORDER BY subject, issuer LIMIT ?
    ) RETURNING subject, issuer, line
"""
_NUMBER: Final = """
    INSERT INTO outbox_numbers (place, number) VALUES ('outbox', 1)
    ON CONFLICT (place) DO UPDATE SET number = outbox_numbers.number + 1 RETURNING number
"""
_RAISE: Final = """
    INSERT INTO outbox_numbers (place, number) VALUES ('outbox', ?1)
    ON CONFLICT (place) DO UPDATE SET number = ?1 WHERE outbox_numbers.number < ?1
"""
_FORM: Final = "INSERT INTO outbox_batches (number, digest, body, row_count) VALUES (?, ?, ?, ?)"
_ACKNOWLEDGED: Final = "DELETE FROM outbox_batches WHERE number = ?"
_NUMBERS: Final = "SELECT number FROM outbox_batches ORDER BY number"
_RENUMBER: Final = "UPDATE outbox_batches SET number = ? WHERE number = ?"
_QUEUE_AGAIN: Final = Insertion("outbox_reports", ("subject", "issuer", "line"), "ON CONFLICT DO NOTHING")
_STATE: Final = """
    SELECT (SELECT count(*) FROM outbox_reports), (SELECT count(*) FROM outbox_batches),
           (SELECT max(number) FROM outbox_numbers)
"""
_WAITING: Final = "SELECT coalesce(sum(row_count), 0) FROM waiting_rows"
_WAIT: Final = "INSERT INTO waiting_rows (received_at_us, row_count, sealed) VALUES (?, ?, ?)"
_NEXT_WAITING: Final = "SELECT id, received_at_us, sealed, row_count FROM waiting_rows ORDER BY id LIMIT 1"
_FORGET_WAITING: Final = "DELETE FROM waiting_rows WHERE id = ?"


class SqlOutboxStore:
    """``OutboxStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader
        self._after = b""
        """The last subject of the batch before: the queue is gone through in a circle, so that none waits for ever."""

    async def next_batch(self) -> OutboxBatch | None:
        """Return the first batch that waits, formed if need be; see the port."""
        held = await self._reader.row(_OLDEST, ())
        if held is not None:
            return OutboxBatch(*held)
        if await self._reader.row(_ANY, ()) is None:
            return None
        formed = await self._writer.run(partial(_form, after=self._after))
        if formed is None and self._after:
            formed = await self._writer.run(partial(_form, after=b""))
        if formed is None:
            self._after = b""
            return None
        self._after, batch = formed
        return batch

    async def acknowledged(self, number: int) -> None:
        """Forget a batch; see the port."""
        await self._writer.run(partial(_change, statement=_ACKNOWLEDGED, values=(number,)))

    async def renumber(self, above: int) -> None:
        """Give higher numbers; see the port."""
        await self._writer.run(partial(_renumber, above=above))

    async def queue_again(self, rows: Sequence[SubjectReport]) -> None:
        """Queue what is held; see the port."""
        for row in rows:
            check_subject(row.subject)
        queued = [
            (row.subject, row.report.issuer, encode_report_line(row.subject, row.report, row.origin)) for row in rows
        ]
        await self._writer.run(partial(_queue_again, rows=queued))

    async def state(self) -> OutboxState:
        """Return how far it is; see the port."""
        row = await self._reader.row(_STATE, ())
        queued, batches, last = row or (0, 0, None)
        return OutboxState(last or 0, batches, queued)

    async def keep_waiting(self, sealed: bytes, rows: int, received_at: datetime) -> None:
        """Keep rows that wait for keys; see the port."""
        await self._writer.run(partial(_keep_waiting, values=(encode_moment(received_at), rows, sealed)))

    async def next_waiting(self) -> WaitingRows | None:
        """Return those that came first; see the port."""
        row = await self._reader.row(_NEXT_WAITING, ())
        return None if row is None else WaitingRows(row[0], parse_moment(row[1]), row[2], row[3])

    async def forget_waiting(self, ref: int) -> None:
        """Erase them; see the port."""
        await self._writer.run(partial(_change, statement=_FORGET_WAITING, values=(ref,)))


def _change(connection: RecordConnection, *, statement: str, values: Values) -> None:
    connection.execute(statement, values)


def _form(connection: RecordConnection, *, after: bytes) -> tuple[bytes, OutboxBatch] | None:
    """Make a batch of what is queued behind ``after``: what is deleted, and nothing else, is in it."""
    connection.take_turn("outbox")
    taken = sorted(connection.execute(_TAKE, (after, OUTBOX_BATCH_ROWS)).fetchall())
    if not taken:
        return None
    (number,) = connection.execute(_NUMBER).fetchall()[0]
    body = b"".join(bytes(line) + b"\n" for _, _, line in taken)
    batch = OutboxBatch(number, sha256(body), body, len(taken))
    connection.execute(_FORM, (batch.number, batch.digest, batch.body, batch.rows))
    return bytes(taken[-1][0]), batch


def _renumber(connection: RecordConnection, *, above: int) -> None:
    connection.take_turn("outbox")
    numbers = [number for (number,) in connection.execute(_NUMBERS).fetchall()]
    if numbers and numbers[0] <= above:
        first = max(above, numbers[-1]) + 1  # beyond every number that is taken, so that no two meet on the way
        for place, number in enumerate(numbers):
            connection.execute(_RENUMBER, (first + place, number))
        above = first + len(numbers) - 1
    connection.execute(_RAISE, (above,))


def _queue_again(connection: RecordConnection, *, rows: Sequence[Values]) -> None:
    connection.insert(_QUEUE_AGAIN, rows)


def _keep_waiting(connection: RecordConnection, *, values: tuple[int, int, bytes]) -> None:
    connection.take_turn("waiting rows")
    ((held,),) = connection.execute(_WAITING).fetchall()
    if held + values[1] > WAITING_ROWS_MAX:
        raise Refused(ProblemId.OVERLOADED, f"{held} rows wait for the hub's key service")
    connection.execute(_WAIT, values)
