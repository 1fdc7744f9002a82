"""The owner of a dataset who answers live: a process of its own that holds nothing of anybody, on the other core.

    python -m benchmarks.owner --socket FD --as-of MOMENT

It answers in a few microseconds, so that what is measured is who asks.
"""

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import msgspec
import uvloop

from benchmarks.machine import ROOT, kept_off, server_core
from benchmarks.processes import START_WAIT_SECONDS
from tongxing.core.datasets import Dataset
from tongxing.simulation.processes import LOOPBACK, bind_port, choose_ports


@dataclass(slots=True)
class Owner:
    """A running owner, which can be told to hang or to refuse."""

    dataset: Dataset
    port: int
    as_of: datetime
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{LOOPBACK}:{self.port}"

    def hang(self) -> None:
        """Accept connections and say nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def end(self) -> None:
        """Be gone: connections are refused."""
        self.process.kill()
        self.process.communicate()

    def come_back(self) -> None:
        """Answer again, after either."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
        else:
            self.process = _start(self.port, self.as_of)
        self.await_ready()

    def await_ready(self) -> None:
        """Return once it answers."""
        with socket.create_connection((LOOPBACK, self.port), timeout=START_WAIT_SECONDS) as asking:
            asking.sendall(b"GET / HTTP/1.1\r\n\r\n")
            asking.recv(64)


@contextmanager
def owner(dataset: Dataset, as_of: datetime) -> Iterator[Owner]:
    """Run the owner of ``dataset``, complete until ``as_of``."""
    port = choose_ports(1, 0)[0]
    running = Owner(dataset, port, as_of, _start(port, as_of))
    try:
        running.await_ready()
        yield running
    finally:
        running.end()


def _start(port: int, as_of: datetime) -> "subprocess.Popen[bytes]":
    with bind_port(port) as bound, kept_off(server_core()):
        return subprocess.Popen(
            [sys.executable, "-m", __name__, "--socket", str(bound.fileno()), "--as-of", as_of.isoformat()],
            stdin=subprocess.PIPE,
            pass_fds=(bound.fileno(),),
            cwd=ROOT,
            env=dict(os.environ),
        )


class _Answering(asyncio.Protocol):
    """Answers every request with the same; one comes whole, whose body is short."""

    answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if b"\r\n\r\n" in data:
            self._transport.write(self.answer)


async def _serve(bound: socket.socket, as_of: datetime) -> None:
    body = msgspec.json.encode({"as_of": as_of, "rows": []})
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    _Answering.answer = head.encode() + body
    server = await asyncio.get_running_loop().create_server(_Answering, sock=bound)
    await server.serve_forever()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--as-of", type=datetime.fromisoformat, required=True)
    given = parser.parse_args()
    uvloop.run(_serve(socket.socket(fileno=given.socket), given.as_of))


if __name__ == "__main__":
    main()
