"""Simulated back ends over real HTTP: what each dialect says on the wire, and how it fails when told to."""

import base64
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest

from tests.unit.simulation.driving import ask, reason_of, understand
from tests.unit.simulation.running import AT, RunningBackEnd, StoppedClock, running
from tongxing.core.levels import Level, Standing
from tongxing.core.reasons import ReasonId
from tongxing.core.words import RegionId
from tongxing.simulation.backends import Faults, build_back_end
from tongxing.simulation.backends.faults import SLOW_SECONDS
from tongxing.simulation.people import Circumstance, make_people


@pytest.fixture
def hubei() -> Iterator[RunningBackEnd]:
    with running("42") as back_end:
        yield back_end


@pytest.fixture
def guangxi() -> Iterator[RunningBackEnd]:
    with running("45") as back_end:
        yield back_end


@pytest.mark.parametrize(
    ("circumstance", "standing", "level"),
    [
        ("green_low_risk_county", Standing.CURRENT, Level.LOW),
        ("green_medium_risk_county", Standing.CURRENT, Level.LOW),
        ("yellow_lapsed", Standing.EXPIRED, None),
        ("yellow_close_contact", Standing.CURRENT, Level.HIGH),
        ("yellow_fever", Standing.CURRENT, Level.MEDIUM),
        ("red_confirmed", Standing.CURRENT, Level.HIGH),
        ("pending", Standing.PENDING, None),
        ("mismatch", Standing.MISMATCH, None),
    ],
)
def test_hubei_says_of_each_circumstance_what_it_is(
    hubei: RunningBackEnd, circumstance: str, standing: Standing, level: Level | None
) -> None:
    report = understand(hubei, circumstance).report
    assert (report.standing, report.level, report.colour_only) == (standing, level, False)


@pytest.mark.parametrize(
    ("circumstance", "standing", "level"),
    [
        ("green_low_risk_county", Standing.CURRENT, Level.LOW),
        ("yellow_unexplained", Standing.CURRENT, Level.MEDIUM),
        ("red_unexplained", Standing.CURRENT, Level.HIGH),
        ("pending", Standing.PENDING, None),
    ],
)
def test_guangxi_says_a_colour_of_each_circumstance(
    guangxi: RunningBackEnd, circumstance: str, standing: Standing, level: Level | None
) -> None:
    translated = understand(guangxi, circumstance)
    assert (translated.report.standing, translated.report.level) == (standing, level)
    assert translated.report.colour_only is (level is not None)
    assert translated.masked_hint == guangxi.people.pick(Circumstance(circumstance)).masked_name


def test_the_stay_of_a_hubei_traveller_is_told_where_it_is_known(hubei: RunningBackEnd) -> None:
    assert understand(hubei, "green_medium_risk_county").origin.division == "420106"
    assert understand(hubei, "green_stay_unknown").origin.division == "42"


def test_a_hubei_code_is_made_at_each_display_and_used_up_by_being_checked(hubei: RunningBackEnd) -> None:
    first, second = hubei.show("green_low_risk_county"), hubei.show("green_low_risk_county")
    assert first != second
    assert ask(hubei, first).status == "green"
    assert reason_of(hubei, first) is ReasonId.TICKET_USED
    assert ask(hubei, second).status == "green"


def test_of_many_who_check_one_code_at_the_same_moment_exactly_one_gets_an_answer(hubei: RunningBackEnd) -> None:
    qr_text = hubei.show("green_low_risk_county")
    with ThreadPoolExecutor(8) as pool:
        codes = pool.map(lambda _: hubei.post("/hbjkm/code/validateCode", {"qrCode": qr_text}).json(), range(8))
    assert sorted(answer["errcode"] for answer in codes) == [0] + [40011] * 7


def test_a_hubei_code_is_old_after_a_minute_and_an_unknown_one_is_told_as_unknown(hubei: RunningBackEnd) -> None:
    qr_text = hubei.show("green_low_risk_county")
    hubei.clock.at = AT + timedelta(seconds=60)
    assert reason_of(hubei, qr_text) is ReasonId.TICKET_EXPIRED
    assert reason_of(hubei, "HBJKM." + "A" * 43) is ReasonId.TICKET_UNKNOWN


def test_a_guangxi_code_stays_the_same_and_an_unknown_one_is_told_as_unknown(guangxi: RunningBackEnd) -> None:
    assert guangxi.show("pending") == guangxi.show("pending")
    assert reason_of(guangxi, "GXJKM:" + "0" * 32) is ReasonId.TICKET_UNKNOWN


def test_a_token_of_hubei_is_short_lived_and_used_once(hubei: RunningBackEnd) -> None:
    def token() -> str:
        checked = hubei.post("/hbjkm/code/validateCode", {"qrCode": hubei.show("pending")}).json()
        return str(checked["data"]["bizExtData"])

    once, late = token(), token()
    codes = [hubei.post("/hbjkm/userHealth/validateInfo", {"bizExtData": once}).json()["errcode"] for _ in range(2)]
    hubei.clock.at = AT + timedelta(seconds=30)
    codes.append(hubei.post("/hbjkm/userHealth/validateInfo", {"bizExtData": late}).json()["errcode"])
    codes.append(hubei.post("/hbjkm/userHealth/validateInfo", {"bizExtData": "x"}).json()["errcode"])
    assert codes == [0, 40011, 40007, 40010]


def test_hubeis_names_on_the_wire_are_those_that_were_seen(hubei: RunningBackEnd) -> None:
    person = hubei.people.pick(Circumstance.YELLOW_CLOSE_CONTACT)
    made = hubei.post("/hbjkm/code/createCode", {"cardId": person.document.number}).json()
    assert set(made["data"]) == {"imgStream", "width", "qrCode"}
    width = made["data"]["width"]
    assert len(base64.b64decode(made["data"]["imgStream"])) == (width * width + 7) // 8
    checked = hubei.post("/hbjkm/code/validateCode", {"qrCode": made["data"]["qrCode"]}).json()
    assert checked["data"]["desensitizeCardId"] == person.masked_document
    answer = hubei.post("/hbjkm/userHealth/validateInfo", {"bizExtData": checked["data"]["bizExtData"]}).json()
    content = json.loads(answer["data"]["content"])
    assert content["person"] == {
        "desensitizeName": person.masked_name,
        "desensitizeCardId": person.masked_document,
        "personId": person.person_ref,
    }
    assert (content["fxdj"], content["warnType"], content["xzqh"]) == ("yellow", "mqjcz", person.stay)
    assert re.fullmatch(r"2020-03-\d\d \d\d:\d\d:\d\d", content["updateTime"])
    assert hubei.post("/hbjkm/code/createCode", {"cardId": "nobody"}).json()["errcode"] == 40010


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"qrCode": 7}'])
def test_a_request_that_makes_no_sense_is_refused_by_return_code(hubei: RunningBackEnd, body: bytes) -> None:
    assert hubei.client.post("/hbjkm/code/validateCode", content=body).json()["errcode"] == 40010


@pytest.mark.parametrize(
    "form",
    [{}, {"method": "other", "biz_content": "{}"}]
    + [{"method": "alipay.ebpp.industry.gov.healthcode.verify", "biz_content": text} for text in ("{", "[]", "{}")],
)
def test_a_form_that_makes_no_sense_is_refused_by_return_code(guangxi: RunningBackEnd, form: dict[str, str]) -> None:
    answer = guangxi.client.post("/gateway.do", content=urlencode(form)).json()
    assert answer["alipay_ebpp_industry_gov_healthcode_verify_response"]["code"] == "40002"


def test_a_forgetful_back_end_takes_a_one_time_code_again(hubei: RunningBackEnd) -> None:
    qr_text = hubei.show("green_low_risk_county")
    hubei.switch(fault="forgetful")
    assert [ask(hubei, qr_text).status for _ in range(2)] == ["green", "green"]
    hubei.switch(fault=None)
    assert reason_of(hubei, qr_text) is ReasonId.TICKET_USED


def test_a_fault_can_strike_the_second_call_only(hubei: RunningBackEnd) -> None:
    hubei.switch(fault="html", only_path="validateInfo")
    qr_text = hubei.show("green_low_risk_county")
    assert hubei.post("/hbjkm/code/validateCode", {"qrCode": qr_text}).json()["errcode"] == 0
    assert reason_of(hubei, hubei.show("green_low_risk_county")) is ReasonId.SOURCE_UNREADABLE


def test_a_slow_back_end_answers_no_sooner_than_told(hubei: RunningBackEnd) -> None:
    hubei.switch(fault="slow", seconds=1)
    with pytest.raises(httpx.ReadTimeout):
        hubei.client.post("/hbjkm/code/validateCode", json={"qrCode": "x"}, timeout=0.2)
    hubei.switch(fault="slow", seconds=0.01)
    assert ask(hubei, hubei.show("green_low_risk_county")).status == "green"


@pytest.mark.parametrize("region", ["11", "42", "44", "4401", "45"])
def test_a_stale_record_is_told_as_run_out_and_never_as_green(region: str) -> None:
    with running(region) as back_end:
        back_end.switch(fault="stale")
        assert understand(back_end, "green_low_risk_county").report.standing is Standing.EXPIRED


def test_a_persons_state_can_be_switched(hubei: RunningBackEnd) -> None:
    who = {"circumstance": "green_low_risk_county", "nth": 1}
    hubei.switch(person=who, circumstance="yellow_close_contact")
    assert ask(hubei, hubei.post("/_show", {"person": who}).json()["qr_text"]).told == ("mqjcz",)
    number = hubei.post("/_show", {"person": who}).json()["number"]
    hubei.switch(person={"number": number}, status="red", told=["qzbl", "frbl"])
    told = ask(hubei, hubei.post("/_show", {"person": {"number": number}}).json()["qr_text"])
    assert (told.status, told.told, told.since) == ("red", ("qzbl", "frbl"), AT)
    hubei.switch(person=who, circumstance="yellow_lapsed")
    lapsed = ask(hubei, hubei.post("/_show", {"person": who}).json()["qr_text"])
    assert lapsed.refreshed_at == AT - timedelta(days=5)


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"fault": "meteorite"},
        {"fault": "slow", "seconds": -1},
        {"fault": "slow", "seconds": "5"},
        {"fault": "slow", "seconds": True},
        {"person": "me", "status": "green"},
        {"person": {"number": "nobody"}, "status": "green"},
        {"person": {"circumstance": "rich"}, "status": "green"},
        {"person": {"circumstance": "pending", "nth": 10_000}, "status": "green"},
        {"person": {"circumstance": "pending", "nth": -1}, "status": "green"},
        {"person": {"circumstance": "pending"}},
        {"person": {"circumstance": "pending"}, "circumstance": "red_unexplained"},
        {"person": {"circumstance": "pending"}, "status": "red", "told": "qzbl"},
        ["fault"],
    ],
)
def test_the_switchboard_refuses_what_it_does_not_understand_and_changes_nothing(
    hubei: RunningBackEnd, wanted: object
) -> None:
    assert hubei.post("/_switch", wanted).status_code == 400
    assert hubei.faults == Faults()


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({}, 'neither "fault" nor "person" says what is to be switched'),
        ({"fault": "no_such"}, "no fault no_such; there are: unavailable, slow"),
        ({"person": {}, "status": "red"}, 'person has neither "number" nor "circumstance"'),
        ({"person": {"number": "0"}, "status": "red"}, "nobody has this number"),
        ({"person": {"circumstance": "no_such"}}, "nobody, or not so many, in no_such; there are: green"),
    ],
)
def test_the_switchboard_refuses_in_a_sentence_that_says_what_there_is(
    hubei: RunningBackEnd, wanted: object, told: str
) -> None:
    assert hubei.post("/_switch", wanted).json()["error"].startswith(told)


def test_slow_without_seconds_is_as_slow_as_from_the_start(hubei: RunningBackEnd) -> None:
    assert hubei.post("/_switch", {"fault": "slow"}).json()["seconds"] == SLOW_SECONDS
    assert hubei.post("/_switch", {"fault": None}).json()["seconds"] == 0


def test_nobody_is_shown_who_is_not_there(hubei: RunningBackEnd) -> None:
    assert hubei.post("/_show", {}).status_code == 400
    assert hubei.post("/_show", {"person": {"circumstance": "red_unexplained"}}).status_code == 400


def test_a_region_without_a_dialect_has_no_back_end() -> None:
    people = make_people(RegionId("42"), count=1, seed=1, at=AT)
    with pytest.raises(LookupError):
        build_back_end(RegionId("99"), people, StoppedClock(), Faults())
