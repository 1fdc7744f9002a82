"""``tongxing make``: make a national code, as a region's back end does for a signed-in citizen."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from tongxing.cli.calling import calling_node
from tongxing.cli.output import console, print_json
from tongxing.core.documents import normalise_document
from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId
from tongxing.wire.qr import encode_qr_png

PNG_SCALE = 6
PERSON_MAX_BYTES = 4_096
PERSON_LINES = 2


class _Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    document_number: str
    name: str


def make(
    document_number: Annotated[
        str, typer.Argument(help="Number of the person's document; - reads it and the name from standard input.")
    ],
    name: Annotated[
        str | None, typer.Argument(help="The person's name; only a masked hint goes into the code.")
    ] = None,
    *,
    gateway: Annotated[str, typer.Option(help="Address of the region's gateway.")],
    key: Annotated[Path, typer.Option(help="The back end's key file.")],
    document_type: Annotated[str, typer.Option(help="Kind of document, by number.")] = "10",
    picture: Annotated[Path | None, typer.Option(help="Write the QR as a PNG to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Make a national code for a person whom this region has reported; it is shown for about a minute.

    With - number and name come from standard input, as two lines or as {"document_number": …, "name": …}, so that
    they stand neither in the list of processes nor in the shell's history.
    """
    document_number, name = read_person(document_number, name)
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


def read_person(document_number: str, name: str | None) -> tuple[str, str]:
    """Return number and name, as given or from standard input; what is wrong is told without repeating it."""
    if document_number != "-":
        if name is None:
            raise Refused(ProblemId.BAD_REQUEST, "the person's name is missing")
        return document_number, name
    if name is not None:
        raise Refused(ProblemId.BAD_REQUEST, "with - the name comes from standard input too")
    read = sys.stdin.buffer.read(PERSON_MAX_BYTES)
    try:
        if read.lstrip().startswith(b"{"):
            person = msgspec.json.decode(read, type=_Person)
            return person.document_number, person.name
        lines = read.decode("utf-8").split("\n")
    except (msgspec.MsgspecError, UnicodeDecodeError) as wrong:
        raise Refused(ProblemId.BAD_REQUEST, "standard input holds no number and name") from wrong
    lines = [line.strip() for line in lines if line.strip()]
    if len(lines) != PERSON_LINES:
        raise Refused(ProblemId.BAD_REQUEST, "standard input holds no line with the number and one with the name")
    return lines[0], lines[1]
