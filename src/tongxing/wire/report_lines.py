"""A report on one line of JSON, as batches carry it: subject key in hex, report, origin where one is known.

One JSON object a line (RFC 8259, narrowed by ``wire.strict_json``), lines ended by a line feed. ``encode_report_line``
writes the members in one order, so that the same report is always the same line.
"""

from typing import Final

import msgspec

from tongxing.core.reports import Origin, Report
from tongxing.core.subjects import SUBJECT_KEY_BYTES, SubjectKey
from tongxing.wire.cbor import WireError
from tongxing.wire.reports import encode_origin, encode_report, parse_origin, parse_report
from tongxing.wire.strict_json import parse_strict_json

LINE_MAX_BYTES: Final = 16 * 1024

_NEEDED: Final = frozenset({"subject", "report"})
_KNOWN: Final = _NEEDED | {"origin"}
_HEX_PER_BYTE: Final = 2

_encode = msgspec.json.Encoder().encode


def encode_report_line(subject: SubjectKey, report: Report, origin: Origin | None) -> bytes:
    """Return the line of a report, without its end."""
    row: dict[str, object] = {"subject": subject.hex(), "report": encode_report(report)}
    if origin is not None:
        row["origin"] = encode_origin(origin)
    return _encode(row)


def parse_report_line(line: bytes) -> tuple[SubjectKey, Report, Origin | None]:
    """Read a line of at most ``LINE_MAX_BYTES`` bytes; raises ``WireError``, whose sentence quotes nothing of it."""
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
