"""Every family against every fault that its back end can have, over real HTTP: each is told as what it is.

Whole answers that cannot be read differ in what the operator is told; what sources do to single records differs in
what becomes of the person, and is never better than what is true.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest

from tests.unit.regions.dialect_samples import GATE, HOSPITAL, KEYED, LEVELS, PAPER, TRAVEL, UNSIGNED
from tests.unit.simulation import driving
from tests.unit.simulation.driving import ask, refusal_of, understand
from tests.unit.simulation.running import AT, RunningBackEnd, running
from tongxing.core.levels import Level, Standing
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Report
from tongxing.regions.answers import BackEndRequest
from tongxing.regions.families import FAMILIES
from tongxing.regions.profile import Profile
from tongxing.simulation.backends import FAMILY_CREDENTIALS, FaultKind
from tongxing.simulation.people import CIRCUMSTANCES, Circumstance, State

STAY = ("420502",)
BY_LEVEL: Mapping[str, State] = {
    Circumstance.GREEN_LOW_RISK_COUNTY: State("00", stays=STAY),
    Circumstance.YELLOW_UNEXPLAINED: State("01", stays=STAY),
    Circumstance.RED_UNEXPLAINED: State("10", stays=STAY),
}
BY_NUMBER: Mapping[str, State] = {
    Circumstance.GREEN_LOW_RISK_COUNTY: State("1", stays=STAY),
    Circumstance.YELLOW_UNEXPLAINED: State("2", stays=STAY),
    Circumstance.RED_UNEXPLAINED: State("3", stays=STAY),
    Circumstance.PENDING: State("4", stays=STAY),
}
MADE_UP: Mapping[str, tuple[Profile, Mapping[str, State]]] = {
    "91": (GATE, BY_NUMBER),
    "92": (LEVELS, BY_LEVEL),
    "93": (KEYED, CIRCUMSTANCES["42"]),
    "94": (HOSPITAL, CIRCUMSTANCES["42"]),
    "95": (UNSIGNED, CIRCUMSTANCES["45"]),
    "96": (TRAVEL, BY_LEVEL),
    "97": (PAPER, BY_LEVEL),
}
EVERY_REGION = ("11", "34", "42", "44", "4401", "45", *MADE_UP)
TELLING_A_STATUS = tuple(region for region in EVERY_REGION if region not in {"96", "97"})
GREEN, YELLOW, RED = "green_low_risk_county", "yellow_unexplained", "red_unexplained"


@pytest.fixture(scope="module", params=EVERY_REGION)
def running_once(request: pytest.FixtureRequest) -> Iterator[RunningBackEnd]:
    profile, circumstances = MADE_UP.get(request.param, (None, None))
    with running(request.param, profile=profile, circumstances=circumstances) as started:
        yield started


@pytest.fixture
def back_end(running_once: RunningBackEnd) -> Iterator[RunningBackEnd]:
    """Return the back end of each region in turn, in which nothing is wrong yet."""
    yield running_once
    assert running_once.switch(fault=None).status_code == 200
    running_once.clock.at = AT


def region_of(back_end: RunningBackEnd) -> str:
    return back_end.people.region


FAULTS_OF_WHOLE_ANSWERS = {
    FaultKind.UNAVAILABLE: (ReasonId.SOURCE_AWAY, "HTTP 503"),
    FaultKind.HTML: (ReasonId.SOURCE_UNREADABLE, "a page of HTML"),
    FaultKind.GBK: (ReasonId.SOURCE_UNREADABLE, "not UTF-8"),
    FaultKind.TRUNCATED: (ReasonId.SOURCE_UNREADABLE, "cut short"),
    FaultKind.ENDLESS: (ReasonId.SOURCE_UNREADABLE, "more than 65536 bytes"),
    FaultKind.HUGE: (ReasonId.SOURCE_UNREADABLE, "10485782 bytes are announced"),
    FaultKind.REDIRECT: (ReasonId.SOURCE_UNREADABLE, "status 302"),
    FaultKind.DUPLICATE_KEYS: (ReasonId.SOURCE_UNREADABLE, "a field twice"),
    FaultKind.NESTED: (ReasonId.SOURCE_UNREADABLE, "nested too deep"),
    FaultKind.BOMB: (ReasonId.SOURCE_UNREADABLE, "a compressed answer, which nobody asked for"),
    FaultKind.EMPTY: (ReasonId.SOURCE_UNREADABLE, "not JSON"),
    FaultKind.CHARSET: (ReasonId.SOURCE_UNREADABLE, "not said to be UTF-8"),
    FaultKind.LISTED: (ReasonId.SOURCE_UNREADABLE, "not a JSON object"),
    FaultKind.NOT_A_NUMBER: (ReasonId.SOURCE_UNREADABLE, "NaN is not JSON"),
}
FAULTS_OF_RECORDS = {
    *(FaultKind.SLOW, FaultKind.OTHER_PERSON, FaultKind.STALE, FaultKind.RED_FOR_YELLOW),
    *(FaultKind.YELLOW_FOR_EXPIRED, FaultKind.FAIL_OPEN, FaultKind.LATE),
}
FAULTS_OF_ONE_TIME_CODES = {FaultKind.FORGETFUL, FaultKind.UNDYING}
FAULTS_THAT_ONLY_AN_EXAMINATION_FINDS = {
    *(FaultKind.BOM, FaultKind.TRICKLE, FaultKind.CRASH, FaultKind.ANYBODY, FaultKind.LOOSE, FaultKind.ADMITS_ANYONE),
    *(FaultKind.TAKES_GET, FaultKind.MIXED_UP, FaultKind.NO_ECHO, FaultKind.UTC, FaultKind.AHEAD, FaultKind.EPOCH),
    *(FaultKind.TIMELESS, FaultKind.NAME_IN_CLEAR, FaultKind.CHANGING_REF, FaultKind.SHARED_REF, FaultKind.LABELS),
    *(FaultKind.ALL_GREEN, FaultKind.NO_REASONS),
}
"""What a family cannot know from one answer is found by ``tongxing conform`` (``test_seeded_faults``)."""


def test_every_fault_and_every_family_that_there_is_has_been_tried() -> None:
    told = set(FAULTS_OF_WHOLE_ANSWERS) | FAULTS_OF_RECORDS | FAULTS_OF_ONE_TIME_CODES
    assert told | FAULTS_THAT_ONLY_AN_EXAMINATION_FINDS == set(FaultKind)
    tried = {"words", "signed_numeric", "make_validate", "colour_query"} | {made[0].family for made in MADE_UP.values()}
    assert tried == set(FAMILIES) - {"national"}


def test_whatever_spoils_a_whole_answer_is_told_by_its_own_words(back_end: RunningBackEnd) -> None:
    assert len(set(FAULTS_OF_WHOLE_ANSWERS.values())) == len(FAULTS_OF_WHOLE_ANSWERS)
    for fault, refusal in FAULTS_OF_WHOLE_ANSWERS.items():
        back_end.switch(fault=fault)
        assert (fault, *refusal_of(back_end, back_end.show(GREEN))) == (fault, *refusal)
    back_end.switch(fault=None)
    ask(back_end, back_end.show(GREEN))


def test_another_persons_record_is_told_as_that(back_end: RunningBackEnd) -> None:
    back_end.switch(fault="other_person")
    assert refusal_of(back_end, back_end.show(GREEN))[0] is ReasonId.OTHER_PERSONS_RECORD


def test_a_slow_back_end_is_slow_and_one_that_is_down_is_away(
    back_end: RunningBackEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    qr_text = back_end.show(GREEN)
    monkeypatch.setattr(driving, "PATIENCE_SECONDS", 0.1)
    back_end.switch(fault="slow", seconds=1)
    assert refusal_of(back_end, qr_text) == (ReasonId.SOURCE_SLOW, "no answer in 0.1 s")
    monkeypatch.setattr(back_end, "url", "http://127.0.0.1:9")
    assert refusal_of(back_end, qr_text) == (ReasonId.SOURCE_AWAY, "ConnectError")


FAIL_OPEN_DETAILS = {
    "92": "it contradicts itself",
    "95": "field lastReportTime",
    "96": "field cities",
    "97": "field issueTime or validTime",
}


def test_a_green_that_is_told_of_everybody_is_nobodys(back_end: RunningBackEnd) -> None:
    back_end.switch(fault="fail_open")
    expected = FAIL_OPEN_DETAILS.get(region_of(back_end), "a status with no record behind it")
    for circumstance in (GREEN, *(each for each in back_end.people.circumstances if each.startswith("red"))):
        assert refusal_of(back_end, back_end.show(circumstance)) == (ReasonId.SOURCE_UNREADABLE, expected)


def test_a_stale_record_is_told_as_run_out_wherever_a_moment_is_told_and_never_as_green(
    back_end: RunningBackEnd,
) -> None:
    """Anhui's interface tells no moment at all (facts, C): there it cannot be seen."""
    back_end.switch(fault="stale")
    region, qr_text = region_of(back_end), back_end.show(GREEN)
    if region == "95":
        assert refusal_of(back_end, qr_text)[0] is ReasonId.TICKET_UNKNOWN
    elif region == "97":
        assert refusal_of(back_end, qr_text)[0] is ReasonId.TICKET_EXPIRED
    elif region == "96":
        assert understand(back_end, GREEN).report.standing is Standing.NO_RECORD
    elif region != "34":
        assert understand(back_end, GREEN).report.standing is Standing.EXPIRED


def test_red_told_for_yellow_is_caught_by_what_stands_beside_it_and_else_never_less_than_it_says(
    back_end: RunningBackEnd,
) -> None:
    back_end.switch(fault="red_for_yellow")
    region = region_of(back_end)
    if region == "92":
        assert refusal_of(back_end, back_end.show(YELLOW)) == (ReasonId.SOURCE_UNREADABLE, "it contradicts itself")
    elif region in {"42", "93", "94"}:
        assert refusal_of(back_end, back_end.show("yellow_fever"))[0] is ReasonId.STATUS_UNKNOWN
    elif YELLOW in back_end.people.circumstances and region not in {"96", "97"}:
        report = understand(back_end, YELLOW).report
        assert (report.level, report.colour_only) == (Level.HIGH, True)


def is_well(report: Report) -> bool:
    return report.standing is Standing.CURRENT and report.level is Level.LOW


def test_a_green_that_has_run_out_is_never_well_whatever_it_is_told_as(back_end: RunningBackEnd) -> None:
    region = region_of(back_end)
    back_end.switch(fault="yellow_for_expired")
    if region == "95":
        assert refusal_of(back_end, back_end.show(GREEN))[0] is ReasonId.TICKET_UNKNOWN
    elif region == "97":
        assert refusal_of(back_end, back_end.show(GREEN))[0] is ReasonId.TICKET_EXPIRED
    elif region in {"34", "44", "4401"} and YELLOW not in back_end.people.circumstances:
        assert understand(back_end, GREEN).report.standing is Standing.EXPIRED
    elif region != "96":
        assert not is_well(understand(back_end, GREEN).report)


def test_what_is_pushed_late_is_as_old_as_it_says(back_end: RunningBackEnd) -> None:
    """Of Anhui nobody can know; Beijing's results are made as they are asked for; paper and travel know no status."""
    region, who = region_of(back_end), {"circumstance": GREEN, "nth": 2}
    turned = next(each for each in back_end.people.circumstances if each.startswith("red"))
    before = understand_nth(back_end, 2) if region not in {"96", "97"} else None
    back_end.switch(fault="late")
    assert back_end.switch(person=who, circumstance=turned).status_code == 200
    qr_text = str(back_end.post("/_show", {"person": who}).json()["qr_text"])
    if region == "95":
        assert refusal_of(back_end, qr_text)[0] is ReasonId.TICKET_UNKNOWN
        return
    late = driving.understand_code(back_end, qr_text).report
    if before is not None:
        assert late.level is before.level
    if region not in {"11", "34", "96", "97"}:
        assert late.as_of < AT
    back_end.switch(fault=None)
    if region not in {"96", "97"}:
        assert not is_well(understand_nth(back_end, 2))


def understand_nth(back_end: RunningBackEnd, nth: int) -> Report:
    return driving.understand_code(back_end, back_end.show(GREEN, nth)).report


def test_what_each_family_tells_without_a_fault_is_what_its_people_are(back_end: RunningBackEnd) -> None:
    region = region_of(back_end)
    for circumstance in (GREEN, RED):
        if circumstance not in back_end.people.circumstances:
            continue
        translated = understand(back_end, circumstance)
        if region in {"96", "97"}:
            assert (translated.report.standing, translated.report.level) == (Standing.NO_RECORD, None)
        else:
            assert translated.report.level is (Level.LOW if circumstance == GREEN else Level.HIGH)
    if region == "96":
        assert understand(back_end, GREEN).origin.division == "4205"


def test_nobody_is_known_who_was_never_given_a_code(back_end: RunningBackEnd) -> None:
    qr_text = back_end.show(GREEN)
    pattern = back_end.profile.qr
    assert pattern is not None
    tail = qr_text[len(pattern.prefix) + pattern.length :]
    assert refusal_of(back_end, pattern.prefix + "0" * pattern.length + tail)[0] is ReasonId.TICKET_UNKNOWN


def test_a_call_that_was_signed_once_is_not_answered_again_nor_after_its_secret_ran_out() -> None:
    with running("93", profile=KEYED, circumstances=CIRCUMSTANCES["42"]) as keyed:
        credentials = FAMILY_CREDENTIALS["keyed_call"]

        def signed() -> BackEndRequest:
            asking = FAMILIES["keyed_call"].ask(keyed.show(GREEN), KEYED, AT, "query", credentials)
            return asking.send(driving.carry(keyed, next(asking)))

        def return_code_of(request: BackEndRequest) -> object:
            return json.loads(driving.carry(keyed, request).body)["code"]

        call = signed()
        assert [return_code_of(call) for _ in range(2)] == ["00", "14"]
        late = signed()
        keyed.clock.at = AT + timedelta(minutes=10)
        assert return_code_of(late) == "14"


@pytest.mark.parametrize("change", [{"Password": "0" * 32}, {"AppId": "another"}, {"Method": "another"}])
def test_a_web_service_answers_its_application_on_its_day_alone(change: dict[str, str]) -> None:
    with running("94", profile=HOSPITAL, circumstances=CIRCUMSTANCES["42"]) as hospital:
        credentials = FAMILY_CREDENTIALS["day_password"]
        asking = FAMILIES["day_password"].ask(hospital.show(GREEN), HOSPITAL, AT, "query", credentials)
        body = json.loads(next(asking).body)
        path = HOSPITAL.parameters["service_path"]
        assert hospital.post(path, body).json()["ResultCode"] == "0"
        assert hospital.post(path, {**body, **change}).json()["ResultCode"] in {"1001", "1002"}
        hospital.clock.at = AT + timedelta(hours=12)
        assert hospital.post(path, body).json()["ResultCode"] == "1002"


def test_a_gate_answers_its_own_device_alone() -> None:
    with running("91", profile=GATE, circumstances=BY_NUMBER) as gate:
        asked = {"deviceId": "gate-7", "qrCode": gate.show(GREEN), "requestId": "query"}
        assert gate.post("/gate/query", asked).json()["code"] == "0"
        assert gate.post("/gate/query", {**asked, "deviceId": "gate-8"}).json()["code"] == "22001"


def test_many_may_ask_a_keyed_back_end_at_once_each_with_a_secret_of_its_own() -> None:
    with running("93", profile=KEYED, circumstances=CIRCUMSTANCES["42"]) as keyed:
        texts = [keyed.show(GREEN, nth) for nth in range(4)]

        async def all_at_once() -> list[object]:
            return await asyncio.gather(*(asyncio.to_thread(ask, keyed, qr_text) for qr_text in texts))

        assert len(asyncio.run(all_at_once())) == 4
