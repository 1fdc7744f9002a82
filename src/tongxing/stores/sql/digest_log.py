"""The logs of published digests, by day: each row holds the head behind it, so that a page costs its own rows only."""

from datetime import date
from functools import partial
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.services.digest_log import LogEntry, LogPage, first_head, next_head
from tongxing.stores.rows import check_bytes
from tongxing.stores.sql.connections import Reader, RecordConnection
from tongxing.stores.sql.statements import change_in_steps
from tongxing.stores.sql.writer import GroupCommitWriter
from tongxing.wire.digest_log import DIGEST_BYTES, LogHead

_FIND: Final = "SELECT position FROM carried_digests WHERE day = ? AND digest = ?"
_LAST: Final = "SELECT position, head FROM carried_digests WHERE day = ? ORDER BY position DESC LIMIT 1"
_APPEND: Final = "INSERT INTO carried_digests (day, position, digest, head) VALUES (?, ?, ?, ?)"
_HEAD_AT: Final = "SELECT head FROM carried_digests WHERE day = ? AND position = ?"
_READ: Final = """
    SELECT digest, head FROM carried_digests WHERE day = ? AND position > ? ORDER BY position LIMIT ?
"""
_FORGET: Final = """
    DELETE FROM carried_digests WHERE (day, position) IN (
        SELECT day, position FROM carried_digests WHERE day < ? ORDER BY day, position LIMIT ?
    )
"""


class SqlDigestLogStore:
    """``DigestLogStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def append(self, day: date, digest: bytes) -> LogEntry:
        """Publish a digest; see the port."""
        check_bytes("the digest", digest, DIGEST_BYTES, DIGEST_BYTES)
        return await self._writer.run(partial(_append, day=day, digest=digest))

    async def read(self, day: date, after: int, limit: int) -> LogPage:
        """Return a page; see the port."""
        number = day.toordinal()
        head = first_head(day)
        if after > 0:
            row = await self._reader.row(_HEAD_AT, (number, after))
            if row is None:
                raise Refused(ProblemId.NOT_FOUND, "the day's log has no such position")
            head = row[0]
        rows = await self._reader.rows(_READ, (number, after, limit))
        digests = tuple(digest for digest, _ in rows)
        return LogPage(digests, LogHead(day, after + len(digests), rows[-1][1] if rows else head))

    async def forget_before(self, day: date) -> int:
        """Erase earlier days; see the port."""
        return await change_in_steps(self._writer, _FORGET, day.toordinal())


def _append(connection: RecordConnection, *, day: date, digest: bytes) -> LogEntry:
    number = day.toordinal()
    connection.take_turn("carried digests")
    held = connection.execute(_FIND, (number, digest)).fetchone()
    if held is not None:
        return LogEntry(day, held[0])
    last = connection.execute(_LAST, (number,)).fetchone()
    position, head = (0, first_head(day)) if last is None else last
    connection.execute(_APPEND, (number, position + 1, digest, next_head(head, digest)))
    return LogEntry(day, position + 1)
