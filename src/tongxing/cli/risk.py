"""``tongxing risk``: import risk lists, compare them, ask for a level at any moment, compute levels from cases."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tongxing.app.packaged import load_gazetteer
from tongxing.app.settings import check_origin
from tongxing.cli.calling import calling_node
from tongxing.cli.files import read_file
from tongxing.cli.output import console, parse_moment, print_json
from tongxing.cli.risk_levels import levels
from tongxing.cli.risk_telling import diff_as_json, print_diff, print_levels, print_report, report_as_json
from tongxing.connectors.risk_levels import fetch_risk_levels
from tongxing.core.errors import Refused
from tongxing.core.limits import RISK_LIST_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.risk.history import diff_states
from tongxing.services.risk_import import ImportedList, import_level_table, import_risk_list

app = typer.Typer(help="Risk areas.", no_args_is_help=True)
app.command()(levels)

LEVEL_TABLE: Final = ".csv"
"""A file that ends so is a table of levels computed from cases; any other is the platform's list."""

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.callback()
def risk() -> None:
    """Risk areas."""


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="The list as the platform answered it (JSON), or levels (.csv).")],
    *,
    hub: Annotated[str | None, typer.Option(help="Publish it at this hub.")] = None,
    key: Annotated[Path | None, typer.Option(help="The operator's key file, for --hub.")] = None,
    at: Annotated[str | None, typer.Option(help="Moment of the import; now by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Place every row of a list and report how many how well; with --hub put it in force, wholly or not at all."""
    data = read_file(file, RISK_LIST_MAX_BYTES)
    imported = _read(file, data, _moment(at))
    if hub is not None and key is None:
        raise Refused(ProblemId.BAD_REQUEST, "--hub needs the operator's --key")
    answer = None if hub is None or key is None else asyncio.run(_publish(hub, key, file, data))
    if as_json:
        print_json({**report_as_json(imported.report), **({} if answer is None else {"published": answer})})
        return
    print_report(imported.report)
    if answer is not None:
        bundle, diff = answer["bundle"], answer["diff"]
        console.print(f"published in bundle {bundle['number']}", markup=False)  # type: ignore[index]  # the hub's answer
        print_diff(diff)  # type: ignore[arg-type]  # the hub's answer


@app.command("diff")
def diff_lists(
    old: Annotated[Path, typer.Argument(help="The list before.")],
    new: Annotated[Path, typer.Argument(help="The list after.")],
    *,
    at: Annotated[str | None, typer.Option(help="Moment of reading; now by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a list changes against another: areas that appeared, went or changed, and divisions' risk."""
    moment = _moment(at)
    before, after = (_read(file, read_file(file, RISK_LIST_MAX_BYTES), moment) for file in (old, new))
    told = diff_as_json(diff_states(before.state, after.state), load_gazetteer())
    if as_json:
        print_json(told)
    else:
        print_diff(told)


@app.command("level")
def tell_level(
    place: Annotated[str, typer.Argument(help="A division's number, or the name of a division, street or community.")],
    *,
    hub: Annotated[str, typer.Option(help="The hub to ask.")],
    at: Annotated[str | None, typer.Option(help="The moment; now by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a hub for the level of a place at a moment, since when it has it, and who says so."""
    try:
        origin = check_origin(hub)
    except ValueError as error:
        raise Refused(ProblemId.BAD_REQUEST, f"{hub[:80]!r}: {error}") from error
    answer = asyncio.run(_fetch(origin, place, None if at is None else parse_moment(at)))
    if as_json:
        print_json(answer)
    else:
        print_levels(answer)


def _moment(text: str | None) -> datetime:
    return datetime.now(UTC) if text is None else parse_moment(text)


def _read(file: Path, data: bytes, at: datetime) -> ImportedList:
    """Read and place a list, with a bar on standard error where somebody looks at it."""
    gazetteer = load_gazetteer()
    if file.suffix == LEVEL_TABLE:
        return import_level_table(data, gazetteer, at=at)
    watched = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=watched, transient=True, disable=not watched.is_terminal) as progress:
        task = progress.add_task(f"placing {file.name}", total=None)

        def tell(placed: int, total: int) -> None:
            progress.update(task, completed=placed, total=total)

        return import_risk_list(data, gazetteer, at=at, tell=tell)


async def _publish(hub: str, key: Path, file: Path, data: bytes) -> dict[str, object]:
    async with calling_node(hub, key) as caller:
        if file.suffix == LEVEL_TABLE:
            return await caller.publish_level_table(data)
        return await caller.publish_risk_list(data)


async def _fetch(origin: str, place: str, at: datetime | None) -> dict[str, object]:
    async with httpx.AsyncClient(follow_redirects=False, trust_env=False) as client:
        return await fetch_risk_levels(client, origin, place, at)
