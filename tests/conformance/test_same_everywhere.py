"""Law 3: the same code, bundle and clock give the same verdict and reasons in every door."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from tests.conformance.vector_bundles import Vector, load_vectors
from tests.running_gateway import RunningGateway, running_gateway
from tests.world import ROOT, decide, insecure_test_seed
from tongxing.app.key_files import public_text
from tongxing.cli import app
from tongxing.cli.output import EXIT_OF_OUTCOME
from tongxing.core.errors import Undecidable
from tongxing.core.reasons import REASONS, ReasonId
from tongxing.core.verdicts import Outcome
from tongxing.offline import OfflineVerifier
from tongxing.recognition.knowledge import load_knowledge
from tongxing.recognition.views import auditor_view
from tongxing.trust.bundle import restore_bundle

vectors = pytest.mark.parametrize("vector", load_vectors(), ids=lambda vector: vector.name)


def told_by_library(vector: Vector) -> dict[str, object]:
    """Return the auditor's view as the library gives it, as JSON values."""
    knowledge = load_knowledge(
        restore_bundle(vector.bundle, roots=[ROOT.public]), host=vector.host, sealing_pair=vector.pair
    )
    verdict = decide(
        knowledge,
        vector.qr_text,
        place=vector.place_kind,
        at=vector.at,
        answer=lambda _: Undecidable(ReasonId.GATEWAY_AWAY),
    )
    return comparable(msgspec.to_builtins(auditor_view(verdict, "ref")))


def comparable(view: dict[str, object]) -> dict[str, object]:
    """Return what must be the same in every door: all but the reference."""
    view = msgspec.json.decode(msgspec.json.encode(view))
    return {name: value for name, value in view.items() if name != "ref"}


@vectors
def test_the_library_says_what_the_vector_expects(vector: Vector) -> None:
    """Outcome, reason, and the stage that caught it."""
    told = told_by_library(vector)
    assert (told["outcome"], told["reason"]) == (vector.outcome, vector.reason)
    assert told["trail"][-1]["number"] == vector.stage  # type: ignore[index]
    assert REASONS[ReasonId(vector.reason)].stage == vector.stage


@vectors
def test_the_offline_verifier_says_the_same(vector: Vector) -> None:
    """From a cold bundle."""
    verifier = OfflineVerifier.from_bundle(
        vector.bundle, host=vector.host, roots=[ROOT.public], sealing_pair=vector.pair
    )
    verdict = verifier.verify(vector.qr_text, vector.place_kind, at=vector.at)
    assert comparable(msgspec.to_builtins(auditor_view(verdict, "ref"))) == told_by_library(vector)


@vectors
def test_the_command_line_says_the_same(vector: Vector, tmp_path: Path) -> None:
    """From a cold bundle, read from standard input; and its exit code is the outcome's."""
    bundle, key = tmp_path / "bundle", tmp_path / "sealing.json"
    bundle.write_bytes(vector.bundle)
    seed = insecure_test_seed(f"seal {vector.host}")
    key.write_text(json.dumps({"kind": "tongxing-key", "suite": "seal", "seed_hex": seed.hex()}))
    key.chmod(0o600)
    arguments = ["verify", "-", "--bundle", str(bundle), "--root", public_text(ROOT.public), "--host", vector.host]
    arguments += ["--sealing-key", str(key), "--at", vector.at.isoformat(), "--place", vector.place_kind]
    ran = CliRunner().invoke(app, [*arguments, "--view", "auditor", "--json"], input=vector.qr_text)
    assert comparable(json.loads(ran.stdout)) == told_by_library(vector)
    assert ran.exit_code == EXIT_OF_OUTCOME[Outcome(vector.outcome)]


@pytest.fixture(scope="module")
def gateways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Vector], RunningGateway]]:
    """Return a real gateway for each bundle of the vectors, started when it is first needed."""
    running: dict[bytes, RunningGateway] = {}
    with ExitStack() as stack:

        def gateway_for(vector: Vector) -> RunningGateway:
            if vector.bundle not in running:
                folder = tmp_path_factory.mktemp("gateway")
                opened = running_gateway(folder, vector.host, vector.bundle, vector.at)
                running[vector.bundle] = stack.enter_context(opened)
            running[vector.bundle].clock.moment = vector.at
            return running[vector.bundle]

        yield gateway_for


@vectors
def test_the_api_says_the_same(vector: Vector, gateways: Callable[[Vector], RunningGateway]) -> None:
    """Over real HTTP, hub and issuer away; the guard's answer agrees with the trail."""
    gateway = gateways(vector)
    guard = gateway.verify(vector.qr_text, vector.place_kind)
    assert guard["outcome"] == vector.outcome
    assert comparable(gateway.trail(guard["ref"])) == told_by_library(vector)
