"""Handles of passages by document: whoever holds the subject's key can tell whose a passage was, and nobody else.

Each passage has a handle of its own, so that two of one person cannot be joined by it.
"""

import binascii

from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.crypto.digests import hmac_sha256, is_same_secret

NONCE_BYTES = 16
_TAG_BYTES = 16


def make_handle(key: SubjectKey, nonce: bytes) -> str:
    """Return the handle of a passage; ``nonce`` is ``NONCE_BYTES`` random bytes."""
    return f"{nonce.hex()}.{_tag(key, nonce).hex()}"


def is_handle_of(handle: str, keys: SubjectKeys) -> bool:
    """True if ``handle`` was made for the subject, under whichever of its keys: one of the key before still counts."""
    nonce_hex, _, tag_hex = handle.partition(".")
    try:
        nonce, tag = bytes.fromhex(nonce_hex), bytes.fromhex(tag_hex)
    except (ValueError, binascii.Error):
        return False
    return len(tag) == _TAG_BYTES and any(is_same_secret(_tag(key, nonce), tag) for key in keys)


def _tag(key: SubjectKey, nonce: bytes) -> bytes:
    return hmac_sha256(key, b"tongxing passage by document" + nonce)[:_TAG_BYTES]
