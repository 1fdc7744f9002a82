"""The line protocol of ``tongxing proofs verify``: one JSON object a line in, one a line out, in the same order.

In: ``{"id": …, "qr": "HC1:…", "trust": […], "clock": "2021-05-03T18:00:00Z", "checks": ["VERIFY", …]}``.

- ``qr``: the text, or a list of a card's chunks; ``picture_b64``, or a ``data:`` address as ``qr``, is a picture.
- ``trust``: entries ``{kid_b64, cert_b64}``, a JWK set, a snapshot, a DID document, revocation lists, or a list of them
  (``tongxing.trust.trust_material``). Without it, what ``--trust`` named. ``crl``, ``revocation``, ``jwks`` and
  ``did`` add to it.
- ``clock``: ISO 8601, in UTC where it says no offset, or unix seconds; now where there is none.
- ``checks``: labels of what to check (``tongxing.core.foreign_codes.ForeignCheck``); everything where there are none.

Out: ``{"id": …, "valid": true|false, "reason": "verified"|slug}``: the slug of a reason of ``core.reasons``, or of a
``LineFault`` where the line itself is at fault. Any line whatever has an answer; a line is bounded.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, BinaryIO, Final

import msgspec

from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.foreign_codes import ForeignCode, ForeignFormat, parse_checks
from tongxing.core.limits import PICTURE_MAX_BYTES
from tongxing.recognition.foreign_codes import FOREIGN_FAMILIES, ForeignTrust, read_foreign_texts
from tongxing.trust.trust_material import sort_material
from tongxing.wire.cbor import WireError
from tongxing.wire.qr import read_picture
from tongxing.wire.strict_json import parse_strict_json

LINE_MAX_BYTES: Final = 32 * 1024 * 1024
VERIFIED: Final = "verified"
CLOCK_YEARS: Final = range(1970, 2200)

_LOADED_MAX: Final = 64
_TEXTS_MAX: Final = 16
_CHECKS_MAX: Final = 64
_UNIX_SECONDS: Final = re.compile("[0-9]{9,12}")
_DATA_ADDRESS: Final = "data:image/"
_BASE64_MARK: Final = ";base64,"
_TRUST_FIELDS: Final = ("trust", "crl", "crls", "revocation", "revocations", "revocation_list", "jwks", "did")
_encode: Final = msgspec.json.Encoder().encode


class LineFault(StrEnum):
    """What can be wrong with a line that is no code's fault."""

    LINE_TOO_LONG = "line_too_long"
    LINE_MALFORMED = "line_malformed"
    QR_MALFORMED = "qr_malformed"
    CLOCK_MALFORMED = "clock_malformed"
    CHECKS_MALFORMED = "checks_malformed"
    CHECK_UNKNOWN = "check_unknown"


class LineRefused(Exception):
    """A line that asks for nothing that can be done."""

    def __init__(self, fault: LineFault, detail: str = "") -> None:
        super().__init__(f"{fault}: {detail}" if detail else str(fault))
        self.fault = fault
        self.detail = detail


class LineAnswer(msgspec.Struct, frozen=True):
    """One line out."""

    id: Any
    valid: bool
    reason: str


@dataclass(slots=True)
class LoadedTrust:
    """Trust as each format reads it, loaded once for all lines that bring the same; the oldest of many goes."""

    given: tuple[object, ...] = ()
    _held: dict[tuple[ForeignFormat, bytes], ForeignTrust] = field(default_factory=dict)

    def of(self, found: ForeignFormat, values: tuple[object, ...]) -> ForeignTrust:
        """Return the trust of a format: that of the line, or what the command was given."""
        key = (found, _encode(values) if values else b"")
        if key not in self._held:
            if len(self._held) >= _LOADED_MAX:
                self._held.pop(next(iter(self._held)))
            self._held[key] = FOREIGN_FAMILIES[found].load(sort_material(*(values or self.given)))
        return self._held[key]


def answer_lines(lines: BinaryIO, trust: LoadedTrust, now: datetime) -> Iterator[bytes]:
    """Yield one answer for each line that is not empty."""
    while line := lines.readline(LINE_MAX_BYTES + 1):
        if len(line) > LINE_MAX_BYTES:
            _pass_over(lines, line)
            yield _encode(LineAnswer(None, valid=False, reason=LineFault.LINE_TOO_LONG)) + b"\n"
        elif line.strip():
            yield _encode(answer_line(line, trust, now)) + b"\n"


def answer_line(line: bytes, trust: LoadedTrust, now: datetime) -> LineAnswer:
    """Return the answer to one line. Never raises for what the line holds."""
    asked: Mapping[str, Any] = {}
    try:
        asked = _parse_line(line)
        _verify(asked, trust, now)
    except (Rejected, Undecidable) as refused:
        return LineAnswer(asked.get("id"), valid=False, reason=refused.reason)
    except LineRefused as refused:
        return LineAnswer(asked.get("id"), valid=False, reason=refused.fault)
    return LineAnswer(asked.get("id"), valid=True, reason=VERIFIED)


def read_clock(value: object, now: datetime) -> datetime:
    """Return the moment of a clock: ISO 8601, in UTC where no offset is said, or unix seconds; ``now`` for None.

    Raises ``LineRefused``, also for a moment outside of ``CLOCK_YEARS``: then no arithmetic leaves the calendar.
    """
    if value is None or value == "":
        return now
    try:
        moment = _read_moment(value)
    except (ValueError, OverflowError, OSError) as error:
        raise LineRefused(LineFault.CLOCK_MALFORMED, str(error)) from error
    if moment.year not in CLOCK_YEARS:
        raise LineRefused(LineFault.CLOCK_MALFORMED, f"a moment of the years {CLOCK_YEARS[0]} to {CLOCK_YEARS[-1]}")
    return moment


def _read_moment(value: object) -> datetime:
    if isinstance(value, str) and (seconds := _UNIX_SECONDS.fullmatch(value.strip())):
        return datetime.fromtimestamp(int(seconds[0]), UTC)
    if isinstance(value, str):
        moment = datetime.fromisoformat(value.strip().upper())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    raise ValueError("neither a text nor a number")


def _parse_line(line: bytes) -> Mapping[str, Any]:
    try:
        asked = parse_strict_json(line.strip().removeprefix(b"\xef\xbb\xbf"), LINE_MAX_BYTES)
    except WireError as error:
        raise LineRefused(LineFault.LINE_MALFORMED, str(error)) from error
    if not isinstance(asked, dict):
        raise LineRefused(LineFault.LINE_MALFORMED, "not an object")
    return asked


def _verify(asked: Mapping[str, Any], trust: LoadedTrust, now: datetime) -> ForeignCode:
    at = read_clock(asked.get("clock"), now)
    try:
        checks = parse_checks(_checks_of(asked.get("checks")))
    except Refused as unknown:
        raise LineRefused(LineFault.CHECK_UNKNOWN, unknown.detail) from unknown
    found, texts = read_foreign_texts(_texts_of(asked), checks)
    values = tuple(asked[name] for name in _TRUST_FIELDS if asked.get(name) is not None)
    if values and asked.get("trust") is None:
        values = (*trust.given, *values)
    return trust.of(found, values).verify(texts, at, checks)


def _checks_of(value: object) -> Iterable[str]:
    """Return the labels to check: of a list, of one text, or of an object those that it names."""
    if value is None:
        return ()
    labels = value.replace(",", " ").split() if isinstance(value, str) else value
    if isinstance(labels, list | dict) and len(labels) <= _CHECKS_MAX and all(isinstance(each, str) for each in labels):
        return labels
    raise LineRefused(LineFault.CHECKS_MALFORMED)


def _texts_of(asked: Mapping[str, Any]) -> tuple[str, ...]:
    picture, shown = asked.get("picture_b64"), asked.get("qr")
    if isinstance(picture, str) and not shown:
        return (_read_base64_picture(picture),)
    if shown is None:
        return ()
    texts = shown if isinstance(shown, list) else [shown]
    if len(texts) > _TEXTS_MAX or not all(isinstance(each, str) for each in texts):
        raise LineRefused(LineFault.QR_MALFORMED, "a text, or a list of a card's chunks")
    return tuple(
        _read_base64_picture(text.partition(_BASE64_MARK)[2]) if text.startswith(_DATA_ADDRESS) else text
        for text in texts
    )


def _read_base64_picture(text: str) -> str:
    if len(text) > 2 * PICTURE_MAX_BYTES:
        raise LineRefused(LineFault.QR_MALFORMED, "a very large picture")
    try:
        return read_picture(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as error:
        raise LineRefused(LineFault.QR_MALFORMED, "not base64") from error


def _pass_over(lines: BinaryIO, line: bytes) -> None:
    """Read to the end of a line that is too long, without keeping it."""
    while line and not line.endswith(b"\n"):
        line = lines.readline(LINE_MAX_BYTES)
