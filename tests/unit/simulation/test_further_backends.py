"""The back ends of Beijing, Anhui, Guangdong, Guangzhou and Tibet over real HTTP, and the one call of way 1."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest

from tests.unit.regions.samples import load_profile
from tests.unit.simulation.driving import ask, reason_of, understand, understand_code
from tests.unit.simulation.running import AT, RunningBackEnd, StoppedClock, running
from tongxing.api.way_messages import RecognitionAnswer, RecognitionMessage
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.core.causes import Cause
from tongxing.core.levels import Level, Standing
from tongxing.core.reasons import ReasonId
from tongxing.core.subjects import Document, DocumentType
from tongxing.core.words import FEDERATION, RegionId
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.suites import SuiteId
from tongxing.recognition.view_words import Words
from tongxing.regions.families import FAMILIES
from tongxing.regions.families.signed_numeric import sign_parameters
from tongxing.simulation.backends.recognising import GatewayRecognising, Recognition, parse_recognition
from tongxing.simulation.backends.signed_numeric import INSECURE_TEST_SECRET
from tongxing.simulation.people import Circumstance, make_people

MIDNIGHT = datetime(2020, 3, 20, 16, 0, tzinfo=UTC)
VISITOR = make_people(RegionId("42"), count=1, seed=1, at=AT)[0]


@dataclass
class ToldInAdvance:
    """Another region's report, for the test to set; and who was asked about."""

    recognition: Recognition | None = None
    asked: list[Document] = field(default_factory=list)

    async def recognise(self, document: Document, person_ref: str) -> Recognition | None:
        assert person_ref
        self.asked.append(document)
        return self.recognition


@pytest.fixture
def elsewhere() -> ToldInAdvance:
    return ToldInAdvance()


@pytest.fixture
def beijing(elsewhere: ToldInAdvance) -> Iterator[RunningBackEnd]:
    with running("11", elsewhere) as back_end:
        yield back_end


@pytest.fixture
def anhui() -> Iterator[RunningBackEnd]:
    with running("34") as back_end:
        yield back_end


def opened(beijing: RunningBackEnd, number: str = VISITOR.document.number) -> dict[str, str]:
    answer = beijing.post("/jkb/code/open", {"cardType": "10", "cardId": number, "name": "张三丰"}).json()
    assert answer["resultCode"] == "0"
    told: dict[str, str] = answer["data"]
    return told


def recognised(level: Level | None, valid_until: datetime | None = None) -> Recognition:
    standing = Standing.NO_RECORD if level is None else Standing.CURRENT
    return Recognition(level, standing, None if level is None else RegionId("42"), valid_until, "湖北省：绿码")


@pytest.mark.parametrize(
    ("circumstance", "standing", "level", "is_colour_only"),
    [
        ("green_low_risk_county", Standing.CURRENT, Level.LOW, False),
        ("yellow_unexplained", Standing.CURRENT, Level.MEDIUM, True),
        ("red_unexplained", Standing.CURRENT, Level.HIGH, True),
        ("unconfirmed", Standing.NO_RECORD, None, False),
    ],
)
def test_beijing_says_of_each_circumstance_what_it_is(
    beijing: RunningBackEnd, circumstance: str, standing: Standing, level: Level | None, is_colour_only: bool
) -> None:
    translated = understand(beijing, circumstance)
    report = translated.report
    assert (report.standing, report.level, report.colour_only) == (standing, level, is_colour_only)
    assert translated.masked_hint == beijing.people.pick(Circumstance(circumstance)).masked_name
    assert report.derived_from is None


def test_beijings_green_is_that_nothing_was_found_until_midnight_to_the_second(beijing: RunningBackEnd) -> None:
    qr_text = beijing.show("green_low_risk_county")
    beijing.clock.at = MIDNIGHT - timedelta(seconds=1)
    before = understand_code(beijing, qr_text).report
    assert [held.cause for held in before.causes] == [Cause.NOTHING_FOUND]
    assert (before.standing, before.valid_until) == (Standing.CURRENT, MIDNIGHT)
    beijing.clock.at = MIDNIGHT
    assert understand_code(beijing, qr_text).report.standing is Standing.EXPIRED
    assert understand(beijing, "green_low_risk_county").report.standing is Standing.CURRENT


def test_a_new_result_of_beijing_takes_the_place_of_the_one_before(beijing: RunningBackEnd) -> None:
    first, second = beijing.show("green_low_risk_county"), beijing.show("green_low_risk_county")
    assert first != second
    assert reason_of(beijing, first) is ReasonId.TICKET_EXPIRED
    assert ask(beijing, second).status == ask(beijing, second).status == "未见异常"
    assert reason_of(beijing, "BJJKB." + "A" * 32) is ReasonId.TICKET_UNKNOWN


def test_beijing_asks_nobody_about_its_own_people(beijing: RunningBackEnd, elsewhere: ToldInAdvance) -> None:
    person = beijing.people.pick(Circumstance.RED_UNEXPLAINED)
    told = opened(beijing, person.document.number)
    assert (told["statusText"], told["recognitionText"], elsewhere.asked) == ("集中观察", "", [])
    assert ask(beijing, told["qrText"]).person_ref == person.person_ref


@pytest.mark.parametrize(
    ("level", "words"), [(Level.LOW, "未见异常"), (Level.MEDIUM, "居家观察"), (Level.HIGH, "集中观察")]
)
def test_a_visitor_is_recognised_inside_beijings_own_code(
    beijing: RunningBackEnd, elsewhere: ToldInAdvance, level: Level, words: str
) -> None:
    elsewhere.recognition = recognised(level)
    told = opened(beijing)
    assert elsewhere.asked == [VISITOR.document]
    assert (told["statusText"], told["recognisedFrom"], told["recognitionText"]) == (words, "42", "湖北省：绿码")
    report = understand_code(beijing, told["qrText"]).report
    assert (report.issuer, report.level, report.derived_from) == ("11", level, "42")


def test_what_beijing_recognised_ends_no_later_than_its_source(
    beijing: RunningBackEnd, elsewhere: ToldInAdvance
) -> None:
    elsewhere.recognition = recognised(Level.LOW, AT + timedelta(hours=1))
    qr_text = opened(beijing)["qrText"]
    assert understand_code(beijing, qr_text).report.valid_until == AT + timedelta(hours=1)
    elsewhere.recognition = recognised(Level.LOW, AT + timedelta(days=3))
    assert understand_code(beijing, opened(beijing)["qrText"]).report.valid_until == MIDNIGHT


def test_beijings_own_report_that_only_the_hub_knew_is_nobody_elses(
    beijing: RunningBackEnd, elsewhere: ToldInAdvance
) -> None:
    elsewhere.recognition = replace(recognised(Level.HIGH), source=RegionId("11"))
    report = understand_code(beijing, opened(beijing)["qrText"]).report
    assert (report.level, report.derived_from) == (Level.HIGH, None)


def test_opening_the_code_again_shows_what_is_known_now(beijing: RunningBackEnd, elsewhere: ToldInAdvance) -> None:
    elsewhere.recognition = recognised(Level.LOW)
    first = opened(beijing)["qrText"]
    elsewhere.recognition = recognised(Level.HIGH)
    assert understand_code(beijing, opened(beijing)["qrText"]).report.level is Level.HIGH
    assert reason_of(beijing, first) is ReasonId.TICKET_EXPIRED


@pytest.mark.parametrize(
    ("recognition", "sentence"), [(None, "未能向其他地区核实"), (recognised(None), "湖北省：绿码")]
)
def test_a_visitor_whom_nobody_could_vouch_for_is_not_confirmed_and_never_well(
    beijing: RunningBackEnd, elsewhere: ToldInAdvance, recognition: Recognition | None, sentence: str
) -> None:
    elsewhere.recognition = recognition
    told = opened(beijing)
    assert told["recognitionText"] == sentence
    report = understand_code(beijing, told["qrText"]).report
    assert (report.standing, report.level, report.derived_from) == (Standing.NO_RECORD, None, None)


def test_what_makes_no_sense_opens_no_code(beijing: RunningBackEnd, elsewhere: ToldInAdvance) -> None:
    senseless: tuple[object, ...] = ({}, {"cardId": ""}, {"cardId": 7}, {"cardId": "99"}, [])
    for body in senseless:
        assert beijing.post("/jkb/code/open", body).json()["resultCode"] == "1003"
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("circumstance", "standing", "level", "derived_from"),
    [
        ("green_low_risk_county", Standing.CURRENT, Level.LOW, None),
        ("green_relayed", Standing.CURRENT, Level.LOW, FEDERATION),
        ("yellow_unexplained", Standing.CURRENT, Level.MEDIUM, None),
        ("red_unexplained", Standing.CURRENT, Level.HIGH, None),
        ("pending", Standing.PENDING, None, None),
    ],
)
def test_anhui_says_a_number_of_each_circumstance_and_whose_code_it_read(
    anhui: RunningBackEnd, circumstance: str, standing: Standing, level: Level | None, derived_from: RegionId | None
) -> None:
    report = understand(anhui, circumstance).report
    assert (report.standing, report.level, report.derived_from) == (standing, level, derived_from)
    assert report.colour_only is (level is not None)


def test_anhuis_answer_names_the_person_in_clear_and_nothing_of_it_goes_further(anhui: RunningBackEnd) -> None:
    person = anhui.people.pick(Circumstance.GREEN_LOW_RISK_COUNTY)
    translated = understand(anhui, "green_low_risk_county")
    assert translated.masked_hint == person.masked_name != person.name
    told = ask(anhui, anhui.show("green_low_risk_county"))
    assert told.person_ref == person.person_ref
    assert person.document.number not in repr(told)


def test_anhui_answers_nobody_who_does_not_sign_with_its_secret(anhui: RunningBackEnd) -> None:
    profile, qr_text = load_profile("34"), anhui.show("green_low_risk_county")
    asking = FAMILIES["signed_numeric"].ask(qr_text, profile, AT, "query", {"signing_secret": "another"})
    answer = anhui.client.post(profile.parameters["query_path"], content=next(asking).body).json()
    assert answer == {"flag": False, "errMsg": "签名错误"}


@pytest.mark.parametrize("change", [{"appId": "another"}, {"more": "x"}, {"timestamp": 1}, {"sign": None}])
def test_a_signature_over_other_parameters_than_anhuis_is_none(
    anhui: RunningBackEnd, change: dict[str, object]
) -> None:
    parameters = {"appId": "ahakm-gate", "nonceStr": "n", "qrCode": anhui.show("pending"), "timestamp": "1"}
    signed = {**parameters, "sign": sign_parameters(parameters, INSECURE_TEST_SECRET)}
    assert anhui.post("/akm/qrcode/query", signed).json()["data"]["flag"] is True
    assert anhui.post("/akm/qrcode/query", {**signed, **change}).json()["flag"] is False
    assert anhui.client.post("/akm/qrcode/query", content=b"{").json()["flag"] is False


def test_an_anhui_code_stays_the_same_and_an_unknown_one_is_told_as_unknown(anhui: RunningBackEnd) -> None:
    assert anhui.show("pending") == anhui.show("pending")
    assert reason_of(anhui, "AHAKM." + "0" * 32) is ReasonId.TICKET_UNKNOWN


@pytest.mark.parametrize("region", ["44", "4401"])
def test_guangdong_and_guangzhou_are_red_or_blue_in_march_2020(region: str) -> None:
    with running(region) as back_end:
        assert ask(back_end, back_end.show("green_low_risk_county")).status == "blue"
        assert understand(back_end, "green_low_risk_county").report.level is Level.LOW
        assert understand(back_end, "red_unexplained").report.level is Level.HIGH
        assert understand(back_end, "pending").report.standing is Standing.PENDING


def test_guangzhou_does_not_answer_for_guangdong() -> None:
    with running("44") as province, running("4401") as city:
        body = city.show("red_unexplained").replace("GZSKM", "GDYKM")
        assert reason_of(province, body) is ReasonId.TICKET_UNKNOWN


def test_tibet_has_people_and_nothing_to_show() -> None:
    with running("54") as back_end:
        shown = back_end.post("/_show", {"person": {"circumstance": "red_close_contact"}})
        assert (shown.status_code, shown.json()) == (400, {"error": "region 54 has no code of its own"})
        switched = back_end.switch(person={"circumstance": "red_close_contact"}, status="00", told=["wjyc"])
        assert switched.status_code == 200


ANSWER = b"""{"level": "00", "standing": "current", "issuer": "42", "as_of": "2020-03-20T04:00:00Z",
 "valid_until": "2020-03-21T04:00:00Z", "sentence": {"zh": "\xe6\xb9\x96\xe5\x8c\x97", "en": "Hubei"}}"""


def test_a_recognition_is_read_with_whose_report_it_is() -> None:
    read = parse_recognition(ANSWER)
    assert read == Recognition(Level.LOW, Standing.CURRENT, RegionId("42"), AT + timedelta(days=1), "湖北")
    relayed = parse_recognition(ANSWER.replace(b'"issuer": "42"', b'"issuer": "34", "derived_from": "00"'))
    assert relayed is not None
    assert relayed.source == FEDERATION


def test_back_end_and_gateway_speak_of_recognition_in_the_same_names() -> None:
    until = AT + timedelta(days=1)
    told = RecognitionAnswer(
        level=Level.LOW,
        standing=Standing.CURRENT,
        issuer="42",
        as_of=AT,
        valid_until=until,
        sentence=Words("湖北", "Hubei"),
        derived_from="42",
        others_consulted=True,
    )
    read = parse_recognition(msgspec.json.encode(told))
    assert read == Recognition(Level.LOW, Standing.CURRENT, RegionId("42"), until, "湖北")
    _, (request,) = recognise_by(None)
    asked = msgspec.json.decode(request.read(), type=RecognitionMessage)
    assert (asked.document.number, asked.consent) == (VISITOR.document.number, True)


def test_a_level_that_is_not_current_is_not_recognised() -> None:
    expired = parse_recognition(ANSWER.replace(b"current", b"expired"))
    assert expired is not None
    assert expired.level is None
    assert parse_recognition(b'{"standing": "current"}') is None
    assert parse_recognition(b"<html>") is None


def recognise_by(answer: httpx.Response | None) -> tuple[Recognition | None, list[httpx.Request]]:
    """Let a back end ask a gateway that answers so, or is away."""
    seen: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if answer is None:
            raise httpx.ConnectError("away")
        return answer

    async def recognise() -> Recognition | None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(respond)) as client:
            key = SigningKey.from_seed(SuiteId.EDDSA, b"INSECURE_TEST_back_end".ljust(32, b"."))
            caller = SignedCaller(client, key, StoppedClock(), bytes)
            return await GatewayRecognising(caller, "http://gateway").recognise(VISITOR.document, "visitor-1")

    return asyncio.run(recognise()), seen


def test_the_one_call_is_signed_and_names_document_purpose_consent_and_its_own_id() -> None:
    read, (request,) = recognise_by(httpx.Response(200, content=ANSWER))
    assert read == parse_recognition(ANSWER)
    assert (request.method, request.url.path) == ("POST", "/v1/recognitions")
    assert "signature-input" in request.headers
    assert VISITOR.document.type is DocumentType.RESIDENT_ID
    assert request.read().decode() == (
        f'{{"document":{{"type":"10","number":"{VISITOR.document.number}"}},"purpose":"own_code","consent":true,'
        '"person_ref":"visitor-1"}'
    )


@pytest.mark.parametrize(
    "answer", [None, httpx.Response(503, content=ANSWER), httpx.Response(302), httpx.Response(200, content=b"[]")]
)
def test_a_gateway_that_gives_no_answer_has_recognised_nobody(answer: httpx.Response | None) -> None:
    assert recognise_by(answer)[0] is None
