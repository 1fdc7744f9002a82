"""A dry run as a picture: provinces against provinces, the darker the fewer pass with nothing asked.

Rows are where people come from, columns where they go. SVG for pages and documents (each cell in which something
is asked has its figures as its title; no style and no script, so that a strict page may show it), PNG for what
cannot draw SVG; both are drawn from the same shapes. A cell without any
pair (a municipality and itself) stays grey.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

from tongxing.core.provinces import name_division
from tongxing.core.words import Language, PlaceKind, RegionId, Sentence
from tongxing.recognition.dry_run import DryRun, Tally

CELL: Final = 20
_LEFT: Final = 118
_TOP: Final = 146
"""Room for the names at the left and at the top, in pixels; the title stands above those at the top."""
_LEGEND: Final = 64
_MARGIN: Final = 12
_TEXT: Final = 12
_TITLE: Final = 15
_LEGEND_STEPS: Final = 5
_PNG_SCALE: Final = 2
_INK: Final = "#222222"
_EMPTY: Final = "#d9d9d9"
_SCALE: Final = ((127, 39, 4), (217, 72, 1), (253, 141, 60), (253, 208, 162), (255, 245, 235))
"""From nobody (dark) to everybody (light): one hue, whose lightness alone tells the order."""

_TITLE_WORDS: Final = Sentence(
    "{}：城市两两之间，无需任何手续即可通行的比例", "{}: share of city pairs that pass with nothing asked"
)
_FROM_WORDS: Final = Sentence("行：来自；列：前往", "rows: from; columns: to")
_CELL_WORDS: Final = Sentence(
    "{}→{}：{:.1%} 无需手续，{:.1%} 须办措施，{:.1%} 转人工，{:.1%} 不得通行（{} 对）",
    "{} to {}: {:.1%} nothing asked, {:.1%} measures, {:.1%} referred, {:.1%} stopped ({} pairs)",
)


@dataclass(frozen=True, slots=True)
class _Box:
    x: int
    y: int
    width: int
    height: int
    colour: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class _Text:
    """``anchor`` is where the text stands towards (x, y): "start" or "end"; upright text is read bottom to top."""

    x: int
    y: int
    text: str
    size: int = _TEXT
    anchor: str = "start"
    is_upright: bool = False


def colour_of(share: float) -> str:
    """Return the colour of a share from 0 to 1, as ``#rrggbb``."""
    place = min(max(share, 0.0), 1.0) * (len(_SCALE) - 1)
    lower = min(int(place), len(_SCALE) - 2)
    mix = [round(a + (b - a) * (place - lower)) for a, b in zip(_SCALE[lower], _SCALE[lower + 1], strict=True)]
    return "#{:02x}{:02x}{:02x}".format(*mix)


def draw_svg(run: DryRun, language: Language, *, place_kind: PlaceKind | None = None) -> str:
    """Return the picture as one SVG document; without ``place_kind`` all kinds of place are taken together."""
    width, height = _size(run)
    title = _title(run, language)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="sans-serif" fill="{_INK}"><title>{escape(title)}</title>'
    )
    lines = [head, f'<rect width="{width}" height="{height}" fill="#ffffff"/>']
    for shape in _shapes(run, language, place_kind):
        if isinstance(shape, _Box):
            told = f"<title>{escape(shape.title)}</title>" if shape.title else ""
            lines.append(
                f'<rect x="{shape.x}" y="{shape.y}" width="{shape.width}" height="{shape.height}" '
                f'fill="{shape.colour}">{told}</rect>'
            )
        else:
            turned = f' transform="rotate(-90 {shape.x} {shape.y})"' if shape.is_upright else ""
            lines.append(
                f'<text x="{shape.x}" y="{shape.y}" font-size="{shape.size}" text-anchor="{shape.anchor}"{turned}>'
                f"{escape(shape.text)}</text>"
            )
    return "\n".join([*lines, "</svg>"]) + "\n"


def draw_png(run: DryRun, *, place_kind: PlaceKind | None = None) -> bytes:
    """Return the picture as PNG, at twice the size; in English, since no font for Chinese is sure to be there."""
    width, height = _size(run)
    picture = Image.new("RGB", (width * _PNG_SCALE, height * _PNG_SCALE), "#ffffff")
    draw = ImageDraw.Draw(picture)
    for shape in _shapes(run, Language.EN, place_kind):
        x, y = shape.x * _PNG_SCALE, shape.y * _PNG_SCALE
        if isinstance(shape, _Box):
            right, bottom = x + shape.width * _PNG_SCALE - 1, y + shape.height * _PNG_SCALE - 1
            draw.rectangle((x, y, right, bottom), fill=shape.colour)
            continue
        font = ImageFont.load_default(shape.size * _PNG_SCALE)
        if shape.is_upright:
            _paste_upright(picture, x, y, shape.text, font)
        else:
            draw.text((x, y), shape.text, fill=_INK, font=font, anchor="ls" if shape.anchor == "start" else "rs")
    written = io.BytesIO()
    picture.save(written, "PNG", optimize=True)
    return written.getvalue()


def _paste_upright(
    picture: Image.Image, x: int, y: int, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> None:
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text, anchor="ls"))
    strip = Image.new("RGB", (right - left, bottom - top), "#ffffff")
    ImageDraw.Draw(strip).text((-left, -top), text, fill=_INK, font=font, anchor="ls")
    picture.paste(strip.transpose(Image.Transpose.ROTATE_90), (x + top, y - (right - left)))


def _size(run: DryRun) -> tuple[int, int]:
    side = len(run.regions) * CELL
    return _LEFT + side + _MARGIN, _TOP + side + _LEGEND + _MARGIN


def _title(run: DryRun, language: Language) -> str:
    return _TITLE_WORDS.text(language).format(run.on.isoformat())


def _shapes(run: DryRun, language: Language, place_kind: PlaceKind | None) -> Iterator[_Box | _Text]:
    yield _Text(_MARGIN, _MARGIN + _TITLE, _title(run, language), _TITLE)
    yield _Text(_MARGIN, _MARGIN + 2 * _TITLE + 4, _FROM_WORDS.text(language))
    for position, region in enumerate(run.regions):
        name, below = name_division(region).text(language), (position + 1) * CELL - 5
        yield _Text(_LEFT - 6, _TOP + below, name, anchor="end")
        yield _Text(_LEFT + below, _TOP - 6, name, is_upright=True)
    tallies = _tally_pairs(run, place_kind)
    for row, origin in enumerate(run.regions):
        for column, host in enumerate(run.regions):
            tally = tallies.get((origin, host), Tally())
            yield _Box(
                _LEFT + column * CELL,
                _TOP + row * CELL,
                CELL - 1,
                CELL - 1,
                colour_of(tally.share(tally.nothing_asked)) if tally.total else _EMPTY,
                _cell_title(origin, host, tally, language),
            )
    yield from _legend(_TOP + len(run.regions) * CELL + _MARGIN)


def _legend(y: int) -> Iterator[_Box | _Text]:
    for step in range(_LEGEND_STEPS + 1):
        share, x = step / _LEGEND_STEPS, _LEFT + step * 3 * CELL
        yield _Box(x, y, 3 * CELL - 1, CELL - 1, colour_of(share))
        yield _Text(x, y + CELL + _TEXT, f"{share:.0%}")


def _tally_pairs(run: DryRun, place_kind: PlaceKind | None) -> dict[tuple[RegionId, RegionId], Tally]:
    tallies: dict[tuple[RegionId, RegionId], Tally] = {}
    for cell, tally in run.cells.items():
        if place_kind is None or cell.place_kind is place_kind:
            key = (cell.origin, cell.host)
            tallies[key] = tallies.get(key, Tally()) + tally
    return tallies


def _cell_title(origin: RegionId, host: RegionId, tally: Tally, language: Language) -> str:
    if tally.nothing_asked == tally.total:
        return ""
    counts = (tally.nothing_asked, tally.measures, tally.referred, tally.stopped)
    names = (name_division(origin).text(language), name_division(host).text(language))
    return _CELL_WORDS.text(language).format(*names, *(tally.share(count) for count in counts), tally.total)
