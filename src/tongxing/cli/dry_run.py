"""``tongxing rules dry-run``: what the rules of a day cost people, as tables, JSON, a picture, or a whole report.

The risk of the day's places is the table of levels that ships for it, or what ``--cases`` or ``--list`` tell.
``--without`` takes a registered exception away, ``--with`` puts a rule table in the place of the one with its
file's name; then the rules as they ship are run first, and both runs are told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tongxing.app.packaged import RULES, load_case_levels, load_files, load_gazetteer
from tongxing.cli.dry_run_report import Trial, make_report
from tongxing.cli.dry_run_tables import draw_tables
from tongxing.cli.files import read_file, write_file
from tongxing.cli.output import console, parse_day, print_json
from tongxing.core.calendar import BEIJING
from tongxing.core.errors import Refused
from tongxing.core.limits import RISK_LIST_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.core.reports import OriginRisk
from tongxing.core.words import Language, PlaceKind
from tongxing.recognition.dry_run import (
    DryRun,
    encode_dry_run,
    evidence_of_rows,
    exceptions_in_force,
    join_hosts,
    list_cities,
    run_hosts,
)
from tongxing.recognition.heat_map import draw_png, draw_svg
from tongxing.risk.case_counts import CASES_MAX_BYTES, parse_case_counts
from tongxing.risk.case_levels import rate_case_counts
from tongxing.risk.level_table import map_case_levels
from tongxing.risk.official_list import parse_official_list
from tongxing.risk.placing import place_list
from tongxing.risk.risk_map import RiskMap
from tongxing.rules.book import RuleBook, parse_rule_book
from tongxing.rules.rows import RegisteredException
from tongxing.rules.tables import RULE_TABLE_MAX_BYTES

_NOON = time(12)
_progress = Console(stderr=True, highlight=False)


def dry_run(  # noqa: PLR0913 - the options of one command
    on: Annotated[str, typer.Option("--on", help="Beijing day of the rules and the risks: 2020-03-21.")],
    *,
    cases: Annotated[Path | None, typer.Option(help="Daily case counts (CSV): compute the levels of the day.")] = None,
    risk_list: Annotated[Path | None, typer.Option("--list", help="The platform's risk list (JSON) instead.")] = None,
    rules: Annotated[Path | None, typer.Option(help="Folder of rule tables; the packaged ones by default.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="A registered exception to leave out.")] = None,
    with_: Annotated[list[Path] | None, typer.Option("--with", help="A rule table (TOML) to put in.")] = None,
    place: Annotated[PlaceKind | None, typer.Option(help="Only this kind of place, in the pictures.")] = None,
    language: Annotated[Language, typer.Option(help="Language of the SVG.")] = Language.EN,
    svg: Annotated[Path | None, typer.Option(help="Write the heat map to this file.")] = None,
    png: Annotated[Path | None, typer.Option(help="Write the heat map to this file.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the report and its pictures into this folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Count, for each pair of cities and each kind of place, who passes, with what asked, and who does not."""
    day = parse_day(on)
    cities = list_cities(load_gazetteer(), day.year)
    runner = _Runner(cities, day, _find_risk(day, cases, risk_list))
    files = dict(load_files(RULES)) if rules is None else _read_folder(rules)
    shipped = parse_rule_book(files)
    left_out = frozenset(without or ())
    _check_names(left_out, exceptions_in_force(shipped, day), day)
    if report is not None:
        for name, content in make_report(_try_all(runner, shipped, by_levels=risk_list is None)).items():
            write_file(report / name, content)
            console.print(f"written: {report / name}", markup=False)
        return
    runs = {"in force": runner.run(shipped)}
    if left_out or with_:
        put_in = {path.name: read_file(path, RULE_TABLE_MAX_BYTES) for path in with_ or ()}
        runs["changed"] = runner.run(parse_rule_book({**files, **put_in}), left_out)
    _tell(runs, place=place, language=language, svg=svg, png=png, as_json=as_json)


def _tell(
    runs: Mapping[str, DryRun],
    *,
    place: PlaceKind | None,
    language: Language,
    svg: Path | None,
    png: Path | None,
    as_json: bool,
) -> None:
    """Write the pictures of the last run, and print all."""
    last = list(runs.values())[-1]
    if svg is not None:
        write_file(svg, draw_svg(last, language, place_kind=place).encode())
    if png is not None:
        write_file(png, draw_png(last, place_kind=place))
    if as_json:
        print_json({name.replace(" ", "_"): encode_dry_run(one) for name, one in runs.items()})
        return
    for name, one in runs.items():
        for table in draw_tables(one, name):
            console.print(table)


def _try_all(runner: "_Runner", book: RuleBook, *, by_levels: bool) -> Trial:
    """Run the rules in force, then without each exception that decided anything, then without all of them."""
    run = runner.run(book)
    gazetteer = load_gazetteer()
    names = {city: gazetteer.find(city) for city in runner.cities}
    return Trial(
        run=run,
        exceptions=exceptions_in_force(book, runner.on),
        without={name: runner.run(book, frozenset({name})) for name in sorted(run.exceptions)},
        without_all=runner.run(book, frozenset(run.exceptions)) if run.exceptions else None,
        cities=[
            (division.names[-1], risk)
            for city, division in names.items()
            if division is not None and (risk := runner.risk.risk_of_division(city)) is not OriginRisk.LOW
        ],
        evidence=evidence_of_rows(book, runner.on),
        command=f"tongxing rules dry-run --on {runner.on} --report docs",
        by_levels=by_levels,
    )


@dataclass(frozen=True, slots=True)
class _Runner:
    """One day's cities and risks, for any rules; each run is shown by a bar on standard error."""

    cities: tuple[str, ...]
    on: date
    risk: RiskMap

    def run(self, book: RuleBook, without: frozenset[str] = frozenset()) -> DryRun:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=_progress, transient=True) as progress:
            hosts = run_hosts(book, self.risk, self.cities, self.on, without=without)
            tracked = progress.track(hosts, len(self.cities), description="cities")
            return join_hosts(tracked, self.risk, self.cities, self.on)


def _find_risk(on: date, cases: Path | None, risk_list: Path | None) -> RiskMap:
    gazetteer = load_gazetteer()
    if cases is not None and risk_list is not None:
        raise Refused(ProblemId.BAD_REQUEST, "--cases and --list both tell the risk: give one of them")
    if risk_list is not None:
        data = read_file(risk_list, RISK_LIST_MAX_BYTES)
        # A list tells of its own hour; whoever runs another day with it means to.
        official = parse_official_list(data, at=datetime.combine(date.max, _NOON, BEIJING))
        return RiskMap.of(place_list(official, gazetteer))
    if cases is not None:
        counts = parse_case_counts(read_file(cases, CASES_MAX_BYTES), gazetteer, up_to=on)
        return map_case_levels(rate_case_counts(counts, gazetteer, on=on), gazetteer)
    levels = load_case_levels(on)
    if levels is None:
        raise Refused(
            ProblemId.BAD_REQUEST, f"no levels ship for {on}: give --cases (case counts) or --list (a risk list)"
        )
    return map_case_levels(levels, gazetteer)


def _read_folder(folder: Path) -> dict[str, bytes]:
    files = {path.name: read_file(path, RULE_TABLE_MAX_BYTES) for path in sorted(folder.glob("*.toml"))}
    if not files:
        raise Refused(ProblemId.BAD_REQUEST, f"{folder}: no rule table (*.toml) in it")
    return files


def _check_names(names: frozenset[str], known: Mapping[str, RegisteredException], on: date) -> None:
    for name in sorted(names - known.keys()):
        there = ", ".join(sorted(known)) or "none"
        raise Refused(ProblemId.BAD_REQUEST, f"no exception {name[:80]!r} is in force on {on}; in force: {there}")
