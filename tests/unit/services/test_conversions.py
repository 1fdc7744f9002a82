"""Way 2: converted codes under everything that can become of their source."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.services.two_regions import GUANGXI_QR, HUBEI_QR, OTHER, PERSON, PERSON_REF, TwoRegions, two_regions
from tests.world import AT, GUANGXI, HUBEI, origin, report_of
from tongxing.core.causes import Cause
from tongxing.core.errors import Refused, Rejected
from tongxing.core.levels import Standing
from tongxing.core.limits import CARRIED_STATEMENT_LIFE, CLOCK_SKEW, CONVERSION_LIFE
from tongxing.core.looks import Ground, Purpose
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import Outcome
from tongxing.core.words import RegionId
from tongxing.recognition.converting import accept_conversion_statement
from tongxing.regions.statuses import Colour
from tongxing.services.conversions import Displayed
from tongxing.services.looks import Looker
from tongxing.services.ports import SubjectReport
from tongxing.wire.conversion_statement import StatementKind

pytestmark = pytest.mark.anyio

LOOKER = Looker("back end", "back end")


@pytest.fixture
async def both(tmp_path: Path, anyio_backend: str) -> AsyncIterator[TwoRegions]:
    assert anyio_backend == "asyncio"
    async with two_regions(tmp_path) as opened:
        yield opened


async def hubei_reports(both: TwoRegions, *causes: Cause, revision: int = 1, **changes: Any) -> None:
    """Have Hubei report the person, and know them by the id that its back end tells."""
    report = report_of(*causes, revision=revision, **changes)
    await both.report(SubjectReport(both.keys_of()[0], report, origin()))
    await both.hubei.persons.remember([(PERSON_REF, both.keys_of())], revision)


async def test_a_shown_code_is_converted_into_the_hosts_form_and_says_from_whom(both: TwoRegions) -> None:
    await hubei_reports(both)
    shown = await both.guangxi.ways.conversions.convert_shown(HUBEI_QR)
    assert shown.qr_text is not None
    assert both.guangxi.reference.knowledge.profiles[GUANGXI].is_own_code(shown.qr_text)
    assert shown.rendered is not None
    assert shown.rendered.colour is Colour.GREEN
    assert (shown.derived_from, shown.renewed) == (HUBEI, True)


async def test_a_converted_code_ends_with_its_source_and_never_later(both: TwoRegions) -> None:
    shown = await both.guangxi.ways.conversions.convert_shown(HUBEI_QR)
    assert shown.expires_at <= AT + CONVERSION_LIFE
    await hubei_reports(both, valid_until=AT + timedelta(hours=1))
    asked = await both.guangxi.ways.conversions.convert_asked(PERSON, Ground.CONSENT, LOOKER)
    assert asked.expires_at == AT + timedelta(hours=1)
    both.clock.move(timedelta(hours=1))
    with pytest.raises(Refused) as refused:
        await both.guangxi.ways.conversions.display(asked.conversion_id)
    assert refused.value.problem is ProblemId.NOT_FOUND
    assert asked.qr_text is not None
    verified = await both.guangxi.scan(asked.qr_text)
    assert (verified.verdict.outcome, verified.verdict.reason) == (Outcome.REFER, ReasonId.TICKET_EXPIRED)


async def test_a_converted_code_passes_the_hosts_gate_as_derived_from_its_source(both: TwoRegions) -> None:
    await hubei_reports(both)
    shown = await both.guangxi.ways.conversions.convert_shown(HUBEI_QR)
    assert shown.qr_text is not None
    verdict = (await both.guangxi.scan(shown.qr_text)).verdict
    assert verdict.outcome is Outcome.PASS
    assert verdict.report is not None
    assert (verdict.report.issuer, verdict.report.derived_from) == (GUANGXI, HUBEI)


async def test_a_converted_code_turns_with_its_source_at_display_and_at_the_gate(both: TwoRegions) -> None:
    await hubei_reports(both)
    shown = await both.guangxi.ways.conversions.convert_shown(HUBEI_QR)
    await hubei_reports(both, Cause.CLOSE_CONTACT, revision=2)
    turned = await both.guangxi.ways.conversions.display(shown.conversion_id)
    assert turned.rendered is not None
    assert turned.rendered.colour is Colour.RED
    assert shown.qr_text is not None
    verdict = (await both.guangxi.scan(shown.qr_text)).verdict
    assert verdict.outcome is Outcome.STOP
    assert verdict.report is not None
    assert [held.cause for held in verdict.report.causes] == [Cause.CLOSE_CONTACT]


async def test_a_code_that_can_be_asked_again_is_asked_again_at_its_back_end(both: TwoRegions) -> None:
    shown = await both.hubei.ways.conversions.convert_shown(GUANGXI_QR)
    assert (shown.derived_from, shown.renewed) == (GUANGXI, True)
    both.guangxi.back_end.status = "red"
    turned = await both.hubei.ways.conversions.display(shown.conversion_id)
    assert turned.rendered is not None
    assert turned.rendered.colour is Colour.RED
    assert both.guangxi.back_end.asked == 2


async def test_a_one_time_code_of_somebody_who_was_never_docked_cannot_be_renewed_and_says_so(
    both: TwoRegions,
) -> None:
    shown = await both.guangxi.ways.conversions.convert_shown(HUBEI_QR)
    again = await both.guangxi.ways.conversions.display(shown.conversion_id)
    assert (again.renewed, again.qr_text, again.rendered) == (False, None, None)
    assert shown.qr_text is not None
    verdict = (await both.guangxi.scan(shown.qr_text)).verdict
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.SOURCE_AWAY)


async def test_where_the_source_is_away_nothing_is_shown_and_that_is_said(both: TwoRegions) -> None:
    await hubei_reports(both)
    shown = await both.guangxi.ways.conversions.convert_shown(HUBEI_QR)
    both.guangxi.peers.is_cut = True
    away = await both.guangxi.ways.conversions.display(shown.conversion_id)
    assert (away.renewed, away.qr_text, away.rendered) == (False, None, None)
    assert "联系不上" in away.sentence.zh
    assert shown.qr_text is not None
    verdict = (await both.guangxi.scan(shown.qr_text)).verdict
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.GATEWAY_AWAY)
    both.guangxi.peers.is_cut = False
    assert (await both.guangxi.ways.conversions.display(shown.conversion_id)).renewed


async def test_a_source_that_took_back_its_report_shows_no_status(both: TwoRegions) -> None:
    await hubei_reports(both)
    shown = await both.guangxi.ways.conversions.convert_shown(HUBEI_QR)
    await hubei_reports(both, revision=2, retracted=True)
    again = await both.guangxi.ways.conversions.display(shown.conversion_id)
    assert (again.renewed, again.qr_text, again.rendered) == (True, None, None)


async def test_what_is_not_current_is_not_converted(both: TwoRegions) -> None:
    both.guangxi.back_end.status = "init"
    with pytest.raises(Refused) as refused:
        await both.hubei.ways.conversions.convert_shown(GUANGXI_QR)
    assert (refused.value.problem, refused.value.detail) == (ProblemId.NOT_CONVERTED, ReasonId.REPORT_PENDING)


@pytest.mark.parametrize("qr_text", [GUANGXI_QR, "99861" + "0" * 40, "https://example.invalid/", "", "TXP1.99.A"])
async def test_what_is_no_other_regions_own_code_is_not_converted(both: TwoRegions, qr_text: str) -> None:
    with pytest.raises(Refused) as refused:
        await both.guangxi.ways.conversions.convert_shown(qr_text)
    assert refused.value.problem is ProblemId.NOT_CONVERTED


async def test_a_renewal_token_serves_the_region_that_it_was_made_for_and_nobody_else(both: TwoRegions) -> None:
    """The token is in the statement that the host gets; whoever copies it can do nothing with it."""
    desk = both.guangxi.ways.conversion_statements
    data = await desk.answer(HUBEI, bytes(16), GUANGXI_QR, None)
    knowledge = both.hubei.reference.knowledge
    token = accept_conversion_statement(data, StatementKind.ASKED, knowledge, AT).renewal_token
    assert token is not None
    assert await desk.answer(HUBEI, bytes(16), None, token)
    altered = bytes([*token[:-1], token[-1] ^ 1])
    for asking, shown in ((RegionId("11"), token), (HUBEI, altered), (HUBEI, token[:10])):
        with pytest.raises(Rejected) as refused:
            await desk.answer(asking, bytes(16), None, shown)
        assert refused.value.reason is ReasonId.TICKET_UNKNOWN
    with pytest.raises(Rejected) as refused:
        await both.hubei.ways.conversion_statements.answer(HUBEI, bytes(16), None, token)
    assert refused.value.reason is ReasonId.TICKET_UNKNOWN
    both.clock.move(CONVERSION_LIFE)
    with pytest.raises(Rejected) as refused:
        await desk.answer(HUBEI, bytes(16), None, token)
    assert refused.value.reason is ReasonId.TICKET_EXPIRED


async def carried(both: TwoRegions) -> bytes:
    """Return Hubei's statement about the person, for Guangxi."""
    made = await both.hubei.ways.conversion_statements.carry(PERSON, "王五", GUANGXI, Ground.CONSENT, LOOKER)
    return made.data


async def test_a_carried_statement_is_converted_without_asking_its_issuer(both: TwoRegions) -> None:
    await hubei_reports(both)
    data = await carried(both)
    both.guangxi.peers.is_cut = True
    shown = await both.guangxi.ways.conversions.convert_carried(data, PERSON)
    assert (shown.derived_from, shown.masked_hint, shown.renewed) == (HUBEI, "王*", True)
    assert both.guangxi.peers.asked == both.hubei.back_end.asked == 0


async def test_a_carried_statement_is_taken_one_time(both: TwoRegions) -> None:
    await hubei_reports(both)
    data = await carried(both)
    await both.guangxi.ways.conversions.convert_carried(data, PERSON)
    with pytest.raises(Refused) as refused:
        await both.guangxi.ways.conversions.convert_carried(data, PERSON)
    assert (refused.value.problem, refused.value.detail) == (ProblemId.NOT_CONVERTED, ReasonId.TICKET_USED)


async def test_a_carried_statement_is_for_one_audience_one_person_and_ten_minutes(both: TwoRegions) -> None:
    await hubei_reports(both)
    data = await carried(both)
    for desk, document, reason in (
        (both.hubei.ways.conversions, PERSON, ReasonId.STATEMENT_FOR_ANOTHER_QUERY),
        (both.guangxi.ways.conversions, OTHER, "the statement is about somebody else"),
    ):
        with pytest.raises(Refused) as refused:
            await desk.convert_carried(data, document)
        assert (refused.value.problem, refused.value.detail) == (ProblemId.NOT_CONVERTED, reason)
    both.clock.move(CARRIED_STATEMENT_LIFE + CLOCK_SKEW)
    with pytest.raises(Refused) as refused:
        await both.guangxi.ways.conversions.convert_carried(data, PERSON)
    assert refused.value.detail == ReasonId.STATEMENT_OUT_OF_TIME


async def test_any_altered_byte_of_a_carried_statement_is_refused_and_uses_nothing_up(both: TwoRegions) -> None:
    await hubei_reports(both)
    data = await carried(both)
    for place in range(0, len(data), 7):
        altered = bytes([*data[:place], data[place] ^ 1, *data[place + 1 :]])
        with pytest.raises(Refused) as refused:
            await both.guangxi.ways.conversions.convert_carried(altered, PERSON)
        assert refused.value.problem is ProblemId.NOT_CONVERTED
    await both.guangxi.ways.conversions.convert_carried(data, PERSON)


async def test_a_statement_for_a_gate_or_for_a_query_is_no_carried_one(both: TwoRegions) -> None:
    await hubei_reports(both)
    gate = await both.hubei.statements.answer(GUANGXI, bytes(16), HUBEI_QR, None)
    asked = await both.guangxi.ways.conversion_statements.answer(HUBEI, bytes(16), GUANGXI_QR, None)
    for desk, data in ((both.guangxi, gate), (both.hubei, asked)):
        with pytest.raises(Refused) as refused:
            await desk.ways.conversions.convert_carried(data, PERSON)
        assert refused.value.detail == ReasonId.SOURCE_UNREADABLE


async def test_a_carried_conversion_turns_by_what_the_hub_knows_later(both: TwoRegions) -> None:
    await hubei_reports(both)
    shown = await both.guangxi.ways.conversions.convert_carried(await carried(both), PERSON)
    await hubei_reports(both, Cause.CONFIRMED_CASE, revision=2)
    turned = await both.guangxi.ways.conversions.display(shown.conversion_id)
    assert turned.rendered is not None
    assert turned.rendered.colour is Colour.RED
    both.hub.is_away = True
    assert not (await both.guangxi.ways.conversions.display(shown.conversion_id)).renewed


async def test_an_older_report_at_the_hub_does_not_outweigh_the_carried_one(both: TwoRegions) -> None:
    await hubei_reports(both)
    await both.hubei.stores.reports.put_reports(
        [SubjectReport(both.keys_of()[0], report_of(Cause.CLOSE_CONTACT, revision=5), origin())]
    )
    shown = await both.guangxi.ways.conversions.convert_carried(await carried(both), PERSON)
    again = await both.guangxi.ways.conversions.display(shown.conversion_id)
    assert again.rendered is not None
    assert again.rendered.colour is Colour.RED


async def test_of_many_hands_one_takes_a_carried_statement(both: TwoRegions) -> None:
    await hubei_reports(both)
    data = await carried(both)
    results = await asyncio.gather(
        *(both.guangxi.ways.conversions.convert_carried(data, PERSON) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(result, Displayed) for result in results) == 1


async def test_a_conversion_by_document_is_recorded_as_a_look_that_the_person_can_see(both: TwoRegions) -> None:
    await hubei_reports(both)
    await both.guangxi.ways.conversions.convert_asked(PERSON, Ground.CONSENT, LOOKER)
    looks = (await both.guangxi.ways.looks.looks_at(both.keys_of())).looks
    assert [(look.purpose, look.ground, look.region) for look in looks] == [
        (Purpose.CONVERSION, Ground.CONSENT, GUANGXI)
    ]
    assert (await both.guangxi.ways.looks.looks_at(both.keys_of(OTHER))).looks == ()


async def test_a_conversion_never_enters_a_store_of_reports(both: TwoRegions) -> None:
    await hubei_reports(both)
    for shown in (
        await both.guangxi.ways.conversions.convert_shown(HUBEI_QR),
        await both.guangxi.ways.conversions.convert_asked(PERSON, Ground.CONSENT, LOOKER),
    ):
        assert shown.qr_text is not None
        await both.guangxi.scan(shown.qr_text)
    for key in both.keys_of():
        assert await both.guangxi.stores.reports.reports_of(key) == ()
        assert [row.report.issuer for row in await both.hub.reports.reports_of(both.keys_of())] == [HUBEI]


async def test_a_converted_code_is_no_report_of_its_own_beside_its_source(both: TwoRegions) -> None:
    """Converted once more, it is still derived from the first source."""
    await hubei_reports(both)
    shown = await both.guangxi.ways.conversions.convert_shown(HUBEI_QR)
    assert shown.qr_text is not None
    told = await both.guangxi.statements.tell(shown.qr_text, bytes(16), AT)
    assert (told.report.issuer, told.report.derived_from) == (GUANGXI, HUBEI)
    assert told.report.valid_until is not None
    assert told.report.valid_until <= shown.expires_at


async def test_what_is_kept_of_a_conversion_names_neither_person_nor_status(both: TwoRegions) -> None:
    await hubei_reports(both, Cause.CLOSE_CONTACT)
    shown = await both.guangxi.ways.conversions.convert_asked(PERSON, Ground.CONSENT, LOOKER)
    kept = await both.guangxi.stores.conversions.find(shown.conversion_id)
    assert kept is not None
    assert shown.qr_text is not None
    for word in (b"close_contact", shown.qr_text.encode(), both.keys_of()[0]):
        assert word not in kept.sealed


async def test_a_standing_is_shown_as_it_is(both: TwoRegions) -> None:
    await hubei_reports(both)
    shown = await both.guangxi.ways.conversions.convert_shown(HUBEI_QR)
    await hubei_reports(both, revision=2, valid_until=AT + timedelta(minutes=1))
    both.clock.move(timedelta(minutes=2))
    again = await both.guangxi.ways.conversions.display(shown.conversion_id)
    assert again.renewed
    assert again.rendered is not None
    assert again.rendered.standing is Standing.EXPIRED
    assert again.rendered.label is None or again.rendered.colour is not Colour.GREEN
