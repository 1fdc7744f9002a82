"""A report on one line of JSON, as batches carry it: subject key in hex, report, origin where one is known.

One JSON object a line (RFC 8259, narrowed by ``wire.strict_json``), lines ended by a line feed. ``encode_report_line``
writes the members in one order, so that the same report is always the same line.

A line is read by its form at once, in a quarter of the time that taking it apart needs. What does not have that form
is taken apart by ``wire.reports``, which says what is wrong with it: the words of that form are told there and here.
"""

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType

from tongxing.core.causes import Cause, HeldCause
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.subjects import SUBJECT_KEY_BYTES, SubjectKey
from tongxing.wire.cbor import WireError
from tongxing.wire.reports import (
    CAUSES_MAX,
    LATEST_SECONDS,
    REVISION_MAX,
    SOURCES_MAX,
    encode_seconds,
    known_division,
    known_region,
    known_source,
    moment_of,
    parse_origin,
    parse_report,
)
from tongxing.wire.strict_json import has_each_name_once, parse_strict_json

LINE_MAX_BYTES: Final = 16 * 1024

_NEEDED: Final = frozenset({"subject", "report"})
_KNOWN: Final = _NEEDED | {"origin"}
_HEX_PER_BYTE: Final = 2

_Seconds = Annotated[int, msgspec.Meta(ge=0, le=LATEST_SECONDS)]


class _Cause(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    cause: Cause
    since_seconds: _Seconds
    until_seconds: _Seconds | UnsetType = UNSET


class _Report(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    issuer: str
    standing: Standing
    revision: Annotated[int, msgspec.Meta(ge=0, le=REVISION_MAX)]
    as_of_seconds: _Seconds
    level: Level | UnsetType = UNSET
    causes: Annotated[tuple[_Cause, ...], msgspec.Meta(min_length=1, max_length=CAUSES_MAX)] | UnsetType = UNSET
    valid_until_seconds: _Seconds | UnsetType = UNSET
    sources_checked: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=SOURCES_MAX)] | UnsetType = UNSET
    derived_from: str | UnsetType = UNSET
    colour_only: bool | UnsetType = UNSET
    retracted: bool | UnsetType = UNSET


class _Origin(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    precision: Precision
    basis: OriginBasis
    division: str | UnsetType = UNSET


class _Row(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    subject: str
    report: _Report
    origin: _Origin | UnsetType | None = UNSET


_write = msgspec.json.Encoder().encode
_read = msgspec.json.Decoder(_Row).decode


def encode_report_line(subject: SubjectKey, report: Report, origin: Origin | None) -> bytes:
    """Return the line of a report, without its end. Raises ``WireError`` for a naive time."""
    content = _Report(
        str(report.issuer),
        report.standing,
        report.revision,
        encode_seconds(report.as_of),
        UNSET if report.level is None else report.level,
        tuple([_encode_cause(held) for held in report.causes]) or UNSET,
        UNSET if report.valid_until is None else encode_seconds(report.valid_until),
        report.sources_checked or UNSET,
        UNSET if report.derived_from is None else str(report.derived_from),
        report.colour_only or UNSET,
        report.retracted or UNSET,
    )
    return _write(_Row(subject.hex(), content, UNSET if origin is None else _encode_origin(origin)))


def parse_report_line(line: bytes) -> tuple[SubjectKey, Report, Origin | None]:
    """Read a line of at most ``LINE_MAX_BYTES`` bytes; raises ``WireError``, whose sentence quotes nothing of it."""
    if len(line) <= LINE_MAX_BYTES:
        try:
            row = _read(line)
            written = _write(row)
            if written == line or has_each_name_once(line, written):
                return _parse_subject(row.subject), _parse_report(row.report), _parse_origin(row.origin)
        except (ValueError, RecursionError):
            pass
    return _take_apart(line)


def _take_apart(line: bytes) -> tuple[SubjectKey, Report, Origin | None]:
    row = parse_strict_json(line, LINE_MAX_BYTES)
    if not isinstance(row, dict) or not _NEEDED <= row.keys() <= _KNOWN:
        raise WireError("a row has subject and report, perhaps origin, and nothing else")
    subject, origin = _parse_subject(row["subject"]), row.get("origin")
    return subject, parse_report(row["report"]), None if origin is None else parse_origin(origin)


def _parse_subject(value: object) -> SubjectKey:
    if not isinstance(value, str) or len(value) != SUBJECT_KEY_BYTES * _HEX_PER_BYTE:
        raise WireError(f"a subject key is {SUBJECT_KEY_BYTES} bytes in hexadecimal")
    try:
        subject = bytes.fromhex(value)
    except ValueError as wrong:
        raise WireError("a subject key is hexadecimal") from wrong
    if len(subject) != SUBJECT_KEY_BYTES:  # what fromhex reads may hold spaces
        raise WireError("a subject key is hexadecimal")
    return SubjectKey(subject)


def _parse_report(row: _Report) -> Report:
    sources = () if row.sources_checked is UNSET else row.sources_checked
    for source in sources:
        known_source(source)
    return Report(
        known_region(row.issuer),
        row.standing,
        None if row.level is UNSET else row.level,
        () if row.causes is UNSET else tuple([_parse_cause(held) for held in row.causes]),
        row.revision,
        moment_of(row.as_of_seconds),
        None if row.valid_until_seconds is UNSET else moment_of(row.valid_until_seconds),
        sources,
        None if row.derived_from is UNSET else known_region(row.derived_from),
        _is_told(row.colour_only),
        _is_told(row.retracted),
    )


def _parse_cause(row: _Cause) -> HeldCause:
    until = None if row.until_seconds is UNSET else moment_of(row.until_seconds)
    return HeldCause(row.cause, moment_of(row.since_seconds), until)


def _parse_origin(row: _Origin | UnsetType | None) -> Origin | None:
    if row is None or row is UNSET:
        return None
    return Origin(None if row.division is UNSET else known_division(row.division), row.precision, row.basis)


def _is_told(flag: object) -> bool:
    if flag is False:
        raise WireError("a flag is true or absent")
    return flag is True


def _encode_cause(held: HeldCause) -> _Cause:
    return _Cause(held.cause, encode_seconds(held.since), UNSET if held.until is None else encode_seconds(held.until))


def _encode_origin(origin: Origin) -> _Origin:
    return _Origin(origin.precision, origin.basis, UNSET if origin.division is None else origin.division)
