"""The client in docs/sandbox.md, as it stands there, asks back ends of every family, with nothing of ours in it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenario.test_sandbox import ONE_OF_EACH_FAMILY, ROOT, RunningSandbox, running
from tests.unit.regions.samples import load_profile
from tongxing.regions.families import FAMILIES

pytestmark = pytest.mark.scenario

PAGE = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
IN_NO_PROFILE = ("paper", "travel_card")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running("all", "--people", "12") as started:
        yield started


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save the page's client as somebody would who reads the page."""
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path_factory.mktemp("client") / "ask.py"
    file.write_text(block, encoding="utf-8")
    return file


def ask(client: Path, sandbox: RunningSandbox, region: str, number: str) -> str:
    arguments = [sys.executable, "-I", str(client), str(sandbox.board.base_url).rstrip("/"), region, number]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("region", ONE_OF_EACH_FAMILY)
def test_the_pages_client_learns_of_everybody_what_the_switchboard_shows(
    client: Path, sandbox: RunningSandbox, region: str
) -> None:
    told = sandbox.region(region)
    of_each_status = {person["status"]: person for person in told["people"]}
    for status, person in of_each_status.items():
        assert ask(client, sandbox, region, person["number"]) == status


@pytest.mark.parametrize("family", IN_NO_PROFILE)
def test_the_pages_client_learns_what_travel_cards_and_paper_tell_which_is_no_status(client: Path, family: str) -> None:
    with running(str(ROOT / "vectors" / "dialects" / f"{family}.toml"), "--people", "3") as started:
        (site,) = started.board.get("/api/regions").json()
        told = started.region(site["region"])
        answer = ask(client, started, site["region"], told["people"][0]["number"])
    assert re.fullmatch(r"20\d\d-\d\d-\d\d .*" if family == "paper" else r"\[\{'cityCode': .*\}\]", answer)


def test_the_page_has_a_row_for_every_family_that_can_be_asked() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE)
    assert set(rows) & set(FAMILIES) == set(FAMILIES) - {"national"}
    assert {load_profile(region).family for region in ONE_OF_EACH_FAMILY} | set(IN_NO_PROFILE) <= set(rows)
