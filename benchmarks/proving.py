"""Proving rule tables, on one core: the shipped ones, and the largest table that can be read.

The largest table breaks no law, so that nothing is left out: a counter-example ends a proof early. It has as many
rows as a table may have and begins and ends them on twenty days; a second one of that size stands on it, as a
city on its province. The baseline answers only the first of the proof's questions, whether every situation has a
row, and only for the 720 situations of seven inputs, by deciding each of them on each day of change.
"""

import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Final

from benchmarks.figures import Figure, Result, Scale
from benchmarks.machine import pinned_to, server_core
from tests.unit.rules.broken import FILES
from tests.unit.rules.tables import EVERY_SITUATION
from tongxing.core.reports import OriginRisk
from tongxing.core.words import PlaceKind
from tongxing.rules.book import parse_rule_book
from tongxing.rules.deciding import compile_stack
from tongxing.rules.proof import find_in_stack
from tongxing.rules.stacks import Stack, stacks_of
from tongxing.rules.table_file import ROWS_MAX

WANTED: Final = "under 5 s"
_BASELINE: Final = "720 situations decided on each day of change"
_FIRST_DAY: Final = date(2020, 4, 1)
_PERIODS: Final = 4
_PERIOD: Final = timedelta(days=28)
_ROUNDS_MAX: Final = 5


def measure_proving(scale: Scale) -> Result:
    """Prove everything that is shipped, the largest table, and the largest on top of the largest."""
    rounds = min(scale.rounds, _ROUNDS_MAX)
    shipped = list(stacks_of(parse_rule_book(FILES)))
    book = parse_rule_book(
        {**FILES, "44.toml": write_largest_table("44").encode(), "4401.toml": write_largest_table("4401").encode()}
    )
    largest = {str(stack.own.table.region): stack for stack in stacks_of(book)}
    with pinned_to(server_core()):
        each = [_seconds(_prove, stack, rounds) for stack in shipped]
        figures = [
            _figure("proof of all shipped tables", sum(each), shipped),
            _figure("proof of the slowest shipped table", max(each), [shipped[each.index(max(each))]]),
            *(
                _figure(name, _seconds(_prove, stack, rounds), [stack])
                for name, stack in (
                    (f"proof of a table of {ROWS_MAX} rows", largest["44"]),
                    (f"proof of a table of {ROWS_MAX} rows on another of them", largest["4401"]),
                )
            ),
        ]
    return Result("proving", tuple(figures), {"rounds": rounds, "shipped tables": len(shipped)})


def write_largest_table(region: str) -> str:
    """Return the file of a table of ``ROWS_MAX`` rows that breaks no law: by place and period, risk and level."""
    rows = []
    for period, (place, risk, level) in product(
        range(_PERIODS), product(PlaceKind, (OriginRisk.MEDIUM, OriginRisk.HIGH), ("low", "medium"))
    ):
        first = _FIRST_DAY + period * _PERIOD + timedelta(days=list(PlaceKind).index(place))
        asked = "stay_at_observation_point" if risk is OriginRisk.HIGH else "isolate_at_home_14_days"
        rows.append(f"""
[[row]]
id = "{place}_{risk}_{level}_{period}"
when = {{ level = ["{level}"], origin_risk = ["{risk}"], place_kind = ["{place}"], fever = ["not_measured", "normal"] }}
outcome = "PASS_WITH_MEASURES"
measures = ["{asked}"{', "declare_stay"' if period % 2 else ""}]
reason = "origin_{risk}"
legal_basis = "试验"
evidence = "assumed"
first_day = {first}
last_day = {first + _PERIOD - timedelta(days=1)}
""")
    if len(rows) != ROWS_MAX:
        raise LookupError(f"a table may have {ROWS_MAX} rows, and this one has {len(rows)}")
    head = f'[table]\nregion = "{region}"\nid = "largest"\nname = {{ zh = "试验", en = "trial" }}\n'
    return f"{head}first_day = 2020-03-18\n{''.join(rows)}"


def _figure(name: str, seconds: float, stacks: list[Stack]) -> Figure:
    baseline = sum(_seconds(_decide_each, stack, 1) for stack in stacks)
    return Figure(name, seconds * 1e3, "ms", _BASELINE, baseline * 1e3, WANTED)


def _seconds(work: Callable[[Stack], None], stack: Stack, rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        work(stack)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def _prove(stack: Stack) -> None:
    found = find_in_stack.__wrapped__(stack)  # without what was proven before
    if found:
        raise LookupError(f"{stack.own.name} breaks a law: {found[0].sentence.en}")


def _decide_each(stack: Stack) -> None:
    for day in stack.days_of_change():
        rules = compile_stack([version.table for version in (stack.own, *stack.below)], day)
        for situation in EVERY_SITUATION:
            rules.decide(situation)
