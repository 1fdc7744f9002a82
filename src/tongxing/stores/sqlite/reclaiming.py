"""Gives back the space of what was erased, so that no page of the file holds it any more."""

import sqlite3
from pathlib import Path

from tongxing.stores.sqlite.faults import store_error


def reclaim(path: Path) -> None:
    """Write the closed file anew without its empty pages, and empty its log. Raises Fault."""
    try:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise store_error(error, path) from error
