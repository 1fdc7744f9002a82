"""Deciding by rule tables, on one core: the largest table that can be read, beside a function written by hand for it.

The table has as many rows as a table may have, over five inputs. The function does the same with ifs, as a
careful programmer would write it, and is checked to agree on every situation that is measured. The largest
stack of the shipped tables is measured beside it. Short rounds of both alternate; each figure is the median.
"""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date
from itertools import product
from typing import Final

from benchmarks.figures import Figure, Result, Scale, quartiles
from benchmarks.machine import pinned_to, server_core
from tests.world import data_file
from tongxing.core.checkpoints import Fever
from tongxing.core.levels import Level
from tongxing.core.proofs import TestBand
from tongxing.core.reports import OriginRisk, Precision
from tongxing.core.words import PlaceKind, RegionId
from tongxing.rules.book import parse_rule_book
from tongxing.rules.deciding import CompiledRules, Decision, compile_stack
from tongxing.rules.situations import Situation
from tongxing.rules.table_file import ROWS_MAX
from tongxing.rules.tables import parse_rule_table

WANTED: Final = "at least 0.3 of the baseline, or 200,000/s"
_ON: Final = date(2022, 7, 1)
_SITUATIONS: Final = 2_000
_FRESH: Final = (TestBand.WITHIN_24_H, TestBand.WITHIN_48_H)
_OLD: Final = (TestBand.WITHIN_72_H, TestBand.WITHIN_7_DAYS, TestBand.OLDER)
_NO_TEST: Final = (TestBand.NONE, TestBand.UNKNOWN)
_SHIPPED: Final = ("national", "11", "34", "42", "44", "4401", "45", "54")


def measure_rules(scale: Scale) -> Result:
    """Measure the largest table, and the largest stack of those that are shipped."""
    largest = compile_stack((parse_rule_table(write_largest_table().encode()),), _ON)
    shipped = _largest_shipped()
    situations = make_situations(_SITUATIONS if scale.rounds > 1 else 20)
    by_hand = _ByHand(largest)
    for situation in situations:
        if largest.decide(situation) is not by_hand.decide(situation):
            raise LookupError(f"the function written by hand decides otherwise: {situation.sentence().en}")
    with pinned_to(server_core()):
        rounds = [
            [_seconds_of(decide, situations) for decide in (largest.decide, by_hand.decide, shipped.decide)]
            for _ in range(scale.rounds)
        ]
    ours, theirs, packaged = zip(*rounds, strict=True)
    hand = 1 / statistics.median(theirs)
    name = "a function written by hand for the largest table"
    return Result(
        "rules",
        (
            Figure(
                f"decisions by the largest table ({ROWS_MAX} rows)",
                1 / statistics.median(ours),
                "1/s",
                name,
                hand,
                WANTED,
                quartiles([1 / each for each in ours]),
            ),
            Figure(
                f"decisions by the largest shipped stack ({len(shipped.rows)} rows)",
                1 / statistics.median(packaged),
                "1/s",
                name,
                hand,
                WANTED,
                quartiles([1 / each for each in packaged]),
            ),
        ),
        {"rounds": scale.rounds, "situations a round": len(situations)},
    )


def make_situations(count: int) -> list[Situation]:
    """Return situations drawn evenly from all values of the five inputs, the same ones each time."""
    draw = random.Random(4)
    return [
        Situation(
            level=draw.choice(list(Level)),
            colour_only=False,
            origin_risk=risk,
            others_consulted=True,
            place_kind=draw.choice(list(PlaceKind)),
            fever=draw.choice(list(Fever)),
            origin_precision=Precision.NONE if risk is OriginRisk.UNKNOWN else Precision.EXACT,
            test=draw.choice(list(TestBand)),
        )
        for risk in (draw.choice(list(OriginRisk)) for _ in range(count))
    ]


def write_largest_table() -> str:
    """Return the file of a table with ``ROWS_MAX`` rows: four that speak of everybody, then a grid of sixty."""
    rows = [
        ("high", 'level = ["high"]', "STOP", "level_high", ""),
        ("fever", 'fever = ["fever"]', "REFER", "fever_measured_here", ""),
        ("medium", 'level = ["medium"]', "PASS_WITH_MEASURES", "level_medium", _MEASURE),
        ("positive", 'test = ["positive"]', "REFER", "positive_proof", ""),
    ]
    for place, risk, (name, bands) in product(PlaceKind, OriginRisk, _BANDS):
        listed = ", ".join(f'"{band.value}"' for band in bands)
        when = f'level = ["low"], place_kind = ["{place.value}"], origin_risk = ["{risk.value}"], test = [{listed}]'
        rows.append((f"{place.value}_{risk.value}_{name}", when, "PASS_WITH_MEASURES", "local_measures", _MEASURE))
    return _HEAD + "".join(
        f'[[row]]\nid = "{row_id}"\nwhen = {{ {when} }}\noutcome = "{outcome}"\nreason = "{reason}"\n'
        f'legal_basis = "试验"\nevidence = "assumed"\n{more}\n'
        for row_id, when, outcome, reason, more in rows
    )


_MEASURE: Final = 'measures = ["take_temperature"]'
_BANDS: Final = (("fresh", _FRESH), ("old", _OLD), ("none", _NO_TEST))
_HEAD: Final = """
[table]
region = "99"
id = "largest"
name = { zh = "试验", en = "trial" }
first_day = 2020-03-18

"""


class _ByHand:
    """The largest table as ifs, what somebody would write who needs nothing but its answers."""

    def __init__(self, rules: CompiledRules) -> None:
        self._decisions = [rules.decision_of(position) for position in range(len(rules.rows))]

    def decide(self, situation: Situation) -> Decision:  # noqa: C901, PLR0912 - this is what tables spare people
        """Return the same decision as the table."""
        if situation.level is Level.HIGH:
            return self._decisions[0]
        if situation.fever is Fever.FEVER:
            return self._decisions[1]
        if situation.level is Level.MEDIUM:
            return self._decisions[2]
        test = situation.test
        if test is TestBand.POSITIVE:
            return self._decisions[3]
        place = situation.place_kind
        if place is PlaceKind.TRAFFIC_GATE:
            position = 4
        elif place is PlaceKind.RESIDENTIAL_COMPOUND:
            position = 19
        elif place is PlaceKind.FACTORY:
            position = 34
        else:
            position = 49
        risk = situation.origin_risk
        if risk is OriginRisk.MEDIUM:
            position += 3
        elif risk is OriginRisk.HIGH:
            position += 6
        elif risk is OriginRisk.MIXED:
            position += 9
        elif risk is OriginRisk.UNKNOWN:
            position += 12
        if test is TestBand.WITHIN_24_H or test is TestBand.WITHIN_48_H:
            return self._decisions[position]
        if test is TestBand.UNKNOWN or test is TestBand.NONE:
            return self._decisions[position + 2]
        return self._decisions[position + 1]


def _largest_shipped() -> CompiledRules:
    book = parse_rule_book({f"{name}.toml": data_file("rules", f"{name}.toml") for name in _SHIPPED})
    stacks = [compile_stack(book.stack_on(RegionId(name), _ON), _ON) for name in _SHIPPED[1:]]
    return max(stacks, key=lambda stack: len(stack.rows))


def _seconds_of(decide: Callable[[Situation], Decision], situations: Sequence[Situation]) -> float:
    """Return the seconds that each decision takes."""
    started = time.perf_counter()
    for situation in situations:
        decide(situation)
    return (time.perf_counter() - started) / len(situations)
