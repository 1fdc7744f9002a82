"""Gives back the space of what was erased, so that no file of the database holds it any more."""

import contextlib
from typing import Final

from tongxing.stores.postgres.faults import store_name
from tongxing.stores.postgres.opening import connect, told_as_fault

_OTHERS: Final = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def count_others(address: str) -> int:
    """Return how many other connections the database has, of whichever program. Raises Fault."""
    with told_as_fault(store_name(address)), contextlib.closing(connect(address)) as connection:
        row = connection.execute(_OTHERS).fetchone()
    return 0 if row is None else int(row[0])


def reclaim(address: str) -> None:
    """Write every table anew without its dead rows. Raises Fault.

    The server's own log (WAL) and backups hold what they held until they are recycled: that is its operator's to do.
    """
    with told_as_fault(store_name(address)), contextlib.closing(connect(address)) as connection:
        connection.execute("VACUUM FULL")
