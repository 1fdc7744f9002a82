"""Law 3: the same code, bundle and clock give the same verdict and reasons in every door."""

import json
import os
from pathlib import Path

import msgspec
import pytest
from tests.conformance.vector_bundles import Vector, load_vectors
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
from typer.testing import CliRunner

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
    """From a cold bundle, wherever one would be accepted at that moment."""
    at = min(vector.at, restore_bundle(vector.bundle, roots=[ROOT.public]).issued_at)
    verifier = OfflineVerifier.from_bundle(
        vector.bundle, host=vector.host, roots=[ROOT.public], sealing_pair=vector.pair, at=at
    )
    verdict = verifier.verify(vector.qr_text, vector.place_kind, at=vector.at)
    assert comparable(msgspec.to_builtins(auditor_view(verdict, "ref"))) == told_by_library(vector)


@vectors
def test_the_command_line_says_the_same(vector: Vector, tmp_path: Path) -> None:
    """From a cold bundle, read from standard input; and its exit code is the outcome's."""
    if vector.reason == ReasonId.BUNDLE_TOO_OLD:
        pytest.skip("the command line refuses to take up an expired bundle at all")
    bundle, key = tmp_path / "bundle", tmp_path / "sealing.json"
    bundle.write_bytes(vector.bundle)
    seed = insecure_test_seed(f"seal {vector.host}")
    key.write_text(json.dumps({"kind": "tongxing-key", "suite": "seal", "seed_hex": seed.hex()}))
    os.chmod(key, 0o600)
    arguments = ["verify", "-", "--bundle", str(bundle), "--root", public_text(ROOT.public), "--host", vector.host]
    arguments += ["--sealing-key", str(key), "--at", vector.at.isoformat(), "--place", vector.place_kind]
    ran = CliRunner().invoke(app, [*arguments, "--view", "auditor", "--json"], input=vector.qr_text)
    assert comparable(json.loads(ran.stdout)) == told_by_library(vector)
    assert ran.exit_code == EXIT_OF_OUTCOME[Outcome(vector.outcome)]
