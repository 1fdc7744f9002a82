"""What the rules of a day cost people: each city to each other city, at every kind of place, counted.

Everybody in it is alike: a person with a current report of level ``00`` (nothing found, causes told), who
shows a code, whose other regions were consulted, and whose origin is known to the city. So what differs
between two pairs is the rules alone, and the risk of the two places. Cities are the prefecture-level units
in use and the four municipalities; nobody is counted within their own city, and each pair counts once,
however many people travel it. Spec: issue *What a rule costs people*; domain sheet, *Origin* and *Outcomes*.

Deciding is the same as at a gate (``CompiledRules``), by the host city's whole stack of tables. A pair is
decided once for each risk of the origin and not once for each origin: hosts see nothing else of it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self

from tongxing.core.causes import Cause
from tongxing.core.checkpoints import Fever
from tongxing.core.levels import Level
from tongxing.core.reports import OriginRisk, Precision
from tongxing.core.verdicts import Measure, Outcome
from tongxing.core.words import PlaceKind, RegionId
from tongxing.risk.case_levels import OUTSIDE_THE_RULE
from tongxing.risk.divisions import CITY_DIGITS, MUNICIPALITIES, PROVINCE_DIGITS, Gazetteer
from tongxing.risk.risk_map import RiskMap
from tongxing.rules.book import RuleBook
from tongxing.rules.deciding import CompiledRules, Decision, compile_stack
from tongxing.rules.rows import Evidence, RegisteredException
from tongxing.rules.situations import Situation
from tongxing.rules.tables import RuleTable


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of pairs by what came of them. ``unread`` are those of ``nothing_asked`` where no code was even read."""

    nothing_asked: int = 0
    measures: int = 0
    referred: int = 0
    stopped: int = 0
    unread: int = 0

    @property
    def total(self) -> int:
        """All pairs counted."""
        return self.nothing_asked + self.measures + self.referred + self.stopped

    def share(self, count: int) -> float:
        """Return the share (0 to 1) that a count is of all; 0 of nothing."""
        return count / self.total if self.total else 0.0

    def __add__(self, other: Self) -> "Tally":
        return Tally(
            self.nothing_asked + other.nothing_asked,
            self.measures + other.measures,
            self.referred + other.referred,
            self.stopped + other.stopped,
            self.unread + other.unread,
        )


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one tally stands: the province of the host, the province of the origin, and the kind of place."""

    host: RegionId
    origin: RegionId
    place_kind: PlaceKind


@dataclass(frozen=True, slots=True)
class HostRun:
    """What one host city does to everybody else: the tallies by origin, the deciding rows, the measures asked.

    ``rows`` and ``measures`` count pairs, as the tallies do; ``exceptions`` count the pairs that a registered
    exception decided, by its public name.
    """

    city: str
    cells: Mapping[Cell, Tally]
    rows: Mapping[str, int]
    measures: Mapping[Measure, int]
    exceptions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DryRun:
    """The whole run. ``risks`` says how many of ``cities`` were at which risk, as of ``risks_as_of`` (aware)."""

    on: date
    risks_as_of: datetime | None
    cities: int
    risks: Mapping[OriginRisk, int]
    cells: Mapping[Cell, Tally]
    rows: Mapping[str, int]
    measures: Mapping[Measure, int]
    exceptions: Mapping[str, int]

    @property
    def regions(self) -> tuple[RegionId, ...]:
        """The provinces that are in the run, in order."""
        return tuple(sorted({cell.host for cell in self.cells} | {cell.origin for cell in self.cells}))

    def total(
        self, *, host: RegionId | None = None, origin: RegionId | None = None, place_kind: PlaceKind | None = None
    ) -> Tally:
        """Return the tally of all cells at a host's province, from an origin's province, at a kind of place."""
        tally = Tally()
        for cell, counted in self.cells.items():
            if (
                (host is None or cell.host == host)
                and (origin is None or cell.origin == origin)
                and (place_kind is None or cell.place_kind is place_kind)
            ):
                tally += counted
        return tally


def list_cities(gazetteer: Gazetteer, year: int) -> tuple[str, ...]:
    """Return the numbers of the cities of a run: four digits, or two for a municipality, in order."""
    cities = []
    for number in gazetteer.numbers():
        division = gazetteer.find(number)
        if division is None or not division.is_in_use(year) or number[:PROVINCE_DIGITS] in OUTSIDE_THE_RULE:
            continue
        if len(number) == CITY_DIGITS or number in MUNICIPALITIES:
            cities.append(number)
    return tuple(cities)


def exceptions_in_force(book: RuleBook, on: date) -> Mapping[str, RegisteredException]:
    """Return the exceptions in force on a day, by public name (``region/table/id``)."""
    return {table.public_name(entry.row.id): entry for table, entry in book.exceptions_on(on)}


def evidence_of_rows(book: RuleBook, on: date) -> Mapping[str, Evidence]:
    """Return how sure every row, exception and ``not_checked`` row of a day's tables is, by public name."""
    found: dict[str, Evidence] = {}
    for table in book.tables:
        if table.days.holds(on):
            found |= {table.public_name(row.id): row.evidence for row in table.rows}
            found |= {table.public_name(entry.row.id): entry.row.evidence for entry in table.exceptions}
            found |= {table.public_name(row.id): row.evidence for row in table.not_checked}
    return found


def run_hosts(
    book: RuleBook, risk: RiskMap, cities: tuple[str, ...], on: date, *, without: AbstractSet[str] = frozenset()
) -> Iterator[HostRun]:
    """Yield what each city as a host does to people from every other one; ``cities`` many.

    ``without`` names exceptions (``region/table/id``) that are taken as not registered.
    Raises ``Undecidable`` where no rule is in force, or none decides.
    """
    risks = {city: risk.risk_of_division(city) for city in cities}
    origins = Counter((RegionId(city[:PROVINCE_DIGITS]), risks[city]) for city in cities)
    compiled: dict[tuple[tuple[str, str], ...], CompiledRules] = {}
    for host in cities:
        stack = book.stack_on(RegionId(host), on)
        key = tuple((table.region, table.site) for table in stack)
        if key not in compiled:
            compiled[key] = compile_stack(tuple(_without(table, without) for table in stack), on)
        others = origins.copy()
        others[RegionId(host[:PROVINCE_DIGITS]), risks[host]] -= 1
        yield _run_host(host, compiled[key], others, risks[host])


def join_hosts(runs: Iterable[HostRun], risk: RiskMap, cities: tuple[str, ...], on: date) -> DryRun:
    """Return the whole run from its hosts' parts."""
    cells: defaultdict[Cell, Tally] = defaultdict(Tally)
    rows: Counter[str] = Counter()
    measures: Counter[Measure] = Counter()
    exceptions: Counter[str] = Counter()
    for run in runs:
        for cell, tally in run.cells.items():
            cells[cell] += tally
        rows.update(run.rows)
        measures.update(run.measures)
        exceptions.update(run.exceptions)
    return DryRun(
        on=on,
        risks_as_of=risk.as_of,
        cities=len(cities),
        risks=Counter(risk.risk_of_division(city) for city in cities),
        cells=dict(cells),
        rows=rows,
        measures=measures,
        exceptions=exceptions,
    )


def situation_of(origin_risk: OriginRisk, place_kind: PlaceKind) -> Situation:
    """Return the situation of the run's person at one kind of place."""
    unknown = origin_risk is OriginRisk.UNKNOWN
    return Situation(
        level=Level.LOW,
        colour_only=False,
        origin_risk=origin_risk,
        others_consulted=True,
        place_kind=place_kind,
        fever=Fever.NOT_MEASURED,
        causes=frozenset({Cause.NOTHING_FOUND}),
        origin_precision=Precision.NONE if unknown else Precision.CITY,
    )


def _run_host(
    host: str, rules: CompiledRules, others: Mapping[tuple[RegionId, OriginRisk], int], place_risk: OriginRisk
) -> HostRun:
    cells: defaultdict[Cell, Tally] = defaultdict(Tally)
    rows: Counter[str] = Counter()
    measures: Counter[Measure] = Counter()
    exceptions: Counter[str] = Counter()
    province = RegionId(host[:PROVINCE_DIGITS])
    for place_kind in PlaceKind:
        unread = rules.decide_unchecked(place_kind, Fever.NOT_MEASURED, place_risk)
        decided = {
            risk: unread or rules.decide(situation_of(risk, place_kind)) for risk in {risk for _, risk in others}
        }
        for (origin, risk), people in others.items():
            if not people:
                continue
            decision = decided[risk]
            cells[Cell(province, origin, place_kind)] += _tally(decision, people, is_unread=unread is not None)
            rows[decision.row] += people
            for measure in decision.measures:
                measures[measure] += people
            if decision.by_exception:
                exceptions[decision.row] += people
    return HostRun(host, dict(cells), rows, measures, exceptions)


def _tally(decision: Decision, people: int, *, is_unread: bool) -> Tally:
    match decision.outcome:
        case Outcome.PASS:
            return Tally(nothing_asked=people, unread=people if is_unread else 0)
        case Outcome.PASS_WITH_MEASURES:
            return Tally(measures=people)
        case Outcome.REFER:
            return Tally(referred=people)
        case Outcome.STOP:
            return Tally(stopped=people)


def _without(table: RuleTable, names: AbstractSet[str]) -> RuleTable:
    kept = tuple(entry for entry in table.exceptions if table.public_name(entry.row.id) not in names)
    return table if len(kept) == len(table.exceptions) else replace(table, exceptions=kept)


def encode_dry_run(run: DryRun) -> dict[str, object]:
    """Return the run as one JSON-able document: counts of pairs, never shares."""
    return {
        "on": run.on.isoformat(),
        "risks_as_of": run.risks_as_of,
        "cities": run.cities,
        "cities_at_risk": {str(risk): run.risks.get(risk, 0) for risk in OriginRisk},
        "total": _encode_tally(run.total()),
        "by_place_kind": {str(kind): _encode_tally(run.total(place_kind=kind)) for kind in PlaceKind},
        "by_host": {region: _encode_tally(run.total(host=region)) for region in run.regions},
        "by_origin": {region: _encode_tally(run.total(origin=region)) for region in run.regions},
        "measures": {str(measure): run.measures[measure] for measure in Measure if measure in run.measures},
        "rows": dict(sorted(run.rows.items())),
        "exceptions": dict(sorted(run.exceptions.items())),
        "cells": [
            {"host": cell.host, "origin": cell.origin, "place_kind": str(cell.place_kind), **_encode_tally(tally)}
            for cell, tally in sorted(run.cells.items(), key=lambda item: _order(item[0]))
        ],
    }


def _order(cell: Cell) -> tuple[str, str, str]:
    return cell.host, cell.origin, cell.place_kind


def _encode_tally(tally: Tally) -> dict[str, int]:
    return {
        "pairs": tally.total,
        "nothing_asked": tally.nothing_asked,
        "unread": tally.unread,
        "measures": tally.measures,
        "referred": tally.referred,
        "stopped": tally.stopped,
    }
