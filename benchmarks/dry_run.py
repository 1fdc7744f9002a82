"""What the rules of a day cost people: how long the whole count takes, in process on one core.

All cities to all others at every kind of place, by the shipped tables and the levels that ship for the day; the
tables are compiled anew in each round. The baseline decides every encounter by itself, as a gate would, with the
tables compiled beforehand.
"""

import statistics
import time
from datetime import date
from typing import Final

from benchmarks.figures import FULL, Figure, Result, Scale
from benchmarks.machine import pinned_to, server_core
from tongxing.app.packaged import RULES, load_case_levels, load_files, load_gazetteer
from tongxing.core.words import PlaceKind, RegionId
from tongxing.recognition.dry_run import join_hosts, list_cities, run_hosts, situation_of
from tongxing.risk.level_table import map_case_levels
from tongxing.risk.risk_map import RiskMap
from tongxing.rules.book import RuleBook, parse_rule_book
from tongxing.rules.deciding import compile_stack

ON: Final = date(2020, 3, 21)
_CITIES_WHEN_TINY: Final = 12


def measure_dry_run(scale: Scale) -> Result:
    """Measure the whole run, and deciding each encounter by itself."""
    book = parse_rule_book(load_files(RULES))
    levels = load_case_levels(ON)
    if levels is None:
        raise LookupError(f"no levels ship for {ON}")
    risk = map_case_levels(levels, load_gazetteer())
    cities = list_cities(load_gazetteer(), ON.year)
    if scale is not FULL:
        cities = cities[:_CITIES_WHEN_TINY]
    counted, decided = [], []
    with pinned_to(server_core()):
        for _ in range(scale.starts):
            counted.append(_seconds_of_run(book, risk, cities))
            decided.append(_seconds_one_by_one(book, risk, cities))
    return Result(
        "dry_run",
        (
            Figure(
                "dry run of every pair of cities",
                statistics.median(counted),
                "s",
                "each encounter decided by itself",
                statistics.median(decided),
                "seconds",
            ),
        ),
        {"cities": len(cities), "encounters": len(cities) * (len(cities) - 1) * len(PlaceKind), "rounds": scale.starts},
    )


def _seconds_of_run(book: RuleBook, risk: RiskMap, cities: tuple[str, ...]) -> float:
    started = time.perf_counter()
    join_hosts(run_hosts(book, risk, cities, ON), risk, cities, ON)
    return time.perf_counter() - started


def _seconds_one_by_one(book: RuleBook, risk: RiskMap, cities: tuple[str, ...]) -> float:
    rules = {host: compile_stack(book.stack_on(RegionId(host), ON), ON) for host in cities}
    risks = {city: risk.risk_of_division(city) for city in cities}
    started = time.perf_counter()
    for host in cities:
        for origin in cities:
            if origin != host:
                for kind in PlaceKind:
                    rules[host].decide(situation_of(risks[origin], kind))
    return time.perf_counter() - started
