"""Sealing: under a shared symmetric key, and to the holder of a key pair.

Specs: AES-256-GCM, NIST SP 800-38D, with nonces of 12 bytes; HPKE base mode, RFC 9180, with
DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-128-GCM.
"""

from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tongxing.crypto.suites import KeyRefused

SYMMETRIC_KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
SEALING_PUBLIC_BYTES: Final = 32

_HPKE: Final = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_128_GCM)


class SealBroken(Exception):
    """What was sealed cannot be opened: another key, other circumstances, or altered bytes."""


@dataclass(frozen=True, slots=True)
class SymmetricKey:
    """A key of 32 bytes for AES-256-GCM. Raises ``KeyRefused`` for another length."""

    raw: bytes = field(repr=False)
    _cipher: AESGCM = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.raw) != SYMMETRIC_KEY_BYTES:
            raise KeyRefused(f"a symmetric key has {SYMMETRIC_KEY_BYTES} bytes")
        object.__setattr__(self, "_cipher", AESGCM(self.raw))

    def seal(self, nonce: bytes, plaintext: bytes, additional_data: bytes) -> bytes:
        """Return ciphertext and tag (16 bytes longer). ``nonce``: 12 bytes, never used twice under one key."""
        _check_nonce(nonce)
        return self._cipher.encrypt(nonce, plaintext, additional_data)

    def open(self, nonce: bytes, ciphertext: bytes, additional_data: bytes) -> bytes:
        """Return the plaintext; raises ``SealBroken`` unless key, nonce, bytes and additional data all fit."""
        _check_nonce(nonce)
        try:
            return self._cipher.decrypt(nonce, ciphertext, additional_data)
        except InvalidTag as error:
            raise SealBroken("the seal does not fit") from error


@dataclass(frozen=True, slots=True)
class SealingPair:
    """A key pair to which others seal; made by ``from_seed``. ``public`` has 32 bytes."""

    public: bytes
    seed: bytes = field(repr=False)
    _secret: X25519PrivateKey = field(compare=False, repr=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> "SealingPair":
        """Return the pair of an X25519 private key of 32 bytes; raises ``KeyRefused`` for another length."""
        if len(seed) != SYMMETRIC_KEY_BYTES:
            raise KeyRefused(f"a seed has {SYMMETRIC_KEY_BYTES} bytes")
        secret = X25519PrivateKey.from_private_bytes(seed)
        return cls(secret.public_key().public_bytes_raw(), seed, secret)

    def open(self, ciphertext: bytes, info: bytes) -> bytes:
        """Return what was sealed to this pair under ``info``; raises ``SealBroken``. Spec: RFC 9180, 6.1."""
        try:
            return _HPKE.decrypt(ciphertext, self._secret, info)
        except (InvalidTag, ValueError) as error:
            raise SealBroken("the seal does not fit") from error


def seal_to(public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Seal ``plaintext`` to the holder of ``public`` (32 bytes), for the purpose ``info``; 48 bytes longer.

    The library draws the ephemeral key itself: the one place where this floor is not a function of
    its arguments. Raises ``KeyRefused`` for bytes that are no usable X25519 key.
    """
    try:
        return _HPKE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), info)
    except ValueError as error:
        raise KeyRefused("not a usable X25519 key") from error


def _check_nonce(nonce: bytes) -> None:
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a nonce has {NONCE_BYTES} bytes")
