"""``tongxing pair`` against a running gateway: a link on standard output, and where the device will stand beside it."""

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.running_gateway import RunningGateway, running_gateway
from tests.silence import log_nowhere
from tests.unit.cli.conftest import Run
from tests.world import GUANGXI, World, insecure_test_key, insecure_test_seed
from tongxing.app.key_files import public_text
from tongxing.app.logs import configure_logs
from tongxing.app.system import SystemClock


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    """Run Guangxi's gateway at the machine's own time, by which the command signs."""
    folder, now = tmp_path_factory.mktemp("gateway"), datetime.now(UTC)
    configure_logs(SystemClock(), io.BytesIO())
    with running_gateway(folder, GUANGXI, World(issued_at=now).bundle(), now) as running:
        yield running
    log_nowhere()


@pytest.fixture
def operator(gateway: RunningGateway, tmp_path: Path) -> list[object]:
    """Return the options with which the operator calls the gateway."""
    key = tmp_path / "operator.json"
    seed = insecure_test_seed("operator").hex()
    key.write_text(json.dumps({"kind": "tongxing-key", "suite": "EdDSA", "seed_hex": seed}))
    key.chmod(0o600)
    gateway.clock.moment = datetime.now(UTC)
    return ["--node", gateway.url, "--key", key]


def test_a_device_is_paired_at_its_site_and_in_its_division(
    gateway: RunningGateway, operator: list[object], run: Run
) -> None:
    ended, link, beside = run("pair", "checkpoint", "east", *operator, "--site", "mill", "--division", "450100")
    assert (ended, beside) == (0, "4501 南宁市\n")
    found = re.fullmatch(rf"{re.escape(gateway.url)}/checkpoint#pair=([a-z2-7]{{32}})\n", link)
    assert found is not None
    public = public_text(insecure_test_key("browser").public)
    gateway.redeem_pairing(found[1], public)
    (held,) = [each for each in gateway.credentials() if each["label"] == "east"]
    assert (held["public"], held["site"], held["division"]) == (public, "mill", "4501")


def test_an_operators_page_is_paired_as_before(operator: list[object], run: Run) -> None:
    ended, link, beside = run("pair", "operator", "a colleague", *operator)
    assert (ended, beside, "/operator#pair=" in link) == (0, "", True)


@pytest.mark.parametrize("page", ["checkpoint", "operator"])
def test_a_division_outside_the_region_pairs_nothing(operator: list[object], run: Run, page: str) -> None:
    ended, link, why = run("pair", page, "east", *operator, "--division", "420106")
    assert (ended, link) == (2, "")
    assert "division: 420106 lies outside region 45" in why
