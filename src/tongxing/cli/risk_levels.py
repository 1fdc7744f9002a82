"""``tongxing risk levels``: the levels of one day by the rule of February 2020, computed from daily case counts."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from tongxing.app.packaged import load_gazetteer
from tongxing.cli.files import read_file, write_file
from tongxing.cli.output import console, parse_day, print_json
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.crypto.digests import sha256
from tongxing.risk.case_counts import CASES_MAX_BYTES, CaseCounts, PlaceKind, parse_case_counts
from tongxing.risk.case_levels import ASSUMPTIONS, CLUSTER_NEW_CASES, CaseLevels, UnitLevel, rate_case_counts
from tongxing.risk.divisions import Gazetteer
from tongxing.risk.level_table import CountyShare, count_low_counties, encode_level_table
from tongxing.risk.official_list import AreaLevel

SOURCE_MAX_CHARACTERS: Final = 200


def levels(
    cases: Annotated[Path, typer.Option(help="Daily cumulative case counts (CSV).")],
    on: Annotated[str, typer.Option(help="The day, as in 2020-03-21.")],
    *,
    out: Annotated[Path | None, typer.Option(help="Write the small table of levels to this file.")] = None,
    source: Annotated[str | None, typer.Option(help="Where the counts come from; the file's name by default.")] = None,
    cluster_from: Annotated[
        int, typer.Option(min=0, help="More new local cases than this stand for a cluster outbreak.")
    ] = CLUSTER_NEW_CASES,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Compute the levels of cities and counties from case counts; every assumption is told."""
    day = parse_day(on)
    said_source = _check_source(source if source is not None else cases.name)
    data = read_file(cases, CASES_MAX_BYTES)
    gazetteer = load_gazetteer()
    counts = parse_case_counts(data, gazetteer, up_to=day)
    rated = rate_case_counts(counts, gazetteer, on=day, cluster_from=cluster_from)
    if out is not None:
        write_file(out, encode_level_table(rated, gazetteer, _head(rated, said_source, data, cluster_from)))
    share = count_low_counties(rated, gazetteer)
    if as_json:
        print_json(_as_json(rated, counts, share))
    else:
        _print(rated, counts, share, gazetteer)


def _check_source(text: str) -> str:
    if not text.isprintable() or len(text) > SOURCE_MAX_CHARACTERS:
        raise Refused(ProblemId.BAD_REQUEST, f"a source is one line of at most {SOURCE_MAX_CHARACTERS} characters")
    return text


def _head(rated: CaseLevels, source: str, data: bytes, cluster_from: int) -> list[str]:
    chosen = "" if cluster_from == CLUSTER_NEW_CASES else f" --cluster-from {cluster_from}"
    return [
        f"Levels of cities and counties at the end of {rated.on}, by the rule of February 2020.",
        f"Source: {source}; SHA-256 of the file {sha256(data).hex()}",
        f"Made by: tongxing risk levels --cases FILE --on {rated.on}{chosen} --out FILE",
        *(f"Assumed ({name}): {said.en}" for name, said in ASSUMPTIONS.items()),
    ]


def _above_low(rated: CaseLevels) -> list[UnitLevel]:
    return [unit for unit in rated.units if unit.level in (AreaLevel.MEDIUM, AreaLevel.HIGH)]


def _as_json(rated: CaseLevels, counts: CaseCounts, share: CountyShare) -> dict[str, object]:
    by_level = Counter(str(unit.level or "none") for unit in rated.units)
    return {
        "on": rated.on,
        "by_level": dict(by_level),
        "above_low": [
            {"number": unit.number, "level": unit.level, "confirmed": unit.confirmed, "new": unit.new}
            for unit in _above_low(rated)
        ],
        "apart": [
            {"province": one.province, "kind": str(one.kind), "confirmed": one.confirmed, "new": one.new}
            for one in rated.apart
        ],
        "counties": {"surely_low": share.surely_low, "at_most_low": share.at_most_low, "of": share.counties},
        "assumptions": {name: {"zh": said.zh, "en": said.en} for name, said in ASSUMPTIONS.items()},
        "oddities": {str(kind): count for kind, count in counts.oddity_counts.items()},
        "told": [{"kind": str(oddity.kind), "detail": oddity.detail} for oddity in counts.oddities],
    }


def _print(rated: CaseLevels, counts: CaseCounts, share: CountyShare, gazetteer: Gazetteer) -> None:
    table = Table(title=f"{len(rated.units)} cities and counties with counts of their own, on {rated.on}")
    for column in ("number", "name", "level"):
        table.add_column(column)
    for column in ("cases in all", "new in 14 days"):
        table.add_column(column, justify="right")
    for unit in _above_low(rated):
        division = gazetteer.find(unit.number)
        name = division.names[-1] if division is not None else ""
        table.add_row(unit.number, name, str(unit.level), str(unit.confirmed), str(unit.new))
    console.print(table)
    low = sum(unit.level is AreaLevel.LOW for unit in rated.units)
    imported = [one for one in rated.apart if one.kind is PlaceKind.IMPORTED]
    cases, new = sum(one.confirmed for one in imported), sum(one.new for one in imported)
    low_share, most_share = share.surely_low / share.counties, share.at_most_low / share.counties
    at_most = f"at most {share.at_most_low} can be ({most_share:.1%})"
    lines = [
        f"{low} more are low",
        f"imported, shown apart: {cases} cases, {new} new, in {len(imported)} provinces",
        f"counties: {share.surely_low} of {share.counties} are low ({low_share:.1%}), {at_most}",
        *(f"assumed ({name}): {said.en}" for name, said in ASSUMPTIONS.items()),
        *(f"odd ({kind}): {count}" for kind, count in counts.oddity_counts.items()),
    ]
    for line in lines:
        console.print(line, markup=False)
