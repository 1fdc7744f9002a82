"""People without a phone: verdicts by document, their limits, their looks; and printed codes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.services.two_regions import OTHER, PASSING, PERSON, TwoRegions, two_regions
from tests.world import AT, GUANGXI, HUBEI, origin, report_of
from tongxing.core.causes import Cause
from tongxing.core.checkpoints import Temperature
from tongxing.core.errors import Refused
from tongxing.core.limits import (
    DOCUMENTS_PER_DEVICE_PER_MINUTE,
    DOCUMENTS_PER_SUBJECT_PER_DAY,
    PRINTED_CODE_LIFE,
)
from tongxing.core.looks import Ground, Purpose
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.subjects import Document, DocumentType
from tongxing.core.verdicts import Note, Outcome
from tongxing.core.words import RegionId
from tongxing.services.looks import Looker
from tongxing.services.ports import SubjectReport
from tongxing.services.verification import Passing, Verified
from tongxing.wire.printed_code import HEAD

pytestmark = pytest.mark.anyio

LOOKER = Looker("back end", "back end")
BEIJING = RegionId("11")


@pytest.fixture
async def both(tmp_path: Path, anyio_backend: str) -> AsyncIterator[TwoRegions]:
    assert anyio_backend == "asyncio"
    async with two_regions(tmp_path) as opened:
        yield opened


async def reported(both: TwoRegions, issuer: RegionId, *causes: Cause, **changes: object) -> None:
    report = report_of(*causes, **{"issuer": issuer, **changes})  # type: ignore[arg-type]
    await both.report(SubjectReport(both.keys_of()[0], report, origin()))


async def typed(both: TwoRegions, document: Document = PERSON, passing: Passing = PASSING) -> Verified:
    return await both.guangxi.ways.documents.verify(document, Purpose.PASSAGE_WITHOUT_PHONE, passing)


async def test_a_person_without_a_phone_passes_by_their_regions_report(both: TwoRegions) -> None:
    await reported(both, HUBEI)
    verified = await typed(both)
    assert (verified.verdict.outcome, verified.verdict.issuer) == (Outcome.PASS, HUBEI)
    assert Note.OTHER_REGIONS_NOT_CONSULTED not in verified.verdict.notes
    assert await both.guangxi.stores.passages.find(verified.ref) is not None


async def test_the_worst_current_report_decides_and_stops(both: TwoRegions) -> None:
    await reported(both, HUBEI)
    await reported(both, BEIJING, Cause.CONFIRMED_CASE)
    assert (await typed(both)).verdict.outcome is Outcome.STOP


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"valid_until": AT - timedelta(hours=1)}, ReasonId.REPORT_EXPIRED),
        ({"derived_from": BEIJING}, ReasonId.NO_RECORD),
        ({"retracted": True}, ReasonId.NO_RECORD),
    ],
)
async def test_what_cannot_be_used_is_referred_with_its_own_reason(
    both: TwoRegions, changes: dict[str, object], reason: ReasonId
) -> None:
    await reported(both, HUBEI, **changes)
    verdict = (await typed(both)).verdict
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, reason)


async def test_a_measured_fever_counts_without_a_phone_too(both: TwoRegions) -> None:
    await reported(both, HUBEI)
    passing = replace(PASSING, temperature=Temperature(378, confirmed=True))
    assert (await typed(both, passing=passing)).verdict.reason is ReasonId.FEVER_MEASURED_HERE


async def test_while_the_hub_is_away_keys_told_within_the_hour_and_own_reports_decide(both: TwoRegions) -> None:
    await reported(both, GUANGXI)
    await typed(both)
    both.hub.is_away = True
    verdict = (await typed(both)).verdict
    assert verdict.issuer == GUANGXI
    assert Note.OTHER_REGIONS_NOT_CONSULTED in verdict.notes
    both.clock.move(timedelta(hours=1))
    verdict = (await typed(both)).verdict
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.HUB_AWAY)


async def test_a_stranger_is_referred_while_the_hub_is_away_and_not_told_to_have_no_record(both: TwoRegions) -> None:
    both.hub.is_away = True
    verdict = (await typed(both)).verdict
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.HUB_AWAY)


async def test_the_look_is_recorded_with_its_site_and_purpose(both: TwoRegions) -> None:
    await typed(both)
    (look,) = (await both.guangxi.ways.looks.looks_at(both.keys_of())).looks
    assert (look.site, look.looker) == ("gate 1", PASSING.device_id)
    assert (look.purpose, look.ground) == (Purpose.PASSAGE_WITHOUT_PHONE, Ground.PRESENCE)


async def test_a_device_can_ask_so_often_a_minute_and_others_can_go_on(both: TwoRegions) -> None:
    people = [Document(DocumentType.PASSPORT, f"E98{number:06}") for number in range(30)]
    answers = await asyncio.gather(*(typed(both, person) for person in people), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(answers) - len(refused) == DOCUMENTS_PER_DEVICE_PER_MINUTE
    assert {answer.problem for answer in refused} == {ProblemId.LIMITED}
    assert (await typed(both, passing=replace(PASSING, device_id="another"))).ref
    both.clock.move(timedelta(minutes=1))
    assert (await typed(both)).ref


async def test_a_person_can_be_looked_up_so_often_a_day_whoever_asks(both: TwoRegions) -> None:
    passings = [replace(PASSING, device_id=f"device {number}") for number in range(30)]
    answers = await asyncio.gather(*(typed(both, PERSON, passing) for passing in passings), return_exceptions=True)
    taken = [answer for answer in answers if isinstance(answer, Verified)]
    assert len(taken) == DOCUMENTS_PER_SUBJECT_PER_DAY
    assert len((await both.guangxi.ways.looks.looks_at(both.keys_of())).looks) == DOCUMENTS_PER_SUBJECT_PER_DAY
    assert (await typed(both, OTHER, replace(PASSING, device_id="one more"))).ref
    both.clock.move(timedelta(hours=12))
    assert (await typed(both, PERSON, PASSING)).ref


async def test_the_record_of_a_passage_holds_nothing_of_the_document(both: TwoRegions) -> None:
    await reported(both, HUBEI)
    verified = await typed(both)
    record = await both.guangxi.stores.passages.find(verified.ref)
    assert PERSON.number not in repr(record)
    assert PERSON.number not in repr(verified)
    assert verified.guard.hint is None


async def printed(both: TwoRegions) -> str:
    made = await both.hubei.ways.printed_codes.issue(PERSON, "王五", Ground.CONSENT, LOOKER)
    assert made.expires_at == both.clock.now() + PRINTED_CODE_LIFE
    return made.qr_text


async def test_a_printed_code_names_its_issuer_and_nothing_else(both: TwoRegions) -> None:
    first, second = await printed(both), await printed(both)
    assert first.startswith(HEAD + HUBEI)
    assert first != second
    assert PERSON.number not in first


async def test_a_printed_code_says_what_its_region_says_when_it_is_scanned(both: TwoRegions) -> None:
    await reported(both, HUBEI)
    qr_text = await printed(both)
    verified = await both.hubei.scan(qr_text)
    assert verified.verdict.outcome is not Outcome.STOP
    assert verified.guard.hint == "王*"
    await reported(both, HUBEI, Cause.CONFIRMED_CASE, revision=2)
    assert (await both.hubei.scan(qr_text)).verdict.outcome is Outcome.STOP
    await reported(both, HUBEI, revision=3, retracted=True)
    assert (await both.hubei.scan(qr_text)).verdict.reason is ReasonId.NO_RECORD


async def test_a_new_printed_code_cancels_the_old_one(both: TwoRegions) -> None:
    await reported(both, HUBEI)
    old, new = await printed(both), await printed(both)
    cancelled = (await both.hubei.scan(old)).verdict
    assert (cancelled.outcome, cancelled.reason) == (Outcome.REFER, ReasonId.TICKET_UNKNOWN)
    assert (await both.hubei.scan(new)).verdict.reason is not ReasonId.TICKET_UNKNOWN


async def test_a_printed_code_ends_after_half_a_year(both: TwoRegions) -> None:
    await reported(both, HUBEI, valid_until=None)
    qr_text = await printed(both)
    told = await both.hubei.ways.printed_codes.find_told(qr_text, AT + PRINTED_CODE_LIFE - timedelta(seconds=1))
    assert told is not None
    with pytest.raises(Exception, match="ticket_expired"):
        await both.hubei.ways.printed_codes.find_told(qr_text, AT + PRINTED_CODE_LIFE)


async def test_a_printed_code_can_be_converted_like_any_other(both: TwoRegions) -> None:
    await reported(both, HUBEI)
    shown = await both.guangxi.ways.conversions.convert_shown(await printed(both))
    assert shown.derived_from == HUBEI
    assert (await both.guangxi.ways.conversions.display(shown.conversion_id)).renewed
