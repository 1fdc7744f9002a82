"""Verdicts on the federation's own codes: the hub asks the host, for the very code that was scanned (law 6)."""

from collections.abc import Collection
from dataclasses import dataclass, field

import pytest

from tests.fakes.hub import HubInMemory
from tests.world import AT, GUANGXI, World, decide
from tongxing.core.errors import Refused, Undecidable
from tongxing.core.levels import Level
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.words import FEDERATION, RegionId
from tongxing.recognition.views import CitizenView, citizen_view
from tongxing.services.explanations import ExplanationDesk, FederationExplanations
from tongxing.services.peers import SharedVerdict, StatementRequest
from tongxing.trust.directory import DirectoryRecord

pytestmark = pytest.mark.anyio

WORLD = World(has_federation=True)
KNOWLEDGE = WORLD.knowledge()
HIGH = WORLD.national_code(Level.HIGH, issuer=FEDERATION)


@dataclass
class HostsGateway:
    """Plays Guangxi's gateway, which keeps one verdict on ``qr_text``."""

    qr_text: str = HIGH
    asked: list[RegionId] = field(default_factory=list)

    async def request_citizen_view(self, host: DirectoryRecord, ref: str, *, timeout_seconds: float) -> SharedVerdict:
        assert timeout_seconds > 0
        self.asked.append(host.region)
        verdict = decide(KNOWLEDGE, self.qr_text, at=AT, answer=lambda _: Undecidable(ReasonId.GATEWAY_AWAY))
        return SharedVerdict(citizen_view(verdict, ref, KNOWLEDGE), verdict.subject_handle)

    async def request_statement(
        self, issuer: DirectoryRecord, request: StatementRequest, *, timeout_seconds: float
    ) -> bytes:
        raise NotImplementedError


def explaining(host: HostsGateway) -> FederationExplanations:
    return FederationExplanations(directory=WORLD.directory, peers=host, code_key=WORLD.code_key(FEDERATION).public)


async def test_whoever_showed_the_code_is_told_why_and_by_whose_report() -> None:
    host = HostsGateway()
    view = await explaining(host).explain(GUANGXI, "ref", [HIGH])
    assert (view.outcome, view.issuer, view.level) == ("STOP", FEDERATION, "10")
    assert view.source is not None
    assert host.asked == [GUANGXI]


@pytest.mark.parametrize(
    "qr_text",
    [
        WORLD.national_code(Level.HIGH, issuer=FEDERATION, number=1),
        WORLD.national_code(Level.HIGH),
        WORLD.national_code(Level.HIGH, issuer=FEDERATION, key=WORLD.code_key()),
        HIGH[:-1] + ("1" if HIGH[-1] != "1" else "2"),
        "HBJKM." + "A" * 43,
        "",
    ],
    ids=["another of its codes", "a region's code", "signed by a region", "changed", "a local code", "nothing"],
)
async def test_no_other_text_opens_the_verdict(qr_text: str) -> None:
    with pytest.raises(Refused) as refused:
        await explaining(HostsGateway()).explain(GUANGXI, "ref", [qr_text])
    assert refused.value.problem is ProblemId.FORBIDDEN


async def test_a_host_that_takes_no_part_is_not_asked() -> None:
    host = HostsGateway()
    with pytest.raises(Refused) as refused:
        await explaining(host).explain(RegionId("31"), "ref", [HIGH])
    assert (refused.value.problem, host.asked) == (ProblemId.NOT_FOUND, [])


async def test_the_home_gateway_hands_a_federations_code_to_the_hub_and_keeps_its_own_to_itself() -> None:
    asked: list[tuple[RegionId, str, str]] = []

    class Hub(HubInMemory):
        async def explain(self, host: RegionId, ref: str, qr_texts: Collection[str]) -> CitizenView:
            asked.extend((host, ref, qr_text) for qr_text in qr_texts)
            return await explaining(HostsGateway()).explain(host, ref, qr_texts)

    desk = ExplanationDesk(
        region=RegionId("54"),
        reference=None,  # type: ignore[arg-type]  # of the federation's code this gateway knows nothing
        statements=None,  # type: ignore[arg-type]
        verification=None,  # type: ignore[arg-type]
        peers=HostsGateway(),
        hub=Hub(),
    )
    assert (await desk.explain(GUANGXI, "ref", HIGH)).outcome == "STOP"
    assert asked == [(GUANGXI, "ref", HIGH)]
