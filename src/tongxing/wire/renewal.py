"""Renewal tokens: by what an issuer's gateway finds again whom a conversion is about, sealed by it for itself.

The host holds the token and reads nothing in it; the issuer keeps nothing. Inside, canonical CBOR
{1: audience, 2: unix seconds of its end, 3: QR text} or, where a code of the region is used up by being
checked, {1, 2, 4: [subject keys]}. Sealing is by callables: this room knows no cryptography.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tongxing.core.limits import RENEWAL_TOKEN_MAX_BYTES, SCAN_MAX_CHARACTERS
from tongxing.core.subjects import SUBJECT_KEY_BYTES, SUBJECT_KEYS_MAX, SubjectKey, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical
from tongxing.wire.reports import encode_seconds, parse_region, parse_seconds

AAD: Final = b"tongxing renewal token"
NONCE_BYTES: Final = 12

_AUDIENCE, _EXPIRES, _QR_TEXT, _KEYS = 1, 2, 3, 4


@dataclass(frozen=True, slots=True, repr=False)
class Renewal:
    """Who may renew until when, about whom: exactly one of ``qr_text`` and ``keys`` is given."""

    audience: RegionId
    expires_at: datetime
    qr_text: str | None = None
    keys: SubjectKeys | None = None


def encode_renewal(renewal: Renewal, *, nonce: bytes, seal: Callable[[bytes, bytes, bytes], bytes]) -> bytes | None:
    """Return the token, or None where the QR text is too long for one. ``seal(nonce, plaintext, aad)``."""
    content: dict[int, object] = {_AUDIENCE: str(renewal.audience), _EXPIRES: encode_seconds(renewal.expires_at)}
    if renewal.keys is not None:
        content[_KEYS] = list(renewal.keys)
    else:
        content[_QR_TEXT] = renewal.qr_text
    token = nonce + seal(nonce, encode_canonical(content), AAD)
    return token if len(token) <= RENEWAL_TOKEN_MAX_BYTES else None


def parse_renewal(token: bytes, *, open_sealed: Callable[[bytes, bytes, bytes], bytes]) -> Renewal:
    """Read a token of one's own. Raises ``WireError``, or what ``open_sealed(nonce, sealed, aad)`` raises."""
    if not NONCE_BYTES < len(token) <= RENEWAL_TOKEN_MAX_BYTES:
        raise WireError("a renewal token of another length")
    value = parse_canonical(open_sealed(token[:NONCE_BYTES], token[NONCE_BYTES:], AAD), RENEWAL_TOKEN_MAX_BYTES)
    if not isinstance(value, dict) or value.keys() not in (
        {_AUDIENCE, _EXPIRES, _QR_TEXT},
        {_AUDIENCE, _EXPIRES, _KEYS},
    ):
        raise WireError("a renewal token with other parts")
    return Renewal(
        parse_region(value[_AUDIENCE]),
        parse_seconds(value[_EXPIRES]),
        _parse_text(value[_QR_TEXT]) if _QR_TEXT in value else None,
        _parse_keys(value[_KEYS]) if _KEYS in value else None,
    )


def _parse_text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= SCAN_MAX_CHARACTERS:
        raise WireError("a renewal token without a text")
    return value


def _parse_keys(value: object) -> SubjectKeys:
    if not isinstance(value, list) or not 0 < len(value) <= SUBJECT_KEYS_MAX:
        raise WireError("a renewal token without keys")
    if not all(isinstance(key, bytes) and len(key) == SUBJECT_KEY_BYTES for key in value):
        raise WireError("a renewal token with other keys")
    return tuple(SubjectKey(key) for key in value)
