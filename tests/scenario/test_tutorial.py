"""The integrator's afternoon, done as it is written: its files, its commands, and what it says that they print.

Only the ports are others, since those of the page may be in use on the machine.
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tongxing.simulation.processes import choose_ports

pytestmark = pytest.mark.scenario

TUTORIAL: Final = Path(__file__).parent.parent.parent / "docs" / "tutorial.md"
ENVIRONMENT: Final = Path(sys.executable).parent.parent
BLOCK: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILE: Final = re.compile(r"[Ss]ave (?:this|it) as `([^`]+)`")
SAID: Final = "said-by-step"
PAGE_PORTS: Final = ("8500", "8501")
PATIENCE_SECONDS: Final = 240


@dataclass
class Step:
    """Commands of the page, and the lines that it says they print."""

    commands: str
    printed: tuple[str, ...] = ()


def read_page(page: str) -> tuple[dict[str, str], list[Step]]:
    """Return the files that the reader saves, by name, and the steps in their order."""
    files: dict[str, str] = {}
    steps: list[Step] = []
    end_of_last = 0
    for block in BLOCK.finditer(page):
        kind, text = block.groups()
        if kind == "sh":
            steps.append(Step(text))
        elif kind == "":
            steps[-1].printed = tuple(text.splitlines())
        else:
            names = FILE.findall(page[end_of_last : block.start()])
            files[names[-1]] = text
        end_of_last = block.end()
    return files, steps


def test_the_afternoon_goes_as_it_is_written(tmp_path: Path) -> None:
    files, steps = read_page(TUTORIAL.read_text(encoding="utf-8"))
    assert set(files) == {"98.toml", "gate.py"}
    ports = dict(zip(PAGE_PORTS, map(str, choose_ports(len(PAGE_PORTS), 0)), strict=True))

    def with_ports(text: str) -> str:
        return re.sub("|".join(PAGE_PORTS), lambda found: ports[found[0]], text)

    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / ".venv").symlink_to(ENVIRONMENT)
    bash = shutil.which("bash")
    assert bash is not None
    # Job control, so that %1 is the sandbox; whatever is still there at the end goes with the shell.
    script = "\n".join(f"echo {SAID}\n{with_ports(step.commands)}" for step in steps)
    done = subprocess.run(
        [bash, "-c", f"set -em\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{script}\ntrap - EXIT\n"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.split(f"{SAID}\n")[1:]
    assert len(said) == len(steps)
    for step, heard in zip(steps, said, strict=True):
        rest = heard
        for line in step.printed:
            assert with_ports(line) in rest, (line, heard)
            rest = rest[rest.index(with_ports(line)) :]
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")
