"""One-stop queries over HTTP: at half of what the nodes can, and with two owners of datasets down.

A gateway, the hub and another region's gateway on one core, two owners who answer live and the generator on the other.
Each query is signed, asks about somebody of the other region, and is recorded as a look in both nodes. Beside it stands
the least that a gateway can ask the hub: one signed call that reads what is reported of one person.

Two owners fail at once: one refuses, one accepts and says nothing. While their circuits are closed a query waits for
the second until its deadline; once they are open nobody does. The first is a matter of five failures, so that it is
brought about several times.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from benchmarks.crowd import Crowd, CrowdGenerator
from benchmarks.figures import Figure, Result, Scale, percentile
from benchmarks.load import arrivals
from benchmarks.machine import kept_off, server_core
from benchmarks.two_regions import AT_ONCE, WHOLE, TwoRegions, capacity_of, two_regions
from tongxing.core.limits import ONE_STOP_DEADLINE_SECONDS
from tongxing.services.circuits import PAUSE

LINES: Final = 96
BURST_SECONDS: Final = 0.6
"""Shorter than a query waits for an owner who hangs: all of a burst is asked before any circuit opens."""

_SEED: Final = 7


@dataclass(slots=True)
class _Open:
    """What came of open loops of one kind, in milliseconds; ``whole`` had nothing missing of the live owners."""

    milliseconds: list[float] = field(default_factory=list)
    whole: int = 0
    failed: int = 0

    def add(self, crowd: Crowd) -> None:
        """Add what came of one loop."""
        self.milliseconds += [1000 * each for each in crowd.answered]
        self.whole += len(crowd.answered) - crowd.without
        self.failed += len(crowd.turned_away) + crowd.others.total()


def measure_one_stop(scale: Scale) -> Result:
    """Measure capacity in a closed loop, then open loops at half of it: all well, two owners down, circuits open."""
    with two_regions(scale.crowd_people) as regions, kept_off(server_core()):
        capacity, closed = capacity_of(regions, scale)
        rate = capacity / 2
        queries, reads = _Open(), _Open()
        for _ in range(min(3, scale.rounds)):
            moments = list(arrivals(scale.crowd_queries, rate, _SEED))
            reads.add(_run(regions.hub.port, regions.reads(moments), moments))
            queries.add(_run(regions.gateway.port, regions.one_stops(moments), moments))
        down, paused = _Open(), _Open()
        for _ in range(scale.bursts):
            _close_circuits(regions)
            regions.owners[0].end()
            regions.owners[1].hang()
            moments = list(arrivals(max(1, int(rate * BURST_SECONDS)), rate, _SEED))
            down.add(_run(regions.gateway.port, regions.one_stops(moments), moments))
        moments = list(arrivals(scale.crowd_queries, rate, _SEED))
        paused.add(_run(regions.gateway.port, regions.one_stops(moments), moments))
    least = "one signed call that reads one report, same rate"
    bounded = f"below the deadline, {1000 * ONE_STOP_DEADLINE_SECONDS:.0f} ms"
    figures = [
        Figure("one-stop queries over HTTP, all nodes on one core", capacity, "1/s", "the bare call", closed, ""),
        *_latencies("one-stop query at half load", queries, least, reads),
        *_latencies("two owners down, circuits closed", down, "all owners there", queries, bounded),
        *_latencies("two owners down, circuits open", paused, "all owners there", queries),
    ]
    return Result(
        "one_stop",
        tuple(figures),
        {
            "open loop, a second": round(rate, 1),
            "at once, closed loop": AT_ONCE[-1],
            "people": scale.crowd_people,
            "queries, half load": len(queries.milliseconds),
            "of these with every live owner": queries.whole,
            "queries, circuits closed": len(down.milliseconds),
            "queries, circuits open": len(paused.milliseconds),
            "not answered 200": queries.failed + down.failed + paused.failed,
        },
    )


def _run(port: int, requests: Sequence[bytes], moments: Sequence[float]) -> Crowd:
    generator = CrowdGenerator(port, LINES, WHOLE)
    try:
        return generator.run(requests, moments)
    finally:
        generator.close()


def _close_circuits(regions: TwoRegions) -> None:
    """Let both owners answer again, and a query find that out after the pause."""
    for each in regions.owners:
        each.come_back()
    regions.federation.clock.advance(PAUSE + timedelta(seconds=1))
    _run(regions.gateway.port, regions.one_stops([0.0]), [0.0])


def _latencies(
    name: str, measured: _Open, baseline_name: str, baseline: _Open, wanted: str = ""
) -> tuple[Figure, Figure]:
    p50, p99 = (
        Figure(
            f"{name}, p{percent}",
            percentile(measured.milliseconds, percent),
            "ms",
            f"{baseline_name}, p{percent}",
            percentile(baseline.milliseconds, percent),
            wanted,
        )
        for percent in (50, 99)
    )
    return p50, p99
