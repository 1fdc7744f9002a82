"""Gives back the space of what was erased, so that no page of the file holds it any more."""

import sqlite3
from pathlib import Path

from tongxing.stores.sqlite.faults import is_busy, store_error


def is_open_elsewhere(path: Path) -> bool:
    """True if another process, or another connection of this one, has the file open. Raises Fault.

    Only a file's sole user can leave the write-ahead log, into which the next ``open_writer`` goes back.
    """
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=0)
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        finally:
            connection.close()
    except sqlite3.Error as error:
        if is_busy(error):
            return True
        raise store_error(error, path) from error
    return False


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
