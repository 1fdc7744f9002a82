"""Signers of foreign proofs: a public key from a foreign trust list, and what it may sign.

The key's kind decides the algorithm, never the proof: P-256 verifies ES256 and RSA verifies PS256, whatever was written
down. A key on P-384 is known to sign what is declared ES256, with either digest; it and the Brainpool curves are borne
by name.
Specs: RFC 9053, section 2.1 (ECDSA); RFC 8230, section 2 (PS256: MGF1 and digest SHA-256, salt of 32 bytes);
EU eHealth Network, *Guidelines on Technical Specifications for DCC*, volume 1, section 3.3; volume 5 for key usages.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tongxing.core.departures import Departure
from tongxing.crypto.digests import sha256
from tongxing.crypto.lenient_certificates import (
    CertificateRefused,
    LenientCertificate,
    decode_certificate_text,
    read_certificate,
    read_curve_name,
    split_key_info,
)
from tongxing.crypto.suites import SignatureMismatch, encode_ecdsa_der

DCC_KID_BYTES: Final = 8
ES256: Final = -7
ES384: Final = -35
PS256: Final = -37
_RSA_BITS_MIN: Final = 2048
_RSA_BITS_MAX: Final = 8192
_RSA_EXPONENT_MAX: Final = 1 << 33
_UNCOMPRESSED: Final = 4
_P256_BYTES: Final = 32

_RSA_OIDS: Final = frozenset({bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a864886f70d01010a")})
_EC_OID: Final = bytes.fromhex("2a8648ce3d0201")
_P256: Final = bytes.fromhex("2a8648ce3d030107")
_P384: Final = bytes.fromhex("2b81040022")
_CURVES: Final[Mapping[bytes, ec.EllipticCurve]] = MappingProxyType(
    {
        _P256: ec.SECP256R1(),
        _P384: ec.SECP384R1(),
        bytes.fromhex("2b2403030208010107"): ec.BrainpoolP256R1(),
        bytes.fromhex("2b240303020801010b"): ec.BrainpoolP384R1(),
    }
)
_SHA256: Final = hashes.SHA256()
_SHA384: Final = hashes.SHA384()

# 1.3.6.1.4.1.1847.2021.1.x, and 1.3.6.1.4.1.0.1847.2021.1.x, which the first certificates had.
_USAGE_ARCS: Final = (bytes.fromhex("2b060104018e378f6501"), bytes.fromhex("2b06010401008e378f6501"))


class AlgorithmMismatch(Exception):
    """A proof that names another algorithm than its signer's key is for."""


class ForeignUsage(StrEnum):
    """What a signer may sign, as extended key usages name it."""

    TEST = "test"
    VACCINATION = "vaccination"
    RECOVERY = "recovery"


_USAGES: Final = {
    arc + bytes((number,)): usage for arc in _USAGE_ARCS for number, usage in enumerate(ForeignUsage, start=1)
}

Verified = frozenset[Departure]
ForeignVerify = Callable[[int | None, bytes, bytes], Verified]
"""Takes the algorithm that is named (None: none), message and signature; returns which departures were borne.

Raises ``AlgorithmMismatch`` or ``SignatureMismatch``.
"""

_NOTHING: Final[Verified] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class ForeignSigner:
    """One signer of a trust list. ``kids`` are all bytes by which proofs are known to name it, the right one first.

    ``usages`` is empty where the certificate names none of a proof's kinds: then it may sign all.
    """

    kids: tuple[bytes, ...]
    usages: frozenset[ForeignUsage]
    valid_from: datetime | None
    valid_until: datetime | None
    departures: frozenset[Departure]
    verify: ForeignVerify

    def may_sign(self, usage: ForeignUsage) -> bool:
        """True if the certificate allows this kind of proof, or limits nothing."""
        return not self.usages or usage in self.usages

    def is_within(self, at: datetime) -> bool:
        """True unless the certificate says that it was not valid ``at`` that moment."""
        begun = self.valid_from is None or self.valid_from <= at
        return begun and (self.valid_until is None or at <= self.valid_until)


def load_foreign_signer(text: str) -> ForeignSigner:
    """Return the signer of a certificate or bare public key as text. Raises ``CertificateRefused``."""
    data = decode_certificate_text(text)
    departures = set()
    try:
        certificate = read_certificate(data)
        if not certificate.is_der:
            departures.add(Departure.CERTIFICATE_NOT_DER)
    except CertificateRefused:
        certificate = LenientCertificate(data)
        departures.add(Departure.CERTIFICATE_IS_A_KEY)
    verify = _load_verify(certificate.key_info)
    return ForeignSigner(
        _kids_of(data, certificate),
        frozenset(_USAGES[each] for each in certificate.key_usages if each in _USAGES),
        certificate.valid_from,
        certificate.valid_until,
        frozenset(departures),
        verify,
    )


def _kids_of(data: bytes, certificate: LenientCertificate) -> tuple[bytes, ...]:
    """Return the key id that the specification wants, then those that issuers used in its place."""
    whole, key = sha256(data), sha256(certificate.key_info)
    subject = certificate.subject_key_id
    right = whole[:DCC_KID_BYTES]
    others = (whole, key[:DCC_KID_BYTES], key, subject[:DCC_KID_BYTES], subject, certificate.serial)
    found = (right, base64.b64encode(right), *others)
    return tuple(dict.fromkeys(kid for kid in found if len(kid) >= DCC_KID_BYTES))


def _load_verify(key_info: bytes) -> ForeignVerify:
    algorithm, bits = split_key_info(key_info)
    try:
        if algorithm in _RSA_OIDS:
            # Of a key for PSS alone only the numbers count; its parameters are those of PS256 or it does not verify.
            return _rsa_verify(load_der_public_key(bits))
        if algorithm == _EC_OID:
            return _ec_verify(read_curve_name(key_info), bits)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateRefused("the public key is none of its kind") from error
    raise CertificateRefused("a key of a kind that proofs are not signed with")


def _rsa_verify(key: object) -> ForeignVerify:
    if not isinstance(key, rsa.RSAPublicKey) or not _RSA_BITS_MIN <= key.key_size <= _RSA_BITS_MAX:
        raise CertificateRefused(f"an RSA key has from {_RSA_BITS_MIN} to {_RSA_BITS_MAX} bits")
    if key.public_numbers().e > _RSA_EXPONENT_MAX:
        raise CertificateRefused("an RSA exponent that only costs time")
    right, any_salt = (
        padding.PSS(padding.MGF1(_SHA256), length) for length in (padding.PSS.DIGEST_LENGTH, padding.PSS.AUTO)
    )

    def verify(named: int | None, message: bytes, signature: bytes) -> Verified:
        if named not in {PS256, None}:
            raise AlgorithmMismatch("an RSA key is for PS256")
        try:
            key.verify(signature, message, right, _SHA256)
        except InvalidSignature:
            try:
                key.verify(signature, message, any_salt, _SHA256)
            except InvalidSignature as error:
                raise SignatureMismatch("the PS256 signature does not fit") from error
            return frozenset({Departure.SALT_OF_OTHER_LENGTH})
        return _NOTHING

    return verify


def _ec_verify(curve_name: bytes, point: bytes) -> ForeignVerify:
    """Return the verifier of a point. Where parameters are written out, only the point's length tells the curve."""
    half = len(point) // 2 if point[:1] == bytes((_UNCOMPRESSED,)) else len(point) - 1
    curve = _CURVES.get(curve_name or (_P256 if half == _P256_BYTES else _P384))
    if curve is None:
        raise CertificateRefused("a curve that proofs are not signed with")
    key = ec.EllipticCurvePublicKey.from_encoded_point(curve, point)
    algorithms: dict[int, tuple[ec.ECDSA, ...]] = {ES256: (ec.ECDSA(_SHA256),)}
    if half > _P256_BYTES:
        algorithms = {ES256: (ec.ECDSA(_SHA256), ec.ECDSA(_SHA384)), ES384: (ec.ECDSA(_SHA384),)}
    borne = _NOTHING if curve_name == _P256 else frozenset({Departure.CURVE_OF_OTHER_ALGORITHM})
    zero = bytes(half)

    def verify(named: int | None, message: bytes, signature: bytes) -> Verified:
        tried = algorithms.get(ES256 if named is None else named)
        if tried is None:
            raise AlgorithmMismatch("a key on this curve is for ES256")
        r, s = signature[:half], signature[half:]
        # Numbers beyond the curve's order are refused by the library.
        if len(signature) != 2 * half or zero in (r, s):
            raise SignatureMismatch(f"a signature on this curve has {2 * half} bytes, neither half of them zero")
        encoded = encode_ecdsa_der(r, s)
        for algorithm in tried:
            try:
                key.verify(encoded, message, algorithm)
            except InvalidSignature:
                continue
            return borne
        raise SignatureMismatch("the ECDSA signature does not fit")

    return verify
