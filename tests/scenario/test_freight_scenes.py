"""Goods in April 2022 over real HTTP: the scenes of the demo, and a driver who turns on the way.

A federation of its own: what is renewed for 2022 cannot be taken back for the spring of 2020.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tongxing.core.calendar import BEIJING
from tongxing.core.words import PlaceKind
from tongxing.simulation.arranging import in_gateways_name, keys_of, make_transit_pass, newcomer, show, turn
from tongxing.simulation.callers import Scanned
from tongxing.simulation.federation import PEOPLE_A_REGION_MIN, Federation, run_federation
from tongxing.simulation.founding import gateway_name
from tongxing.simulation.freight_scenes import ERA, FREIGHT_SCENES
from tongxing.simulation.people import MEDIUM_RISK_COUNTIES, Circumstance
from tongxing.simulation.playing import play_scene
from tongxing.simulation.scenes import ANHUI, GUANGXI, HUBEI, Scene
from tongxing.simulation.shown import TransitPass
from tongxing.simulation.state import claim_state

pytestmark = pytest.mark.scenario

LATER = datetime(2022, 4, 20, 18, 0, tzinfo=BEIJING)


@pytest.fixture(scope="module")
def freight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Give Hubei, Guangxi and Anhui with their hub, founded in 2020."""
    path = tmp_path_factory.mktemp("freight") / "state"
    regions = (ANHUI, HUBEI, GUANGXI)
    with claim_state(path) as state, run_federation(state, people=0, first_port=0, regions=regions) as federation:
        for region in regions:
            assert list(federation.dock(region, PEOPLE_A_REGION_MIN))
        yield federation


def scan(federation: Federation, qr_text: str) -> Scanned:
    device = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    return device.scan(qr_text)


@pytest.mark.parametrize("scene", FREIGHT_SCENES, ids=lambda scene: f"scene_{scene.number}")
def test_each_scene_of_goods_goes_as_its_table_says(freight: Federation, scene: Scene) -> None:
    passages = list(play_scene(freight, scene))
    assert [(passage.step.says.en, passage.departures()) for passage in passages if passage.departures()] == []
    assert len(passages) == len(scene.steps)
    for passage in passages:
        vehicle = passage.scanned.guard["vehicle"]
        assert isinstance(passage.step.shown, TransitPass)
        assert vehicle["plate"] == passage.step.shown.plate
        assert [words["en"] for words in vehicle["route"]] == ["Hubei", "Hunan", "Guangxi 450100"]


def test_a_driver_who_turns_on_the_way_is_stopped_and_the_pass_does_not_come_back(freight: Federation) -> None:
    freight.clock.set(LATER)
    freight.begin_era(ERA)
    person = newcomer(freight, HUBEI, Circumstance.GREEN_LOW_RISK_COUNTY)
    shown = TransitPass(Circumstance.GREEN_LOW_RISK_COUNTY, HUBEI, "鄂A12345", ("42", "45"))
    qr_text = make_transit_pass(freight, person, shown)["qr_text"]
    assert scan(freight, qr_text).guard["outcome"] == "PASS"
    turn(freight, person, Circumstance.YELLOW_CLOSE_CONTACT)
    assert scan(freight, qr_text).guard["outcome"] == "STOP"
    turn(freight, person, Circumstance.GREEN_LOW_RISK_COUNTY)
    after = scan(freight, qr_text).guard
    assert (after["outcome"], after["reason"]) == ("REFER", "transit_withdrawn")
    assert scan(freight, make_transit_pass(freight, person, shown)["qr_text"]).guard["outcome"] == "PASS"


def test_no_log_and_no_store_holds_a_plate_a_route_or_a_pass(freight: Federation) -> None:
    """Both gateways have made, read and recorded passes by now, and their views are sealed."""
    list(play_scene(freight, FREIGHT_SCENES[0]))
    person = newcomer(freight, HUBEI, Circumstance.GREEN_LOW_RISK_COUNTY)
    shown = TransitPass(Circumstance.GREEN_LOW_RISK_COUNTY, HUBEI, "鄂A12345", ("42", "45"))
    qr_text = make_transit_pass(freight, person, shown)["qr_text"]
    assert scan(freight, qr_text).guard["outcome"] == "PASS"
    state = freight.grounds.state
    files = [*state.node("logs").glob("*.log"), *state.node(gateway_name(HUBEI)).parent.glob("*/node.sqlite*")]
    assert len(files) >= 8
    traces = ("鄂A12345", "粤B12345", qr_text[:30], qr_text[-30:])
    for path in files:
        data = path.read_bytes()
        assert not [trace for trace in traces if trace.encode() in data], path.name


def test_a_short_stop_on_the_way_counts_for_a_traveller_and_not_for_a_driver_of_goods(freight: Federation) -> None:
    """Three hours in a medium-risk county: the federation's assessor is told by the pass that goods are driven."""
    freight.clock.set(LATER)
    freight.begin_era(ERA)
    person = newcomer(freight, HUBEI, Circumstance.GREEN_LOW_RISK_COUNTY)
    now = freight.clock.now()
    spans = [("420302", -480, -48), (MEDIUM_RISK_COUNTIES["42"][0], -48, -45), ("420302", -45, -1)]
    stays = [
        {"division": division, "since": (now + hours(begin)).isoformat(), "until": (now + hours(end)).isoformat()}
        for division, begin, end in spans
    ]
    with in_gateways_name(freight, HUBEI) as gateway:
        keys = keys_of(gateway, person)
        gateway.post("/v1/declarations", {"subject_keys": keys, "ref": keys[0][:32], "stays": stays})
    assert scan(freight, show(freight, person)).guard["outcome"] != "PASS"
    shown = TransitPass(Circumstance.GREEN_LOW_RISK_COUNTY, HUBEI, "鄂A12345", ("42", "45"))
    assert scan(freight, make_transit_pass(freight, person, shown)["qr_text"]).guard["outcome"] == "PASS"


def hours(count: int) -> timedelta:
    return timedelta(hours=count)
