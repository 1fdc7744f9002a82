"""COSE_Sign1: the one signed envelope of the federation, in the only form that is accepted here.

Spec: RFC 9052, sections 3, 4.2 and 4.4; RFC 9596 (``typ``). The form is narrowed until each envelope has
exactly one encoding: tag 18, an array of four, every head as short as it can be; a protected header
of exactly ``alg`` (1), ``kid`` (4, eight bytes) and ``typ`` (16, text); an empty unprotected header;
no external data. ``typ`` keeps the kinds of signed thing apart, so that a signature over one kind
can never be shown as another.

Everything outside the signature's reach (tag, heads, the unprotected header) is compared with the
only bytes it may have, so nobody can change an envelope without its signature failing.
"""

import struct
from collections.abc import Callable
from typing import Final

import msgspec

from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical

KID_BYTES: Final = 8
ALG_LABEL: Final = 1
KID_LABEL: Final = 4
TYP_LABEL: Final = 16

_PROTECTED_MAX_BYTES: Final = 96
_OPENING: Final = b"\xd2\x84"
_UNPROTECTED: Final = b"\xa0"
_NO_EXTERNAL_DATA: Final = b"\x40"
_CONTEXT: Final = b"\x84\x6aSignature1"
_BYTE_STRING: Final = 0x40
# Heads that two or four bytes of length follow, and the shortest length that needs so many.
_LONG_HEADS: Final = {0x59: (2, 1 << 8), 0x5A: (4, 1 << 16)}
# The usual protected header: a3 01 <alg of one byte> 04 48 <kid> 10 <60 + length of typ> <typ>.
_KID_AT: Final = 5
_TYP_AT: Final = 13
_USUAL_ALGORITHMS: Final = {bytes((0xA3, 0x01, 0x20 + n, 0x04, 0x48)): -1 - n for n in range(24)}
_USUAL_TYP_HEADS: Final = tuple(bytes((0x10, 0x60 + length)) for length in range(24))


class UnverifiedSign1(msgspec.Struct, frozen=True, gc=False):
    """An envelope whose form was checked and whose signature was not.

    ``alg`` and ``kid`` are claims of whoever made it: the algorithm to verify with is that of the key
    found, and must equal ``alg``. ``signature`` has any length.
    """

    alg: int
    kid: bytes
    content_type: str
    payload: bytes
    to_be_signed: bytes
    signature: bytes


def encode_protected(alg: int, kid: bytes, content_type: str) -> bytes:
    """Return the protected header; ``kid`` has eight bytes."""
    if len(kid) != KID_BYTES:
        raise WireError(f"a key id has {KID_BYTES} bytes")
    return encode_canonical({ALG_LABEL: alg, KID_LABEL: kid, TYP_LABEL: content_type})


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Return the bytes that are signed. Spec: RFC 9052, section 4.4 (``Sig_structure``)."""
    return _CONTEXT + encode_canonical(protected) + _NO_EXTERNAL_DATA + encode_canonical(payload)


def encode_sign1(payload: bytes, *, alg: int, kid: bytes, content_type: str, sign: Callable[[bytes], bytes]) -> bytes:
    """Return the envelope around ``payload``; ``sign`` takes the bytes to be signed and returns the signature."""
    protected = encode_protected(alg, kid, content_type)
    signature = sign(to_be_signed(protected, payload))
    return b"".join(
        (
            _OPENING,
            encode_canonical(protected),
            _UNPROTECTED,
            encode_canonical(payload),
            encode_canonical(signature),
        )
    )


def parse_sign1(data: bytes) -> UnverifiedSign1:
    """Take an envelope apart; the caller bounds its length and compares ``content_type``.

    Raises ``WireError`` for any byte that is not as this module's form says.
    Spec: RFC 9052, section 4.2.
    """
    if data[:2] != _OPENING:
        raise WireError("not a tagged COSE_Sign1")
    protected_at, protected_end = _byte_string(data, 2)
    payload_head = protected_end + 1
    if data[protected_end:payload_head] != _UNPROTECTED:
        raise WireError("the unprotected header is not empty")
    payload_at, payload_end = _byte_string(data, payload_head)
    signature_at, signature_end = _byte_string(data, payload_end)
    if signature_end != len(data):
        raise WireError("bytes follow the envelope")
    alg, kid, content_type = _parse_protected(data[protected_at:protected_end])
    return UnverifiedSign1(
        alg,
        kid,
        content_type,
        data[payload_at:payload_end],
        # The heads were checked to be the shortest ones, so these slices are what an encoder writes.
        _CONTEXT + data[2:protected_end] + _NO_EXTERNAL_DATA + data[payload_head:payload_end],
        data[signature_at:],
    )


class Sign1Form:
    """Reads envelopes of one content type and one length by position, in half the time of ``parse_sign1``.

    Their payload has from 24 to 255 bytes, their signature 64, and their algorithm a number of one byte.
    ``size`` is the length of a whole envelope.
    """

    __slots__ = ("_content_type", "_heads", "_layout", "_payload_end", "_payload_head", "size")

    def __init__(self, content_type: str, payload_bytes: int) -> None:
        typ = content_type.encode("ascii")
        opening = _OPENING + bytes((0x58, _TYP_AT + 2 + len(typ), 0xA3, 0x01))
        between = _USUAL_TYP_HEADS[len(typ)] + typ + _UNPROTECTED
        payload_head = bytes((0x58, payload_bytes))
        self._content_type = content_type
        self._heads = (opening, b"\x04\x48", between + payload_head, b"\x58\x40")
        self._layout = struct.Struct(f">{len(opening)}sB2s{KID_BYTES}s{len(between) + 2}s{payload_bytes}s2s64s")
        self._payload_head = len(opening) + 1 + 2 + KID_BYTES + len(between)
        self._payload_end = self._payload_head + 2 + payload_bytes
        self.size = self._layout.size

    def parse(self, data: bytes) -> UnverifiedSign1 | None:
        """Take an envelope of ``size`` bytes apart; None if it is not of this form, whatever it may be."""
        opening, alg, kid_head, kid, between, payload, signature_head, signature = self._layout.unpack(data)
        if (opening, kid_head, between, signature_head) != self._heads or not 0x20 <= alg < 0x38:  # noqa: PLR2004 - CBOR
            return None
        payload_head = self._payload_head
        protected, payload_item = data[2 : payload_head - 1], data[payload_head : self._payload_end]
        message = _CONTEXT + protected + _NO_EXTERNAL_DATA + payload_item
        return UnverifiedSign1(0x1F - alg, kid, self._content_type, payload, message, signature)


def _byte_string(data: bytes, at: int) -> tuple[int, int]:
    """Return where the content of the byte string at ``at`` starts and ends. Spec: RFC 8949, section 3."""
    size = len(data)
    head = data[at] if at < size else -1
    if head == 0x58 and at + 1 < size:  # noqa: PLR2004 - one byte of length follows; by far the most frequent
        start, length, shortest = at + 2, data[at + 1], 24
    elif 0x40 <= head < 0x58:  # noqa: PLR2004 - the length is in the head
        start, length, shortest = at + 1, head - _BYTE_STRING, 0
    elif head in _LONG_HEADS:
        length_bytes, shortest = _LONG_HEADS[head]
        start = at + 1 + length_bytes
        length = int.from_bytes(data[at + 1 : start], "big")
    else:
        raise WireError("a byte string of definite length is missing")
    end = start + length
    if length < shortest or end > size:
        raise WireError("a byte string is cut off or its length is not in the shortest form")
    return start, end


def _parse_protected(protected: bytes) -> tuple[int, bytes, str]:
    """Return alg, kid and typ of a protected header."""
    if len(protected) > _PROTECTED_MAX_BYTES:
        raise WireError("the protected header is too long")
    # The usual header is known by its constant bytes; that is as strict as the general way below.
    usual_alg = _USUAL_ALGORITHMS.get(protected[:_KID_AT])
    text = protected[_TYP_AT + 2 :]
    if usual_alg is not None and text.isascii() and len(text) < len(_USUAL_TYP_HEADS):
        if protected[_TYP_AT : _TYP_AT + 2] != _USUAL_TYP_HEADS[len(text)]:
            raise WireError("the protected header holds exactly alg, kid and typ")
        return usual_alg, protected[_KID_AT:_TYP_AT], text.decode("ascii")
    header = parse_canonical(protected, _PROTECTED_MAX_BYTES)
    if not isinstance(header, dict) or header.keys() != {ALG_LABEL, KID_LABEL, TYP_LABEL}:
        raise WireError("the protected header holds exactly alg, kid and typ")
    alg, kid, content_type = header[ALG_LABEL], header[KID_LABEL], header[TYP_LABEL]
    if not isinstance(alg, int) or isinstance(alg, bool):
        raise WireError("alg is a number")
    if not isinstance(kid, bytes) or len(kid) != KID_BYTES:
        raise WireError(f"kid has {KID_BYTES} bytes")
    if not isinstance(content_type, str):
        raise WireError("typ is a text")
    return alg, kid, content_type
