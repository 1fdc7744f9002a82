"""The memory that a subject takes in the hot index, filled through the product's own stores.

Three masters and their replicas hold the entries that reading makes; what is told is of the masters alone, and of the
second half of the subjects: what a server takes for itself, its slots and its connections is there by then. The
baseline is what the entries hold: names and contents.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.figures import Figure
from benchmarks.many_subjects import subject_of
from tests.real_cluster import RunningCluster, find_valkey
from tongxing.stores.sqlite.stores import open_stores
from tongxing.stores.valkey.stores import with_index

NATION: Final = 1_400_000_000
_AT_ONCE: Final = 64
_LOOKED_AT: Final = 100
_TRIES: Final = 30


def measure_index(record: Path, subjects: int) -> list[Figure]:
    """Read every subject once through an empty index before the SQLite file ``record``; nothing without a Valkey."""
    found = find_valkey()
    if found is None:
        return []
    cluster = RunningCluster(found)
    try:
        (half, before), (entries, after) = asyncio.run(_fill(cluster, record, subjects))
        content = _content(cluster)
    finally:
        cluster.stop()
    used = (after - before) / (entries - half)
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


async def _fill(cluster: RunningCluster, record: Path, subjects: int) -> list[tuple[int, int]]:
    """Read every subject; return entries and bytes after the first half of them, and after all."""
    stores = await with_index(open_stores(record), cluster.addresses)

    async def read(numbers: Iterator[int]) -> None:
        for number in numbers:
            await stores.reports.reports_of(subject_of(number))

    taken = []
    try:
        for first, end in ((0, subjects // 2), (subjects // 2, subjects)):
            for _ in range(_TRIES):  # on a busy machine the index is left alone at times, and misses what is read then
                numbers = iter(range(first, end))
                await asyncio.gather(*(read(numbers) for _ in range(_AT_ONCE)))
                if _sum(cluster, "keyspace") >= end:
                    break
                await asyncio.sleep(1)
            else:
                raise RuntimeError("the index did not take in everybody")
            taken.append((_sum(cluster, "keyspace"), _sum(cluster, "memory")))
    finally:
        await stores.aclose()
    return taken


def _sum(cluster: RunningCluster, section: str) -> int:
    told = [node.ask("INFO", section) for node in cluster.masters()]
    return sum(
        int(each["used_memory"] if section == "memory" else each.get("db0", {"keys": 0})["keys"]) for each in told
    )


def _content(cluster: RunningCluster) -> float:
    """Return the mean bytes of name and content of some entries."""
    sizes = []
    for node in cluster.masters():
        for _ in range(_LOOKED_AT):
            name = node.ask("RANDOMKEY")
            if name is not None:
                sizes.append(len(name) + int(node.ask("STRLEN", name)))
    return sum(sizes) / len(sizes)
