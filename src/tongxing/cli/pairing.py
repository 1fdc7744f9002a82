"""``tongxing pair``: make a pairing link, by which one browser becomes a checkpoint's device or an operator's desk."""

import asyncio
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tongxing.cli.calling import calling_node
from tongxing.cli.entering import DIVISION_HELP
from tongxing.cli.output import console
from tongxing.services.ports import Role


class PageKind(StrEnum):
    """A page that is paired."""

    CHECKPOINT = "checkpoint"
    OPERATOR = "operator"


_ROLES = {PageKind.CHECKPOINT: Role.DEVICE, PageKind.OPERATOR: Role.OPERATOR}


def pair(
    page: Annotated[PageKind, typer.Argument(help="Which page the link opens.")],
    label: Annotated[str, typer.Argument(help="Name of the device or the person, as the list of keys will show it.")],
    *,
    node: Annotated[str, typer.Option(help="Address of the gateway, or of the hub.")],
    key: Annotated[Path, typer.Option(help="An operator's key file.")],
    hours: Annotated[float, typer.Option(min=0.1, max=17_520, help="For how long the browser's key is enrolled.")] = 12,
    site: Annotated[str, typer.Option(help="The checkpoint at which the device stands, as north_station.")] = "",
    division: Annotated[str, typer.Option(help=DIVISION_HELP)] = "",
) -> None:
    """Make a link that enrols one browser's own key, once, within ten minutes."""

    async def call() -> dict[str, object]:
        async with calling_node(node, key) as caller:
            until = datetime.now(UTC) + timedelta(hours=hours)
            return await caller.offer_pairing(_ROLES[page], label, until, site=site, division=division)

    offered = asyncio.run(call())
    if offered.get("division"):
        # Beside the link, not in it: whoever reads the link from standard output gets it alone.
        typer.echo(f"{offered['division']} {offered['division_name']}", err=True)
    console.print(f"{node.rstrip('/')}/{page}#pair={offered['pairing_code']}", markup=False)
