"""``tongxing make``: make a national code, as a region's back end does for a signed-in citizen."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from tongxing.cli.calling import calling_node
from tongxing.cli.output import console, print_json
from tongxing.core.errors import Fault
from tongxing.crypto.subject_keys import normalise_document
from tongxing.wire.qr import encode_qr_png

PNG_SCALE = 6


def make(
    document_number: Annotated[str, typer.Argument(help="Number of the person's document.")],
    name: Annotated[str, typer.Argument(help="The person's name; only a masked hint goes into the code.")],
    *,
    gateway: Annotated[str, typer.Option(help="Address of the region's gateway.")],
    key: Annotated[Path, typer.Option(help="The back end's key file.")],
    document_type: Annotated[str, typer.Option(help="Kind of document, by number.")] = "10",
    picture: Annotated[Path | None, typer.Option(help="Write the QR as a PNG to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Make a national code for a person whom this region has reported; it is shown for about a minute."""
    document = normalise_document(document_type, document_number)

    async def call() -> dict[str, object]:
        async with calling_node(gateway, key) as caller:
            return await caller.make_code(document, name)

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
