"""What arrives before there is a request: bad HTTP, heads that are too large or too slow, on a real socket."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from tests.unit.api.nodes import make_template_now
from tongxing.api import server
from tongxing.api.server import bind, serve_app
from tongxing.app.settings import NodeKind
from tongxing.core.errors import Fault
from tongxing.core.limits import REQUEST_HEAD_MAX_BYTES

pytestmark = pytest.mark.anyio

OK = b"HTTP/1.1 200"
RUN_A_NODE = """
from tongxing.api.serving import run_node
from tongxing.app.settings import load_settings

run_node(load_settings())
"""


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            break
    await asyncio.sleep(float(dict(scope["headers"]).get(b"x-wait", b"0")))
    body = str(size).encode()
    head = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    """Yield the port at which ``echo`` is served."""
    bound = bind("127.0.0.1", 0)
    ready = asyncio.Event()
    serving = asyncio.create_task(serve_app(echo, bound, listening=ready.set))
    await ready.wait()
    try:
        yield bound.getsockname()[1]
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        await serving


async def answer_to(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """Send parts one after the other on one connection and return all that comes back until it is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = bytearray()

    async def read() -> None:
        while chunk := await reader.read(65_536):
            received.extend(chunk)

    try:
        async with asyncio.timeout(10):
            reading = asyncio.create_task(read())
            with contextlib.suppress(ConnectionResetError):
                for part in parts:
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(pause)
            with contextlib.suppress(ConnectionResetError):
                await reading
    finally:
        writer.close()
    return bytes(received)


def check_problem(answer: bytes, status: int, slug: str) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head
    assert json.loads(body)["type"] == f"urn:tongxing:problem:{slug}"


@pytest.mark.parametrize(
    "garbage",
    [
        b"hello\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
        b"GET / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_answered_with_a_problem_and_never_served(garbage: bytes) -> None:
    async with served() as port:
        answer = await answer_to(port, garbage)
        assert b"Traceback" not in answer
        assert not answer.startswith(OK)
        assert answer == b"" or b"problem+json" in answer
        assert (await answer_to(port, b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).startswith(OK)


async def test_a_head_that_is_too_large_is_refused_however_it_comes() -> None:
    filler = b"x-filler: " + b"a" * REQUEST_HEAD_MAX_BYTES + b"\r\n"
    async with served() as port:
        whole = b"GET / HTTP/1.1\r\nhost: x\r\n" + filler + b"\r\n"
        check_problem(await answer_to(port, whole), 431, "headers-too-large")
        endless = [b"GET / HTTP/1.1\r\nhost: x\r\n", *[b"x-a: " + b"a" * 1_000 + b"\r\n"] * 20]
        check_problem(await answer_to(port, *endless, pause=0.001), 431, "headers-too-large")


async def test_a_large_body_after_a_small_head_is_no_large_head() -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 100000\r\n\r\n"
    async with served() as port:
        assert (await answer_to(port, head + b"a" * 100_000)).endswith(b"100000")


async def test_a_head_that_is_too_slow_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "REQUEST_READ_SECONDS", 0.05)
    async with served() as port:
        slow = [b"GET / HTTP/1.1\r\n", *[b"x-a: b\r\n"] * 20]
        check_problem(await answer_to(port, *slow, pause=0.01), 408, "request-too-slow")
        check_problem(await answer_to(port), 408, "request-too-slow")


async def test_a_body_that_trickles_in_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "REQUEST_READ_SECONDS", 0.05)
    declared = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n"
    chunked = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    async with served() as port:
        check_problem(await answer_to(port, declared, *[b"a"] * 20, pause=0.01), 408, "request-too-slow")
        check_problem(await answer_to(port, chunked, *[b"1\r\na\r\n"] * 20, pause=0.01), 408, "request-too-slow")


async def test_a_large_body_may_take_its_time_as_long_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "REQUEST_READ_SECONDS", 0.1)
    monkeypatch.setattr(server, "BODY_WINDOW_MIN_BYTES", 1_000)
    head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 40000\r\n\r\n"
    async with served() as port:
        assert (await answer_to(port, head, *[b"a" * 1_000] * 40, pause=0.01)).endswith(b"40000")


async def test_a_call_may_take_longer_than_its_request_took_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "REQUEST_READ_SECONDS", 0.05)
    head = b"POST / HTTP/1.1\r\nhost: x\r\nx-wait: 0.2\r\nconnection: close\r\ncontent-length: 1\r\n\r\na"
    async with served() as port:
        assert (await answer_to(port, head)).startswith(OK)


async def test_requests_in_a_row_on_one_connection_are_all_answered() -> None:
    request = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc"
    last = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    async with served() as port:
        assert (await answer_to(port, request * 3 + last)).count(OK) == 4
        assert (await answer_to(port, request, request, last, pause=0.02)).count(OK) == 3


async def test_an_upgrade_is_answered_like_any_request() -> None:
    async with served() as port:
        head = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n"
        assert (await answer_to(port, head)).startswith(OK)


async def test_a_small_answer_waits_for_no_acknowledgement() -> None:
    """Else each answer on a connection that is kept costs forty milliseconds (RFC 896, RFC 1122 section 4.2.3.2)."""
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    class Looking(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted.set_result(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            transport.close()

    bound = bind("127.0.0.1", 0)
    async with await asyncio.get_running_loop().create_server(Looking, sock=bound):
        _, writer = await asyncio.open_connection(*bound.getsockname())
        assert await accepted
        writer.close()


def test_a_port_in_use_is_told() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Fault, match=f"port {port}"):
            bind("127.0.0.1", port)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_node_ends_cleanly_when_it_is_told_to(ending: signal.Signals, tmp_path: Path) -> None:
    """Its log closes with ``stopped``, and its database holds everything in one file."""
    make_template_now(NodeKind.HUB, tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "TONGXING_NODE": "hub",
        "TONGXING_STATE_DIR": str(tmp_path),
        "TONGXING_KEYS_DIR": str(tmp_path / "keys"),
        "TONGXING_LISTEN_PORT": str(port),
        "TONGXING_PUBLIC_URLS": f'["http://127.0.0.1:{port}"]',
    }
    with subprocess.Popen(
        [sys.executable, "-c", RUN_A_NODE], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["event"] == "listening"
        process.send_signal(ending)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert err == b""
    assert [json.loads(line)["event"] for line in out.splitlines()] == ["stopping", "stopped"]
    assert not (tmp_path / "node.sqlite-wal").exists()
