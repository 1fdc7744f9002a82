"""QR codes: text to picture, picture to text.

Spec: ISO/IEC 18004. A picture is foreign bytes: its size is bounded before it is opened, its pixels before
they are decoded, the file formats are a short list, and only QR codes are looked for.
"""

import io
import struct
import zlib
from typing import Final

import segno
import zxingcpp
from PIL import Image

from tongxing.core.errors import Rejected
from tongxing.core.limits import PICTURE_MAX_BYTES, PICTURE_MAX_PIXELS, SCAN_MAX_CHARACTERS
from tongxing.core.reasons import ReasonId

# Pillow's own bound is higher, and warns on standard error of pictures that are refused here anyway.
Image.MAX_IMAGE_PIXELS = None

PICTURE_FORMATS: Final = ("PNG", "JPEG", "WEBP", "BMP", "GIF")

# What Pillow raises for files that are broken in one way or another; it has no common ancestor for them.
_BROKEN_FILE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
)


def encode_qr_png(text: str, scale: int) -> bytes:
    """Return a PNG of the smallest QR code of level M that holds ``text``; ``scale``: pixels a module."""
    picture = io.BytesIO()
    _make_qr(text).save(picture, kind="png", scale=scale)
    return picture.getvalue()


def encode_qr_modules(text: str) -> tuple[bytes, int]:
    """Return the modules of the smallest QR code of level M that holds ``text``, and how many there are on a side.

    The bytes hold the rows from the top, each from the left, one bit a module, dark is 1, without a quiet zone and
    without a gap between rows; the last byte is filled with zeroes.
    """
    matrix = _make_qr(text).matrix
    bits = "".join(str(module & 1) for row in matrix for module in row)
    padded = bits + "0" * (-len(bits) % 8)
    return int(padded, 2).to_bytes(len(padded) // 8), len(matrix)


def qr_version(text: str) -> int:
    """Return the version (1 to 40) of the smallest QR code of level M that holds ``text``."""
    version = _make_qr(text).version
    if not isinstance(version, int):
        raise TypeError("a Micro QR code has no number")
    return version


def read_picture(data: bytes) -> str:
    """Return the text of the one QR code in a picture file.

    Raises ``Rejected`` with ``PICTURE_TOO_LARGE`` (beyond ``PICTURE_MAX_BYTES`` or
    ``PICTURE_MAX_PIXELS``), ``PICTURE_UNREADABLE``, ``PICTURE_WITHOUT_CODE``, ``SEVERAL_CODES`` (with
    different texts) or ``SCAN_TOO_LONG``.
    """
    if len(data) > PICTURE_MAX_BYTES:
        raise Rejected(ReasonId.PICTURE_TOO_LARGE, f"{len(data)} bytes")
    grey = _open_grey(data)
    # Model 2 is what everybody calls a QR code; Micro and the obsolete model 1 double the time of looking.
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCodeModel2]))
    texts = {barcode.text for barcode in found}
    if not texts:
        raise Rejected(ReasonId.PICTURE_WITHOUT_CODE)
    if len(texts) > 1:
        raise Rejected(ReasonId.SEVERAL_CODES, f"{len(texts)} codes")
    text: str = texts.pop()
    if len(text) > SCAN_MAX_CHARACTERS:
        raise Rejected(ReasonId.SCAN_TOO_LONG, f"{len(text)} characters")
    return text


def _make_qr(text: str) -> segno.QRCode:
    return segno.make(text, error="m", boost_error=False, micro=False)


def _open_grey(data: bytes) -> Image.Image:
    """Decode a picture to grey on white, once its size is known to be allowed."""
    try:
        with Image.open(io.BytesIO(data), formats=PICTURE_FORMATS) as picture:
            if picture.width * picture.height > PICTURE_MAX_PIXELS:
                raise Rejected(ReasonId.PICTURE_TOO_LARGE, f"{picture.width} x {picture.height} pixels")
            if not picture.has_transparency_data:
                return picture.convert("L")
            # A code drawn on nothing is meant to be seen on white.
            white = Image.new("RGBA", picture.size, "white")
            return Image.alpha_composite(white, picture.convert("RGBA")).convert("L")
    except _BROKEN_FILE as error:
        raise Rejected(ReasonId.PICTURE_UNREADABLE, type(error).__name__) from error
