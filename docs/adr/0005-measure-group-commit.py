"""Measures the figures of ADR 0005: ``python docs/adr/0005-measure-group-commit.py [folder]``.

All parts run in turn, three times over, because a disk's speed changes from second to second; the
table gives the median of each. The folder should be on the disk in question.
"""

import asyncio
import os
import secrets
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tongxing.core.reasons import DECIDED_BY_ROW
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind, RegionId
from tongxing.services.ports import PassageRecord
from tongxing.stores.sqlite.stores import open_stores

SECONDS = 1.5
AT = datetime(2020, 4, 1, tzinfo=UTC)
VIEWS = secrets.token_bytes(900)
INSERT = "INSERT INTO rows VALUES (?, ?)"


def passage(number: int) -> PassageRecord:
    """Return a passage record of usual size."""
    return PassageRecord(
        ref=f"{number:032x}",
        at=AT,
        host=RegionId("45"),
        place_kind=PlaceKind.TRAFFIC_GATE,
        device_id="0011223344556677",
        outcome=Outcome.PASS,
        reason=DECIDED_BY_ROW,
        issuer=RegionId("42"),
        views=VIEWS,
        expires_at=AT + timedelta(hours=24),
        kept_until=AT + timedelta(days=14),
    )


def rate(work: Callable[[], int]) -> float:
    """Return how many rows a second ``work`` does; it says how many each call did."""
    begin, done = time.perf_counter(), 0
    while (passed := time.perf_counter() - begin) < SECONDS:
        done += work()
    return done / passed


def measure_sync(folder: Path) -> float:
    """Measure bare syncs of 4 KiB."""
    with (folder / "sync").open("wb", buffering=0) as file:

        def sync() -> int:
            file.write(bytes(4_096))
            os.fdatasync(file.fileno())
            return 1

        return rate(sync)


def open_bare(folder: Path) -> sqlite3.Connection:
    """Open a database with one table by the driver alone, with the store's settings."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE rows (ref TEXT PRIMARY KEY, views BLOB)")
    return connection


def measure_commit_per_row(folder: Path) -> float:
    """Measure the driver with one commit a row."""
    connection = open_bare(folder)

    def insert() -> int:
        connection.execute(INSERT, (secrets.token_hex(16), VIEWS))
        return 1

    result = rate(insert)
    connection.close()
    return result


def measure_awaiters(folder: Path, awaiters: int) -> float:
    """Measure the passage store with so many tasks that await a record each, again and again."""

    async def run() -> float:
        stores = open_stores(folder / "node.db")
        recorded, until = 0, time.perf_counter() + SECONDS

        async def work() -> None:
            nonlocal recorded
            while time.perf_counter() < until:
                recorded += 1
                await stores.passages.record(passage(recorded))

        await asyncio.gather(*(work() for _ in range(awaiters)))
        await stores.aclose()
        return recorded / SECONDS

    return asyncio.run(run())


def measure_lookup(folder: Path) -> float:
    """Measure ``find`` among 10,000 passages."""

    async def run() -> float:
        stores = open_stores(folder / "node.db")
        await asyncio.gather(*(stores.passages.record(passage(number)) for number in range(10_000)))
        begin = time.perf_counter()
        for number in range(10_000):
            await stores.passages.find(f"{number:032x}")
        result = 10_000 / (time.perf_counter() - begin)
        await stores.aclose()
        return result

    return asyncio.run(run())


@contextmanager
def busy_thread():  # type: ignore[no-untyped-def] # noqa: ANN201 - a generator for one use
    """Keep the interpreter's lock wanted, as a busy event loop does."""
    stopping = threading.Event()

    def spin() -> None:
        while not stopping.is_set():
            pass

    thread = threading.Thread(target=spin)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def measure_beside_busy_thread(folder: Path, way: str) -> float:
    """Measure batches of 64 rows by one statement, by a statement each, or with a savepoint around each."""
    connection = open_bare(folder)
    together = INSERT + ", (?, ?)" * 63

    def commit_batch() -> int:
        rows = [(secrets.token_hex(16), VIEWS) for _ in range(64)]
        connection.execute("BEGIN IMMEDIATE")
        if way == "together":
            connection.execute(together, [value for row in rows for value in row])
        for row in rows if way != "together" else ():
            if way == "savepoints":
                connection.execute("SAVEPOINT one_write")
            connection.execute(INSERT, row)
            if way == "savepoints":
                connection.execute("RELEASE one_write")
        connection.execute("COMMIT")
        return 64

    with busy_thread():
        result = rate(commit_batch)
    connection.close()
    return result


PARTS: dict[str, Callable[[Path], float]] = {
    "bare fdatasync of 4 KiB": measure_sync,
    "driver, one commit a row": measure_commit_per_row,
    "passage store, 1 awaiter": lambda folder: measure_awaiters(folder, 1),
    "passage store, 64 awaiters": lambda folder: measure_awaiters(folder, 64),
    "passage store, 512 awaiters": lambda folder: measure_awaiters(folder, 512),
    "find, point lookups": measure_lookup,
    "64 rows, one statement, beside a busy thread": lambda folder: measure_beside_busy_thread(folder, "together"),
    "64 rows, one statement each, beside a busy thread": lambda folder: measure_beside_busy_thread(folder, "each"),
    "64 rows, savepoints, beside a busy thread": lambda folder: measure_beside_busy_thread(folder, "savepoints"),
}


def main(place: str | None) -> None:
    """Run all parts in turn and print the median of each."""
    results: dict[str, list[float]] = {name: [] for name in PARTS}
    for _ in range(3):
        for name, measure in PARTS.items():
            with tempfile.TemporaryDirectory(dir=place) as folder:
                results[name].append(measure(Path(folder)))
    for name, rates in results.items():
        print(f"{name:52} {statistics.median(rates):9,.0f} /s  ({min(rates):,.0f}-{max(rates):,.0f})")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
