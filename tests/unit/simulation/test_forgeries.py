"""Forgeries: each has exactly the flaw that it is named for."""

import io

import pytest
from PIL import Image

from tests.world import World, decide
from tongxing.core.reasons import ReasonId
from tongxing.simulation.forgeries import Flaw, framed_picture, repaint, spoil_national_code
from tongxing.wire.national_code import PREFIX, parse_national_code
from tongxing.wire.qr import read_picture

WORLD = World()
YELLOW, GREEN = "#f5d000", "#39b778"


@pytest.mark.parametrize(
    ("flaw", "reason"),
    [
        (Flaw.FORGED, ReasonId.SIGNATURE_INVALID),
        (Flaw.BIT_OF_TIME, ReasonId.SIGNATURE_INVALID),
        (Flaw.BIT_OF_KEY_ID, ReasonId.UNKNOWN_KEY),
        (Flaw.BIT_OF_FRAME, ReasonId.MALFORMED_CODE),
        (Flaw.UNKNOWN_ISSUER, ReasonId.UNKNOWN_ISSUER),
    ],
)
def test_a_spoilt_national_code_is_refused_for_its_flaw(flaw: Flaw, reason: ReasonId) -> None:
    genuine = WORLD.national_code()
    assert decide(WORLD.knowledge(), genuine).reason is ReasonId.LOW_LEVEL_LOW_ORIGIN
    assert decide(WORLD.knowledge(), spoil_national_code(genuine, flaw)).reason is reason


def test_a_flipped_bit_is_one_bit() -> None:
    genuine = WORLD.national_code()
    for flaw in (Flaw.BIT_OF_TIME, Flaw.BIT_OF_KEY_ID, Flaw.BIT_OF_FRAME):
        before, after = (int(text.removeprefix(PREFIX)) for text in (genuine, spoil_national_code(genuine, flaw)))
        assert (before ^ after).bit_count() == 1


def test_a_forged_code_claims_what_the_genuine_one_says() -> None:
    genuine = WORLD.national_code()
    forged = parse_national_code(spoil_national_code(genuine, Flaw.FORGED))
    assert (forged.kid, forged.alg) == (parse_national_code(genuine).kid, parse_national_code(genuine).alg)
    assert forged.to_be_signed == parse_national_code(genuine).to_be_signed


def test_repainting_changes_the_frame_and_not_the_code() -> None:
    yellow = framed_picture("HBJKM.anything", YELLOW)
    green = repaint(yellow, YELLOW, GREEN)
    assert read_picture(yellow) == read_picture(green) == "HBJKM.anything"
    colours = [set(Image.open(io.BytesIO(picture)).convert("RGB").get_flattened_data()) for picture in (yellow, green)]
    assert colours == [
        {(0, 0, 0), (255, 255, 255), (0xF5, 0xD0, 0x00)},
        {(0, 0, 0), (255, 255, 255), (0x39, 0xB7, 0x78)},
    ]


def test_what_has_no_such_colour_cannot_be_repainted() -> None:
    with pytest.raises(ValueError, match="no pixel"):
        repaint(framed_picture("HBJKM.anything", GREEN), YELLOW, GREEN)
