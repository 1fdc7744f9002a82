"""``tongxing transit-pass``: make a transit pass, as a region's back end does for a driver of goods; withdraw it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from tongxing.cli.calling import calling_node
from tongxing.cli.codes import PNG_SCALE, read_person
from tongxing.cli.output import console, parse_moment, print_json
from tongxing.core.documents import normalise_document
from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId
from tongxing.core.transit import normalise_plate, parse_route
from tongxing.wire.qr import encode_qr_png

app = typer.Typer(help="Transit passes for drivers of goods.", no_args_is_help=True)

Gateway = Annotated[str, typer.Option(help="Address of the region's gateway.")]
Key = Annotated[Path, typer.Option(help="The back end's key file.")]


@app.command()
def make(  # noqa: PLR0913 - a command line has as many options as it has
    document_number: Annotated[
        str, typer.Argument(help="Number of the driver's document; - reads it and the name from standard input.")
    ],
    name: Annotated[str | None, typer.Argument(help="The driver's name; the guard sees a masked hint only.")] = None,
    *,
    plate: Annotated[str, typer.Option(help="The vehicle's licence plate, as 鄂A12345.")],
    route: Annotated[str, typer.Option(help="The divisions of the journey in their order, as 42,43,450100.")],
    gateway: Gateway,
    key: Key,
    hours: Annotated[float, typer.Option(min=0.1, max=72, help="For how long from its beginning it is valid.")] = 48,
    valid_from: Annotated[str | None, typer.Option("--from", help="When it begins; now by default.")] = None,
    document_type: Annotated[str, typer.Option(help="Kind of document, by number.")] = "10",
    picture: Annotated[Path | None, typer.Option(help="Write the QR as a PNG to this file, to print or show.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Make a transit pass for a driver whom this region reports at the low level; it holds on its route only.

    With - number and name come from standard input, as for ``tongxing make``.
    """
    document_number, name = read_person(document_number, name)
    document = normalise_document(document_type, document_number)
    try:
        vehicle, divisions = normalise_plate(plate), parse_route(route.split(","))
    except ValueError as wrong:
        raise Refused(ProblemId.BAD_REQUEST, str(wrong)) from wrong
    begins = None if valid_from is None else parse_moment(valid_from)
    # A moment short of the whole, so that the way to the gateway does not make it too long.
    ends = (begins or datetime.now(UTC)) + timedelta(hours=hours) - timedelta(seconds=1)

    async def call() -> dict[str, object]:
        async with calling_node(gateway, key) as caller:
            return await caller.make_transit_pass(document, name, vehicle, divisions, ends, begins)

    made = asyncio.run(call())
    if picture is not None:
        try:
            picture.write_bytes(encode_qr_png(str(made["qr_text"]), PNG_SCALE))
        except OSError as error:
            raise Fault(f"{picture}: {error.strerror}") from error
    if as_json:
        print_json(made)
    else:
        console.print(str(made["qr_text"]), markup=False)


@app.command()
def withdraw(
    pass_id: Annotated[str, typer.Argument(help="The pass's id, as it was told when it was made.")],
    *,
    gateway: Gateway,
    key: Key,
) -> None:
    """Withdraw a transit pass for good; every gate that asks from now on is told so."""

    async def call() -> None:
        async with calling_node(gateway, key) as caller:
            await caller.withdraw_transit_pass(pass_id)

    asyncio.run(call())
    console.print(f"withdrawn: {pass_id}", markup=False)
