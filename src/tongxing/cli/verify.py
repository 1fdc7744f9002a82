"""``tongxing verify``: decide on a code, from a bundle alone or by asking a gateway."""

import asyncio
import re
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from tongxing.app.key_files import load_sealing_pair, parse_public_text
from tongxing.cli.calling import calling_node
from tongxing.cli.entering import (
    DIVISION_HELP,
    DOCUMENT_NAME_HELP,
    FOREIGN_HELP,
    SHOWN_HELP,
    check_foreign,
    read_entered,
)
from tongxing.cli.files import read_file
from tongxing.cli.output import (
    EXIT_OF_OUTCOME,
    parse_moment,
    print_auditor,
    print_citizen,
    print_guard,
    print_json,
)
from tongxing.core.checkpoints import Temperature
from tongxing.core.entered import NOTHING_ENTERED, Entered
from tongxing.core.errors import Refused
from tongxing.core.groups import Group
from tongxing.core.limits import BUNDLE_MAX_BYTES, PICTURE_MAX_BYTES, SCAN_MAX_CHARACTERS
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import ProofKind
from tongxing.core.verdicts import Direction, Verdict
from tongxing.core.words import Language, PlaceKind, RegionId
from tongxing.offline import OfflineVerifier
from tongxing.recognition.views import GuardView, auditor_view, citizen_view, guard_view

REF = "offline"

_REGION = re.compile(r"(?:[0-9]{2}){1,2}")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SCAN_MAX_BYTES = 4 * (SCAN_MAX_CHARACTERS + 2)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the guard says beside what was shown."""

    place: PlaceKind
    direction: Direction | None
    temperature: Temperature | None
    entered: Entered


class View(StrEnum):
    """Whose view of the verdict is printed."""

    GUARD = "guard"
    CITIZEN = "citizen"
    AUDITOR = "auditor"


def verify(  # noqa: PLR0913 - a command line has as many options as it has
    text: Annotated[str | None, typer.Argument(help="Text of the code; - reads it from standard input.")] = None,
    *,
    image: Annotated[Path | None, typer.Option(help="A picture of the code instead.")] = None,
    place: Annotated[PlaceKind, typer.Option(help="Kind of checkpoint.")] = PlaceKind.TRAFFIC_GATE,
    direction: Annotated[Direction | None, typer.Option(help="Which way the person passes.")] = None,
    temperature: Annotated[float | None, typer.Option(help="Temperature in °C, as 36.8.")] = None,
    confirmed: Annotated[bool, typer.Option("--confirmed", help="The person has confirmed the temperature.")] = False,
    group: Annotated[list[Group] | None, typer.Option(help="A group the person belongs to. Several times.")] = None,
    shown: Annotated[list[str] | None, typer.Option(help=SHOWN_HELP)] = None,
    asked: Annotated[list[ProofKind] | None, typer.Option(help="A kind of proof that was looked for.")] = None,
    foreign: Annotated[list[str] | None, typer.Option(help=FOREIGN_HELP)] = None,
    document_name: Annotated[str, typer.Option(help=DOCUMENT_NAME_HELP)] = "",
    bundle: Annotated[Path | None, typer.Option(help="Decide from this bundle, without a network.")] = None,
    root: Annotated[str, typer.Option(help="Public key (suite:hex) that may sign bundles.")] = "",
    host: Annotated[str, typer.Option(help="Host region, for --bundle.")] = "",
    sealing_key: Annotated[Path | None, typer.Option(help="The host's sealing key file, for --bundle.")] = None,
    division: Annotated[str, typer.Option(help=f"{DIVISION_HELP} For --bundle.")] = "",
    site: Annotated[str, typer.Option(help="The checkpoint's site, as north_station. For --bundle.")] = "",
    at: Annotated[str | None, typer.Option(help="Moment of the decision, for --bundle; now by default.")] = None,
    gateway: Annotated[str | None, typer.Option(help="Ask this gateway instead of a bundle.")] = None,
    key: Annotated[Path | None, typer.Option(help="The device's key file, for --gateway.")] = None,
    view: Annotated[View | None, typer.Option(help="Whose view, for --bundle; by default the guard's.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the words.")] = Language.ZH,
) -> None:
    """Decide whether the holder of a code may pass. Exit code: 0 PASS, 10 with measures, 11 REFER, 12 STOP."""
    presented = _shown(text, image)
    moment = parse_moment(at) if at is not None else datetime.now(UTC)
    entered = read_entered(group or (), shown or (), asked or (), moment)
    entered = replace(entered, foreign_texts=check_foreign(foreign or ()), document_name=document_name)
    told = _Told(place, direction, _temperature(temperature, confirmed=confirmed), entered)
    if gateway is not None and bundle is None:
        _check_for_bundle_only(
            view=view, at=at, root=root, host=host, sealing_key=sealing_key, division=division, site=site
        )
        answered = asyncio.run(_ask(gateway, key, presented, told))
        if as_json:
            print_json(answered)
        else:
            print_guard(answered, lang)
        raise typer.Exit(EXIT_OF_OUTCOME[answered.outcome])
    if bundle is None or gateway is not None:
        raise Refused(ProblemId.BAD_REQUEST, "give either --bundle or --gateway")
    verifier = OfflineVerifier.from_bundle(
        read_file(bundle, BUNDLE_MAX_BYTES),
        host=_parse_host(host),
        roots=[parse_public_text(root)],
        sealing_pair=load_sealing_pair(sealing_key) if sealing_key is not None else None,
        division=division,
        site=site,
    )
    if verifier.knowledge.directory.record(verifier.knowledge.host) is None:
        raise Refused(ProblemId.BAD_REQUEST, f"--host {host}: the bundle's directory has no such region")
    verdict = _decide(verifier, presented, told, moment)
    _print(verdict, verifier, view or View.GUARD, lang, as_json=as_json)
    raise typer.Exit(EXIT_OF_OUTCOME[verdict.outcome])


def _check_for_bundle_only(**options: object) -> None:
    """Refuse what would silently not count: a gateway decides by its own clock, and tells the guard only."""
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value not in (None, "")]
    if given:
        raise Refused(ProblemId.BAD_REQUEST, f"{', '.join(given)}: for --bundle only, not with --gateway")


def _parse_host(text: str) -> RegionId:
    if _REGION.fullmatch(text) is None:
        raise Refused(ProblemId.BAD_REQUEST, f"--host is a region's number of two or four digits: {text[:40]!r}")
    return RegionId(text)


def _print(verdict: Verdict, verifier: OfflineVerifier, view: View, lang: Language, *, as_json: bool) -> None:
    if view is View.GUARD:
        guard = guard_view(verdict, REF)
        print_json(guard) if as_json else print_guard(guard, lang)
    elif view is View.CITIZEN:
        citizen = citizen_view(verdict, REF, verifier.knowledge)
        print_json(citizen) if as_json else print_citizen(citizen, lang)
    else:
        auditor = auditor_view(verdict, REF, verifier.knowledge)
        print_json(auditor) if as_json else print_auditor(auditor)


def _decide(verifier: OfflineVerifier, presented: str | bytes, told: _Told, at: datetime) -> Verdict:
    direction, temperature, entered = told.direction, told.temperature, told.entered
    if isinstance(presented, bytes):
        return verifier.verify_picture(
            presented, told.place, at=at, direction=direction, temperature=temperature, entered=entered
        )
    return verifier.verify(presented, told.place, at=at, direction=direction, temperature=temperature, entered=entered)


async def _ask(gateway: str, key: Path | None, presented: str | bytes, told: _Told) -> GuardView:
    if key is None:
        raise Refused(ProblemId.BAD_REQUEST, "--gateway needs the device's --key")
    async with calling_node(gateway, key) as caller:
        if isinstance(presented, bytes):
            if told.entered != NOTHING_ENTERED:
                raise Refused(ProblemId.BAD_REQUEST, "--group, --shown, --asked, --foreign: with a text, not --image")
            answered = await caller.verify_picture(presented, told.place, told.direction, told.temperature)
        else:
            answered = await caller.verify(presented, told.place, told.direction, told.temperature, told.entered)
        return msgspec.convert(answered, GuardView)


def _temperature(celsius: float | None, *, confirmed: bool) -> Temperature | None:
    if celsius is None:
        return None
    try:
        return Temperature(round(celsius * 10), confirmed)
    except (ValueError, OverflowError) as impossible:
        raise Refused(ProblemId.BAD_REQUEST, f"--temperature: {impossible}") from impossible


def _shown(text: str | None, image: Path | None) -> str | bytes:
    if (text is None) == (image is None):
        raise Refused(ProblemId.BAD_REQUEST, "give either the text of a code or --image")
    if image is not None:
        return read_file(image, PICTURE_MAX_BYTES)
    if text == "-":
        read = sys.stdin.buffer.read(_SCAN_MAX_BYTES).decode("utf-8", "replace")
        return read.removesuffix("\n").removesuffix("\r")
    # What the shell handed over in no Unicode at all is no character, and so part of no code.
    return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text or "")
