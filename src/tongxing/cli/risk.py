"""``tongxing risk``: read the platform's risk list, report how its rows were placed, publish it at the hub."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from tongxing.app.packaged import load_gazetteer
from tongxing.cli.calling import calling_node
from tongxing.cli.files import read_file
from tongxing.cli.output import console, parse_moment, print_json
from tongxing.cli.risk_levels import levels
from tongxing.core.errors import Refused
from tongxing.core.limits import RISK_LIST_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.risk.import_report import ImportReport
from tongxing.services.risk_import import import_risk_list

app = typer.Typer(help="Risk areas.", no_args_is_help=True)
app.command()(levels)


@app.callback()
def risk() -> None:
    """Risk areas."""


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="The list as the platform answered it (JSON).")],
    *,
    hub: Annotated[str | None, typer.Option(help="Publish it at this hub.")] = None,
    key: Annotated[Path | None, typer.Option(help="The operator's key file, for --hub.")] = None,
    at: Annotated[str | None, typer.Option(help="Moment of the import; now by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Place every row of a list and report how many how well; with --hub publish it in the next bundle."""
    data = read_file(file, RISK_LIST_MAX_BYTES)
    moment = parse_moment(at) if at is not None else datetime.now(UTC)
    report = import_risk_list(data, load_gazetteer(), at=moment).report
    if as_json:
        print_json(_as_json(report))
    else:
        _print(report)
    if hub is not None:
        if key is None:
            raise Refused(ProblemId.BAD_REQUEST, "--hub needs the operator's --key")
        number = asyncio.run(_publish(hub, key, data))
        console.print(f"published in bundle {number}", markup=False)


async def _publish(hub: str, key: Path, data: bytes) -> object:
    async with calling_node(hub, key) as caller:
        return (await caller.publish_risk_list(data))["number"]


def _as_json(report: ImportReport) -> dict[str, object]:
    return {
        "as_of": report.as_of,
        "entries": report.entries,
        "by_placement": {
            str(placement): {"entries": count, "share": round(report.share_of(placement), 5)}
            for placement, count in report.by_placement.items()
        },
        "by_level": {str(level): count for level, count in report.by_level.items()},
        "whole_units": report.whole_units,
        "all_but_the_above": report.rests,
        "oddities": {str(kind): count for kind, count in report.oddity_counts.items()},
        "told": [{"kind": str(oddity.kind), "detail": oddity.detail} for oddity in report.oddities],
    }


def _print(report: ImportReport) -> None:
    table = Table(title=f"{report.entries} entries as of {report.as_of:%Y-%m-%d %H:%M}Z")
    table.add_column("placed")
    table.add_column("entries", justify="right")
    table.add_column("share", justify="right")
    for placement, count in report.by_placement.items():
        table.add_row(str(placement), str(count), f"{report.share_of(placement):.2%}")
    console.print(table)
    for oddity in report.oddities:
        console.print(f"{oddity.kind}: {oddity.detail}", markup=False)
    left = sum(report.oddity_counts.values()) - len(report.oddities)
    if left:
        console.print(f"and {left} more oddities", markup=False)
