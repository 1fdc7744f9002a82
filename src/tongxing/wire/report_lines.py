"""A report on one line of JSON, as batches carry it: subject key in hex, report, origin where one is known.

One JSON object a line (RFC 8259, narrowed by ``wire.strict_json``), lines ended by a line feed. ``encode_report_line``
writes the members in one order, so that the same report is always the same line.

A line is read by its form at once, straight to what a record keeps, in a quarter of the time that taking it apart
needs. What does not have that form is taken apart by ``wire.reports``, which says what is wrong with it.
"""

from typing import Annotated, Final

import msgspec

from tongxing.core.causes import Cause, HeldCause
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.subjects import SUBJECT_KEY_BYTES, SubjectKey
from tongxing.wire.cbor import WireError
from tongxing.wire.report_bodies import (
    CAUSE_PLACES,
    COLOUR_ONLY,
    RETRACTED,
    KeptReport,
    keep_report,
    known_sources,
    parse_body,
    place_origin,
    place_seconds,
    write_body,
)
from tongxing.wire.reports import (
    CAUSES_MAX,
    LATEST_SECONDS,
    REVISION_MAX,
    SOURCES_MAX,
    encode_seconds,
    known_region,
    parse_origin,
    parse_report,
)
from tongxing.wire.strict_json import has_each_name_once, parse_strict_json

LINE_MAX_BYTES: Final = 16 * 1024

_NEEDED: Final = frozenset({"subject", "report"})
_KNOWN: Final = _NEEDED | {"origin"}
_HEX_PER_BYTE: Final = 2

_Seconds = Annotated[int, msgspec.Meta(ge=0, le=LATEST_SECONDS)]


class _Cause(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    cause: Cause
    since_seconds: _Seconds
    until_seconds: _Seconds | None = None


class _Report(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    issuer: str
    standing: Standing
    revision: Annotated[int, msgspec.Meta(ge=0, le=REVISION_MAX)]
    as_of_seconds: _Seconds
    level: Level | None = None
    causes: Annotated[tuple[_Cause, ...], msgspec.Meta(min_length=1, max_length=CAUSES_MAX)] = ()
    valid_until_seconds: _Seconds | None = None
    sources_checked: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=SOURCES_MAX)] = ()
    derived_from: str | None = None
    colour_only: bool = False
    retracted: bool = False


class _Origin(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    precision: Precision
    basis: OriginBasis
    division: str | None = None


class _Row(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    subject: str
    report: _Report
    origin: _Origin | None = None


_write = msgspec.json.Encoder().encode
_read = msgspec.json.Decoder(_Row).decode


def encode_report_line(subject: SubjectKey, report: Report, origin: Origin | None) -> bytes:
    """Return the line of a report, without its end. Raises ``WireError`` for a naive time."""
    content = _Report(
        str(report.issuer),
        report.standing,
        report.revision,
        encode_seconds(report.as_of),
        report.level,
        tuple([_encode_cause(held) for held in report.causes]),
        None if report.valid_until is None else encode_seconds(report.valid_until),
        report.sources_checked,
        None if report.derived_from is None else str(report.derived_from),
        report.colour_only,
        report.retracted,
    )
    of = None if origin is None else _Origin(origin.precision, origin.basis, origin.division)
    return _write(_Row(subject.hex(), content, of))


def keep_report_line(line: bytes) -> KeptReport:
    """Read a line of at most ``LINE_MAX_BYTES`` bytes as a record keeps it.

    Raises ``WireError``, whose sentence quotes nothing of the line.
    """
    if len(line) <= LINE_MAX_BYTES:
        try:
            row = _read(line)
            # What has a default and is told all the same (a null, a false) is not written: no form of ours.
            written = _write(row)
            if written == line or has_each_name_once(line, written):
                return _keep(row)
        except (ValueError, RecursionError):
            pass
    return keep_report(*_take_apart(line))


def parse_report_line(line: bytes) -> tuple[SubjectKey, Report, Origin | None]:
    """Read a line; raises as ``keep_report_line``."""
    kept = keep_report_line(line)
    return (kept.subject, *parse_body(kept.body))


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


def _keep(row: _Row) -> KeptReport:
    report, origin = row.report, row.origin
    known_sources(report.sources_checked)
    body = write_body(
        report.standing,
        report.level,
        report.issuer,
        (
            report.revision,
            place_seconds(report.as_of_seconds),
            None if report.valid_until_seconds is None else place_seconds(report.valid_until_seconds),
            [
                (
                    CAUSE_PLACES[held.cause],
                    place_seconds(held.since_seconds),
                    None if held.until_seconds is None else place_seconds(held.until_seconds),
                )
                for held in report.causes
            ],
            report.sources_checked,
            None if report.derived_from is None else known_region(report.derived_from),
            (COLOUR_ONLY if report.colour_only else 0) | (RETRACTED if report.retracted else 0),
            None if origin is None else place_origin(origin.division, origin.precision, origin.basis),
        ),
    )
    return KeptReport(
        _parse_subject(row.subject), known_region(report.issuer), report.revision, int(report.retracted), body
    )


def _encode_cause(held: HeldCause) -> _Cause:
    return _Cause(held.cause, encode_seconds(held.since), None if held.until is None else encode_seconds(held.until))
