"""A copy of a record's file, of a running node too: consistent, whole, and for its owner alone."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId
from tongxing.stores.sqlite.faults import store_error
from tongxing.stores.sqlite.opening import OWNER_ONLY


def back_up(path: Path, copy: Path) -> None:
    """Copy the file at ``path`` to a new file. Raises ``Refused(CONFLICT)`` if that exists, Fault."""
    try:
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY))
    except FileExistsError as exists:
        raise Refused(ProblemId.CONFLICT, f"{copy}: it exists already") from exists
    except OSError as error:
        raise Fault(f"{copy}: {error.strerror}") from error
    try:
        with closing(sqlite3.connect(path)) as held, closing(sqlite3.connect(copy)) as made:
            held.backup(made)
    except sqlite3.Error as error:
        raise store_error(error, copy) from error
