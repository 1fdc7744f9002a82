import io
import struct
import zlib

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from tongxing.core.errors import Rejected
from tongxing.core.limits import PICTURE_MAX_BYTES, PICTURE_MAX_PIXELS
from tongxing.core.reasons import ReasonId
from tongxing.wire.qr import encode_qr_png, qr_version, read_picture

TEXT = "99861" + "7" * 490


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def reason_of(data: bytes) -> ReasonId:
    with pytest.raises(Rejected) as refused:
        read_picture(data)
    return refused.value.reason


def png_of_size(width: int, height: int) -> bytes:
    """Return the head of a PNG that claims a size; its pixels are not there."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 100) + b"IDAT"


@pytest.mark.parametrize("scale", [1, 2, 4, 8])
def test_a_picture_of_a_code_is_read_back(scale: int) -> None:
    assert read_picture(encode_qr_png(TEXT, scale)) == TEXT


@pytest.mark.parametrize("text", ["HBJKM.abcDEF_-", "GXJKM:0123", "一码通行", "http://a.example/?q=1", " spaced "])
def test_any_kind_of_text_is_read_back(text: str) -> None:
    assert read_picture(encode_qr_png(text, 4)) == text


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_the_usual_formats_are_read(kind: str) -> None:
    assert read_picture(saved(opened(encode_qr_png(TEXT, 4)).convert("RGB"), kind)) == TEXT


@pytest.mark.parametrize("turn", [0, 17, 90, 180, 270])
def test_a_turned_picture_is_read(turn: int) -> None:
    assert (
        read_picture(saved(opened(encode_qr_png(TEXT, 4)).convert("L").rotate(turn, expand=True, fillcolor=255)))
        == TEXT
    )


def test_colour_says_nothing() -> None:
    """A code repainted green is the same code."""
    picture = opened(encode_qr_png(TEXT, 4)).convert("RGB")
    green = Image.composite(
        Image.new("RGB", picture.size, "white"), Image.new("RGB", picture.size, (0, 128, 0)), picture.convert("L")
    )
    assert read_picture(saved(green)) == TEXT


def test_a_code_on_nothing_is_seen_on_white() -> None:
    picture = opened(encode_qr_png(TEXT, 4)).convert("L")
    clear = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    clear.putalpha(picture.point(lambda value: 255 - value))
    assert read_picture(saved(clear)) == TEXT


def test_two_different_codes_are_refused_and_two_equal_ones_are_one() -> None:
    def side_by_side(*texts: str) -> bytes:
        parts = [opened(encode_qr_png(text, 3)).convert("L") for text in texts]
        width = sum(part.width for part in parts) + 40
        picture = Image.new("L", (width, max(part.height for part in parts)), 255)
        left = 0
        for part in parts:
            picture.paste(part, (left, 0))
            left += part.width + 40
        return saved(picture)

    assert reason_of(side_by_side("99861" + "1" * 300, "99861" + "2" * 300)) is ReasonId.SEVERAL_CODES
    assert read_picture(side_by_side("99861" + "1" * 300, "99861" + "1" * 300)) == "99861" + "1" * 300


def test_a_picture_without_a_code_is_told_as_such() -> None:
    picture = Image.new("RGB", (200, 200), "white")
    ImageDraw.Draw(picture).ellipse((20, 20, 180, 180), fill="green")
    assert reason_of(saved(picture)) is ReasonId.PICTURE_WITHOUT_CODE


def test_only_qr_codes_are_looked_for() -> None:
    micro = io.BytesIO()
    segno.make_micro("99861").save(micro, kind="png", scale=6)
    assert reason_of(micro.getvalue()) is ReasonId.PICTURE_WITHOUT_CODE


def test_size_is_bounded_before_a_picture_is_opened() -> None:
    assert reason_of(encode_qr_png(TEXT, 4) + bytes(PICTURE_MAX_BYTES)) is ReasonId.PICTURE_TOO_LARGE


@pytest.mark.parametrize(
    ("width", "height"), [(5_001, 5_000), (PICTURE_MAX_PIXELS, 2), (10_000, 10_000), (100_000, 100_000), (2**31 - 1, 1)]
)
def test_pixels_are_bounded_before_they_are_decoded(width: int, height: int) -> None:
    assert reason_of(png_of_size(width, height)) is ReasonId.PICTURE_TOO_LARGE


def test_a_bomb_of_few_bytes_is_refused() -> None:
    bomb = saved(Image.new("1", (8_000, 8_000)))
    assert len(bomb) < 100_000
    assert reason_of(bomb) is ReasonId.PICTURE_TOO_LARGE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"\xff\xd8\xff",
        b"BM",
        b"RIFF\0\0\0\0WEBP",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.4",
        b"%!PS-Adobe-3.0",
        TEXT.encode(),
    ],
)
def test_what_is_no_picture_is_told_as_such(data: bytes) -> None:
    assert reason_of(data) is ReasonId.PICTURE_UNREADABLE


@pytest.mark.parametrize("kind", ["TIFF", "ICO", "PPM", "TGA"])
def test_rare_formats_are_not_opened(kind: str) -> None:
    assert reason_of(saved(Image.new("L", (32, 32)), kind)) is ReasonId.PICTURE_UNREADABLE


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_a_cut_file_is_refused_without_a_crash(kind: str) -> None:
    data = saved(opened(encode_qr_png(TEXT, 2)).convert("RGB"), kind)
    for length in range(0, len(data) - 20, max(1, len(data) // 60)):
        assert reason_of(data[:length]) in {
            ReasonId.PICTURE_UNREADABLE,
            ReasonId.PICTURE_WITHOUT_CODE,
            ReasonId.PICTURE_TOO_LARGE,
        }


@settings(max_examples=150)
@given(st.sampled_from(["PNG", "JPEG", "WEBP", "BMP", "GIF"]), st.data())
def test_a_damaged_file_is_read_right_or_refused_without_a_crash(kind: str, data: st.DataObject) -> None:
    file = bytearray(saved(opened(encode_qr_png(TEXT, 2)).convert("RGB"), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        file[data.draw(st.integers(0, min(len(file) - 1, 2_000)))] = data.draw(st.integers(0, 255))
    try:
        text = read_picture(bytes(file))
    except Rejected:
        return
    assert text == TEXT


@pytest.mark.parametrize(("digits", "version"), [(17, 1), (34, 1), (35, 2), (513, 10), (514, 11), (604, 11), (605, 12)])
def test_versions_are_those_of_level_m(digits: int, version: int) -> None:
    """ISO/IEC 18004, table 7: digits at level M."""
    assert qr_version("7" * digits) == version
