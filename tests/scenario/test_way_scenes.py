"""The scenes of the three ways over real HTTP, and what holds around them that no single scan shows."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tongxing.core.calendar import BEIJING
from tongxing.core.causes import CAUSES
from tongxing.core.next_steps import MANUAL_LANE
from tongxing.core.reasons import REASONS
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind, RegionId
from tongxing.simulation.arranging import (
    as_seen_by,
    carry,
    convert,
    dock,
    document_of,
    newcomer,
    open_visitors_code,
    print_reference,
    show,
    turn,
)
from tongxing.simulation.callers import ProblemAnswered, Scanned
from tongxing.simulation.federation import Federation
from tongxing.simulation.founding import gateway_name
from tongxing.simulation.people import CIRCUMSTANCES, Circumstance, Person
from tongxing.simulation.playing import Passage, play_scene
from tongxing.simulation.scenes import ANHUI, BEIJING_CITY, GUANGXI, HUBEI, Fault, Scene
from tongxing.simulation.shown import Asked
from tongxing.simulation.way_scenes import WAY_SCENES

pytestmark = pytest.mark.scenario

GREEN = Circumstance.GREEN_LOW_RISK_COUNTY
CONTACT = Circumstance.YELLOW_CLOSE_CONTACT
DAY = datetime(2020, 3, 30, 15, 0, tzinfo=BEIJING)


def play(federation: Federation, number: int) -> list[Passage]:
    (scene,) = (scene for scene in WAY_SCENES if scene.number == number)
    passages = list(play_scene(federation, scene))
    assert [(passage.step.says.en, passage.departures()) for passage in passages if passage.departures()] == []
    return passages


def scan(federation: Federation, qr_text: str, host: RegionId = GUANGXI) -> Scanned:
    device = federation.device(host, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    return device.scan(qr_text)


def trail_of(federation: Federation, scanned: Scanned, host: RegionId = GUANGXI) -> dict[str, object]:
    trail: dict[str, object] = federation.operators[host].get(f"/v1/verdicts/{scanned.ref}/trail")
    return trail


def explain(federation: Federation, home: RegionId, host: RegionId, scanned: Scanned, qr_text: str) -> dict[str, Any]:
    """Return what the person is told by the region whose code it is."""
    asked = {"host": host, "ref": scanned.ref, "qr_text": qr_text}
    view: dict[str, Any] = federation.back_ends[home].post("/v1/explanations", asked)
    return view


def somebody(federation: Federation, circumstance: Circumstance = GREEN, *, at: datetime = DAY) -> Person:
    """Return a person of Hubei whom nothing has happened to yet, at a moment."""
    federation.clock.set(at)
    return newcomer(federation, HUBEI, circumstance)


@pytest.mark.parametrize("scene", WAY_SCENES, ids=lambda scene: f"scene_{scene.number}")
def test_each_scene_goes_as_its_table_says(federation: Federation, scene: Scene) -> None:
    assert len(play(federation, scene.number)) == sum(len(step.expected) for step in scene.steps)


def test_a_scene_can_be_played_again_since_it_is_about_other_people(federation: Federation) -> None:
    for _ in range(2):
        play(federation, 13)


# Way 1


def test_a_visitor_whom_beijing_could_not_ask_about_is_unknown_and_never_green(federation: Federation) -> None:
    """The hub is away, so the gateway knows nobody: the code says that it cannot confirm."""
    person = somebody(federation)
    with federation.broken(Fault.HUB_STOPPED):
        qr_text = open_visitors_code(federation, person, BEIJING_CITY)
    scanned = scan(federation, qr_text, BEIJING_CITY)
    assert (scanned.guard["outcome"], scanned.guard["reason"]) == ("REFER", "no_record")


def test_whoever_is_recognised_in_beijings_code_sees_that_beijing_has_looked(federation: Federation) -> None:
    person = somebody(federation)
    open_visitors_code(federation, person, BEIJING_CITY)
    (look,) = federation.back_ends[BEIJING_CITY].post("/v1/looks", {"document": document_of(person)})["looks"]
    assert (look["region"], look["purpose"], look["ground"]) == (BEIJING_CITY, "own_code", "consent")
    assert datetime.fromisoformat(look["at"]) - DAY < timedelta(minutes=1)


def test_a_recognised_code_turns_when_it_is_opened_anew_after_its_source_turned(federation: Federation) -> None:
    person = somebody(federation)
    before = scan(federation, open_visitors_code(federation, person, BEIJING_CITY), BEIJING_CITY)
    turn(federation, person, Circumstance.RED_CONFIRMED)
    after = scan(federation, open_visitors_code(federation, person, BEIJING_CITY), BEIJING_CITY)
    assert (before.guard["outcome"], after.guard["outcome"]) == ("PASS_WITH_MEASURES", "STOP")


def test_a_recognised_code_names_whose_report_it_is_and_keeps_where_the_person_stayed(federation: Federation) -> None:
    """Beijing's code of a visitor is neither Beijing's word nor does it make anybody come from Beijing."""
    person = somebody(federation)
    qr_text = open_visitors_code(federation, person, BEIJING_CITY)
    scanned = scan(federation, qr_text, ANHUI)
    view = explain(federation, BEIJING_CITY, ANHUI, scanned, qr_text)
    assert (view["issuer"], view["source"]) == (BEIJING_CITY, {"zh": "湖北省", "en": "Hubei"})
    assert view["origin_division"] == person.stay


# Way 2


def test_a_converted_code_ends_no_later_than_its_source_and_says_whose_it_is(federation: Federation) -> None:
    """Hubei's green counts for three days from the morning's registration: the converted one for less."""
    person = somebody(federation)
    displayed = convert(federation, person, GUANGXI, Asked.BY_SHOWN_CODE)
    assert displayed["derived_from"] == HUBEI
    assert displayed["colour"] == "green"
    assert datetime.fromisoformat(displayed["expires_at"]) <= person.refreshed_at(DAY) + timedelta(days=3)


def test_a_converted_code_is_evaluated_anew_at_each_display(federation: Federation) -> None:
    person = somebody(federation)
    displayed = convert(federation, person, GUANGXI, Asked.BY_SHOWN_CODE)
    path = f"/v1/conversions/{displayed['conversion_id']}/display"
    assert federation.back_ends[GUANGXI].post(path)["colour"] == "green"
    turn(federation, person, Circumstance.RED_CONFIRMED)
    again = federation.back_ends[GUANGXI].post(path)
    assert (again["renewed"], again["colour"]) == (True, "red")


def test_a_converted_code_whose_source_is_away_shows_nothing_and_says_so(federation: Federation) -> None:
    displayed = convert(federation, somebody(federation), GUANGXI, Asked.BY_SHOWN_CODE)
    with federation.broken(Fault.ISSUER_STOPPED):
        again = federation.back_ends[GUANGXI].post(f"/v1/conversions/{displayed['conversion_id']}/display")
    assert (again["renewed"], again["qr_text"], again["status"]) == (False, None, None)
    assert again["sentence"]["en"]


def test_a_close_contact_yellow_in_hubei_is_red_in_guangxi(federation: Federation) -> None:
    """By the cause, not the colour."""
    person = somebody(federation, CONTACT)
    displayed = convert(federation, person, GUANGXI, Asked.BY_SHOWN_CODE)
    assert displayed["colour"] == "red"
    assert [loss["loss"] for loss in displayed["losses"]] == ["cause_not_told"]
    scanned = scan(federation, displayed["qr_text"])
    assert scanned.guard["outcome"] == "STOP"
    view = explain(federation, GUANGXI, GUANGXI, scanned, displayed["qr_text"])
    assert [cause["cause"] for cause in view["causes"]] == ["close_contact"]
    assert view["source"] == {"zh": "湖北省", "en": "Hubei"}


def test_a_carried_statement_is_converted_while_the_region_that_made_it_is_away(federation: Federation) -> None:
    """The traveller brings it: the two regions' systems exchange nothing."""
    person = somebody(federation)
    carried = carry(federation, person, GUANGXI)["statement_hex"]
    wanted = {"statement_hex": carried, "document": document_of(person), "consent": True}
    with federation.broken(Fault.ISSUER_STOPPED):
        displayed = federation.back_ends[GUANGXI].post("/v1/conversions", wanted)
        assert displayed["colour"] == "green"
    with pytest.raises(ProblemAnswered, match="not-converted"):
        federation.back_ends[GUANGXI].post("/v1/conversions", wanted)


def test_a_carried_statement_serves_neither_another_person_nor_another_region(federation: Federation) -> None:
    person, other = somebody(federation), somebody(federation)
    carried = carry(federation, person, GUANGXI)["statement_hex"]
    for host, document in ((GUANGXI, document_of(other)), (ANHUI, document_of(person))):
        wanted = {"statement_hex": carried, "document": document, "consent": True}
        with pytest.raises(ProblemAnswered, match="not-converted"):
            federation.back_ends[host].post("/v1/conversions", wanted)


def test_nothing_is_converted_without_consent(federation: Federation) -> None:
    person = somebody(federation)
    with pytest.raises(ProblemAnswered, match="403 consent-needed"):
        federation.back_ends[GUANGXI].post("/v1/conversions", {"document": document_of(person), "consent": False})


def test_a_converted_code_is_no_report_of_its_own(federation: Federation) -> None:
    """What Guangxi's code of a Hubei person shows is not known to the hub as Guangxi's word."""
    person = somebody(federation)
    displayed = convert(federation, person, GUANGXI, Asked.BY_SHOWN_CODE)
    assert scan(federation, displayed["qr_text"]).guard["outcome"] == "PASS"
    wanted = {"document": document_of(person), "consent": True}
    recognised = federation.back_ends[BEIJING_CITY].post("/v1/recognitions", wanted)
    assert (recognised["issuer"], recognised["level"]) == (HUBEI, "00")


def test_a_converted_code_is_recognised_in_a_third_region(federation: Federation) -> None:
    displayed = convert(federation, somebody(federation), GUANGXI, Asked.BY_SHOWN_CODE)
    scanned = scan(federation, displayed["qr_text"], ANHUI)
    assert scanned.guard["outcome"] == "PASS"
    assert trail_of(federation, scanned, ANHUI)["issuer"] == GUANGXI


# Combining


def test_whoever_is_stopped_by_another_regions_word_learns_whose_it_is_and_passes_once_it_is_cleared(
    federation: Federation,
) -> None:
    person = somebody(federation)
    dock(federation, ANHUI, as_seen_by(federation, ANHUI, person, Circumstance.RED_UNEXPLAINED))
    qr_text = show(federation, person)
    view = explain(federation, HUBEI, GUANGXI, scan(federation, qr_text), qr_text)
    assert (view["outcome"], view["source"], view["issuer"]) == ("STOP", {"zh": "安徽省", "en": "Anhui"}, HUBEI)
    federation.clock.advance(timedelta(seconds=1))
    dock(federation, ANHUI, as_seen_by(federation, ANHUI, person, GREEN))
    assert scan(federation, show(federation, person)).guard["outcome"] == "PASS"


def test_what_only_relays_anothers_report_is_no_second_opinion(federation: Federation) -> None:
    person = somebody(federation)
    relaying = dock_relayed(federation, person)
    assert relaying["set_aside"] == []
    scanned = scan(federation, show(federation, person))
    assert scanned.guard["outcome"] == "PASS"


def dock_relayed(federation: Federation, person: Person) -> dict[str, object]:
    """Let Anhui hand in a red that says of itself that it is another's."""
    now = int(federation.clock.now().timestamp())
    row = {
        "document": document_of(person),
        "name": person.name,
        "status": "3",
        "since_seconds": now,
        "refreshed_at_seconds": now,
        "derived_from": "00",
    }
    docked: dict[str, object] = federation.back_ends[ANHUI].post("/v1/docked-reports", {"rows": [row]})
    return docked


# People without a phone


def test_whoever_was_looked_up_by_a_guard_sees_it_afterwards(federation: Federation) -> None:
    person = somebody(federation, at=DAY + timedelta(minutes=2))
    device = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    assert device.verify_document(document_of(person)).guard["outcome"] == "PASS"
    (look,) = federation.back_ends[GUANGXI].post("/v1/looks", {"document": document_of(person)})["looks"]
    assert (look["purpose"], look["ground"]) == ("passage_without_phone", "presence")


def test_a_device_can_look_up_only_so_many_in_a_minute(federation: Federation) -> None:
    person = somebody(federation, at=DAY + timedelta(minutes=4))
    device = federation.device(GUANGXI, PlaceKind.PUBLIC_INSTITUTION)
    device.renew_session()
    for _ in range(10):
        device.verify_document(document_of(person))
    with pytest.raises(ProblemAnswered, match="429 limited"):
        device.verify_document(document_of(person))


def test_without_the_hub_a_document_is_decided_by_what_is_held_here_and_else_by_hand(federation: Federation) -> None:
    """At home the region's own record decides; in Guangxi nobody knows, which is not the same as no record."""
    person = somebody(federation, at=DAY + timedelta(minutes=6))
    document = document_of(person)
    devices = {host: federation.device(host, PlaceKind.FACTORY) for host in (HUBEI, GUANGXI)}
    for device in devices.values():
        device.renew_session()
        device.verify_document(document)
    with federation.broken(Fault.HUB_STOPPED):
        told = {host: device.verify_document(document) for host, device in devices.items()}
    assert trail_of(federation, told[HUBEI], HUBEI)["outcome"] in {Outcome.PASS, Outcome.PASS_WITH_MEASURES}
    assert "other_regions_not_consulted" in trail_of(federation, told[HUBEI], HUBEI)["notes"]  # type: ignore[operator]
    assert trail_of(federation, told[GUANGXI])["reason"] == "hub_away"


def test_a_printed_code_carries_no_status_and_turns_with_its_person(federation: Federation) -> None:
    person = somebody(federation)
    qr_text = print_reference(federation, person)
    assert scan(federation, qr_text).guard["outcome"] == "PASS"
    turn(federation, person, Circumstance.RED_CONFIRMED)
    assert scan(federation, qr_text).guard["outcome"] == "STOP"


def test_a_new_printed_code_cancels_the_old_one(federation: Federation) -> None:
    person = somebody(federation)
    old, new = (print_reference(federation, person) for _ in range(2))
    assert scan(federation, old).guard["reason"] == "ticket_unknown"
    assert scan(federation, new).guard["outcome"] == "PASS"


# Every non-green state explains itself, and no REFER is a dead end (laws 6 and 9)


@pytest.mark.parametrize(
    "circumstance",
    [each for each, state in CIRCUMSTANCES[HUBEI].items() if state.status in {"yellow", "red"} and state.told],
)
def test_every_state_that_is_not_green_explains_itself(federation: Federation, circumstance: Circumstance) -> None:
    person = somebody(federation, circumstance)
    qr_text = show(federation, person)
    view = explain(federation, HUBEI, GUANGXI, scan(federation, qr_text), qr_text)
    assert view["outcome"] != "PASS"
    assert view["source"] == {"zh": "湖北省", "en": "Hubei"}
    assert view["object_at"]["en"]
    assert view["home_status"] is not None
    for cause in view["causes"]:
        clears = CAUSES[cause["cause"]].clears
        assert cause["clears"] == {"zh": clears.zh, "en": clears.en}
        assert cause["since"] is not None
    assert view["causes"] or view["standing"] == "expired"
    assert (view["row"] is None) is (view["outcome"] == "REFER")


def test_every_refer_of_the_scenes_names_a_next_step(federation: Federation) -> None:
    referred = [
        passage
        for number in (13, 14, 16, 17)
        for passage in play(federation, number)
        if passage.outcome is Outcome.REFER
    ]
    assert len(referred) == 5
    for passage in referred:
        assert passage.scanned.guard["next_step"]["zh"] == REASONS[passage.reason].next_step.guard.zh
    assert MANUAL_LANE.guard.zh in {passage.scanned.guard["next_step"]["zh"] for passage in referred}


def test_an_ending_is_recorded_once(federation: Federation) -> None:
    federation.clock.set(DAY)
    device = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    referred = scan(federation, "nobody's code")
    path = f"/v1/verdicts/{referred.ref}/ending"
    device.post(path, {"seen": "paper_certificate", "outcome": "passed"})
    with pytest.raises(ProblemAnswered, match="409 conflict"):
        device.post(path, {"seen": "nothing", "outcome": "turned_away"})
    ending = trail_of(federation, referred)["ending"]
    assert isinstance(ending, dict)
    assert (ending["seen"], ending["outcome"]) == ("paper_certificate", "passed")


def test_what_ways_leave_behind_survives_a_kill_of_the_gateway(federation: Federation) -> None:
    """A converted and a printed code were acknowledged, so they are there again."""
    person = somebody(federation)
    converted = convert(federation, person, GUANGXI, Asked.BY_SHOWN_CODE)["qr_text"]
    printed = print_reference(federation, person)
    for region in (GUANGXI, HUBEI):
        federation.processes.kill(gateway_name(region))
        federation.processes.restart(gateway_name(region))
    assert [scan(federation, qr_text).guard["outcome"] for qr_text in (converted, printed)] == ["PASS", "PASS"]
