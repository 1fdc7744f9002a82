"""``tongxing retention``: what is kept, what for and how long; and an auditor's check of deletion reports."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Final

import typer

from tongxing.app.key_files import parse_public_text
from tongxing.app.records import open_record
from tongxing.app.settings import load_settings
from tongxing.cli.files import read_file, write_file
from tongxing.cli.output import console, print_json
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.retention import KEPT_THINGS
from tongxing.core.words import Language
from tongxing.crypto.digests import sha256
from tongxing.crypto.suites import SignatureMismatch
from tongxing.services.observing import NO_OBSERVER
from tongxing.services.retention import KeptReport
from tongxing.wire.cbor import WireError
from tongxing.wire.deletion_report import REPORT_MAX_BYTES, DeletionReport, parse_deletion_report

_EXPORTED_MAX: Final = 100_000

app = typer.Typer(help="What is kept, and proof of what was deleted.", no_args_is_help=True)


@app.command("show")
def show(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the words.")] = Language.ZH,
) -> None:
    """Say of each kind of thing that a node keeps what for, and for how long."""
    told = [
        {
            "table": table,
            "purpose": thing.purpose.text(lang),
            "personal": thing.personal,
            "ends": thing.ends_column,
            "kept_days": None if thing.kept is None else thing.kept.days,
        }
        for table, thing in KEPT_THINGS.items()
    ]
    if as_json:
        print_json(told)
        return
    for each in told:
        end = "" if each["kept_days"] is None else f" [{each['ends'] or 'as_of'} + {each['kept_days']} d]"
        console.print(f"{each['table']}: {each['purpose']}{end}", markup=False)


@app.command("verify")
def verify(
    files: Annotated[list[Path], typer.Argument(help="Signed reports in their order, the earliest first.")],
    *,
    key: Annotated[str, typer.Option(help="The node's statement key, as EdDSA:<hex>; it stands in the directory.")],
) -> None:
    """Check the signatures of deletion reports and that each follows the one before; exit 2 where one does not."""
    public = parse_public_text(key)
    before: tuple[int, bytes] | None = None
    for file in files:
        data = read_file(file, REPORT_MAX_BYTES)
        try:
            report = parse_deletion_report(data).report_after(public.verify)
        except WireError as error:
            raise Refused(ProblemId.BAD_REQUEST, f"{file}: not a deletion report: {error}") from error
        except SignatureMismatch as mismatch:
            raise Refused(ProblemId.SIGNATURE_INVALID, f"{file}: this key did not sign it") from mismatch
        if before is not None and (report.number, report.before) != (before[0] + 1, before[1]):
            raise Refused(ProblemId.CONFLICT, f"{file}: report {report.number} does not follow report {before[0]}")
        before = report.number, sha256(data)
        tell_report(report)


@app.command("export")
def export(
    folder: Annotated[Path, typer.Argument(help="Folder for the signed reports: 000001.cose and so on.")],
) -> None:
    """Write every deletion report of a record to files, also after its shutdown. Settings are the node's."""

    async def read() -> tuple[KeptReport, ...]:
        async with AsyncExitStack() as stack:
            settings = load_settings().model_copy(update={"index": ()})
            stores = await open_record(settings, NO_OBSERVER, stack)
            return await stores.retention.reports(_EXPORTED_MAX)

    reports = asyncio.run(read())
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(ProblemId.BAD_REQUEST, f"{folder}: {error.strerror}") from error
    for kept in reports:
        write_file(folder / f"{kept.number:06}.cose", kept.signed)
    console.print(f"{len(reports)} reports: {folder}", markup=False)


def tell_report(report: DeletionReport) -> None:
    """Print a report: what was deleted, what is held, what should be gone."""
    of = "" if report.of is None else f" of region {report.of}"
    head = f"report {report.number} of region {report.region}, {report.occasion}{of}, {report.at.isoformat()}"
    console.print(f"{head}, since {report.since.isoformat()}", markup=False)
    for row in report.rows:
        if row.deleted or row.held or row.overdue:
            overdue = f", {row.overdue:,} past their end" if row.overdue else ""
            console.print(f"  {row.table}: {row.deleted:,} deleted, {row.held:,} held{overdue}", markup=False)
