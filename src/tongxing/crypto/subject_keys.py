"""Subject keys: keyed pseudonyms of documents.

A document number can be enumerated (a place, a birthday, four digits), so a plain hash of it would be the
number itself to anybody patient. A subject key is an HMAC under a secret that only the hub's key
service holds; its first byte tells the secret's version, so that two versions may live side by side
while a rotation lasts.

The document is in its one form already (``core.documents``). Spec: RFC 2104 with SHA-256.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tongxing.core.subjects import Document, SubjectKey, SubjectKeys
from tongxing.crypto.digests import hmac_sha256
from tongxing.crypto.suites import KeyRefused

SECRET_MIN_BYTES: Final = 32

_VERSION_MAX: Final = 255
_DOMAIN: Final = b"tongxing subject key"


@dataclass(frozen=True, slots=True)
class SubjectSecret:
    """The key service's secret: a version of 1 to 255 and at least 32 bytes. Raises ``KeyRefused``."""

    version: int
    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.version <= _VERSION_MAX or len(self.raw) < SECRET_MIN_BYTES:
            raise KeyRefused("a subject secret has a version of 1 to 255 and at least 32 bytes")


def derive_subject_key(secret: SubjectSecret, document: Document) -> SubjectKey:
    """Return the subject key of a normalised document: one byte version, then 32 bytes of HMAC-SHA256."""
    parts = (_DOMAIN, document.type.value.encode(), document.number.encode())
    # Each part is preceded by its length, so that no two documents give the same bytes.
    message = b"".join(len(part).to_bytes(2, "big") + part for part in parts)
    return SubjectKey(bytes((secret.version,)) + hmac_sha256(secret.raw, message))


def derive_subject_keys(secrets: Sequence[SubjectSecret], document: Document) -> SubjectKeys:
    """Return the keys of a normalised document under each secret that counts, in their order."""
    return tuple(derive_subject_key(secret, document) for secret in secrets)
