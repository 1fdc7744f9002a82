"""A verdict on a typed document is told to the person through a region that knows them, whatever decided it (law 6)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.services.two_regions import OTHER, PASSING, PERSON, PlayedGateway, TwoRegions, two_regions
from tests.world import AT, GUANGXI, HUBEI, World, data_file, decide, origin, report_of
from tongxing.core.causes import Cause
from tongxing.core.errors import Refused
from tongxing.core.looks import Purpose
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.subjects import Document
from tongxing.core.verdicts import Outcome
from tongxing.core.words import FEDERATION, PlaceKind, RegionId
from tongxing.recognition.by_document import decide_by_document
from tongxing.recognition.recognising import KnownReport
from tongxing.recognition.stages import Scan
from tongxing.recognition.views import CitizenView
from tongxing.services.explanations import ExplanationDesk
from tongxing.services.peers import SharedVerdict, StatementRequest
from tongxing.services.ports import SubjectReport
from tongxing.services.verification import Verified
from tongxing.trust.directory import DirectoryRecord

pytestmark = pytest.mark.anyio

ANHUI = RegionId("34")


@dataclass
class Wire:
    """To the host's gateway, in the name of ``asking``."""

    host: PlayedGateway
    asking: RegionId

    async def request_citizen_view(self, host: DirectoryRecord, ref: str, *, timeout_seconds: float) -> SharedVerdict:
        assert (host.region, timeout_seconds > 0) == (self.host.region, True)
        return await self.host.verification.shared_verdict(ref, self.asking)

    async def request_statement(
        self, issuer: DirectoryRecord, request: StatementRequest, *, timeout_seconds: float
    ) -> bytes:
        raise NotImplementedError


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[TwoRegions]:
    async with two_regions(tmp_path) as opened:
        yield opened


async def reported(both: TwoRegions, issuer: RegionId, *causes: Cause, **changes: object) -> None:
    report = report_of(*causes, **{"issuer": issuer, **changes})  # type: ignore[arg-type]
    await both.report(SubjectReport(both.keys_of()[0], report, origin()))


async def typed(both: TwoRegions) -> Verified:
    return await both.guangxi.ways.documents.verify(PERSON, Purpose.PASSAGE_WITHOUT_PHONE, PASSING)


async def told(both: TwoRegions, home: RegionId, ref: str, document: Document = PERSON) -> CitizenView:
    """Return what whoever has ``document`` is told, signed in at ``home``, of a verdict of Guangxi's."""
    gateway = both.gateways[home]
    desk = ExplanationDesk(
        region=home,
        reference=gateway.reference,
        statements=gateway.statements,
        verification=gateway.verification,
        peers=Wire(both.guangxi, home),
        hub=None,  # type: ignore[arg-type]  # no code of the federation's
    )
    return await desk.explain_own(GUANGXI, ref, (), both.keys_of(document))


async def test_a_referral_for_a_report_that_ran_out_is_told_at_home_with_its_source(both: TwoRegions) -> None:
    await reported(both, HUBEI, valid_until=AT - timedelta(hours=1))
    view = await told(both, HUBEI, (await typed(both)).ref)
    assert (view.outcome, view.reason, view.issuer) == (Outcome.REFER, ReasonId.REPORT_EXPIRED, HUBEI)
    assert view.source is not None
    assert view.source.zh == "湖北省"
    assert view.valid_until == AT - timedelta(hours=1)
    assert view.next_step.zh


@pytest.mark.parametrize(
    ("ended", "outcome"), [(timedelta(days=1), Outcome.STOP), (-timedelta(hours=1), Outcome.REFER)]
)
async def test_what_another_regions_report_decided_is_told_at_home(
    both: TwoRegions, ended: timedelta, outcome: Outcome
) -> None:
    await reported(both, HUBEI)
    await reported(both, ANHUI, Cause.CLOSE_CONTACT, valid_until=AT + ended)
    view = await told(both, HUBEI, (await typed(both)).ref)
    assert view.outcome is outcome
    assert [held.cause for held in view.causes] == [Cause.CLOSE_CONTACT]


async def test_it_is_told_to_nobody_else_and_at_no_region_that_knows_nothing_of_the_person(both: TwoRegions) -> None:
    await reported(both, HUBEI, valid_until=AT - timedelta(hours=1))
    ref = (await typed(both)).ref
    with pytest.raises(Refused) as refused:
        await told(both, HUBEI, ref, OTHER)
    assert refused.value.problem is ProblemId.FORBIDDEN
    for asking in (ANHUI, FEDERATION, None):
        with pytest.raises(Refused) as refused:
            await both.guangxi.verification.shared_verdict(ref, asking)
        assert refused.value.problem is ProblemId.FORBIDDEN


async def test_whom_nobody_knows_and_whom_the_hub_could_not_be_asked_about_is_told_where_it_was_decided(
    both: TwoRegions,
) -> None:
    ref = (await typed(both)).ref
    assert (await told(both, GUANGXI, ref)).reason == ReasonId.NO_RECORD
    with pytest.raises(Refused):
        await told(both, HUBEI, ref)
    both.hub.is_away = True
    assert (await told(both, GUANGXI, (await typed(both)).ref)).reason == ReasonId.HUB_AWAY


def test_where_the_national_code_is_adopted_the_federations_report_is_told_at_home() -> None:
    profiles = {**World().profiles, "54.toml": data_file("profiles", "54.toml")}
    knowledge = World(profiles=profiles).knowledge()
    scan = Scan("", PlaceKind.TRAFFIC_GATE, GUANGXI)
    for issuer, told_at in ((FEDERATION, ("00", "45", "54")), (HUBEI, ("42", "45"))):
        known = [KnownReport(report_of(issuer=issuer), origin())]
        verdict = decide_by_document(scan, knowledge, known, others_consulted=True, subject_handle="handle", at=AT)
        assert verdict.told_at == told_at


def test_a_verdict_on_a_code_is_told_at_its_issuer_alone() -> None:
    assert decide(World().knowledge(), World().national_code()).told_at == ()
