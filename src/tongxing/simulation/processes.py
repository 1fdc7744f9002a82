"""The processes of a simulated federation: started ready, stopped whole, gone with whoever started them.

- Ports are bound here and handed to the child as an open socket, so that a port in use is known before
  anything is started, and no other program can take it in between.
- A child's standard input is a pipe that nobody writes to: when this process ends, however it went,
  the kernel closes it and the child stops by itself (``node.watch_parent``).
- Children are in sessions of their own: Ctrl-C reaches this process only, which stops them in order.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId

LOOPBACK: Final = "127.0.0.1"
FIRST_PORT_OPTION: Final = "--first-port"
START_WAIT_SECONDS: Final = 60.0
STOP_WAIT_SECONDS: Final = 10.0
BACKLOG: Final = 1_024
_POLL_SECONDS: Final = 0.02
_FIRST_PORT_MIN: Final = 1_024
_PORTS: Final = 65_536
_CHOSEN_PORTS: Final = range(15_000, 32_000)
"""Below the ports that Linux gives to outgoing connections, so that a stopped node finds its own again."""

_LOG_TAIL_LINES: Final = 5


def choose_ports(count: int, first: int, option: str = FIRST_PORT_OPTION) -> tuple[int, ...]:
    """Return ``count`` ports on loopback: from ``first`` on, or free ones in a row if it is 0.

    ``option`` is how the first port is chosen. Raises Refused(CONFLICT) naming a port that is in use,
    SETTINGS_REFUSED for no port number.
    """
    if first:
        if not _FIRST_PORT_MIN <= first <= _PORTS - count:
            last = _PORTS - count
            raise Refused(ProblemId.SETTINGS_REFUSED, f"the first port must be from {_FIRST_PORT_MIN} to {last}")
        ports = tuple(range(first, first + count))
        for port in ports:
            bind_port(port, option).close()
        return ports
    for start in random.Random().sample(_CHOSEN_PORTS, 200):  # noqa: S311 - any free port will do
        ports = tuple(range(start, start + count))
        try:
            for port in ports:
                bind_port(port).close()
        except Refused:
            continue
        return ports
    raise Refused(ProblemId.CONFLICT, f"no {count} free ports in a row were found on {LOOPBACK}")


def bind_port(port: int, option: str = FIRST_PORT_OPTION) -> socket.socket:
    """Return a socket bound to ``port`` on loopback. Raises Refused(CONFLICT), naming ``option``, if it is in use."""
    # With its protocol named, asyncio lets small answers go at once; without, each waits 40 ms for an acknowledgement.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((LOOPBACK, port))
        # Only listening tells whether another socket listens there already.
        bound.listen(BACKLOG)
    except OSError as taken:
        bound.close()
        raise Refused(
            ProblemId.CONFLICT,
            f"port {port} on {LOOPBACK} is in use; end what uses it, or choose others by {option}",
        ) from taken
    return bound


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """How one process is started.

    ``arguments`` are those of ``tongxing.simulation.node``; ``environment`` holds its ``TONGXING_…``
    settings, of which it gets no others. ``ready_path`` answers 2xx once the process can be used; where it
    is None any answer at all will do.
    """

    name: str
    arguments: tuple[str, ...]
    port: int
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    ready_path: str | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{LOOPBACK}:{self.port}"


@dataclass(slots=True)
class Processes:
    """The running processes of one federation. ``kept_open`` are descriptors that each child inherits."""

    kept_open: tuple[int, ...] = ()
    _specs: dict[str, ProcessSpec] = field(default_factory=dict)
    _running: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)

    def start(self, *specs: ProcessSpec) -> None:
        """Start processes side by side; all are ready when this returns.

        Raises Refused(CONFLICT) for a port in use, Fault naming the process that did not come up.
        """
        deadline = time.monotonic() + START_WAIT_SECONDS
        for spec in specs:
            self._specs[spec.name] = spec
            self._running[spec.name] = self._spawn(spec)
        for spec in specs:
            self._await_ready(spec, deadline)

    def restart(self, *names: str) -> None:
        """Start stopped processes as before."""
        self.start(*(self._specs[name] for name in names))

    def spec(self, name: str) -> ProcessSpec:
        """Return how a process was started last."""
        return self._specs[name]

    def start_as(self, *specs: ProcessSpec) -> None:
        """Start processes otherwise than before, from now on; those that run are stopped first."""
        for spec in specs:
            self.stop(spec.name)
        self.start(*specs)

    def stop(self, name: str) -> None:
        """Stop a process really: when this returns it is gone. A stopped one stays stopped."""
        process = self._running.pop(name, None)
        if process is not None:
            process.terminate()
            _await_end(process)

    def kill(self, name: str) -> None:
        """End a process as a power cut would."""
        process = self._running.pop(name)
        process.kill()
        _await_end(process)

    def stop_all(self) -> None:
        """Stop every process; all are told first and then awaited."""
        stopping = list(self._running.values())
        self._running.clear()
        for process in stopping:
            process.terminate()
        for process in stopping:
            _await_end(process)

    def is_running(self, name: str) -> bool:
        """True if the process was started and has not ended by itself."""
        return name in self._running and self._running[name].poll() is None

    def pids(self) -> dict[str, int]:
        """Return the process ids by name."""
        return {name: process.pid for name, process in self._running.items()}

    def check_running(self) -> None:
        """Raise Fault if a process has ended by itself."""
        for name in self._running:
            if not self.is_running(name):
                raise self._ended(name)

    def _spawn(self, spec: ProcessSpec) -> "subprocess.Popen[bytes]":
        with bind_port(spec.port) as bound, spec.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - the project's own program
                [sys.executable, "-m", "tongxing.simulation.node", *spec.arguments, "--socket", str(bound.fileno())],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(bound.fileno(), *self.kept_open),
                start_new_session=True,
                env=_environment(spec),
            )

    def _await_ready(self, spec: ProcessSpec, deadline: float) -> None:
        with httpx.Client(base_url=spec.url, timeout=START_WAIT_SECONDS, trust_env=False) as client:
            while time.monotonic() < deadline:
                if not self.is_running(spec.name):
                    raise self._ended(spec.name)
                try:
                    if client.get(spec.ready_path or "/").is_success or spec.ready_path is None:
                        return
                except httpx.TransportError:
                    # It was not accepting yet, or it has just ended: the next round tells which.
                    pass
                time.sleep(_POLL_SECONDS)
        raise Fault(f"{spec.name} is not ready after {START_WAIT_SECONDS:.0f} s; its log is {spec.log}")

    def _ended(self, name: str) -> Fault:
        spec = self._specs[name]
        tail = spec.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_TAIL_LINES:]
        status = self._running[name].returncode
        return Fault("\n".join([f"{name} ended by itself with status {status}; its log {spec.log} ends:", *tail]))


def _environment(spec: ProcessSpec) -> dict[str, str]:
    """Return our own environment without settings that were meant for another node."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("TONGXING_")}
    return {**own, **spec.environment}


def _await_end(process: "subprocess.Popen[bytes]") -> None:
    """Wait until a process that was told to stop is gone; one that does not listen is killed."""
    try:
        process.wait(STOP_WAIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    if process.stdin is not None:
        process.stdin.close()
