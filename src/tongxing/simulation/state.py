"""The demo's state directory: one federation at a time, a fresh state each start, nothing of others touched.

Two locks (flock) that the kernel drops when their holder is gone, however it went:

- ``demo.lock`` is held by the supervisor alone: whoever finds it held is a second start;
- ``nodes.lock`` is inherited by every node: it is free only when the last process of an earlier
  federation is gone, so that the next start after a kill waits for stragglers and never meets them.

Nothing is erased in a directory that holds something but has no ``demo.lock`` of an earlier start.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId

SUPERVISOR_LOCK: Final = "demo.lock"
NODES_LOCK: Final = "nodes.lock"
STRAGGLERS_WAIT_SECONDS: Final = 15.0
_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class State:
    """A directory that is ours alone. Every node process must inherit ``nodes_lock``, a file descriptor."""

    path: Path
    nodes_lock: int

    @property
    def clock(self) -> Path:
        """The file of the federation's clock."""
        return self.path / "clock"

    def node(self, name: str) -> Path:
        """Return the directory of one node's own files, making it if needed; nobody else may read it."""
        directory = self.path / name
        directory.mkdir(mode=0o700, exist_ok=True)
        return directory


@contextmanager
def claim_state(path: Path, *, stragglers_wait_seconds: float = STRAGGLERS_WAIT_SECONDS) -> Iterator[State]:
    """Hold ``path`` as the state of one federation, emptied of what an earlier one left.

    Raises Refused: CONFLICT if a federation is running on it, SETTINGS_REFUSED if it is not ours to use.
    """
    with ExitStack() as held:
        try:
            _check_ours(path)
            supervisor = _open_lock(path / SUPERVISOR_LOCK, held)
            if not _try_lock(supervisor):
                raise Refused(ProblemId.CONFLICT, _already_running(path, supervisor))
            nodes = _open_lock(path / NODES_LOCK, held)
            _await_stragglers(path, nodes, stragglers_wait_seconds)
            _erase_earlier(path)
            os.ftruncate(supervisor, 0)
            os.pwrite(supervisor, f"{os.getpid()}\n".encode(), 0)
        except OSError as unusable:
            raise Refused(
                ProblemId.SETTINGS_REFUSED, f"{path} cannot hold the state: {unusable.strerror}"
            ) from unusable
        yield State(path, nodes)


def _check_ours(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True)
    if not (path / SUPERVISOR_LOCK).exists() and any(path.iterdir()):
        raise Refused(
            ProblemId.SETTINGS_REFUSED,
            f"{path} holds files that are not the demo's; name an empty directory for its state",
        )


def _open_lock(path: Path, held: ExitStack) -> int:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    held.callback(os.close, lock)
    return lock


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _already_running(path: Path, lock: int) -> str:
    pid = os.pread(lock, 32, 0).decode("ascii", "replace").strip() or "unknown"
    return f"a demo is already running here (process {pid}, state in {path}); end it by Ctrl-C or by kill {pid}"


def _await_stragglers(path: Path, lock: int, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while not _try_lock(lock):
        if time.monotonic() >= deadline:
            raise Refused(
                ProblemId.CONFLICT, f"processes of an earlier demo on {path} do not end; see: pgrep -af {path}/clock"
            )
        time.sleep(_POLL_SECONDS)


def _erase_earlier(path: Path) -> None:
    for entry in path.iterdir():
        if entry.name in {SUPERVISOR_LOCK, NODES_LOCK}:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
