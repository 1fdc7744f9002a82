"""Runs a node's application on uvicorn: one process, one event loop, no log of uvicorn's own.

What is refused before there is a request (bad HTTP, a head that is too large or too slow) is
answered here in the same words as everything else: ``application/problem+json``.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

import uvicorn
import uvicorn.server
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tongxing.api.edge import PROBLEM_JSON
from tongxing.api.problems import Failure
from tongxing.core.errors import Fault
from tongxing.core.limits import REQUEST_HEAD_MAX_BYTES, REQUEST_READ_SECONDS
from tongxing.core.problems import ProblemId

BACKLOG: Final = 2_048
SHUTDOWN_SECONDS: Final = 10


class BoundedHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol with bounds on a request's head: its size, and the time it may take to come."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on as they are
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came, as long as the head is within its bound."""
        if self._head_timer is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_timer is not None and self._head_bytes > REQUEST_HEAD_MAX_BYTES:
            self._refuse(ProblemId.HEADERS_TOO_LARGE, f"at most {REQUEST_HEAD_MAX_BYTES} bytes")

    def on_message_begin(self) -> None:
        """A request begins: its head has so much time."""
        super().on_message_begin()
        if self._head_timer is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        """The head is here: what follows is bounded by the door."""
        self._stop_timer()
        if self._head_bytes > REQUEST_HEAD_MAX_BYTES:
            # The head came with much else, maybe of its body: only now can it be measured alone.
            head_bytes = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            if head_bytes > REQUEST_HEAD_MAX_BYTES:
                self._refuse(ProblemId.HEADERS_TOO_LARGE, f"at most {REQUEST_HEAD_MAX_BYTES} bytes")
                raise ValueError("the parser is told to stop")
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP."""
        self._refuse(ProblemId.BAD_REQUEST, msg)

    def _await_head(self) -> None:
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(REQUEST_READ_SECONDS, self._head_is_late)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._refuse(ProblemId.REQUEST_TOO_SLOW, f"the head took longer than {REQUEST_READ_SECONDS} s")

    def _refuse(self, problem: ProblemId, detail: str) -> None:
        self._stop_timer()
        if self.transport.is_closing():
            return
        failure = Failure(problem, detail)
        body = failure.encode()
        head = (
            f"HTTP/1.1 {failure.status} Refused\r\n"
            f"content-type: {PROBLEM_JSON}\r\n"
            f"content-length: {len(body)}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises Fault saying why the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        raise Fault(f"cannot listen on {host} port {port}: {error.strerror}; is another program using it?") from error
    bound.settimeout(0.0)
    return bound


class _Server(uvicorn.Server):
    """Says when it is listening, and ends by returning, so that its caller can close what it has opened."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listening()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, without raising the signal once more at the end."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for signal_number in uvicorn.server.HANDLED_SIGNALS:
            loop.add_signal_handler(signal_number, self.handle_exit, signal_number, None)
        try:
            yield
        finally:
            for signal_number in uvicorn.server.HANDLED_SIGNALS:
                loop.remove_signal_handler(signal_number)


async def serve_app(app: ASGIApp, bound: socket.socket, *, listening: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGINT or SIGTERM; then finish what was begun, within ``SHUTDOWN_SECONDS``."""
    config = uvicorn.Config(
        app,
        http=BoundedHttpProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    await _Server(config, listening).serve(sockets=[bound])
