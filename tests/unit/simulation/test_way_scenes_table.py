"""The table of the further scenes: it goes on where the first one ends, in time, with people who exist."""

from datetime import timedelta

from tongxing.core.limits import BUNDLE_LIFE
from tongxing.core.reasons import REASONS, Stage
from tongxing.core.verdicts import Outcome
from tongxing.simulation.founding import REGIONS
from tongxing.simulation.people import CIRCUMSTANCES
from tongxing.simulation.scenes import FOUNDED_AT, SCENES, Step
from tongxing.simulation.shown import AssessedCode, ConvertedCode, DisputedCode, VisitorsCode
from tongxing.simulation.way_scenes import ALL_SCENES, WAY_SCENES

STEPS = [step for scene in WAY_SCENES for step in scene.steps]


def test_all_scenes_are_numbered_and_in_order_of_time_within_the_life_of_one_bundle() -> None:
    assert [scene.number for scene in ALL_SCENES] == list(range(1, len(ALL_SCENES) + 1))
    assert ALL_SCENES == SCENES + WAY_SCENES
    moments = [FOUNDED_AT, *(scene.at for scene in ALL_SCENES), FOUNDED_AT + BUNDLE_LIFE]
    assert moments == sorted(set(moments))


def test_each_of_the_three_ways_and_every_region_is_in_a_scene() -> None:
    assert {VisitorsCode, ConvertedCode, AssessedCode, DisputedCode} <= {type(step.shown) for step in STEPS}
    assert {step.host for step in STEPS} | {part for step in STEPS for part in regions_of(step)} == set(REGIONS)


def regions_of(step: Step) -> set[object]:
    names = ("home", "host", "region", "other")
    return {getattr(step.shown, name) for name in names if hasattr(step.shown, name)}


def test_whoever_turns_or_is_reported_elsewhere_does_so_in_a_way_that_region_knows() -> None:
    for step in STEPS:
        shown = step.shown
        if isinstance(shown, ConvertedCode) and shown.turned is not None:
            assert shown.turned in CIRCUMSTANCES[shown.home]
        if isinstance(shown, DisputedCode):
            assert shown.says in CIRCUMSTANCES[shown.other]
        if isinstance(shown, AssessedCode) and shown.local is not None:
            assert shown.local in CIRCUMSTANCES[shown.region]


def test_a_stop_and_a_pass_come_from_a_row_and_only_a_refer_ends_in_the_manual_lane() -> None:
    for step in STEPS:
        for expected in step.expected:
            if expected.outcome is not Outcome.REFER:
                assert REASONS[expected.reason].stage is Stage.DECIDE
                assert step.manual_lane is None


def test_beijings_code_waits_past_midnight_and_no_further_than_the_bundle_lives() -> None:
    (waiting,) = (step for step in STEPS if step.waited)
    last = WAY_SCENES[-1]
    assert waiting in last.steps
    assert timedelta() < last.at + waiting.waited - FOUNDED_AT < BUNDLE_LIFE
    assert last.at.date() < (last.at + waiting.waited).date()
