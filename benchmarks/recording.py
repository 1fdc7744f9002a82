"""Durable passage records: the store with many awaiting callers, beside the driver with the same rows at once.

The baseline inserts as many rows as there are callers by ``executemany`` in a transaction of its own, into
a file of the same schema with the same settings: what SQLite takes, without anybody waiting. Beside both
stands the bare sync of 4 KiB: no commit can be faster. Disks differ by the second: rounds alternate.
"""

import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from benchmarks.figures import Figure, Result, Scale, quartiles
from benchmarks.machine import RESULTS
from tongxing.core.reasons import ReasonId, impersonal_slug
from tongxing.core.verdicts import Direction, Outcome
from tongxing.core.words import PlaceKind, RegionId
from tongxing.crypto.site_pseudonyms import PSEUDONYM_BYTES
from tongxing.services.ports import PassageRecord
from tongxing.stores.sqlite.opening import open_writer
from tongxing.stores.sqlite.stores import open_stores

CALLERS: Final = (1, 16, 64, 256)
ROUNDS: Final = 3
_AT: Final = datetime(2020, 3, 25, tzinfo=UTC)
_VIEWS_BYTES: Final = 700
_SYNCS: Final = 50
_COLUMNS: Final = (
    "ref, at_us, host, place_kind, device_id, outcome, reason, issuer, views, expires_at_us,"
    " kept_until_us, direction, site_pseudonym"
)
_INSERT: Final = f"INSERT INTO passages ({_COLUMNS}) VALUES ({','.join('?' * 13)})"  # noqa: S608 - constants


def measure_recording(scale: Scale) -> Result:
    """Measure each number of callers, and the sync."""
    rounds = min(ROUNDS, scale.rounds)
    with tempfile.TemporaryDirectory(dir=RESULTS) as folder:
        syncs = [_sync_milliseconds(Path(folder) / "sync") for _ in range(rounds)]
        figures = [_measure_callers(callers, scale, rounds, Path(folder)) for callers in CALLERS]
    one = 1000 / figures[0].value
    return Result(
        "recording",
        (*figures, Figure("one record, one caller", one, "ms", "bare sync of 4 KiB", statistics.median(syncs))),
        {"rounds": rounds, "records a round": scale.records // ROUNDS, "sealed views (bytes)": _VIEWS_BYTES},
    )


def _measure_callers(callers: int, scale: Scale, rounds: int, folder: Path) -> Figure:
    # One caller waits for a sync at each record: a few hundred tell enough.
    records = max(callers, min(scale.records // ROUNDS, 80 * callers))
    rates, bare = [], []
    numbers = iter(range(2 * rounds * records + callers))
    for _ in range(rounds):
        rates.append(asyncio.run(_store_rate(folder / f"store-{callers}.sqlite", callers, records, numbers)))
        bare.append(_bare_rate(folder / f"bare-{callers}.sqlite", callers, records, numbers))
    return Figure(
        f"records with {callers} waiting caller{'s' if callers > 1 else ''}",
        statistics.median(rates),
        "1/s",
        f"bare executemany of {callers}",
        statistics.median(bare),
        "",
        quartiles(rates),
    )


async def _store_rate(path: Path, callers: int, records: int, numbers: Iterator[int]) -> float:
    stores = open_stores(path)
    shares = [[_passage(next(numbers)) for _ in range(records // callers)] for _ in range(callers)]

    async def record_all(passages: list[PassageRecord]) -> None:
        for passage in passages:
            await stores.passages.record(passage)

    started = time.perf_counter()
    await asyncio.gather(*map(record_all, shares))
    seconds = time.perf_counter() - started
    await stores.aclose()
    return callers * (records // callers) / seconds


def _bare_rate(path: Path, batch: int, records: int, numbers: Iterator[int]) -> float:
    connection = open_writer(path)
    batches = [[_values(_passage(next(numbers))) for _ in range(batch)] for _ in range(records // batch)]
    started = time.perf_counter()
    for rows in batches:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_INSERT, rows)
        connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return batch * len(batches) / seconds


def _passage(number: int) -> PassageRecord:
    """Return a record as the recording service makes it: its reference begins with the time."""
    source = random.Random(number)
    at = _AT + timedelta(microseconds=300 * number)
    return PassageRecord(
        ref=f"{int(at.timestamp()):08x}{source.randbytes(10).hex()}",
        at=at,
        host=RegionId("45"),
        place_kind=PlaceKind.TRAFFIC_GATE,
        device_id="0011223344556677",
        outcome=Outcome.PASS,
        reason=impersonal_slug(ReasonId.LOW_LEVEL_LOW_ORIGIN),
        issuer=RegionId("42"),
        views=source.randbytes(_VIEWS_BYTES),
        expires_at=at + timedelta(hours=24),
        kept_until=at + timedelta(days=14),
        direction=Direction.IN,
        site_pseudonym=source.randbytes(PSEUDONYM_BYTES),
    )


def _values(passage: PassageRecord) -> tuple[object, ...]:
    moments = (passage.at, passage.expires_at, passage.kept_until)
    at, expires, kept = (int(moment.timestamp() * 1e6) for moment in moments)
    return (
        passage.ref, at, passage.host, passage.place_kind.value, passage.device_id, passage.outcome.value,
        passage.reason, passage.issuer, passage.views, expires,
        kept, passage.direction.value if passage.direction else None, passage.site_pseudonym,
    )  # fmt: skip


def _sync_milliseconds(path: Path) -> float:
    """Return the median time to write 4 KiB at the end of a file and sync it."""
    page, times = bytes(4096), []
    with path.open("ab", buffering=0) as file:
        for _ in range(_SYNCS):
            started = time.perf_counter()
            file.write(page)
            os.fdatasync(file.fileno())
            times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)
