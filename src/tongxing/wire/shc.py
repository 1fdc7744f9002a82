"""SMART Health Cards: from what was scanned to the claims of a signed card. Nothing is believed before the signature.

Spec: SMART Health Cards Framework 1.4 (JWS of RFC 7515 with ES256, payload raw DEFLATE of minified JSON, in a
QR of digits, two for each character, ord - 45; RFC 7519 for the times). A card can be shown as
``shc:/…``, as all of its chunks ``shc:/1/3/…``, or as the bare JWS.

Left out on purpose: keys named by the token itself (``jwk``, ``x5u`` …) are never looked at; and a payload that is
not minified is taken, for its size is bounded anyway.
"""

import re
import zlib
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from tongxing.core.errors import Rejected
from tongxing.core.limits import SCAN_MAX_CHARACTERS, SHC_CHUNKS_MAX, SHC_PAYLOAD_MAX_BYTES
from tongxing.core.reasons import ReasonId
from tongxing.wire.cbor import WireError
from tongxing.wire.strict_json import decode_base64url, parse_strict_json

PREFIX: Final = "shc:/"
ALGORITHM: Final = "ES256"
CARD_TYPE: Final = "https://smarthealth.cards#health-card"
RID_MAX_CHARACTERS: Final = 24

_HEADER_MAX_BYTES: Final = 1_024
_KID_MAX_CHARACTERS: Final = 128
_ISSUER_MAX_CHARACTERS: Final = 512
_SIGNATURE_BYTES: Final = 64
_JWS_PARTS: Final = 3
_JWS_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
_FIRST_CHARACTER: Final = 45
_NO_ASCII_ZEROS: Final = bytes(range(256)).translate(bytes.maketrans(b"0123456789", bytes(range(10))))
_CHUNK: Final = re.compile(r"([1-9][0-9]?)/([1-9][0-9]?)/([0-9]*)")
_RAW_DEFLATE: Final = -15


class ShcClaims(msgspec.Struct, frozen=True, gc=False):
    """What a card says. Times are unix seconds, as JSON numbers and so far of any size; ``entries`` is FHIR, unread."""

    issuer: str
    not_before: float
    expires_at: float | None
    rid: str | None
    entries: tuple[msgspec.Raw, ...]


class UnverifiedShc(msgspec.Struct, frozen=True, gc=False):
    """A card whose form is right and whose signature was not checked: ``kid`` serves only to find the key."""

    kid: str
    to_be_signed: bytes
    signature: bytes
    _deflated: bytes

    def claims_after(self, verify: Callable[[bytes, bytes], None]) -> ShcClaims:
        """Return the claims once ``verify(to_be_signed, signature)`` did not raise. Raises as ``unsafe_claims``."""
        verify(self.to_be_signed, self.signature)
        return self.unsafe_claims()

    def unsafe_claims(self) -> ShcClaims:
        """Return the claims that nobody vouches for. Raises ``Rejected``: malformed, or not as the framework says."""
        return _parse_payload(_inflate(self._deflated))


class _Subject(msgspec.Struct, frozen=True, rename={"bundle": "fhirBundle"}):
    bundle: "_Bundle"


class _Bundle(msgspec.Struct, frozen=True, rename={"entries": "entry"}):
    entries: tuple[msgspec.Raw, ...] = ()


class _Credential(msgspec.Struct, frozen=True, rename={"types": "type", "subject": "credentialSubject"}):
    types: tuple[str, ...]
    subject: _Subject
    rid: str | None = None


class _Payload(msgspec.Struct, frozen=True):
    iss: str
    nbf: float
    vc: _Credential
    exp: float | None = None


_decode_payload = msgspec.json.Decoder(_Payload).decode


def parse_shc(texts: Sequence[str]) -> UnverifiedShc:
    """Read a card from what was scanned: one text, or all chunks in any order; one scanned twice counts once.

    Raises ``Rejected``: ``MALFORMED_CODE``, ``CHUNKS_MISSING``, ``SCAN_TOO_LONG``, ``ALGORITHM_REFUSED``.
    Spec: SMART Health Cards Framework, *Encoding chunks as QR codes*.
    """
    if not 0 < len(texts) <= SHC_CHUNKS_MAX or any(len(text) > SCAN_MAX_CHARACTERS for text in texts):
        raise Rejected(ReasonId.SCAN_TOO_LONG, f"{len(texts)} texts")
    if len(texts) == 1 and not texts[0].startswith(PREFIX):
        return _parse_jws(texts[0])
    bodies = [_body_of(text) for text in texts]
    if len(bodies) == 1 and "/" not in bodies[0]:
        return _parse_jws(_decode_digits(bodies[0]))
    return _parse_jws("".join(map(_decode_digits, _in_order(bodies))))


def _body_of(text: str) -> str:
    if not text.startswith(PREFIX):
        raise Rejected(ReasonId.MALFORMED_CODE, f"a part of a card begins with {PREFIX}")
    return text[len(PREFIX) :]


def _in_order(bodies: Sequence[str]) -> list[str]:
    """Return the digits of all chunks in their order."""
    chunks: dict[int, str] = {}
    totals = set()
    for body in bodies:
        found = _CHUNK.fullmatch(body)
        if found is None:
            raise Rejected(ReasonId.MALFORMED_CODE, "not a chunk of a card")
        place, total, digits = int(found[1]), int(found[2]), found[3]
        totals.add(total)
        if place > total or total > SHC_CHUNKS_MAX or chunks.setdefault(place, digits) != digits:
            raise Rejected(ReasonId.MALFORMED_CODE, "the chunks are of no one card")
    if len(totals) > 1:
        raise Rejected(ReasonId.MALFORMED_CODE, "the chunks are of several cards")
    total = totals.pop()
    if len(chunks) < total:
        raise Rejected(ReasonId.CHUNKS_MISSING, f"{len(chunks)} of {total}")
    return [chunks[place] for place in range(1, total + 1)]


def _decode_digits(digits: str) -> str:
    """Return the characters that pairs of digits stand for, all pairs at once: each has a byte of one number."""
    data = digits.encode("ascii", "replace")
    if not data.isdigit() or len(data) % 2:
        raise Rejected(ReasonId.MALFORMED_CODE, "not pairs of digits")
    values, size = data.translate(_NO_ASCII_ZEROS), len(data) // 2
    tens, ones = int.from_bytes(values[::2], "big"), int.from_bytes(values[1::2], "big")
    # 10 * 9 + 9 + 45 stays below 256, so nothing is carried from one byte into the next.
    offsets = int.from_bytes(bytes((_FIRST_CHARACTER,)) * size, "big")
    text = (10 * tens + ones + offsets).to_bytes(size, "big")
    if text.translate(None, _JWS_ALPHABET):
        raise Rejected(ReasonId.MALFORMED_CODE, "digits that stand for no character of a card")
    return text.decode("ascii")


def _parse_jws(jws: str) -> UnverifiedShc:
    """Take a compact JWS apart. Spec: RFC 7515, sections 5.2 and 7.1."""
    parts = jws.split(".")
    if len(parts) != _JWS_PARTS:
        raise Rejected(ReasonId.MALFORMED_CODE, f"a card has three parts, not {len(parts)}")
    try:
        header = parse_strict_json(decode_base64url(parts[0]), _HEADER_MAX_BYTES)
        deflated, signature = decode_base64url(parts[1]), decode_base64url(parts[2])
    except WireError as error:
        raise Rejected(ReasonId.MALFORMED_CODE, str(error)) from error
    if not isinstance(header, dict):
        raise Rejected(ReasonId.MALFORMED_CODE, "the header is no object")
    if header.get("alg") != ALGORITHM:
        raise Rejected(ReasonId.ALGORITHM_REFUSED, "a card is signed with ES256")
    if header.get("zip") != "DEF" or "crit" in header:
        raise Rejected(ReasonId.MALFORMED_CODE, "the header is not that of a card")
    kid = header.get("kid")
    if not isinstance(kid, str) or len(kid) > _KID_MAX_CHARACTERS:
        raise Rejected(ReasonId.MALFORMED_CODE, "the header names no key")
    if len(signature) != _SIGNATURE_BYTES:
        raise Rejected(ReasonId.MALFORMED_CODE, f"a signature has {_SIGNATURE_BYTES} bytes")
    return UnverifiedShc(kid, jws[: jws.rindex(".")].encode("ascii"), signature, deflated)


def _inflate(deflated: bytes) -> bytes:
    """Undo the compression, bounded. Spec: RFC 1951."""
    reader = zlib.decompressobj(_RAW_DEFLATE)
    try:
        data = reader.decompress(deflated, SHC_PAYLOAD_MAX_BYTES)
    except zlib.error as error:
        raise Rejected(ReasonId.MALFORMED_CODE, "the compression is broken") from error
    if not reader.eof or reader.unused_data or reader.unconsumed_tail:
        raise Rejected(ReasonId.MALFORMED_CODE, "the compression is cut off, too large, or more follows it")
    return data


def _parse_payload(data: bytes) -> ShcClaims:
    try:
        parse_strict_json(data, SHC_PAYLOAD_MAX_BYTES)
    except WireError as error:
        raise Rejected(ReasonId.MALFORMED_CODE, str(error)) from error
    try:
        payload = _decode_payload(data)
    except msgspec.ValidationError as error:
        raise Rejected(ReasonId.FOREIGN_CONTENT, str(error)) from error
    if CARD_TYPE not in payload.vc.types:
        raise Rejected(ReasonId.FOREIGN_CONTENT, "not of the type of a health card")
    if not payload.iss or len(payload.iss) > _ISSUER_MAX_CHARACTERS:
        raise Rejected(ReasonId.FOREIGN_CONTENT, "the issuer is not named")
    rid = payload.vc.rid
    if rid is not None and not 0 < len(rid) <= RID_MAX_CHARACTERS:
        raise Rejected(ReasonId.FOREIGN_CONTENT, "the revocation id is too long")
    return ShcClaims(payload.iss, payload.nbf, payload.exp, rid, payload.vc.subject.bundle.entries)
