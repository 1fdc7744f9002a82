"""A federation is founded by hand, as the page about deploying says it, with real processes."""

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.scenario.test_tutorial import read_page
from tongxing.simulation.processes import choose_ports

pytestmark = pytest.mark.scenario

PAGE: Final = Path(__file__).parent.parent.parent / "docs" / "deploying.md"
SECTION: Final = re.compile(r"^## Founding a federation$(.*?)^## ", re.DOTALL | re.MULTILINE)
PAGE_PORTS: Final = ("8000", "8042", "8500", "8501")
SAID: Final = "said-by-step"
PATIENCE_SECONDS: Final = 180
DOCKED: Final = """
curl -sf URL/v1/federation-status > status.json
tongxing dock suspend 50 --hub URL --key hub/operators/second-operator.json
tongxing dock resume 50 --hub URL --key hub/operators/second-operator.json
tongxing dock leave 50 --hub URL --key hub/operators/second-operator.json
"""


def test_a_federation_is_founded_and_a_region_joins_it_as_the_page_says(tmp_path: Path) -> None:
    section = SECTION.search(PAGE.read_text(encoding="utf-8"))
    assert section is not None
    _, steps = read_page(section[1])
    ports = dict(zip(PAGE_PORTS, map(str, choose_ports(len(PAGE_PORTS), 0)), strict=True))

    def with_ports(text: str) -> str:
        return re.sub("|".join(PAGE_PORTS), lambda found: ports[found[0]], text)

    bash = shutil.which("bash")
    assert bash is not None
    around = {name: text for name, text in os.environ.items() if not name.startswith("TONGXING_")}
    script = "\n".join(f"echo {SAID}\n{with_ports(step.commands)}" for step in steps)
    done = subprocess.run(
        [
            bash,
            "-c",
            f"set -em\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{script}\n{DOCKED}".replace(
                "URL", f"http://127.0.0.1:{ports['8000']}"
            ),
        ],
        cwd=tmp_path,
        env={**around, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for step, heard in zip(steps, done.stdout.split(f"{SAID}\n")[1:], strict=True):
        for line in step.printed:
            assert with_ports(line) in heard, (line, heard)
    assert '"region":"50"' in (tmp_path / "status.json").read_text()
    assert "left" in done.stdout
    for folder in ("hub", "joining"):
        files = [
            *(tmp_path / folder).glob("keys/*"),
            *(tmp_path / folder).glob("operators/*"),
            tmp_path / folder / "node.env",
        ]
        assert len(files) >= 10
        assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
