"""Servers that speak HTTP to wear the asker out: each costs a bounded time and memory, and says what it did.

Plain sockets, because no server library would send such answers. Memory is what the asker takes: the server
sends one block again and again.
"""

import asyncio
import contextlib
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from tongxing.connectors.http_connections import KeptTransport
from tongxing.connectors.http_exchange import ExchangeFailed, FailureKind, HttpAnswer, exchange
from tongxing.core.limits import BACK_END_ANSWER_MAX_BYTES

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
BLOCK = b" " * 65_536
PATIENCE_SECONDS = 0.5
LONG_SECONDS = 30.0
MEMORY_MAX_BYTES = 4 * 1024 * 1024

pytestmark = pytest.mark.anyio

Send = Callable[[bytes], Awaitable[None]]
Answering = Callable[[Send], Awaitable[None]]


@asynccontextmanager
async def answering_with(answering: Answering) -> AsyncIterator[str]:
    """Serve whatever ``answering`` sends to whoever has sent a request's head; give the address."""
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def send(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await reader.readuntil(b"\r\n\r\n")
            await answering(send)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving)


async def ask(answering: Answering, seconds: float) -> HttpAnswer:
    async with answering_with(answering) as url, httpx.AsyncClient(transport=KeptTransport(4)) as client:
        return await exchange(
            client,
            "POST",
            f"{url}/query",
            headers={},
            body=b"{}",
            timeout_seconds=seconds,
            answer_max_bytes=BACK_END_ANSWER_MAX_BYTES,
        )


def again_and_again(first: bytes, block: bytes, pause_seconds: float = 0.0) -> Answering:
    async def answering(send: Send) -> None:
        await send(first)
        while True:
            await send(block)
            await asyncio.sleep(pause_seconds)

    return answering


def once(whole: bytes) -> Answering:
    async def answering(send: Send) -> None:
        await send(whole)

    return answering


@pytest.mark.parametrize(
    "answering",
    [
        again_and_again(CHUNKED, b"1\r\n \r\n", 0.02),
        again_and_again(HEAD + b"content-length: 9000\r\n\r\n", b" ", 0.02),
        again_and_again(HEAD, b"x-more: 1\r\n", 0.02),
        again_and_again(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.02),
    ],
    ids=["chunks", "an announced body", "headers", "interim answers"],
)
async def test_a_server_that_sends_a_little_now_and_then_is_slow_however_long_it_could_go_on(
    answering: Answering,
) -> None:
    """No single wait is long, so only a bound of the whole ends it; without one this test never does."""
    with pytest.raises(ExchangeFailed) as why:
        await asyncio.wait_for(ask(answering, PATIENCE_SECONDS), LONG_SECONDS)
    assert why.value.kind is FailureKind.SLOW


@pytest.mark.parametrize(
    ("answering", "kind"),
    [
        (again_and_again(CHUNKED, b"10000\r\n" + BLOCK + b"\r\n"), FailureKind.TOO_LONG),
        (again_and_again(HEAD + b"\r\n", BLOCK), FailureKind.TOO_LONG),
        (again_and_again(HEAD, b"x-more: " + BLOCK[:1_000] + b"\r\n"), FailureKind.AWAY),
        (again_and_again(HEAD + b"x-more: ", BLOCK), FailureKind.AWAY),
        (again_and_again(CHUNKED, b"1;" + b"x" * 65_536), FailureKind.AWAY),
        (again_and_again(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1_000), FailureKind.SLOW),
    ],
    ids=["chunks", "a body to the end", "headers", "one header", "a chunk's extension", "interim answers"],
)
async def test_a_server_that_never_stops_is_hung_up_on_and_takes_little_memory(
    answering: Answering, kind: FailureKind
) -> None:
    seconds = PATIENCE_SECONDS if kind is FailureKind.SLOW else LONG_SECONDS
    tracemalloc.start()
    try:
        with pytest.raises(ExchangeFailed) as why:
            await ask(answering, seconds)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert why.value.kind is kind
    assert most < MEMORY_MAX_BYTES


@pytest.mark.parametrize(
    "whole",
    [
        HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        HEAD + b"content-length: -2\r\n\r\n{}",
        HEAD + b"content-length: 2" + b"0" * 5_000 + b"\r\n\r\n{}",
        CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
        CHUNKED + b"f" * 5_000 + b"\r\n{}\r\n0\r\n\r\n",
        HEAD + b"transfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        HEAD + b"content-length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n\x00: 1\r\n\r\n{}",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
    ],
    ids=[
        "two lengths",
        "a negative length",
        "a length of 5001 digits",
        "a negative chunk",
        "a chunk of 5000 digits",
        "another coding",
        "half of it",
        "a NUL",
        "another protocol",
        "nothing",
    ],
)
async def test_what_is_no_whole_answer_of_http_is_none(whole: bytes) -> None:
    with pytest.raises(ExchangeFailed) as why:
        await ask(once(whole), LONG_SECONDS)
    assert why.value.kind is FailureKind.AWAY


async def test_a_length_beside_chunks_smuggles_nothing() -> None:
    """The chunks count (RFC 9112 section 6.3), and the connection is not used again for what lies behind them."""
    whole = (
        HEAD + b"content-length: 90\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n[]"
    )
    assert (await ask(once(whole), LONG_SECONDS)).body == b"{}"


@pytest.mark.parametrize(
    ("length", "kind"),
    [
        ("-1", FailureKind.AWAY),
        ("2, 3", FailureKind.AWAY),
        ("²", FailureKind.AWAY),
        ("", FailureKind.AWAY),
        ("9" * 20, FailureKind.TOO_LONG),
        ("9" * 5_000, FailureKind.TOO_LONG),
    ],
)
async def test_a_length_is_judged_even_if_the_reader_of_heads_lets_anything_pass(
    length: str, kind: FailureKind
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=[(b"content-length", length.encode())], request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(ExchangeFailed) as why:
            await exchange(
                client,
                "GET",
                "http://localhost/",
                headers={},
                body=b"",
                timeout_seconds=LONG_SECONDS,
                answer_max_bytes=BACK_END_ANSWER_MAX_BYTES,
            )
    assert why.value.kind is kind
