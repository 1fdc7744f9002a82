"""A surge on the one-stop query: three and ten times as much as the nodes can, in an open loop, for a minute each.

A gateway, the hub and another region's gateway share one core; the generator has the other, and needs no throttled
server to offer ten times: what is turned away costs both little. Goodput counts queries that were answered 200 within a
second of the moment at which they were due; all others must be told 503 with a moment to come again.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from benchmarks.crowd import IN_TIME_SECONDS, Crowd, CrowdGenerator
from benchmarks.figures import Figure, Result, Scale, percentile
from benchmarks.load import arrivals
from benchmarks.machine import kept_off, server_core
from benchmarks.two_regions import WHOLE, TwoRegions, capacity_of, two_regions
from tongxing.core.limits import RETRY_AFTER_SECONDS_MAX

TIMES: Final = (3, 10)
LINES: Final = 400
_SEED: Final = 11
_MAKING: Final = timedelta(minutes=10)


def measure_surge(scale: Scale) -> Result:
    """Measure capacity in a closed loop; then offer three and ten times as much."""
    crowds = {}
    with two_regions(scale.crowd_people) as regions, kept_off(server_core()):
        capacity, _ = capacity_of(regions, scale)
        for times in TIMES:
            crowds[times] = _surge(regions, times * capacity, scale.surge_seconds)
    figures = [figure for times, crowd in crowds.items() for figure in _figures(times, crowd, capacity)]
    setting: dict[str, str | int | float] = {"people": scale.crowd_people, "connections": LINES}
    for times, crowd in crowds.items():
        setting |= {
            f"{times} times: offered a second": round(crowd.offered / crowd.seconds, 1),
            f"{times} times: seconds": round(crowd.seconds, 1),
            f"{times} times: answered 200": len(crowd.answered),
            f"{times} times: of these without details": crowd.without,
            f"{times} times: told to come again": len(crowd.turned_away),
            f"{times} times: told in 1 to {RETRY_AFTER_SECONDS_MAX} s": str(sorted(crowd.come_again.items())),
            f"{times} times: anything else": str(sorted((+crowd.others).items())),
            f"{times} times: generator late, 99 % (ms)": round(1000 * percentile(crowd.sent_late, 99), 3),
        }
    return Result("surge", tuple(figures), setting)


def _surge(regions: TwoRegions, a_second: float, seconds: float) -> Crowd:
    """Offer so much. Requests are signed beforehand for the moments at which they are due; the clock is set to them."""
    moments = list(arrivals(max(1, int(a_second * seconds)), a_second, _SEED))
    begins = regions.federation.clock.now() + _MAKING
    requests = regions.one_stops(moments, begins)
    generator = CrowdGenerator(regions.gateway.port, LINES, WHOLE)
    try:
        regions.federation.clock.set(begins)
        return generator.run(requests, moments)
    finally:
        generator.close()


def _figures(times: int, crowd: Crowd, capacity: float) -> Iterator[Figure]:
    name = f"at {times} times capacity"
    rest = max(1, crowd.offered - len(crowd.answered))
    yield Figure(
        f"goodput {name}", crowd.in_time_a_second, "1/s", "capacity, closed loop", capacity, "ratio at least 0.9"
    )
    yield Figure(
        f"p99 of those let in, {name}", crowd.milliseconds(99), "ms", "in time", 1000 * IN_TIME_SECONDS, "below 1000 ms"
    )
    yield Figure(
        f"told when to come again, {name}", len(crowd.turned_away), "queries", "all others than those answered", rest,
        "ratio 1",
    )  # fmt: skip
    yield Figure(
        f"offered {name}",
        crowd.offered / crowd.seconds,
        "1/s",
        "to be offered",
        times * capacity,
        "else the generator could not; ratio at least 0.95",
    )
