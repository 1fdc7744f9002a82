"""Digests and comparisons that other rooms need, so that none of them imports a crypto library."""

import hashlib
import hmac
from typing import Final

SHA256_BYTES: Final = 32


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 of ``data``, 32 bytes. Spec: FIPS 180-4."""
    return hashlib.sha256(data).digest()


def unsafe_md5(data: bytes) -> bytes:
    """Return the MD5 of ``data``, 16 bytes, for partners who demand it. Spec: RFC 1321.

    Collisions are made in seconds, so nothing of ours rests on it; RFC 6151 says what it is no longer good for.
    """
    return hashlib.md5(data, usedforsecurity=False).digest()


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """Return the HMAC-SHA256 of ``data``, 32 bytes. Spec: RFC 2104."""
    return hmac.digest(key, data, "sha256")


def is_same_secret(left: bytes, right: bytes) -> bool:
    """True if both are equal; takes the same time wherever they differ."""
    return hmac.compare_digest(left, right)
