"""The nine scenes of the first crossing over real HTTP: what came of each scan is what the table says, and why."""

import json
import re
from datetime import datetime, timedelta

import pytest

from tongxing.core.calendar import BEIJING
from tongxing.core.causes import CAUSES, Cause
from tongxing.core.next_steps import NOTHING
from tongxing.core.reasons import REASONS, ReasonId
from tongxing.core.verdicts import MEASURE_WORDS, Measure, Outcome
from tongxing.core.words import PlaceKind, Sentence
from tongxing.simulation.callers import ProblemAnswered
from tongxing.simulation.federation import Federation
from tongxing.simulation.people import Circumstance
from tongxing.simulation.playing import Passage, play_scene, play_steps
from tongxing.simulation.scenes import (
    FOUNDED_AT,
    GUANGXI,
    HUBEI,
    SCENES,
    Expected,
    Fault,
    LocalCode,
    NationalCode,
    Scene,
    Step,
)

pytestmark = pytest.mark.scenario

PASS = Expected(Outcome.PASS, ReasonId.LOW_LEVEL_LOW_ORIGIN)


def play(federation: Federation, number: int) -> list[Passage]:
    """Play a scene by its number; everything is as its table says."""
    passages = list(play_scene(federation, SCENES[number - 1]))
    assert [(passage.step.says.en, passage.departures()) for passage in passages if passage.departures()] == []
    return passages


def play_one(federation: Federation, at: datetime, step: Step) -> Passage:
    """Play a step of its own at a moment; it goes as expected."""
    federation.clock.set(at)
    (passage,) = play_steps(federation, [step])
    assert passage.departures() == ()
    return passage


def a_step(circumstance: Circumstance, *expected: Expected, **particulars: object) -> Step:
    values: dict[str, object] = {
        "says": Sentence("测试", "a test"),
        "shown": LocalCode(circumstance),
        "place": PlaceKind.TRAFFIC_GATE,
        "expected": expected,
    }
    return Step(**{**values, **particulars})  # type: ignore[arg-type]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: f"scene_{scene.number}")
def test_each_scene_goes_as_its_table_says(federation: Federation, scene: Scene) -> None:
    assert len(play(federation, scene.number)) == sum(len(step.expected) for step in scene.steps)


def test_a_green_code_passes_at_all_four_kinds_of_place_with_nothing_more_asked(federation: Federation) -> None:
    passages = play(federation, 1)
    assert {passage.step.place for passage in passages} == set(PlaceKind)
    for passage in passages:
        assert passage.outcome is Outcome.PASS
        assert passage.scanned.guard["measures"] == []
        assert passage.scanned.guard["next_step"] == {"zh": NOTHING.guard.zh, "en": NOTHING.guard.en}


def test_a_lapsed_registration_is_told_as_that_and_with_what_renews_it_never_as_illness(federation: Federation) -> None:
    (passage,) = play(federation, 2)
    guard, view = passage.scanned.guard, passage.citizen.view
    assert view is not None
    assert view["standing"] == "expired"
    assert (view["causes"], view["level"]) == ([], None)
    assert "续报" in guard["sentence"]["zh"]
    assert "renewed" in guard["sentence"]["en"]
    assert "重新登记" in view["sentence"]["zh"]
    assert "Register once more" in view["sentence"]["en"]
    told_of_illness = [CAUSES[cause].name for cause in Cause if cause is not Cause.NOTHING_FOUND]
    shown = passage.scanned.raw.decode() + json.dumps(view, ensure_ascii=False)
    assert [name.en for name in told_of_illness if name.zh in shown or name.en in shown] == []


GUARD_TOLD_STOP = (
    '{"ref":"REF","outcome":"STOP",'
    '"headline":{"zh":"不得通行","en":"STOP"},'
    '"sentence":{"zh":"不得放行。","en":"Do not let the person through."},'
    '"next_step":{"zh":"请来人留在原地并保持距离，联系现场防疫人员；不得公开其信息。",'
    '"en":"Ask the person to wait apart and call the health officer on site; tell nobody else."},'
    '"measures":[],"reason":null,"hint":"HINT","data_age_seconds":AGE,"decided_at":"AT","notes":[],"vehicle":null}'
)
"""All that a guard is told of a close contact, byte for byte, but for these four."""


def guard_template(passage: Passage) -> str:
    """Return the guard's answer with its four changing parts, whose forms are checked, put by name."""
    guard, text = passage.scanned.guard, passage.scanned.raw.decode()
    assert re.fullmatch("[0-9a-f]{28}", guard["ref"])
    assert re.fullmatch(r"[\u4e00-\u9fff]\*{1,2}", guard["hint"])
    assert datetime.fromisoformat(guard["decided_at"]).utcoffset() == timedelta()
    changing = (
        (f'"ref":"{guard["ref"]}"', '"ref":"REF"'),
        (f'"hint":"{guard["hint"]}"', '"hint":"HINT"'),
        (f'"data_age_seconds":{guard["data_age_seconds"]}', '"data_age_seconds":AGE'),
        (f'"decided_at":"{guard["decided_at"]}"', '"decided_at":"AT"'),
    )
    for found, name in changing:
        assert text.count(found) == 1
        text = text.replace(found, name)
    return text


def test_a_close_contacts_guard_is_told_no_cause_no_colour_no_source_byte_for_byte(federation: Federation) -> None:
    (passage,) = play(federation, 3)
    assert guard_template(passage) == GUARD_TOLD_STOP
    unsaid = [str(cause) for cause in Cause] + [
        words for row in CAUSES.values() for words in (row.name.zh, row.name.en)
    ]
    unsaid += ["红", "黄", "绿", "灰", "橙", "码", "湖北", "广西", "确诊", "接触", "病", "mqjcz", "HBJKM", "42", "10"]
    unsaid += ["red", "yellow", "green", "grey", "orange", "Hubei", "contact", "ill", "level", "high", "make_validate"]
    words = GUARD_TOLD_STOP.lower()
    assert [word for word in unsaid if re.search(rf"(?<![a-z]){re.escape(word.lower())}(?![a-z])", words)] == []


def test_nobody_is_told_why_another_person_was_stopped(federation: Federation) -> None:
    """Neither with another code of the same region, nor through another region, nor for another verdict."""
    (passage,) = play(federation, 3)
    ref = passage.scanned.ref
    other = federation.show_code(HUBEI, Circumstance.GREEN_LOW_RISK_COUNTY).qr_text
    for region in (HUBEI, GUANGXI):
        with pytest.raises(ProblemAnswered, match="403 forbidden"):
            federation.back_ends[region].post("/v1/explanations", {"host": GUANGXI, "ref": ref, "qr_text": other})
    with pytest.raises(ProblemAnswered, match="404 not-found"):
        federation.back_ends[HUBEI].post("/v1/explanations", {"host": GUANGXI, "ref": "a" * 16, "qr_text": other})


def test_guards_cannot_tell_a_close_contact_from_a_confirmed_case(federation: Federation) -> None:
    (contact,) = play(federation, 3)
    confirmed = play_one(
        federation,
        SCENES[2].at,
        a_step(Circumstance.RED_CONFIRMED, contact.expected, place=PlaceKind.RESIDENTIAL_COMPOUND),
    )
    assert guard_template(confirmed) == guard_template(contact)


def test_a_close_contact_learns_cause_source_and_what_clears_it(federation: Federation) -> None:
    (passage,) = play(federation, 3)
    view = passage.citizen.view
    assert view is not None
    (cause,) = view["causes"]
    clears = CAUSES[Cause.CLOSE_CONTACT].clears
    assert (cause["cause"], cause["clears"]) == ("close_contact", {"zh": clears.zh, "en": clears.en})
    assert datetime.fromisoformat(cause["since"]) == FOUNDED_AT - timedelta(days=4)
    assert (view["home_status"], view["source"]) == ({"zh": "黄码", "en": "yellow"}, {"zh": "湖北省", "en": "Hubei"})
    assert (view["level"], view["row"]) == ("10", "00/floor/level_high")


def test_a_national_code_is_decided_while_nobody_else_can_be_reached(federation: Federation) -> None:
    """Hub, Hubei's gateway and Hubei's back end are all stopped: the bundle alone decides."""
    federation.clock.set(SCENES[3].at)
    qr_text = federation.make_national_code(HUBEI, Circumstance.GREEN_LOW_RISK_COUNTY)
    device = federation.device(GUANGXI, PlaceKind.FACTORY)
    device.renew_session()
    with federation.broken(Fault.HUB_STOPPED), federation.broken(Fault.ISSUER_STOPPED):
        scanned = device.scan(qr_text)
    assert scanned.guard["outcome"] == "PASS"
    assert scanned.guard["measures"] == []


def test_two_displays_of_one_persons_national_code_share_no_stable_text(federation: Federation) -> None:
    federation.clock.set(SCENES[3].at)
    first, second = (federation.make_national_code(HUBEI, Circumstance.GREEN_LOW_RISK_COUNTY) for _ in range(2))
    assert first != second


@pytest.mark.parametrize("fault", [None, Fault.BACK_END_FORGETFUL])
def test_a_one_time_code_scanned_by_two_verifiers_at_once_is_answered_to_exactly_one(
    federation: Federation, fault: Fault | None
) -> None:
    """The issuer's gateway holds it, also where the back end takes its one-time codes again and again."""
    used = Expected(Outcome.REFER, ReasonId.TICKET_USED, explained=False)
    for attempt in range(5):
        federation.clock.set(SCENES[4].at + timedelta(minutes=attempt))
        step = a_step(Circumstance.GREEN_LOW_RISK_COUNTY, PASS, used, at_once=True, fault=fault)
        passages = list(play_steps(federation, [step]))
        assert [passage.departures() for passage in passages] == [(), ()]
        assert sorted(passage.reason for passage in passages) == [ReasonId.LOW_LEVEL_LOW_ORIGIN, ReasonId.TICKET_USED]
        assert [passage.is_alarmed for passage in passages if passage.reason is ReasonId.TICKET_USED] == [True]


def test_missing_expired_and_forged_are_three_different_answers(federation: Federation) -> None:
    told = {passage.reason: passage.scanned.guard["sentence"]["zh"] for passage in play(federation, 5)}
    refused = {reason: words for reason, words in told.items() if reason is not ReasonId.LOW_LEVEL_LOW_ORIGIN}
    assert len(set(refused.values())) == len(refused) == 9
    assert refused == {reason: REASONS[reason].guard.zh for reason in refused}


def test_a_repainted_picture_changes_nothing(federation: Federation) -> None:
    (repainted,) = play(federation, 6)
    honest = play_one(federation, SCENES[5].at, a_step(Circumstance.YELLOW_FEVER, repainted.expected))
    assert guard_template(repainted) == guard_template(honest)
    assert repainted.citizen.view is not None
    assert [cause["cause"] for cause in repainted.citizen.view["causes"]] == ["fever_measured"]


def test_each_way_of_failing_of_a_back_end_has_a_reason_of_its_own(federation: Federation) -> None:
    passages = play(federation, 7)
    assert len({passage.reason for passage in passages}) == len(passages) == 4
    assert [passage.reason for passage in passages if passage.is_alarmed] == [ReasonId.OTHER_PERSONS_RECORD]


def test_a_code_is_not_used_up_by_an_outage_of_its_back_end(federation: Federation) -> None:
    federation.clock.set(SCENES[6].at)
    qr_text = federation.show_code(HUBEI, Circumstance.GREEN_LOW_RISK_COUNTY).qr_text
    device = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    with federation.broken(Fault.BACK_END_HTML):
        assert device.scan(qr_text).guard["reason"] == "source_unreadable"
    assert device.scan(qr_text).guard["outcome"] == "PASS"


def test_without_the_hub_both_kinds_of_code_are_decided_and_the_age_of_the_data_is_told(federation: Federation) -> None:
    passages = play(federation, 8)
    assert {type(passage.step.shown) for passage in passages} == {LocalCode, NationalCode}
    issued_by = FOUNDED_AT + timedelta(minutes=2)
    for passage in passages:
        guard = passage.scanned.guard
        decided_at = datetime.fromisoformat(guard["decided_at"])
        assert decided_at - issued_by < timedelta(seconds=guard["data_age_seconds"]) <= decided_at - FOUNDED_AT


def test_a_medium_risk_county_brings_the_rows_measures_and_the_citizen_learns_why(federation: Federation) -> None:
    (passage,) = play(federation, 9)
    due = (Measure.TAKE_TEMPERATURE, Measure.REPORT_TO_COMMUNITY, Measure.OBSERVE_HEALTH_14_DAYS)
    assert [words["en"] for words in passage.scanned.guard["measures"]] == [MEASURE_WORDS[each].en for each in due]
    view = passage.citizen.view
    assert view is not None
    assert (view["origin_division"], view["origin_risk"], view["level"]) == ("420106", "medium", "00")
    assert view["row"] == passage.trail["row"] == "00/floor/origin_medium"


def test_a_guangxi_code_at_a_hubei_gate_meets_hubeis_registered_exception(federation: Federation) -> None:
    passage = play_one(
        federation,
        datetime(2020, 3, 27, 10, 0, tzinfo=BEIJING),
        a_step(
            Circumstance.GREEN_LOW_RISK_COUNTY,
            Expected(Outcome.PASS_WITH_MEASURES, ReasonId.LOCAL_CONDITION),
            shown=LocalCode(Circumstance.GREEN_LOW_RISK_COUNTY, GUANGXI),
            host=HUBEI,
        ),
    )
    due = (Measure.TAKE_TEMPERATURE, Measure.DECLARE_STAY, Measure.REPORT_TO_COMMUNITY)
    assert [words["en"] for words in passage.scanned.guard["measures"]] == [MEASURE_WORDS[each].en for each in due]
    assert passage.trail["notes"] == ["colour_only", "other_regions_not_consulted", "exception_used"]
    assert passage.citizen.view is not None
    assert passage.citizen.view["issuer"] == GUANGXI


def test_a_guangxi_red_of_which_only_the_colour_is_told_stops_at_a_hubei_gate(federation: Federation) -> None:
    passage = play_one(
        federation,
        datetime(2020, 3, 27, 10, 30, tzinfo=BEIJING),
        a_step(
            Circumstance.RED_UNEXPLAINED,
            Expected(Outcome.STOP, ReasonId.LEVEL_HIGH),
            shown=LocalCode(Circumstance.RED_UNEXPLAINED, GUANGXI),
            host=HUBEI,
        ),
    )
    assert "colour_only" in passage.trail["notes"]


def test_a_step_that_goes_otherwise_than_expected_is_told(federation: Federation) -> None:
    federation.clock.set(SCENES[0].at)
    wrong = Expected(Outcome.REFER, ReasonId.SIGNATURE_INVALID, explained=False)
    (passage,) = play_steps(federation, [a_step(Circumstance.GREEN_LOW_RISK_COUNTY, wrong)])
    assert len(passage.departures()) == 4
