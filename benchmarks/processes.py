"""Server processes under measurement: started on one core, awaited, their memory read, stopped."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks.machine import ROOT, pinned_to, server_core
from tongxing.simulation.processes import LOOPBACK, bind_port, choose_ports

START_WAIT_SECONDS: Final = 60.0
STOP_WAIT_SECONDS: Final = 15.0
_POLL_SECONDS: Final = 0.002


class NotReady(Exception):
    """A process ended, or was not ready in time."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process that answers. ``ready_seconds`` is from the start of the process to the first answer 200."""

    port: int
    pid: int
    ready_seconds: float

    def processor_seconds(self) -> float:
        """Return the processor time used so far, of all threads, in user and kernel."""
        threads = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9

    def resident_mib(self) -> float:
        """Return the resident memory now."""
        return float(psutil.Process(self.pid).memory_info().rss) / 2**20


def free_port() -> int:
    """Return a port on loopback that nothing uses."""
    return choose_ports(1, 0)[0]


@contextmanager
def server(
    arguments: Sequence[str], *, port: int, ready_path: str, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Run ``python -m ARGUMENTS --socket FD`` on the server's core until the end.

    Its log goes to a file, as a node's would. Raises ``NotReady`` with the end of that log.
    """
    with bind_port(port) as bound, log.open("ab") as written, pinned_to(server_core()):
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments, "--socket", str(bound.fileno())],
            stdin=subprocess.PIPE,
            stdout=written,
            stderr=written,
            pass_fds=(bound.fileno(),),
            env=dict(environment or {}),
            cwd=ROOT,
        )
    try:
        ready = _await_ready(process, port, ready_path, log)
        yield Running(port, process.pid, ready - started)
    finally:
        process.terminate()
        try:
            process.wait(STOP_WAIT_SECONDS)
        finally:
            process.kill()
            process.communicate()


def _await_ready(process: "subprocess.Popen[bytes]", port: int, path: str, log: Path) -> float:
    """Ask until the answer is 200; return the moment. A connection waits in the backlog until it is accepted."""
    request = f"GET {path} HTTP/1.1\r\nhost: {LOOPBACK}:{port}\r\nconnection: close\r\n\r\n".encode()
    deadline = time.perf_counter() + START_WAIT_SECONDS
    while time.perf_counter() < deadline and process.poll() is None:
        try:
            with socket.create_connection((LOOPBACK, port), timeout=START_WAIT_SECONDS) as asking:
                asking.sendall(request)
                if b" 200 " in asking.recv(64):
                    return time.perf_counter()
        except OSError:
            pass
        time.sleep(_POLL_SECONDS)
    tail = log.read_text(encoding="utf-8", errors="replace")[-2_000:]
    raise NotReady(f"not ready on port {port}; its log ends:\n{tail}")
