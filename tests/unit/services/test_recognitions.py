"""Way 1: what other regions say of a visitor, and what is said when it cannot be known."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.services.two_regions import OTHER, PERSON, TwoRegions, two_regions
from tests.world import AT, GUANGXI, HUBEI, origin, report_of
from tongxing.core.causes import Cause
from tongxing.core.errors import Refused
from tongxing.core.levels import Level, Standing
from tongxing.core.limits import LOOKS_PER_BACK_END_PER_MINUTE, LOOKS_PER_SUBJECT_PER_DAY
from tongxing.core.looks import Ground, Look, Purpose
from tongxing.core.problems import ProblemId
from tongxing.core.words import FEDERATION, RegionId
from tongxing.services.looks import Looker, ground_of
from tongxing.services.ports import SubjectReport
from tongxing.services.recognitions import Recognition
from tongxing.services.way_ports import Allowance, LimitResult, LimitStore

pytestmark = pytest.mark.anyio

LOOKER = Looker("back end", "back end")
BEIJING = RegionId("11")


@pytest.fixture
async def both(tmp_path: Path, anyio_backend: str) -> AsyncIterator[TwoRegions]:
    assert anyio_backend == "asyncio"
    async with two_regions(tmp_path) as opened:
        yield opened


async def recognise(both: TwoRegions) -> Recognition:
    return await both.guangxi.ways.recognitions.recognise(PERSON, Purpose.OWN_CODE, Ground.CONSENT, LOOKER)


async def reported(both: TwoRegions, issuer: RegionId, *causes: Cause, **changes: object) -> None:
    report = report_of(*causes, **{"issuer": issuer, **changes})  # type: ignore[arg-type]
    await both.report(SubjectReport(both.keys_of()[0], report, origin()))


async def test_a_visitor_is_recognised_by_the_report_of_their_region(both: TwoRegions) -> None:
    await reported(both, HUBEI)
    told = (await recognise(both)).recognised
    assert (told.level, told.standing, told.issuer, told.as_of) == (Level.LOW, Standing.CURRENT, HUBEI, AT)
    assert "湖北省" in told.sentence.zh
    assert "Hubei" in told.sentence.en


async def test_by_the_back_ends_own_id_the_gateway_knows_later_whom_the_code_is_about(both: TwoRegions) -> None:
    """So that others are consulted when the code that shows this is scanned."""
    persons = both.guangxi.persons
    await recognise(both)
    assert await persons.find_keys("visitor-1") is None
    desk = both.guangxi.ways.recognitions
    await desk.recognise(PERSON, Purpose.OWN_CODE, Ground.CONSENT, LOOKER, "visitor-1")
    assert await persons.find_keys("visitor-1") == both.keys_of()


async def test_of_two_regions_that_disagree_the_worse_counts_and_is_named(both: TwoRegions) -> None:
    await reported(both, HUBEI)
    await reported(both, BEIJING, Cause.CLOSE_CONTACT)
    told = (await recognise(both)).recognised
    assert (told.level, told.issuer) == (Level.HIGH, BEIJING)


async def test_a_worse_report_that_ran_out_does_not_vanish_behind_a_low_one(both: TwoRegions) -> None:
    await reported(both, HUBEI)
    await reported(both, BEIJING, Cause.CLOSE_CONTACT, valid_until=AT - timedelta(hours=1))
    told = (await recognise(both)).recognised
    assert (told.level, told.standing, told.issuer) == (None, Standing.EXPIRED, None)


async def test_what_only_relays_another_is_no_opinion(both: TwoRegions) -> None:
    await reported(both, BEIJING, derived_from=HUBEI)
    told = (await recognise(both)).recognised
    assert (told.level, told.standing) == (None, Standing.NO_RECORD)


async def test_nobody_ever_reported_is_no_record_and_no_level(both: TwoRegions) -> None:
    told = (await recognise(both)).recognised
    assert (told.level, told.standing, told.issuer) == (None, Standing.NO_RECORD, None)


async def test_the_federations_assessor_is_a_reporter_like_any_other(both: TwoRegions) -> None:
    await both.hub.reports.reports.put_reports(
        [SubjectReport(both.keys_of()[0], report_of(Cause.FROM_HIGH_RISK_AREA, issuer=FEDERATION))]
    )
    told = (await recognise(both)).recognised
    assert (told.level, told.issuer) == (Level.HIGH, FEDERATION)


async def test_while_the_hub_is_away_what_is_held_here_counts_and_others_were_not_consulted(both: TwoRegions) -> None:
    await reported(both, GUANGXI)
    assert (await recognise(both)).others_consulted
    both.hub.is_away = True
    alone = await recognise(both)
    assert (alone.recognised.issuer, alone.others_consulted) == (GUANGXI, False)


async def test_while_the_hub_is_away_a_stranger_is_not_told_to_have_no_record(both: TwoRegions) -> None:
    await recognise(both)
    both.hub.is_away = True
    with pytest.raises(Refused) as refused:
        await recognise(both)
    assert refused.value.problem is ProblemId.UPSTREAM_AWAY


async def test_each_look_is_recorded_before_it_is_answered_and_seen_by_the_person_only(both: TwoRegions) -> None:
    await recognise(both)
    both.hub.is_away = True
    with pytest.raises(Refused):
        await recognise(both)
    looks = (await both.guangxi.ways.looks.looks_at(both.keys_of())).looks
    assert [(look.purpose, look.looker, look.ground) for look in looks] == [
        (Purpose.OWN_CODE, "back end", Ground.CONSENT)
    ] * 2
    assert (await both.guangxi.ways.looks.looks_at(both.keys_of(OTHER))).looks == ()


async def test_a_person_sees_at_home_who_has_looked_elsewhere(both: TwoRegions) -> None:
    await recognise(both)
    told = await both.hubei.ways.looks.looks_at(both.keys_of())
    assert ([look.region for look in told.looks], told.is_whole) == ([GUANGXI], True)
    here = await both.guangxi.ways.looks.looks_at(both.keys_of())
    assert len(here.looks) == 1
    both.hub.is_away = True
    told = await both.hubei.ways.looks.looks_at(both.keys_of())
    assert (told.looks, told.is_whole) == ((), False)


async def test_other_regions_reports_are_used_only_once_the_hub_holds_the_look(both: TwoRegions) -> None:
    """The look is refused at the hub while its reports could be read: then nothing of theirs is told."""
    await reported(both, HUBEI)
    await reported(both, GUANGXI)

    async def refuse(look: Look, *, timeout_seconds: float) -> None:
        raise Refused(ProblemId.UPSTREAM_AWAY, f"{look} {timeout_seconds}")

    both.hub.share = refuse  # type: ignore[method-assign]
    alone = await recognise(both)
    assert (alone.recognised.issuer, alone.others_consulted) == (GUANGXI, False)


def test_without_consent_or_presence_there_is_no_ground() -> None:
    assert ground_of(consent=True, presence=False) is Ground.CONSENT
    assert ground_of(consent=False, presence=True) is Ground.PRESENCE
    with pytest.raises(Refused) as refused:
        ground_of(consent=False, presence=False)
    assert refused.value.problem is ProblemId.CONSENT_NEEDED


class Scarce:
    """The limits of a store, with one of them cut down to three uses."""

    def __init__(self, inner: LimitStore, at_most: int) -> None:
        self.inner, self.at_most = inner, at_most

    async def take(self, allowance: Allowance) -> LimitResult:
        at_most = 3 if allowance.at_most == self.at_most else allowance.at_most
        return await self.inner.take(replace(allowance, at_most=at_most))

    async def forget_expired(self, at: datetime) -> int:
        return await self.inner.forget_expired(at)


@pytest.mark.parametrize("limit", [LOOKS_PER_BACK_END_PER_MINUTE, LOOKS_PER_SUBJECT_PER_DAY])
async def test_a_back_end_that_asks_too_often_is_limited_and_nothing_more_is_looked_up(
    both: TwoRegions, limit: int
) -> None:
    ways = both.guangxi.ways
    looks = replace(ways.looks, limits=Scarce(ways.looks.limits, limit))
    desks = replace(ways.recognitions, looks=looks), replace(ways.conversions, looks=looks)
    for _ in range(3):
        await desks[0].recognise(PERSON, Purpose.OWN_CODE, Ground.CONSENT, LOOKER)
    for asking in (
        lambda: desks[0].recognise(PERSON, Purpose.OWN_CODE, Ground.CONSENT, LOOKER),
        lambda: desks[1].convert_asked(PERSON, Ground.CONSENT, LOOKER),
    ):
        with pytest.raises(Refused) as refused:
            await asking()
        assert refused.value.problem is ProblemId.LIMITED
    assert len((await looks.looks_at(both.keys_of())).looks) == 3
    both.clock.move(timedelta(minutes=1) if limit == LOOKS_PER_BACK_END_PER_MINUTE else timedelta(days=1))
    await desks[0].recognise(PERSON, Purpose.OWN_CODE, Ground.CONSENT, LOOKER)
