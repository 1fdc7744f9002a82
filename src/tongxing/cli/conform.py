"""``tongxing conform``: an integrator points it at their own service and learns in words what fails.

Exit codes: 0 it conforms, 3 it does not, 2 it could not be examined (a wrong file, nobody answers).
"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from tongxing.app.key_files import load_signing_key
from tongxing.app.packaged import PROFILES, load_files
from tongxing.app.system import SystemClock
from tongxing.cli.files import read_file, write_file
from tongxing.cli.output import console, print_json
from tongxing.conformance.examining import PATIENCE_SECONDS, examine
from tongxing.conformance.face_asking import FaceAsker, FaceGiven
from tongxing.conformance.face_examining import examine_face
from tongxing.conformance.findings import Examined, Verdict
from tongxing.conformance.given import PEOPLE_FILE_MAX_BYTES, parse_face_person, parse_given
from tongxing.conformance.report import (
    CONFORMS,
    DOES_NOT_CONFORM,
    VERDICT_SIGNS,
    make_report_page,
    say_counts,
    tell_examined,
)
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import Language
from tongxing.regions.profile import PROFILE_MAX_BYTES, Profile, parse_profile

EXIT_DOES_NOT_CONFORM: Final = 3
_STYLES: Final = {Verdict.PASSED: "green", Verdict.FAILED: "bold red", Verdict.NOT_TRIED: "yellow"}


def conform(  # noqa: PLR0913 - the options of one command
    url: Annotated[str, typer.Argument(help="The service's address without a path, as http://127.0.0.1:8501.")],
    *,
    profile: Annotated[str, typer.Option(help="The region's profile: its number if it ships, or a .toml file.")],
    people: Annotated[Path | None, typer.Option(help="The test people (TOML): docs/conform.md.")] = None,
    face: Annotated[
        Path | None, typer.Option(help="Examine a face of GB/T 38963 instead: its callers and a test person (TOML).")
    ] = None,
    page: Annotated[Path | None, typer.Option(help="Write the report as one HTML page to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    patience: Annotated[
        float, typer.Option(min=0.1, max=60, help="Seconds for each question; a gateway waits as long as the default.")
    ] = PATIENCE_SECONDS,
    lang: Annotated[Language, typer.Option(help="Language of the words.")] = Language.ZH,
) -> None:
    """Examine a region's back end in its own dialect, or a face of GB/T 38963; exit 3 if something fails."""
    if (people is None) is (face is None):
        raise Refused(ProblemId.BAD_REQUEST, "either --people, for a back end, or --face, for GB/T 38963")
    checked, read = _check_url(url), _read_profile(profile)
    with _progress(shown=not as_json) as progress:
        task = progress.add_task({"zh": "检查", "en": "examining"}[lang], total=None)

        def watching(done: int, of: int) -> None:
            progress.update(task, completed=done, total=of)

        if face is not None:
            examining = _examine_face(checked, read, face)
        else:
            data = b"" if people is None else read_file(people, PEOPLE_FILE_MAX_BYTES)
            given = parse_given(data, read, datetime.now(UTC))
            examining = examine(checked, read, given, patience_seconds=patience, watching=watching)
        examined = asyncio.run(examining)
    if page is not None:
        write_file(page, make_report_page(examined, lang).encode())
    if as_json:
        print_json(tell_examined(examined))
    else:
        _print(examined, lang)
    raise typer.Exit(0 if examined.conforms else EXIT_DOES_NOT_CONFORM)


async def _examine_face(url: str, profile: Profile, file: Path) -> Examined:
    told = parse_face_person(read_file(file, PEOPLE_FILE_MAX_BYTES))
    given = FaceGiven(
        region=profile.region,
        name=profile.name,
        application=load_signing_key(file.parent / told.application_key),
        checkpoint=load_signing_key(file.parent / told.checkpoint_key),
        document_type=told.document_type,
        document_number=told.number,
        person_name=told.name,
    )
    async with httpx.AsyncClient(trust_env=False) as client:
        return await examine_face(FaceAsker(client, url, given, SystemClock()))


def _print(examined: Examined, language: Language) -> None:
    for slug, result in examined.results.items():
        verdict, check = result.verdict, examined.checks[slug]
        console.print(f"{VERDICT_SIGNS[verdict]} {check.wanted.text(language)}", style=_STYLES[verdict], markup=False)
        for finding in result.failures:
            console.print(f"    {finding.about.text(language)}: {finding.saw.text(language)}", markup=False)
        if result.failures:
            console.print(f"    {check.why.text(language)}", style="dim", markup=False)
        if result.not_tried is not None:
            console.print(f"    {result.not_tried.text(language)}", style="dim", markup=False)
    headline = CONFORMS if examined.conforms else DOES_NOT_CONFORM
    console.print(f"{headline.text(language)}: {say_counts(examined, language)}", style="bold", markup=False)


def _progress(*, shown: bool) -> Progress:
    errors = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    return Progress(*columns, console=errors, transient=True, disable=not (shown and errors.is_terminal))


def _check_url(text: str) -> str:
    """Return an address without a path. Raises Refused(BAD_REQUEST) for anything else."""
    refused = Refused(ProblemId.BAD_REQUEST, "not an address without a path, as http://127.0.0.1:8501")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise refused from error
    has_more = parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username is not None
    if parts.scheme not in {"http", "https"} or not host or port == 0 or has_more:
        raise refused
    return text.rstrip("/")


def _read_profile(text: str) -> Profile:
    """Return the profile in a file, or one that ships. Raises Refused."""
    if text.endswith(".toml"):
        return parse_profile(read_file(Path(text), PROFILE_MAX_BYTES))
    shipped = load_files(PROFILES).get(f"{text}.toml")
    if shipped is None:
        raise Refused(ProblemId.NOT_FOUND, f"no profile ships for region {text[:40]!r}: see tongxing regions list")
    return parse_profile(shipped)
