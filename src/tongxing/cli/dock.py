"""``tongxing dock``: leads a region through joining the federation, and through suspension and leaving.

The region's operator prepares and tests in a folder of their own; an operator of the hub goes live with it, and takes
only a folder whose back end conformed under the very profile that is published.
"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from tongxing.app.docking_folder import DockingFolder
from tongxing.app.packaged import PROFILES, load_files
from tongxing.app.settings import check_origin
from tongxing.app.system import system_entropy
from tongxing.cli.calling import calling_node
from tongxing.cli.files import read_file, write_file
from tongxing.cli.output import console
from tongxing.conformance.examining import examine
from tongxing.conformance.given import PEOPLE_FILE_MAX_BYTES, parse_given
from tongxing.conformance.report import make_report_page, say_counts
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import Language
from tongxing.regions.profile import PROFILE_MAX_BYTES
from tongxing.services.taking_part import PartChange

EXIT_DOES_NOT_CONFORM: Final = 3

app = typer.Typer(help="Join the federation as a region; suspension; leaving.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="The region's folder of joining.")]
Region = Annotated[str, typer.Argument(help="The region's number, as 50.")]
HubUrl = Annotated[str, typer.Option(help="Address of the hub.")]
Key = Annotated[Path, typer.Option(help="Key file of an operator of the hub.")]


@app.command("prepare")
def prepare(
    folder: Folder,
    *,
    profile: Annotated[str, typer.Option(help="The region's profile: its number if it ships, or a .toml file.")],
    url: Annotated[str, typer.Option(help="Address at which others will reach the region's gateway.")],
) -> None:
    """Step 1: check the profile, make the gateway's keys, write the directory record. Again changes no key."""
    try:
        origin = check_origin(url)
    except ValueError as wrong:
        raise Refused(ProblemId.BAD_REQUEST, f"{url[:80]!r}: {wrong}") from wrong
    data = _read_profile(profile)
    record = DockingFolder(folder).prepare(data, origin, datetime.now(UTC), system_entropy)
    read, _ = DockingFolder(folder).profile()
    _say(f"region {record.region} {record.name_zh}, family {read.family}, gateway {record.url}")
    _say(f"keys: {DockingFolder(folder).keys_dir} (they stay here)")
    _say("next: tongxing dock test")


@app.command("test")
def run_test(
    folder: Folder,
    back_end: Annotated[str, typer.Argument(help="The back end's address, as http://127.0.0.1:8501.")],
    *,
    people: Annotated[Path, typer.Option(help="The test people (TOML): docs/conform.md.")],
    lang: Annotated[Language, typer.Option(help="Language of the words.")] = Language.ZH,
) -> None:
    """Step 2: examine the back end under the profile (as ``tongxing conform``) and keep what was found."""
    joining = DockingFolder(folder)
    profile, _ = joining.profile()
    given = parse_given(read_file(people, PEOPLE_FILE_MAX_BYTES), profile, datetime.now(UTC))
    examined = asyncio.run(examine(back_end, profile, given))
    write_file(folder / "test-run.html", make_report_page(examined, lang).encode())
    joining.save_test_run(examined.conforms, back_end, datetime.now(UTC))
    _say(f"{say_counts(examined, lang)}: {folder / 'test-run.html'}")
    if examined.conforms:
        _say(f"fingerprint: {joining.fingerprint()}")
    _say("next: tongxing dock go-live" if examined.conforms else "next: mend what failed, then this step again")
    raise typer.Exit(0 if examined.conforms else EXIT_DOES_NOT_CONFORM)


@app.command("steps")
def steps(folder: Folder) -> None:
    """Say which steps are done, and which is next."""
    joining = DockingFolder(folder)
    record = joining.record()
    _say(f"prepared: region {record.region} {record.name_zh}, gateway {record.url}")
    run = joining.check_tested()
    _say(f"tested: {run.back_end} conformed on {run.at:%Y-%m-%d %H:%M}Z")
    _say(f"fingerprint: {joining.fingerprint()}")
    _say("next: tongxing dock go-live, by an operator of the hub")


@app.command("go-live")
def go_live(
    folder: Folder,
    *,
    fingerprint: Annotated[
        str, typer.Option(help="As the region's operator reads it out, over another channel than the folder came by.")
    ],
    hub: HubUrl,
    key: Key,
) -> None:
    """Step 3, for an operator of the hub: publish the profile and the record of a region that was tested."""
    joining = DockingFolder(folder)
    joining.check_tested()
    joining.check_whole()
    if fingerprint.replace(" ", "").lower() != joining.fingerprint().replace(" ", ""):
        raise Refused(ProblemId.CONFLICT, "the fingerprint is another: this folder is not the one that was tested")
    record, (_, profile) = joining.record(), joining.profile()

    async def publish() -> None:
        async with calling_node(hub, key) as caller:
            await caller.publish_profile(profile)
            await caller.publish_record(record)

    asyncio.run(publish())
    _say(f"live: region {record.region}; its gateway is served with the keys in {joining.keys_dir}")


@app.command("suspend")
def suspend(region: Region, *, hub: HubUrl, key: Key) -> None:
    """Suspend a region: it can call no one, and neither its codes nor its reports count."""
    _change(region, hub, key, PartChange.SUSPENSION)
    _say("suspended; `tongxing dock resume` ends it")


@app.command("resume")
def resume(region: Region, *, hub: HubUrl, key: Key) -> None:
    """End a suspension."""
    _change(region, hub, key, PartChange.RESUMPTION)
    _say("takes part again")


@app.command("leave")
def leave(region: Region, *, hub: HubUrl, key: Key) -> None:
    """Leave for good: every key ends now, the hub erases what it holds of the region's and says so, signed."""
    _change(region, hub, key, PartChange.DEPARTURE)
    _say(
        "left: no key of it counts any more, and within a minute the hub erases its reports (deletion report: leaving)"
    )
    _say("next, at the region: stop the gateway, then tongxing shutdown")


def _change(region: str, hub: str, key: Path, change: PartChange) -> None:
    async def call() -> None:
        async with calling_node(hub, key) as caller:
            await caller.change_part(region, change)

    asyncio.run(call())


def _read_profile(text: str) -> bytes:
    if text.endswith(".toml"):
        return read_file(Path(text), PROFILE_MAX_BYTES)
    shipped = load_files(PROFILES).get(f"{text}.toml")
    if shipped is None:
        raise Refused(ProblemId.NOT_FOUND, f"no profile ships for region {text[:40]!r}: see tongxing regions list")
    return shipped


def _say(line: str) -> None:
    console.print(line, markup=False)
