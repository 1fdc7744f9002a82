"""Conversion statements: what a region says of one person so that another can render it in its own code (way 2).

Apart from the statements of ``wire.statement`` by their ``typ``: those answer a checkpoint and live half a
minute, these need the person's consent. Three kinds, each with a ``typ`` of its own, so that none can be
taken for another:

- *asked*: the answer to one query of the host's gateway; it may hold a renewal token, which is sealed
  by the issuer for itself (``wire.renewal``) and opaque to the host, and the subject's keys sealed to the hub, so
  that the host can have others consulted (``wire.consultation``), as in a statement for a checkpoint.
- *carried*: handed to the person, who brings it; it lives ``CARRIED_STATEMENT_LIFE``, is taken once, and is
  bound to its subject by ``binding``: HMAC-SHA256 under the subject key over the statement's id, 16 bytes.
- *across*: carried over a border that no personal data cross otherwise (``core.border``), on one day. Subject keys
  do not cross it either, so its ``binding`` is HMAC-SHA256 under the statement's id over the document.

A COSE_Sign1 (``wire.cose``) over a CWT claims map (RFC 8392). Form first, the content only after the
signature was checked; audience, id and time are for whoever takes it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from tongxing.core.errors import Undecidable
from tongxing.core.limits import RENEWAL_TOKEN_MAX_BYTES, STATEMENT_MAX_BYTES
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

STATEMENT_ID_BYTES: Final = 16
BINDING_BYTES: Final = 16

# CWT's registered claims, then ours from the range for private use.
_ISS, _AUD, _EXP, _IAT, _CTI = 1, 3, 4, 6, 7
_REPORT, _ORIGIN, _HINT, _CONSULTATION, _RENEWAL, _BINDING = -65539, -65540, -65541, -65543, -65550, -65551
_NEEDED: Final = frozenset({_ISS, _AUD, _EXP, _IAT, _CTI, _REPORT})
_KNOWN: Final = _NEEDED | {_ORIGIN, _HINT, _CONSULTATION, _RENEWAL, _BINDING}


class StatementKind(StrEnum):
    """The ``typ`` of the kinds."""

    ASKED = "tongxing-conversion"
    CARRIED = "tongxing-carried"
    ACROSS = "tongxing-across"


CARRIED_KINDS: Final = frozenset({StatementKind.CARRIED, StatementKind.ACROSS})
"""The kinds that a person brings."""


@dataclass(frozen=True, slots=True)
class ConversionStatement:
    """What one region says to another of one person, for a conversion. Times are aware UTC.

    ``statement_id`` (16 bytes) is the asker's query id, or the issuer's own number of a carried one.
    ``binding`` (16 bytes) is in carried ones and in no other, ``consultation`` in no carried one: who carries one
    tells the host who they are.
    """

    kind: StatementKind
    issuer: RegionId
    audience: RegionId
    statement_id: bytes
    issued_at: datetime
    expires_at: datetime
    report: Report
    origin: Origin | None
    masked_hint: str | None
    renewal_token: bytes | None = None
    binding: bytes | None = None
    consultation: bytes | None = None


@dataclass(frozen=True, slots=True)
class UnverifiedConversionStatement:
    """A conversion statement whose form is right and whose signature was not checked."""

    issuer_claimed: RegionId
    kid: bytes
    to_be_signed: bytes
    signature: bytes
    _statement: ConversionStatement

    def statement_after(self, verify: Callable[[bytes, bytes], None]) -> ConversionStatement:
        """Return the statement once ``verify(to_be_signed, signature)`` did not raise."""
        verify(self.to_be_signed, self.signature)
        return self._statement


def encode_conversion_statement(
    statement: ConversionStatement, *, alg: int, kid: bytes, sign: Callable[[bytes], bytes]
) -> bytes:
    """Return the signed bytes, times cut to seconds. Raises ``WireError`` where parsing would refuse the result."""
    claims: dict[int, object] = {
        _ISS: str(statement.issuer),
        _AUD: str(statement.audience),
        _EXP: encode_seconds(statement.expires_at),
        _IAT: encode_seconds(statement.issued_at),
        _CTI: statement.statement_id,
        _REPORT: encode_report(statement.report),
    }
    if statement.origin is not None:
        claims[_ORIGIN] = encode_origin(statement.origin)
    if statement.masked_hint is not None:
        claims[_HINT] = statement.masked_hint
    if statement.renewal_token is not None:
        claims[_RENEWAL] = statement.renewal_token
    if statement.binding is not None:
        claims[_BINDING] = statement.binding
    if statement.consultation is not None:
        claims[_CONSULTATION] = statement.consultation
    payload = encode_canonical(claims)
    _parse_payload(payload, statement.kind)
    data = encode_sign1(payload, alg=alg, kid=kid, content_type=statement.kind.value, sign=sign)
    if len(data) > STATEMENT_MAX_BYTES:
        raise WireError(f"a statement of {len(data)} bytes, at most {STATEMENT_MAX_BYTES} are allowed")
    return data


def parse_conversion_statement(data: bytes, kind: StatementKind) -> UnverifiedConversionStatement:
    """Read a statement of that kind, of at most ``STATEMENT_MAX_BYTES``.

    Raises ``Undecidable(SOURCE_UNREADABLE)`` for anything that could not have been made as one.
    """
    try:
        if len(data) > STATEMENT_MAX_BYTES:
            raise WireError(f"a statement of more than {STATEMENT_MAX_BYTES} bytes")
        envelope = parse_sign1(data)
        if envelope.content_type != kind.value:
            raise WireError("something else than such a statement was signed")
        statement = _parse_payload(envelope.payload, kind)
    except WireError as error:
        raise Undecidable(ReasonId.SOURCE_UNREADABLE, str(error)) from error
    return UnverifiedConversionStatement(
        statement.issuer, envelope.kid, envelope.to_be_signed, envelope.signature, statement
    )


def claimed_kind(data: bytes) -> StatementKind | None:
    """Return the kind that an envelope of at most ``STATEMENT_MAX_BYTES`` claims; None for whatever is none."""
    if len(data) > STATEMENT_MAX_BYTES:
        return None
    try:
        return StatementKind(parse_sign1(data).content_type)
    except (WireError, ValueError):
        return None


def _parse_payload(payload: bytes, kind: StatementKind) -> ConversionStatement:
    claims = parse_canonical(payload, STATEMENT_MAX_BYTES)
    if not isinstance(claims, dict) or not _NEEDED <= claims.keys() <= _KNOWN:
        raise WireError("a conversion statement has all of its claims and no others")
    if (_BINDING in claims) != (kind in CARRIED_KINDS):
        raise WireError("a carried statement is bound to its subject, and no other is")
    if claims.keys() & {_CONSULTATION, _RENEWAL} and kind in CARRIED_KINDS:
        raise WireError("a carried statement has nothing to ask again with")
    issued_at, expires_at = parse_seconds(claims[_IAT]), parse_seconds(claims[_EXP])
    if expires_at <= issued_at:
        raise WireError("a statement expires after it was issued")
    return ConversionStatement(
        kind=kind,
        issuer=parse_region(claims[_ISS]),
        audience=parse_region(claims[_AUD]),
        statement_id=_parse_bytes(claims[_CTI], STATEMENT_ID_BYTES, STATEMENT_ID_BYTES),
        issued_at=issued_at,
        expires_at=expires_at,
        report=parse_report(claims[_REPORT]),
        origin=parse_origin(claims[_ORIGIN]) if _ORIGIN in claims else None,
        masked_hint=_parse_hint(claims[_HINT]) if _HINT in claims else None,
        renewal_token=_parse_bytes(claims[_RENEWAL], 1, RENEWAL_TOKEN_MAX_BYTES) if _RENEWAL in claims else None,
        binding=_parse_bytes(claims[_BINDING], BINDING_BYTES, BINDING_BYTES) if _BINDING in claims else None,
        consultation=parse_sealed_consultation(claims[_CONSULTATION]) if _CONSULTATION in claims else None,
    )


def _parse_bytes(value: object, shortest: int, longest: int) -> bytes:
    if not isinstance(value, bytes) or not shortest <= len(value) <= longest:
        raise WireError(f"{shortest} to {longest} bytes are expected")
    return value


def _parse_hint(value: object) -> str:
    if not isinstance(value, str) or len(value) > HINT_MAX_CHARACTERS or not value.isprintable():
        raise WireError(f"a hint has at most {HINT_MAX_CHARACTERS} printable characters")
    return value
