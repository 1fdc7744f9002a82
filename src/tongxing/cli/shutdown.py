"""``tongxing shutdown``: at the end of the epidemic a node erases everything that it holds, and says so, signed."""

import asyncio
import socket
from pathlib import Path
from typing import Annotated, Final

import typer

from tongxing.app.key_files import public_text
from tongxing.app.settings import NodeSettings, load_settings
from tongxing.app.shutting_down import shut_down
from tongxing.app.system import SystemClock
from tongxing.cli.files import write_file
from tongxing.cli.output import console
from tongxing.cli.retention import tell_report
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.crypto.keys import PublicKey
from tongxing.services.retention import KeptReport
from tongxing.wire.deletion_report import parse_deletion_report

_KNOCK_SECONDS: Final = 1.0


def shutdown(
    *,
    confirm: Annotated[str, typer.Option(help="The region's number once more: nothing that is erased comes back.")],
    report: Annotated[Path, typer.Option(help="New file for the signed report; keep it, and the key that is printed.")],
) -> None:
    """Erase all that a stopped node holds, its keys too, and write the signed report of it.

    Its settings are the TONGXING_… variables that it was served with. Stopped midway, it is begun again.
    """
    settings = load_settings()
    if confirm != settings.region:
        raise Refused(ProblemId.BAD_REQUEST, f"this is the node of region {settings.region}, not of {confirm[:8]}")
    if report.exists() and report.stat().st_size:
        raise Refused(ProblemId.CONFLICT, f"{report}: it exists already")
    _check_stopped(settings)
    # Before anything is erased it is known that the report can be written.
    write_file(report, b"")

    async def hand_out(kept: KeptReport, key: PublicKey) -> None:
        write_file(report, kept.signed)
        tell_report(parse_deletion_report(kept.signed).report_after(key.verify))
        console.print(f"report: {report}", markup=False)
        console.print(f"signed by: {public_text(key)}", markup=False)

    erased = asyncio.run(shut_down(settings, SystemClock(), hand_out))
    console.print(f"erased key files: {', '.join(file.name for file in erased)}", markup=False)


def _check_stopped(settings: NodeSettings) -> None:
    try:
        with socket.create_connection((settings.listen_host, settings.listen_port), _KNOCK_SECONDS):
            pass
    except OSError:
        return
    where = f"{settings.listen_host}:{settings.listen_port}"
    raise Refused(ProblemId.CONFLICT, f"something still answers at {where}: stop the node first")
