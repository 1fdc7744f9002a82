"""The transit passes of one region."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.services.transit_passes import KeptPass
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

ID_MAX_CHARACTERS: Final = 64
DIGEST_MAX_BYTES: Final = 64
SEALED_MAX_BYTES: Final = 16 * 1024

_COLUMNS: Final = "pass_id, token_digest, subject, sealed, expires_at_us, withdrawn"
_SAVE: Final = f"INSERT INTO transit_passes ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"  # noqa: S608
_FIND: Final = f"SELECT {_COLUMNS} FROM transit_passes WHERE token_digest = ?"  # noqa: S608 - our own names
_FIND_BY_ID: Final = f"SELECT {_COLUMNS} FROM transit_passes WHERE pass_id = ?"  # noqa: S608 - our own names
_WITHDRAW: Final = "UPDATE transit_passes SET withdrawn = 1 WHERE pass_id = ?"
_WITHDRAW_OF: Final = "UPDATE transit_passes SET withdrawn = 1 WHERE subject = ? AND withdrawn = 0"
_FORGET: Final = """
    DELETE FROM transit_passes WHERE pass_id IN (SELECT pass_id FROM transit_passes WHERE expires_at_us <= ? LIMIT ?)
"""


class SqlTransitPassStore:
    """``TransitPassStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def save(self, kept: KeptPass) -> None:
        """Keep a pass; see the port."""
        check_text("the pass's id", kept.pass_id, ID_MAX_CHARACTERS)
        check_bytes("the token's digest", kept.token_digest, 1, DIGEST_MAX_BYTES)
        check_bytes("the sealed content", kept.sealed, 1, SEALED_MAX_BYTES)
        check_subject(kept.subject)
        row = (
            kept.pass_id,
            kept.token_digest,
            kept.subject,
            kept.sealed,
            encode_moment(kept.expires_at),
            int(kept.withdrawn),
        )
        await self._writer.run(partial(_save, row=row))

    async def find(self, token_digest: bytes) -> KeptPass | None:
        """Return the pass behind a token; see the port."""
        row = await self._reader.row(_FIND, (token_digest,))
        if row is None:
            return None
        pass_id, digest, subject, sealed, expires_at_us, withdrawn = row
        return KeptPass(pass_id, digest, SubjectKey(subject), sealed, parse_moment(expires_at_us), bool(withdrawn))

    async def withdraw(self, pass_id: str) -> None:
        """Withdraw a pass; see the port."""
        await self._writer.run(partial(_withdraw, pass_id=pass_id))

    async def withdraw_of(self, subjects: Sequence[SubjectKeys]) -> int:
        """Withdraw every pass of each subject; see the port."""
        for keys in subjects:
            check_subject_keys(keys)
        keys_of_all = tuple({key: None for keys in subjects for key in keys})
        return 0 if not keys_of_all else await self._writer.run(partial(_withdraw_of, keys=keys_of_all))

    async def forget_expired(self, at: datetime) -> int:
        """Erase those that ended; see the port."""
        return await change_in_steps(self._writer, _FORGET, encode_moment(at))


def _save(connection: RecordConnection, *, row: Values) -> None:
    changed = connection.execute(_SAVE, row).rowcount
    # One that was withdrawn meanwhile is the same pass: only what it was made with is compared.
    held = connection.execute(_FIND_BY_ID, (row[0],)).fetchall()
    if not changed and [tuple(one[:-1]) for one in held] != [tuple(row[:-1])]:
        raise Refused(ProblemId.CONFLICT, "another pass has this id or token")


def _withdraw(connection: RecordConnection, *, pass_id: str) -> None:
    if connection.execute(_WITHDRAW, (pass_id,)).rowcount == 0:
        raise Refused(ProblemId.NOT_FOUND, "no such transit pass")


def _withdraw_of(connection: RecordConnection, *, keys: Sequence[SubjectKey]) -> int:
    return sum(connection.execute(_WITHDRAW_OF, (key,)).rowcount for key in keys)
