"""Seals what this node keeps of people for itself: nobody who reads the store reads the person (law 8)."""

from dataclasses import dataclass

from tongxing.core.errors import Fault
from tongxing.crypto.digests import hmac_sha256
from tongxing.crypto.sealing import NONCE_BYTES, SealBroken, SymmetricKey
from tongxing.services.ports import Entropy


@dataclass(frozen=True, slots=True)
class SealedRecords:
    """One use of one secret: what is sealed for it can be opened for no other."""

    key: SymmetricKey
    entropy: Entropy

    @classmethod
    def for_use(cls, secret: bytes, use: str, entropy: Entropy) -> "SealedRecords":
        """Return the sealing of ``use`` under a key derived from ``secret`` for it alone."""
        return cls(SymmetricKey(hmac_sha256(secret, b"tongxing sealed records: " + use.encode())), entropy)

    def seal(self, content: bytes, about: bytes) -> bytes:
        """Return ``content`` sealed, bound to ``about``."""
        nonce = self.entropy(NONCE_BYTES)
        return nonce + self.key.seal(nonce, content, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """Return the content; raises ``Fault`` where the node's own record cannot be opened: another key, or damage."""
        try:
            return self.key.open(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
        except SealBroken as broken:
            raise Fault("a sealed record of this node cannot be opened") from broken

    def open_shown(self, shown: bytes, about: bytes) -> bytes | None:
        """Return what was sealed by ``seal`` and handed out; None for whatever was not sealed so, about that."""
        if len(shown) <= NONCE_BYTES:
            return None
        try:
            return self.key.open(shown[:NONCE_BYTES], shown[NONCE_BYTES:], about)
        except SealBroken:
            return None
