"""The one way to open a node's stores on PostgreSQL."""

import asyncio

from tongxing.services.observing import NO_OBSERVER, Observer
from tongxing.stores.postgres.opening import prepare
from tongxing.stores.postgres.reading import PostgresReader
from tongxing.stores.postgres.transactions import PostgresTransactions
from tongxing.stores.sql.stores import NodeStores, join_stores
from tongxing.stores.sql.writer import WAITING_MAX, GroupCommitWriter


async def open_stores(
    address: str,
    *,
    owner: str | None = None,
    waiting_max: int = WAITING_MAX,
    observer: Observer = NO_OBSERVER,
) -> NodeStores:
    """Open the database at ``address`` (``postgresql://…``, which must exist) and bring it to the newest schema.

    ``owner`` is the node whose record it is, as ``gateway of 45``: the first that opens it is, for good, and any
    other is refused; None looks only. Reads go by the event loop that opens. Several processes, on several
    machines, may open one database. ``waiting_max`` bounds the rows that wait to be written; ``observer`` is told
    of each commit, from the writer's thread. Raises Fault with a sentence for the operator where the server is
    away, too old, not durable, or holds what is not ours, another node's or of a newer version.
    """
    await asyncio.to_thread(prepare, address, owner)
    reader = PostgresReader(address)
    await reader.open()
    writer = GroupCommitWriter(PostgresTransactions(address), waiting_max=waiting_max, observer=observer)
    return join_stores(writer, reader)
