"""A load generator for one server on loopback: plain sockets and epoll, busy on a core of its own.

Requests are whole byte strings, made beforehand, so that sending one costs a few microseconds. A
*closed* loop measures capacity: each connection sends its next request when the answer is there. An
*open* loop measures latency: requests are due at moments that do not depend on the answers, and the
latency of each counts from when it was due, not from when a free connection was found (otherwise a
server that stalls would be measured only by the few requests that it kept waiting).
"""

import random
import select
import socket
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.figures import percentile

ANSWER_WAIT_SECONDS: Final = 20.0
_LOOPBACK: Final = "127.0.0.1"
_RECEIVE_BYTES: Final = 65_536


class LoadFailed(Exception):
    """An answer was not what it had to be, or none came."""


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    counts_from: float = 0.0
    received: bytes = b""


@dataclass(slots=True)
class Load:
    """What came of one loop. ``latencies`` are in seconds; ``sent_late`` is the generator's own lateness."""

    requests: int
    seconds: float
    latencies: list[float] = field(repr=False)
    sent_late: list[float] = field(default_factory=list, repr=False)

    @property
    def a_second(self) -> float:
        """Requests answered in a second."""
        return self.requests / self.seconds

    def milliseconds(self, percent: float) -> float:
        """Return a percentile of the latencies in milliseconds."""
        return 1000 * percentile(self.latencies, percent)


class LoadGenerator:
    """Connections to one port. Each answer must have status 2xx and hold ``expected``."""

    def __init__(self, port: int, connections: int, expected: bytes) -> None:
        self._expected = expected
        self._poll = select.epoll()
        self._connections: dict[int, _Connection] = {}
        for _ in range(connections):
            opened = socket.create_connection((_LOOPBACK, port), timeout=ANSWER_WAIT_SECONDS)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened.setblocking(False)  # noqa: FBT003 - the socket module's own signature
            self._connections[opened.fileno()] = _Connection(opened)
            self._poll.register(opened.fileno(), select.EPOLLIN)

    def close(self) -> None:
        """Close all connections."""
        self._poll.close()
        for connection in self._connections.values():
            connection.socket.close()

    def run_closed(self, requests: Sequence[bytes]) -> Load:
        """Send all requests as fast as they are answered, one at a time on each connection."""
        waiting = iter(requests)
        latencies: list[float] = []
        started = time.perf_counter()
        for connection, request in zip(self._connections.values(), waiting, strict=False):
            _send(connection, request, time.perf_counter())
        while len(latencies) < len(requests):
            for connection, moment in self._answered(ANSWER_WAIT_SECONDS):
                latencies.append(moment - connection.counts_from)
                request = next(waiting, b"")
                if request:
                    _send(connection, request, moment)
        return Load(len(requests), time.perf_counter() - started, latencies)

    def run_open(self, requests: Sequence[bytes], a_second: float, seed: int) -> Load:
        """Send requests at random moments (a Poisson process of that rate) whatever the server does."""
        due = deque(arrivals(len(requests), a_second, seed))
        waiting, free = iter(requests), deque(self._connections.values())
        latencies: list[float] = []
        sent_late: list[float] = []
        started = last_answer = time.perf_counter()
        while len(latencies) < len(requests):
            now = time.perf_counter()
            while due and free and started + due[0] <= now:
                moment = started + due.popleft()
                sent_late.append(now - moment)
                _send(free.popleft(), next(waiting), moment)
            for connection, moment in self._answered(0):
                latencies.append(moment - connection.counts_from)
                free.append(connection)
                last_answer = moment
            if not due and now - last_answer > ANSWER_WAIT_SECONDS:
                raise LoadFailed("requests were not answered")
        return Load(len(requests), time.perf_counter() - started, latencies, sent_late)

    def _answered(self, wait_seconds: float) -> Iterator[tuple[_Connection, float]]:
        """Yield the connections whose answer is whole, with the moment of its arrival."""
        events = self._poll.poll(wait_seconds)
        if not events and wait_seconds:
            raise LoadFailed("requests were not answered")
        for descriptor, _ in events:
            connection = self._connections[descriptor]
            data = connection.socket.recv(_RECEIVE_BYTES)
            if not data:
                raise LoadFailed("the server closed a connection")
            moment = time.perf_counter()
            if connection.received:
                data = connection.received + data
            if self._is_whole(data):
                connection.received = b""
                yield connection, moment
            else:
                connection.received = data

    def _is_whole(self, data: bytes) -> bool:
        head_end = data.find(b"\r\n\r\n")
        if head_end < 0:
            return False
        length_at = data.find(b"content-length: ", 0, head_end) + 16
        length = int(data[length_at : data.find(b"\r\n", length_at)])
        if len(data) < head_end + 4 + length:
            return False
        if data[9:10] != b"2" or self._expected not in data:
            raise LoadFailed(data[:2_000].decode("utf-8", "replace"))
        return True


def _send(connection: _Connection, request: bytes, counts_from: float) -> None:
    connection.counts_from = counts_from
    if connection.socket.send(request) != len(request):
        raise LoadFailed("a request did not fit into the socket's buffer")


def arrivals(count: int, a_second: float, seed: int) -> Iterator[float]:
    """Yield the moments of a Poisson process, in seconds from its start."""
    source, moment = random.Random(seed), 0.0
    for _ in range(count):
        moment += source.expovariate(a_second)
        yield moment


def http_request(path: str, body: bytes, headers: dict[str, str], port: int) -> bytes:
    """Return the bytes of a POST request."""
    head = [f"POST {path} HTTP/1.1", f"host: {_LOOPBACK}:{port}", f"content-length: {len(body)}"]
    head += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*head, "", ""]).encode() + body
