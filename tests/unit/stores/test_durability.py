"""Acknowledged means durable (law 7): after a kill everything acknowledged is found, and synced before it was told."""

import asyncio
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.contract.samples import AT, ending, passage, row
from tests.unit.stores import writing_process
from tongxing.services.ports import ClaimResult
from tongxing.stores.sql.stores import NodeStores
from tongxing.stores.sqlite.stores import open_stores

ROOT = Path(writing_process.__file__).parents[3]
TASKS = 24
Told = dict[str, set[tuple[str, int]]]


def start(
    path: Path, *, writes: int, tasks: int = TASKS, tracer: Sequence[str] = ()
) -> tuple[subprocess.Popen[bytes], int]:
    """Start the writing process; return it and the descriptor on which it tells what it does."""
    reading, writing = os.pipe()
    program = [sys.executable, "-m", "tests.unit.stores.writing_process"]
    process = subprocess.Popen(
        [*tracer, *program, str(path), str(writing), str(tasks), str(writes)],
        cwd=ROOT,
        pass_fds=[writing],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    os.close(writing)
    return process, reading


def read_until_killed(process: subprocess.Popen[bytes], pipe: int, source: random.Random) -> Told:
    """Read what the process tells, kill it at a random moment after its first acknowledgement, read the rest."""
    lines = b""
    while b"ack" not in lines:
        lines += os.read(pipe, 1 << 16)
    time.sleep(source.uniform(0, 0.3))
    process.send_signal(signal.SIGKILL)
    while portion := os.read(pipe, 1 << 16):
        lines += portion
    os.close(pipe)
    assert process.wait() == -signal.SIGKILL
    told: Told = {"try": set(), "ack": set()}
    for line in lines.decode().splitlines():
        what, kind, number = line.split()
        told[what].add((kind, int(number)))
    return told


async def is_held(stores: NodeStores, kind: str, number: int) -> bool:
    """True if the write is there whole and as it was made; False if nothing of it is there."""
    if kind == "passage":
        found = await stores.passages.find(f"p{number}")
        assert found in (None, passage(f"p{number}", views=b"%d" % number * 50))
        return found is not None
    if kind == "ending":
        ended = await stores.passages.find_ending(f"e{number}")
        assert ended in (None, ending(f"e{number}"))
        return ended is not None
    if kind == "reports":
        both = [row(2 * number), row(2 * number + 1)]
        found_both = [await stores.reports.reports_of(each.subject) for each in both]
        assert found_both in ([(), ()], [(both[0],), (both[1],)])
        return found_both[0] != ()
    return await stores.tickets.claim(b"%d" % number, AT, AT) is ClaimResult.USED


def count_rows(path: Path, table: str) -> int:
    connection = sqlite3.connect(path)
    count: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own table names
    connection.close()
    return count


@pytest.mark.parametrize("seed", range(4))
def test_after_a_kill_everything_acknowledged_is_found_and_nothing_is_invented(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "node.db"
    process, pipe = start(path, writes=0)
    told = read_until_killed(process, pipe, random.Random(seed))
    assert len(told["ack"]) > 0

    tables = ("passages WHERE ref LIKE 'p%'", "reports", "claims", "endings")
    rows = {table.partition(" ")[0]: count_rows(path, table) for table in tables}

    async def check() -> set[tuple[str, int]]:
        stores = open_stores(path)
        held = {write for write in told["try"] if await is_held(stores, *write)}
        await stores.aclose()
        return held

    held = asyncio.run(check())
    assert told["ack"] - held == set()
    # Every row there is was tried: none was invented.
    per_kind = {kind: sum(each == kind for each, _ in held) for kind in writing_process.KINDS}
    assert rows == {
        "passages": per_kind["passage"],
        "reports": 2 * per_kind["reports"],
        "claims": per_kind["claim"],
        "endings": per_kind["ending"],
    }


def test_a_killed_writer_is_no_obstacle_to_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "node.db"
    for seed in range(2):
        process, pipe = start(path, writes=0)
        # The numbers of the second start are those of the first: what is sent again counts once.
        assert read_until_killed(process, pipe, random.Random(seed))["ack"]


STRACE = shutil.which("strace")
SYNC_CALLS = ("fsync", "fdatasync")


@pytest.mark.needs_strace
@pytest.mark.skipif(
    STRACE is None, reason="STRACE IS NOT INSTALLED, so that a sync precedes each acknowledgement WAS NOT CHECKED"
)
@pytest.mark.parametrize("tasks", [1, 8])
def test_the_log_is_synced_between_the_write_and_its_acknowledgement(tmp_path: Path, tasks: int) -> None:
    path, trace = tmp_path / "node.db", tmp_path / "trace"
    tracer = [str(STRACE), "-f", "-y", "-qq", "-o", str(trace), "-e", "trace=write,pwrite64,fsync,fdatasync"]
    process, pipe = start(path, writes=6, tasks=tasks, tracer=tracer)
    while os.read(pipe, 1 << 16):
        pass
    os.close(pipe)
    assert process.wait() == 0
    calls = parse_trace(trace.read_text(encoding="utf-8", errors="replace"))
    acknowledged = check_synced_before_told(calls, f"{path}-wal", alone=tasks == 1)
    assert acknowledged == 6 * tasks


def test_the_check_of_a_trace_finds_an_acknowledgement_without_a_sync() -> None:
    """The check itself can fail: a log that is not written, not synced, or synced too early or too late."""
    tried, told = (
        ("write", "pipe:[1]", ', "try claim 2\\n", 12) = 12'),
        ("write", "pipe:[1]", ', "ack claim 2\\n", 12) = 12'),
    )
    written, synced = ("pwrite64", "x-wal", ""), ("fdatasync", "x-wal", "")
    assert check_synced_before_told([tried, written, synced, told], "x-wal", alone=True) == 1
    lies = [
        [tried, told],
        [tried, written, told],
        [tried, synced, told],
        [tried, synced, written, told],
        [tried, written, synced, written, told],
        [tried, written, told, synced],
        [written, synced, tried, told],
    ]
    for lie in lies:
        with pytest.raises(AssertionError):
            check_synced_before_told(lie, "x-wal", alone=True)


Call = tuple[str, str, str]


def parse_trace(text: str) -> list[Call]:
    """Return name, file and arguments of each call: a write where it begins, a sync where it has succeeded."""
    calls: list[Call] = []
    begun: dict[tuple[str, str], str] = {}
    for line in text.splitlines():
        if match := re.match(r"(\d+) +(\w+)\(\d+<([^>]*)>(.*)", line):
            thread, name, file, rest = match.groups()
            begun[thread, name] = file
            if name not in SYNC_CALLS or rest.endswith("= 0"):
                calls.append((name, file, rest))
        elif (match := re.match(r"(\d+) +<\.\.\. (\w+) resumed>.*= 0$", line)) and match[2] in SYNC_CALLS:
            calls.append((match[2], begun[match[1], match[2]], ""))
    return calls


def check_synced_before_told(calls: Sequence[Call], log: str, *, alone: bool) -> int:
    """Return how many acknowledgements there are.

    Fail unless between each write's being tried and its being acknowledged the log was written and
    then synced. If the task is alone, that can only be the sync of this very write, and nothing of
    the log may be written after it.
    """
    waiting: dict[str, str] = {}
    acknowledged = 0
    for name, file, rest in calls:
        if file == log and name == "pwrite64":
            waiting = {write: "written" if alone or state == "tried" else state for write, state in waiting.items()}
        elif file == log and name in SYNC_CALLS:
            waiting = {write: "synced" if state == "written" else state for write, state in waiting.items()}
        elif name == "write" and (match := re.search(r'"(try|ack) (\w+ \d+)', rest)):
            if match[1] == "try":
                waiting[match[2]] = "tried"
            else:
                acknowledged += 1
                assert waiting.pop(match[2]) == "synced", f"{match[2]} was acknowledged before the log was synced"
    return acknowledged
