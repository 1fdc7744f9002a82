"""One run, step by step: servers, nodes, people, reconciliation, faults, scenes; each step says what came of it.

Faults come before the scenes, which leap over two years and cannot go back: so the scenes show verdicts on what has
been through the faults. By then nodes erase the reports of 2020, as they must: the last reconciliation is before.
"""

import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.cluster.ending import between_steps
from tests.cluster.ground import Nation, running_nation
from tests.cluster.loading import FIRST_PERSON, LOADED_AT, Loaded, Reconciled, load_people, reconcile
from tests.cluster.means import check_means, measure_stores
from tests.cluster.playing import dock_people_of_scenes, play_scenes, read_at_gates
from tests.cluster.telling import Steps, Summary, counting, tell_how_to_look, tell_servers
from tests.faults.everything import SHORT, run_all
from tests.faults.result import Result, print_result
from tests.real_cluster import running_cluster
from tests.real_servers import running_postgres
from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId
from tongxing.core.retention import REPORT_KEPT
from tongxing.core.words import RegionId
from tongxing.services.report_sums import DaySums
from tongxing.simulation.callers import ProblemAnswered
from tongxing.simulation.freight_scenes import DEMO_SCENES
from tongxing.simulation.people import PEOPLE_MAX
from tongxing.simulation.play import Ended, ending_on_signals
from tongxing.simulation.scenes import SCENES, Scene

PEOPLE: Final = 2_000_000
KILLS: Final = 20
REGIONS: Final = 32
PEOPLE_MOST: Final = REGIONS * (PEOPLE_MAX - FIRST_PERSON)
AS_IT_MUST_BE: Final = 0
NOT_AS_IT_MUST_BE: Final = 1
REFUSED: Final = 2
OUR_FAULT: Final = 4
_SIGNAL_STATUS: Final = 128
_WATCH_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done. ``kills``: 0 for no fault at all. ``first_port`` is that of the nodes, 0 for free ones."""

    people: int = PEOPLE
    kills: int = KILLS
    seed: int = 1
    first_port: int = 0
    keep: bool = False
    scenes: tuple[Scene, ...] = DEMO_SCENES


def run_cluster(wanted: Wanted, console: Console) -> int:
    """Do it all; return the exit status. Only in the main thread, where signals arrive."""
    try:
        if not REGIONS <= wanted.people <= PEOPLE_MOST or wanted.kills < 0:
            told = f"from {REGIONS} to {PEOPLE_MOST:,} people can be loaded, and 0 or more processes killed"
            raise Refused(ProblemId.SETTINGS_REFUSED, told)
        with ending_on_signals(), tempfile.TemporaryDirectory(prefix="tongxing-cluster-") as folder:
            check_means(wanted.people, Path(folder))
            return _run(wanted, Path(folder) / "state", console)
    except Ended as ended:
        console.print(f"\n{ended}: stopped; nothing runs on, no file is left")
        return _SIGNAL_STATUS + ended.number
    except Refused as refused:
        console.print(f"refused: {refused.detail or refused}", markup=False)
        return REFUSED
    except (Fault, ProblemAnswered) as fault:
        console.print(f"fault: {fault}", markup=False)
        return OUR_FAULT


def _run(wanted: Wanted, folder: Path, console: Console) -> int:
    steps = Steps(console)
    steps.begin("PostgreSQL, and a Valkey Cluster of six servers")
    with running_postgres() as postgres, running_cluster() as cluster:
        steps.came(well=True, line=f"{postgres.found}; {cluster.found}")
        steps.begin(f"A hub of two processes, five gateways, and {REGIONS} regions that have joined")
        with running_nation(folder, postgres, cluster, wanted.first_port) as nation:
            tell_servers(console, nation)
            steps.came(well=len(nation.senders) == REGIONS, line=f"{len(nation.senders)} regions can send batches")
            play_all(wanted, nation, steps)
            if wanted.keep:
                with suppress(Ended):  # that is how it is ended
                    _serve_on(nation, console)
    return NOT_AS_IT_MUST_BE if steps.wrong else AS_IT_MUST_BE


def play_all(wanted: Wanted, nation: Nation, steps: Steps) -> Loaded:
    """Load, reconcile and play on what runs; what did not come as it must stands in ``steps.wrong``."""
    loaded = _load(wanted, nation, steps)
    _reconcile(nation, loaded.sums, steps, "what was sent is what the hub holds")
    _read_some(wanted, nation, steps)
    faults = _break(wanted, nation, steps) if wanted.kills else []
    untouched = {region: sums for region, sums in loaded.sums.items() if region not in nation.federation.people}
    again = _reconcile(nation, untouched, steps, "after all that, the regions for which no gateway reported")
    passages, wrong = _play_scenes(wanted, nation, steps)
    lost = loaded.lost + sum(map(len, again.differing.values())) + sum(map(_lost, faults))
    Summary(loaded, again, faults, (passages, wrong), lost, measure_stores(nation)).tell(steps)
    return loaded


def _load(wanted: Wanted, nation: Nation, steps: Steps) -> Loaded:
    steps.begin(f"{wanted.people:,} people of {len(nation.senders)} regions, by signed batches over HTTP")
    with counting(steps.console, "reports", wanted.people) as tell:
        loaded = load_people(nation, wanted.people, wanted.seed, tell)
    speed = loaded.rows / loaded.seconds
    told = f"{loaded.rows:,} sent, {loaded.stored:,} stored, {loaded.set_aside:,} set aside, {speed:,.0f} rows/s"
    steps.came(well=loaded.rows == loaded.stored, line=told)
    return loaded


def _reconcile(nation: Nation, sent: dict[RegionId, DaySums], steps: Steps, title: str) -> Reconciled:
    steps.begin(f"Reconciled: {title}")
    expected = sum(day.count for days in sent.values() for day in days.values())
    with counting(steps.console, "reports added up", expected) as tell:
        found = reconcile(nation, sent, tell)
    same = f"{found.reports:,} reports: counts and digests of {len(sent)} regions agree on all {found.days} days"
    where = [
        f"region {region} differs on {', '.join(map(str, sorted(days)))}" for region, days in found.differing.items()
    ]
    steps.came(well=not where, line="; ".join(where) or same)
    return found


def _read_some(wanted: Wanted, nation: Nation, steps: Steps) -> None:
    steps.begin("Some of every region at the gates of Guangxi")
    outcomes, red_not_stopped = read_at_gates(nation, wanted.people // len(nation.senders), wanted.seed)
    told = ", ".join(f"{outcome} {times}" for outcome, times in outcomes.most_common())
    line = f"{outcomes.total()} documents read: {told}; {red_not_stopped} red not stopped"
    steps.came(well=bool(outcomes["PASS"]) and not red_not_stopped, line=line)


def _play_scenes(wanted: Wanted, nation: Nation, steps: Steps) -> tuple[int, int]:
    # Later ones come when nodes erase what was loaded: what goes on is to be looked at.
    scenes = [scene for scene in wanted.scenes if not wanted.keep or scene.at < LOADED_AT + REPORT_KEPT]
    steps.begin(f"{len(scenes)} scenes of the demo")
    dock_people_of_scenes(steps.console, nation.federation)
    passages, wrong = play_scenes(steps.console, nation.federation, scenes)
    steps.came(well=bool(passages) and not wrong, line=f"{passages} verdicts, {wrong} not as expected")
    return passages, wrong


def _break(wanted: Wanted, nation: Nation, steps: Steps) -> list[Result]:
    """Play the faults, as many kills as are wanted and of the others as much as ``make test`` does."""
    steps.begin("Faults, one after another, under load")
    nation.federation.clock.set(SCENES[0].at)
    nation.federation.begin_era("faults")
    scale, show = replace(SHORT, kills=wanted.kills), partial(_show, steps)
    with between_steps(partial(steps.console.print, style="dim", markup=False)) as tell:
        return run_all(nation.ground, scale, seed=wanted.seed, tell=tell, show=show)


def _show(steps: Steps, result: Result) -> None:
    """Tell what came of a fault: in one line, and all that is known of it where it is not as it must be."""
    if not result.is_whole:
        print_result(result, steps.console)
    acknowledged = sum(count.acknowledged for count in result.counts)
    told = f"{acknowledged:,} acknowledged, {_lost(result):,} lost"
    steps.came(well=result.is_whole, line=f"{result.name}: {result.not_done or told}")


def _lost(result: Result) -> int:
    return sum(count.lost for count in result.counts)


def _serve_on(nation: Nation, console: Console) -> None:
    """Tell how to look at what runs, until a signal comes. Raises Fault if a process ends by itself."""
    tell_how_to_look(console, nation)
    while True:
        nation.federation.processes.check_running()
        time.sleep(_WATCH_SECONDS)
