"""The era of the hot index, kept in the record: what makes an entry of the index count, or every one not."""

from dataclasses import dataclass
from functools import partial
from secrets import token_hex
from typing import Final

from tongxing.core.errors import Fault
from tongxing.stores.sql.connections import Reader, RecordConnection, Values
from tongxing.stores.sql.writer import GroupCommitWriter

_FIND: Final = "SELECT era, masters FROM index_eras WHERE place = 'index'"
_FIRST: Final = "INSERT INTO index_eras (place, era, masters) VALUES ('index', ?, ?) ON CONFLICT DO NOTHING"
_FOLLOW: Final = "UPDATE index_eras SET era = ?, masters = ? WHERE place = 'index' AND era = ?"


@dataclass(frozen=True, slots=True)
class IndexEra:
    """An era: entries under its ``name`` count, on the servers whose run ids are ``masters``; on none it is closed.

    No name ever comes back.
    """

    name: str
    masters: frozenset[str]

    @property
    def is_open(self) -> bool:
        """True if any entry counts."""
        return bool(self.masters)


class SqlIndexEraStore:
    """Which era it is, for every process on one record."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def begin(self, masters: frozenset[str]) -> None:
        """Begin the first era, unless there is one."""
        await self._writer.run(partial(_change, statement=_FIRST, values=(token_hex(8), _encode(masters))))

    async def current(self) -> IndexEra:
        """Return the era of this moment. Raises Fault before the first."""
        row = await self._reader.row(_FIND, ())
        if row is None:
            raise Fault("the record has no era of the index")
        return IndexEra(row[0], frozenset(row[1].split()))

    async def follow(self, ended: str, masters: frozenset[str]) -> None:
        """End the era ``ended`` and begin another; of any number of callers one does, and to the others it is done."""
        await self._writer.run(partial(_change, statement=_FOLLOW, values=(token_hex(8), _encode(masters), ended)))


def _encode(masters: frozenset[str]) -> str:
    return " ".join(sorted(masters))


def _change(connection: RecordConnection, *, statement: str, values: Values) -> None:
    connection.execute(statement, values)
