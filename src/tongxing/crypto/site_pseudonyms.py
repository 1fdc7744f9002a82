"""Site pseudonyms: what a passage record keeps of whoever passed, so that no two sites can be joined.

A pseudonym is an HMAC-SHA256 (RFC 2104), cut to 16 bytes, over the handle under which the host knew
the subject in that one verdict, keyed by site and Beijing day. The key of a site's day is an HMAC
over the length-prefixed site and the day under the gateway's own secret. Without the secret nothing can be
joined at all; with two sites' records and no secret one person's passages look like two people's.
"""

from datetime import date
from typing import Final

from tongxing.crypto.digests import hmac_sha256

PSEUDONYM_BYTES: Final = 16
_KEYS_HELD_MAX: Final = 4_096


class SitePseudonyms:
    """Makes the pseudonyms of one gateway. ``secret`` is its own and serves no other use."""

    __slots__ = ("_keys", "_secret")

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._keys: dict[tuple[str, date], bytes] = {}

    def __repr__(self) -> str:
        return "SitePseudonyms(***)"

    def make(self, site: str, day: date, handle: str) -> bytes:
        """Return the 16 bytes that stand for ``handle`` at ``site`` on a Beijing day."""
        key = self._keys.get((site, day)) or self._derive_key(site, day)
        return hmac_sha256(key, handle.encode())[:PSEUDONYM_BYTES]

    def _derive_key(self, site: str, day: date) -> bytes:
        if len(self._keys) >= _KEYS_HELD_MAX:
            self._keys.clear()  # what is held is only a saving of time
        name = site.encode()
        key = hmac_sha256(self._secret, len(name).to_bytes(4, "big") + name + day.isoformat().encode())
        self._keys[site, day] = key
        return key
