"""JSON and base64url as signed things of outside have them: one reading of each text, or a refusal.

Spec: RFC 8259, narrowed: UTF-8, bounded, no name twice in one object (section 4 leaves open which one counts),
no NaN; RFC 4648, section 5: no padding, no character beyond the alphabet, unused bits zero.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import NoReturn

import msgspec

from tongxing.wire.cbor import WireError

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def parse_strict_json(data: bytes, max_bytes: int) -> object:
    """Return the value of a JSON text of at most ``max_bytes`` bytes.

    Raises ``WireError``: too long, not UTF-8, not JSON, nested too deep for the reader, or a name twice.
    """
    if len(data) > max_bytes:
        raise WireError(f"JSON of {len(data)} bytes, at most {max_bytes} are allowed")
    try:
        value: object = _decode(data)
        # What is written as we would write it has no name twice: twice in it means once in the value.
        if _encode(value) != data:
            json.loads(data, object_pairs_hook=_object_of, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise WireError("JSON nested too deep") from error
    except WireError:
        raise
    except ValueError as error:  # of both readers, and of text that is not UTF-8
        raise WireError("not JSON") from error
    return value


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


def _object_of(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise WireError("a name twice in one object")
    return found


def _refuse_constant(_: str) -> NoReturn:
    raise WireError("not a number of JSON")
