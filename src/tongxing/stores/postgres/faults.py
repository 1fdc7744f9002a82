"""What PostgreSQL's errors mean to a caller: one table from its conditions to our sentences.

Spec: PostgreSQL's documentation, appendix A (error codes). No sentence holds an address's password: a
store's ``name`` has none, and the server's own words never quote it.
"""

from collections.abc import Mapping
from typing import Final

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from tongxing.core.errors import Fault, Refused, TongxingError
from tongxing.core.problems import ProblemId

_BUSY: Final = (errors.LockNotAvailable, errors.QueryCanceled, errors.TooManyConnections)
_PASSING: Final = (errors.DeadlockDetected, errors.SerializationFailure)
_SENTENCES: Final[Mapping[type[psycopg.Error], str]] = {
    errors.ReadOnlySqlTransaction: "it cannot be written (a replica, or set to read only)",
    errors.InsufficientPrivilege: "this user may not do that there",
    errors.InvalidPassword: "it does not accept this user's password",
    errors.InvalidCatalogName: "there is no such database",
    errors.DataCorrupted: "it is damaged; stop the node and restore it",
    errors.IndexCorrupted: "it is damaged; stop the node and restore it",
    errors.UndefinedTable: "its tables are not those of this version",
    errors.UndefinedColumn: "its tables are not those of this version",
}


def check_address(address: str) -> None:
    """Raise ValueError unless ``address`` is written as one of a PostgreSQL database; it is never quoted."""
    try:
        told = conninfo_to_dict(address) if address.startswith(("postgresql://", "postgres://")) else {}
    except psycopg.ProgrammingError:
        told = {}
    if not told.get("dbname"):
        raise ValueError("a database's address is written as postgresql://user@host/database")


def store_name(address: str) -> str:
    """Return what an operator knows the store at ``address`` by: user, host and database, nothing secret."""
    told = conninfo_to_dict(address)
    user = f"{told['user']}@" if told.get("user") else ""
    port = f":{told['port']}" if told.get("port") else ""
    return f"postgresql://{user}{told.get('host') or ''}{port}/{told.get('dbname') or ''}"


def is_passing(error: Exception) -> bool:
    """True if others' writes came in the way, so that the same transaction may go through when tried again."""
    return isinstance(error, _PASSING)


def store_error(error: Exception, name: str) -> TongxingError:
    """Say what went wrong with the store called ``name``: a Fault; OVERLOADED if only busy, STORE_FULL if full."""
    if isinstance(error, (*_BUSY, *_PASSING)):
        return Refused(ProblemId.OVERLOADED, "others are writing to the store")
    if isinstance(error, errors.DiskFull):
        return Refused(ProblemId.STORE_FULL, "the store: its disk is full")
    for condition, sentence in _SENTENCES.items():
        if isinstance(error, condition):
            return Fault(f"the store {name}: {sentence} ({type(error).__name__})")
    if isinstance(error, psycopg.OperationalError):
        return Fault(f"the store {name} cannot be reached: {_first_line(error)}")
    return Fault(f"the store {name} failed: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
