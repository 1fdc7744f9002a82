"""What the three ways and people without a phone need kept: looks, counted uses, converted and printed codes."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.looks import Ground, Look, LookCount, Purpose
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.services.way_ports import Allowance, Conversion, LimitResult, PrintedCode
from tongxing.stores.rows import (
    check_bytes,
    check_subject,
    check_subject_keys,
    check_text,
    encode_moment,
    parse_moment,
)
from tongxing.stores.sql.connections import Reader, RecordConnection, Values
from tongxing.stores.sql.statements import change_in_steps
from tongxing.stores.sql.writer import GroupCommitWriter

DIGEST_MAX_BYTES: Final = 64
ID_MAX_CHARACTERS: Final = 64
SEALED_MAX_BYTES: Final = 16 * 1024
LOOKS_PER_CALL_MAX: Final = 1_000

_LOOK: Final = """
    INSERT INTO looks (subject, at_us, region, looker, site, purpose, ground) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_LOOKS_AT: Final = """
    SELECT subject, at_us, region, looker, site, purpose, ground FROM looks WHERE subject = ?
    ORDER BY at_us DESC, id DESC LIMIT ?
"""
_COUNT_LOOKS: Final = """
    SELECT region, looker, purpose, ground, COUNT(*) AS looks, COUNT(DISTINCT subject), MAX(at_us) FROM looks
    WHERE at_us >= ? AND at_us < ? GROUP BY region, looker, purpose, ground
    ORDER BY looks DESC, region, looker, purpose, ground LIMIT ?
"""
_FORGET_LOOKS: Final = "DELETE FROM looks WHERE id IN (SELECT id FROM looks WHERE at_us <= ? LIMIT ?)"

_TAKE: Final = """
    INSERT INTO uses (use_key, used, ends_at_us) VALUES (?, 1, ?)
    ON CONFLICT (use_key) DO UPDATE SET used = uses.used + 1 WHERE uses.used < ?
"""
_FORGET_USES: Final = "DELETE FROM uses WHERE use_key IN (SELECT use_key FROM uses WHERE ends_at_us <= ? LIMIT ?)"

_SAVE: Final = """
    INSERT INTO conversions (conversion_id, code_digest, sealed, expires_at_us) VALUES (?, ?, ?, ?)
    ON CONFLICT DO NOTHING
"""
_FIND: Final = "SELECT conversion_id, code_digest, sealed, expires_at_us FROM conversions WHERE conversion_id = ?"
_FIND_BY: Final = "SELECT conversion_id, code_digest, sealed, expires_at_us FROM conversions WHERE code_digest = ?"
_FORGET_CONVERSIONS: Final = """
    DELETE FROM conversions WHERE conversion_id IN (
        SELECT conversion_id FROM conversions WHERE expires_at_us <= ? LIMIT ?)
"""

_CANCEL: Final = "DELETE FROM printed_codes WHERE subject = ? AND code_digest != ?"
_PRINT: Final = """
    INSERT INTO printed_codes (code_digest, subject, sealed, expires_at_us) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_FIND_PRINTED: Final = "SELECT code_digest, subject, sealed, expires_at_us FROM printed_codes WHERE code_digest = ?"
_FORGET_PRINTED: Final = """
    DELETE FROM printed_codes WHERE code_digest IN (
        SELECT code_digest FROM printed_codes WHERE expires_at_us <= ? LIMIT ?)
"""


class SqlLookStore:
    """``LookStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def record(self, look: Look) -> None:
        """Keep a look; see the port."""
        check_subject(look.subject)
        check_text("the looker", look.looker, ID_MAX_CHARACTERS)
        check_text("the site", look.site, ID_MAX_CHARACTERS)
        row = (
            look.subject,
            encode_moment(look.at),
            look.region,
            look.looker,
            look.site,
            look.purpose.value,
            look.ground.value,
        )
        await self._writer.run(partial(_execute, statement=_LOOK, row=row))

    async def looks_at(self, keys: SubjectKeys, limit: int) -> tuple[Look, ...]:
        """Return the newest looks at a subject first; see the port."""
        if not 1 <= limit <= LOOKS_PER_CALL_MAX:
            raise Refused(ProblemId.BAD_REQUEST, f"from 1 to {LOOKS_PER_CALL_MAX} looks can be asked for")
        check_subject_keys(keys)
        rows = [row for key in dict.fromkeys(keys) for row in await self._reader.rows(_LOOKS_AT, (key, limit))]
        rows.sort(key=lambda row: row[1], reverse=True)
        return tuple(
            Look(
                SubjectKey(subject),
                parse_moment(at_us),
                RegionId(region),
                looker,
                site,
                Purpose(purpose),
                Ground(ground),
            )
            for subject, at_us, region, looker, site, purpose, ground in rows[:limit]
        )

    async def count_looks(self, since: datetime, until: datetime, limit: int) -> tuple[LookCount, ...]:
        """Count looks by who looked and what for; see the port."""
        if not 1 <= limit <= LOOKS_PER_CALL_MAX:
            raise Refused(ProblemId.BAD_REQUEST, f"from 1 to {LOOKS_PER_CALL_MAX} rows can be asked for")
        rows = await self._reader.rows(_COUNT_LOOKS, (encode_moment(since), encode_moment(until), limit))
        return tuple(
            LookCount(RegionId(region), looker, Purpose(purpose), Ground(ground), looks, people, parse_moment(last_us))
            for region, looker, purpose, ground, looks, people, last_us in rows
        )

    async def forget_before(self, at: datetime) -> int:
        """Erase old looks; see the port."""
        return await change_in_steps(self._writer, _FORGET_LOOKS, encode_moment(at))


class SqlLimitStore:
    """``LimitStore`` on SQL: a use is one statement in a writing transaction, so nobody can be in between."""

    def __init__(self, writer: GroupCommitWriter) -> None:
        self._writer = writer

    async def take(self, allowance: Allowance) -> LimitResult:
        """Use an allowance once; see the port."""
        check_bytes("the use's key", allowance.key, 1, DIGEST_MAX_BYTES)
        if allowance.at_most < 1:
            return LimitResult.LIMITED
        row = (allowance.key, encode_moment(allowance.ends_at), allowance.at_most)
        changed = await self._writer.run(partial(_execute, statement=_TAKE, row=row))
        return LimitResult.TAKEN if changed == 1 else LimitResult.LIMITED

    async def forget_expired(self, at: datetime) -> int:
        """Erase counts that ended; see the port."""
        return await change_in_steps(self._writer, _FORGET_USES, encode_moment(at))


class SqlConversionStore:
    """``ConversionStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def save(self, conversion: Conversion) -> None:
        """Keep it; see the port."""
        check_text("the conversion's id", conversion.conversion_id, ID_MAX_CHARACTERS)
        check_bytes("the digest", conversion.code_digest, 1, DIGEST_MAX_BYTES)
        check_bytes("the sealed content", conversion.sealed, 1, SEALED_MAX_BYTES)
        row = (
            conversion.conversion_id,
            conversion.code_digest,
            conversion.sealed,
            encode_moment(conversion.expires_at),
        )
        await self._writer.run(partial(_keep, statement=_SAVE, find=_FIND, row=row))

    async def find(self, conversion_id: str) -> Conversion | None:
        """Return it; see the port."""
        return await self._find(_FIND, conversion_id)

    async def find_by_code(self, code_digest: bytes) -> Conversion | None:
        """Return it by what was shown; see the port."""
        return await self._find(_FIND_BY, code_digest)

    async def forget_expired(self, at: datetime) -> int:
        """Erase those that ended; see the port."""
        return await change_in_steps(self._writer, _FORGET_CONVERSIONS, encode_moment(at))

    async def _find(self, query: str, key: str | bytes) -> Conversion | None:
        row = await self._reader.row(query, (key,))
        if row is None:
            return None
        conversion_id, code_digest, sealed, expires_at_us = row
        return Conversion(conversion_id, code_digest, sealed, parse_moment(expires_at_us))


class SqlPrintedCodeStore:
    """``PrintedCodeStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def issue(self, printed: PrintedCode, replaces: Sequence[SubjectKey]) -> None:
        """Keep it and erase the subject's others, in one step; see the port."""
        check_subject(printed.subject)
        check_bytes("the digest", printed.code_digest, 1, DIGEST_MAX_BYTES)
        check_bytes("the sealed content", printed.sealed, 1, SEALED_MAX_BYTES)
        row = (printed.code_digest, printed.subject, printed.sealed, encode_moment(printed.expires_at))
        await self._writer.run(partial(_print, row=row, replaces=tuple(replaces)))

    async def find(self, code_digest: bytes) -> PrintedCode | None:
        """Return it; see the port."""
        row = await self._reader.row(_FIND_PRINTED, (code_digest,))
        if row is None:
            return None
        digest, subject, sealed, expires_at_us = row
        return PrintedCode(SubjectKey(subject), digest, sealed, parse_moment(expires_at_us))

    async def forget_expired(self, at: datetime) -> int:
        """Erase those that ended; see the port."""
        return await change_in_steps(self._writer, _FORGET_PRINTED, encode_moment(at))


def _execute(connection: RecordConnection, *, statement: str, row: Values) -> int:
    return connection.execute(statement, row).rowcount


def _keep(connection: RecordConnection, *, statement: str, find: str, row: Values) -> None:
    connection.execute(statement, row)
    if connection.execute(find, (row[0],)).fetchall() != [tuple(row)]:
        raise Refused(ProblemId.CONFLICT, "another one has this id")


def _print(connection: RecordConnection, *, row: Values, replaces: Sequence[bytes]) -> None:
    _keep(connection, statement=_PRINT, find=_FIND_PRINTED, row=row)
    for subject in replaces:
        connection.execute(_CANCEL, (subject, row[0]))
