"""Runs a node's application on uvicorn: one process, one event loop, no log of uvicorn's own.

What is refused before there is a request (bad HTTP, a head that is too large or too slow) is
answered here in the same words as everything else: ``application/problem+json``.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final

import uvicorn
import uvicorn.server
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tongxing.api.calls import IS_WHOLE, PROBLEM_FORM
from tongxing.api.problems import Failure
from tongxing.api.turning_away import Doorkeeper
from tongxing.core.errors import Fault
from tongxing.core.limits import BODY_WINDOW_MIN_BYTES, REQUEST_HEAD_MAX_BYTES, REQUEST_READ_SECONDS
from tongxing.core.problems import ProblemId
from tongxing.services.admission import Admission

BACKLOG: Final = 2_048
SHUTDOWN_SECONDS: Final = 10


class BoundedHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol with bounds on how a request comes in.

    Its head has ``REQUEST_HEAD_MAX_BYTES`` at most and must be whole within ``REQUEST_READ_SECONDS``; of
    its body at least ``BODY_WINDOW_MIN_BYTES`` must come in each such stretch of time until it is
    whole. How large a body may be is for the door to say, who knows the route. One timer serves both:
    a task of its own for each body would cost more than the rest of reading it. With more to do than the node
    can, a request is turned away here, before it is parsed, where a ``doorkeeper`` says so.
    """

    doorkeeper: ClassVar[Doorkeeper | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on as they are
        super().__init__(*args, **kwargs)
        self._timer: asyncio.TimerHandle | None = None
        self._in_head = True
        self._received = 0
        self._is_between = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._expect(head=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came, as long as the head is within its bound."""
        keeper = self.doorkeeper
        if keeper is not None and keeper.is_busy and self._is_between and self._turn_away(keeper, data):
            return
        self._received += len(data)
        super().data_received(data)
        if self._in_head and self._timer is not None and self._received > REQUEST_HEAD_MAX_BYTES:
            self._refuse(ProblemId.HEADERS_TOO_LARGE, f"at most {REQUEST_HEAD_MAX_BYTES} bytes")

    def on_message_begin(self) -> None:
        """A request begins: its head has so much time."""
        super().on_message_begin()
        self._is_between = False
        if self._timer is None:
            self._expect(head=True)

    def on_headers_complete(self) -> None:
        """The head is here: now the body is waited for."""
        self._stop_timer()
        if self._received > REQUEST_HEAD_MAX_BYTES:
            # The head came with much else, maybe of its body: only now can it be measured alone.
            head_bytes = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            if head_bytes > REQUEST_HEAD_MAX_BYTES:
                self._refuse(ProblemId.HEADERS_TOO_LARGE, f"at most {REQUEST_HEAD_MAX_BYTES} bytes")
                raise ValueError("the parser is told to stop")
        super().on_headers_complete()
        self._expect(head=False)

    def on_message_complete(self) -> None:
        """The request is whole: there is nothing to wait for."""
        self._stop_timer()
        self._is_between = True
        self.scope[IS_WHOLE] = True  # type: ignore[typeddict-unknown-key]
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP."""
        self._refuse(ProblemId.BAD_REQUEST, msg)

    def _expect(self, *, head: bool) -> None:
        self._in_head = head
        self._received = 0
        self._timer = self.loop.call_later(REQUEST_READ_SECONDS, self._time_is_up)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _time_is_up(self) -> None:
        body_comes = not self._in_head and (self._received >= BODY_WINDOW_MIN_BYTES or self.cycle.response_complete)
        if body_comes or self.flow.read_paused:
            self._expect(head=self._in_head)
        else:
            self._refuse(ProblemId.REQUEST_TOO_SLOW, "the request did not come in time")

    def _turn_away(self, keeper: Doorkeeper, data: bytes) -> bool:
        """Answer what begins with ``data`` with 503 if there is no room for it; True if that was done."""
        if not getattr(self.cycle, "response_complete", True):
            return False  # pipelined behind one that is being answered
        answer = keeper.turn_away(data)
        if answer is None:
            return False
        self._stop_timer()
        self._unset_keepalive_if_required()
        self.transport.write(answer.data)
        if answer.closes or self.flow.write_paused:
            self.transport.close()
        else:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        return True

    def _refuse(self, problem: ProblemId, detail: str) -> None:
        self._stop_timer()
        if self.transport.is_closing():
            return
        failure = Failure(problem, detail)
        body = failure.encode()
        head = (
            f"HTTP/1.1 {failure.status} Refused\r\n"
            f"content-type: {PROBLEM_FORM.media_type}\r\n"
            f"content-length: {len(body)}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises Fault saying why the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named, asyncio lets small answers go at once; without, each waits 40 ms for an acknowledgement.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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


async def serve_app(
    app: ASGIApp,
    *bound: socket.socket,
    listening: Callable[[], None] = lambda: None,
    admission: Admission | None = None,
) -> None:
    """Serve on every socket until SIGINT or SIGTERM; then finish what was begun, within ``SHUTDOWN_SECONDS``.

    With ``admission``, whom it has no room for is turned away before the request is parsed.
    """
    keeper = None if admission is None else Doorkeeper(admission)
    protocol = type("NodesHttpProtocol", (BoundedHttpProtocol,), {"doorkeeper": keeper})
    config = uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    await _Server(config, listening).serve(sockets=list(bound))
