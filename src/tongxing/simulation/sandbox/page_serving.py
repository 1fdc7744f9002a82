"""The switchboard's page, in both languages, in the style of the nodes' pages and with their security headers.

It holds nothing but words: what it shows comes from the switchboard's own calls (``board``).
"""

from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from jinja2 import DictLoader, Environment, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tongxing.api.page_doors import choose_language
from tongxing.core.words import Language
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.sandbox.words import BOARD_WORDS, FAULT_WORDS, SANDBOX_NAME
from tongxing.web.building import SECURITY_HEADERS
from tongxing.web.words import WORDS

PAGE: Final = "switchboard"
_SHARED_PARTS: Final = ("style.css", "icon.svg", "words.js")
"""What the page takes of the nodes' pages."""

_SHARED_WORDS: Final = ("skip", "language", "no_script")
_TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def page_routes() -> list[BaseRoute]:
    """Return the routes of the page and its parts; all is read and rendered here, once."""
    own = resources.files("tongxing.simulation.sandbox").joinpath("page")
    shared = resources.files("tongxing.web").joinpath("static")
    pages = _render(own)

    async def page(request: Request) -> Response:
        return _respond(pages[choose_language(request.scope)], "text/html")

    parts = (*(own.joinpath(f"{PAGE}.{kind}") for kind in ("js", "css")), *map(shared.joinpath, _SHARED_PARTS))
    return [Route("/", page, methods=["GET"]), *map(_part_route, parts)]


def _render(own: Traversable) -> Mapping[Language, str]:
    layout = resources.files("tongxing.web").joinpath("templates", "layout.html").read_text("utf-8")
    templates = {"layout.html": layout, "page.html": own.joinpath(f"{PAGE}.html").read_text("utf-8")}
    environment = Environment(
        loader=DictLoader(templates), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    shared = {key: WORDS[key] for key in _SHARED_WORDS}

    def render(language: Language) -> str:
        words = {key: sentence.text(language) for key, sentence in (shared | dict(BOARD_WORDS)).items()}
        return environment.get_template("page.html").render(
            page=PAGE,
            lang=language.value,
            other=next(each for each in Language if each is not language).value,
            words=words,
            spoken=words,
            node="sandbox",
            region="",
            region_name=SANDBOX_NAME.text(language),
            faults={kind.value: FAULT_WORDS[kind].text(language) for kind in FaultKind},
        )

    return {language: render(language) for language in Language}


def _part_route(file: Traversable) -> Route:
    body, content_type = file.read_text("utf-8"), _TYPES[file.name.rpartition(".")[2]]

    async def part(_request: Request) -> Response:
        return _respond(body, content_type)

    return Route(f"/pages/{file.name}", part, methods=["GET"])


def _respond(body: str, content_type: str) -> Response:
    headers = {name.decode(): value.decode() for name, value in SECURITY_HEADERS}
    return Response(body, headers={**headers, "cache-control": "no-cache"}, media_type=content_type)
