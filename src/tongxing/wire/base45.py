"""Base45: text of a QR code's alphanumeric mode to bytes.

Spec: RFC 9285, sections 3 and 4. Three characters are one number of two bytes, the least of them first; two
that are left over are one byte. Numbers beyond what their bytes hold are refused, and so is any character outside
the alphabet, so that each text stands for at most one sequence of bytes and each of those has one text.

All numbers of a text are put together at once, in lanes of three bytes of one large integer: the sums of a text
are three products of it. Foreign proofs have 400 to 900 characters, and a loop over them costs more than their schema
(ADR 35).
"""

from typing import Final

from tongxing.core.limits import SCAN_MAX_CHARACTERS
from tongxing.wire.cbor import WireError

_ALPHABET: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_SIZE: Final = len(_ALPHABET)
_NO_DIGIT: Final = 0xFF
_DIGITS: Final = bytes(_ALPHABET.find(character) & _NO_DIGIT for character in range(256))
_LOWEST_OF_LANES: Final = int.from_bytes(b"\xff\0\0" * (SCAN_MAX_CHARACTERS // 3 + 1), "little")


def decode_base45(text: str) -> bytes:
    """Return the bytes that ``text`` stands for.

    Raises ``WireError`` for more than ``SCAN_MAX_CHARACTERS``, a character outside the alphabet, a number that is too
    large, or one character left over.
    """
    if len(text) > SCAN_MAX_CHARACTERS:
        raise WireError("more characters than a QR code holds")
    digits = text.encode("ascii", "replace").translate(_DIGITS)
    if _NO_DIGIT in digits:
        raise WireError("a character that base45 does not have")
    whole, left = divmod(len(digits), 3)
    end = 3 * whole
    lanes = int.from_bytes(digits[:end], "little")
    first, second, third = (lanes >> shift & _LOWEST_OF_LANES for shift in (0, 8, 16))
    # The largest sum, 91,124, stays within its lane.
    summed = (first + _SIZE * second + _SIZE * _SIZE * third).to_bytes(end, "little")
    if summed[2::3].strip(b"\0"):
        raise WireError("three base45 characters beyond two bytes")
    decoded = bytearray(2 * whole)
    decoded[::2] = summed[1::3]
    decoded[1::2] = summed[::3]
    if left:
        decoded += _decode_rest(digits[end:])
    return bytes(decoded)


def _decode_rest(digits: bytes) -> bytes:
    number = digits[0] + _SIZE * digits[-1]
    if len(digits) == 1 or number > 0xFF:  # noqa: PLR2004 - one byte
        raise WireError("base45 characters left over that are no byte")
    return bytes((number,))
