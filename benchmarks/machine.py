"""The machine of a run: what is told beside every figure, and how work is kept on one core."""

import os
import platform
import sqlite3
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
RESULTS: Final = Path(__file__).parent / "results"
_LIBRARIES: Final = (
    "cbor2", "cryptography", "httptools", "msgspec", "pillow", "pynacl", "starlette", "uvicorn", "uvloop",
    "zxing-cpp",
)  # fmt: skip


def describe_machine() -> dict[str, object]:
    """Return what the figures depend on: processor, system, Python, libraries."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "file_system": _file_system(RESULTS),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "openssl_of_python": ssl.OPENSSL_VERSION,
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
    }


def describe_commit() -> str:
    """Return the commit that is measured, with ``+`` where files differ from it."""
    try:
        commit = _git("rev-parse", "HEAD")
        return commit + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def server_core() -> int:
    """Return the core on which the work that is measured runs: the last that this process may use."""
    return max(os.sched_getaffinity(0))


@contextmanager
def pinned_to(core: int) -> Iterator[None]:
    """Keep this thread, and whatever it starts meanwhile, on one core."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


@contextmanager
def kept_off(core: int) -> Iterator[None]:
    """Keep this thread off a core, so that a load never takes time from the server that it loads."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, allowed - {core} or allowed)
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _file_system(path: Path) -> str:
    """Return the kind of file system that holds ``path``: a sync on one in memory costs nothing."""
    told = subprocess.run(
        ["df", "--output=fstype", str(path)], capture_output=True, text=True, check=False
    ).stdout.split()
    return told[-1] if told else f"unknown ({sys.platform})"


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True
    ).stdout.strip()
