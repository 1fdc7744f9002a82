"""Connectors against a real server that misbehaves: every failure has its kind, and nothing endless is read."""

import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.running_gateway import SetClock
from tests.world import HUBEI, World, insecure_test_key
from tongxing.connectors.back_end import HttpBackEnd
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.connectors.hub import HttpHub
from tongxing.connectors.peers import HttpPeers
from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.limits import BACK_END_ANSWER_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.subjects import Document, DocumentType
from tongxing.core.words import Sentence
from tongxing.regions.answers import BackEndAnswer, BackEndRequest
from tongxing.services.peers import StatementRequest
from tongxing.trust.directory import DirectoryRecord

pytestmark = pytest.mark.anyio

Answering = Callable[[BaseHTTPRequestHandler], None]
SOON = 0.3
PATIENT = 10.0
REQUEST = StatementRequest("00" * 16, qr_text="HBJKM." + "A" * 43)


def answer(status: int, body: bytes = b"", **headers: str) -> Answering:
    """Answer with a status, a body and headers."""

    def answering(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answering


def problem(slug: str, status: int, reason: str | None = None) -> Answering:
    """Answer with a problem as a node does."""
    body = {"type": f"urn:tongxing:problem:{slug}", "title": "", "status": status, "detail": "told", "reason": reason}
    return answer(status, json.dumps(body).encode(), content_type="application/problem+json")


def answer_without_end(handler: BaseHTTPRequestHandler) -> None:
    """Send for ever what nobody asked for."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x" * 65_536)
    except OSError:
        return


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection without a word."""
    handler.connection.shutdown(socket.SHUT_RDWR)


class Server:
    """A server that answers everything in one way, which the test sets."""

    def __init__(self) -> None:
        self.answering: Answering = answer(200)
        self.stopped = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                server.answering(self)

            do_GET = do_POST = handle_any  # noqa: N815 - the library's names

            def log_message(self, *_: object) -> None:
                return

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def answer_late(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer when the test is over."""
        self.stopped.wait(20)
        answer(200)(handler)


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stopped.set()
    running.http.shutdown()
    running.http.server_close()


def caller(client: httpx.AsyncClient) -> SignedCaller:
    """Return a caller with a key and a clock."""
    return SignedCaller(client, insecure_test_key("request 45"), SetClock(datetime(2020, 3, 21, tzinfo=UTC)), bytes)


async def ask_back_end(url: str, patience_seconds: float = SOON) -> object:
    """Ask a back end anything."""
    async with httpx.AsyncClient(trust_env=False) as client:
        return await HttpBackEnd(client, url).exchange(BackEndRequest("POST", "/any"), timeout_seconds=patience_seconds)


async def ask_peer(url: str, patience_seconds: float = SOON) -> bytes:
    """Ask a region's gateway for a statement."""
    record = DirectoryRecord(HUBEI, Sentence("湖北省", "Hubei"), url, World().directory().records[HUBEI].keys)
    async with httpx.AsyncClient(trust_env=False) as client:
        return await HttpPeers(caller(client)).request_statement(record, REQUEST, timeout_seconds=patience_seconds)


async def ask_hub(url: str) -> object:
    """Ask the hub for a subject key."""
    async with httpx.AsyncClient(trust_env=False) as client:
        documents = [Document(DocumentType.RESIDENT_ID, "990101199003071233")]
        return await HttpHub(caller(client), url).derive_subject_keys(documents)


@pytest.mark.parametrize(
    ("answering", "reason"),
    [
        (answer_without_end, ReasonId.SOURCE_UNREADABLE),
        (answer(200, b"x" * (BACK_END_ANSWER_MAX_BYTES + 1)), ReasonId.SOURCE_UNREADABLE),
        (answer(302, location="http://127.0.0.1:9/"), ReasonId.SOURCE_UNREADABLE),
        (hang_up, ReasonId.SOURCE_AWAY),
    ],
)
async def test_a_back_end_that_cannot_be_read_is_told_for_what_it_did(
    server: Server, answering: Answering, reason: ReasonId
) -> None:
    server.answering = answering
    with pytest.raises(Undecidable) as why:
        await ask_back_end(server.url)
    assert why.value.reason is reason


BOMB = gzip.compress(b" " * 32 * 1024 * 1024, 9)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", BOMB), ("deflate", BOMB), ("gzip, gzip", BOMB), ("x-unheard-of", b"{}"), ("gzip", gzip.compress(b"{}"))],
)
async def test_a_compressed_answer_is_never_unpacked(server: Server, encoding: str, body: bytes) -> None:
    server.answering = answer(200, body, content_encoding=encoding)
    with pytest.raises(Undecidable, match="compressed") as why:
        await ask_back_end(server.url, PATIENT)
    assert why.value.reason is ReasonId.SOURCE_UNREADABLE
    with pytest.raises(Undecidable, match="compressed") as unread:
        await ask_peer(server.url, PATIENT)
    assert unread.value.reason is ReasonId.GATEWAY_AWAY


async def test_an_answer_that_announces_too_much_is_not_waited_for(server: Server) -> None:
    """Nothing of it ever comes, which a reader would take for slow."""

    def announcing(length: str) -> Answering:
        def answering(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("content-length", length)
            handler.end_headers()
            server.stopped.wait(20)

        return answering

    for length, reason in (
        (str(BACK_END_ANSWER_MAX_BYTES + 1), ReasonId.SOURCE_UNREADABLE),
        ("9" * 20, ReasonId.SOURCE_UNREADABLE),
        ("9" * 5_000, ReasonId.SOURCE_AWAY),
        ("many", ReasonId.SOURCE_AWAY),
        ("-1", ReasonId.SOURCE_AWAY),
    ):
        server.answering = announcing(length)
        with pytest.raises(Undecidable) as why:
            await ask_back_end(server.url, PATIENT)
        assert why.value.reason is reason


async def test_an_answer_that_says_it_is_not_compressed_is_read(server: Server) -> None:
    server.answering = answer(200, b"{}", content_encoding="Identity", content_type="application/json")
    assert await ask_back_end(server.url, PATIENT) == BackEndAnswer(200, "application/json", b"{}")


async def test_answers_are_wanted_as_they_are(server: Server) -> None:
    wanted: list[str] = []

    def answering(handler: BaseHTTPRequestHandler) -> None:
        wanted.append(handler.headers.get("accept-encoding", ""))
        answer(200)(handler)

    server.answering = answering
    await ask_back_end(server.url, PATIENT)
    assert wanted == ["identity"]


async def test_a_back_end_that_is_late_is_slow_and_one_that_is_not_there_is_away(server: Server) -> None:
    server.answering = server.answer_late
    with pytest.raises(Undecidable) as slow:
        await ask_back_end(server.url)
    with pytest.raises(Undecidable) as away:
        await ask_back_end("http://127.0.0.1:9")
    assert (slow.value.reason, away.value.reason) == (ReasonId.SOURCE_SLOW, ReasonId.SOURCE_AWAY)


@pytest.mark.parametrize("reason", [ReasonId.TICKET_USED, ReasonId.SOURCE_SLOW, ReasonId.OTHER_PERSONS_RECORD])
async def test_an_issuers_own_reason_comes_through(server: Server, reason: ReasonId) -> None:
    server.answering = problem("code-not-confirmed", 422, reason)
    with pytest.raises(Rejected) as why:
        await ask_peer(server.url)
    assert why.value.reason is reason


@pytest.mark.parametrize("flaw", ["a page of HTML", "status 302", "10485782 bytes are announced", "a field twice"])
async def test_what_was_wrong_with_a_back_ends_answer_comes_through_in_closed_words(server: Server, flaw: str) -> None:
    for detail, told in ((flaw, f": {flaw}"), (f"{flaw} of 王小明", ""), ("990101199003071233", "")):
        body = {"type": "urn:tongxing:problem:upstream-away", "reason": "source_unreadable", "detail": detail}
        server.answering = answer(502, json.dumps(body).encode(), content_type="application/problem+json")
        with pytest.raises(Rejected) as why:
            await ask_peer(server.url)
        assert why.value.detail == f"told by the issuing region's gateway{told}"


@pytest.mark.parametrize(
    "answering",
    [
        problem("code-not-confirmed", 422, ReasonId.LEVEL_HIGH),
        problem("code-not-confirmed", 422, "made_up"),
        problem("unauthenticated", 401),
        answer(500, b"<html>"),
        answer(200, b"x" * 5_000),
        answer(302, location="http://127.0.0.1:9/"),
        answer_without_end,
        hang_up,
    ],
)
async def test_whatever_else_a_gateway_answers_is_no_reason_of_its_own(server: Server, answering: Answering) -> None:
    """It cannot make the host say that a row decided, nor anything that is not in the table."""
    server.answering = answering
    with pytest.raises(Undecidable) as why:
        await ask_peer(server.url)
    assert why.value.reason is ReasonId.GATEWAY_AWAY


async def test_a_gateway_that_is_late_is_slow(server: Server) -> None:
    server.answering = server.answer_late
    with pytest.raises(Undecidable) as why:
        await ask_peer(server.url)
    assert why.value.reason is ReasonId.GATEWAY_SLOW


@pytest.mark.parametrize(
    "answering",
    [
        problem("unauthenticated", 401),
        problem("clock-skew", 401),
        answer(500, b"<html>"),
        answer(200, b"{}"),
        answer(200, b'{"subject_keys": ["zz"]}'),
        answer(200, b'{"subject_keys": ["00"]}'),
        answer(200, b'{"subject_keys": []}'),
        answer_without_end,
        hang_up,
    ],
)
async def test_a_hub_that_does_not_answer_as_asked_is_away_and_not_the_callers_fault(
    server: Server, answering: Answering
) -> None:
    server.answering = answering
    with pytest.raises(Refused) as why:
        await ask_hub(server.url)
    assert why.value.problem is ProblemId.UPSTREAM_AWAY


async def test_a_hubs_own_problem_comes_through(server: Server) -> None:
    server.answering = problem("forbidden", 403)
    with pytest.raises(Refused) as why:
        await ask_hub(server.url)
    assert why.value.problem is ProblemId.FORBIDDEN


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("99999999999999999999", 60.0),
        ("-1", 0.0),
        ("1.5", 0.0),
        ("\u0661".encode().decode("latin-1"), 0.0),
        ("soon", 0.0),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0.0),
    ],
)
async def test_when_to_come_again_is_read_in_seconds_and_never_beyond_a_minute(
    server: Server, told: str, seconds: float
) -> None:
    server.answering = answer(503, b"", retry_after=told)
    with pytest.raises(Refused) as why:
        await ask_hub(server.url)
    assert (why.value.problem, why.value.retry_after_seconds) == (ProblemId.UPSTREAM_AWAY, seconds)
