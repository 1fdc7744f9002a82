"""NZ COVID Pass: from the scanned text to the claims of a signed pass. Nothing is believed before the signature.

Spec: New Zealand COVID Pass, version 1 (CWT, RFC 8392, in a tagged COSE_Sign1, RFC 9052, with ES256; base32,
RFC 4648 section 6, without padding). The text is ``NZCP:/1/`` and the token.

The base32, the envelope and the claims have one form each (shortest heads, definite lengths, no name twice, nothing
after them), so no two texts are one pass but by the unprotected header, which says nothing here.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from tongxing.core.errors import Rejected
from tongxing.core.foreign_codes import ForeignName
from tongxing.core.limits import SCAN_MAX_CHARACTERS
from tongxing.core.reasons import ReasonId
from tongxing.wire.cbor import WireError, parse_in_any_order
from tongxing.wire.cose import to_be_signed

FAMILY_PREFIX: Final = "NZCP:"
PREFIX: Final = "NZCP:/1/"
PASS_TYPES: Final = frozenset({"PublicCovidPass"})
CREDENTIAL_TYPE: Final = "VerifiableCredential"
CREDENTIAL_VERSION: Final = "1.0.0"
CONTEXT: Final = "https://www.w3.org/2018/credentials/v1"
CTI_BYTES: Final = 16

_MAX_BYTES: Final = SCAN_MAX_CHARACTERS
_COSE_SIGN1: Final = b"\xd2"
_ALG, _KID, _ES256 = 1, 4, -7
_ISS, _EXP, _NBF, _CTI = 1, 4, 5, 7
_SIGNATURE_BYTES: Final = 64
_ISSUER_MAX_CHARACTERS: Final = 256
_BASE32: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BASE32_DIGITS: Final = bytes.maketrans(_BASE32, b"0123456789ABCDEFGHIJKLMNOPQRSTUV")
_KID_MAX_BYTES: Final = 64
_NAME_MAX_CHARACTERS: Final = 256


class NzcpClaims(msgspec.Struct, frozen=True, gc=False):
    """What a pass says. Times are unix seconds and so far of any size."""

    issuer: str
    not_before: int
    expires_at: int
    subject: "_Subject"

    @property
    def name(self) -> ForeignName:
        """Whose pass it is."""
        return ForeignName(self.subject.family, self.subject.given)


class UnverifiedNzcp(msgspec.Struct, frozen=True, gc=False):
    """A pass whose form is right and whose signature was not checked: the issuer and ``kid`` serve to find the key."""

    issuer_claimed: str
    kid: str
    to_be_signed: bytes
    signature: bytes
    _claims: dict[Any, Any]

    def claims_after(self, verify: Callable[[bytes, bytes], None]) -> NzcpClaims:
        """Return the claims once ``verify(to_be_signed, signature)`` did not raise. Raises as ``unsafe_claims``."""
        verify(self.to_be_signed, self.signature)
        return self.unsafe_claims()

    def unsafe_claims(self) -> NzcpClaims:
        """Return the claims that nobody vouches for. Raises ``Rejected(FOREIGN_CONTENT)``."""
        return _read_claims(self._claims)


class _Subject(msgspec.Struct, frozen=True, rename={"given": "givenName", "family": "familyName", "birth_date": "dob"}):
    given: str
    birth_date: str
    family: str = ""


class _Credential(
    msgspec.Struct, frozen=True, rename={"context": "@context", "types": "type", "of": "credentialSubject"}
):
    context: tuple[str, ...]
    version: str
    types: tuple[str, ...]
    of: _Subject


def parse_nzcp(qr_text: str) -> UnverifiedNzcp:
    """Read the text of a pass.

    Raises ``Rejected``: ``MALFORMED_CODE``, ``UNSUPPORTED_VERSION``, ``SCAN_TOO_LONG``, ``ALGORITHM_REFUSED``.
    Spec: New Zealand COVID Pass, sections 4, 2.1 and 7, step by step.
    """
    if len(qr_text) > SCAN_MAX_CHARACTERS:
        raise Rejected(ReasonId.SCAN_TOO_LONG, f"{len(qr_text)} characters")
    if not qr_text.startswith(PREFIX):
        prefix, _, rest = qr_text.partition("/")
        version = rest.partition("/")[0]
        if prefix == FAMILY_PREFIX and version.isdecimal():
            raise Rejected(ReasonId.UNSUPPORTED_VERSION, f"version {version[:8]}")
        raise Rejected(ReasonId.MALFORMED_CODE, f"a pass begins with {PREFIX}")
    try:
        return _parse_envelope(_decode_base32(qr_text[len(PREFIX) :]))
    except WireError as error:
        raise Rejected(ReasonId.MALFORMED_CODE, str(error)) from error


def _decode_base32(text: str) -> bytes:
    """Return the bytes of base32, read as one number: a tenth of the time that the library takes."""
    digits = text.encode("ascii", "replace")
    size, unused_bits = len(digits) * 5 // 8, len(digits) * 5 % 8
    if not digits or digits.translate(None, _BASE32):
        raise WireError("not base32")
    number = int(digits.translate(_BASE32_DIGITS), 32)
    if unused_bits >= 5 or number & ((1 << unused_bits) - 1):  # noqa: PLR2004 - a whole character more than needed
        raise WireError("base32 that is not the one text of its bytes")
    return (number >> unused_bits).to_bytes(size, "big")


def _parse_envelope(data: bytes) -> UnverifiedNzcp:
    if data[:1] != _COSE_SIGN1:
        raise WireError("not a tagged COSE_Sign1")
    envelope = parse_in_any_order(data[1:], _MAX_BYTES)
    match envelope:
        case [bytes(protected), dict(), bytes(payload), bytes(signature)]:
            pass
        case _:
            raise WireError("not a COSE_Sign1")
    if len(signature) != _SIGNATURE_BYTES:
        raise WireError(f"a signature has {_SIGNATURE_BYTES} bytes")
    header, claims = parse_in_any_order(protected, _MAX_BYTES), parse_in_any_order(payload, _MAX_BYTES)
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise WireError("a header and claims are maps")
    if header.get(_ALG) != _ES256:
        raise Rejected(ReasonId.ALGORITHM_REFUSED, "a pass is signed with ES256")
    kid, issuer = header.get(_KID), claims.get(_ISS)
    if not isinstance(kid, bytes) or len(kid) > _KID_MAX_BYTES or not kid.isascii():
        raise WireError("the header names no key")
    if not isinstance(issuer, str) or len(issuer) > _ISSUER_MAX_CHARACTERS:
        raise WireError("the issuer is not named")
    return UnverifiedNzcp(issuer, kid.decode("ascii"), to_be_signed(protected, payload), signature, claims)


def _read_claims(claims: dict[Any, Any]) -> NzcpClaims:
    not_before, expires_at, cti = _seconds(claims.get(_NBF)), _seconds(claims.get(_EXP)), claims.get(_CTI)
    if not isinstance(cti, bytes) or len(cti) != CTI_BYTES:
        raise Rejected(ReasonId.FOREIGN_CONTENT, "a pass has an id of 16 bytes")
    try:
        credential = msgspec.convert(claims.get("vc"), _Credential)
    except msgspec.ValidationError as error:
        raise Rejected(ReasonId.FOREIGN_CONTENT, str(error)) from error
    if credential.version != CREDENTIAL_VERSION or credential.context[:1] != (CONTEXT,):
        raise Rejected(ReasonId.FOREIGN_CONTENT, "not a credential of the version that is known")
    if CREDENTIAL_TYPE not in credential.types or not PASS_TYPES.intersection(credential.types):
        raise Rejected(ReasonId.FOREIGN_CONTENT, "not of the type of a pass")
    subject = credential.of
    if max(len(subject.given), len(subject.family), len(subject.birth_date)) > _NAME_MAX_CHARACTERS:
        raise Rejected(ReasonId.FOREIGN_CONTENT, "a name is too long")
    return NzcpClaims(claims[_ISS], not_before, expires_at, subject)


def _seconds(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Rejected(ReasonId.FOREIGN_CONTENT, "the times are not whole seconds")
    return value
