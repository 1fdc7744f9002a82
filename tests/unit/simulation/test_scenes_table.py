"""The table of scenes: whole, in time, and possible with the people and the list that the demo brings."""

from datetime import timedelta
from importlib import resources

from tongxing.app.packaged import load_gazetteer
from tongxing.core.limits import BUNDLE_LIFE, NATIONAL_CODE_LIFE
from tongxing.core.reasons import REASONS, Stage
from tongxing.core.reports import Origin, OriginBasis, OriginRisk, Precision
from tongxing.core.verdicts import Outcome
from tongxing.risk.risk_map import parse_risk_section
from tongxing.services.risk_import import import_risk_list
from tongxing.simulation.people import CIRCUMSTANCES, LOW_RISK_COUNTIES, MEDIUM_RISK_COUNTIES
from tongxing.simulation.scenes import FOUNDED_AT, SCENES, LocalCode, NationalCode, RepaintedPicture


def test_there_are_nine_scenes_in_order_of_time_within_the_life_of_one_bundle() -> None:
    assert [scene.number for scene in SCENES] == list(range(1, 10))
    moments = [FOUNDED_AT, *(scene.at for scene in SCENES), FOUNDED_AT + BUNDLE_LIFE]
    assert moments == sorted(set(moments))


def test_everybody_shown_exists() -> None:
    for scene in SCENES:
        for step in scene.steps:
            if isinstance(step.shown, LocalCode | NationalCode | RepaintedPicture):
                assert step.shown.circumstance in CIRCUMSTANCES[step.shown.region]


def test_what_waits_waits_past_the_life_of_what_is_shown() -> None:
    waited = {step.waited for scene in SCENES for step in scene.steps if step.waited}
    assert min(waited) > NATIONAL_CODE_LIFE + timedelta(seconds=30)


def test_refusals_come_before_the_table_and_verdicts_from_it() -> None:
    for scene in SCENES:
        for step in scene.steps:
            for expected in step.expected:
                is_row = REASONS[expected.reason].stage is Stage.DECIDE
                assert is_row is (expected.outcome is not Outcome.REFER)


def test_the_first_scene_goes_through_all_kinds_of_place() -> None:
    assert len({step.place for step in SCENES[0].steps}) == 4
    assert all(isinstance(step.shown, LocalCode) for step in SCENES[0].steps)


def test_the_demos_risk_list_has_its_people_where_they_say() -> None:
    data = resources.files("tongxing.simulation").joinpath("small_risk_list.json").read_bytes()
    risk = parse_risk_section(import_risk_list(data, load_gazetteer(), at=FOUNDED_AT).section)

    def risk_of(county: str) -> OriginRisk:
        return risk.risk_of(Origin(county, Precision.EXACT, OriginBasis.DECLARED_STAY))

    for counties in LOW_RISK_COUNTIES.values():
        assert {risk_of(county) for county in counties} == {OriginRisk.LOW}
    for counties in MEDIUM_RISK_COUNTIES.values():
        assert {risk_of(county) for county in counties} == {OriginRisk.MEDIUM}
