"""Processes of a simulated federation: ready when started, really gone when stopped, told by name when not."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
import pytest

from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId
from tongxing.simulation.clock import SharedClock
from tongxing.simulation.processes import Processes, ProcessSpec, bind_port, choose_ports

AT = datetime(2020, 3, 25, tzinfo=UTC)


def back_end(tmp_path: Path, region: str = "42") -> ProcessSpec:
    clock = tmp_path / "clock"
    if not clock.exists():
        SharedClock.create(clock, AT)
    (port,) = choose_ports(1, 0)
    made = ("--people", "20", "--seed", "1", "--made-at", AT.isoformat())
    return ProcessSpec(
        f"back-end-{region}",
        ("back-end", "--clock", str(clock), "--region", region, *made),
        port,
        tmp_path / f"{region}.log",
    )


@pytest.fixture
def processes() -> Iterator[Processes]:
    started = Processes()
    yield started
    started.stop_all()


def answers(spec: ProcessSpec) -> bool:
    try:
        httpx.get(spec.url, trust_env=False)
    except httpx.ConnectError:
        return False
    return True


def test_what_was_started_answers_and_what_was_stopped_refuses_connections(
    tmp_path: Path, processes: Processes
) -> None:
    first, second = back_end(tmp_path, "42"), back_end(tmp_path, "45")
    processes.start(first, second)
    assert answers(first)
    assert answers(second)
    processes.stop(first.name)
    assert not answers(first)
    assert answers(second)
    processes.restart(first.name)
    assert answers(first)
    pids = processes.pids()
    processes.stop_all()
    assert [pid for pid in pids.values() if psutil.pid_exists(pid)] == []


def test_a_stopped_process_can_be_stopped_again(tmp_path: Path, processes: Processes) -> None:
    spec = back_end(tmp_path)
    processes.start(spec)
    processes.stop(spec.name)
    processes.stop(spec.name)
    assert not processes.is_running(spec.name)


def test_a_process_that_does_not_come_up_is_told_with_the_end_of_its_log(tmp_path: Path, processes: Processes) -> None:
    whole = back_end(tmp_path)
    broken = ProcessSpec(whole.name, (*whole.arguments, "--region", "99"), whole.port, whole.log)
    with pytest.raises(Fault, match=r"(?s)back-end-42 ended by itself with status 1.*99"):
        processes.start(broken)


def test_a_process_that_ended_by_itself_is_noticed(tmp_path: Path, processes: Processes) -> None:
    spec = back_end(tmp_path)
    processes.start(spec)
    processes.check_running()
    victim = psutil.Process(processes.pids()[spec.name])
    victim.kill()
    deadline = time.monotonic() + 30
    while processes.is_running(spec.name):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with pytest.raises(Fault, match="back-end-42 ended by itself with status -9"):
        processes.check_running()


def test_a_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    spec = back_end(tmp_path)
    program = (
        "import sys, time; from pathlib import Path; from tongxing.simulation.processes import Processes, ProcessSpec\n"
        "processes = Processes()\n"
        "processes.start(ProcessSpec('child', tuple(sys.argv[3:]), int(sys.argv[1]), Path(sys.argv[2])))\n"
        "print(processes.pids()['child'], flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, str(spec.port), str(spec.log), *spec.arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    psutil.wait_procs([child], timeout=30)
    assert not child.is_running()


def test_a_setting_meant_for_another_node_reaches_no_process(
    tmp_path: Path, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGXING_NODE", "hub")
    spec = back_end(tmp_path)
    processes.start(spec)
    assert "TONGXING_NODE" not in psutil.Process(processes.pids()[spec.name]).environ()


def test_a_port_in_use_is_refused_by_its_number() -> None:
    (port,) = choose_ports(1, 0)
    with socket.create_server(("127.0.0.1", port)), pytest.raises(Refused) as refused:
        bind_port(port)
    assert refused.value.problem is ProblemId.CONFLICT
    assert f"port {port} on 127.0.0.1 is in use" in refused.value.detail


def test_ports_are_taken_in_a_row_from_the_first() -> None:
    first, *_ = choose_ports(5, 0)
    assert choose_ports(5, first) == tuple(range(first, first + 5))


@pytest.mark.parametrize("first", [1, 1_023, 65_532, 70_000, -5])
def test_no_port_number_is_refused(first: int) -> None:
    with pytest.raises(Refused) as refused:
        choose_ports(5, first)
    assert refused.value.problem is ProblemId.SETTINGS_REFUSED


def test_a_bound_port_is_free_again_once_closed() -> None:
    (port,) = choose_ports(1, 0)
    for _ in range(2):
        bound = bind_port(port)
        assert os.get_inheritable(bound.fileno()) is False
        bound.close()
