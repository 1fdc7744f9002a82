"""The heat map: a picture that any page may show, with what it says in words too."""

import io
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from tests.unit.recognition.test_dry_run import risks, run
from tongxing.core.reports import OriginRisk
from tongxing.core.words import Language, PlaceKind
from tongxing.recognition.heat_map import colour_of, draw_png, draw_svg

SVG = "{http://www.w3.org/2000/svg}"
RUN = run(risks(c4201=OriginRisk.HIGH))


@pytest.mark.parametrize("language", Language)
def test_the_picture_needs_no_style_and_no_script_and_fetches_nothing(language: Language) -> None:
    root = ET.fromstring(draw_svg(RUN, language))  # noqa: S314 - our own text
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "title", "rect", "text"}
    assert not {
        name for element in root.iter() for name in element.attrib if "href" in name or name in {"style", "class"}
    }
    assert root.get("role") == "img"
    assert (root.findtext(f"{SVG}title") or "").startswith("2020-03-21")


def test_each_pair_of_provinces_has_a_cell_and_says_what_is_asked_in_words() -> None:
    root = ET.fromstring(draw_svg(RUN, Language.EN))  # noqa: S314 - our own text
    said = {title.text for rect in root.iter(f"{SVG}rect") for title in rect.iter(f"{SVG}title")}
    assert "Hubei to Guangxi: 50.0% nothing asked, 50.0% measures, 0.0% referred, 0.0% stopped (8 pairs)" in said
    assert not any(text is not None and text.startswith("Guangdong to Guangxi") for text in said), "all of them pass"
    by_title = {rect.findtext(f"{SVG}title"): rect.get("fill") for rect in root.iter(f"{SVG}rect")}
    to_beijing = "Guangdong to Beijing: 0.0% nothing asked, 100.0% measures, 0.0% referred, 0.0% stopped (4 pairs)"
    assert by_title[to_beijing] == colour_of(0)
    cells = [rect for rect in root.iter(f"{SVG}rect") if rect.get("width") == rect.get("height")]
    assert len(cells) == len(RUN.regions) ** 2


def test_one_kind_of_place_can_be_drawn_alone() -> None:
    alone, all_kinds = (draw_svg(RUN, Language.EN, place_kind=kind) for kind in (PlaceKind.FACTORY, None))
    assert "(2 pairs)" in alone
    assert "(8 pairs)" in all_kinds


def test_the_fewer_pass_the_darker_the_cell_is() -> None:
    def lightness(share: float) -> float:
        red, green, blue = bytes.fromhex(colour_of(share).removeprefix("#"))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    steps = [lightness(step / 100) for step in range(101)]
    assert steps == sorted(steps)
    assert steps[-1] - steps[0] > 150
    assert colour_of(-1) == colour_of(0)
    assert colour_of(2) == colour_of(1)


def test_the_png_is_the_same_picture_at_twice_the_size() -> None:
    root = ET.fromstring(draw_svg(RUN, Language.EN))  # noqa: S314 - our own text
    with Image.open(io.BytesIO(draw_png(RUN))) as picture:
        picture.load()
        assert picture.format == "PNG"
        assert [str(side // 2) for side in picture.size] == [root.get("width"), root.get("height")]
        for rect in root.iter(f"{SVG}rect"):
            if rect.get("width") == rect.get("height"):
                x, y = (2 * int(rect.get(name) or 0) + 5 for name in ("x", "y"))
                red, green, blue = bytes.fromhex((rect.get("fill") or "").removeprefix("#"))
                assert picture.getpixel((x, y)) == (red, green, blue)
