"""The bonds of families: one writing transaction counts and binds, so nobody can be in between."""

from datetime import datetime
from functools import partial
from typing import Final

from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.services.family import BindResult, BondGround, FamilyBond
from tongxing.stores.rows import check_bytes, check_subject_keys, check_text, encode_moment, parse_moment
from tongxing.stores.sql.connections import Reader, RecordConnection, Values
from tongxing.stores.sql.statements import change_in_steps
from tongxing.stores.sql.writer import GroupCommitWriter

ID_MAX_CHARACTERS: Final = 64
SEALED_MAX_BYTES: Final = 16 * 1024

_COLUMNS: Final = "bond_id, holder, member, ground, sealed, ends_at_us"
_UNBIND: Final = "DELETE FROM family_bonds WHERE holder = ? AND member = ?"
_COUNT: Final = "SELECT count(*) FROM family_bonds WHERE holder = ?"
_BIND: Final = f"INSERT INTO family_bonds ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own words
_BONDS_OF: Final = f"SELECT {_COLUMNS} FROM family_bonds WHERE holder = ?1 OR member = ?1"  # noqa: S608 - our own words
_END: Final = "DELETE FROM family_bonds WHERE bond_id = ?1 AND (holder = ?2 OR member = ?2)"
_FORGET: Final = """
    DELETE FROM family_bonds WHERE bond_id IN (SELECT bond_id FROM family_bonds WHERE ends_at_us <= ? LIMIT ?)
"""


class SqlFamilyStore:
    """``FamilyStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def bind(self, bond: FamilyBond, holder: SubjectKeys, member: SubjectKeys, at_most: int) -> BindResult:
        """Keep a bond unless there are ``at_most`` others; see the port."""
        check_text("the bond's id", bond.bond_id, ID_MAX_CHARACTERS)
        check_bytes("the sealed content", bond.sealed, 1, SEALED_MAX_BYTES)
        check_subject_keys(holder)
        check_subject_keys(member)
        row = (bond.bond_id, bond.holder, bond.member, bond.ground.value, bond.sealed, encode_moment(bond.ends_at))
        bound = await self._writer.run(partial(_bind, row=row, holder=holder, member=member, at_most=at_most))
        return BindResult.BOUND if bound else BindResult.LIMITED

    async def bonds_of(self, keys: SubjectKeys) -> tuple[FamilyBond, ...]:
        """Return the bonds of a subject, as holder and as member; see the port."""
        check_subject_keys(keys)
        rows = {row[0]: row for key in keys for row in await self._reader.rows(_BONDS_OF, (key,))}
        return tuple(
            FamilyBond(bond_id, SubjectKey(holder), SubjectKey(member), BondGround(ground), sealed, parse_moment(ends))
            for bond_id, holder, member, ground, sealed, ends in sorted(rows.values())
        )

    async def end(self, bond_id: str, keys: SubjectKeys) -> bool:
        """Erase a bond of a subject's own; see the port."""
        check_subject_keys(keys)
        return await self._writer.run(partial(_end, bond_id=bond_id, keys=keys)) > 0

    async def forget_expired(self, at: datetime) -> int:
        """Erase those that ended; see the port."""
        return await change_in_steps(self._writer, _FORGET, encode_moment(at))


def _bind(connection: RecordConnection, *, row: Values, holder: SubjectKeys, member: SubjectKeys, at_most: int) -> bool:
    connection.take_turn("family")
    connection.execute("SAVEPOINT bind")
    for own in holder:
        for other in member:
            connection.execute(_UNBIND, (own, other))
    held = sum(connection.execute(_COUNT, (own,)).fetchall()[0][0] for own in holder)
    is_free = bool(held < at_most)
    if is_free:
        connection.execute(_BIND, row)
    else:
        connection.execute("ROLLBACK TO bind")
    connection.execute("RELEASE bind")
    return is_free


def _end(connection: RecordConnection, *, bond_id: str, keys: SubjectKeys) -> int:
    return sum(connection.execute(_END, (bond_id, key)).rowcount for key in keys)
