"""What SQLite's errors mean to a caller: one table from its result codes to our sentences."""

import sqlite3
from pathlib import Path

from tongxing.core.errors import Fault, Refused, TongxingError
from tongxing.core.problems import ProblemId

_SENTENCES = {
    sqlite3.SQLITE_FULL: "the disk is full, or the file may not grow any further",
    sqlite3.SQLITE_READONLY: "it cannot be written (read-only file, folder or file system)",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened (does its folder exist, and may this user write there?)",
    sqlite3.SQLITE_PERM: "this user may not open it",
    sqlite3.SQLITE_IOERR: "the disk or file system reports an error",
    sqlite3.SQLITE_CORRUPT: "it is damaged; stop the node and restore it",
    sqlite3.SQLITE_NOTADB: "it is not one of ours: not a SQLite file at all",
    sqlite3.SQLITE_PROTOCOL: "its locks do not work; is it on a network file system?",
}

_PRIMARY_CODE = 0xFF
"""The low byte of SQLite's extended result codes. Spec: sqlite.org/rescode.html, section 2."""


def is_busy(error: sqlite3.Error) -> bool:
    """True if another process held the file for longer than we wait."""
    return _primary_code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def store_error(error: sqlite3.Error, path: Path) -> TongxingError:
    """Say what went wrong with the file at ``path``: a Fault; OVERLOADED where it is only busy, STORE_FULL if full."""
    if is_busy(error):
        return Refused(ProblemId.OVERLOADED, "another process is writing to the store")
    sentence = _SENTENCES.get(_primary_code(error))
    if sentence is None:
        return Fault(f"the store {path} failed: {error}")
    if _primary_code(error) == sqlite3.SQLITE_FULL:
        return Refused(ProblemId.STORE_FULL, f"the store: {sentence}")
    return Fault(f"the store {path}: {sentence} ({getattr(error, 'sqlite_errorname', error)})")


def _primary_code(error: sqlite3.Error) -> int:
    number: int = getattr(error, "sqlite_errorcode", -1)
    return number & _PRIMARY_CODE if number >= 0 else number
