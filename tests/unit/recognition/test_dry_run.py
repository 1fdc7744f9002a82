"""The dry run: what is counted, of whom, and that counting once for each risk counts what each pair would be told."""

from collections import Counter
from datetime import date, datetime
from typing import Any

import pytest

from tongxing.app.packaged import RULES, load_case_levels, load_files, load_gazetteer
from tongxing.core.calendar import BEIJING
from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import Measure, Outcome
from tongxing.core.words import PlaceKind, RegionId
from tongxing.recognition.dry_run import (
    DryRun,
    Tally,
    encode_dry_run,
    evidence_of_rows,
    exceptions_in_force,
    join_hosts,
    list_cities,
    run_hosts,
    situation_of,
)
from tongxing.risk.level_table import map_case_levels
from tongxing.risk.risk_map import RiskMap
from tongxing.rules.book import RuleBook, parse_rule_book
from tongxing.rules.deciding import compile_stack
from tongxing.rules.rows import Evidence
from tongxing.rules.situations import is_possible

SPRING = date(2020, 3, 21)
SUMMER_2022 = date(2022, 7, 1)
HUBEIS, BEIJINGS = "42/hubei/conditional_recognition", "11/beijing/conditional_recognition"
CITIES = ("11", "4201", "4203", "4401", "4501")
KINDS = len(PlaceKind)


def book_of_the_package() -> RuleBook:
    return parse_rule_book(load_files(RULES))


def risks(**by_city: OriginRisk) -> RiskMap:
    """Return a map in which each named city (``c4201``) has its risk and every other one of the five is low."""
    known = dict.fromkeys(CITIES, OriginRisk.LOW) | {city[1:]: risk for city, risk in by_city.items()}
    return RiskMap(datetime(2020, 3, 21, tzinfo=BEIJING), known)


def run(risk: RiskMap, *, on: date = SPRING, without: frozenset[str] = frozenset()) -> DryRun:
    return join_hosts(run_hosts(book_of_the_package(), risk, CITIES, on, without=without), risk, CITIES, on)


def test_each_city_meets_each_other_one_at_each_kind_of_place_and_nobody_itself() -> None:
    told = run(risks())
    pairs = len(CITIES) * (len(CITIES) - 1)
    assert told.total().total == pairs * KINDS
    assert all(told.total(place_kind=kind).total == pairs for kind in PlaceKind)
    assert told.total(host=RegionId("11"), origin=RegionId("11")).total == 0
    assert told.total(host=RegionId("42"), origin=RegionId("42")).total == 2 * KINDS


def test_between_low_risk_cities_everybody_passes_with_nothing_asked_but_for_the_exceptions() -> None:
    told = run(risks())
    decided_by_exception = (2 + 1) * (len(CITIES) - 1) * KINDS
    assert told.total() == Tally(nothing_asked=told.total().total - decided_by_exception, measures=decided_by_exception)
    assert told.exceptions == {HUBEIS: 2 * (len(CITIES) - 1) * KINDS, BEIJINGS: (len(CITIES) - 1) * KINDS}
    assert told.measures[Measure.DECLARE_STAY] == decided_by_exception


def test_without_an_exception_those_whom_it_concerned_pass_and_nobody_else_is_treated_otherwise() -> None:
    risk = risks(c4401=OriginRisk.MEDIUM)
    before, after = run(risk), run(risk, without=frozenset({HUBEIS}))
    assert after.exceptions == {BEIJINGS: before.exceptions[BEIJINGS]}
    gained = after.total().nothing_asked - before.total().nothing_asked
    assert gained == before.exceptions[HUBEIS] > 0
    for cell, tally in before.cells.items():
        assert cell.host == "42" or after.cells[cell] == tally


def test_who_comes_from_elsewhere_than_a_low_risk_city_is_counted_by_what_the_host_asks() -> None:
    told = run(risks(c4201=OriginRisk.HIGH, c4401=OriginRisk.MIXED, c4501=OriginRisk.UNKNOWN))
    to_beijing = {origin: told.total(host=RegionId("11"), origin=RegionId(origin)) for origin in ("44", "45")}
    assert to_beijing == {"44": Tally(referred=KINDS), "45": Tally(referred=KINDS)}
    assert told.measures[Measure.STAY_AT_OBSERVATION_POINT] == (len(CITIES) - 1) * KINDS


def test_counting_once_for_each_risk_counts_what_each_pair_would_be_told() -> None:
    """All cities of the real day: each pair decided by itself, as a gate would."""
    book, gazetteer = book_of_the_package(), load_gazetteer()
    levels = load_case_levels(SPRING)
    assert levels is not None
    risk = map_case_levels(levels, gazetteer)
    cities = list_cities(gazetteer, SPRING.year)[::5]
    told = join_hosts(run_hosts(book, risk, cities, SPRING), risk, cities, SPRING)
    outcomes: Counter[Outcome] = Counter()
    rows: Counter[str] = Counter()
    for host in cities:
        rules = compile_stack(book.stack_on(RegionId(host), SPRING), SPRING)
        for origin in cities:
            for kind in PlaceKind if origin != host else ():
                decision = rules.decide(situation_of(risk.risk_of_division(origin), kind))
                outcomes[decision.outcome] += 1
                rows[decision.row] += 1
    total = told.total()
    assert told.rows == rows
    assert {Outcome.PASS: total.nothing_asked, Outcome.PASS_WITH_MEASURES: total.measures} == outcomes
    assert total.referred == total.stopped == 0


def test_where_no_code_is_read_nobody_is_asked_for_anything_and_that_is_told() -> None:
    low, mixed = run(risks(), on=SUMMER_2022), run(risks(c4501=OriginRisk.MIXED), on=SUMMER_2022)
    pairs = len(CITIES) * (len(CITIES) - 1)
    assert low.total().unread == low.total().nothing_asked - pairs == pairs * (KINDS - 1)
    assert low.total(place_kind=PlaceKind.TRAFFIC_GATE).unread == 0
    assert mixed.total(host=RegionId("45")).unread == 0


@pytest.mark.parametrize("risk", OriginRisk)
@pytest.mark.parametrize("kind", PlaceKind)
def test_the_person_of_the_run_can_exist(risk: OriginRisk, kind: PlaceKind) -> None:
    assert is_possible(situation_of(risk, kind), SPRING)


def test_the_cities_are_the_prefectures_in_use_and_the_four_municipalities() -> None:
    cities = list_cities(load_gazetteer(), 2020)
    assert {"11", "12", "31", "50"} == {city for city in cities if len(city) == 2}
    assert all(len(city) == 4 for city in cities if city not in {"11", "12", "31", "50"})
    assert "4201" in cities
    assert "3712" not in cities, "Laiwu was joined to Jinan before 2020"
    assert not any(city.startswith(("71", "81", "82")) for city in cities)


def test_the_exceptions_of_march_2020_are_in_force_then_and_gone_by_themselves_later() -> None:
    book = book_of_the_package()
    assert {HUBEIS, BEIJINGS} <= exceptions_in_force(book, SPRING).keys()
    assert not {HUBEIS, BEIJINGS} & exceptions_in_force(book, date(2020, 4, 30)).keys()


def test_each_row_that_decides_says_how_sure_it_is() -> None:
    for on in (SPRING, SUMMER_2022):
        evidence = evidence_of_rows(book_of_the_package(), on)
        assert all(isinstance(evidence[row], Evidence) for row in run(risks(), on=on).rows)


def test_the_document_counts_the_same_pairs_in_every_way() -> None:
    told: Any = encode_dry_run(run(risks(c4201=OriginRisk.HIGH)))
    for parts in ("by_place_kind", "by_host", "by_origin"):
        assert Counter(told["total"]) == sum((Counter(tally) for tally in told[parts].values()), Counter())
    assert Counter(told["rows"]).total() == sum(cell["pairs"] for cell in told["cells"]) == told["total"]["pairs"]
