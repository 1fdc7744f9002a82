"""The end of the epidemic: everything that a node holds is erased, its secrets too, and the report of it is kept.

Order: (1) nobody else has the record open, it is not empty, and no backup is left in its catalogue; (2) the hot index
is emptied; (3) the record is erased and the report of it made, together or not at all; (4) the report is handed out;
(5) the space is given back; (6) the key files are erased, so that no pseudonym that anybody kept can be joined again,
the key that signed the report last of all. Whoever is stopped after (3) begins again: that report is handed out.
"""

import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from tongxing.app.key_files import load_signing_key
from tongxing.app.node_keys import GATEWAY_FILES, HUB_FILES, key_file
from tongxing.app.records import open_record
from tongxing.app.settings import NodeKind, NodeSettings
from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId
from tongxing.core.retention import KEPT_AFTER_SHUTDOWN
from tongxing.crypto.keys import PublicKey
from tongxing.services.observing import NO_OBSERVER
from tongxing.services.ports import Clock
from tongxing.services.retention import KeptReport, RetentionDesk
from tongxing.stores.postgres.reclaiming import count_others
from tongxing.stores.postgres.reclaiming import reclaim as reclaim_postgres
from tongxing.stores.sql.stores import NodeStores
from tongxing.stores.sqlite.reclaiming import is_open_elsewhere
from tongxing.stores.sqlite.reclaiming import reclaim as reclaim_sqlite

_OF_THE_INDEX = "index_eras"
"""Held by whoever opens a record with an index, and nothing of anybody."""


async def shut_down(
    settings: NodeSettings, clock: Clock, hand_out: Callable[[KeptReport, PublicKey], Awaitable[None]]
) -> tuple[Path, ...]:
    """Erase the record and the keys of a stopped node; return the key files that were erased.

    ``hand_out`` is given the report and the key that signed it, before that key is erased. Raises ``Refused(CONFLICT)``
    where nothing may be erased yet, ``Fault``.
    """
    signing = key_file(settings.keys_dir, "statement")
    if not signing.exists():
        raise Refused(ProblemId.CONFLICT, f"{signing}: there is no such file; a node without it was shut down before")
    key = load_signing_key(signing)
    _check_alone(settings)
    async with AsyncExitStack() as stack:
        stores = await open_record(settings, NO_OBSERVER, stack)
        desk = RetentionDesk(settings.region_id, stores.retention, key, clock)
        kept = await _report_made_before(stores, desk)
        if kept is None:
            for empty in stores.emptied_first:
                await empty()
            kept = await desk.shut_down()
    await hand_out(kept, key.public)
    if settings.record is None:
        reclaim_sqlite(settings.database)
    else:
        reclaim_postgres(settings.record.get_secret_value())
    return _erase_keys(settings, signing)


def _check_alone(settings: NodeSettings) -> None:
    """Raise ``Refused(CONFLICT)`` where another process has the record open, or there is none."""
    if settings.record is None:
        if not settings.database.exists():
            raise Refused(
                ProblemId.CONFLICT, f"{settings.database}: there is no record; are these the node's settings?"
            )
        others = int(is_open_elsewhere(settings.database))
    else:
        others = count_others(settings.record.get_secret_value())
    if others:
        raise Refused(ProblemId.CONFLICT, "another process has the record open: stop every process of the node first")


async def _report_made_before(stores: NodeStores, desk: RetentionDesk) -> KeptReport | None:
    """Return the report of a shutdown that was stopped after it; None where everything is still to be erased.

    Raises ``Refused(CONFLICT)`` for an empty record, and while backups stand in the catalogue.
    """
    held = {table for table, count in (await stores.retention.count_held()).items() if count}
    last = await stores.retention.reports(1)
    if not held - KEPT_AFTER_SHUTDOWN - {_OF_THE_INDEX}:
        if not last or not desk.is_shutdown(last[0]):
            raise Refused(ProblemId.CONFLICT, "the record is empty; are these the node's settings?")
        return last[0]
    if backups := await stores.retention.backups():
        places = ", ".join(backup.place for backup in backups[:5])
        raise Refused(ProblemId.CONFLICT, f"{len(backups)} backups are left; erase them first: {places}")
    return None


def _erase_keys(settings: NodeSettings, last: Path) -> tuple[Path, ...]:
    names = GATEWAY_FILES if settings.node is NodeKind.GATEWAY else HUB_FILES
    versions = settings.keys_dir.glob("subjects*")
    files = {*(key_file(settings.keys_dir, name) for name in names), *versions} - {last}
    erased = (*sorted(file for file in files if file.is_file()), last)
    try:
        for file in erased:
            with file.open("r+b") as opened:
                opened.write(bytes(file.stat().st_size))
                opened.flush()
                os.fsync(opened.fileno())
            file.unlink()
    except OSError as error:
        raise Fault(f"{error.filename}: {error.strerror}; the record is erased, this key file is not") from error
    return erased
