"""What forgers make of codes: altered, forged and repainted ones, as values; nobody is harmed."""

import io
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec
from PIL import Image, ImageChops, ImageOps

from tongxing.core.words import RegionId
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.suites import SuiteId
from tongxing.wire.national_code import (
    PREFIX,
    NationalCodeClaims,
    encode_national_code,
    parse_national_code,
)
from tongxing.wire.qr import encode_qr_png

INSECURE_TEST_FORGERS_SEED: Final = b"forged by whoever can read this!"
UNKNOWN_REGION: Final = RegionId("99")
"""A region that takes no part in any federation: no place in China has its number."""

_PIXELS_A_MODULE: Final = 6
_FRAME_PIXELS: Final = 36


class Flaw(StrEnum):
    """One thing that is wrong with a national code."""

    FORGED = "forged"
    UNKNOWN_ISSUER = "unknown_issuer"
    BIT_OF_TIME = "bit_of_time"
    BIT_OF_KEY_ID = "bit_of_key_id"
    BIT_OF_FRAME = "bit_of_frame"


def spoil_national_code(qr_text: str, flaw: Flaw) -> str:
    """Return a genuine national code with one flaw."""
    return _SPOILERS[flaw](qr_text)


def _sign_again(qr_text: str, issuer: RegionId | None, kid: bytes | None) -> str:
    """Return the same claims signed by the forger's key, as another issuer's or under another key id if given."""
    key = SigningKey.from_seed(SuiteId.EDDSA, INSECURE_TEST_FORGERS_SEED)
    claims = _claims_of(qr_text)
    if issuer is not None:
        claims = msgspec.structs.replace(claims, issuer=issuer)
    return encode_national_code(claims, alg=key.public.cose_alg, kid=kid or key.public.kid, sign=key.sign)


def _forge(qr_text: str) -> str:
    return _sign_again(qr_text, None, parse_national_code(qr_text).kid)


def _issue_elsewhere(qr_text: str) -> str:
    return _sign_again(qr_text, UNKNOWN_REGION, None)


def _flip_time(qr_text: str) -> str:
    """Flip the lowest bit of the end of life, which only the signature protects."""
    return _flip(qr_text, _claims_of(qr_text).expires_at.to_bytes(4, "big"))


def _flip_key_id(qr_text: str) -> str:
    return _flip(qr_text, parse_national_code(qr_text).kid)


def _flip_frame(qr_text: str) -> str:
    """Flip a bit of the array's head, after which the bytes are no signed envelope any more."""
    return _flip(qr_text, b"\xd2\x84")


_SPOILERS: Final[Mapping[Flaw, Callable[[str], str]]] = MappingProxyType(
    {
        Flaw.FORGED: _forge,
        Flaw.UNKNOWN_ISSUER: _issue_elsewhere,
        Flaw.BIT_OF_TIME: _flip_time,
        Flaw.BIT_OF_KEY_ID: _flip_key_id,
        Flaw.BIT_OF_FRAME: _flip_frame,
    }
)


def _claims_of(qr_text: str) -> NationalCodeClaims:
    return parse_national_code(qr_text).claims_after(lambda _message, _signature: None)


def _flip(qr_text: str, part: bytes) -> str:
    """Return a text one bit of whose bytes is flipped: the lowest of the last byte of ``part``."""
    number = int(qr_text[len(PREFIX) :])
    data = bytearray(number.to_bytes((number.bit_length() + 7) // 8, "big"))
    data[data.index(part) + len(part) - 1] ^= 1
    return PREFIX + str(int.from_bytes(data, "big"))


def framed_picture(qr_text: str, colour: str) -> bytes:
    """Return a PNG of a code in a frame of ``colour``, as a phone shows it (a name or ``#rrggbb``)."""
    with Image.open(io.BytesIO(encode_qr_png(qr_text, _PIXELS_A_MODULE))) as plain:
        return _png(ImageOps.expand(plain.convert("RGB"), border=_FRAME_PIXELS, fill=colour))


def repaint(picture: bytes, before: str, after: str) -> bytes:
    """Return a PNG in which every pixel of one colour has another: what a forger does to a yellow frame.

    Raises ValueError if no pixel has the colour ``before``.
    """
    with Image.open(io.BytesIO(picture)) as shown:
        image = shown.convert("RGB")
    flat = Image.new("RGB", image.size, before)
    unlike = ImageChops.difference(image, flat).convert("L").point(lambda value: 255 if value else 0)
    if unlike.getextrema() == (255, 255):
        raise ValueError(f"no pixel of the picture is {before}")
    image.paste(after, mask=ImageChops.invert(unlike))
    return _png(image)


def _png(image: Image.Image) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, format="PNG")
    return encoded.getvalue()
