"""Every fault in turn on one ground, and what came of each.

    python -m tests.faults.everything --kills 60 --seed 1 [--only cut --only replay] [--short]

Exit 1 if anything that was acknowledged is not held once, was invented, or anything is not as it must be.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.faults.clock_off import run_clock_off
from tests.faults.cut import run_cut
from tests.faults.full_disk import run_full_disk
from tests.faults.ground import Ground, running_ground
from tests.faults.kills import TARGETS, run_kills
from tests.faults.power_loss import run_power_loss
from tests.faults.replay import run_replay
from tests.faults.result import Result, print_result, print_summary
from tests.faults.tenfold import run_tenfold
from tests.faults.two_hubs import run_two_hubs
from tests.real_cluster import running_cluster
from tests.real_servers import running_postgres
from tongxing.simulation.play import ending_on_signals

Tell = Callable[[str], None]
Show = Callable[[Result], None]


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of each fault."""

    kills: int = 60
    cut_seconds: float = 120.0
    batches: int = 20
    rows: int = 2_000
    rounds: int = 30
    tenfold_seconds: float = 60.0
    hours: tuple[int, ...] = (5, -5)
    copies: int = 10


SHORT: Final = Scale(
    kills=len(TARGETS), cut_seconds=4.0, batches=3, rows=200, rounds=3, tenfold_seconds=3.0, hours=(5,), copies=3
)

LONG_ONLY: Final = frozenset({"power", "disk-postgres"})
"""What ``make test`` leaves out: each starts servers of its own. It has the copies of ``disk``."""

FAULTS: Final[Mapping[str, Callable[[Ground, Scale, int, Tell], Result]]] = {
    "kills": lambda ground, scale, seed, tell: run_kills(ground, scale.kills, seed, tell),
    "cut": lambda ground, scale, seed, tell: run_cut(ground, scale.cut_seconds, seed, tell),
    "replay": lambda ground, scale, seed, tell: run_replay(ground, scale.batches, scale.rows, seed, tell),
    "clock": lambda ground, scale, _seed, tell: run_clock_off(ground, scale.hours, tell),
    "power": lambda ground, scale, seed, tell: run_power_loss(ground, scale.copies, seed, tell),
    "disk": lambda _ground, scale, seed, tell: run_full_disk("sqlite", scale.copies, seed, tell),
    "disk-postgres": lambda _ground, scale, seed, tell: run_full_disk("postgres", scale.copies, seed, tell),
    "tenfold": lambda ground, scale, _seed, tell: run_tenfold(ground, scale.tenfold_seconds, tell),
    "two-hubs": lambda ground, scale, seed, tell: run_two_hubs(ground, scale.rounds, seed, tell),
}


def run_all(
    ground: Ground,
    scale: Scale,
    *,
    seed: int = 1,
    only: Collection[str] = (),
    tell: Tell = lambda _: None,
    show: Show = lambda _: None,
) -> list[Result]:
    """Break one thing after another on ``ground``, all of ``FAULTS`` or ``only`` some; return what came of each.

    ``tell`` is told each step, ``show`` each result once it is there (``result.print_result`` prints it).
    The ground is left as it was, and goes on. Raises KeyError for a fault that is none.
    """
    results = []
    for name in only or FAULTS:
        tell(f"== {name}")
        results.append(FAULTS[name](ground, scale, seed, tell))
        is_tried = all(count.acknowledged for count in results[-1].counts)
        results[-1].check(is_tried, "nothing was acknowledged: nothing was tried")
        show(results[-1])
    return results


def main() -> None:
    """Run by hand, or by ``make faults``."""
    parser = argparse.ArgumentParser(prog="tests.faults.everything")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", default=[], choices=list(FAULTS))
    parser.add_argument("--short", action="store_true", help="as make test has it")
    given = parser.parse_args()
    scale = SHORT if given.short else Scale()
    scale = scale if given.kills is None else Scale(given.kills)
    console = Console(width=110)
    with (
        ending_on_signals(),
        tempfile.TemporaryDirectory(prefix="tongxing-faults-") as folder,
        running_postgres() as postgres,
        running_cluster() as cluster,
        running_ground(Path(folder) / "state", postgres, cluster) as ground,
    ):
        console.print(f"on {postgres.found} and {cluster.found}")
        show = partial(print_result, console=console)
        results = run_all(ground, scale, seed=given.seed, only=given.only, tell=console.print, show=show)
    print_summary(results, console)
    sys.exit(not all(result.is_whole for result in results))


if __name__ == "__main__":
    main()
