"""The memory that a subject takes in the hot index, filled through the product's own stores.

Three masters and their replicas hold the entries that reading makes; what is told is of the masters alone. The baseline
is what the entries hold: names and contents.
"""

import asyncio
from pathlib import Path
from typing import Final

from benchmarks.figures import Figure
from benchmarks.many_subjects import subject_of
from tests.real_cluster import RunningCluster, find_valkey
from tongxing.stores.sqlite.stores import open_stores
from tongxing.stores.valkey.stores import with_index

NATION: Final = 1_400_000_000
_AT_ONCE: Final = 64


def measure_index(record: Path, subjects: int) -> list[Figure]:
    """Read every subject once through an empty index before the SQLite file ``record``; nothing without a Valkey."""
    found = find_valkey()
    if found is None:
        return []
    cluster = RunningCluster(found)
    try:
        before = _used(cluster)
        asyncio.run(_fill(cluster, record, subjects))
        entries, content = _entries(cluster)
        used = (_used(cluster) - before) / entries
    finally:
        cluster.stop()
    return [
        Figure(f"Valkey, {entries:,} subjects: memory", used, "B a subject", "names and contents", content),
        Figure(
            "Valkey, memory of the masters for 1.4e9 subjects",
            NATION * used / 1e9,
            "GB",
            "names and contents",
            NATION * content / 1e9,
        ),
    ]


async def _fill(cluster: RunningCluster, record: Path, subjects: int) -> None:
    stores = await with_index(open_stores(record), cluster.addresses)
    numbers = iter(range(subjects))

    async def read() -> None:
        for number in numbers:
            await stores.reports.reports_of(subject_of(number))

    try:
        await asyncio.gather(*(read() for _ in range(_AT_ONCE)))
    finally:
        await stores.aclose()


def _used(cluster: RunningCluster) -> int:
    return sum(int(node.ask("INFO", "memory")["used_memory"]) for node in cluster.masters())


def _entries(cluster: RunningCluster) -> tuple[int, float]:
    """Return how many entries there are, and the mean bytes of name and content of some of them."""
    counts, sizes = 0, []
    for node in cluster.masters():
        counts += int(node.ask("DBSIZE"))
        for _ in range(100):
            name = node.ask("RANDOMKEY")
            if name is not None:
                sizes.append(len(name) + int(node.ask("STRLEN", name)))
    return counts, sum(sizes) / len(sizes)
