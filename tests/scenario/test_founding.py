"""A federation is founded by hand, as the page about deploying says it, with real processes."""

import json
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

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(400)]

PAGE: Final = Path(__file__).parent.parent.parent / "docs" / "deploying.md"
SECTION: Final = re.compile(r"^## Founding a federation$(.*?)^## ", re.DOTALL | re.MULTILINE)
PAGE_PORTS: Final = ("8000", "8042", "8500", "8501")
SAID: Final = "said-by-step"
PATIENCE_SECONDS: Final = 360
AFTER: Final = """
curl -sf http://127.0.0.1:8000/v1/federation-status > status.json
python - <<END
import sqlite3
hub = sqlite3.connect("hub/state/node.sqlite", timeout=30)
with hub:
    hub.execute("DELETE FROM reports WHERE subject = (SELECT min(subject) FROM reports)")
END
compare="tongxing reconcile --gateway http://127.0.0.1:8042 --key joining/operators/first-operator.json"
$compare > lacking.txt || echo "reconcile ended with $?"
$compare --json > lacking.json || true
$compare --resend differing > resent.txt || true
until $compare > mended.txt; do sleep 1; done
tongxing dock suspend 50 --hub http://127.0.0.1:8000 --key hub/operators/second-operator.json
tongxing dock resume 50 --hub http://127.0.0.1:8000 --key hub/operators/second-operator.json
tongxing dock leave 50 --hub http://127.0.0.1:8000 --key hub/operators/second-operator.json
"""
"""One report is lost at the hub, told and sent again; then the region leaves."""


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
    until_it_ends = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT"
    done = subprocess.run(
        [bash, "-c", f"set -em\n{until_it_ends}\n{script}\n{with_ports(AFTER)}"],
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
    assert "reconcile ended with 3" in done.stdout
    assert "2 here, 1 at the hub, not the same" in (tmp_path / "lacking.txt").read_text()
    (day,) = json.loads((tmp_path / "lacking.json").read_text())["days"]
    assert (day["same"], day["here"]["count"], day["hub"]["count"]) == (False, 2, 1)
    assert day["here"]["digest"] != day["hub"]["digest"]
    assert "2 queued again" in (tmp_path / "resent.txt").read_text()
    assert "0 days differ" in (tmp_path / "mended.txt").read_text()
    for folder in ("hub", "joining"):
        files = [
            *(tmp_path / folder).glob("keys/*"),
            *(tmp_path / folder).glob("operators/*"),
            tmp_path / folder / "node.env",
        ]
        assert len(files) >= 10
        assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
