"""The clock of a simulated federation: settable, ticking, one for all processes."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tongxing.simulation.clock import SharedClock

AT = datetime(2020, 3, 25, 1, 30, tzinfo=UTC)


def test_a_clock_shows_the_moment_it_was_made_for_and_ticks_on(tmp_path: Path) -> None:
    clock = SharedClock.create(tmp_path / "clock", AT)
    first, second = clock.now(), clock.now()
    assert AT <= first <= second < AT + timedelta(minutes=1)


def test_a_clock_can_be_set_back_and_forth(tmp_path: Path) -> None:
    clock = SharedClock.create(tmp_path / "clock", AT)
    for at in (AT - timedelta(days=3), AT + timedelta(days=400), datetime(1969, 12, 31, tzinfo=UTC)):
        clock.set(at)
        assert at <= clock.now() < at + timedelta(minutes=1)


def test_time_can_pass_at_once(tmp_path: Path) -> None:
    clock = SharedClock.create(tmp_path / "clock", AT)
    clock.advance(timedelta(seconds=90))
    assert AT + timedelta(seconds=90) <= clock.now() < AT + timedelta(minutes=2)


def test_another_process_sees_the_clock_being_set(tmp_path: Path) -> None:
    clock = SharedClock.create(tmp_path / "clock", AT)
    program = (
        "import sys; from pathlib import Path; from tongxing.simulation.clock import SharedClock\n"
        "clock = SharedClock(Path(sys.argv[1])); print('ready', flush=True)\n"
        "sys.stdin.readline(); print(clock.now().isoformat())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "clock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        clock.set(AT + timedelta(days=9))
        shown, _ = other.communicate("now\n", timeout=30)
    assert AT + timedelta(days=9) <= datetime.fromisoformat(shown.strip()) < AT + timedelta(days=9, minutes=1)


def test_a_clock_in_use_is_not_replaced(tmp_path: Path) -> None:
    SharedClock.create(tmp_path / "clock", AT)
    with pytest.raises(FileExistsError):
        SharedClock.create(tmp_path / "clock", AT)
