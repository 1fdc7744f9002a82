"""Law 3 for a site's own rule table: it holds in every door, at that site and nowhere else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.running_gateway import RunningGateway, running_gateway
from tests.world import AT, GUANGXI, PAIRS, ROOT, World, insecure_test_key, insecure_test_seed
from tongxing.app.key_files import public_text
from tongxing.cli import app
from tongxing.core.words import PlaceKind
from tongxing.offline import OfflineVerifier
from tongxing.wire.qr import encode_qr_png

TABLE = b"""
[table]
region = "45"
site = "airport"
id = "airport"
name = { zh = "\xe6\x9c\xba\xe5\x9c\xba\xe6\x9f\xa5\xe9\xaa\x8c\xe8\xa7\x84\xe5\x88\x99", en = "Rules of the airport" }
first_day = 2020-03-18

[[row]]
id = "everybody_is_measured"
when = { level = ["low"], fever = ["not_measured"] }
outcome = "PASS_WITH_MEASURES"
measures = ["take_temperature"]
reason = "local_measures"
legal_basis = "a table of this test"
evidence = "assumed"
"""
WORLD = World()
WORLD.rules["45-airport.toml"] = TABLE
BUNDLE, TEXT = WORLD.bundle(), WORLD.national_code()
SITES = {"airport": "PASS_WITH_MEASURES", "harbour": "PASS", "": "PASS"}

at_sites = pytest.mark.parametrize(("site", "expected"), SITES.items(), ids=lambda value: str(value) or "none")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path_factory.mktemp("gateway"), GUANGXI, BUNDLE, AT) as running:
        yield running


@at_sites
def test_the_offline_verifier_goes_by_the_sites_table(site: str, expected: str) -> None:
    verifier = OfflineVerifier.from_bundle(
        BUNDLE, host=GUANGXI, roots=[ROOT.public], sealing_pair=PAIRS[GUANGXI], site=site
    )
    for verdict in (
        verifier.verify(TEXT, PlaceKind.TRAFFIC_GATE, at=AT),
        verifier.verify_picture(encode_qr_png(TEXT, 4), PlaceKind.TRAFFIC_GATE, at=AT),
    ):
        assert verdict.outcome == expected


@at_sites
def test_the_command_line_goes_by_the_sites_table(site: str, expected: str, tmp_path: Path) -> None:
    view = json.loads(run_command(tmp_path, "--site", site).stdout)
    assert view["outcome"] == expected
    assert ("airport" in str(view)) is (site == "airport")


@at_sites
def test_the_gateway_goes_by_the_sites_table(site: str, expected: str, gateway: RunningGateway) -> None:
    device = insecure_test_key(f"device at {site}")
    gateway.enrol_device(device, site=site)
    guard = gateway.verify_as(device, "/v1/verifications", {"qr_text": TEXT, "place_kind": "traffic_gate"})
    assert guard["outcome"] == expected


def test_where_a_gateways_device_stands_is_not_said_on_its_command_line(tmp_path: Path) -> None:
    arguments = ["verify", TEXT, "--gateway", "http://127.0.0.1:9", "--key", str(tmp_path), "--site", "airport"]
    ran = CliRunner().invoke(app, arguments)
    assert (ran.exit_code, "--site: for --bundle only" in str(ran.exception)) == (1, True)


def run_command(folder: Path, *options: str) -> Result:
    """Run ``tongxing verify`` on the bundle."""
    bundle, key = folder / "bundle", folder / "sealing.json"
    bundle.write_bytes(BUNDLE)
    seed = insecure_test_seed(f"seal {GUANGXI}")
    key.write_text(json.dumps({"kind": "tongxing-key", "suite": "seal", "seed_hex": seed.hex()}))
    key.chmod(0o600)
    arguments = ["verify", TEXT, "--bundle", str(bundle), "--root", public_text(ROOT.public), "--host", GUANGXI]
    arguments += ["--sealing-key", str(key), "--at", AT.isoformat(), "--view", "auditor", "--json"]
    return CliRunner().invoke(app, [*arguments, *options])
