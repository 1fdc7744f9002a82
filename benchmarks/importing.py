"""Importing a risk list: how long it takes, in process on one core, from its bytes to a place in the history.

The list is as large as the largest of the platform's real ones (3,359 entries in 1,163 rows), and once as large as
one may be (200,000 entries), over the counties of the gazetteer; every second entry is new against the list before.
The baseline reads the same bytes as JSON and does nothing with them.
"""

import asyncio
import json
import statistics
import tempfile
import time
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from benchmarks.figures import FULL, Figure, Result, Scale
from benchmarks.machine import pinned_to, server_core
from tongxing.app.packaged import load_gazetteer
from tongxing.risk.divisions import CITY_DIGITS, COUNTY_DIGITS, PROVINCE_DIGITS
from tongxing.risk.history import diff_states
from tongxing.risk.official_list import ENTRIES_MAX
from tongxing.services.risk_import import ImportedList, import_risk_list
from tongxing.services.risk_ports import KeptList, RiskHistoryStore
from tongxing.stores.sqlite.stores import open_stores

LARGEST_SEEN: Final = 3_359
COMMUNITIES_A_ROW: Final = 3
_ENTRIES_WHEN_TINY: Final = 60
_AT: Final = datetime(2022, 9, 10, tzinfo=UTC)


def measure_importing(scale: Scale) -> Result:
    """Measure reading and placing a list, and putting it into the history, against reading it as JSON."""
    largest, most = (LARGEST_SEEN, ENTRIES_MAX) if scale.name == FULL.name else (_ENTRIES_WHEN_TINY, _ENTRIES_WHEN_TINY)
    figures = []
    with pinned_to(server_core()):
        for name, entries in (("largest real list", largest), ("largest list allowed", most)):
            before, after = make_list("2022-09-08 00时", entries, 0), make_list("2022-09-09 00时", entries, 1)
            read, placed, kept = [], [], []
            for _ in range(scale.starts if entries == largest else 1):
                read.append(_seconds_of_reading(after))
                seconds, imported = _seconds_of_placing(after)
                placed.append(seconds)
                kept.append(_seconds_of_keeping(_seconds_of_placing(before)[1], imported))
            baseline = statistics.median(read)
            figures += [
                Figure(f"{name}: read and placed", statistics.median(placed), "s", "read as JSON", baseline),
                Figure(f"{name}: kept in the history", statistics.median(kept), "s", "read as JSON", baseline),
            ]
    return Result("importing", tuple(figures), {"entries": largest, "most entries": most, "rounds": scale.starts})


def make_list(hour: str, entries: int, version: int) -> bytes:
    """Return a list of so many communities; those with an odd number are called otherwise in each version."""
    gazetteer = load_gazetteer()
    counties = [
        number
        for number in gazetteer.numbers()
        if len(number) == COUNTY_DIGITS and number[:CITY_DIGITS] in gazetteer and number[:PROVINCE_DIGITS] in gazetteer
    ]
    rows, number = [], 0
    for county in islice(cycle(counties), -(-entries // COMMUNITIES_A_ROW)):
        names = []
        for _ in range(min(COMMUNITIES_A_ROW, entries - number)):
            names.append(f"{number}号院" if number % 2 == 0 else f"{number}号院{version}栋")
            number += 1
        above = (county[:PROVINCE_DIGITS], county[:CITY_DIGITS], county)
        province, city, name = map(gazetteer.name_of, above)
        rows.append({"province": province, "city": city, "county": name, "communitys": names})
    data = {"end_update_time": hour, "hcount": entries, "highlist": rows, "middlelist": []}
    return json.dumps({"data": data, "code": 0}, ensure_ascii=False).encode()


def _seconds_of_reading(data: bytes) -> float:
    started = time.perf_counter()
    json.loads(data)
    return time.perf_counter() - started


def _seconds_of_placing(data: bytes) -> tuple[float, ImportedList]:
    gazetteer = load_gazetteer()
    started = time.perf_counter()
    imported = import_risk_list(data, gazetteer, at=_AT)
    return time.perf_counter() - started, imported


def _seconds_of_keeping(before: ImportedList, after: ImportedList) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_keep_both(Path(folder) / "node.db", before, after))


async def _keep_both(path: Path, before: ImportedList, after: ImportedList) -> float:
    stores = open_stores(path)
    try:
        await _keep(stores.risk_history, before)
        started = time.perf_counter()
        await _keep(stores.risk_history, after)
        return time.perf_counter() - started
    finally:
        await stores.aclose()


async def _keep(history: RiskHistoryStore, imported: ImportedList) -> None:
    newest = await history.newest()
    diff = diff_states(None if newest is None else newest[1], imported.state)
    state = imported.state
    kept = KeptList(imported.digest, state.as_of, state.source, _AT, "benchmark")
    await history.save(kept, state, diff, None if newest is None else newest[0].digest)
