"""Whom a node has no room for is told so at once, before anything is parsed: when to come again, and who is first."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from starlette.types import Receive, Scope, Send

from tests.unit.api.nodes import CallableNode
from tongxing.api.edge import Edge
from tongxing.api.gb38963.names import CALL_NAMES
from tongxing.api.metrics import Metrics
from tongxing.api.priorities import HEADS, priority_of
from tongxing.api.routes import GATEWAY_ROUTES, HUB_ROUTES
from tongxing.api.server import bind, serve_app
from tongxing.api.turning_away import Doorkeeper, tell_turned_away
from tongxing.core.limits import RETRY_AFTER_SECONDS_MAX
from tongxing.core.problems import ProblemId
from tongxing.services.admission import Admission, Priority

pytestmark = pytest.mark.anyio

QUERY, SCAN, PAGE, HEALTH = "/v1/one-stop-queries", "/v1/verifications", "/statistics", "/healthz"
RANGE = range(1, RETRY_AFTER_SECONDS_MAX + 1)


def post(path: str, body: bytes = b"", *fields: str) -> bytes:
    head = [f"POST {path} HTTP/1.1", "host: node.example", f"content-length: {len(body)}", *fields]
    return "\r\n".join([*head, "", ""]).encode() + body


class Held:
    """An application that answers when it is told to, behind a real server's door."""

    def __init__(self, port: int, admission: Admission) -> None:
        self.port, self.admission = port, admission
        self.go_on, self.arrived = asyncio.Event(), asyncio.Event()
        self.asked: list[str] = []

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        self.arrived.set()
        while (await receive()).get("more_body", False):
            pass
        if scope["path"] != HEALTH:
            await self.go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def hold(self, path: str) -> "asyncio.Task[bytes]":
        """Send a request that stays in flight; return when it is there."""
        self.arrived.clear()
        task = asyncio.create_task(self.ask(post(path)))
        async with asyncio.timeout(10):
            await self.arrived.wait()
        return task

    async def ask(self, *requests: bytes) -> bytes:
        """Send requests one after the other on one connection; return what came for the last."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            answer = b""
            for request in requests:
                writer.write(request)
                answer = await read_answer(reader)
            return answer
        finally:
            writer.close()


async def read_answer(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(10):
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        assert length
        return head + await reader.readexactly(int(length[1]))


def retry_after(answer: bytes) -> int:
    found = re.search(rb"\r\nretry-after: (\d+)\r\n", answer)
    assert found
    return int(found[1])


@asynccontextmanager
async def held(most: int) -> AsyncIterator[Held]:
    """Serve an application with room for ``most`` requests."""
    admission = Admission(most, 1.0)
    bound, ready = bind("127.0.0.1", 0), asyncio.Event()
    one = Held(bound.getsockname()[1], admission)
    edge = Edge(one.app, Metrics(), admission)
    serving = asyncio.create_task(serve_app(edge, bound, listening=ready.set, admission=admission))
    await ready.wait()
    try:
        yield one
    finally:
        one.go_on.set()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        bound.close()


async def test_so_many_are_let_in_and_the_next_is_told_when_to_come_again_with_nothing_of_it_parsed() -> None:
    async with held(4) as node:
        inside = [await node.hold(QUERY) for _ in range(3)]
        answer = await node.ask(post(QUERY, b"\xff not JSON, not signed", "authorization: Bearer nobody"))
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"\r\ncontent-type: application/problem+json\r\n" in answer
        problem = msgspec.json.decode(answer.partition(b"\r\n\r\n")[2])
        assert problem["type"] == f"urn:tongxing:problem:{ProblemId.OVERLOADED}"
        assert node.asked == [QUERY] * 3
        node.go_on.set()
        assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in await asyncio.gather(*inside))
        assert (await node.ask(post(QUERY))).startswith(b"HTTP/1.1 200 ")
        assert node.admission.in_flight == 0


async def test_the_moments_to_come_again_are_spread_over_their_whole_range() -> None:
    async with held(1) as node:
        await node.hold(SCAN)
        told = {retry_after(await node.ask(post(QUERY))) for _ in range(40 * len(RANGE))}
        assert told == set(RANGE)


async def test_pages_go_first_then_queries_then_scans_and_health_always_answers() -> None:
    async with held(4) as node:
        turned_away: list[set[str]] = []
        for _ in range(4):
            await node.hold(SCAN)
            full = {path for path in (SCAN, QUERY, PAGE) if not node.admission.has_room(priority_of(path.encode()))}
            for path in full:
                assert (await node.ask(post(path))).startswith(b"HTTP/1.1 503 ")
            turned_away.append(full)
            assert (await node.ask(post(HEALTH))).startswith(b"HTTP/1.1 200 ")
        assert turned_away == [set(), {PAGE}, {PAGE, QUERY}, {PAGE, QUERY, SCAN}]


async def test_a_connection_goes_on_after_a_whole_request_was_turned_away() -> None:
    async with held(1) as node:
        inside = await node.hold(SCAN)
        refused = await node.ask(*[post(QUERY, b"{}")] * 3, post(HEALTH))
        assert refused.startswith(b"HTTP/1.1 200 ")
        node.go_on.set()
        await inside
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        writer.write(post(SCAN))
        assert (await read_answer(reader)).startswith(b"HTTP/1.1 200 ")
        writer.close()


@pytest.mark.parametrize(
    "request_",
    [
        post(QUERY, b"{}")[:-1],
        post(QUERY, b"{}") + b"P",
        post(QUERY, b"{}", "content-length: 2"),
        post(QUERY, b"{}", "Transfer-Encoding: chunked"),
        post(QUERY, b"{}").replace(b"content-length: 2", b"content-length : 2"),
        post(QUERY, b"{}").replace(b"content-length: 2", b"content-length: +2"),
        post(QUERY, b"{}", "expect: 100-continue"),
        post(QUERY, b"{}", "Connection: close"),
        post(QUERY, b"{}").replace(b"HTTP/1.1", b"HTTP/1.0"),
        post(QUERY).replace(b"content-length: 0", b"content-length: " + b"0" * 25 + b"33"),
        post(QUERY, b"{}", "x: y\r\n z"),
        post(QUERY, b"{}").replace(b"content-length: 2", b"content-length: 2\r\n\t0"),
        post(QUERY)[:-2],
    ],
)
async def test_where_it_is_not_plain_that_a_request_is_whole_the_connection_is_closed(request_: bytes) -> None:
    """So that what follows is never taken for a request of its own."""
    async with held(1) as node:
        await node.hold(SCAN)
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        writer.write(request_)
        answer = await read_answer(reader)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nconnection: close\r\n" in answer
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize("path", [QUERY, PAGE])
async def test_the_answer_to_a_head_that_is_turned_away_has_no_body(path: str) -> None:
    """What came after it would be taken for the answer to the next request."""
    async with held(1) as node:
        await node.hold(SCAN)
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        writer.write(f"HEAD {path} HTTP/1.1\r\nhost: node.example\r\n\r\n".encode())
        async with asyncio.timeout(10):
            answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert retry_after(answer) in RANGE
        assert answer.endswith(b"\r\n\r\n")
        assert answer.count(b"\r\n\r\n") == 1
        writer.close()


async def test_a_request_whose_first_line_comes_in_pieces_is_turned_away_when_it_is_known() -> None:
    async with held(1) as node:
        await node.hold(SCAN)
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        request = post(QUERY, b"{}")
        writer.write(request[:9])
        await writer.drain()
        await asyncio.sleep(0.01)
        writer.write(request[9:])
        answer = await read_answer(reader)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert retry_after(answer) in RANGE
        writer.close()
        assert node.asked == [SCAN]


async def test_nobody_is_turned_away_without_being_counted_and_logged(gateway: CallableNode) -> None:
    admission, metrics = Admission(1, 1.0), Metrics()
    keeper = Doorkeeper(admission)
    assert admission.enter(Priority.VERDICT)
    assert keeper.is_busy
    for path in (QUERY, QUERY, SCAN, PAGE):
        assert keeper.turn_away(post(path)) is not None
    assert keeper.turn_away(post(HEALTH)) is None
    tell_turned_away(admission, metrics)
    assert not admission.turned_away
    await asyncio.sleep(0)
    counted = dict(re.findall(r'tongxing_turned_away_total\{priority="(\w+)"\} (\d)', metrics.encode().decode()))
    assert counted == {"health": "0", "verdict": "1", "query": "2", "page": "1"}
    lines = [line for line in gateway.log_lines() if line["event"] == "turned_away"]
    assert {(line["priority"], line["count"]) for line in lines} == {("query", 2), ("verdict", 1), ("page", 1)}
    assert not any("withheld" in line for line in lines)


async def test_the_second_piece_of_a_head_is_never_taken_for_a_request_of_its_own() -> None:
    async with held(1) as node:
        await node.hold(SCAN)
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: node.example\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(b"accept: text/html, */*\r\n\r\n")
        assert (await read_answer(reader)).startswith(b"HTTP/1.1 200 ")
        writer.close()


async def trickling(node: Held, path: str) -> asyncio.StreamWriter:
    """Send a request whose body does not come."""
    _, writer = await asyncio.open_connection("127.0.0.1", node.port)
    node.arrived.clear()
    writer.write(post(path).replace(b"content-length: 0", b"content-length: 9"))
    async with asyncio.timeout(10):
        await node.arrived.wait()
    return writer


async def test_whoever_lets_a_body_trickle_in_takes_no_place_from_a_request_that_is_whole() -> None:
    async with held(3) as node:
        trickles = [await trickling(node, SCAN) for _ in range(3)]
        assert node.admission.in_flight == 0
        inside = await node.hold(SCAN)
        fourth = await node.ask(post(SCAN).replace(b"content-length: 0", b"content-length: 9"))
        assert fourth.startswith(b"HTTP/1.1 503 ")  # so many bodies are awaited at most
        node.go_on.set()
        assert (await inside).startswith(b"HTTP/1.1 200 ")
        for writer in trickles:
            writer.close()


async def test_a_body_that_came_in_pieces_finds_room_when_it_is_whole_or_is_told_when_to_come_again() -> None:
    async with held(1) as node:
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        node.arrived.clear()
        writer.write(post(SCAN, b"123456789")[:-1])
        async with asyncio.timeout(10):
            await node.arrived.wait()
        inside = await node.hold(SCAN)
        writer.write(b"9")
        answer = await read_answer(reader)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nconnection: close\r\n" in answer
        node.go_on.set()
        await inside
        writer.close()
        assert node.admission.in_flight == 0
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        writer.write(post(SCAN, b"123456789")[:-1])
        await asyncio.sleep(0.05)
        writer.write(b"9")
        assert (await read_answer(reader)).startswith(b"HTTP/1.1 200 ")
        writer.close()


def test_every_priority_that_is_named_is_a_paths() -> None:
    paths = {row.path for row in GATEWAY_ROUTES} | {row.path for row in HUB_ROUTES}
    heads = {"/".join(path.split("/", 3)[:3]) for path in paths}
    assert {head.decode() for head in HEADS} <= paths | heads


@pytest.mark.parametrize("path", [name.path for name in CALL_NAMES.values()])
def test_the_standards_own_calls_are_as_urgent_as_ours(path: str) -> None:
    assert priority_of(path.encode()) is Priority.VERDICT


@pytest.mark.parametrize(
    ("path", "priority"),
    [
        (b"/healthz", Priority.HEALTH),
        (b"/v1/verifications/document", Priority.VERDICT),
        (b"/v1/datasets/reports/batches/7", Priority.VERDICT),
        (b"/v1/docked-reports", Priority.VERDICT),
        (b"/v1/person-queries", Priority.QUERY),
        (b"/v1/my/one-stop", Priority.QUERY),
        (b"/v1/my/looks", Priority.PAGE),
        (b"/v1/statistics", Priority.PAGE),
        (b"/", Priority.PAGE),
        (b"", Priority.PAGE),
        (b"*", Priority.PAGE),
    ],
)
def test_a_path_has_the_priority_of_what_waits_for_it(path: bytes, priority: Priority) -> None:
    assert priority_of(path) is priority
