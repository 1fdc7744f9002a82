"""Law 3: the same code, bundle and clock give the same verdict and reasons in every door."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
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
from tongxing.core.checkpoints import Temperature
from tongxing.core.entered import NOTHING_ENTERED, Entered
from tongxing.core.errors import Undecidable
from tongxing.core.groups import Group
from tongxing.core.proofs import Proof, ProofBasis, ProofKind
from tongxing.core.reasons import REASONS, ReasonId
from tongxing.core.verdicts import Direction, Outcome
from tongxing.offline import OfflineVerifier
from tongxing.recognition.knowledge import load_knowledge
from tongxing.recognition.views import auditor_view
from tongxing.trust.bundle import restore_bundle

vectors = pytest.mark.parametrize("vector", load_vectors(), ids=lambda vector: vector.name)


@dataclass(frozen=True)
class Told:
    """What a guard says beside the code."""

    direction: Direction | None = None
    temperature: Temperature | None = None
    entered: Entered = NOTHING_ENTERED

    def options(self) -> list[str]:
        """Return it as the command line takes it."""
        options = [] if self.direction is None else ["--direction", self.direction]
        if self.temperature is not None:
            options += ["--temperature", str(self.temperature.decicelsius / 10)]
            options += ["--confirmed"] if self.temperature.confirmed else []
        options += [option for group in sorted(self.entered.groups) for option in ("--group", group)]
        for proof in self.entered.proofs:
            finding = {True: "=positive", False: "=negative", None: ""}[proof.positive]
            options += ["--shown", f"{proof.kind}{finding}@{proof.at.isoformat()}"]
        return options + [option for kind in sorted(self.entered.asked) for option in ("--asked", kind)]

    def members(self) -> dict[str, object]:
        """Return it as the API takes it."""
        members: dict[str, object] = {} if self.direction is None else {"direction": self.direction}
        if self.temperature is not None:
            reading = {"decicelsius": self.temperature.decicelsius, "confirmed": self.temperature.confirmed}
            members["temperature"] = reading
        shown = [
            {"kind": each.kind, "at": each.at.isoformat(), "positive": each.positive} for each in self.entered.proofs
        ]
        entered = {"groups": sorted(self.entered.groups), "shown": shown, "asked": sorted(self.entered.asked)}
        return members | {name: value for name, value in entered.items() if value}


def paper(kind: ProofKind, *, positive: bool | None = None) -> Proof:
    """Return a proof on paper of the day before the vectors."""
    return Proof(kind, datetime(2020, 4, 8, 8, tzinfo=UTC), ProofBasis.SHOWN, positive=positive)


NOTHING_TOLD = Told()
SOMETHING_TOLD = (
    Told(Direction.IN),
    Told(Direction.OUT, Temperature(372, confirmed=True)),
    Told(Direction.PASSING, Temperature(373, confirmed=True)),
    Told(None, Temperature(409, confirmed=True)),
    Told(None, Temperature(409, confirmed=False)),
    Told(entered=Entered(frozenset({Group.CHILD, Group.FREIGHT}))),
    Told(entered=Entered(proofs=(paper(ProofKind.TEST, positive=False), paper(ProofKind.ISOLATION)))),
    Told(Direction.IN, None, Entered(frozenset({Group.FREIGHT}), (paper(ProofKind.ANTIGEN, positive=True),))),
    Told(entered=Entered(asked=frozenset({ProofKind.TEST, ProofKind.VACCINATION}))),
)
TOLD_WITH = ("valid-eddsa", "valid-level-medium", "valid-level-high", "expired", "signature-bit-flipped")
told_besides = [
    pytest.param(vector, told, id=f"{vector.name} {number}")
    for vector in load_vectors()
    if vector.name in TOLD_WITH
    for number, told in enumerate(SOMETHING_TOLD)
]


def told_by_library(vector: Vector, told: Told = NOTHING_TOLD) -> dict[str, object]:
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
        direction=told.direction,
        temperature=told.temperature,
        entered=told.entered,
    )
    return comparable(msgspec.to_builtins(auditor_view(verdict, "ref", knowledge)))


def comparable(view: dict[str, object]) -> dict[str, object]:
    """Return what must be the same in every door: all but the reference, and how each was cut off from the issuer."""
    view = msgspec.json.decode(msgspec.json.encode(view))
    left_out = {"ref", "detail"} if view["reason"] == ReasonId.GATEWAY_AWAY else {"ref"}
    return {name: value for name, value in view.items() if name not in left_out}


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
    assert comparable(msgspec.to_builtins(auditor_view(verdict, "ref", verifier.knowledge))) == told_by_library(vector)


@vectors
def test_the_command_line_says_the_same(vector: Vector, tmp_path: Path) -> None:
    """From a cold bundle, read from standard input; and its exit code is the outcome's."""
    told, exit_code = told_by_command_line(vector, tmp_path)
    assert told == told_by_library(vector)
    assert exit_code == EXIT_OF_OUTCOME[Outcome(vector.outcome)]


def told_by_command_line(vector: Vector, tmp_path: Path, told: Told = NOTHING_TOLD) -> tuple[dict[str, object], int]:
    """Return the auditor's view as the command prints it, and its exit code."""
    bundle, key = tmp_path / "bundle", tmp_path / "sealing.json"
    bundle.write_bytes(vector.bundle)
    seed = insecure_test_seed(f"seal {vector.host}")
    key.write_text(json.dumps({"kind": "tongxing-key", "suite": "seal", "seed_hex": seed.hex()}))
    key.chmod(0o600)
    arguments = ["verify", "-", "--bundle", str(bundle), "--root", public_text(ROOT.public), "--host", vector.host]
    arguments += ["--sealing-key", str(key), "--at", vector.at.isoformat(), "--place", vector.place_kind]
    arguments += [*told.options(), "--view", "auditor", "--json"]
    ran = CliRunner().invoke(app, arguments, input=vector.qr_text)
    return comparable(json.loads(ran.stdout)), ran.exit_code


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


@pytest.mark.parametrize(("vector", "told"), told_besides)
def test_what_the_guard_says_besides_counts_the_same_in_every_door(
    vector: Vector, told: Told, tmp_path: Path, gateways: Callable[[Vector], RunningGateway]
) -> None:
    """Direction, temperature, groups and papers through library, offline verifier, command line and API."""
    by_library = told_by_library(vector, told)
    verifier = OfflineVerifier.from_bundle(
        vector.bundle, host=vector.host, roots=[ROOT.public], sealing_pair=vector.pair
    )
    verdict = verifier.verify(
        vector.qr_text,
        vector.place_kind,
        at=vector.at,
        direction=told.direction,
        temperature=told.temperature,
        entered=told.entered,
    )
    assert comparable(msgspec.to_builtins(auditor_view(verdict, "ref", verifier.knowledge))) == by_library
    by_command, exit_code = told_by_command_line(vector, tmp_path, told)
    assert by_command == by_library
    assert exit_code == EXIT_OF_OUTCOME[verdict.outcome]
    gateway = gateways(vector)
    guard = gateway.verify(vector.qr_text, vector.place_kind, **told.members())
    assert guard["outcome"] == verdict.outcome
    assert comparable(gateway.trail(guard["ref"])) == by_library


def test_the_readings_that_are_compared_make_a_difference() -> None:
    """Else the comparison above would say nothing of them."""
    outcomes = {
        (vector.name, told_by_library(vector, told)["outcome"]) for vector in load_vectors() for told in SOMETHING_TOLD
    }
    assert {("valid-eddsa", "PASS"), ("valid-eddsa", "REFER")} <= outcomes
    assert {vector.name for vector in load_vectors()} >= set(TOLD_WITH)
