"""The command line as the shell starts it."""

import sys
from collections.abc import Callable

import pytest

import tongxing.cli

Ran = tuple[int, str, str]
Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Return a runner of ``tongxing`` as the shell starts it: exit code, output, errors."""

    def run_command(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["tongxing", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            tongxing.cli.main()
        told = capfd.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run_command
