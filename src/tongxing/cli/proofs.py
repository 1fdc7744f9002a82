"""``tongxing proofs``: verify codes from outside: EU DCC, SMART Health Cards, NZ COVID Pass."""

import asyncio
import base64
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from tongxing.cli.calling import calling_node
from tongxing.cli.files import read_file
from tongxing.cli.output import EXIT_OF_OUTCOME, console, print_json
from tongxing.cli.proof_lines import VERIFIED, LineRefused, LoadedTrust, answer_lines, read_clock
from tongxing.core.departures import DEPARTURE_WORDS, Departure
from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.foreign_codes import FORMAT_WORDS, ForeignCode, ForeignFormat, parse_checks
from tongxing.core.limits import FOREIGN_TRUST_MAX_BYTES, PICTURE_MAX_BYTES, SCAN_MAX_CHARACTERS
from tongxing.core.masking import mask_name
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import PROOF_WORDS, Proof
from tongxing.core.reasons import REASONS, ReasonId
from tongxing.core.verdicts import Outcome
from tongxing.core.words import Language, Sentence
from tongxing.recognition.foreign_codes import ForeignTrust, parse_foreign_trust, read_foreign_texts
from tongxing.wire.cbor import WireError
from tongxing.wire.qr import read_picture
from tongxing.wire.strict_json import parse_strict_json

TRUST_MAX_BYTES: Final = 32 * 1024 * 1024

_STDIN_MAX_BYTES: Final = 16 * (4 * SCAN_MAX_CHARACTERS + 2)
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_OBJECT: Final = b"{"
_FINDINGS: Final = {True: Sentence("阳性", "positive"), False: Sentence("阴性", "negative")}
_DOSES: Final = {
    (False, False): Sentence("未完成全程", "incomplete"),
    (True, False): Sentence("已全程", "complete"),
    (True, True): Sentence("已加强", "with booster"),
}

app = typer.Typer(help="Verify codes of systems outside: what they prove, and whether it is so.", no_args_is_help=True)


@app.callback()
def proofs() -> None:
    """Verify codes of systems outside: what they prove, and whether it is so."""


class _Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One code's answer with ``--json``."""

    valid: bool
    reason: str
    detail: str = ""
    format: str = ""
    issuer: str = ""
    name: str = ""
    proofs: tuple[Proof, ...] = ()
    valid_until: datetime | None = None
    departures: tuple[str, ...] = ()


@app.command("verify")
def verify(
    text: Annotated[
        list[str] | None,
        typer.Argument(help="Text of the code, or all chunks of one; - reads it from standard input."),
    ] = None,
    *,
    image: Annotated[list[Path] | None, typer.Option(help="A picture of the code instead. Several times.")] = None,
    trust: Annotated[
        list[Path] | None,
        typer.Option(help="Whom to believe: JWK set, snapshot, DID document, list of certificates. Several times."),
    ] = None,
    at: Annotated[str | None, typer.Option(help="Moment of the check, ISO 8601; now by default.")] = None,
    check: Annotated[
        list[str] | None, typer.Option(help="Check only this, as VERIFY. Several times; everything by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the words.")] = Language.ZH,
) -> None:
    """Verify a code from outside, by its text or a picture; or, with neither, JSON lines from standard input.

    A line is {"id", "qr", "trust": [{"kid_b64", "cert_b64"}], "clock", "checks"} and is answered by {"id", "valid",
    "reason"}. Exit code of one code: 0 verified, 11 not; of lines: 0 whenever all were answered.
    """
    loaded = LoadedTrust(tuple(_read_trust(path) for path in trust or ()))
    now = _moment(at)
    if not text and not image:
        _answer_standard_input(loaded, now)
        return
    try:
        shown = _shown(text or (), image or ())
        checks = parse_checks(check or ())
        found, texts = read_foreign_texts(shown, checks)
        believed = loaded.of(found, ())
        _tell_findings(believed)
        verified = believed.verify(texts, now, checks)
    except (Rejected, Undecidable) as refused:
        _tell_refusal(refused.reason, refused.detail, lang, as_json=as_json)
        raise typer.Exit(EXIT_OF_OUTCOME[Outcome.REFER]) from refused
    _tell(verified, lang, as_json=as_json)


def _answer_standard_input(loaded: LoadedTrust, now: datetime) -> None:
    out = sys.stdout.buffer
    for answer in answer_lines(sys.stdin.buffer, loaded, now):
        out.write(answer)
        out.flush()


def _moment(at: str | None) -> datetime:
    now = datetime.now(UTC)
    try:
        return read_clock(at, now)
    except LineRefused as refused:
        raise Refused(
            ProblemId.BAD_REQUEST, f"--at {(at or '')[:40]!r}: {refused.detail or 'not a moment'}"
        ) from refused


def _shown(texts: Sequence[str], images: Sequence[Path]) -> tuple[str, ...]:
    if texts and images:
        raise Refused(ProblemId.BAD_REQUEST, "give either the text of a code or --image")
    if images:
        return tuple(read_picture(read_file(path, PICTURE_MAX_BYTES)) for path in images)
    if list(texts) == ["-"]:
        return (sys.stdin.buffer.read(_STDIN_MAX_BYTES).decode("utf-8", "replace"),)
    return tuple(_LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text) for text in texts)


def _read_trust(path: Path) -> object:
    """Return what a file of trust holds: JSON, or else one certificate."""
    data = read_file(path, TRUST_MAX_BYTES)
    try:
        return parse_strict_json(data.removeprefix(b"\xef\xbb\xbf"), TRUST_MAX_BYTES)
    except WireError as error:
        if data.lstrip()[:1] in {_OBJECT, b"["}:
            raise Refused(ProblemId.BAD_REQUEST, f"{path}: {error}") from error
    return data.decode("ascii") if data.isascii() else base64.b64encode(data).decode("ascii")


def _tell_findings(believed: ForeignTrust) -> None:
    for finding in believed.findings:
        where = f"{finding.place}: " if finding.place else ""
        typer.echo(f"trust {where}{finding.fault}{f': {finding.detail}' if finding.detail else ''}", err=True)


def _tell_refusal(reason: ReasonId, detail: str, lang: Language, *, as_json: bool) -> None:
    if as_json:
        print_json(_Answer(valid=False, reason=reason, detail=detail))
        return
    row = REASONS[reason]
    console.print(row.guard.text(lang), style="bold yellow", markup=False)
    console.print(f"{reason}: {detail}" if detail else str(reason), style="dim", markup=False)


def _tell(verified: ForeignCode, lang: Language, *, as_json: bool) -> None:
    name = (
        mask_name(" ".join(part for part in (verified.names[0].family, verified.names[0].given) if part))
        if verified.names
        else ""
    )
    if as_json:
        print_json(
            _Answer(
                valid=True,
                reason=VERIFIED,
                format=verified.format,
                issuer=verified.issuer,
                name=name,
                proofs=verified.proofs,
                valid_until=verified.valid_until,
                departures=verified.departures,
            )
        )
        return
    true = Sentence("验证通过", "verified")
    console.print(
        f"{FORMAT_WORDS[ForeignFormat(verified.format)].text(lang)}: {true.text(lang)}",
        style="bold green",
        markup=False,
    )
    # Whatever a code says may be drawn by a terminal: only what is printable is.
    issuer = "".join(each if each.isprintable() else "?" for each in verified.issuer)
    console.print(f"{issuer}  {name}", markup=False)
    for proof in verified.proofs:
        console.print(f"  - {_say_proof(proof, lang)}", markup=False)
    for departure in verified.departures:
        console.print(f"  ~ {DEPARTURE_WORDS[Departure(departure)].text(lang)}", style="dim", markup=False)


def _say_proof(proof: Proof, lang: Language) -> str:
    found: Any = None
    if proof.positive is not None:
        found = _FINDINGS[proof.positive]
    elif proof.complete is not None:
        found = _DOSES[proof.complete, proof.boosted]
    said = f" {found.text(lang)}" if found is not None else ""
    return f"{PROOF_WORDS[proof.kind].text(lang)}{said} {proof.at:%Y-%m-%d}"


@app.command("publish-trust")
def publish_trust(
    file: Annotated[
        Path, typer.Argument(help="Trust in foreign codes (JSON): sets, documents, lists, or a list of them.")
    ],
    *,
    hub: Annotated[str, typer.Option(help="Address of the hub.")],
    key: Annotated[Path, typer.Option(help="The operator's key file.")],
) -> None:
    """Publish whom every checkpoint believes of foreign codes; what of it cannot be used is told first."""
    data = read_file(file, FOREIGN_TRUST_MAX_BYTES)
    for trust in parse_foreign_trust(data).values():
        _tell_findings(trust)

    async def publish() -> dict[str, object]:
        async with calling_node(hub, key) as caller:
            return await caller.publish_foreign_trust(data)

    console.print(f"published in bundle {asyncio.run(publish())['number']}", markup=False)
