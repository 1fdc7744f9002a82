"""Gives back the space of what was erased, so that no file of the database holds it any more."""

import contextlib

from tongxing.stores.postgres.faults import store_name
from tongxing.stores.postgres.opening import connect, told_as_fault


def reclaim(address: str) -> None:
    """Write every table anew without its dead rows. Raises Fault.

    The server's own log (WAL) and backups hold what they held until they are recycled: that is its operator's to do.
    """
    with told_as_fault(store_name(address)), contextlib.closing(connect(address)) as connection:
        connection.execute("VACUUM FULL")
