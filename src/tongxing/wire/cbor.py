"""Deterministic CBOR: for each value exactly one encoding, and anything else is refused.

Spec: RFC 8949, section 4.2.1 (core deterministic encoding: shortest heads, definite lengths, map
keys in the bytewise order of their encodings), narrowed to whole numbers of 64 bits, byte and text
strings, arrays, maps with numbers or texts as keys, true, false and null. There are no tags and no
floats, so nothing is decoded into anything but plain values.

Invariants: ``parse_canonical(encode_canonical(value), ...) == value``, and whatever
``parse_canonical`` accepts, ``encode_canonical`` gives back byte by byte.
"""

import io
from functools import lru_cache
from typing import Any, Final, NoReturn

import cbor2

from tongxing.core.limits import CBOR_MAX_DEPTH


class WireError(ValueError):
    """Bytes or a value that do not have the form they must have. Callers turn it into their own reason."""


_BUILT_IN_TAGS: Final = (
    0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799,
)  # fmt: skip
"""What the library would turn into dates, patterns, networks and the like before we could look."""


def encode_canonical(value: object) -> bytes:
    """Return the one encoding of a plain value.

    Raises ``WireError`` for a type outside the subset, a number beyond 64 bits, or more than
    ``CBOR_MAX_DEPTH`` levels of arrays and maps.
    """
    return cbor2.dumps(_in_order(value, CBOR_MAX_DEPTH))


def parse_canonical(data: bytes, max_bytes: int) -> object:
    """Return the value of deterministic CBOR of at most ``max_bytes`` bytes; arrays come as lists.

    Raises ``WireError`` for anything longer, truncated, followed by more bytes, nested deeper than
    ``CBOR_MAX_DEPTH``, holding a duplicate key, or encoded in any other than the one way.
    Spec: RFC 8949, sections 4.2.1 and 5.
    """
    value = _load(data, max_bytes)
    # Encoding again is what proves that there were no longer heads, other orders or trailing bytes.
    if encode_canonical(value) != data:
        raise WireError("CBOR that is not in its deterministic encoding")
    return value


def parse_in_any_order(data: bytes, max_bytes: int) -> object:
    """Return the value of CBOR that is deterministic but for the order of map keys, as others sign it.

    Any plain value can come, floats and keys of any type too. Raises ``WireError`` as ``parse_canonical``.
    Spec: RFC 8949, section 4.1 (preferred serialization).
    """
    value = _load(data, max_bytes)
    if cbor2.dumps(value) != data:
        raise WireError("CBOR with longer heads than it needs, or with bytes after it")
    return value


def _load(data: bytes, max_bytes: int) -> object:
    if len(data) > max_bytes:
        raise WireError(f"CBOR of {len(data)} bytes, at most {max_bytes} are allowed")
    try:
        value: object = cbor2.loads(
            data,
            tag_hook=_refuse_tag,
            semantic_decoders=dict.fromkeys(_BUILT_IN_TAGS, _refuse_tag),
            max_depth=CBOR_MAX_DEPTH,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
    except cbor2.CBORDecodeError as error:
        raise WireError(f"not CBOR: {error}") from error
    return value


def parse_foreign(data: bytes, max_bytes: int, max_depth: int = CBOR_MAX_DEPTH) -> object:
    """Return the one value of CBOR of other makers: any lengths of heads, any order of keys, floats, tagged times.

    Times keep what stands under their tag (0, 1, 100, 1004); arrays come as lists. Raises ``WireError`` for anything
    longer than ``max_bytes``, truncated, followed by more bytes, nested deeper than ``max_depth``, holding a duplicate
    key or any other tag. Spec: RFC 8949, sections 3.4 and 5; RFC 8943.
    """
    if len(data) > max_bytes:
        raise WireError(f"CBOR of {len(data)} bytes, at most {max_bytes} are allowed")
    stream = io.BytesIO(data)
    try:
        value: object = cbor2.CBORDecoder(
            stream,
            tag_hook=_refuse_tag,
            semantic_decoders=_FOREIGN_TAGS,
            max_depth=max_depth,
            allow_duplicate_keys=False,
        ).decode()
    except cbor2.CBORDecodeError as error:
        raise WireError(f"not CBOR: {error}") from error
    if stream.tell() != len(data):
        raise WireError("bytes follow the CBOR")
    return value


def _content_of(value: object, *_: object) -> object:
    return value


def _refuse_tag(*_: Any) -> NoReturn:  # noqa: ANN401 - the library hands in what it has
    raise WireError("CBOR tags are not used")


_FOREIGN_TAGS: Final = dict.fromkeys(_BUILT_IN_TAGS, _refuse_tag) | dict.fromkeys((0, 1, 100, 1004), _content_of)


def _in_order(value: object, depth_left: int) -> object:
    """Return ``value`` with every map in the bytewise order of its encoded keys; refuse what is not plain."""
    if value is None or isinstance(value, bool | bytes):
        return value
    if isinstance(value, int):
        if not -(1 << 64) <= value < 1 << 64:
            raise WireError("a number beyond 64 bits")
        return value
    if isinstance(value, str):
        if not value.isascii():
            _check_encodable(value)
        return value
    if depth_left == 0:
        raise WireError(f"nested deeper than {CBOR_MAX_DEPTH}")
    if isinstance(value, list | tuple):
        return [_in_order(item, depth_left - 1) for item in value]
    if isinstance(value, dict):
        return {key: _in_order(value[key], depth_left - 1) for key in sorted(value, key=_key_order)}
    raise WireError(f"{type(value).__name__} has no place in this CBOR")


@lru_cache(maxsize=1_024, typed=True)  # typed: 1 and True are equal, and one of them is no key
def _key_order(key: object) -> bytes:
    if isinstance(key, bool) or not isinstance(key, int | str):
        raise WireError("map keys are numbers or texts")
    return cbor2.dumps(_in_order(key, 0))


def _check_encodable(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise WireError("a text that is not Unicode") from error
