"""Deletion reports: what a node says, signed, of what it has deleted and what it still holds.

A COSE_Sign1 (``wire.cose``) of the map: 1 number, 2 region, 3 occasion, 4 seconds, 5 since seconds, 6 SHA-256 of the
report before (32 zero bytes for the first), 7 rows ``[table, deleted, held, overdue]`` by table; of a region that
left also 8, which: then the rows are of what was that region's. An auditor who holds
report n finds out whether n + 1 continues it: none can be left out or changed later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from tongxing.core.words import RegionId
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical
from tongxing.wire.cose import encode_sign1, parse_sign1
from tongxing.wire.reports import encode_seconds, parse_region, parse_seconds

REPORT_MAX_BYTES: Final = 16 * 1024
ROWS_MAX: Final = 256
NUMBER_MAX: Final = (1 << 53) - 1
DIGEST_BYTES: Final = 32
FIRST: Final = bytes(DIGEST_BYTES)

_CONTENT_TYPE: Final = "tongxing-deletion"
_NUMBER, _REGION, _OCCASION, _AT, _SINCE, _BEFORE, _ROWS, _OF = range(1, 9)
_ROW_PARTS: Final = 4
_TABLE_MAX_CHARACTERS: Final = 64


class Occasion(StrEnum):
    """Why things were deleted."""

    DAILY = "daily"
    SHUTDOWN = "shutdown"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class TableDeletion:
    """Of one table: rows deleted since the report before, rows held now, and of these how many past their end."""

    table: str
    deleted: int
    held: int
    overdue: int


@dataclass(frozen=True, slots=True)
class DeletionReport:
    """One report. ``before`` is the SHA-256 of the signed report before it; ``of`` the region that left, if one did."""

    number: int
    region: RegionId
    occasion: Occasion
    at: datetime
    since: datetime
    before: bytes
    rows: tuple[TableDeletion, ...]
    of: RegionId | None = None


@dataclass(frozen=True, slots=True)
class UnverifiedDeletionReport:
    """A report whose form is right and whose signature was not checked."""

    kid: bytes
    to_be_signed: bytes
    signature: bytes
    _report: DeletionReport

    def report_after(self, verify: Callable[[bytes, bytes], None]) -> DeletionReport:
        """Return the report once ``verify(to_be_signed, signature)`` did not raise."""
        verify(self.to_be_signed, self.signature)
        return self._report


def encode_deletion_report(report: DeletionReport, *, alg: int, kid: bytes, sign: Callable[[bytes], bytes]) -> bytes:
    """Return the signed bytes."""
    payload = encode_canonical(
        {
            _NUMBER: report.number,
            _REGION: str(report.region),
            _OCCASION: report.occasion.value,
            _AT: encode_seconds(report.at),
            _SINCE: encode_seconds(report.since),
            _BEFORE: report.before,
            _ROWS: [[row.table, row.deleted, row.held, row.overdue] for row in report.rows],
            **({} if report.of is None else {_OF: str(report.of)}),
        }
    )
    return encode_sign1(payload, alg=alg, kid=kid, content_type=_CONTENT_TYPE, sign=sign)


def parse_deletion_report(data: bytes) -> UnverifiedDeletionReport:
    """Read a report of at most ``REPORT_MAX_BYTES``. Raises ``WireError`` for whatever is none."""
    if len(data) > REPORT_MAX_BYTES:
        raise WireError(f"a report of more than {REPORT_MAX_BYTES} bytes")
    envelope = parse_sign1(data)
    if envelope.content_type != _CONTENT_TYPE:
        raise WireError("something else than a deletion report was signed")
    claims = parse_canonical(envelope.payload, REPORT_MAX_BYTES)
    if not isinstance(claims, dict) or claims.keys() - {_OF} != set(range(1, 8)):
        raise WireError("a deletion report has seven parts, and an eighth where a region left")
    if (_OF in claims) != (claims[_OCCASION] == Occasion.LEAVING):
        raise WireError("a deletion report names a region that left, and only then")
    before, rows, occasion = claims[_BEFORE], claims[_ROWS], claims[_OCCASION]
    if not isinstance(before, bytes) or len(before) != DIGEST_BYTES:
        raise WireError(f"a digest has {DIGEST_BYTES} bytes")
    if not isinstance(rows, list) or len(rows) > ROWS_MAX or occasion not in tuple(Occasion):
        raise WireError("a deletion report has an occasion and rows")
    told = DeletionReport(
        _count(claims[_NUMBER]),
        parse_region(claims[_REGION]),
        Occasion(occasion),
        parse_seconds(claims[_AT]),
        parse_seconds(claims[_SINCE]),
        before,
        tuple(map(_parse_row, rows)),
        parse_region(claims[_OF]) if _OF in claims else None,
    )
    return UnverifiedDeletionReport(envelope.kid, envelope.to_be_signed, envelope.signature, told)


def _parse_row(value: object) -> TableDeletion:
    if not isinstance(value, list) or len(value) != _ROW_PARTS:
        raise WireError("a row has a table and three counts")
    table, *counts = value
    if not isinstance(table, str) or not 0 < len(table) <= _TABLE_MAX_CHARACTERS or not table.isidentifier():
        raise WireError("a table has a name")
    return TableDeletion(table, *map(_count, counts))


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= NUMBER_MAX:
        raise WireError("a count is a whole number")
    return value
