"""An open loop that goes on when it is turned away: requests are due when they are due, whatever the server says.

One thread on a core of its own, plain sockets and epoll. The latency of each request counts from when it was due, so
that a late generator looks like a slow server, never like a fast one; how late it was is told beside.
"""

import contextlib
import re
import select
import socket
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.figures import percentile

IN_TIME_SECONDS: Final = 1.0
LINGERS_SECONDS: Final = 10.0
_TURN_SECONDS: Final = 0.001
_LOOPBACK: Final = "127.0.0.1"
_RECEIVE_BYTES: Final = 65_536
_HEAD: Final = re.compile(rb"HTTP/1\.1 (\d{3}) .*?\r\ncontent-length: (\d+)\r\n", re.DOTALL)
_RETRY_AFTER: Final = re.compile(rb"\r\nretry-after: (\d+)\r\n")
_OK: Final = 200
_BUSY: Final = 503


@dataclass(slots=True)
class _Line:
    """One connection."""

    socket: socket.socket
    counts_from: float = 0.0
    received: bytes = b""


@dataclass(slots=True)
class Crowd:
    """What came of a surge. Times are in seconds, from when a request was due."""

    seconds: float
    offered: int = 0
    answered: list[float] = field(default_factory=list, repr=False)
    without: int = 0
    """Answered so far as it could be, without what ``marker`` stands for."""
    turned_away: list[float] = field(default_factory=list, repr=False)
    come_again: Counter[int] = field(default_factory=Counter)
    others: Counter[int] = field(default_factory=Counter)
    """Any other answer by its status; 503 without a moment to come again, and 0 for none at all, are here too."""
    sent_late: list[float] = field(default_factory=list, repr=False)

    @property
    def in_time_a_second(self) -> float:
        """Requests answered 200 in time, in a second: the goodput."""
        return sum(each <= IN_TIME_SECONDS for each in self.answered) / self.seconds

    def milliseconds(self, percent: float) -> float:
        """Return a percentile of the latencies of those who were let in; of nobody, as long as was waited."""
        return 1000 * (percentile(self.answered, percent) if self.answered else LINGERS_SECONDS)


class CrowdGenerator:
    """Sends to one port on ``lines`` connections; one that the server closes is opened again when it is needed."""

    def __init__(self, port: int, lines: int, marker: bytes) -> None:
        self._port = port
        self._marker = marker
        self._poll = select.epoll()
        self._lines: dict[int, _Line] = {}
        self._free: deque[_Line] = deque()
        self._resting = lines

    def close(self) -> None:
        """Close all connections."""
        for line in list(self._lines.values()):
            self._drop(line)
        self._poll.close()

    def run(self, requests: Sequence[bytes], moments: Sequence[float]) -> Crowd:
        """Send each request at its moment, in seconds from now, and wait for what is outstanding."""
        crowd = Crowd(moments[-1])
        started = time.perf_counter()
        ends = started + moments[-1] + LINGERS_SECONDS
        outstanding, sent, count = 0, 0, len(requests)
        while (sent < count or outstanding) and (now := time.perf_counter()) < ends:
            while sent < count and started + moments[sent] <= now:
                line = self._take()
                if line is None:
                    break
                crowd.sent_late.append(now - started - moments[sent])
                line.counts_from = started + moments[sent]
                sent += 1
                if _send(line, requests[sent - 1]):
                    outstanding += 1
                else:
                    self._drop(line)
                    crowd.others[0] += 1
            for descriptor, _ in self._poll.poll(_TURN_SECONDS):
                outstanding -= self._read(self._lines[descriptor], crowd)
        crowd.offered = sent
        crowd.others[0] += outstanding
        return crowd

    def run_closed(self, requests: Sequence[bytes], at_once: int) -> Crowd:
        """Send all requests, ``at_once`` at a time, each as soon as another is answered."""
        crowd = Crowd(0.0)
        started = time.perf_counter()
        outstanding, count = 0, len(requests)
        while crowd.offered < count or outstanding:
            while crowd.offered < count and outstanding < at_once and (line := self._take()) is not None:
                line.counts_from = time.perf_counter()
                crowd.offered += 1
                outstanding += _send(line, requests[crowd.offered - 1])
            for descriptor, _ in self._poll.poll(LINGERS_SECONDS):
                outstanding -= self._read(self._lines[descriptor], crowd)
        crowd.seconds = time.perf_counter() - started
        return crowd

    def _take(self) -> _Line | None:
        while self._free:
            line = self._free.popleft()
            if line.socket.fileno() >= 0:
                return line
        if self._resting <= 0:
            return None
        self._resting -= 1
        opened = socket.create_connection((_LOOPBACK, self._port), timeout=LINGERS_SECONDS)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        line = self._lines[opened.fileno()] = _Line(opened)
        self._poll.register(opened.fileno(), select.EPOLLIN)
        return line

    def _drop(self, line: _Line) -> None:
        self._lines.pop(line.socket.fileno(), None)
        line.socket.close()
        self._resting += 1

    def _read(self, line: _Line, crowd: Crowd) -> int:
        """Take in what came; return 1 if that ends a request."""
        try:
            data = line.socket.recv(_RECEIVE_BYTES)
        except ConnectionResetError:
            data = b""
        waits = line.counts_from > 0
        if not data:
            self._drop(line)
            crowd.others[0] += waits
            return int(waits)
        line.received += data
        head_end = line.received.find(b"\r\n\r\n")
        head = _HEAD.match(line.received, 0, head_end + 4) if head_end >= 0 else None
        if head is None or len(line.received) < head_end + 4 + int(head[2]):
            return 0
        _note(crowd, line, int(head[1]), self._marker)
        ends = b"\r\nconnection: close\r\n" in line.received[: head_end + 2]
        line.received, line.counts_from = b"", 0.0
        if ends:
            self._drop(line)
        else:
            self._free.append(line)
        return 1


def _note(crowd: Crowd, line: _Line, status: int, marker: bytes) -> None:
    seconds = time.perf_counter() - line.counts_from
    again = _RETRY_AFTER.search(line.received) if status == _BUSY else None
    if status == _OK:
        crowd.answered.append(seconds)
        crowd.without += marker not in line.received
    elif again is not None:
        crowd.turned_away.append(seconds)
        crowd.come_again[int(again[1])] += 1
    else:
        crowd.others[status] += 1


def _send(line: _Line, request: bytes) -> bool:
    with contextlib.suppress(OSError):
        return line.socket.send(request) == len(request)
    return False
