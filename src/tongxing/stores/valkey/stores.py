"""Puts a hot index before the stores of a node."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from tongxing.stores.sql.stores import NodeStores
from tongxing.stores.valkey.index import HotIndex
from tongxing.stores.valkey.limits import HotLimitStore
from tongxing.stores.valkey.rederiving import HotRederivingStore
from tongxing.stores.valkey.reports import HotReportStore
from tongxing.stores.valkey.retention import HotRetentionStore
from tongxing.stores.valkey.tickets import HotTicketStore


async def with_index(
    stores: NodeStores, nodes: Sequence[tuple[str, int]], *, password: str | None = None
) -> NodeStores:
    """Return ``stores`` with reports, tickets and limits behind the cluster that any of ``nodes`` belongs to.

    An index that is away is no error, now or later: the record is asked. To close what is returned closes
    both. Raises Fault where the record does not answer.
    """
    index = HotIndex(nodes, stores.index_eras, password)
    async with AsyncExitStack() as on_failure:
        on_failure.push_async_callback(index.aclose)
        await index.open()
        on_failure.pop_all()
    return replace(
        stores,
        reports=HotReportStore(stores.reports, index),
        rederiving=HotRederivingStore(stores.rederiving, index),
        tickets=HotTicketStore(stores.tickets, index),
        limits=HotLimitStore(stores.limits, index),
        retention=HotRetentionStore(stores.writer, stores.reader, index),
        emptied_first=(index.empty,),
        closed_first=(index.aclose, *stores.closed_first),
    )
