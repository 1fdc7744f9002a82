"""Which connection a request takes: kept ones are used again, broken ones never, and no more than the bound is open."""

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tongxing.app.outside import open_http_client
from tongxing.connectors.http_connections import KeptConnections, KeptTransport
from tongxing.connectors.http_exchange import ExchangeFailed, FailureKind, HttpAnswer, exchange

SECONDS = 10.0
ANSWER_MAX_BYTES = 1_000

pytestmark = pytest.mark.anyio


def said(body: bytes, head: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + head + b"content-length: %d\r\n\r\n" % len(body) + body


@dataclass
class Server:
    """What one server saw: the bodies sent to it, how many connections there were and are, and the most at once."""

    url: str = ""
    heads: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0
    is_open: int = 0
    most_open: int = 0
    asked: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    all_closed: asyncio.Event = field(default_factory=asyncio.Event)


Answering = Callable[[Server, bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(answering: Answering, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Serve raw HTTP: ``answering`` writes what it likes for each request's body, and may close."""
    server = Server()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        server.connections += 1
        server.is_open += 1
        server.all_closed.clear()
        server.most_open = max(server.most_open, server.is_open)
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
                body = await reader.readexactly(length)
                server.heads.append(head)
                server.bodies.append(body)
                server.asked.release()
                if await _until_gone(answering(server, body, writer), reader):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            server.is_open -= 1
            if not server.is_open:
                server.all_closed.set()
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    server.url = f"http{'s' if tls else ''}://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)


async def _until_gone(answer: Awaitable[None], reader: asyncio.StreamReader) -> bool:
    """Answer, unless the asker hangs up first: then true."""
    answering = asyncio.ensure_future(answer)
    gone = asyncio.ensure_future(reader.read(1))
    await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
    for task in (answering, gone):
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
    return not gone.cancelled()


async def echo(_server: Server, body: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(said(body))


async def never(_server: Server, _body: bytes, _writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


@asynccontextmanager
async def asking(connections_max: int = 4) -> AsyncIterator[tuple[httpx.AsyncClient, KeptConnections]]:
    transport = KeptTransport(connections_max)
    kept = transport._pool
    assert isinstance(kept, KeptConnections)
    async with httpx.AsyncClient(transport=transport) as client:
        yield client, kept
    assert kept.connections == []


async def ask(client: httpx.AsyncClient, server: Server, body: bytes, seconds: float = SECONDS) -> HttpAnswer:
    return await exchange(
        client,
        "POST",
        f"{server.url}/q",
        headers={},
        body=body,
        timeout_seconds=seconds,
        answer_max_bytes=ANSWER_MAX_BYTES,
    )


async def test_one_connection_serves_requests_one_after_another() -> None:
    async with serving(echo) as server, asking() as (client, kept):
        for number in range(5):
            body = b"%d" % number
            assert (await ask(client, server, body)).body == body
        assert server.connections == 1
        assert len(kept.connections) == 1


async def test_a_kept_connection_that_the_server_closed_is_not_used_and_nothing_is_sent_twice() -> None:
    async def closing(_server: Server, body: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(said(body))
        await writer.drain()
        writer.close()

    async with serving(echo) as other, serving(closing) as server, asking() as (client, _):
        await ask(client, other, b"the oldest")
        for number in range(3):
            assert (await ask(client, server, b"%d" % number)).status == 200
            await server.all_closed.wait()
        assert server.bodies == [b"0", b"1", b"2"]
        assert server.connections == 3


@pytest.mark.parametrize("method", ["POST", "GET", "PUT"])
async def test_a_request_that_the_server_took_and_hung_up_on_is_not_sent_again(method: str) -> None:
    async def once(server: Server, body: bytes, writer: asyncio.StreamWriter) -> None:
        if len(server.bodies) == 1:
            writer.write(said(body))
        else:
            writer.close()

    async with serving(once) as server, asking() as (client, kept):
        await ask(client, server, b"first")
        with pytest.raises(ExchangeFailed) as why:
            await exchange(
                client,
                method,
                f"{server.url}/q",
                headers={},
                body=b"second",
                timeout_seconds=SECONDS,
                answer_max_bytes=ANSWER_MAX_BYTES,
            )
        assert why.value.kind is FailureKind.AWAY
        assert server.bodies == [b"first", b"second"]
        assert kept.connections == []


@pytest.mark.parametrize("at_once", [True, False], ids=["with the answer", "later"])
async def test_an_answer_that_nobody_asked_for_is_never_taken_for_the_next_ones(at_once: bool) -> None:
    more = asyncio.Event()
    sent = asyncio.Event()

    async def twice(_server: Server, body: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(said(body) + (said(b"smuggled") if at_once else b""))
        if not at_once:
            await more.wait()
            writer.write(said(b"smuggled"))
            await writer.drain()
        sent.set()

    async with serving(echo) as other, serving(twice) as server, asking() as (client, _):
        await ask(client, other, b"the oldest")
        assert (await ask(client, server, b"first")).body == b"first"
        more.set()
        await sent.wait()
        assert (await ask(client, server, b"second")).body == b"second"
        assert server.connections == 2


async def test_a_deadline_closes_the_connection_and_leaves_its_place_to_the_next() -> None:
    async with serving(never) as hanging, serving(echo) as server, asking(1) as (client, kept):
        for _ in range(3):
            with pytest.raises(ExchangeFailed) as why:
                await ask(client, hanging, b"", 0.05)
            assert why.value.kind is FailureKind.SLOW
            await asyncio.wait_for(hanging.all_closed.wait(), SECONDS)
            assert kept.connections == []
        assert (await ask(client, server, b"after")).body == b"after"


async def test_who_is_cancelled_while_asking_or_waiting_for_a_turn_takes_nothing_with_him() -> None:
    async with serving(never) as hanging, serving(echo) as server, asking(2) as (client, kept):
        tasks = [asyncio.ensure_future(ask(client, hanging, b"")) for _ in range(6)]
        await hanging.asked.acquire()
        await hanging.asked.acquire()
        for task in tasks[3:] + tasks[:3]:
            task.cancel()
        assert all(
            isinstance(ended, asyncio.CancelledError) for ended in await asyncio.gather(*tasks, return_exceptions=True)
        )
        await asyncio.wait_for(hanging.all_closed.wait(), SECONDS)
        assert kept.connections == []
        answers = await asyncio.gather(*(ask(client, server, b"%d" % number) for number in range(6)))
        assert [answer.body for answer in answers] == [b"%d" % number for number in range(6)]


async def test_whoever_waits_too_long_for_a_turn_is_told_slow() -> None:
    async with serving(never) as hanging, serving(echo) as server, asking(1) as (client, _):
        first = asyncio.ensure_future(ask(client, hanging, b""))
        await hanging.asked.acquire()
        with pytest.raises(ExchangeFailed) as why:
            await ask(client, server, b"", 0.05)
        assert why.value.kind is FailureKind.SLOW
        assert server.connections == 0
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


async def test_no_more_than_the_bound_is_open_and_everybody_is_answered() -> None:
    async with serving(echo) as server, asking(3) as (client, kept):
        answers = await asyncio.gather(*(ask(client, server, b"%d" % number) for number in range(40)))
        assert [answer.body for answer in answers] == [b"%d" % number for number in range(40)]
        assert server.most_open <= 3
        assert len(kept.connections) <= 3


async def test_the_oldest_idle_connection_makes_room_for_another_place() -> None:
    async with (
        serving(echo) as first,
        serving(echo) as second,
        serving(echo) as third,
        asking(2) as (client, kept),
    ):
        for server in (first, second, third):
            await ask(client, server, b"x")
            assert len(kept.connections) <= 2
        await asyncio.wait_for(first.all_closed.wait(), SECONDS)
        assert (second.is_open, third.is_open) == (1, 1)


async def test_a_connection_whose_answer_was_too_long_is_closed() -> None:
    async def long(_server: Server, _body: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(said(b"x" * (ANSWER_MAX_BYTES + 1)))

    async with serving(long) as server, asking() as (client, kept):
        with pytest.raises(ExchangeFailed) as why:
            await ask(client, server, b"")
        assert why.value.kind is FailureKind.TOO_LONG
        assert kept.connections == []
        await asyncio.wait_for(server.all_closed.wait(), SECONDS)


async def test_how_many_connections_are_looked_at_does_not_grow_with_how_many_there_are() -> None:
    looked: list[int] = []

    class Counted(httpcore.AsyncHTTPConnection):
        def has_expired(self) -> bool:
            looked.append(1)
            return super().has_expired()

    class Counting(KeptConnections):
        def create_connection(self, origin: httpcore.Origin) -> httpcore.AsyncConnectionInterface:
            return Counted(origin, keepalive_expiry=SECONDS)

    transport = KeptTransport(64)
    transport._pool = kept = Counting(httpx.create_ssl_context(trust_env=False), 64)
    async with serving(echo) as server, httpx.AsyncClient(transport=transport) as client:
        await asyncio.gather(*(ask(client, server, b"x") for _ in range(64)))
        assert len(kept.connections) > 8
        looked.clear()
        for _ in range(10):
            await ask(client, server, b"x")
        assert len(looked) == 2 * 10


async def test_only_http_is_spoken() -> None:
    async with asking() as (client, _):
        with pytest.raises(ExchangeFailed) as why:
            await ask(client, Server(url="ftp://127.0.0.1"), b"")
        assert (why.value.kind, why.value.detail) == (FailureKind.AWAY, "UnsupportedProtocol")


async def test_nobody_there_is_away_and_leaves_no_connection() -> None:
    async with serving(echo) as server:
        gone = server.url
    async with asking(1) as (client, kept):
        for _ in range(3):
            with pytest.raises(ExchangeFailed) as why:
                await ask(client, Server(url=gone), b"")
            assert why.value.kind is FailureKind.AWAY
            assert kept.connections == []


async def test_a_nodes_client_keeps_no_cookies_and_follows_no_redirect() -> None:
    async def setting(_server: Server, body: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(said(body, b"set-cookie: a=b; path=/\r\n"))

    async with serving(setting) as server, open_http_client() as client:
        await ask(client, server, b"1")
        await ask(client, server, b"2")
        assert b"cookie" not in server.heads[1].lower()
        assert not client.follow_redirects
        assert not client.trust_env


def made_by_itself(folder: Path) -> Path:
    """Write a key and its certificate for 127.0.0.1 that no authority has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate = made.add_extension(address, critical=False).sign(key, hashes.SHA256())
    path = folder / "own.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    )
    return path


async def test_a_certificate_that_no_authority_signed_is_refused_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = made_by_itself(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(own)
    monkeypatch.setenv("SSL_CERT_FILE", str(own))
    async with serving(echo, tls) as server, asking() as (client, kept):
        with pytest.raises(ExchangeFailed) as why:
            await ask(client, server, b"x")
        assert (why.value.kind, why.value.detail) == (FailureKind.AWAY, "ConnectError")
        assert kept.connections == []


async def test_connections_under_tls_are_kept_too(tmp_path: Path) -> None:
    own = made_by_itself(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(own)
    transport = KeptTransport(4)
    transport._pool = kept = KeptConnections(ssl.create_default_context(cafile=own), 4)
    async with serving(echo, tls) as server, httpx.AsyncClient(transport=transport) as client:
        for number in range(5):
            assert (await ask(client, server, b"%d" % number)).body == b"%d" % number
        assert server.connections == 1
        assert len(kept.connections) == 1
