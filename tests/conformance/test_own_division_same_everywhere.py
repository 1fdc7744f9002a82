"""Law 3 for where a checkpoint stands: since 2020-11-24 the risk there says in every door whether codes are read."""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.running_gateway import RunningGateway, running_gateway
from tests.world import HUBEI, PAIRS, ROOT, World, insecure_test_key
from tongxing.app.key_files import public_text
from tongxing.cli import app
from tongxing.core.calendar import BEIJING
from tongxing.core.errors import Refused
from tongxing.core.words import PlaceKind
from tongxing.offline import OfflineVerifier
from tongxing.recognition.knowledge import load_knowledge
from tongxing.recognition.pipeline import decide_passage
from tongxing.recognition.stages import Scan
from tongxing.trust.bundle import restore_bundle
from tongxing.wire.qr import encode_qr_png

AT = datetime(2020, 12, 1, 9, 0, tzinfo=BEIJING)
BUNDLE = World(issued_at=AT - timedelta(hours=1)).bundle()
TEXT = "no code"
SHOWN: dict[str, dict[str, object]] = {
    "/v1/verifications": {"qr_text": TEXT},
    "/v1/verifications/picture": {"picture": b64encode(encode_qr_png(TEXT, 4)).decode()},
}
NO_CODE_READ, CODE_READ = ("PASS", "not_checked_here"), ("REFER", "not_a_code")
DIVISIONS = {
    "420106": NO_CODE_READ,
    "420107": CODE_READ,
    "420102": CODE_READ,
    "4201": CODE_READ,
    "4206": NO_CODE_READ,
    "420600": NO_CODE_READ,
    "": CODE_READ,
}
"""Wuhan's list has one county of medium and one of high risk, so city and province are mixed; all else is low."""

told = pytest.mark.parametrize(("division", "expected"), DIVISIONS.items(), ids=lambda value: str(value) or "untold")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    """Run Hubei's gateway in December 2020."""
    with running_gateway(tmp_path_factory.mktemp("gateway"), HUBEI, BUNDLE, AT) as running:
        yield running


@told
def test_the_library_goes_by_the_division(division: str, expected: tuple[str, str]) -> None:
    knowledge = load_knowledge(restore_bundle(BUNDLE, roots=[ROOT.public]), host=HUBEI, sealing_pair=PAIRS[HUBEI])
    deciding = decide_passage(Scan(TEXT, PlaceKind.FACTORY, HUBEI, division=division), knowledge, at=AT)
    with pytest.raises(StopIteration) as decided:
        next(deciding)
    verdict = decided.value.value
    assert (verdict.outcome, verdict.reason) == expected


@told
def test_the_offline_verifier_goes_by_it(division: str, expected: tuple[str, str]) -> None:
    verifier = OfflineVerifier.from_bundle(
        BUNDLE, host=HUBEI, roots=[ROOT.public], sealing_pair=None, division=division
    )
    for verdict in (
        verifier.verify(TEXT, PlaceKind.FACTORY, at=AT),
        verifier.verify_picture(encode_qr_png(TEXT, 4), PlaceKind.FACTORY, at=AT),
    ):
        assert (verdict.outcome, verdict.reason) == expected


@told
def test_the_command_line_goes_by_it(division: str, expected: tuple[str, str], tmp_path: Path) -> None:
    assert by_command_line(tmp_path, "factory", division) == expected


@told
def test_the_gateway_goes_by_it_whatever_is_shown(
    division: str, expected: tuple[str, str], gateway: RunningGateway
) -> None:
    device = insecure_test_key(f"device in {division}")
    gateway.enrol_device(device, division=division)
    for path, shown in SHOWN.items():
        guard = gateway.verify_as(device, path, {**shown, "place_kind": "factory"})
        trail = gateway.trail(guard["ref"])
        assert (guard["outcome"], trail["reason"]) == expected, path


@told
def test_no_document_is_looked_up_where_no_code_is_read(
    division: str, expected: tuple[str, str], gateway: RunningGateway
) -> None:
    device = insecure_test_key(f"typing device in {division}")
    gateway.enrol_device(device, division=division)
    document = {"type": "10", "number": "990101199003075000"}
    shown = {"document": document, "presence": True, "place_kind": "factory"}
    guard = gateway.verify_as(device, "/v1/verifications/document", shown)
    asked_for_nothing = gateway.trail(guard["ref"])["reason"] == "not_checked_here"
    assert asked_for_nothing is (expected == NO_CODE_READ)


@pytest.mark.parametrize("division", DIVISIONS)
def test_traffic_gates_read_codes_wherever_they_stand(division: str, gateway: RunningGateway, tmp_path: Path) -> None:
    device = insecure_test_key(f"traffic gate in {division}")
    gateway.enrol_device(device, division=division)
    guard = gateway.verify_as(device, "/v1/verifications", {"qr_text": TEXT, "place_kind": "traffic_gate"})
    assert (guard["outcome"], guard["reason"]) == by_command_line(tmp_path, "traffic_gate", division) == CODE_READ


@pytest.mark.parametrize(
    ("division", "why"), [("450102", "outside region 42"), ("429999", "has no number"), ("42", "4 or 6")]
)
def test_a_wrong_division_is_refused_by_every_door(division: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=why):
        OfflineVerifier.from_bundle(BUNDLE, host=HUBEI, roots=[ROOT.public], sealing_pair=None, division=division)
    ran = run_command(tmp_path, "factory", division)
    assert (ran.exit_code, ran.stdout, type(ran.exception)) == (1, "", Refused)
    assert why in str(ran.exception)


def test_where_a_gateways_device_stands_is_not_said_on_its_command_line(tmp_path: Path) -> None:
    arguments = ["verify", TEXT, "--gateway", "http://127.0.0.1:9", "--key", str(tmp_path), "--division", "420106"]
    ran = CliRunner().invoke(app, arguments)
    assert (ran.exit_code, "--division: for --bundle only" in str(ran.exception)) == (1, True)


def run_command(folder: Path, place: str, division: str) -> Result:
    """Run ``tongxing verify`` on the bundle."""
    bundle = folder / "bundle"
    bundle.write_bytes(BUNDLE)
    arguments = ["verify", TEXT, "--bundle", str(bundle), "--root", public_text(ROOT.public), "--host", HUBEI]
    arguments += ["--at", AT.isoformat(), "--place", place, "--view", "auditor", "--json"]
    return CliRunner().invoke(app, arguments + (["--division", division] if division else []))


def by_command_line(folder: Path, place: str, division: str) -> tuple[str, str]:
    """Return outcome and reason as the command prints them."""
    view = json.loads(run_command(folder, place, division).stdout)
    return view["outcome"], view["reason"]
