"""JSON and base64url as signed things of outside have them: one reading of each text, or a refusal.

Spec: RFC 8259, narrowed: UTF-8, bounded, no name twice in one object (section 4 leaves open which one counts),
no NaN; RFC 4648, section 5: no padding, no character beyond the alphabet, unused bits zero.
"""

import base64
import binascii
import re
from typing import Final

import msgspec

from tongxing.wire.cbor import WireError

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_COLON_ESCAPED: Final = b"\\u003"
_STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def parse_strict_json(data: bytes, max_bytes: int) -> object:
    """Return the value of a JSON text of at most ``max_bytes`` bytes.

    Raises ``WireError``: too long, not UTF-8, not JSON, nested too deep for the reader, or a name twice.
    """
    if len(data) > max_bytes:
        raise WireError(f"JSON of {len(data)} bytes, at most {max_bytes} are allowed")
    try:
        value: object = _decode(data)
        written = _encode(value)
    except RecursionError as error:
        raise WireError("JSON nested too deep") from error
    except ValueError as error:
        raise WireError("not JSON") from error
    if written != data and not has_each_name_once(data, written):
        raise WireError("a name twice in one object")
    return value


def has_each_name_once(data: bytes, written: bytes) -> bool:
    """True if no object of the JSON text ``data`` has a name twice; ``written`` is all that was read of it."""
    # Of a name twice only one is in the value, so writing it again gives fewer members than were read. A colon belongs
    # to a member or a text; of both at most as many are written as were read, unless one was read as \u003a.
    if data.count(b":") == written.count(b":") and _COLON_ESCAPED not in data:
        return True
    return _count_members(written) == _count_members(data)


def decode_base64url(text: str) -> bytes:
    """Return the bytes of base64url without padding; raises ``WireError`` for any but the one text of them."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise WireError("not base64url") from error
    # The decoder passes over what it does not know, and over bits that stand for nothing.
    if encode_base64url(data) != text:
        raise WireError("base64url that is not the one text of its bytes")
    return data


def encode_base64url(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _count_members(text: bytes) -> int:
    """Return how many members all objects of a JSON text have: its colons outside of strings."""
    return _STRING.sub(b"", text).count(b":")
