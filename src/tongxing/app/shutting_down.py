"""The end of the epidemic: everything that a node holds is erased, its secrets too, and the report of it is kept.

Order: (1) the record is erased and the report of it made, together or not at all; (2) the report is handed out; (3) the
space is given back; (4) the key files are erased, so that no pseudonym that anybody kept can be joined again.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from tongxing.app.key_files import load_signing_key
from tongxing.app.node_keys import GATEWAY_FILES, HUB_FILES, key_file
from tongxing.app.records import open_record
from tongxing.app.settings import NodeKind, NodeSettings
from tongxing.core.errors import Fault
from tongxing.crypto.keys import PublicKey
from tongxing.services.observing import NO_OBSERVER
from tongxing.services.ports import Clock
from tongxing.services.retention import KeptReport, RetentionDesk
from tongxing.stores.postgres.reclaiming import reclaim as reclaim_postgres
from tongxing.stores.sqlite.reclaiming import reclaim as reclaim_sqlite


async def shut_down(
    settings: NodeSettings, clock: Clock, hand_out: Callable[[KeptReport, PublicKey], Awaitable[None]]
) -> tuple[Path, ...]:
    """Erase the record and the keys of a stopped node; return the key files that were erased.

    ``hand_out`` is given the report and the key that signed it, before that key is erased. Raises ``Fault``.
    """
    key = load_signing_key(key_file(settings.keys_dir, "statement"))
    async with AsyncExitStack() as stack:
        stores = await open_record(settings, NO_OBSERVER, stack)
        kept = await RetentionDesk(settings.region_id, stores.retention, key, clock).shut_down()
    await hand_out(kept, key.public)
    if settings.record is None:
        reclaim_sqlite(settings.database)
    else:
        reclaim_postgres(settings.record.get_secret_value())
    return _erase_keys(settings)


def _erase_keys(settings: NodeSettings) -> tuple[Path, ...]:
    names = GATEWAY_FILES if settings.node is NodeKind.GATEWAY else HUB_FILES
    versions = settings.keys_dir.glob("subjects*")
    files = sorted({*(key_file(settings.keys_dir, name) for name in names), *versions})
    try:
        erased = tuple(file for file in files if file.is_file())
        for file in erased:
            file.write_bytes(bytes(file.stat().st_size))
            file.unlink()
    except OSError as error:
        raise Fault(f"{error.filename}: {error.strerror}; the record is erased, this key file is not") from error
    return erased
