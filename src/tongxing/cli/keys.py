"""``tongxing keys``: make key files and show their public halves."""

import asyncio
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tongxing.app.key_files import load_sealing_pair, load_signing_key, parse_public_text, public_text, save_new_key
from tongxing.app.subject_secrets import rotate_subject_secret
from tongxing.app.system import system_entropy
from tongxing.cli import rotation
from tongxing.cli.calling import calling_node
from tongxing.cli.output import console, print_json
from tongxing.core.errors import Fault
from tongxing.services.ports import Role

app = typer.Typer(help="Make and show keys.", no_args_is_help=True)


class SuiteOption(StrEnum):
    """What a new key is for."""

    EDDSA = "EdDSA"
    ES256 = "ES256"
    SEAL = "seal"
    SECRET = "secret"  # noqa: S105 - a kind of key file, not a secret


class EnrolledRole(StrEnum):
    """Whose key is enrolled by hand."""

    BACK_END = Role.BACK_END.value
    OPERATOR = Role.OPERATOR.value


@app.command("new")
def new(
    path: Annotated[Path, typer.Argument(help="File to write; it must not exist.")],
    suite: Annotated[SuiteOption, typer.Option(help="What the key is for.")] = SuiteOption.EDDSA,
) -> None:
    """Make a new key in a new file that only its owner can read."""
    save_new_key(path, suite.value, system_entropy)
    if suite is not SuiteOption.SECRET:
        show(path, as_json=False)


@app.command("show")
def show(
    path: Annotated[Path, typer.Argument(help="A key file.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Print the public half and the key id of a key file; never the private half."""
    try:
        key = load_signing_key(path).public
        shown = {"public": public_text(key), "key_id": key.kid.hex()}
    except Fault:
        shown = {"public": f"seal:{load_sealing_pair(path).public.hex()}"}
    if as_json:
        print_json(shown)
    else:
        for name, value in shown.items():
            console.print(f"{name}: {value}", markup=False)


@app.command("enrol")
def enrol(
    public: Annotated[str, typer.Argument(help="The public key, as `tongxing keys show` prints it: EdDSA:<hex>.")],
    *,
    role: Annotated[EnrolledRole, typer.Option(help="Whose key it is.")],
    label: Annotated[str, typer.Option(help="Name of the system or the person, as the list of keys will show it.")],
    node: Annotated[str, typer.Option(help="Address of the gateway, or of the hub.")],
    key: Annotated[Path, typer.Option(help="An operator's key file.")],
    days: Annotated[int, typer.Option(min=1, max=731, help="For how long the key is enrolled.")] = 365,
) -> None:
    """Enrol at a node the key of a back end or of another operator. Devices are paired: `tongxing pair`."""
    shown = public_text(parse_public_text(public))

    async def call() -> None:
        async with calling_node(node, key) as caller:
            await caller.enrol(shown, Role(role.value), label, datetime.now(UTC) + timedelta(days=days))

    asyncio.run(call())
    console.print(f"enrolled as {role}: {label}", markup=False)


@app.command("rotate-subjects")
def rotate_subjects(
    folder: Annotated[Path, typer.Argument(help="The hub's folder of key files.")],
) -> None:
    """Make the next version of the hub's secret behind subject keys; both count from the hub's next start."""
    version, path = rotate_subject_secret(folder, system_entropy)
    console.print(f"version {version}: {path}", markup=False)


app.command("rotation")(rotation.rotation)
app.command("retire-subjects")(rotation.retire_subjects)
