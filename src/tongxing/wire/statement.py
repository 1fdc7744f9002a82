"""Statements: one region's signed answer to another about one presented code.

A statement says one report, for one audience, in answer to one query, for half a minute; the subject is
named only by a handle made for that query, so two statements cannot be put together. It is a
COSE_Sign1 (``wire.cose``) with ``typ`` ``tongxing-statement`` over a CWT claims map (RFC 8392).

Order as in ``wire.national_code``: form first, the content only after the signature was checked. Whether
audience, query and time fit is for whoever asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tongxing.core.errors import Undecidable
from tongxing.core.limits import STATEMENT_MAX_BYTES
from tongxing.core.masking import HINT_MAX_CHARACTERS
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Origin, Report
from tongxing.core.words import RegionId
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical
from tongxing.wire.consultation import parse_sealed_consultation
from tongxing.wire.cose import encode_sign1, parse_sign1
from tongxing.wire.reports import (
    encode_origin,
    encode_report,
    encode_seconds,
    parse_origin,
    parse_region,
    parse_report,
    parse_seconds,
)

CONTENT_TYPE: Final = "tongxing-statement"
QUERY_ID_BYTES: Final = 16
HANDLE_MAX_CHARACTERS: Final = 128

# CWT's registered claims, then ours from the range for private use.
_ISS, _AUD, _EXP, _IAT, _CTI = 1, 3, 4, 6, 7
_REPORT, _ORIGIN, _HINT, _HANDLE, _CONSULTATION, _SEALED_BY = -65539, -65540, -65541, -65542, -65543, -65554
_NEEDED: Final = frozenset({_ISS, _AUD, _EXP, _IAT, _CTI, _REPORT, _HANDLE})
_KNOWN: Final = _NEEDED | {_ORIGIN, _HINT, _CONSULTATION, _SEALED_BY}
_SEALED_BY_PARTS: Final = 2


@dataclass(frozen=True, slots=True)
class SealedBy:
    """The region that sealed a consultation, a converted code's source, and on which query of the audience's."""

    issuer: RegionId
    query_id: bytes


@dataclass(frozen=True, slots=True)
class Statement:
    """What one region says to another: ``query_id`` (16 bytes) is the asker's, times are aware UTC.

    ``consultation`` is for the hub alone (``wire.consultation``); None where the issuer has no handle to
    the subject beyond this query. ``sealed_by`` is given where another region than the issuer made it.
    """

    issuer: RegionId
    audience: RegionId
    query_id: bytes
    issued_at: datetime
    expires_at: datetime
    report: Report
    origin: Origin | None
    masked_hint: str | None
    subject_handle: str
    consultation: bytes | None = None
    sealed_by: SealedBy | None = None


@dataclass(frozen=True, slots=True)
class UnverifiedStatement:
    """A statement whose form is right and whose signature was not checked."""

    issuer_claimed: RegionId
    kid: bytes
    alg: int
    to_be_signed: bytes
    signature: bytes
    _statement: Statement

    def statement_after(self, verify: Callable[[bytes, bytes], None]) -> Statement:
        """Return the statement once ``verify(to_be_signed, signature)`` did not raise."""
        verify(self.to_be_signed, self.signature)
        return self._statement


def encode_statement(statement: Statement, *, alg: int, kid: bytes, sign: Callable[[bytes], bytes]) -> bytes:
    """Return the signed bytes of a statement, times cut to seconds.

    Raises ``WireError`` where ``parse_statement`` would refuse the result.
    """
    claims: dict[int, object] = {
        _ISS: str(statement.issuer),
        _AUD: str(statement.audience),
        _EXP: encode_seconds(statement.expires_at),
        _IAT: encode_seconds(statement.issued_at),
        _CTI: statement.query_id,
        _REPORT: encode_report(statement.report),
        _HANDLE: statement.subject_handle,
    }
    if statement.origin is not None:
        claims[_ORIGIN] = encode_origin(statement.origin)
    if statement.masked_hint is not None:
        claims[_HINT] = statement.masked_hint
    if statement.consultation is not None:
        claims[_CONSULTATION] = statement.consultation
    if statement.sealed_by is not None:
        claims[_SEALED_BY] = [str(statement.sealed_by.issuer), statement.sealed_by.query_id]
    payload = encode_canonical(claims)
    _parse_payload(payload)
    data = encode_sign1(payload, alg=alg, kid=kid, content_type=CONTENT_TYPE, sign=sign)
    if len(data) > STATEMENT_MAX_BYTES:
        raise WireError(f"a statement of {len(data)} bytes, at most {STATEMENT_MAX_BYTES} are allowed")
    return data


def parse_statement(data: bytes) -> UnverifiedStatement:
    """Read the bytes of a statement of at most ``STATEMENT_MAX_BYTES``.

    Raises ``Undecidable(SOURCE_UNREADABLE)`` for anything ``encode_statement`` could not have made.
    """
    try:
        if len(data) > STATEMENT_MAX_BYTES:
            raise WireError(f"a statement of more than {STATEMENT_MAX_BYTES} bytes")
        envelope = parse_sign1(data)
        if envelope.content_type != CONTENT_TYPE:
            raise WireError("something else than a statement was signed")
        statement = _parse_payload(envelope.payload)
    except WireError as error:
        raise Undecidable(ReasonId.SOURCE_UNREADABLE, str(error)) from error
    return UnverifiedStatement(
        statement.issuer, envelope.kid, envelope.alg, envelope.to_be_signed, envelope.signature, statement
    )


def _parse_payload(payload: bytes) -> Statement:
    claims = parse_canonical(payload, STATEMENT_MAX_BYTES)
    if not isinstance(claims, dict) or not _NEEDED <= claims.keys() <= _KNOWN:
        raise WireError("a statement has all of its claims and no others")
    if _SEALED_BY in claims and _CONSULTATION not in claims:
        raise WireError("who sealed a consultation is said beside it")
    issued_at, expires_at = parse_seconds(claims[_IAT]), parse_seconds(claims[_EXP])
    if expires_at <= issued_at:
        raise WireError("a statement expires after it was issued")
    return Statement(
        issuer=parse_region(claims[_ISS]),
        audience=parse_region(claims[_AUD]),
        query_id=_parse_query_id(claims[_CTI]),
        issued_at=issued_at,
        expires_at=expires_at,
        report=parse_report(claims[_REPORT]),
        origin=parse_origin(claims[_ORIGIN]) if _ORIGIN in claims else None,
        masked_hint=_parse_text(claims[_HINT], 0, HINT_MAX_CHARACTERS) if _HINT in claims else None,
        subject_handle=_parse_text(claims[_HANDLE], 1, HANDLE_MAX_CHARACTERS),
        consultation=parse_sealed_consultation(claims[_CONSULTATION]) if _CONSULTATION in claims else None,
        sealed_by=_parse_sealed_by(claims[_SEALED_BY]) if _SEALED_BY in claims else None,
    )


def _parse_query_id(value: object) -> bytes:
    if not isinstance(value, bytes) or len(value) != QUERY_ID_BYTES:
        raise WireError(f"a query id has {QUERY_ID_BYTES} bytes")
    return value


def _parse_sealed_by(value: object) -> SealedBy:
    if not isinstance(value, list) or len(value) != _SEALED_BY_PARTS:
        raise WireError("who sealed a consultation is a region and a query id")
    return SealedBy(parse_region(value[0]), _parse_query_id(value[1]))


def _parse_text(value: object, shortest: int, longest: int) -> str:
    if not isinstance(value, str) or not shortest <= len(value) <= longest or not value.isprintable():
        raise WireError(f"a printable text of {shortest} to {longest} characters is expected")
    return value
