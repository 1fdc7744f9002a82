"""A federation over weeks: data that grow too old decide nothing, and a fresh bundle brings what is in force then."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.scenario.conftest import run_docked_federation
from tongxing.core.calendar import BEIJING
from tongxing.core.limits import BUNDLE_LIFE
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind, RegionId, Sentence
from tongxing.simulation.federation import Federation
from tongxing.simulation.people import Circumstance
from tongxing.simulation.playing import Passage, play_steps
from tongxing.simulation.scenes import FOUNDED_AT, GUANGXI, HUBEI, Expected, LocalCode, NationalCode, Shown, Step

pytestmark = pytest.mark.scenario


@pytest.fixture(scope="module")
def ageing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Give a federation of this file's own: its bundles go on, and no bundle goes back."""
    yield from run_docked_federation(tmp_path_factory.mktemp("ageing") / "state")


def scan(
    federation: Federation,
    shown: Shown,
    host: RegionId,
    outcome: Outcome,
    reason: ReasonId,
    place_kind: PlaceKind = PlaceKind.FACTORY,
) -> Passage:
    expected = Expected(outcome, reason, explained=outcome is not Outcome.REFER)
    (passage,) = play_steps(federation, [Step(Sentence("测试", "a test"), shown, place_kind, (expected,), host)])
    assert passage.departures() == ()
    return passage


def test_data_past_their_life_decide_nothing_until_the_hub_publishes_again(ageing: Federation) -> None:
    hubei_code = LocalCode(Circumstance.GREEN_LOW_RISK_COUNTY)
    too_late = FOUNDED_AT + BUNDLE_LIFE + timedelta(hours=3)
    ageing.clock.set(too_late)
    refused = scan(ageing, hubei_code, GUANGXI, Outcome.REFER, ReasonId.BUNDLE_TOO_OLD)
    assert refused.scanned.guard["data_age_seconds"] >= BUNDLE_LIFE.total_seconds()
    assert ageing.publish_again() > 1
    passed = scan(ageing, hubei_code, GUANGXI, Outcome.PASS, ReasonId.LOW_LEVEL_LOW_ORIGIN)
    assert passed.scanned.guard["data_age_seconds"] < 60
    scan(
        ageing,
        NationalCode(Circumstance.GREEN_LOW_RISK_COUNTY),
        GUANGXI,
        Outcome.PASS,
        ReasonId.LOW_LEVEL_LOW_ORIGIN,
    )


def test_an_exception_ends_with_its_last_day(ageing: Federation) -> None:
    guangxi_code = LocalCode(Circumstance.GREEN_LOW_RISK_COUNTY, GUANGXI)
    ageing.clock.set(datetime(2020, 4, 7, 12, 0, tzinfo=BEIJING))
    ageing.publish_again()
    scan(ageing, guangxi_code, HUBEI, Outcome.PASS_WITH_MEASURES, ReasonId.LOCAL_CONDITION)
    ageing.clock.set(datetime(2020, 4, 8, 0, 0, 1, tzinfo=BEIJING))
    scan(ageing, guangxi_code, HUBEI, Outcome.PASS, ReasonId.LOW_LEVEL_LOW_ORIGIN)


def test_from_march_2021_a_medium_risk_county_asks_for_nothing_more(ageing: Federation) -> None:
    medium = LocalCode(Circumstance.GREEN_MEDIUM_RISK_COUNTY)
    ageing.clock.set(datetime(2021, 3, 22, 12, 0, tzinfo=BEIJING))
    ageing.publish_again()
    ageing.enrol_callers("-2021")
    gate = PlaceKind.TRAFFIC_GATE  # where codes are still read in places at low risk
    scan(ageing, medium, GUANGXI, Outcome.PASS_WITH_MEASURES, ReasonId.ORIGIN_MEDIUM, gate)
    ageing.clock.set(datetime(2021, 3, 23, 12, 0, tzinfo=BEIJING))
    scan(ageing, medium, GUANGXI, Outcome.PASS, ReasonId.LOW_LEVEL, gate)
