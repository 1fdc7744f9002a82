"""Access: the enrolled keys, and the nonces of the requests that they signed."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from tongxing.core.datasets import Dataset
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.crypto.keys import PublicKey
from tongxing.crypto.suites import SuiteId
from tongxing.services.ports import Credential, Role
from tongxing.stores.rows import check_text, encode_moment, parse_moment
from tongxing.stores.sql.connections import Insertion, Reader, RecordConnection, Row, Values
from tongxing.stores.sql.statements import change_in_steps
from tongxing.stores.sql.writer import GroupCommitWriter, NotTogetherError

KEY_ID_MAX_CHARACTERS: Final = 64
NONCE_MAX_CHARACTERS: Final = 128

_ENROL: Final = """
    INSERT INTO credentials (key_id, role, suite, public_key, label, region, valid_until_us, revoked, site, enrolled_by,
        division, datasets)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_LIST: Final = """
    SELECT key_id, role, suite, public_key, label, region, valid_until_us, revoked, site, enrolled_by, division,
        datasets
    FROM credentials ORDER BY key_id
"""
_FIND: Final = """
    SELECT key_id, role, suite, public_key, label, region, valid_until_us, revoked, site, enrolled_by, division,
        datasets
    FROM credentials WHERE key_id = ?
"""
_REVOKE: Final = "UPDATE credentials SET revoked = 1 WHERE key_id = ?"
_REMEMBER: Final = Insertion("nonces", ("key_id", "nonce", "expires_at_us"), "ON CONFLICT DO NOTHING")
_FORGET: Final = """
    DELETE FROM nonces WHERE (key_id, nonce) IN (SELECT key_id, nonce FROM nonces WHERE expires_at_us <= ? LIMIT ?)
"""


class SqlCredentialStore:
    """``CredentialStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def enrol(self, credential: Credential) -> None:
        """Enrol a key; see the port."""
        await self._writer.run(partial(_enrol, row=_encode(credential)))

    async def find(self, key_id: str) -> Credential | None:
        """Return the credential; see the port."""
        row = await self._reader.row(_FIND, (key_id,))
        return None if row is None else _parse(row)

    async def revoke(self, key_id: str) -> None:
        """Revoke for good; see the port."""
        await self._writer.run(partial(_revoke, key_id=key_id))

    async def list(self) -> tuple[Credential, ...]:
        """Return all credentials; see the port."""
        return tuple(_parse(row) for row in await self._reader.rows(_LIST, ()))


class SqlNonceStore:
    """``NonceStore`` on SQL: one statement for all the nonces of a batch."""

    def __init__(self, writer: GroupCommitWriter) -> None:
        self._writer = writer

    async def remember(self, key_id: str, nonce: str, expires_at: datetime) -> bool:
        """Return True if the nonce is fresh; see the port."""
        check_text("the key id", key_id, KEY_ID_MAX_CHARACTERS)
        check_text("the nonce", nonce, NONCE_MAX_CHARACTERS)
        return await self._writer.write(_remember_all, (key_id, nonce, encode_moment(expires_at)))

    async def forget_expired(self, at: datetime) -> int:
        """Erase nonces that ended; see the port."""
        return await change_in_steps(self._writer, _FORGET, encode_moment(at))


def _encode(credential: Credential) -> Values:
    check_text("the key id", credential.key_id, KEY_ID_MAX_CHARACTERS)
    check_text("the label", credential.label)
    check_text("the region", credential.region)
    check_text("the site", credential.site)
    check_text("the enrolling key", credential.enrolled_by, KEY_ID_MAX_CHARACTERS)
    check_text("the division", credential.division)
    return (
        credential.key_id,
        credential.role.value,
        credential.public.suite.value,
        credential.public.raw,
        credential.label,
        credential.region,
        None if credential.valid_until is None else encode_moment(credential.valid_until),
        int(credential.revoked),
        credential.site,
        credential.enrolled_by,
        credential.division,
        ",".join(sorted(credential.datasets)),
    )


def _parse(row: Row) -> Credential:
    key_id, role, suite, public_key, label, region, valid_until_us, revoked, site, enrolled_by, division, datasets = row
    return Credential(
        key_id=key_id,
        role=Role(role),
        public=PublicKey(SuiteId(suite), public_key),
        label=label,
        region=RegionId(region),
        valid_until=None if valid_until_us is None else parse_moment(valid_until_us),
        revoked=bool(revoked),
        site=site,
        enrolled_by=enrolled_by,
        division=division,
        datasets=frozenset(map(Dataset, datasets.split(","))) if datasets else frozenset(),
    )


def _enrol(connection: RecordConnection, *, row: Values) -> None:
    connection.execute(_ENROL, row)
    if connection.execute(_FIND, (row[0],)).fetchall() != [row]:
        raise Refused(ProblemId.CONFLICT, "the key is enrolled otherwise, or was revoked")


def _revoke(connection: RecordConnection, *, key_id: str) -> None:
    if connection.execute(_REVOKE, (key_id,)).rowcount == 0:
        raise Refused(ProblemId.NOT_FOUND, "no such key is enrolled")


def _remember_all(connection: RecordConnection, rows: Sequence[Values]) -> Sequence[bool]:
    fresh = connection.insert(_REMEMBER, rows)
    if fresh < len(rows) and len(rows) > 1:
        raise NotTogetherError  # one of them is known: the writer hands each in by itself
    return [fresh == len(rows)] * len(rows)
