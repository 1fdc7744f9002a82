"""Passage records: the hot path of writing. One statement for all the records of a batch."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind, RegionId
from tongxing.services.ports import PassageRecord
from tongxing.stores.rows import check_bytes, check_text, encode_moment, parse_moment
from tongxing.stores.sqlite.reading import Reader, Row
from tongxing.stores.sqlite.statements import Values, change_in_steps, insert_rows
from tongxing.stores.sqlite.writer import GroupCommitWriter

REF_MAX_CHARACTERS: Final = 64
VIEWS_MAX_BYTES: Final = 64 * 1024

_INSERT: Final = """
    INSERT INTO passages
    (ref, at_us, host, place_kind, device_id, outcome, reason, issuer, views, expires_at_us)
"""
_FIND: Final = """
    SELECT ref, at_us, host, place_kind, device_id, outcome, reason, issuer, views, expires_at_us
    FROM passages WHERE ref = ?
"""
_VIEWS_AT: Final = 8
_PURGE: Final = """
    UPDATE passages SET views = NULL WHERE rowid IN (
        SELECT rowid FROM passages WHERE views IS NOT NULL AND expires_at_us <= ? ORDER BY expires_at_us LIMIT ?
    )
"""


class SqlitePassageStore:
    """``PassageStore`` on SQLite."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def record(self, *passages: PassageRecord) -> None:
        """Keep passages; see the port."""
        await self._writer.write(_keep_all, [_encode(passage) for passage in passages], rows=len(passages))

    async def find(self, ref: str) -> PassageRecord | None:
        """Return the passage named ``ref``; see the port."""
        row = self._reader.row(_FIND, (ref,))
        return None if row is None else _parse(row)

    async def purge_views(self, at: datetime) -> int:
        """Erase the views that ended; see the port."""
        return await change_in_steps(self._writer, _PURGE, encode_moment(at))


def _encode(passage: PassageRecord) -> Values:
    check_text("the passage's ref", passage.ref, REF_MAX_CHARACTERS)
    check_text("the device's id", passage.device_id)
    check_text("the host", passage.host)
    check_text("the reason", passage.reason)
    if passage.issuer is not None:
        check_text("the issuer", passage.issuer)
    if passage.views is not None:
        check_bytes("the sealed views", passage.views, 0, VIEWS_MAX_BYTES)
    return (
        passage.ref,
        encode_moment(passage.at),
        passage.host,
        passage.place_kind.value,
        passage.device_id,
        passage.outcome.value,
        passage.reason,
        passage.issuer,
        passage.views,
        encode_moment(passage.expires_at),
    )


def _parse(row: Row) -> PassageRecord:
    ref, at_us, host, place_kind, device_id, outcome, reason, issuer, views, expires_at_us = row
    return PassageRecord(
        ref=ref,
        at=parse_moment(at_us),
        host=RegionId(host),
        place_kind=PlaceKind(place_kind),
        device_id=device_id,
        outcome=Outcome(outcome),
        reason=reason,
        issuer=None if issuer is None else RegionId(issuer),
        views=views,
        expires_at=parse_moment(expires_at_us),
    )


def _keep_all(connection: sqlite3.Connection, writes: Sequence[Sequence[Values]]) -> Sequence[None]:
    try:
        insert_rows(connection, _INSERT, [row for rows in writes for row in rows])
    except sqlite3.IntegrityError:
        if len(writes) > 1:  # one of them holds a row that is held already: the writer hands each in by itself
            raise
        for row in writes[0]:
            _keep(connection, row)
    return [None] * len(writes)


def _keep(connection: sqlite3.Connection, row: Values) -> None:
    try:
        insert_rows(connection, _INSERT, [row])
    except sqlite3.IntegrityError:
        _check_same(connection, row)


def _check_same(connection: sqlite3.Connection, row: Values) -> None:
    """Raise Refused(CONFLICT) unless ``row`` is held as it is; purged views are no difference."""
    held = connection.execute(_FIND, (row[0],)).fetchall()[0]
    same_views = held[_VIEWS_AT] is None or held[_VIEWS_AT] == row[_VIEWS_AT]
    if not same_views or _without_views(held) != _without_views(row):
        raise Refused(ProblemId.CONFLICT, "another passage has this ref")


def _without_views(row: Sequence[object]) -> tuple[object, ...]:
    return (*row[:_VIEWS_AT], *row[_VIEWS_AT + 1 :])
