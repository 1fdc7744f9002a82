"""One region pushes ten times its usual volume; the others' reports still arrive within what they promise."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import httpx

from tests.faults.counting import count_region, held_numbers, wait_until
from tests.faults.ground import Ground
from tests.faults.load import Docking, pushing_on
from tests.faults.result import Result
from tongxing.core.words import RegionId
from tongxing.services.freshness import REPORTS_FRESH_FOR, Freshness
from tongxing.simulation.founding import HUB
from tongxing.simulation.scenes import HUBEI

TIMES: Final = 10
ROWS_A_CALL: Final = 5
EVERY_SECONDS: Final = 0.25
OTHERS_MAX: Final = 4
_RETRY_SECONDS: Final = 0.1
_LOOK_SECONDS: Final = 0.01


def run_tenfold(ground: Ground, seconds: float, tell: Callable[[str], None] = lambda _: None) -> Result:
    """Have Hubei push as usual for ``seconds``, then ten times as much for as long, while up to four others go on."""
    result, began = Result("ten times the usual volume"), time.monotonic()
    others = [Docking(ground.supply(region), 1) for region in ground.federation.grounds.regions if region != HUBEI]
    others = others[:OTHERS_MAX]
    # Everybody's people are made before anything is measured.
    pushing = {times: Docking(ground.supply(HUBEI), ROWS_A_CALL * times) for times in (1, TIMES)}
    for docking in (*others, *pushing.values()):
        docking.dock(_RETRY_SECONDS)
    rates, late = {}, 0
    for times, name in ((1, "as usual"), (TIMES, f"{TIMES} times as much")):
        tell(f"Hubei pushes {name} for {seconds:.0f} s")
        before, at = len(pushing[times].reports.acknowledged), time.monotonic()
        with pushing_on(pushing[times], EVERY_SECONDS):
            lags = _lags_of(ground, others, seconds)
        rates[times] = (len(pushing[times].reports.acknowledged) - before) / (time.monotonic() - at)
        late += sum(lag > REPORTS_FRESH_FOR.total_seconds() for lag in lags)
        result.done.append((f"Hubei pushed {name}", f"{rates[times]:.0f} reports/s"))
        result.told.append((f"others, Hubei {name}: from sending to visible at the hub, p50", _quantile(lags, 0.5)))
        result.told.append((f"others, Hubei {name}: from sending to visible at the hub, p99", _quantile(lags, 0.99)))
    result.told.append(("reports of others later than they promise", str(late)))
    result.check(not late, f"{late} reports of others were later than they promise")
    result.check(rates[TIMES] > TIMES / 2 * rates[1], f"Hubei did not push ten times as much: {rates}")
    fresh = wait_until(lambda: _fresh(ground, {docking.region for docking in others}))
    result.check(fresh, "the hub does not call the others fresh")
    # Both of Hubei's count on one supply: the second began where the first had left off.
    first, second = (pushing[times].reports for times in (1, TIMES))
    second.first = first.first
    second.sent |= first.sent
    second.acknowledged |= first.acknowledged
    for docking in (pushing[TIMES], *others):
        result.counts += count_region(ground.records, docking)
    result.seconds = time.monotonic() - began
    return result


def _lags_of(ground: Ground, others: list[Docking], seconds: float) -> list[float]:
    """Have others dock for so long; return how long each report took until the hub's record held it."""
    until = time.monotonic() + seconds
    hub = ground.records[HUB]

    def push(docking: Docking) -> list[float]:
        lags = []
        while time.monotonic() < until:
            sent = time.monotonic()
            (number,) = docking.dock(_RETRY_SECONDS)
            while not held_numbers(hub, docking.region, number)[number]:
                time.sleep(_LOOK_SECONDS)
            lags.append(time.monotonic() - sent)
            time.sleep(_RETRY_SECONDS)
        return lags

    with ThreadPoolExecutor(len(others)) as threads:
        return [lag for lags in threads.map(push, others) for lag in lags]


def _quantile(lags: list[float], part: float) -> str:
    ordered = sorted(lags)
    return f"{1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]:.0f} ms of {len(lags)}"


def _fresh(ground: Ground, regions: set[RegionId]) -> bool:
    told = httpx.get(ground.federation.grounds.url(HUB) + "/v1/federation-status", timeout=10, trust_env=False).json()
    states = [each for each in told["datasets"] if each["dataset"] == "reports" and each["region"] in regions]
    return bool(states) and all(each["freshness"] == Freshness.FRESH for each in states)
