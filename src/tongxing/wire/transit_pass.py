"""The transit pass: a signed token for one journey of one driver with one vehicle, written as digits in a QR.

Spec: docs/specs/transit-pass.md, version 1 (CWT, RFC 8392, in COSE_Sign1, RFC 9052). The text is the
prefix ``99871`` and the token's bytes as one decimal number: 99 is no division, 86 and one more is not
the national code, 1 the version. It carries no status: who drives and how they are is asked of the issuer,
by the extension token, whenever the pass is shown. Plate and route stand in clear, for the guard to
compare; the plate is on the vehicle anyway.

Order as in ``wire.national_code``: text and form by ``parse_transit_pass`` (stage 1); the claims are let out
only once the signature was checked (stage 2). Times and route are the pipeline's to judge.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import msgspec

from tongxing.core.errors import Rejected
from tongxing.core.limits import TRANSIT_PASS_MAX_BYTES, TRANSIT_ROUTE_MAX
from tongxing.core.reasons import ReasonId
from tongxing.core.transit import Plate, Route, Transit, parse_plate, parse_route
from tongxing.core.words import RegionId
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical
from tongxing.wire.cose import encode_sign1, parse_sign1
from tongxing.wire.digits import DigitText
from tongxing.wire.reports import parse_region

FAMILY: Final = "transit_pass"
"""What a verdict's trail calls this kind of code."""

PREFIX: Final = "99871"
"""How a text says that it is a transit pass of this version."""

CONTENT_TYPE: Final = "tongxing-transit-pass"
PASS_ID_BYTES: Final = 16
EXTENSION_TOKEN_BYTES: Final = 16

_TEXT: Final = DigitText(PREFIX, "transit pass", TRANSIT_PASS_MAX_BYTES)
_EARLIEST: Final = 1 << 16
_LATEST: Final = (1 << 32) - 1
# CWT's registered claims, then ours from the range for private use; the token's label is the national code's.
_ISS, _EXP, _NBF, _IAT, _CTI = 1, 4, 5, 6, 7
_TOKEN, _PLATE, _ROUTE = -65537, -65552, -65553
_LABELS: Final = frozenset({_ISS, _EXP, _NBF, _IAT, _CTI, _TOKEN, _PLATE, _ROUTE})


class TransitPassClaims(msgspec.Struct, frozen=True, gc=False):
    """What a transit pass says. Unix seconds; ``issued_at`` <= ``valid_from`` < ``expires_at``.

    ``pass_id`` and ``extension_token`` are random, 16 bytes each, and stay the same for the pass's life.
    """

    issuer: RegionId
    pass_id: bytes
    issued_at: int
    valid_from: int
    expires_at: int
    extension_token: bytes
    plate: Plate
    route: Route

    @property
    def transit(self) -> Transit:
        """What of it a guard compares."""
        return Transit(
            self.plate,
            self.route,
            datetime.fromtimestamp(self.valid_from, UTC),
            datetime.fromtimestamp(self.expires_at, UTC),
        )


class UnverifiedTransitPass(msgspec.Struct, frozen=True, gc=False):
    """A transit pass whose text and form are right and whose signature was not checked.

    ``issuer_claimed``, ``kid`` and ``alg`` serve only to find the key, as in ``UnverifiedNationalCode``.
    """

    issuer_claimed: RegionId
    kid: bytes
    alg: int
    to_be_signed: bytes
    signature: bytes
    _claims: TransitPassClaims

    def claims_after(self, verify: Callable[[bytes, bytes], None]) -> TransitPassClaims:
        """Return the claims once ``verify(to_be_signed, signature)`` did not raise."""
        verify(self.to_be_signed, self.signature)
        return self._claims


def is_transit_pass(text: str) -> bool:
    """True if ``text`` claims to be a transit pass of any version, well-formed or not."""
    return text.startswith(_TEXT.prefix_of_any_version)


def encode_transit_pass(claims: TransitPassClaims, *, alg: int, kid: bytes, sign: Callable[[bytes], bytes]) -> str:
    """Return the text of a transit pass; ``sign`` takes the bytes to be signed and returns the signature.

    Raises ``WireError`` for claims that ``parse_transit_pass`` would refuse, or a pass beyond
    ``TRANSIT_PASS_MAX_BYTES``. Spec: transit-pass, section 3.
    """
    payload = encode_canonical(
        {
            _ISS: str(claims.issuer),
            _EXP: claims.expires_at,
            _NBF: claims.valid_from,
            _IAT: claims.issued_at,
            _CTI: claims.pass_id,
            _TOKEN: claims.extension_token,
            _PLATE: str(claims.plate),
            _ROUTE: list(claims.route),
        }
    )
    _parse_payload(payload)
    data = encode_sign1(payload, alg=alg, kid=kid, content_type=CONTENT_TYPE, sign=sign)
    return _TEXT.encode(data)


def parse_transit_pass(qr_text: str) -> UnverifiedTransitPass:
    """Read the text of a transit pass.

    Raises ``Rejected`` with ``UNSUPPORTED_VERSION`` for another version than 1, and with
    ``MALFORMED_CODE`` for any text that ``encode_transit_pass`` could not have made.
    Spec: transit-pass, sections 2 and 3.
    """
    data = _TEXT.parse(qr_text)
    try:
        envelope = parse_sign1(data)
        if envelope.content_type != CONTENT_TYPE:
            raise WireError("something else than a transit pass was signed")
        claims = _parse_payload(envelope.payload)
    except WireError as error:
        raise Rejected(ReasonId.MALFORMED_CODE, str(error)) from error
    return UnverifiedTransitPass(
        claims.issuer, envelope.kid, envelope.alg, envelope.to_be_signed, envelope.signature, claims
    )


def _parse_payload(payload: bytes) -> TransitPassClaims:
    value = parse_canonical(payload, TRANSIT_PASS_MAX_BYTES)
    if not isinstance(value, dict) or value.keys() != _LABELS:
        raise WireError("a transit pass has all of its claims and no others")
    issued_at, valid_from, expires_at = (_parse_time(value[label]) for label in (_IAT, _NBF, _EXP))
    if not issued_at <= valid_from < expires_at:
        raise WireError("a transit pass is issued, begins to be valid and ends, in this order")
    plate, route = value[_PLATE], value[_ROUTE]
    if not isinstance(plate, str) or not isinstance(route, list) or len(route) > TRANSIT_ROUTE_MAX:
        raise WireError("a transit pass names a plate, and a route that is a list")
    if not all(isinstance(division, str) for division in route):
        raise WireError("a route is made of texts")
    try:
        plate_read, route_read = parse_plate(plate), parse_route(route)
    except ValueError as wrong:
        raise WireError(str(wrong)) from wrong
    return TransitPassClaims(
        issuer=parse_region(value[_ISS]),
        pass_id=_parse_random(value[_CTI]),
        issued_at=issued_at,
        valid_from=valid_from,
        expires_at=expires_at,
        extension_token=_parse_random(value[_TOKEN]),
        plate=plate_read,
        route=route_read,
    )


def _parse_time(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not _EARLIEST <= value <= _LATEST:
        raise WireError("a time is a number of four bytes")
    return value


def _parse_random(value: object) -> bytes:
    if not isinstance(value, bytes) or len(value) != PASS_ID_BYTES:
        raise WireError(f"the pass's id and its token have {PASS_ID_BYTES} bytes")
    return value
