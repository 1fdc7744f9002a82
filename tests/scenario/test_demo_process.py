"""``tongxing demo`` as a program: it ends whole however it is ended, and says clearly why it cannot start."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil
import pytest

from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import OUTCOME_WORDS, Outcome
from tongxing.core.words import PlaceKind, Sentence
from tongxing.simulation.people import Circumstance
from tongxing.simulation.play import NOT_AS_EXPECTED, run_demo
from tongxing.simulation.processes import choose_ports
from tongxing.simulation.scenes import FOUNDED_AT, Expected, LocalCode, Scene, Step

pytestmark = pytest.mark.scenario

PROGRAM: Final = [str(Path(sys.executable).with_name("tongxing")), "demo", "--people", "40"]
WAIT_SECONDS: Final = 100
NODES: Final = 12
"""The hub, five gateways and their back ends, the identity provider."""


def arguments(state: Path, *more: str, first_port: int | None = None) -> list[str]:
    port = first_port if first_port is not None else choose_ports(NODES, 0)[0]
    return [*PROGRAM, "--state-dir", str(state), "--first-port", str(port), *more]


def run(state: Path, *more: str, first_port: int | None = None) -> "subprocess.CompletedProcess[str]":
    command = arguments(state, *more, first_port=first_port)
    return subprocess.run(command, capture_output=True, text=True, timeout=WAIT_SECONDS, check=False)


def nodes_of(state: Path) -> list[psutil.Process]:
    """Return the living node processes of the federation on a state directory."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "tongxing.simulation.node" in command and str(state / "clock") in command:
            found.append(process)
    return found


def lines_of(output: Path) -> list[str]:
    return output.read_text(encoding="utf-8").splitlines()


def await_words(demo: "subprocess.Popen[bytes]", output: Path, words: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while words not in (said := output.read_text(encoding="utf-8")):
        assert demo.poll() is None, said
        assert time.monotonic() < deadline, said
        time.sleep(0.05)


def await_all_nodes(state: Path) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while len(nodes_of(state)) != NODES:
        assert time.monotonic() < deadline, nodes_of(state)
        time.sleep(0.05)


def await_no_node(state: Path) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while nodes_of(state):
        assert time.monotonic() < deadline, nodes_of(state)
        time.sleep(0.05)


@contextmanager
def started(state: Path, output: Path, *, until: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a demo that serves on, wait until it says something, and see that it ends with the test."""
    with output.open("wb") as written:
        demo = subprocess.Popen(arguments(state), stdout=written, stderr=written, start_new_session=True)
    try:
        await_words(demo, output, until)
        yield demo
    finally:
        if demo.poll() is None:
            demo.kill()
            demo.wait(WAIT_SECONDS)
        await_no_node(state)


@pytest.mark.slow
def test_a_demo_plays_all_scenes_and_leaves_no_process_and_nothing_half_written(tmp_path: Path) -> None:
    state = tmp_path / "demo"
    done = run(state, "--once")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all 57 verdicts as expected" in done.stdout
    assert done.stdout.count("\n✓") == 57
    assert nodes_of(state) == []
    databases = sorted(state.glob("*/node.sqlite*"))
    # A database that was closed has no journal beside it.
    assert [path.name for path in databases] == ["node.sqlite"] * 6
    for database in databases:
        with sqlite3.connect(database) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


@pytest.mark.slow
def test_a_demo_serves_on_in_the_present_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """What it prints for trying by hand works as it is; afterwards no process is left."""
    state, output = tmp_path / "demo", tmp_path / "output"
    with started(state, output, until="/metrics") as demo:
        assert len(nodes_of(state)) == NODES
        made_and_checked = next(line for line in lines_of(output) if " make " in line and " verify - " in line)
        tried = subprocess.run(["bash", "-c", made_and_checked], capture_output=True, text=True, check=False)
        assert (tried.returncode, tried.stdout.splitlines()[0]) == (0, OUTCOME_WORDS[Outcome.PASS].zh), tried.stderr
        on_the_way = next(line for line in lines_of(output) if " transit-pass make " in line)
        tried = subprocess.run(["bash", "-c", on_the_way], capture_output=True, text=True, check=False)
        assert (tried.returncode, "鄂A12345" in tried.stdout) == (0, True), tried.stdout + tried.stderr
        asking = [line for line in lines_of(output) if "simulation.asking" in line]
        assert len(asking) == 5
        for line in asking:
            tried = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
            is_scan = " verify - " in line
            assert (tried.returncode != 0) is is_scan, tried.stderr
            if is_scan:
                assert tried.stdout.splitlines()[0] == OUTCOME_WORDS[Outcome.STOP].zh
        assert not [line for line in lines_of(output) if "curl" in line], "Debian has none unless it is asked for"
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(WAIT_SECONDS) == 0
        assert nodes_of(state) == []
        assert lines_of(output)[-1].endswith("stopped")
        assert list(state.glob("*/node.sqlite-*")) == []


@pytest.mark.parametrize(
    ("number", "when"),
    [
        (signal.SIGINT, "starting the hub"),
        (signal.SIGHUP, "docking"),
        (signal.SIGINT, "9:10"),
        (signal.SIGTERM, "9:10"),
    ],
)
def test_a_demo_that_is_interrupted_leaves_no_process(tmp_path: Path, number: signal.Signals, when: str) -> None:
    state = tmp_path / "demo"
    with started(state, tmp_path / "output", until=when) as demo:
        demo.send_signal(number)
        assert demo.wait(WAIT_SECONDS) == 128 + number
        await_no_node(state)
        assert list(state.glob("*/node.sqlite-*")) == []


def test_a_second_start_is_refused_clearly_and_harms_nothing(tmp_path: Path) -> None:
    state = tmp_path / "demo"
    with started(state, tmp_path / "output", until="gateway-42") as demo:
        second = run(state, "--once")
        assert second.returncode == 2
        assert f"a demo is already running here (process {demo.pid}" in second.stderr
        await_all_nodes(state)
        assert demo.poll() is None


@pytest.mark.slow
def test_after_a_kill_in_the_middle_the_nodes_end_and_the_next_start_works(tmp_path: Path) -> None:
    state = tmp_path / "demo"
    with started(state, tmp_path / "output", until="9:10") as demo:
        assert len(nodes_of(state)) == NODES
        os.kill(demo.pid, signal.SIGKILL)
        demo.wait(WAIT_SECONDS)
        # At once, while the nodes are still on their way out.
        following = run(state, "--once")
    assert following.returncode == 0, following.stdout + following.stderr
    assert "all 57 verdicts as expected" in following.stdout
    assert nodes_of(state) == []


def test_a_port_in_use_is_named_before_anything_is_started(tmp_path: Path) -> None:
    first, *_, taken = choose_ports(NODES, 0)
    with socket.create_server(("127.0.0.1", taken)):
        done = run(tmp_path / "demo", "--once", first_port=first)
    assert done.returncode == 2
    assert f"port {taken} on 127.0.0.1 is in use" in done.stderr
    assert "--first-port" in done.stderr
    assert list((tmp_path / "demo").glob("logs/*")) == []
    assert nodes_of(tmp_path / "demo") == []


def test_a_node_that_ends_by_itself_ends_the_demo_with_its_name(tmp_path: Path) -> None:
    state = tmp_path / "demo"
    with started(state, tmp_path / "output", until="9:10") as demo:
        (victim,) = (node for node in nodes_of(state) if "back-end" in node.cmdline() and "45" in node.cmdline())
        victim.kill()
        assert demo.wait(WAIT_SECONDS) == 4
        assert "back-end-45 ended by itself" in (tmp_path / "output").read_text(encoding="utf-8")
        assert nodes_of(state) == []


def test_a_verdict_that_is_not_the_expected_one_makes_the_demo_fail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = Expected(Outcome.STOP, ReasonId.LEVEL_HIGH)
    shown = LocalCode(Circumstance.GREEN_LOW_RISK_COUNTY)
    step = Step(Sentence("绿码", "a green code"), shown, PlaceKind.FACTORY, (expected,))
    scene = Scene(1, Sentence("试", "a trial"), FOUNDED_AT, (step,))
    status = run_demo(once=True, people=40, state_dir=tmp_path / "demo", first_port=0, scenes=(scene,))
    assert status == NOT_AS_EXPECTED
    told = capsys.readouterr().out
    assert "not as expected: outcome PASS instead of STOP" in told
    assert "1 of 1 verdicts are not as expected" in told
