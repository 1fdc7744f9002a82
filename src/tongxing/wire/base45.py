"""Base45: text of a QR code's alphanumeric mode to bytes.

Spec: RFC 9285, sections 3 and 4. Three characters are one number of two bytes, the least of them first; two
that are left over are one byte. Numbers beyond what their bytes hold are refused, and so is any character outside
the alphabet, so that each text stands for at most one sequence of bytes and each of those has one text.

All numbers of a text are put together at once, in lanes of four bytes of one large integer, because foreign
proofs have 400 to 900 characters and a loop over them costs more than their schema (ADR 35).
"""

from typing import Final

from tongxing.wire.cbor import WireError

_ALPHABET: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_SIZE: Final = len(_ALPHABET)
_NO_DIGIT: Final = 0xFF
_DIGITS: Final = bytes(_ALPHABET.find(character) & _NO_DIGIT for character in range(256))
_LANE: Final = 4


def decode_base45(text: str) -> bytes:
    """Return the bytes that ``text`` stands for; the caller bounds its length.

    Raises ``WireError`` for a character outside the alphabet, a number that is too large, or one character left over.
    """
    digits = text.encode("ascii", "replace").translate(_DIGITS)
    if _NO_DIGIT in digits:
        raise WireError("a character that base45 does not have")
    whole, left = divmod(len(digits), 3)
    end = 3 * whole
    lanes = bytearray(_LANE * whole)
    numbers = 0
    for place in range(3):
        lanes[::_LANE] = digits[place:end:3]
        numbers += _SIZE**place * int.from_bytes(lanes, "little")
    summed = numbers.to_bytes(_LANE * whole, "little")
    if any(summed[2::_LANE]):
        raise WireError("three base45 characters beyond two bytes")
    decoded = bytearray(2 * whole)
    decoded[::2] = summed[1::_LANE]
    decoded[1::2] = summed[::_LANE]
    if left:
        decoded += _decode_rest(digits[end:])
    return bytes(decoded)


def _decode_rest(digits: bytes) -> bytes:
    number = digits[0] + _SIZE * digits[-1]
    if len(digits) == 1 or number > 0xFF:  # noqa: PLR2004 - one byte
        raise WireError("base45 characters left over that are no byte")
    return bytes((number,))
