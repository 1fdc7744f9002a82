"""The table of the goods scenes: after all others in number and time, in an era of their own, by people who exist."""

from tongxing.core.limits import TRANSIT_PASS_LIFE_MAX
from tongxing.core.transit import is_on_route, parse_plate, parse_route
from tongxing.core.verdicts import Outcome
from tongxing.simulation.arranging import PASS_LIFE
from tongxing.simulation.freight_scenes import DEMO_SCENES, FREIGHT_SCENES
from tongxing.simulation.people import CIRCUMSTANCES
from tongxing.simulation.shown import TransitPass
from tongxing.simulation.way_scenes import ALL_SCENES

STEPS = [step for scene in FREIGHT_SCENES for step in scene.steps]


def test_they_follow_all_others_in_number_and_time() -> None:
    assert DEMO_SCENES == ALL_SCENES + FREIGHT_SCENES
    assert [scene.number for scene in DEMO_SCENES] == list(range(1, len(DEMO_SCENES) + 1))
    moments = [scene.at for scene in DEMO_SCENES]
    assert moments == sorted(set(moments))


def test_only_they_have_an_era_of_their_own() -> None:
    assert [scene.era for scene in ALL_SCENES] == [""] * len(ALL_SCENES)
    assert len({scene.era for scene in FREIGHT_SCENES} - {""}) == 1


def test_every_driver_exists_and_every_pass_can_be_made() -> None:
    assert PASS_LIFE <= TRANSIT_PASS_LIFE_MAX
    for step in STEPS:
        shown = step.shown
        assert isinstance(shown, TransitPass)
        assert shown.circumstance in CIRCUMSTANCES[shown.home]
        assert parse_plate(shown.plate)
        is_off = any(expected.reason == "transit_off_route" for expected in step.expected)
        assert is_on_route(step.host, parse_route(shown.route)) is not is_off


def test_a_driver_passes_by_a_test_is_followed_up_or_is_referred() -> None:
    outcomes = {expected.outcome for step in STEPS for expected in step.expected}
    assert outcomes == {Outcome.PASS, Outcome.PASS_WITH_MEASURES, Outcome.REFER}
