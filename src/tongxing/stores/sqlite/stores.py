"""The one way to open a node's stores on a SQLite file."""

from contextlib import ExitStack
from pathlib import Path

from tongxing.services.observing import NO_OBSERVER, Observer
from tongxing.stores.sql.stores import NodeStores, join_stores
from tongxing.stores.sql.writer import WAITING_MAX, GroupCommitWriter
from tongxing.stores.sqlite.opening import open_reader, open_writer
from tongxing.stores.sqlite.reading import SqliteReader
from tongxing.stores.sqlite.transactions import SqliteTransactions


def open_stores(path: Path, *, waiting_max: int = WAITING_MAX, observer: Observer = NO_OBSERVER) -> NodeStores:
    """Open or make the file at ``path`` (its folder must exist) and bring it to the newest schema.

    Blocks for milliseconds, and some 400 where the file is new. Several processes may open one file.
    ``waiting_max`` bounds the rows that wait to be written; ``observer`` is told of each commit, from
    the writer's thread. Raises Fault with a sentence for the
    operator where the file is not ours, of a newer version, read-only, damaged or locked.
    """
    with ExitStack() as on_failure:
        connection = open_writer(path)
        on_failure.callback(connection.close)
        reader = SqliteReader(open_reader(path), path)
        on_failure.pop_all()
    transactions = SqliteTransactions(connection, path)
    return join_stores(GroupCommitWriter(transactions, waiting_max=waiting_max, observer=observer), reader)
