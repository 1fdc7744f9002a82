"""SIGKILL of hub, gateways, PostgreSQL and Valkey's masters at random moments under load; what was lost is counted.

One thing is killed at a time and started again after a while; meanwhile reports are docked and codes are scanned
over HTTP. Wrong is whatever was acknowledged and is not held once, was invented, or a code that passed twice.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from tests.faults.counting import count_all
from tests.faults.ground import NODES, Ground
from tests.faults.load import Load
from tests.faults.result import Result
from tongxing.simulation.scenes import Fault

AWAY_SECONDS_MAX: Final = 0.5
UNDISTURBED_SECONDS: Final = (0.2, 1.2)
PAUSE_SECONDS: Final = 0.05
POSTGRES: Final = "PostgreSQL"
VALKEY: Final = "a Valkey master"
TARGETS: Final = (*NODES, POSTGRES, VALKEY)


def run_kills(ground: Ground, kills: int, seed: int, tell: Callable[[str], None] = lambda _: None) -> Result:
    """Kill ``kills`` times, each target as often as any other, in an order and at moments drawn from ``seed``."""
    draw = random.Random(seed)
    load = Load(ground, PAUSE_SECONDS)
    killed: Counter[str] = Counter()
    began = time.monotonic()
    # The back end forgets which codes it has answered for: that none is used twice is for the gateway alone to see.
    with ground.federation.broken(Fault.BACK_END_FORGETFUL):
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
    result = Result("SIGKILL", seconds=time.monotonic() - began, counts=count_all(ground.records, load))
    result.done = [(f"{target} killed", f"{killed[target]} times") for target in TARGETS]
    _tell_scans(result, load)
    return result


def _tell_scans(result: Result, load: Load) -> None:
    scans, told = load.scans, Counter(load.scans.verdicts.values())
    result.check(told["PASS"], "no code passed at all: nothing was tried")
    result.check(scans.turned_red, "nobody who had turned red was read: nothing was tried")
    result.told = [
        ("docking calls without an answer, sent again", str(load.reports.unanswered_calls)),
        ("verdicts told", str(told.total())),
        *((f"of these {outcome}", str(times)) for outcome, times in sorted(told.items())),
        ("scans without an answer", str(scans.unanswered)),
        ("one-time codes shown, each scanned three times", str(scans.used_codes)),
        ("people who turned red, read at a gate afterwards", str(scans.turned_red)),
    ]
    for times, wrong in (
        (scans.passed_twice, "one-time codes passed twice"),
        (scans.red_passed, "codes of red people passed"),
        (scans.turned_red_passed, "people who had turned red passed"),
        (len(load.reports.set_aside), "reports were set aside"),
    ):
        result.told.append((wrong, str(times)))
        result.check(not times, f"{times} {wrong}")


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
