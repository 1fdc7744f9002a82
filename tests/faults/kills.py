"""SIGKILL of hub, gateways, PostgreSQL and Valkey's masters at random moments under load; what was lost is counted.

    python -m tests.faults.kills --kills 60 --seed 1

One thing is killed at a time and started again after a while; meanwhile reports are docked and codes are scanned
over HTTP. Exit 1 if anything that was acknowledged is not held once, was invented, or a code passed twice.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from tests.faults.counting import Count, count_all
from tests.faults.ground import NODES, Ground, running_ground
from tests.faults.load import Load, Scans
from tests.real_cluster import running_cluster
from tests.real_servers import running_postgres
from tongxing.simulation.founding import HUB

AWAY_SECONDS_MAX: Final = 0.5
UNDISTURBED_SECONDS: Final = (0.2, 1.2)
PAUSE_SECONDS: Final = 0.05
POSTGRES: Final = "PostgreSQL"
VALKEY: Final = "a Valkey master"
TARGETS: Final = (*NODES, POSTGRES, VALKEY)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done and what became of it."""

    killed: Counter[str]
    seconds: float
    counts: list[Count]
    scans: Scans
    unanswered_calls: int
    set_aside: int

    @property
    def is_whole(self) -> bool:
        """True if nothing was lost, doubled or invented, no code passed twice, and nobody passed who may not."""
        wrong = self.scans.passed_twice + self.scans.red_passed + self.scans.turned_red_passed + self.set_aside
        return all(count.is_whole for count in self.counts) and not wrong


def run_kills(ground: Ground, kills: int, seed: int, tell: Callable[[str], None] = lambda _: None) -> Outcome:
    """Kill ``kills`` times, each target as often as any other, in an order and at moments drawn from ``seed``."""
    draw = random.Random(seed)
    load = Load(ground.federation, ground.records[HUB], PAUSE_SECONDS)
    killed: Counter[str] = Counter()
    began = time.monotonic()
    load.start()
    try:
        for number, target in enumerate(_targets(draw, kills), start=1):
            time.sleep(draw.uniform(*UNDISTURBED_SECONDS))
            _kill(ground, target, draw)
            killed[target] += 1
            tell(f"{number} of {kills}: {target}")
        time.sleep(UNDISTURBED_SECONDS[1])
    finally:
        load.stop()
    ground.federation.processes.check_running()
    seconds = time.monotonic() - began
    counts = count_all(ground.records, load)
    return Outcome(killed, seconds, counts, load.scans, load.reports.unanswered_calls, len(load.reports.set_aside))


def _targets(draw: random.Random, kills: int) -> Iterator[str]:
    while kills > 0:
        for target in draw.sample(TARGETS, min(kills, len(TARGETS))):
            yield target
            kills -= 1


def _kill(ground: Ground, target: str, draw: random.Random) -> None:
    """Kill one thing, leave it away for a while, and start it again."""
    away = draw.uniform(0, AWAY_SECONDS_MAX)
    if target == POSTGRES:
        ground.postgres.kill()
        time.sleep(away)
        ground.postgres.start()
    elif target == VALKEY:
        # With another one still away there would be no failover, only an index that is away.
        ground.cluster.wait_until_whole()
        node = draw.choice(ground.cluster.masters())
        node.kill()
        time.sleep(3 * away)
        node.start()
    else:
        ground.federation.processes.kill(target)
        time.sleep(away)
        ground.federation.processes.restart(target)


def tables_of(outcome: Outcome) -> list[Table]:
    """Return what is printed."""
    done = Table(title=f"SIGKILL, {outcome.killed.total()} times in {outcome.seconds:.0f} s of load")
    done.add_column("what was killed")
    done.add_column("times", justify="right")
    for target in TARGETS:
        done.add_row(target, str(outcome.killed[target]))
    held = Table(title="What was acknowledged, and what is held")
    for name in ("", "acknowledged", "present once", "lost", "doubled", "invented"):
        held.add_column(name, justify="right" if name else "left")
    for count in outcome.counts:
        figures = (count.acknowledged, count.present_once, count.lost, count.doubled, count.invented)
        held.add_row(count.what, *(f"{figure:,}" for figure in figures))
    scans, told = outcome.scans, Counter(outcome.scans.verdicts.values())
    codes = Table(title="At the gates")
    codes.add_column("what")
    codes.add_column("times", justify="right")
    for what, times in (
        ("verdicts told", told.total()),
        *((f"of these {outcome}", times) for outcome, times in sorted(told.items())),
        ("scans without an answer", scans.unanswered),
        ("one-time codes shown, each scanned three times", scans.used_codes),
        ("of these passed twice", scans.passed_twice),
        ("of these a red person's that passed", scans.red_passed),
        ("people who turned red, read at a gate afterwards", scans.turned_red),
        ("of these passed", scans.turned_red_passed),
    ):
        codes.add_row(what, f"{times:,}")
    return [done, held, codes]


def main() -> None:
    """Run by hand, or by ``make faults``."""
    parser = argparse.ArgumentParser(prog="tests.faults.kills")
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    console = Console()
    with (
        tempfile.TemporaryDirectory(prefix="tongxing-faults-") as folder,
        running_postgres() as postgres,
        running_cluster() as cluster,
        running_ground(Path(folder) / "state", postgres, cluster) as ground,
    ):
        console.print(f"on {postgres.found} and {cluster.found}")
        outcome = run_kills(ground, given.kills, given.seed, console.print)
    for table in tables_of(outcome):
        console.print(table)
    console.print(f"docking calls without an answer, sent again: {outcome.unanswered_calls}")
    sys.exit(not outcome.is_whole)


if __name__ == "__main__":
    main()
