"""What a benchmark gives: figures, each with its baseline and their ratio; and how large a run is."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a run is. ``FULL`` gives figures; ``TINY`` only shows that a benchmark runs."""

    name: str
    rounds: int
    codes_a_round: int
    scans_a_round: int
    open_loop_scans: int
    connections: int
    pictures: int
    records: int
    starts: int
    crowd_people: int
    crowd_queries: int
    bursts: int
    surge_seconds: float
    probes: int
    subjects: tuple[int, ...]
    keep: Path | None = None
    """Where loaded records stand from one run to the next; without it they are as few as can be loaded each time."""


FULL = Scale(
    "full",
    rounds=401,
    codes_a_round=30,
    scans_a_round=3_000,
    open_loop_scans=4_000,
    connections=96,
    pictures=300,
    records=24_000,
    starts=5,
    crowd_people=500,
    crowd_queries=1_000,
    bursts=5,
    surge_seconds=60.0,
    probes=200,
    subjects=(100_000, 1_000_000, 10_000_000, 20_000_000),
)
TINY = Scale(
    "tiny",
    rounds=1,
    codes_a_round=5,
    scans_a_round=20,
    open_loop_scans=20,
    connections=2,
    pictures=2,
    records=600,
    starts=1,
    crowd_people=10,
    crowd_queries=20,
    bursts=1,
    surge_seconds=0.5,
    probes=2,
    subjects=(300, 600),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value beside what it is compared with. ``ratio`` is ``value / baseline``.

    ``wanted`` says what the value or the ratio should be, in words; most figures want nothing.
    """

    name: str
    value: float
    unit: str
    baseline_name: str
    baseline: float
    wanted: str = ""
    spread: tuple[float, float] | None = None

    @property
    def ratio(self) -> float:
        """The value in terms of its baseline."""
        return self.value / self.baseline


@dataclass(frozen=True, slots=True)
class Result:
    """All figures of one benchmark; ``setting`` tells what they depend on."""

    benchmark: str
    figures: tuple[Figure, ...]
    setting: dict[str, str | int | float] = field(default_factory=dict)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest of ``values`` that at least ``percent`` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, -int(-len(ordered) * percent // 100) - 1))]


def quartiles(values: Sequence[float]) -> tuple[float, float]:
    """Return the first and the third quartile, the spread that is told beside a median."""
    if len(values) < 2:
        return values[0], values[0]
    first, _, third = statistics.quantiles(values, n=4, method="inclusive")
    return first, third
