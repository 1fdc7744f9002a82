"""The closed table of signature suites. A key belongs to one suite, and only that suite verifies with it.

Specs: EdDSA RFC 8032 (Ed25519) by libsodium, which refuses S >= L, points of small order and encodings
that are not canonical; ES256 RFC 9053 section 2.1 (P-256, SHA-256), deterministic by RFC 6979; both
signatures are 64 raw bytes at the wire.

To add SM2 (GB/T 32918 with SM3): a member of ``SuiteId``, and one ``Suite`` row with the two loaders
for it. Nothing else names a suite: keys, envelopes and requests take what they need from the row.
``verify_many`` of a row may be replaced by one that verifies in lanes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from nacl import bindings as sodium
from nacl.exceptions import BadSignatureError

SEED_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
_HALF: Final = 32
_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_P256_ORDER_BYTES: Final = _P256_ORDER.to_bytes(_HALF, "big")
_ZERO: Final = bytes(_HALF)

Verify = Callable[[bytes, bytes], None]
"""Takes message and signature; raises ``SignatureMismatch`` unless the signature is right."""

Sign = Callable[[bytes], bytes]
Triple = tuple[Verify, bytes, bytes]


class SignatureMismatch(Exception):
    """A signature that does not fit its message and key, for whatever cause."""


class KeyRefused(ValueError):
    """Bytes that are no key of their suite."""


class SuiteId(StrEnum):
    """The suites by their JOSE and COSE names."""

    EDDSA = "EdDSA"
    ES256 = "ES256"


def verify_one_by_one(items: Sequence[Triple]) -> tuple[SignatureMismatch | None, ...]:
    """Verify each triple of verifier, message and signature; None stands for a signature that is right."""
    return tuple(_mismatch_of(*item) for item in items)


@dataclass(frozen=True, slots=True)
class Suite:
    """One row: numbers at the wire, and how to make a verifier or a signer from raw bytes.

    ``load_verifier`` takes the public key's bytes and ``load_signer`` a seed of 32 bytes, returning
    the public key's bytes with the signer; both raise ``KeyRefused``.
    """

    cose_alg: int
    http_alg: str
    signature_bytes: int
    public_bytes: int
    load_verifier: Callable[[bytes], Verify]
    load_signer: Callable[[bytes], tuple[bytes, Sign]]
    verify_many: Callable[[Sequence[Triple]], tuple[SignatureMismatch | None, ...]] = verify_one_by_one


def _mismatch_of(verify: Verify, message: bytes, signature: bytes) -> SignatureMismatch | None:
    try:
        verify(message, signature)
    except SignatureMismatch as mismatch:
        return mismatch
    return None


def _load_ed25519_verifier(raw: bytes) -> Verify:
    if len(raw) != sodium.crypto_sign_PUBLICKEYBYTES or not sodium.crypto_core_ed25519_is_valid_point(raw):
        raise KeyRefused("not a point of the main subgroup of Ed25519")
    open_signed = sodium.crypto_sign_open

    def verify(message: bytes, signature: bytes) -> None:
        # Without this check bytes could move from the signature into the message.
        if len(signature) != _SIGNATURE_BYTES:
            raise SignatureMismatch("an Ed25519 signature has 64 bytes")
        try:
            open_signed(signature + message, raw)
        except BadSignatureError as error:
            raise SignatureMismatch("the Ed25519 signature does not fit") from error

    return verify


def _load_ed25519_signer(seed: bytes) -> tuple[bytes, Sign]:
    _check_seed(seed)
    public, secret = sodium.crypto_sign_seed_keypair(seed)

    def sign(message: bytes) -> bytes:
        signed: bytes = sodium.crypto_sign(message, secret)
        return signed[:_SIGNATURE_BYTES]

    return public, sign


def _load_p256_verifier(raw: bytes) -> Verify:
    if len(raw) != _HALF + 1:
        raise KeyRefused("a P-256 key is a compressed point of 33 bytes")
    try:
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError as error:
        raise KeyRefused("not a point of P-256") from error
    algorithm = ec.ECDSA(hashes.SHA256())

    def verify(message: bytes, signature: bytes) -> None:
        if len(signature) != _SIGNATURE_BYTES:
            raise SignatureMismatch("an ES256 signature has 64 bytes")
        r, s = signature[:_HALF], signature[_HALF:]
        if not (_ZERO < r < _P256_ORDER_BYTES and _ZERO < s < _P256_ORDER_BYTES):
            raise SignatureMismatch("r or s is out of range")
        try:
            public.verify(encode_ecdsa_der(r, s), message, algorithm)
        except InvalidSignature as error:
            raise SignatureMismatch("the ES256 signature does not fit") from error

    return verify


def encode_ecdsa_der(r: bytes, s: bytes) -> bytes:
    """Return the DER form of a signature's two numbers, big-endian, neither of them zero and each of at most 48 bytes.

    As the library's ``encode_dss_signature``, without the way through Python's numbers.
    Spec: RFC 3279, section 2.2.3.
    """
    r, s = r.lstrip(b"\0"), s.lstrip(b"\0")
    if r[0] & 0x80:
        r = b"\0" + r
    if s[0] & 0x80:
        s = b"\0" + s
    return b"\x30%c\x02%c%b\x02%c%b" % (len(r) + len(s) + 4, len(r), r, len(s), s)


def _load_p256_signer(seed: bytes) -> tuple[bytes, Sign]:
    _check_seed(seed)
    number = int.from_bytes(seed, "big")
    if not 0 < number < _P256_ORDER:
        raise KeyRefused("the seed is out of the range of P-256")
    secret = ec.derive_private_key(number, ec.SECP256R1())
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)

    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(secret.sign(message, algorithm))
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")

    point = secret.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    return point, sign


def _check_seed(seed: bytes) -> None:
    if len(seed) != SEED_BYTES:
        raise KeyRefused(f"a seed has {SEED_BYTES} bytes")


SUITES: Final[dict[SuiteId, Suite]] = {
    SuiteId.EDDSA: Suite(-8, "ed25519", _SIGNATURE_BYTES, 32, _load_ed25519_verifier, _load_ed25519_signer),
    SuiteId.ES256: Suite(-7, "ecdsa-p256-sha256", _SIGNATURE_BYTES, 33, _load_p256_verifier, _load_p256_signer),
}
