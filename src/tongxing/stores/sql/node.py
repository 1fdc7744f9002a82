"""What a node keeps beside people's reports and passages: bundles, alarms, extension tokens."""

from datetime import datetime
from functools import partial
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.limits import BUNDLE_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.subjects import SubjectKey
from tongxing.services.ports import Alarm, Extension, HeldBundle
from tongxing.stores.rows import (
    TEXT_MAX_CHARACTERS,
    check_bytes,
    check_subject,
    check_text,
    encode_moment,
    parse_moment,
)
from tongxing.stores.sql.connections import Reader, RecordConnection, Row, Values
from tongxing.stores.sql.statements import change_in_steps
from tongxing.stores.sql.writer import GroupCommitWriter

DIGEST_MAX_BYTES: Final = 64
ALARMS_PER_CALL_MAX: Final = 1_000
BUNDLE_NUMBER_MAX: Final = (1 << 63) - 1

_SAVE_BUNDLE: Final = "INSERT INTO bundles (number, digest, data) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_DIGEST_OF: Final = "SELECT digest FROM bundles WHERE number = ?"
_LATEST_BUNDLE: Final = "SELECT number, digest, data FROM bundles ORDER BY number DESC LIMIT 1"
_GET_BUNDLE: Final = "SELECT number, digest, data FROM bundles WHERE number = ?"
_RAISE_ALARM: Final = "INSERT INTO alarms (at_us, reason, ref, detail) VALUES (?, ?, ?, ?)"
_RECENT_ALARMS: Final = "SELECT at_us, reason, ref, detail FROM alarms ORDER BY at_us DESC, id DESC LIMIT ?"
_SAVE_EXTENSION: Final = """
    INSERT INTO extensions (token_digest, subject, credential_id, expires_at_us)
    VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_FIND_EXTENSION: Final = """
    SELECT token_digest, subject, credential_id, expires_at_us FROM extensions WHERE token_digest = ?
"""
_FORGET_EXTENSIONS: Final = """
    DELETE FROM extensions WHERE token_digest IN (SELECT token_digest FROM extensions WHERE expires_at_us <= ? LIMIT ?)
"""


class SqlBundleStore:
    """``BundleStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def save(self, number: int, digest: bytes, data: bytes) -> None:
        """Keep a bundle; see the port."""
        if not 0 <= number <= BUNDLE_NUMBER_MAX:
            raise Refused(ProblemId.BAD_REQUEST, "a bundle's number has at most 63 bits")
        check_bytes("the digest", digest, 1, DIGEST_MAX_BYTES)
        check_bytes("the bundle", data, 0, BUNDLE_MAX_BYTES)
        await self._writer.run(partial(_save_bundle, number=number, digest=digest, data=data))

    async def latest(self) -> HeldBundle | None:
        """Return the bundle with the highest number; see the port."""
        row = await self._reader.row(_LATEST_BUNDLE, ())
        return None if row is None else HeldBundle(*row)

    async def get(self, number: int) -> HeldBundle | None:
        """Return the bundle with that number; see the port."""
        row = await self._reader.row(_GET_BUNDLE, (number,))
        return None if row is None else HeldBundle(*row)


class SqlAlarmStore:
    """``AlarmStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def raise_alarm(self, alarm: Alarm) -> None:
        """Keep an alarm; see the port."""
        detail = alarm.detail[:TEXT_MAX_CHARACTERS]
        check_text("the detail", detail)
        if alarm.ref is not None:
            check_text("the passage's ref", alarm.ref)
        row = (encode_moment(alarm.at), alarm.reason.value, alarm.ref, detail)
        await self._writer.run(partial(_raise_alarm, row=row))

    async def recent(self, limit: int) -> tuple[Alarm, ...]:
        """Return the newest alarms first; see the port."""
        if not 1 <= limit <= ALARMS_PER_CALL_MAX:
            raise Refused(ProblemId.BAD_REQUEST, f"from 1 to {ALARMS_PER_CALL_MAX} alarms can be asked for")
        return tuple(_parse_alarm(row) for row in await self._reader.rows(_RECENT_ALARMS, (limit,)))


class SqlExtensionStore:
    """``ExtensionStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def save(self, extension: Extension) -> None:
        """Keep it; see the port."""
        check_bytes("the token's digest", extension.token_digest, 1, DIGEST_MAX_BYTES)
        check_bytes("the credential's id", extension.credential_id, 1, DIGEST_MAX_BYTES)
        check_subject(extension.subject)
        row = (
            extension.token_digest,
            extension.subject,
            extension.credential_id,
            encode_moment(extension.expires_at),
        )
        await self._writer.run(partial(_save_extension, row=row))

    async def find(self, token_digest: bytes) -> Extension | None:
        """Return it; see the port."""
        row = await self._reader.row(_FIND_EXTENSION, (token_digest,))
        if row is None:
            return None
        digest, subject, credential_id, expires_at_us = row
        return Extension(digest, SubjectKey(subject), credential_id, parse_moment(expires_at_us))

    async def forget_expired(self, at: datetime) -> int:
        """Erase those that ended; see the port."""
        return await change_in_steps(self._writer, _FORGET_EXTENSIONS, encode_moment(at))


def _save_bundle(connection: RecordConnection, *, number: int, digest: bytes, data: bytes) -> None:
    connection.execute(_SAVE_BUNDLE, (number, digest, data))
    if connection.execute(_DIGEST_OF, (number,)).fetchall() != [(digest,)]:
        raise Refused(ProblemId.CONFLICT, f"another bundle has the number {number}")


def _raise_alarm(connection: RecordConnection, *, row: Values) -> None:
    connection.execute(_RAISE_ALARM, row)


def _parse_alarm(row: Row) -> Alarm:
    at_us, reason, ref, detail = row
    return Alarm(parse_moment(at_us), _parse_reason(reason), ref, detail)


def _parse_reason(slug: str) -> ReasonId | ProblemId:
    """Return the reason or the problem of a slug; none is both, which a test holds."""
    try:
        return ReasonId(slug)
    except ValueError:
        return ProblemId(slug)


def _save_extension(connection: RecordConnection, *, row: Values) -> None:
    connection.execute(_SAVE_EXTENSION, row)
    if connection.execute(_FIND_EXTENSION, (row[0],)).fetchall() != [row]:
        raise Refused(ProblemId.CONFLICT, "another extension has this token")
