"""P-256 keys as systems outside publish them: coordinates of a JWK, a certificate, a bare key, a bare point.

Only the key is taken from a certificate: whether to believe it is said by whoever put it into a trust list.
Specs: RFC 7518, section 6.2 (JWK); RFC 7638 (thumbprint); RFC 5280 (certificates, SubjectPublicKeyInfo); SEC 1, 2.3.4.
"""

import base64
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tongxing.crypto.digests import sha256
from tongxing.crypto.keys import PublicKey
from tongxing.crypto.lenient_certificates import CertificateRefused, read_certificate, split_key_info
from tongxing.crypto.suites import KeyRefused, SuiteId

COORDINATE_BYTES: Final = 32

_POINT_BYTES: Final = (COORDINATE_BYTES + 1, 2 * COORDINATE_BYTES + 1)
_EC_OID: Final = bytes.fromhex("2a8648ce3d0201")


def load_p256(x: bytes, y: bytes) -> PublicKey:
    """Return the ES256 key of two coordinates of 32 bytes; raises ``KeyRefused`` for a point off the curve."""
    if len(x) != COORDINATE_BYTES or len(y) != COORDINATE_BYTES:
        raise KeyRefused(f"a coordinate of P-256 has {COORDINATE_BYTES} bytes")
    return _of_point(b"\x04" + x + y)


def load_p256_material(data: bytes) -> PublicKey:
    """Return the ES256 key in a point, a SubjectPublicKeyInfo or a certificate, which need not be quite DER.

    Raises ``KeyRefused`` for anything else, another curve and another algorithm included.
    """
    if len(data) in _POINT_BYTES:
        return _of_point(data)
    try:
        key_info = read_certificate(data).key_info
    except CertificateRefused:
        key_info = data
    try:
        algorithm, point = split_key_info(key_info)
    except CertificateRefused as error:
        raise KeyRefused("neither a certificate nor a key") from error
    if algorithm != _EC_OID or len(point) not in _POINT_BYTES:
        raise KeyRefused("not a key of P-256")
    return _of_point(point)


def thumbprint(key: PublicKey) -> str:
    """Return the base64url of the JWK thumbprint of a P-256 key, a SMART Health Card's key id. Spec: RFC 7638."""
    numbers = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key.raw).public_numbers()
    x, y = (_base64url(number.to_bytes(COORDINATE_BYTES, "big")) for number in (numbers.x, numbers.y))
    return _base64url(sha256(f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'.encode("ascii")))


def _of_point(point: bytes) -> PublicKey:
    try:
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise KeyRefused("not a point of P-256") from error
    encoding, form = serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
    return PublicKey(SuiteId.ES256, public.public_bytes(encoding, form))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
