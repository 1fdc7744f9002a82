"""Faults: the ways in which real back ends fail, switched on and off while the process runs.

A back end that refuses connections is a process that was stopped; everything else is here. Some kinds are the
dialects' own to act out, because only they know whose record it is, how old, and what was used: another person's
record, a stale one, a one-time code that is taken again and again, and what real sources were seen to do (facts, B
and H): red told for yellow, yellow for what has run out, green for everybody when the records are away
(``fail_open``), and what was pushed last not yet there (``late``).
"""

import asyncio
import contextlib
import gzip
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SLOW_SECONDS_MAX: Final = 600.0

_SWITCHBOARD: Final = ("/_switch", "/_show")
_HUGE_BYTES: Final = 10 * 1024 * 1024
_UNPACKED_BYTES: Final = 32 * 1024 * 1024
_DEPTH: Final = 10_000
_BLOCK: Final = b" " * 4096
_PAUSE_SECONDS: Final = 0.005


class FaultKind(StrEnum):
    """One way of failing."""

    UNAVAILABLE = "unavailable"
    SLOW = "slow"
    HTML = "html"
    GBK = "gbk"
    TRUNCATED = "truncated"
    ENDLESS = "endless"
    HUGE = "huge"
    REDIRECT = "redirect"
    OTHER_PERSON = "other_person"
    STALE = "stale"
    FORGETFUL = "forgetful"
    DUPLICATE_KEYS = "duplicate_keys"
    NESTED = "nested"
    BOMB = "bomb"
    RED_FOR_YELLOW = "red_for_yellow"
    YELLOW_FOR_EXPIRED = "yellow_for_expired"
    FAIL_OPEN = "fail_open"
    LATE = "late"


@dataclass(slots=True)
class Faults:
    """The fault that is switched on, None for none. ``only_path``: a part of the paths that it strikes."""

    kind: FaultKind | None = None
    seconds: float = 0.0
    only_path: str = ""

    def at_path(self, path: str) -> FaultKind | None:
        """Return the fault that strikes a request for ``path``."""
        return self.kind if self.kind is not None and self.only_path in path else None


class FaultyApp:
    """An application that fails as its ``faults`` say; the switchboard never does."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, well or badly. Spec: ASGI 3.0."""
        path = scope.get("path", "")
        kind = None if scope["type"] != "http" or path in _SWITCHBOARD else self._faults.at_path(path)
        if kind is FaultKind.SLOW:
            await asyncio.sleep(self._faults.seconds)
        # Whoever hung up while this was slow is owed no answer.
        with contextlib.suppress(ClientDisconnect):
            await self._answer(kind, scope, receive, send)

    async def _answer(self, kind: FaultKind | None, scope: Scope, receive: Receive, send: Send) -> None:
        if kind is not None and kind in _SPOILING:
            await self._spoil(kind, scope, receive, send)
        elif kind is not None and (failure := _failure(kind)) is not None:
            await failure(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _spoil(self, kind: FaultKind, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the back end answer, and spoil the answer on its way out."""
        body = bytearray()

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.body":
                body.extend(message.get("body", b""))

        await self._app(scope, receive, collect)
        await Response(_SPOILING[kind](bytes(body)), media_type="application/json")(scope, receive, send)


def _twice(body: bytes) -> bytes:
    """Return a JSON object with its first name once more, and nothing behind it."""
    name = next(iter(json.loads(body)))
    return body.rstrip().removesuffix(b"}") + f', "{name}": null}}'.encode()


def _nested(body: bytes) -> bytes:
    """Return a JSON object with one part more, which has no bottom to speak of."""
    return body.rstrip().removesuffix(b"}") + b', "more": ' + b"[" * _DEPTH + b"]" * _DEPTH + b"}"


_SPOILING: Final[Mapping[FaultKind, Callable[[bytes], bytes]]] = MappingProxyType(
    {
        FaultKind.GBK: lambda body: body.decode().encode("gbk"),
        FaultKind.TRUNCATED: lambda body: body[: len(body) // 2],
        FaultKind.DUPLICATE_KEYS: _twice,
        FaultKind.NESTED: _nested,
    }
)
"""The faults that let the back end answer, and spoil what it says."""


@cache
def _bomb() -> bytes:
    """Return some thirty kilobytes that unpack to thirty megabytes."""
    return gzip.compress(b'{"pad":"' + b"0" * _UNPACKED_BYTES + b'"}')


def _failure(kind: FaultKind) -> Response | None:
    """Return the answer of a fault that hides the back end altogether; None for one that does not."""
    match kind:
        case FaultKind.UNAVAILABLE:
            return JSONResponse({"errcode": 40006, "errmsg": "系统繁忙"}, status_code=503)
        case FaultKind.HTML:
            return HTMLResponse(
                "<!DOCTYPE html><html><title>系统维护</title><body>系统正在维护，请稍后再试</body></html>"
            )
        case FaultKind.HUGE:
            return Response(b'{"errcode":0,"pad":"' + b"0" * _HUGE_BYTES + b'"}', media_type="application/json")
        case FaultKind.BOMB:
            return Response(_bomb(), media_type="application/json", headers={"content-encoding": "gzip"})
        case FaultKind.ENDLESS:
            return StreamingResponse(_spaces(), media_type="application/json")
        case FaultKind.REDIRECT:
            return RedirectResponse("/login", status_code=302)
        case _:
            return None


async def _spaces() -> AsyncIterator[bytes]:
    """Yield the beginning of a JSON text that never comes: spaces, until the client hangs up."""
    while True:
        yield _BLOCK
        await asyncio.sleep(_PAUSE_SECONDS)
