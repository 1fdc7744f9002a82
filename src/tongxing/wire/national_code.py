"""The national code: a signed token of about a minute's life, written as digits in a QR.

Spec: docs/specs/national-code.md, version 1 (CWT, RFC 8392, in COSE_Sign1, RFC 9052). The text is the
prefix ``99861`` and the token's bytes as one decimal number: 99 is no division, 86 is China, 1 the
version. The claims have one layout for each of two lengths of issuer number, so they are read by
position, and every byte between the values is compared: each value has exactly one text.

Order: what the text and the layout can tell is told by ``parse_national_code`` (stage 1); the claims
are let out by ``UnverifiedNationalCode.claims_after`` only once the signature was checked (stage 2).
Times, status and the sealed part (``wire.sealed_part``) are the pipeline's.
"""

import struct
from collections.abc import Callable
from datetime import date
from typing import Final

import msgspec

from tongxing.core.errors import Rejected
from tongxing.core.limits import NATIONAL_CODE_MAX_BYTES
from tongxing.core.reasons import ReasonId
from tongxing.core.words import RegionId
from tongxing.wire.cbor import WireError
from tongxing.wire.cose import Sign1Form, encode_sign1, parse_sign1
from tongxing.wire.digits import DigitText

PREFIX: Final = "99861"
"""How a text says that it is a national code of this version."""

_TEXT: Final = DigitText(PREFIX, "national code", NATIONAL_CODE_MAX_BYTES)
FAMILY_PREFIX: Final = _TEXT.prefix_of_any_version
"""How a text says that it is a national code of any version."""

CONTENT_TYPE: Final = "tongxing-code"
CREDENTIAL_ID_BYTES: Final = 16
EXTENSION_TOKEN_BYTES: Final = 16
SEALED_BYTES: Final = 40
SEAL_NONCE_BYTES: Final = 12

_SECONDS_A_DAY: Final = 86_400
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
# From here on a time needs four bytes, which the layout has for it.
_EARLIEST: Final = 1 << 16
_LATEST: Final = (1 << 32) - 1

# {1: iss, 4: exp, 6: iat, 7: cti, -65537: extension token, -65538: sealed part}, in the order of RFC 8949.
_ISS_HEADS: Final = {2: b"\xa6\x01\x62", 4: b"\xa6\x01\x64"}
_EXP_HEAD: Final = b"\x04\x1a"
_IAT_HEAD: Final = b"\x06\x1a"
_CTI_HEAD: Final = b"\x07\x50"
_TOKEN_HEAD: Final = b"\x3a\x00\x01\x00\x00\x50"
_SEALED_HEAD: Final = b"\x3a\x00\x01\x00\x01\x58\x28"
_LAYOUTS: Final = {size: struct.Struct(f">3s{size}s2sI2sI2s16s6s16s7s40s") for size in _ISS_HEADS}
_LAYOUT_OF_LENGTH: Final = {layout.size: (layout, _ISS_HEADS[size]) for size, layout in _LAYOUTS.items()}
# Tokens of today's suites have one of two lengths; others are read in the general way.
_FORMS: Final = {form.size: form for form in (Sign1Form(CONTENT_TYPE, length) for length in _LAYOUT_OF_LENGTH)}


class NationalCodeClaims(msgspec.Struct, frozen=True, gc=False):
    """What a national code says. Times are unix seconds, ``expires_at`` is after ``issued_at``.

    ``credential_id`` and ``extension_token`` are random, 16 bytes each, new at each display;
    ``sealed`` is the sealed part, 40 bytes, to be opened with ``wire.sealed_part.open_content``.
    """

    issuer: RegionId
    credential_id: bytes
    issued_at: int
    expires_at: int
    extension_token: bytes
    sealed: bytes

    @property
    def sealed_on(self) -> date:
        """The day, in UTC, of ``issued_at``: that day's verifier key seals and opens the sealed part."""
        return date.fromordinal(_EPOCH_ORDINAL + self.issued_at // _SECONDS_A_DAY)

    @property
    def seal_nonce(self) -> bytes:
        """The nonce of the sealed part: the first 12 bytes of ``credential_id``."""
        return self.credential_id[:SEAL_NONCE_BYTES]

    @property
    def seal_additional_data(self) -> bytes:
        """What the sealed part is bound to: the payload up to it (issuer, times, id and token)."""
        return _encode_payload(self)[:-SEALED_BYTES]


class UnverifiedNationalCode(msgspec.Struct, frozen=True, gc=False):
    """A national code whose text and layout are right and whose signature was not checked.

    ``issuer_claimed``, ``kid`` and ``alg`` serve only to find the key. Verify with the algorithm of
    the key found, after comparing it with ``alg``.
    """

    issuer_claimed: RegionId
    kid: bytes
    alg: int
    to_be_signed: bytes
    signature: bytes
    _claims: NationalCodeClaims

    def claims_after(self, verify: Callable[[bytes, bytes], None]) -> NationalCodeClaims:
        """Return the claims once ``verify(to_be_signed, signature)`` did not raise."""
        verify(self.to_be_signed, self.signature)
        return self._claims


def encode_national_code(claims: NationalCodeClaims, *, alg: int, kid: bytes, sign: Callable[[bytes], bytes]) -> str:
    """Return the text of a national code; ``sign`` takes the bytes to be signed and returns the signature.

    Raises ``WireError`` for claims that have no place in the layout, or a code beyond
    ``NATIONAL_CODE_MAX_BYTES`` (a suite with a longer signature). Spec: national-code, section 3.
    """
    _check_claims(claims)
    payload = _encode_payload(claims)
    data = encode_sign1(payload, alg=alg, kid=kid, content_type=CONTENT_TYPE, sign=sign)
    return _TEXT.encode(data)


def parse_national_code(qr_text: str) -> UnverifiedNationalCode:
    """Read the text of a national code.

    Raises ``Rejected`` with ``UNSUPPORTED_VERSION`` for another version than 1, and with
    ``MALFORMED_CODE`` for any text that ``encode_national_code`` could not have made.
    Spec: national-code, sections 2 and 3.
    """
    data = _TEXT.parse(qr_text)
    try:
        form = _FORMS.get(len(data))
        envelope = (form.parse(data) if form is not None else None) or parse_sign1(data)
        if envelope.content_type != CONTENT_TYPE:
            raise WireError("something else than a national code was signed")
        claims = _parse_payload(envelope.payload)
    except WireError as error:
        raise Rejected(ReasonId.MALFORMED_CODE, str(error)) from error
    return UnverifiedNationalCode(
        claims.issuer, envelope.kid, envelope.alg, envelope.to_be_signed, envelope.signature, claims
    )


def _parse_payload(payload: bytes) -> NationalCodeClaims:
    """Read the claims by position; every constant byte is compared, so no other encoding passes."""
    layout, iss_head = _LAYOUT_OF_LENGTH.get(len(payload), (None, b""))
    if layout is None:
        raise WireError("the claims do not have the length of a national code")
    (c0, issuer, c1, expires_at, c2, issued_at, c3, credential_id, c4, token, c5, sealed) = layout.unpack(payload)
    if (c0, c1, c2, c3, c4, c5) != (iss_head, _EXP_HEAD, _IAT_HEAD, _CTI_HEAD, _TOKEN_HEAD, _SEALED_HEAD):
        raise WireError("the claims are not those of a national code")
    if not issuer.isdigit() or not _EARLIEST <= issued_at < expires_at:
        raise WireError("the issuer or the times cannot be")
    return NationalCodeClaims(RegionId(issuer.decode("ascii")), credential_id, issued_at, expires_at, token, sealed)


def _encode_payload(claims: NationalCodeClaims) -> bytes:
    issuer = claims.issuer.encode("ascii")
    return _LAYOUTS[len(issuer)].pack(
        _ISS_HEADS[len(issuer)],
        issuer,
        _EXP_HEAD,
        claims.expires_at,
        _IAT_HEAD,
        claims.issued_at,
        _CTI_HEAD,
        claims.credential_id,
        _TOKEN_HEAD,
        claims.extension_token,
        _SEALED_HEAD,
        claims.sealed,
    )


def _check_claims(claims: NationalCodeClaims) -> None:
    if len(claims.issuer) not in _ISS_HEADS or not claims.issuer.isascii() or not claims.issuer.isdecimal():
        raise WireError("an issuer is a region number of two or four digits")
    if not _EARLIEST <= claims.issued_at < claims.expires_at <= _LATEST:
        raise WireError("a code expires after it was issued, and both times fit in four bytes")
    lengths = (len(claims.credential_id), len(claims.extension_token), len(claims.sealed))
    if lengths != (CREDENTIAL_ID_BYTES, EXTENSION_TOKEN_BYTES, SEALED_BYTES):
        raise WireError("the credential id, the extension token or the sealed part has another length")
