"""Makes a node's pages from templates and words: once, at start, in both languages.

Invariants: nothing comes from another host; no script and no style stands in a page itself, so that the
content security policy needs no exception (CSP level 3); what is shown of any person comes from the API
alone, as text, in the role of whoever uses the page.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from jinja2 import DictLoader, Environment, StrictUndefined

from tongxing.app.packaged import PROFILES, load_files, load_gazetteer
from tongxing.app.pages import Page
from tongxing.app.settings import NodeKind, NodeSettings
from tongxing.core.words import FEDERATION, FEDERATION_NAME, Language, RegionId, Sentence
from tongxing.regions.profile import parse_profile_heading
from tongxing.risk.divisions import CITY_DIGITS, PROVINCE_DIGITS
from tongxing.web.rule_words import encode_form
from tongxing.web.words import CHOICES, ICONS, WORDS

PAGES_OF: Final[Mapping[NodeKind, tuple[str, ...]]] = {
    NodeKind.GATEWAY: ("checkpoint", "my", "operator", "regions", "reference"),
    NodeKind.HUB: (
        "operator",
        "regions",
        "map",
        "rules",
        "editor",
        "costs",
        "statistics",
        "status",
        "joining",
        "reference",
    ),
}
"""The pages of each kind of node: the name is the page's path, its template's and its script's."""

ONLY_OF_HUB: Final = frozenset(
    f"/pages/{name}"
    for name in (
        *("map.js", "vendor/map.json", "rules.css", "rules.js", "editor.js", "costs.js"),
        *("statistics.css", "statistics.js", "status.js", "joining.js"),
        *("rule_table.js", "row_form.js", "table_text.js", "example.js", "proposals.js"),
    )
)
"""Parts that a gateway's pages never load."""

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        *("script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"),
        *("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"),
    )
)
SECURITY_HEADERS: Final = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(self), microphone=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "json": "application/json",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_NO_PLACES: Final = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
"""Numbers of two more digits that group counties and that nobody lives in by name."""

_NAME: Final = re.compile(r"[a-z_]+")
_IMPORT: Final = re.compile(r'from "\./([a-z_]+\.js)"')
_HTML: Final = "text/html; charset=utf-8"


def build_pages(settings: NodeSettings) -> tuple[Page, ...]:
    """Return the pages of a node and the parts that they load. Raises ``Fault`` if the package is incomplete."""
    room = resources.files("tongxing.web")
    templates = {file.name: file.read_text("utf-8") for file in room.joinpath("templates").iterdir()}
    environment = Environment(
        loader=DictLoader(templates), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    names = _region_names()
    static = room.joinpath("static")
    pages = [
        _build_page(environment, page, settings, names, _words_in_scripts(static, page))
        for page in PAGES_OF[settings.node]
    ]
    parts = _build_parts(static, "/pages")
    return (*pages, *(part for part in parts if settings.node is NodeKind.HUB or part.path not in ONLY_OF_HUB))


def _build_page(
    environment: Environment,
    page: str,
    settings: NodeSettings,
    names: Mapping[RegionId, Sentence],
    spoken: frozenset[str],
) -> Page:
    region = settings.region_id

    def render(language: Language) -> bytes:
        words = {key: sentence.text(language) for key, sentence in WORDS.items()}
        choices = {key: {value: said.text(language) for value, said in of.items()} for key, of in CHOICES.items()}
        text = environment.get_template(f"{page}.html").render(
            page=page,
            lang=language.value,
            other=next(each for each in Language if each is not language).value,
            words=words,
            spoken={key: text for key, text in words.items() if key in spoken},
            choices=choices,
            icons=ICONS,
            node=settings.node.value,
            region=settings.region,
            region_name=names.get(region, Sentence(region, region)).text(language),
            divisions=_provinces_and_cities() if page == "my" else {},
            form=encode_form(language) if page == "editor" else "",
            hosts={each: said.text(language) for each, said in names.items() if each != FEDERATION},
        )
        return text.encode()

    return Page(f"/{page}", _HTML, {language: render(language) for language in Language}, SECURITY_HEADERS)


def _build_parts(folder: Traversable, path: str) -> list[Page]:
    parts = []
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.is_dir():
            parts += _build_parts(file, f"{path}/{file.name}")
        elif (content_type := _TYPES.get(file.name.rpartition(".")[2])) is not None:
            body = file.read_bytes()
            parts.append(Page(f"{path}/{file.name}", content_type, dict.fromkeys(Language, body), SECURITY_HEADERS))
    return parts


def _words_in_scripts(static: Traversable, page: str) -> frozenset[str]:
    """Return the keys of the words that a page's script, or one that it imports, may say."""
    read: dict[str, str] = {}
    wanted = [f"{page}.js"]
    while wanted:
        name = wanted.pop()
        if name not in read:
            read[name] = static.joinpath(name).read_text("utf-8")
            wanted += _IMPORT.findall(read[name])
    return frozenset(name for text in read.values() for name in _NAME.findall(text)) & WORDS.keys()


def _region_names() -> Mapping[RegionId, Sentence]:
    names = dict(parse_profile_heading(data) for data in load_files(PROFILES).values())
    return {FEDERATION: FEDERATION_NAME, **dict(sorted(names.items()))}


@cache
def _provinces_and_cities() -> Mapping[str, str]:
    """Return the names of provinces and their cities by number, in Chinese as on every map; counties are left out."""
    gazetteer = load_gazetteer()
    named = {}
    for number in gazetteer.numbers():
        division, province = gazetteer.find(number), gazetteer.find(number[:PROVINCE_DIGITS])
        if division is None or province is None or division.last_year is not None or len(number) > CITY_DIGITS:
            continue
        if number == province.number:
            named[number] = province.names[-1]
        elif division.names[-1] not in _NO_PLACES:
            named[number] = f"{province.names[-1]} {division.names[-1]}"
    return named
