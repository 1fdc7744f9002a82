"""Opens what a node keeps: the one place that chooses between a SQLite file and PostgreSQL, and a hot index or none."""

import os
import stat
from contextlib import AsyncExitStack
from pathlib import Path

from tongxing.app.settings import NodeKind, NodeSettings
from tongxing.core.errors import Fault
from tongxing.services.observing import Observer
from tongxing.stores.postgres.stores import open_stores as open_postgres
from tongxing.stores.sql.stores import NodeStores
from tongxing.stores.sqlite.stores import open_stores as open_sqlite
from tongxing.stores.valkey.stores import with_index


async def open_record(settings: NodeSettings, observer: Observer, stack: AsyncExitStack) -> NodeStores:
    """Open the record of a node; ``stack`` closes it with nothing half-written. Raises Fault saying what is wrong."""
    try:
        settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make_private(settings.state_dir)
    except OSError as error:
        raise Fault(f"{settings.state_dir}: {error.strerror}") from error
    if settings.record is None:
        stores = open_sqlite(settings.database, observer=observer)
    else:
        owner = f"{settings.node}" if settings.node is NodeKind.HUB else f"{settings.node} of {settings.region}"
        stores = await open_postgres(settings.record.get_secret_value(), owner=owner, observer=observer)
    stack.push_async_callback(stores.aclose)
    if not settings.index:
        return stores
    password = None if settings.index_password is None else settings.index_password.get_secret_value()
    indexed = await with_index(stores, settings.index_nodes, password=password)
    stack.push_async_callback(indexed.aclose)
    return indexed


def _make_private(folder: Path) -> None:
    """Take a folder that was there before from all but its owner; one that others share is not taken from them."""
    status = folder.stat()
    if status.st_uid != os.geteuid() or status.st_mode & stat.S_ISVTX:
        raise Fault(f"{folder}: it is not this node's own; name a folder of its own")
    folder.chmod(stat.S_IRWXU)
