"""Way 2 beside other regions: a converted code holds what a third region says, or says that none was asked."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.services.two_regions import GUANGXI_QR, HUBEI_QR, PERSON, PERSON_REF, TwoRegions, two_regions
from tests.world import AT, GUANGXI, HUBEI, World, origin, report_of
from tongxing.core.causes import Cause
from tongxing.core.errors import Refused
from tongxing.core.looks import Ground
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import Note, Outcome
from tongxing.core.words import RegionId
from tongxing.regions.statuses import Colour
from tongxing.services.conversions import Displayed
from tongxing.services.looks import Looker
from tongxing.services.ports import SubjectReport
from tongxing.services.verification import Verified
from tongxing.wire.statement import parse_statement

pytestmark = pytest.mark.anyio

ANHUI = RegionId("34")
LOOKER = Looker("back end", "back end")
NOT_ASKED = "未查询其他地区"


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[TwoRegions]:
    """Hubei's back end names the person by an id, Guangxi's names nobody; the hub can be sealed to."""
    async with two_regions(tmp_path, world=World(has_federation=True)) as opened:
        await reported(opened, HUBEI)
        await opened.hubei.persons.remember([(PERSON_REF, opened.keys_of())], 1)
        yield opened


async def reported(both: TwoRegions, issuer: RegionId, *causes: Cause, **changes: object) -> None:
    report = report_of(*causes, **{"issuer": issuer, **changes})  # type: ignore[arg-type]
    await both.report(SubjectReport(both.keys_of()[0], report, origin()))


async def converted(both: TwoRegions, qr_text: str = HUBEI_QR) -> Displayed:
    return await both.guangxi.ways.conversions.convert_shown(qr_text)


async def again(both: TwoRegions, shown: Displayed) -> tuple[Displayed, Verified]:
    """Return the next display and the next scan of a code that Guangxi has converted."""
    assert shown.qr_text is not None
    return (
        await both.guangxi.ways.conversions.display(shown.conversion_id),
        await both.guangxi.scan(shown.qr_text),
    )


def colour_of(shown: Displayed) -> Colour | None:
    return None if shown.rendered is None else shown.rendered.colour


async def test_a_third_regions_red_is_in_the_code_from_the_first(both: TwoRegions) -> None:
    await reported(both, ANHUI, Cause.CLOSE_CONTACT)
    shown = await converted(both)
    assert (colour_of(shown), shown.derived_from, shown.others_consulted) == (Colour.RED, ANHUI, True)


async def test_a_third_regions_red_turns_a_converted_code_at_display_and_at_the_gate(both: TwoRegions) -> None:
    shown = await converted(both)
    assert (colour_of(shown), shown.others_consulted) == (Colour.GREEN, True)
    assert NOT_ASKED not in shown.sentence.zh
    await reported(both, ANHUI, Cause.CLOSE_CONTACT)
    turned, scanned = await again(both, shown)
    assert (colour_of(turned), turned.derived_from, turned.others_consulted) == (Colour.RED, ANHUI, True)
    assert (scanned.verdict.outcome, scanned.verdict.notes) == (Outcome.STOP, ())
    assert scanned.verdict.report is not None
    assert scanned.verdict.report.issuer == ANHUI


async def test_what_the_host_itself_reports_counts_beside_the_source(both: TwoRegions) -> None:
    shown = await converted(both)
    await reported(both, GUANGXI, Cause.CONFIRMED_CASE)
    turned, scanned = await again(both, shown)
    assert (colour_of(turned), scanned.verdict.outcome) == (Colour.RED, Outcome.STOP)


async def test_a_third_regions_red_that_ran_out_does_not_vanish_behind_the_sources_green(both: TwoRegions) -> None:
    shown = await converted(both)
    await reported(both, ANHUI, Cause.CLOSE_CONTACT, valid_until=AT - timedelta(hours=1))
    turned, scanned = await again(both, shown)
    assert (turned.qr_text, turned.rendered, turned.renewed) == (None, None, True)
    verdict = scanned.verdict
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.EARLIER_REPORT_UNRESOLVED)
    with pytest.raises(Refused) as refused:
        await converted(both, HUBEI_QR[:-1] + "y")
    assert (refused.value.problem, refused.value.detail) == (ProblemId.NOT_CONVERTED, verdict.reason)


async def test_without_a_handle_to_the_subject_the_code_says_that_others_were_not_consulted(both: TwoRegions) -> None:
    await reported(both, ANHUI, Cause.CLOSE_CONTACT)
    shown = await both.hubei.ways.conversions.convert_shown(GUANGXI_QR)
    assert (colour_of(shown), shown.others_consulted) == (Colour.GREEN, False)
    assert NOT_ASKED in shown.sentence.zh
    assert shown.qr_text is not None
    assert Note.OTHER_REGIONS_NOT_CONSULTED in (await both.hubei.scan(shown.qr_text)).verdict.notes


async def test_while_the_hub_is_away_the_source_is_shown_alone_and_that_is_said(both: TwoRegions) -> None:
    shown = await converted(both)
    await reported(both, ANHUI, Cause.CLOSE_CONTACT)
    both.hub.is_away = True
    alone, scanned = await again(both, shown)
    assert (colour_of(alone), alone.others_consulted) == (Colour.GREEN, False)
    assert NOT_ASKED in alone.sentence.zh
    assert Note.OTHER_REGIONS_NOT_CONSULTED in scanned.verdict.notes


async def test_what_a_source_sealed_for_the_host_is_handed_to_no_other_region(both: TwoRegions) -> None:
    shown = await converted(both)
    assert shown.qr_text is not None
    for audience, is_handed_on in ((GUANGXI, True), (HUBEI, False)):
        data = await both.guangxi.statements.answer(audience, bytes(16), shown.qr_text, None)
        statement = parse_statement(data).statement_after(lambda *_: None)
        assert (statement.consultation is not None) is is_handed_on
        assert (statement.sealed_by is not None) is is_handed_on


async def test_a_carried_statement_is_converted_beside_what_the_hub_knows_or_alone_and_says_so(
    both: TwoRegions,
) -> None:
    desk = both.hubei.ways.conversion_statements
    first, second = [(await desk.carry(PERSON, "王五", GUANGXI, Ground.CONSENT, LOOKER)).data for _ in range(2)]
    await reported(both, ANHUI, Cause.CLOSE_CONTACT)
    shown = await both.guangxi.ways.conversions.convert_carried(first, PERSON)
    assert (colour_of(shown), shown.others_consulted) == (Colour.RED, True)
    both.hub.is_away = True
    alone = await both.guangxi.ways.conversions.convert_carried(second, PERSON)
    assert (colour_of(alone), alone.others_consulted) == (Colour.GREEN, False)
