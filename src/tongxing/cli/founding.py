"""``tongxing hub found`` and ``tongxing gateway found``: a node's keys, first operators and settings, once, by hand."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from tongxing.app.docking_folder import DockingFolder
from tongxing.app.founding import SETTINGS_FILE, found_gateway, found_hub
from tongxing.app.key_files import load_signing_key, parse_public_text, public_text
from tongxing.app.node_keys import key_file
from tongxing.app.nodes import Surroundings
from tongxing.app.settings import NodeKind, NodeSettings
from tongxing.app.settings_file import port_of, save_settings_file, settle
from tongxing.cli.output import console
from tongxing.core.words import FEDERATION

hub = typer.Typer(help="The hub of a federation.", no_args_is_help=True)
gateway = typer.Typer(help="A region's gateway.", no_args_is_help=True)

Operators = Annotated[
    list[str] | None,
    typer.Option("--operator", help="Public key of a first operator (EdDSA:<hex>), twice; two are made otherwise."),
]

ListenPort = Annotated[int | None, typer.Option(help="Port to listen on, unless that of the address.")]


@hub.callback()
@gateway.callback()
def _group() -> None:
    """Keep the command's name though there is one alone."""


@hub.command("found")
def found_a_hub(
    folder: Annotated[Path, typer.Argument(help="New folder for keys, record and settings.")],
    *,
    url: Annotated[str, typer.Option(help="Address at which gateways reach the hub.")],
    listen_port: ListenPort = None,
    operator: Operators = None,
) -> None:
    """Make the hub's keys, two operators, bundle 1 and the settings file. TONGXING_… variables count and are kept."""
    settings, file = settle(
        {"node": NodeKind.HUB.value, "region": FEDERATION, **_places(folder, url, listen_port), "public_urls": [url]}
    )
    keys = [parse_public_text(text) for text in operator or ()]
    save = partial(save_settings_file, folder / SETTINGS_FILE, file)
    bundle = asyncio.run(found_hub(settings, keys, Surroundings.of_this_machine(), save))
    _tell(folder, settings, made_operators=not keys)
    root = public_text(load_signing_key(key_file(settings.keys_dir, "bundle")).public)
    console.print(f"bundle {bundle.number}: no region takes part yet; every gateway's --root is {root}", markup=False)


@gateway.command("found")
def found_a_gateway(
    folder: Annotated[Path, typer.Argument(help="The region's folder, as `tongxing dock prepare` made it.")],
    *,
    hub_url: Annotated[str, typer.Option("--hub", help="Address of the hub.")],
    root: Annotated[str, typer.Option(help="The hub's bundle key (EdDSA:<hex>), as its operator says it.")],
    back_end: Annotated[str, typer.Option(help="Address of the region's own system.")],
    listen_port: ListenPort = None,
    operator: Operators = None,
) -> None:
    """Make a gateway's first operators and its settings file. TONGXING_… variables count and are kept."""
    record = DockingFolder(folder).record()
    settings, file = settle(
        {
            "node": NodeKind.GATEWAY.value,
            "region": record.region,
            **_places(folder, record.url, listen_port),
            "public_urls": [record.url],
            "roots": [root],
            "hub_url": hub_url,
            "back_end_url": back_end,
        }
    )
    keys = [parse_public_text(text) for text in operator or ()]
    save = partial(save_settings_file, folder / SETTINGS_FILE, file)
    asyncio.run(found_gateway(settings, keys, Surroundings.of_this_machine(), save))
    _tell(folder, settings, made_operators=not keys)


def _places(folder: Path, url: str, listen_port: int | None) -> dict[str, str | int]:
    whole = folder.absolute()
    port = listen_port or port_of(url)
    ports: dict[str, str | int] = {} if port is None else {"listen_port": port}
    return {"state_dir": str(whole / "state"), "keys_dir": str(whole / "keys"), **ports}


def _tell(folder: Path, settings: NodeSettings, *, made_operators: bool) -> None:
    where = "PostgreSQL" if settings.record is not None else f"{settings.database}"
    console.print(
        f"{settings.node} of region {settings.region}: keys {settings.keys_dir}, record {where}", markup=False
    )
    if made_operators:
        console.print(f"operators: {folder / 'operators'}: give the second one's key to another person", markup=False)
    console.print(f"settings: {folder / SETTINGS_FILE}: tongxing serve starts the node with them", markup=False)
