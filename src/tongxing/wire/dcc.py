"""EU Digital COVID Certificates: the text of a QR code to signed content, one layer after the other.

Spec: EU eHealth Network, *Guidelines on Technical Specifications for DCC*, volumes 1 and 3: prefix ``HC1:``, base45
(RFC 9285), zlib (RFC 1950), COSE_Sign1 (RFC 9052) around a CWT (RFC 8392) whose claim -260 holds the certificate.

Issuers encode as they like, so the envelope is not compared with a one and only form as ours is: what is kept
is exactly what was signed, and the signature decides. The key id of the protected header counts before that of the
other; it only finds signers and vouches for nothing. Each layer's size is bounded before it is opened.
"""

import base64
import binascii
import zlib
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from tongxing.core.departures import Departure
from tongxing.core.errors import Rejected
from tongxing.core.limits import SCAN_MAX_CHARACTERS
from tongxing.core.reasons import ReasonId
from tongxing.wire.base45 import decode_base45
from tongxing.wire.cbor import WireError, parse_foreign
from tongxing.wire.cose import ALG_LABEL, KID_LABEL, to_be_signed

PREFIX: Final = "HC1:"
ENVELOPE_MAX_BYTES: Final = 16 * 1024
"""Four times what the largest QR code holds; zlib makes at most a thousand of one byte, and more is a bomb."""

_FAMILY: Final = "HC"
_MAX_DEPTH: Final = 12
_LINE_ENDS: Final = "\r\n\t\0"
# Tags as they are written in front: self-described CBOR, CWT and COSE_Sign1, the latter also in a longer head.
_TAGS: Final = (b"\xd9\xd9\xf7", b"\xd8\x3d", b"\xd2", b"\xd8\x12")
_USUAL_TAG: Final = b"\xd2\x84"

_ISS: Final = 1
_EXP: Final = 4
_NBF: Final = 5
_IAT: Final = 6
_HCERT: Final = -260
_HCERT_V1: Final = 1
_EPOCH_MAX: Final = 1 << 63
_TIME_MAX_CHARACTERS: Final = 35


class DccClaims(msgspec.Struct, frozen=True, gc=False):
    """What was signed. Times are seconds since 1970 as they were told, None where they were not.

    ``content`` is the certificate itself, not yet compared with its schema.
    """

    issuer: str
    issued_at: float | None
    not_before: float | None
    expires_at: float | None
    content: dict[object, object]
    departures: frozenset[Departure]


class UnverifiedDcc(msgspec.Struct, frozen=True, gc=False):
    """A certificate that was taken apart and not verified. ``kid`` and ``alg`` are claims of whoever made it.

    ``kid`` is None where neither header has one.
    """

    kid: bytes | None
    alg: int | None
    to_be_signed: bytes
    signature: bytes
    departures: frozenset[Departure]
    _payload: bytes

    def claims_after(self, verify: Callable[[bytes, bytes], None]) -> DccClaims:
        """Return the claims once ``verify(to_be_signed, signature)`` did not raise.

        Raises ``Rejected(MALFORMED_CODE)`` where what was signed is no CWT with a certificate.
        """
        verify(self.to_be_signed, self.signature)
        return _parse_claims(self._payload)


def is_dcc(qr_text: str) -> bool:
    """True if ``qr_text`` claims to be such a certificate of any version, well-formed or not."""
    return qr_text.startswith(_FAMILY) and qr_text[3:4] == ":" and qr_text[2:3].isdecimal()


def parse_dcc(qr_text: str) -> UnverifiedDcc:
    """Take the text of a QR code apart.

    Raises ``Rejected`` with ``SCAN_TOO_LONG``, ``UNSUPPORTED_VERSION`` (another prefix than version 1) or
    ``MALFORMED_CODE`` with what is wrong as detail.
    """
    if len(qr_text) > SCAN_MAX_CHARACTERS:
        raise Rejected(ReasonId.SCAN_TOO_LONG, f"{len(qr_text)} characters")
    if not qr_text.startswith(PREFIX):
        if is_dcc(qr_text):
            raise Rejected(ReasonId.UNSUPPORTED_VERSION, f"version {qr_text[2]}")
        raise Rejected(ReasonId.MALFORMED_CODE, "no prefix of an EU certificate")
    try:
        # A space is a digit of base45; line ends are what a scanner or a file adds.
        return _parse_envelope(_decompress(decode_base45(qr_text[len(PREFIX) :].rstrip(_LINE_ENDS))))
    except WireError as error:
        raise Rejected(ReasonId.MALFORMED_CODE, str(error)) from error


def _decompress(data: bytes) -> bytes:
    """Return what was compressed: one whole stream, with nothing after it. Spec: RFC 1950."""
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(data, ENVELOPE_MAX_BYTES)
    except zlib.error as error:
        raise WireError("not a zlib stream") from error
    if not stream.eof:
        raise WireError("a zlib stream that is cut off or too large")
    if stream.unused_data:
        raise WireError("bytes follow the zlib stream")
    return plain


def _parse_envelope(data: bytes) -> UnverifiedDcc:
    """Take a COSE_Sign1 apart, with any of the tags that are met in the field. Spec: RFC 9052, section 4.2."""
    departures = set()
    if data.startswith(_USUAL_TAG):
        data = data[1:]
    else:
        departures.add(Departure.COSE_TAGS)
        for tag in _TAGS:
            data = data.removeprefix(tag)
    parts = parse_foreign(data, ENVELOPE_MAX_BYTES, _MAX_DEPTH)
    if not isinstance(parts, list) or len(parts) != 4:  # noqa: PLR2004 - protected, unprotected, payload, signature
        raise WireError("not a COSE_Sign1")
    protected, unprotected, payload, signature = parts
    if not (isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)):
        raise WireError("a COSE_Sign1 is made of byte strings")
    header = parse_foreign(protected, ENVELOPE_MAX_BYTES, _MAX_DEPTH) if protected else {}
    if not isinstance(header, dict) or not isinstance(unprotected, dict):
        raise WireError("a header is a map")
    return UnverifiedDcc(
        _kid_of(header, unprotected, departures),
        _alg_of(header, unprotected, departures),
        to_be_signed(protected, payload),
        signature,
        frozenset(departures),
        payload,
    )


def _kid_of(header: dict[object, object], unprotected: dict[object, object], borne: set[Departure]) -> bytes | None:
    """Return the key id that counts. Spec: volume 1, section 3.3.2: the protected header comes first."""
    kid = header.get(KID_LABEL) or unprotected.get(KID_LABEL)
    if not kid:
        borne.add(Departure.KID_MISSING)
        return None
    if isinstance(kid, str) and kid:
        borne.add(Departure.KID_NOT_BYTES)
        return _kid_of_text(kid)
    if not isinstance(kid, bytes):
        raise WireError("a key id is a byte string")
    return kid


def _kid_of_text(kid: str) -> bytes:
    try:
        return base64.b64decode(kid, validate=True)
    except (binascii.Error, ValueError) as error:
        raise WireError("a key id is a byte string") from error


def _alg_of(header: dict[object, object], unprotected: dict[object, object], borne: set[Departure]) -> int | None:
    alg = header.get(ALG_LABEL)
    if alg is None:
        alg = unprotected.get(ALG_LABEL)
        borne.add(Departure.ALGORITHM_MISSING if alg is None else Departure.ALGORITHM_UNPROTECTED)
    if alg is not None and (not isinstance(alg, int) or isinstance(alg, bool)):
        raise WireError("an algorithm is a number")
    return alg


def _parse_claims(payload: bytes) -> DccClaims:
    """Read a CWT's claims. Spec: RFC 8392, section 3; volume 1, section 3.3."""
    departures: set[Departure] = set()
    try:
        claims = parse_foreign(payload, ENVELOPE_MAX_BYTES, _MAX_DEPTH)
        if not isinstance(claims, dict):
            raise WireError("claims are a map")
        held = claims.get(_HCERT)
        content = held.get(_HCERT_V1) if isinstance(held, dict) else None
        if not isinstance(content, dict):
            raise WireError("no certificate of version 1 among the claims")
        issuer = claims.get(_ISS)
        if not isinstance(issuer, str) or not issuer:
            departures.add(Departure.ISSUER_MISSING)
        issued_at, not_before, expires_at = (_parse_seconds(claims.get(at), departures) for at in (_IAT, _NBF, _EXP))
    except WireError as error:
        raise Rejected(ReasonId.MALFORMED_CODE, str(error)) from error
    if issued_at is None:
        departures.add(Departure.ISSUE_TIME_MISSING)
    if expires_at is None:
        departures.add(Departure.EXPIRY_MISSING)
    said_by = issuer if isinstance(issuer, str) else ""
    return DccClaims(said_by, issued_at, not_before, expires_at, content, frozenset(departures))


def _parse_seconds(value: object, borne: set[Departure]) -> float | None:
    """Return a time as it was told, in whatever way numbers are written."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    borne.add(Departure.TIME_NOT_A_NUMBER)
    if isinstance(value, float) and abs(value) < _EPOCH_MAX:
        return value
    if isinstance(value, str) and len(value) <= _TIME_MAX_CHARACTERS and value.isascii():
        return _parse_time_text(value)
    raise WireError("a time is a number of seconds")


def _parse_time_text(text: str) -> float:
    """Return the seconds of a number or a date-time with its zone that stand as text."""
    try:
        if text.isdecimal():
            return int(text)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.timestamp()
    except (ValueError, OverflowError) as error:
        raise WireError("a time is a number of seconds") from error
    raise WireError("a time is a number of seconds")
