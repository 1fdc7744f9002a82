"""Faults: the ways in which real back ends fail, switched on and off while the process runs.

A back end that refuses connections is a process that was stopped; everything else is here. Some kinds are the
dialects' own to act out, because only they know whose record it is, how old, and what was used: another person's
record, a stale one, a one-time code that is taken again and again, and what real sources were seen to do (facts, B
and H): red told for yellow, yellow for what has run out, green for everybody when the records are away
(``fail_open``), and what was pushed last not yet there (``late``).

The second half of the list are mistakes in how a back end is built, which whoever builds one wants to be told
(``tongxing conform``): no check of who asks, times of another zone, a code taken in any case, answers that are mixed up
when many ask at once. What is done to an answer as JSON is in ``spoiling``.
"""

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.backends.spoiling import as_posted, spoil

SLOW_SECONDS: Final = 5.0
"""How slow a slow back end is where nobody says."""

SLOW_SECONDS_MAX: Final = 600.0

_SWITCHBOARD: Final = ("/_switch", "/_show")
_HUGE_BYTES: Final = 10 * 1024 * 1024
_UNPACKED_BYTES: Final = 32 * 1024 * 1024
_BLOCK: Final = b" " * 4096
_PAUSE_SECONDS: Final = 0.005
_TRICKLE_SECONDS: Final = 0.2
_TOGETHER_SECONDS: Final = 0.02
_OK: Final = 200


@dataclass(slots=True)
class Faults:
    """The fault that is switched on, None for none. ``only_path``: a part of the paths that it strikes."""

    kind: FaultKind | None = None
    seconds: float = 0.0
    only_path: str = ""

    def at_path(self, path: str) -> FaultKind | None:
        """Return the fault that strikes a request for ``path``."""
        return self.kind if self.kind is not None and self.only_path in path else None


def seconds_of(kind: FaultKind | None, seconds: float | None) -> float:
    """Return the seconds of a fault: those that are told, else ``SLOW_SECONDS`` of a slow one. Raises ValueError."""
    if seconds is None:
        return SLOW_SECONDS if kind is FaultKind.SLOW else 0.0
    if not 0 <= seconds <= SLOW_SECONDS_MAX:
        raise ValueError(f"seconds: from 0 to {SLOW_SECONDS_MAX:.0f}")
    return seconds


class CrashedOnUnknown(Exception):
    """A back end that breaks down over a code that nobody has, as one without a check of what it is sent."""


class FaultyApp:
    """An application that fails as its ``faults`` say; the switchboard never does."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults
        self._asked_now = 0
        self._answered_last = Response()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, well or badly. Spec: ASGI 3.0."""
        path = scope.get("path", "")
        kind = None if scope["type"] != "http" or path in _SWITCHBOARD else self._faults.at_path(path)
        if kind is FaultKind.SLOW:
            await asyncio.sleep(self._faults.seconds)
        # Whoever hung up while this was slow is owed no answer; of a crash the client has been told.
        with contextlib.suppress(ClientDisconnect, CrashedOnUnknown):
            await self._answer(kind, scope, receive, send)

    async def _answer(self, kind: FaultKind | None, scope: Scope, receive: Receive, send: Send) -> None:
        if kind is None:
            await self._app(scope, receive, send)
        elif (failure := _failure(kind)) is not None:
            await failure(scope, receive, send)
        elif kind is FaultKind.TAKES_GET:
            await self._app(*as_posted(scope, receive), send)
        elif kind is FaultKind.MIXED_UP:
            await (await self._mix_up(scope, receive))(scope, receive, send)
        else:
            await self._spoil(kind, scope, receive, send)

    async def _spoil(self, kind: FaultKind, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the back end answer, and spoil the answer on its way out if this is how."""
        spoiling = spoil(kind)
        if spoiling is None and kind is not FaultKind.TRICKLE:
            await self._app(scope, receive, send)
            return
        answer = await self._collect(scope, receive)
        if answer.status_code == _OK and spoiling is not None:
            charset = "; charset=GBK" if kind is FaultKind.CHARSET else ""
            answer = Response(spoiling(bytes(answer.body)), media_type=f"application/json{charset}")
        elif answer.status_code == _OK:
            answer = StreamingResponse(_trickle(bytes(answer.body)), media_type="application/json")
        await answer(scope, receive, send)

    async def _collect(self, scope: Scope, receive: Receive) -> Response:
        """Return what the back end answers, whole."""
        status, body = 0, bytearray()

        async def collect(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.body":
                body.extend(message.get("body", b""))
            else:
                status = message["status"]

        await self._app(scope, receive, collect)
        return Response(bytes(body), status, media_type="application/json")

    async def _mix_up(self, scope: Scope, receive: Receive) -> Response:
        """Return the answer, or where others ask at the same time the one that was made last."""
        self._asked_now += 1
        try:
            own = self._answered_last = await self._collect(scope, receive)
            await asyncio.sleep(_TOGETHER_SECONDS)
            return own if self._asked_now == 1 else self._answered_last
        finally:
            self._asked_now -= 1


async def _trickle(body: bytes) -> AsyncIterator[bytes]:
    """Yield an answer one byte at a time, each soon enough after the one before."""
    for byte in body:
        yield bytes((byte,))
        await asyncio.sleep(_TRICKLE_SECONDS)


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
        case FaultKind.EMPTY:
            return Response(b"", media_type="application/json")
        case FaultKind.REDIRECT:
            return RedirectResponse("/login", status_code=302)
        case _:
            return None


async def _spaces() -> AsyncIterator[bytes]:
    """Yield the beginning of a JSON text that never comes: spaces, until the client hangs up."""
    while True:
        yield _BLOCK
        await asyncio.sleep(_PAUSE_SECONDS)
