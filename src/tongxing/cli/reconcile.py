"""``tongxing reconcile``: counts and digests by day of a region's reports, at its gateway and at the hub."""

import asyncio
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from tongxing.cli.calling import calling_node
from tongxing.cli.output import console, print_json
from tongxing.services.reconciling import Resend
from tongxing.services.report_sums import NOTHING, DaySum, DaySums, add_days, differing_days

EXIT_DIFFERS: Final = 3


def reconcile(
    gateway: Annotated[str, typer.Option(help="address of the region's gateway")],
    key: Annotated[Path, typer.Option(help="key file of one of its operators")],
    resend: Annotated[Resend, typer.Option(help="what is sent again; all is a full re-sync")] = Resend.NOTHING,
    json: Annotated[bool, typer.Option("--json", help="print every day as one JSON document")] = False,
) -> None:
    """Compare what a region holds with what the hub holds of it, and say on which days they differ.

    The exit status is 3 where they do. What still waits in the gateway's outbox is told: it cannot be there yet.
    """
    here, there, queued, waiting = asyncio.run(_compare(gateway, key, resend))
    differing = differing_days(here, there)
    if json:
        told = sorted(here.keys() | there.keys())
        days = [_describe(day, here.get(day, NOTHING), there.get(day, NOTHING)) for day in told]
        print_json({"days": days, "queued": queued, "waiting": waiting})
    else:
        for day in sorted(differing):
            ours, theirs = here.get(day, NOTHING).count, there.get(day, NOTHING).count
            console.print(f"{day}: {ours:,} here, {theirs:,} at the hub, not the same", markup=False)
        total = sum(each.count for each in here.values())
        console.print(
            f"{total:,} reports of {len(here)} days here; {len(differing)} days differ; {queued:,} queued again; "
            f"{waiting:,} wait to be sent",
            markup=False,
        )
    if differing:
        raise typer.Exit(EXIT_DIFFERS)


async def _compare(gateway: str, key: Path, resend: Resend) -> tuple[DaySums, DaySums, int, int]:
    here: DaySums = {}
    there: DaySums = {}
    queued = waiting = 0
    spinner = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    async with calling_node(gateway, key) as node:
        with spinner:
            task = spinner.add_task("comparing")
            after: str | None = ""
            while after is not None:
                told = await node.reconcile(after, resend)
                here, there = add_days(here, _read(told["here"])), add_days(there, _read(told["there"]))
                queued, waiting = queued + int(told["queued"]), int(told["waiting"])
                after = str(told["next_after"]) or None
                spinner.update(task, description=f"{sum(each.count for each in here.values()):,} reports compared")
    return here, there, queued, waiting


def _read(days: list[dict[str, Any]]) -> DaySums:
    return {date.fromisoformat(day["day"]): DaySum(int(day["count"]), int(day["digest_hex"], 16)) for day in days}


def _describe(day: date, here: DaySum, there: DaySum) -> dict[str, object]:
    return {
        "day": day.isoformat(),
        "same": here == there,
        "here": {"count": here.count, "digest": f"{here.total:064x}"},
        "hub": {"count": there.count, "digest": f"{there.total:064x}"},
    }
