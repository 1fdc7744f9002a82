"""How a batch is packed, and unpacking it: what comes out is bounded before it is made, whatever the bytes claim.

Spec: RFC 1952 (gzip, several members are one text), RFC 8878 (zstd, a window of at most 8 MiB: section 3.1.1.1.2).
"""

import zlib
from enum import StrEnum
from typing import Final

import zstandard

from tongxing.wire.cbor import WireError

_GZIP_ONLY: Final = 31
_WINDOW_MAX_BYTES: Final = 8 * 1024 * 1024
_ZSTD_STEP_BYTES: Final = 256
"""A block of four bytes can stand for 128 KB, so one step makes 8 MB at most."""


class Packing(StrEnum):
    """What was done to a batch to make it shorter."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


def unpack(data: bytes, packing: Packing, max_bytes: int) -> bytes:
    """Return the content, of at most ``max_bytes`` bytes. Raises ``WireError``: longer, cut off, or not so packed."""
    if packing is Packing.NONE:
        content = data
    elif packing is Packing.GZIP:
        content = _gunzip(data, max_bytes)
    else:
        content = _unzstd(data, max_bytes)
    if len(content) > max_bytes:
        raise WireError(f"unpacked, the batch has more than {max_bytes} bytes")
    return content


def _gunzip(data: bytes, max_bytes: int) -> bytes:
    content = bytearray()
    while data and len(content) <= max_bytes:
        member = zlib.decompressobj(_GZIP_ONLY)
        try:
            content += member.decompress(data, max_bytes + 1 - len(content))
        except zlib.error as wrong:
            raise WireError("not gzip") from wrong
        if not member.eof and len(content) <= max_bytes:
            raise WireError("gzip that is cut off")
        data = member.unused_data
    return bytes(content)


def _unzstd(data: bytes, max_bytes: int) -> bytes:
    decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW_MAX_BYTES)
    content, frame = bytearray(), decompressor.decompressobj()
    try:
        for start in range(0, len(data), _ZSTD_STEP_BYTES):
            rest = data[start : start + _ZSTD_STEP_BYTES]
            while rest:
                frame = decompressor.decompressobj() if frame.eof else frame
                content += frame.decompress(rest)
                rest = frame.unused_data
            if len(content) > max_bytes:
                return bytes(content)
    except zstandard.ZstdError as wrong:
        raise WireError("not zstd") from wrong
    if data and not frame.eof:
        raise WireError("zstd that is cut off")
    return bytes(content)
