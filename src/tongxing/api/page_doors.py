"""Doors of the pages: send what is ready, in the language that is asked for, or that nothing has changed.

``?lang=zh`` or ``?lang=en`` decides; else the first of the browser's languages that is one of ours
(RFC 9110, section 12.5.4, by order alone); else Chinese. A page is validated by its ETag each time
(RFC 9110, section 8.8.3), so that a new version is there at once and an old one is not sent again.
"""

from typing import Final
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from tongxing.api.bodies import find_header
from tongxing.app.pages import Page
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import Language
from tongxing.crypto.digests import sha256

_METHODS: Final = ("GET", "HEAD")
_NOT_MODIFIED: Final = 304


class PageDoor:
    """Serves one page."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._tags = {language: b'"%s"' % sha256(body)[:12].hex().encode() for language, body in page.bodies.items()}

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Serve one request, or raise Refused(METHOD_NOT_ALLOWED)."""
        scope["trace"].route = self._page.path
        if scope["method"] not in _METHODS:
            scope["allow"] = ", ".join(_METHODS)
            raise Refused(ProblemId.METHOD_NOT_ALLOWED, "a page is only read")
        language = choose_language(scope)
        body, tag = self._page.bodies[language], self._tags[language]
        status = _NOT_MODIFIED if find_header(scope, b"if-none-match") == tag else 200
        headers = [
            (b"cache-control", b"no-cache"),
            (b"x-content-type-options", b"nosniff"),
            (b"etag", tag),
            (b"vary", b"accept-language"),
            *self._page.headers,
        ]
        if status == _NOT_MODIFIED:
            body = b""
        else:
            headers += [
                (b"content-type", self._page.content_type.encode()),
                (b"content-language", language.encode()),
                (b"content-length", b"%d" % len(body)),
            ]
        scope["trace"].status = status
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def choose_language(scope: Scope) -> Language:
    """Return the language that a request asks for."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [])
    accepted = (find_header(scope, b"accept-language") or b"").decode("latin-1").split(",")
    for text in (*asked, *accepted):
        primary = text.partition(";")[0].partition("-")[0].strip().lower()
        if primary in tuple(Language):
            return Language(primary)
    return Language.ZH


def page_doors(pages: tuple[Page, ...]) -> dict[str, ASGIApp]:
    """Return the doors of the pages by their paths, which have no variable parts."""
    return {page.path: PageDoor(page) for page in pages}
