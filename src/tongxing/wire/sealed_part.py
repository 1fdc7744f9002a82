"""The sealed part of a national code: what a verifier without a network may know, and a stranger may not.

Spec: docs/specs/national-code.md, section 4. The content is 24 bytes whatever it says, so that its length
tells nothing, and is sealed by AES-256-GCM under the verifier key of the day of issue, bound to the
claims around it. Encryption comes in as a callable; keys live in other rooms.

    byte 0      bits 7-6 level, 5 colour only, 4 others consulted, 3-2 origin precision, 1-0 origin basis
    bytes 1-3   bits 21-20 digits of the division / 2, bits 19-0 the division as a number
    byte 4      bytes of the masked hint, 0-19
    bytes 5-23  the masked hint in UTF-8, then zeros
"""

from collections.abc import Callable
from typing import Final

import msgspec

from tongxing.core.errors import Rejected
from tongxing.core.levels import Level
from tongxing.core.masking import HINT_MAX_CHARACTERS
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Origin, OriginBasis, Precision
from tongxing.wire.cbor import WireError
from tongxing.wire.national_code import NationalCodeClaims

CONTENT_BYTES: Final = 24
HINT_MAX_BYTES: Final = 19

_HINT_AT: Final = 5
_LEVELS: Final = (Level.LOW, Level.MEDIUM, Level.HIGH)
_PRECISIONS: Final = (Precision.NONE, Precision.PROVINCE, Precision.CITY, Precision.EXACT)
# Zero stands for "no origin at all".
_BASES: Final = (None, OriginBasis.TRAVEL_DATA, OriginBasis.DECLARED_STAY, OriginBasis.ISSUER_REGION)

Sealing = Callable[[bytes, bytes, bytes], bytes]
"""Takes nonce, plaintext or ciphertext, and additional data; ``seal`` and ``open`` of a symmetric key."""


class SealedContent(msgspec.Struct, frozen=True, gc=False):
    """What the sealed part says: the level, where the person comes from, and a masked hint of whom.

    ``masked_hint`` has at most ``HINT_MAX_CHARACTERS`` characters and ``HINT_MAX_BYTES`` bytes of
    UTF-8; ``fit_hint`` cuts it to that.
    """

    level: Level
    colour_only: bool
    origin: Origin | None
    masked_hint: str
    others_consulted: bool


def fit_hint(hint: str) -> str:
    """Return as much of a masked hint as the sealed part holds: whole characters, printable ones only."""
    printable = "".join(character for character in hint if character.isprintable())[:HINT_MAX_CHARACTERS]
    return printable.encode("utf-8", "ignore")[:HINT_MAX_BYTES].decode("utf-8", "ignore")


def encode_sealed_content(content: SealedContent) -> bytes:
    """Return the 24 bytes of a content; a hint that is too long is cut as ``fit_hint`` does.

    Raises ``WireError`` for an origin whose division is not of 2, 4 or 6 digits.
    """
    hint = fit_hint(content.masked_hint).encode()
    first = content.level.rank << 6 | content.colour_only << 5 | content.others_consulted << 4
    division = 0
    if content.origin is not None:
        first |= _PRECISIONS.index(content.origin.precision) << 2 | _BASES.index(content.origin.basis)
        division = _pack_division(content.origin.division)
    head = bytes((first, *division.to_bytes(3, "big"), len(hint)))
    return (head + hint).ljust(CONTENT_BYTES, b"\0")


def parse_sealed_content(data: bytes) -> SealedContent:
    """Read a content that was unsealed.

    Raises ``Rejected(SEALED_PART_UNREADABLE)`` for anything that ``encode_sealed_content`` could not
    have made. Spec: national-code, section 4.
    """
    if len(data) != CONTENT_BYTES:
        raise _unreadable("another length")
    first, size = data[0], data[4]
    hint_end = _HINT_AT + size
    if first >= 0xC0 or hint_end > CONTENT_BYTES or data[hint_end:].strip(b"\0"):  # noqa: PLR2004 - both level bits
        raise _unreadable("a level or a filling that cannot be")
    try:
        hint = data[_HINT_AT:hint_end].decode()
    except UnicodeDecodeError as error:
        raise _unreadable("a hint that is not UTF-8") from error
    if len(hint) > HINT_MAX_CHARACTERS or not hint.isprintable():
        raise _unreadable("a hint that is too long or cannot be shown")
    return SealedContent(
        _LEVELS[first >> 6],
        bool(first & 0x20),
        _unpack_origin(first & 0x0F, int.from_bytes(data[1:4], "big")),
        hint,
        bool(first & 0x10),
    )


def seal_content(claims: NationalCodeClaims, content: SealedContent, seal: Sealing) -> NationalCodeClaims:
    """Return ``claims`` with ``content`` as their sealed part; what they held before is replaced."""
    sealed = seal(claims.seal_nonce, encode_sealed_content(content), claims.seal_additional_data)
    return msgspec.structs.replace(claims, sealed=sealed)


def open_content(claims: NationalCodeClaims, unseal: Sealing) -> SealedContent:
    """Open the sealed part of claims whose signature was checked.

    Lets through whatever ``unseal`` raises where the key does not fit; raises
    ``Rejected(SEALED_PART_UNREADABLE)`` where the content cannot be read.
    """
    return parse_sealed_content(unseal(claims.seal_nonce, claims.sealed, claims.seal_additional_data))


def _pack_division(division: str | None) -> int:
    if division is None:
        return 0
    if len(division) not in (2, 4, 6) or not division.isascii() or not division.isdecimal():
        raise WireError("a division has 2, 4 or 6 digits")
    return len(division) // 2 << 20 | int(division)


def _unpack_origin(kind: int, packed: int) -> Origin | None:
    basis = _BASES[kind & 0x03]
    if basis is None:
        if kind or packed:
            raise _unreadable("an origin without a basis")
        return None
    digits, number = packed >> 20 << 1, packed & 0xFFFFF
    if digits > 6 or number >= 10**digits:  # noqa: PLR2004 - a division of GB/T 2260 has six digits at most
        raise _unreadable("a division that cannot be")
    division = str(number).zfill(digits) if digits else None
    return Origin(division, _PRECISIONS[kind >> 2], basis)


def _unreadable(detail: str) -> Rejected:
    return Rejected(ReasonId.SEALED_PART_UNREADABLE, detail)
