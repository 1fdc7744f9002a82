"""The demo's state directory: one at a time, fresh each start, and nobody else's files."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.simulation.state import claim_state

HOLDER = (
    "import sys, time; from pathlib import Path; from tongxing.simulation.state import claim_state\n"
    "with claim_state(Path(sys.argv[1])) as state:\n"
    "    import subprocess\n"
    "    if len(sys.argv) > 2:\n"
    "        subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(' + sys.argv[2] + ')'],"
    " pass_fds=[state.nodes_lock])\n"
    "    print('held', flush=True); time.sleep(60)\n"
)


def start_holder(path: Path, *arguments: str) -> "subprocess.Popen[str]":
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path), *arguments], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def kill(holder: "subprocess.Popen[str]") -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait(timeout=30)
    assert holder.stdout is not None
    holder.stdout.close()


def test_each_start_finds_an_empty_state(tmp_path: Path) -> None:
    with claim_state(tmp_path / "demo") as state:
        (state.node("hub") / "store.sqlite").write_text("left over")
        (state.path / "link").symlink_to(tmp_path)
        state.clock.write_text("left over")
    with claim_state(tmp_path / "demo") as state:
        assert sorted(entry.name for entry in state.path.iterdir()) == ["demo.lock", "nodes.lock"]
    assert tmp_path.exists()


def test_a_second_start_is_told_that_one_is_running_and_which(tmp_path: Path) -> None:
    holder = start_holder(tmp_path / "demo")
    with pytest.raises(Refused) as refused, claim_state(tmp_path / "demo"):
        pass
    assert refused.value.problem is ProblemId.CONFLICT
    assert f"already running here (process {holder.pid}" in refused.value.detail
    kill(holder)


def test_after_a_kill_the_next_start_works(tmp_path: Path) -> None:
    kill(start_holder(tmp_path / "demo"))
    with claim_state(tmp_path / "demo") as state:
        assert (state.path / "demo.lock").read_text() == f"{os.getpid()}\n"


def test_the_next_start_waits_for_the_nodes_of_a_killed_one(tmp_path: Path) -> None:
    kill(start_holder(tmp_path / "demo", "1.5"))
    with pytest.raises(Refused, match="do not end"), claim_state(tmp_path / "demo", stragglers_wait_seconds=0.1):
        pass
    with claim_state(tmp_path / "demo"):
        pass


def test_a_directory_that_is_not_the_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(Refused) as refused, claim_state(tmp_path):
        pass
    assert refused.value.problem is ProblemId.SETTINGS_REFUSED
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_no_state_directory(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("a file")
    with pytest.raises(Refused, match="cannot hold the state"), claim_state(tmp_path / "demo"):
        pass
