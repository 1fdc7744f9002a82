"""The calls of GB/T 38963-2020 between processes: declare, apply, make in one region; verify and query in another."""

import itertools
import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.scenario.conftest import run_docked_federation
from tongxing.api.gb38963.names import CALL_NAMES, CallNumber
from tongxing.api.gb38963.return_codes import ReturnCode
from tongxing.core.calendar import BEIJING
from tongxing.core.words import PlaceKind
from tongxing.simulation.callers import Caller
from tongxing.simulation.federation import Federation
from tongxing.simulation.scenes import GUANGXI, HUBEI, TIBET

pytestmark = pytest.mark.scenario

DAY = datetime(2020, 4, 2, 10, 0, tzinfo=BEIJING)
COUNTED = itertools.count(1)
WELL = {"symptom": "1", "isContactPatient": "2", "isEpidemicAreaRisk": "2", "temperature": "36.5", "isConfirmed": "1"}


class StandardCaller:
    """Somebody who knows nothing but the standard's calls and how to sign."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    def send(self, number: CallNumber, **body: object) -> httpx.Response:
        content = json.dumps(body).encode()
        return self.caller.send("POST", CALL_NAMES[number].path, content, {"content-type": "application/json"})

    def call(self, number: CallNumber, **body: object) -> Any:
        answer = self.send(number, **body).json()
        assert answer["errcode"] == ReturnCode.OK, answer
        return answer["data"]

    def applied(self, what: str) -> dict[str, str]:
        data = self.call(CallNumber.CALL_APPLICATION, applyType=what)
        return {"bsn": data["bsn"], "randomNumber": data["randomNumber"]}


class Traveller:
    """A person of Tibet, whose region adopted the national code, and the region's application that speaks for them."""

    def __init__(self, federation: Federation) -> None:
        self.app = StandardCaller(federation.back_ends[TIBET])
        # Somebody of whom no back end has a record.
        self.told = {"idType": "20", "idNumber": f"E9900{next(COUNTED):04d}", "isAuthorized": "1"}
        self.name = "扎西"

    def declare_trip(self, division: str = "450103") -> Any:
        since = (DAY - timedelta(days=20)).strftime("%Y%m%d%H%M%S")
        trips = [{"xzqh": division, "startTime": since}]
        return self.app.call(CallNumber.TRIP_DECLARATION, **self.told, xcgjAllList=trips)

    def declare_health(self, **answers: str) -> Any:
        return self.app.call(CallNumber.HEALTH_DECLARATION, **self.told, **{**WELL, **answers})

    def make(self) -> httpx.Response:
        return self.app.send(CallNumber.CODE_MAKING, **self.told, name=self.name, **self.app.applied("1"))

    def qr_text(self) -> str:
        return str(self.make().json()["data"]["qrCode"])


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Give a federation of this file's own: its day is later than the others', and no bundle goes back."""
    yield from run_docked_federation(tmp_path_factory.mktemp("interface") / "state")


@pytest.fixture
def traveller(federation: Federation) -> Traveller:
    federation.clock.set(DAY)
    federation.begin_era("gb38963")
    return Traveller(federation)


def shown_at_guangxi(federation: Federation, qr_text: str) -> Any:
    terminal = StandardCaller(federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE))
    scan = {"qrCode": qr_text, "placeType": "1"}
    found = terminal.call(CallNumber.CODE_VERIFICATION, **terminal.applied("2"), **scan)
    return terminal.call(CallNumber.HEALTH_QUERY, BizExtData=found["BizExtData"])


def test_from_a_declaration_to_a_gate_in_another_region(federation: Federation, traveller: Traveller) -> None:
    declared = traveller.declare_trip()
    assert declared["declareNo"].startswith("5420200402")
    assert declared["validTime"].startswith("2020041610")
    told = shown_at_guangxi(federation, traveller.qr_text())
    assert told["passResult"] in {"PASS", "PASS_WITH_MEASURES"}
    assert told["person"]["desensitizeName"].startswith(traveller.name[0])


def test_the_same_declaration_sent_again_is_the_same_declaration(traveller: Traveller) -> None:
    assert traveller.declare_trip() == traveller.declare_trip()
    assert traveller.declare_trip("450102")["declareNo"] != traveller.declare_trip()["declareNo"]


def test_whoever_declared_nothing_gets_no_code_and_is_told_why(traveller: Traveller) -> None:
    told = traveller.make().json()
    assert (told["errcode"], told["problem"]) == (ReturnCode.STATUS_NOT_OBTAINED, "code-not-confirmed")
    assert "no_record" in told["errmsg"]


def test_a_symptom_keeps_the_code_back_until_the_person_is_well_again(
    federation: Federation, traveller: Traveller
) -> None:
    traveller.declare_trip()
    traveller.declare_health(symptom="2^3")
    assert "report_pending" in traveller.make().json()["errmsg"]
    federation.clock.set(DAY + timedelta(hours=1))
    traveller.declare_health()
    assert shown_at_guangxi(federation, traveller.qr_text())["passResult"] in {"PASS", "PASS_WITH_MEASURES"}


def test_no_region_s_green_covers_what_the_person_declares_themselves(
    federation: Federation, traveller: Traveller
) -> None:
    """Tibet reports nothing abnormal of this person; they have a fever."""
    person = federation.take_person(TIBET)
    traveller.told |= {"idType": person.document.type, "idNumber": person.document.number}
    traveller.declare_trip()
    assert traveller.make().status_code == 200
    traveller.declare_health(temperature="38.2")
    assert "earlier_report_unresolved" in traveller.make().json()["errmsg"]


def test_a_declared_contact_shows_at_the_gate_and_nothing_declared_later_takes_it_back(
    federation: Federation, traveller: Traveller
) -> None:
    traveller.declare_trip()
    traveller.declare_health(isContactPatient="1")
    federation.clock.set(DAY + timedelta(hours=1))
    traveller.declare_health()
    assert shown_at_guangxi(federation, traveller.qr_text())["passResult"] == "STOP"


def test_an_authorised_application_is_told_what_the_federation_and_the_regions_report(traveller: Traveller) -> None:
    traveller.declare_trip()
    told = traveller.app.call(CallNumber.HEALTH_QUERY, **traveller.told)
    assert (told["fxdj"], told["isOthersQueried"]) == ("00", "1")
    assert [report["reportProvince"] for report in told["healthyReport"]] == ["00"]


def test_a_correction_is_decided_by_the_region_that_set_the_state_and_the_person_is_told(
    federation: Federation, traveller: Traveller
) -> None:
    asked = {**traveller.told, "name": traveller.name, "correctType": "2", "reportProvince": HUBEI}
    opened = traveller.app.call(CallNumber.ERROR_CORRECTION, **asked)
    assert (opened["correctNo"][:3], opened["correctState"]) == ("54-", "received")
    operator = federation.operators[HUBEI]
    examined = operator.post(f"/v1/cases/{opened['correctNo']}/examination")
    assert traveller.name in json.dumps(examined, ensure_ascii=False)
    decision = {"decision": "corrected", "ground": "data_was_wrong"}
    operator.post(f"/v1/cases/{opened['correctNo']}/decision", decision)
    by_number = {**traveller.told, "correctNo": opened["correctNo"]}
    deadline = time.monotonic() + 60
    while (told := traveller.app.call(CallNumber.ERROR_CORRECTION, **by_number))["correctState"] != "decided":
        assert time.monotonic() < deadline, told
        time.sleep(0.5)
    assert told["correctResult"] == "corrected"
    assert "数据有误" in told["warmMsgs"]
