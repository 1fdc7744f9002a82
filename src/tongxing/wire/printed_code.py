"""Printed codes: a reference on paper that names its issuer and nothing else.

    TXP1.42.ABCDEFGHIJKLMNOPQRSTUVWXYZ
    kind and version, issuing region, 16 random bytes in base32 (RFC 4648, section 6, without padding)

It carries no status, no name and no number: what it means is asked of the issuer's gateway when it is
scanned. Only capitals, digits and dots, so that a QR needs its alphanumeric mode alone.
"""

import base64
import binascii
from typing import Final

from tongxing.core.errors import Rejected
from tongxing.core.reasons import ReasonId
from tongxing.core.words import RegionId

PREFIX: Final = "TXP"
HEAD: Final = "TXP1."
RANDOM_BYTES: Final = 16
_RANDOM_CHARACTERS: Final = 26


def encode_printed_code(issuer: RegionId, random: bytes) -> str:
    """Return the text of a printed code of ``issuer``; ``random`` has 16 bytes."""
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a printed code has {RANDOM_BYTES} random bytes")
    return f"{HEAD}{issuer}.{base64.b32encode(random).decode().rstrip('=')}"


def is_printed_code(text: str) -> bool:
    """True if ``text`` claims to be a printed code of any version, well-formed or not."""
    return text.startswith(PREFIX) and text[len(PREFIX) : len(PREFIX) + 1].isdecimal()


def parse_printed_code(text: str) -> RegionId:
    """Return the region that a printed code names as its issuer.

    Raises ``Rejected``: ``UNSUPPORTED_VERSION``, or ``MALFORMED_CODE`` for what ``encode_printed_code`` could
    not have made.
    """
    if not text.startswith(HEAD):
        raise Rejected(ReasonId.UNSUPPORTED_VERSION, "a printed code of another version")
    issuer, _, random = text.removeprefix(HEAD).partition(".")
    if len(issuer) not in (2, 4) or not issuer.isascii() or not issuer.isdecimal():
        raise Rejected(ReasonId.MALFORMED_CODE, "a printed code names no region")
    try:
        decoded = base64.b32decode(f"{random}======") if len(random) == _RANDOM_CHARACTERS else b""
    except (binascii.Error, ValueError) as error:
        raise Rejected(ReasonId.MALFORMED_CODE, "a printed code with other characters") from error
    if len(decoded) != RANDOM_BYTES or encode_printed_code(RegionId(issuer), decoded) != text:
        raise Rejected(ReasonId.MALFORMED_CODE, "a printed code cut short or altered")
    return RegionId(issuer)
