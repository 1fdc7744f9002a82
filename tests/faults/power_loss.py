"""A copy of the record's files, taken at a random moment under load, opens and holds all that was acknowledged before.

Whoever writes is stopped (SIGSTOP) while the files are copied, so that a copy is what lay in them at one moment, as
a loss of power would leave it if nothing was still on its way to the disk: that a sync comes before each
acknowledgement is watched elsewhere (``tests/scenario/test_kill.py``, by strace). Hub and gateway are copied at one
moment, so each report that was acknowledged must be at the gateway, and at the hub or in the gateway's outbox.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.faults.counting import REPORTS, Count, count_reports, numbers_in, rows_of, values_of, wait_until
from tests.faults.ground import Ground
from tests.faults.load import Docking, Load, Reports
from tests.faults.result import Result
from tests.faults.supply import FIRST_AS_OF
from tests.real_servers import RunningPostgres, find_postgres
from tongxing.core.words import RegionId
from tongxing.simulation.federation import Federation
from tongxing.simulation.founding import HUB, gateway_name
from tongxing.simulation.scenes import HUBEI
from tongxing.wire.report_lines import parse_report_line

UNDISTURBED_SECONDS: Final = (0.3, 1.5)
_QUEUED: Final = b"SELECT line FROM outbox_reports"
_BATCHES: Final = b"SELECT body FROM outbox_batches"

Ask = Callable[..., list[tuple[Any, ...]]]
"""Asks one record: a query, and its values."""


_NOTHING: Final = (0, 0, 0, 0, 0)


@dataclass
class Copies:
    """What copies held, all together."""

    gateway: Count = field(default_factory=lambda: Count("at the gateway, in all copies", *_NOTHING))
    hub: Count = field(default_factory=lambda: Count("at the hub or in the outbox, in all copies", *_NOTHING))

    def look_into(self, gateway: Ask, hub: Ask, region: RegionId, at_once: Reports) -> None:
        """Count one copy: ``at_once`` is what was acknowledged before it was begun, and what was sent until its end."""
        held = numbers_in(gateway(REPORTS, *values_of(region, at_once.first)))
        there = numbers_in(hub(REPORTS, *values_of(region, at_once.first)))
        for number in set(_on_their_way(gateway)) - there.keys():
            there[number] += number >= at_once.first
        self.gateway = _sum(self.gateway, count_reports(self.gateway.what, held, at_once))
        self.hub = _sum(self.hub, count_reports(self.hub.what, +there, at_once))


def run_power_loss(ground: Ground, copies: int, seed: int, tell: Callable[[str], None] = lambda _: None) -> Result:
    """Copy PostgreSQL's data directory ``copies`` times under load, and start a server on each copy."""
    result, began, draw = Result("power loss, PostgreSQL"), time.monotonic(), random.Random(seed)
    every, sizes = Copies(), []
    load = Load(ground, 0.02, gates=False)
    load.start()
    try:
        wait_until(lambda: len(load.reports.acknowledged) > 0)
        for nth in range(copies):
            time.sleep(draw.uniform(*UNDISTURBED_SECONDS))
            with tempfile.TemporaryDirectory(prefix="tongxing-copy-", dir="/tmp", ignore_cleanup_errors=True) as folder:
                acknowledged = frozenset(load.reports.acknowledged)
                with _stopped(ground.postgres.processes()):
                    subprocess.run(["cp", "-a", "--reflink=auto", ground.postgres.folder / "data", folder], check=True)
                    sent = frozenset(load.reports.sent)
                sizes.append(sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()))
                with _server_on(Path(folder)) as moved:
                    gateway, hub = (moved(ground.records[name]) for name in (gateway_name(HUBEI), HUB))
                    every.look_into(
                        gateway, hub, HUBEI, Reports(set(sent), set(acknowledged), first=load.reports.first)
                    )
            tell(f"{nth + 1} of {copies}: copied {sizes[-1] >> 20} MB, opened, counted")
    finally:
        load.stop()
    result.done = [("data directory copied under load, a server started on the copy", f"{copies} times")]
    result.counts = [every.gateway, every.hub]
    result.seconds = time.monotonic() - began
    return result


def copy_embedded(
    federation: Federation, docking: Docking, folders: Mapping[str, Path], copies: int, draw: random.Random
) -> Copies:
    """Copy the SQLite files of Hubei's gateway and the hub under load. ``folders`` are their state folders, by name."""
    every = Copies()
    pids = federation.processes.pids()
    wait_until(lambda: len(docking.reports.acknowledged) > 0)
    for _ in range(copies):
        time.sleep(draw.uniform(*UNDISTURBED_SECONDS))
        with tempfile.TemporaryDirectory(prefix="tongxing-copy-") as made:
            acknowledged = frozenset(docking.reports.acknowledged)
            with _stopped([pids[name] for name in folders]):
                for name, folder in folders.items():
                    (Path(made) / name).mkdir()
                    # The index of the log (-shm) is memory: nothing of it is on a disk.
                    for file in ("node.sqlite", "node.sqlite-wal"):
                        if (folder / file).exists():
                            shutil.copy(folder / file, Path(made) / name / file)
                sent = frozenset(docking.reports.sent)
            gateway, hub = (asking(Path(made) / name / "node.sqlite") for name in (gateway_name(HUBEI), HUB))
            at_once = Reports(set(sent), set(acknowledged), first=docking.reports.first)
            every.look_into(gateway, hub, HUBEI, at_once)
    return every


def asking(database: Path) -> Ask:
    """Return what asks a SQLite file that is whole, and says so otherwise."""
    with closing(sqlite3.connect(database)) as connection:
        ((whole,),) = connection.execute("PRAGMA integrity_check").fetchall()
    assert whole == "ok", whole

    def ask(query: bytes, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(database)) as connection:
            return connection.execute(query.decode().replace("%s", "?"), values).fetchall()

    return ask


@contextmanager
def _stopped(numbers: Sequence[int]) -> Iterator[None]:
    """Have processes stand still."""
    for number in numbers:
        os.kill(number, signal.SIGSTOP)
    try:
        yield
    finally:
        for number in numbers:
            os.kill(number, signal.SIGCONT)


@contextmanager
def _server_on(folder: Path) -> Iterator[Callable[[str], Ask]]:
    """Run a server on a copy; give what asks the record that had an address."""
    found = find_postgres()
    assert found is not None
    (folder / "data" / "postmaster.pid").unlink(missing_ok=True)
    server = RunningPostgres(found, kept_in=folder)

    def moved(address: str) -> Ask:
        name = address.partition("?")[0].rpartition("/")[2]
        return lambda query, *values: rows_of(server.url(name), query, *values)

    try:
        yield moved
    finally:
        server.kill()


def _on_their_way(gateway: Ask) -> Iterator[int]:
    """Yield the numbers of reports that are in a gateway's outbox."""
    lines = [bytes(line) for (line,) in gateway(_QUEUED)]
    lines += [line for (body,) in gateway(_BATCHES) for line in bytes(body).splitlines()]
    for line in lines:
        yield round((parse_report_line(line)[1].as_of - FIRST_AS_OF).total_seconds())


def _sum(one: Count, other: Count) -> Count:
    return Count(
        one.what,
        one.acknowledged + other.acknowledged,
        one.present_once + other.present_once,
        one.lost + other.lost,
        one.doubled + other.doubled,
        one.invented + other.invented,
    )
