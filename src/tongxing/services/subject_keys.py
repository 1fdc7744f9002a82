"""Subject keys as a gateway has them: told by the hub's key service, held for a while, never derived here.

What is held is found by an HMAC of the document under a key that was drawn when the process began
and is kept nowhere, so neither the memory of this room nor anything it leaves behind names a
document. After its time a key is asked for again: after a rotation of the secret that brings the
new version, while the old one still counts.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tongxing.core.limits import SUBJECT_KEYS_HELD
from tongxing.core.subjects import Document, SubjectKeys
from tongxing.crypto.digests import hmac_sha256
from tongxing.services.peers import Hub
from tongxing.services.ports import Clock, Entropy

HELD_MAX: Final = 100_000
"""About 300 bytes each; one more forgets the one that was told first."""


@dataclass(frozen=True, slots=True, repr=False)
class _Held:
    keys: SubjectKeys
    until: datetime


class SubjectKeyCache:
    """Asks the key service, and remembers its answers for ``SUBJECT_KEYS_HELD``."""

    def __init__(self, *, hub: Hub, clock: Clock, entropy: Entropy, held_max: int = HELD_MAX) -> None:
        self._hub = hub
        self._clock = clock
        self._secret = entropy(32)
        self._held_max = held_max
        self._held: OrderedDict[bytes, _Held] = OrderedDict()

    def __repr__(self) -> str:
        return f"SubjectKeyCache({len(self._held)} held)"

    async def keys_of(self, document: Document) -> SubjectKeys:
        """Return the keys of one normalised document; as ``keys_of_all``."""
        (keys,) = await self.keys_of_all([document])
        return keys

    async def keys_of_all(self, documents: Sequence[Document]) -> tuple[SubjectKeys, ...]:
        """Return the keys of at most ``REPORTS_PER_BATCH_MAX`` documents, in their order.

        Raises ``Refused(UPSTREAM_AWAY)`` if the key service must be asked for any of them and is away.
        """
        at = self._clock.now()
        names = [self._name(document) for document in documents]
        known = {name: held.keys for name in names if (held := self._held.get(name)) is not None and at < held.until}
        missing = {name: document for name, document in zip(names, documents, strict=True) if name not in known}
        if missing:
            told = await self._hub.derive_subject_keys(list(missing.values()))
            for name, keys in zip(missing, told, strict=True):
                known[name] = keys
                self._hold(name, _Held(keys, at + SUBJECT_KEYS_HELD))
        return tuple(known[name] for name in names)

    def _name(self, document: Document) -> bytes:
        return hmac_sha256(self._secret, f"{document.type.value}:{document.number}".encode())

    def _hold(self, name: bytes, held: _Held) -> None:
        self._held.pop(name, None)
        self._held[name] = held
        while len(self._held) > self._held_max:
            self._held.popitem(last=False)
