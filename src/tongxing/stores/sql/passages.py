"""Passage records: the hot path of writing. One statement for all the records of a batch. And how a REFER ended."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.verdicts import Direction, Ending, Outcome, Seen
from tongxing.core.words import PlaceKind, RegionId
from tongxing.services.ports import PassageRecord, RecordedEnding
from tongxing.stores.rows import check_bytes, check_text, encode_moment, parse_moment
from tongxing.stores.sql.connections import Insertion, Reader, RecordConnection, Row, Values
from tongxing.stores.sql.statements import change_in_steps
from tongxing.stores.sql.writer import GroupCommitWriter, NotTogetherError

REF_MAX_CHARACTERS: Final = 64
VIEWS_MAX_BYTES: Final = 64 * 1024
PSEUDONYM_MAX_BYTES: Final = 64

_COLUMNS: Final = (
    "ref",
    "at_us",
    "host",
    "place_kind",
    "device_id",
    "outcome",
    "reason",
    "issuer",
    "views",
    "expires_at_us",
    "kept_until_us",
    "direction",
    "site_pseudonym",
)
_INSERT: Final = Insertion("passages", _COLUMNS, "ON CONFLICT DO NOTHING")
_FIND: Final = f"SELECT {', '.join(_COLUMNS)} FROM passages WHERE ref = ?"  # noqa: S608 - of constants alone
_VIEWS_AT: Final = 8
_PURGE: Final = """
    UPDATE passages SET views = NULL WHERE ref IN (
        SELECT ref FROM passages WHERE views IS NOT NULL AND expires_at_us <= ? ORDER BY expires_at_us LIMIT ?
    )
"""
_ENDED: Final = "SELECT ref FROM passages WHERE kept_until_us <= ? ORDER BY kept_until_us, ref LIMIT ?"
_ERASE_ENDINGS: Final = f"DELETE FROM endings WHERE ref IN ({_ENDED})"  # noqa: S608 - of constants alone
_ERASE_PASSAGES: Final = f"DELETE FROM passages WHERE ref IN ({_ENDED})"  # noqa: S608 - of constants alone
_END: Final = """
    INSERT INTO endings (ref, at_us, device_id, seen, outcome)
    SELECT ref, ?, ?, ?, ? FROM passages WHERE ref = ?
    ON CONFLICT (ref) DO NOTHING
"""
_ENDING_TURN: Final = "endings of passages"
"""Of several processes none erases passages while another records an ending, which would outlive its passage."""
_FIND_ENDING: Final = "SELECT ref, at_us, device_id, seen, outcome FROM endings WHERE ref = ?"


class SqlPassageStore:
    """``PassageStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def record(self, *passages: PassageRecord) -> None:
        """Keep passages; see the port."""
        await self._writer.write(_keep_all, [_encode(passage) for passage in passages], rows=len(passages))

    async def find(self, ref: str) -> PassageRecord | None:
        """Return the passage named ``ref``; see the port."""
        row = await self._reader.row(_FIND, (ref,))
        return None if row is None else _parse(row)

    async def purge_views(self, at: datetime) -> int:
        """Erase the views that ended; see the port."""
        return await change_in_steps(self._writer, _PURGE, encode_moment(at))

    async def record_ending(self, ending: RecordedEnding) -> RecordedEnding:
        """Keep how a passage ended, once; see the port."""
        check_text("the device's id", ending.device_id)
        check_text("the passage's ref", ending.ref, REF_MAX_CHARACTERS)
        return await self._writer.run(partial(_end, ending=ending))

    async def find_ending(self, ref: str) -> RecordedEnding | None:
        """Return how a passage ended; see the port."""
        row = await self._reader.row(_FIND_ENDING, (ref,))
        return None if row is None else _parse_ending(row)

    async def purge_passages(self, at: datetime) -> int:
        """Erase the passages that are kept no longer; see the port."""
        # The endings go first: a step finds them by the passages that it will erase.
        before, turn = (_ERASE_ENDINGS,), _ENDING_TURN
        return await change_in_steps(self._writer, _ERASE_PASSAGES, encode_moment(at), before=before, turn=turn)


def _encode(passage: PassageRecord) -> Values:
    check_text("the passage's ref", passage.ref, REF_MAX_CHARACTERS)
    check_text("the device's id", passage.device_id)
    check_text("the host", passage.host)
    check_text("the reason", passage.reason)
    if passage.issuer is not None:
        check_text("the issuer", passage.issuer)
    if passage.views is not None:
        check_bytes("the sealed views", passage.views, 0, VIEWS_MAX_BYTES)
    if passage.site_pseudonym is not None:
        check_bytes("the site pseudonym", passage.site_pseudonym, 1, PSEUDONYM_MAX_BYTES)
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
        encode_moment(passage.kept_until),
        None if passage.direction is None else passage.direction.value,
        passage.site_pseudonym,
    )


def _parse(row: Row) -> PassageRecord:
    ref, at_us, host, place_kind, device_id, outcome, reason, issuer, views, expires_at_us = row[:10]
    kept_until_us, direction, site_pseudonym = row[10:]
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
        kept_until=parse_moment(kept_until_us),
        direction=None if direction is None else Direction(direction),
        site_pseudonym=site_pseudonym,
    )


def _parse_ending(row: Row) -> RecordedEnding:
    ref, at_us, device_id, seen, outcome = row
    return RecordedEnding(ref, parse_moment(at_us), device_id, Seen(seen), Ending(outcome))


def _end(connection: RecordConnection, *, ending: RecordedEnding) -> RecordedEnding:
    told = (ending.device_id, ending.seen.value, ending.outcome.value)
    connection.take_turn(_ENDING_TURN)
    connection.execute(_END, (encode_moment(ending.at), *told, ending.ref))
    held = connection.execute(_FIND_ENDING, (ending.ref,)).fetchone()
    if held is None:
        raise Refused(ProblemId.NOT_FOUND, "no such passage is kept")
    if tuple(held[2:]) != told:
        raise Refused(ProblemId.CONFLICT, "the passage ended otherwise before")
    return _parse_ending(held)


def _keep_all(connection: RecordConnection, writes: Sequence[Sequence[Values]]) -> Sequence[None]:
    rows = [row for rows in writes for row in rows]
    if connection.insert(_INSERT, rows) < len(rows):
        if len(writes) > 1:
            raise NotTogetherError  # one holds a row that is held already: the writer hands each in by itself
        for row in rows:
            _check_same(connection, row)
    return [None] * len(writes)


def _check_same(connection: RecordConnection, row: Values) -> None:
    """Raise Refused(CONFLICT) unless ``row`` is held as it is; purged views are no difference."""
    held = connection.execute(_FIND, (row[0],)).fetchall()[0]
    same_views = held[_VIEWS_AT] is None or held[_VIEWS_AT] == row[_VIEWS_AT]
    if not same_views or _without_views(held) != _without_views(row):
        raise Refused(ProblemId.CONFLICT, "another passage has this ref")


def _without_views(row: Sequence[object]) -> tuple[object, ...]:
    return (*row[:_VIEWS_AT], *row[_VIEWS_AT + 1 :])
