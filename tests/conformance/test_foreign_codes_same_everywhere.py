"""Law 3 for codes from outside: shown beside the same code, they decide and say the same behind every door."""

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.foreign_issuers import OTHER_KEY, did_document, immunization, jwks_of, make_card, make_pass
from tests.running_gateway import RunningGateway, running_gateway
from tests.world import AT, GUANGXI, ROOT, World, insecure_test_key
from tongxing.app.key_files import public_text
from tongxing.cli import app
from tongxing.core.entered import Entered
from tongxing.core.verdicts import FOREIGN_NOTE_WORDS, Note
from tongxing.core.words import PlaceKind
from tongxing.offline import OfflineVerifier
from tongxing.recognition.foreign_codes import FOREIGN_TRUST_SECTION
from tongxing.wire.qr import encode_qr_png

BUNDLE = World(more_sections={FOREIGN_TRUST_SECTION: json.dumps([jwks_of(), did_document()]).encode()}).bundle()
NOW = int(AT.timestamp())
CARD = make_card(immunization("2020-03-01", "212"), nbf=NOW - 5, exp=NOW + 86_400)
TEXT = "no code"
DEVICE = "device that meets travellers"
SHOWN = {
    "a card of the person": ([CARD], "Müller Anna", Note.FOREIGN_USED),
    "another's card": ([CARD], "Li Na", Note.FOREIGN_NAME_DIFFERS),
    "a card and no name": ([CARD], "", Note.FOREIGN_NAME_NEEDED),
    "an expired card": ([make_card(nbf=1, exp=2)], "Müller Anna", Note.FOREIGN_EXPIRED),
    "a forged pass": ([make_pass(key=OTHER_KEY)], "Müller Anna", Note.FOREIGN_FORGED),
}

shown = pytest.mark.parametrize(("texts", "name", "note"), SHOWN.values(), ids=SHOWN)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    """Run Guangxi's gateway on the bundle."""
    with running_gateway(tmp_path_factory.mktemp("gateway"), GUANGXI, BUNDLE, AT) as running:
        running.enrol_device(insecure_test_key(DEVICE))
        yield running


@shown
def test_the_offline_verifier_says_what_became_of_it(texts: list[str], name: str, note: Note) -> None:
    verifier = OfflineVerifier.from_bundle(BUNDLE, host=GUANGXI, roots=[ROOT.public], sealing_pair=None)
    entered = Entered(foreign_texts=tuple(texts), document_name=name)
    for verdict in (
        verifier.verify(TEXT, PlaceKind.TRAFFIC_GATE, at=AT, entered=entered),
        verifier.verify_picture(encode_qr_png(TEXT, 4), PlaceKind.TRAFFIC_GATE, at=AT, entered=entered),
    ):
        assert verdict.notes == (note,)


@shown
def test_the_command_line_says_the_same(texts: list[str], name: str, note: Note, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.write_bytes(BUNDLE)
    arguments = ["verify", TEXT, "--bundle", str(bundle), "--root", public_text(ROOT.public), "--host", GUANGXI]
    arguments += ["--at", AT.isoformat(), "--json", "--document-name", name]
    told = json.loads(CliRunner().invoke(app, arguments + [f"--foreign={text}" for text in texts]).stdout)
    assert [line["en"] for line in told["notes"]] == [FOREIGN_NOTE_WORDS[note].en]


@shown
def test_the_gateway_says_the_same_for_a_text_and_for_a_picture(
    texts: list[str], name: str, note: Note, gateway: RunningGateway
) -> None:
    device, picture = insecure_test_key(DEVICE), b64encode(encode_qr_png(TEXT, 4)).decode()
    beside = {"place_kind": "traffic_gate", "foreign": texts, "document_name": name}
    for path, body in (("/v1/verifications", {"qr_text": TEXT}), ("/v1/verifications/picture", {"picture": picture})):
        told = gateway.verify_as(device, path, {**body, **beside})
        assert [line["en"] for line in told["notes"]] == [FOREIGN_NOTE_WORDS[note].en]
