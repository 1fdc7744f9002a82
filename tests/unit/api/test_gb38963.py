"""The face of GB/T 38963-2020 at one gateway: names, return codes, applications, tokens, what each caller is told."""

import base64
import io
import subprocess
import sys
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from PIL import Image

from tests.fakes.callers import CALLERS, TestCaller, insecure_test_key
from tests.house.tree import PACKAGE
from tests.unit.api.nodes import CallableNode
from tests.unit.api.test_ways import know
from tests.world import AT, World
from tongxing.api.gb38963 import messages
from tongxing.api.gb38963.names import CALL_NAMES, NAMES, CallNumber, NameSure
from tongxing.api.gb38963.return_codes import RETURN_CODES, ReturnCode, return_code_of, return_code_of_reason
from tongxing.api.routes import GATEWAY_ROUTES
from tongxing.app.nodes import Gateway
from tongxing.core.causes import Cause
from tongxing.core.levels import Level
from tongxing.core.limits import EXCHANGE_TOKEN_LIFE, TICKET_LIFE
from tongxing.core.problems import PROBLEMS, ProblemId
from tongxing.core.reasons import REASONS, ReasonId, Stage
from tongxing.services.ports import Role
from tongxing.wire.qr import read_picture

pytestmark = pytest.mark.anyio

BACK_END, DEVICE = CALLERS[Role.BACK_END], CALLERS[Role.DEVICE]
OTHER_DEVICE = TestCaller(insecure_test_key("ANOTHER DEVICE"), Role.DEVICE)
PERSON = {"idType": "20", "idNumber": "E99000001"}
MAKING = {**PERSON, "name": "王五", "isAuthorized": "1"}


async def post(node: CallableNode, caller: TestCaller, number: CallNumber, body: object) -> httpx.Response:
    return await node.call(caller, "POST", CALL_NAMES[number].path, body)


async def done(node: CallableNode, caller: TestCaller, number: CallNumber, body: object) -> Any:
    answer = await post(node, caller, number, body)
    assert (answer.status_code, answer.json()["errcode"]) == (200, ReturnCode.OK), answer.text
    return answer.json()["data"]


async def failed(node: CallableNode, caller: TestCaller, number: CallNumber, body: object) -> tuple[ProblemId, int]:
    answer = await post(node, caller, number, body)
    told = answer.json()
    problem = ProblemId(told["problem"])
    assert answer.status_code == PROBLEMS[problem].status
    assert "data" not in told
    assert min(len(told["errmsg"]), len(told["errmsgEn"])) > 3
    return problem, told["errcode"]


async def applied(node: CallableNode, caller: TestCaller, what: str) -> dict[str, str]:
    data = await done(node, caller, CallNumber.CALL_APPLICATION, {"applyType": what})
    return {"bsn": data["bsn"], "randomNumber": data["randomNumber"]}


async def scanned(node: CallableNode, qr_text: str) -> httpx.Response:
    told = {**await applied(node, DEVICE, "2"), "qrCode": qr_text, "placeType": "1"}
    return await post(node, DEVICE, CallNumber.CODE_VERIFICATION, told)


# Names


def test_every_name_on_the_wire_stands_in_the_table() -> None:
    structs = [each for each in vars(messages).values() if isinstance(each, type) and issubclass(each, msgspec.Struct)]
    own = [each for each in structs if each.__module__ == messages.__name__]
    assert len(own) > 15
    for struct in own:
        for field in msgspec.structs.fields(struct):
            assert field.encode_name == NAMES[field.name].wire, struct


def test_no_name_stands_in_the_table_that_nothing_uses_or_that_two_words_share() -> None:
    structs = [each for each in vars(messages).values() if isinstance(each, type) and issubclass(each, msgspec.Struct)]
    used = {
        field.name for each in structs if each.__module__ == messages.__name__ for field in msgspec.structs.fields(each)
    }
    assert set(NAMES) == used
    assert len({row.wire for row in NAMES.values()}) == len(NAMES)


def test_no_other_module_of_the_face_knows_a_name_that_is_not_our_own_word() -> None:
    foreign = {row.wire for ours, row in NAMES.items() if row.wire != ours} - {"data", "name", "person", "width"}
    face = PACKAGE / "api" / "gb38963"
    found = [
        (path.name, wire)
        for path in face.glob("*.py")
        if path.name != "names.py"
        for wire in foreign
        if f'"{wire}"' in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_another_table_of_names_is_another_face() -> None:
    """Replaced in one place before anything else is imported; decoding, encoding and the document follow."""
    program = """
import dataclasses, msgspec
from types import MappingProxyType
from tongxing.api.gb38963 import names
names.NAMES = MappingProxyType({**names.NAMES, "qr_text": dataclasses.replace(names.NAMES["qr_text"], wire="mxx")})
from tongxing.api.gb38963.messages import CodeVerification
from tongxing.api.openapi import describe_api
from tongxing.api.routes import GATEWAY_ROUTES
told = {"bsn": "0" * 32, "randomNumber": "0" * 32, "mxx": "text", "placeType": "1"}
print(msgspec.convert(told, CodeVerification).qr_text)
print("mxx" in describe_api(GATEWAY_ROUTES)["components"]["schemas"]["CodeVerification"]["properties"])
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.split() == ["text", "True"]


def test_whatever_was_not_seen_is_marked_as_assumed() -> None:
    sure = {row.sure for row in NAMES.values()}
    assert sure == set(NameSure)
    assert NAMES["exchange_token"].sure is NameSure.CONTENTS
    assert all(row.sure is NameSure.ASSUMED for row in CALL_NAMES.values())


# Return codes


def test_every_return_code_says_what_it_is_and_every_failure_has_one_that_is_no_success() -> None:
    assert set(RETURN_CODES) == set(ReturnCode)
    assert all(return_code_of(problem) is not ReturnCode.OK for problem in ProblemId)


def test_a_code_is_told_as_verified_only_where_a_rule_decided() -> None:
    verified = {reason for reason in ReasonId if return_code_of_reason(reason) is ReturnCode.OK}
    assert verified == {reason for reason, row in REASONS.items() if row.stage >= Stage.DECIDE}


def test_what_the_calls_can_fail_with_has_a_return_code_of_its_own() -> None:
    face = [row for row in GATEWAY_ROUTES if row.path.startswith("/gb38963/")]
    told = {problem for row in face for problem in row.problems}
    assert len({return_code_of(problem) for problem in told}) == len(told)


async def test_a_failure_before_the_call_is_told_in_the_same_form(gateway: CallableNode) -> None:
    answer = await gateway.call(None, "POST", CALL_NAMES[CallNumber.CALL_APPLICATION].path, {"applyType": "1"})
    assert (answer.status_code, answer.json()["errcode"]) == (401, ReturnCode.NOT_AUTHORISED)
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("number", "caller", "body"),
    [
        (CallNumber.CALL_APPLICATION, BACK_END, {"applyType": "3"}),
        (CallNumber.CALL_APPLICATION, BACK_END, {"applyType": "1", "phone": "1"}),
        (CallNumber.CODE_MAKING, BACK_END, {**MAKING, "bsn": "0", "randomNumber": "0" * 32}),
        (CallNumber.HEALTH_QUERY, BACK_END, {"isAuthorized": "1"}),
        (CallNumber.HEALTH_QUERY, DEVICE, {"BizExtData": "AA", **PERSON}),
        (CallNumber.HEALTH_QUERY, DEVICE, {**PERSON, "isPresent": "1"}),
        (CallNumber.TRIP_DECLARATION, BACK_END, {**PERSON, "isAuthorized": "1", "xcgjAllList": []}),
        (
            CallNumber.TRIP_DECLARATION,
            BACK_END,
            {**PERSON, "isAuthorized": "1", "xcgjAllList": [{"xzqh": "450103", "startTime": "20200230000000"}]},
        ),
        *(
            (CallNumber.HEALTH_DECLARATION, BACK_END, {**PERSON, "isAuthorized": "1", **answers})
            for answers in (
                {"symptom": "1^2", "isContactPatient": "2", "isEpidemicAreaRisk": "2"},
                {"symptom": "2^2", "isContactPatient": "2", "isEpidemicAreaRisk": "2"},
                {"symptom": "8", "isContactPatient": "2", "isEpidemicAreaRisk": "2"},
                {"symptom": "1", "isContactPatient": "4", "isEpidemicAreaRisk": "2"},
                {"symptom": "1", "isContactPatient": "2", "isEpidemicAreaRisk": "3"},
                {"symptom": "1", "isContactPatient": "2", "isEpidemicAreaRisk": "2", "temperature": "48.0"},
            )
        ),
    ],
)
async def test_what_is_not_well_formed_is_refused(
    gateway: CallableNode, number: CallNumber, caller: TestCaller, body: object
) -> None:
    assert await failed(gateway, caller, number, body) == (ProblemId.BAD_REQUEST, ReturnCode.REQUEST_MALFORMED)


# Applications


async def test_an_application_makes_one_code_and_no_second(gateway: CallableNode) -> None:
    await know(gateway)
    told = {**MAKING, **await applied(gateway, BACK_END, "1")}
    made = await done(gateway, BACK_END, CallNumber.CODE_MAKING, told)
    assert made["qrCode"].isdigit()
    assert made["expireTime"] == "20200321120100"
    again = await failed(gateway, BACK_END, CallNumber.CODE_MAKING, told)
    assert again == (ProblemId.TICKET_UNUSABLE, ReturnCode.AUTHORISATION_WRONG)


async def test_the_picture_is_that_of_the_text(gateway: CallableNode) -> None:
    await know(gateway)
    made = await done(gateway, BACK_END, CallNumber.CODE_MAKING, {**MAKING, **await applied(gateway, BACK_END, "1")})
    assert read_modules(made["imgStream"], made["width"]) == made["qrCode"]


def read_modules(modules: str, width: int) -> str:
    """Draw a picture of bits as a phone would, and read it as a scanner would."""
    data = base64.b64decode(modules)
    bits = [byte >> (7 - place) & 1 for byte in data for place in range(8)]
    picture = Image.new("L", (width + 8, width + 8), 255)
    for at in range(width * width):
        picture.putpixel((4 + at % width, 4 + at // width), 255 * (1 - bits[at]))
    file = io.BytesIO()
    picture.resize((8 * (width + 8), 8 * (width + 8)), Image.Resampling.NEAREST).save(file, "PNG")
    return read_picture(file.getvalue())


async def test_an_application_is_good_for_its_applicant_alone_for_what_it_was_made_for_and_for_its_time(
    gateway: CallableNode,
) -> None:
    await know(gateway)
    assert isinstance(gateway.node, Gateway)
    await gateway.node.core.stores.credentials.enrol(OTHER_DEVICE.credential())
    scan = {"qrCode": World().national_code(), "placeType": "1"}
    told = {**scan, **await applied(gateway, DEVICE, "2")}
    refused = (ProblemId.TICKET_UNUSABLE, ReturnCode.AUTHORISATION_WRONG)
    assert await failed(gateway, OTHER_DEVICE, CallNumber.CODE_VERIFICATION, told) == refused
    guessed = {**told, "randomNumber": "00" * 16}
    assert await failed(gateway, DEVICE, CallNumber.CODE_VERIFICATION, guessed) == refused
    made_for_making = {**scan, **await applied(gateway, BACK_END, "1")}
    assert await failed(gateway, DEVICE, CallNumber.CODE_VERIFICATION, made_for_making) == refused
    gateway.clock.move(TICKET_LIFE)
    assert await failed(gateway, DEVICE, CallNumber.CODE_VERIFICATION, told) == refused


@pytest.mark.parametrize(("caller", "what"), [(DEVICE, "1"), (BACK_END, "2")])
async def test_a_checkpoint_makes_no_code_and_an_application_verifies_none(
    gateway: CallableNode, caller: TestCaller, what: str
) -> None:
    refused = await failed(gateway, caller, CallNumber.CALL_APPLICATION, {"applyType": what})
    assert refused == (ProblemId.FORBIDDEN, ReturnCode.NOT_AUTHORISED)


# Verifying, and what is told of it


@pytest.mark.parametrize("level", Level)
async def test_the_result_of_a_verification_is_told_once_to_whom_it_was_given(
    gateway: CallableNode, level: Level
) -> None:
    assert isinstance(gateway.node, Gateway)
    await gateway.node.core.stores.credentials.enrol(OTHER_DEVICE.credential())
    found = (await scanned(gateway, World().national_code(level))).json()
    assert found["errcode"] == ReturnCode.OK
    shown = {"BizExtData": found["data"]["BizExtData"]}
    refused = (ProblemId.TICKET_UNUSABLE, ReturnCode.AUTHORISATION_WRONG)
    assert await failed(gateway, OTHER_DEVICE, CallNumber.HEALTH_QUERY, shown) == refused
    told = await done(gateway, DEVICE, CallNumber.HEALTH_QUERY, shown)
    assert told["uuid"] == found["data"]["uuid"]
    assert (told["passResult"] == "PASS") == (level is Level.LOW)
    assert told["person"] == {"desensitizeName": "王**"}
    assert await failed(gateway, DEVICE, CallNumber.HEALTH_QUERY, shown) == refused


@pytest.mark.parametrize("level", Level)
async def test_a_checkpoint_is_told_no_level_no_report_and_no_source(gateway: CallableNode, level: Level) -> None:
    found = (await scanned(gateway, World().national_code(level))).json()["data"]
    told = await done(gateway, DEVICE, CallNumber.HEALTH_QUERY, {"BizExtData": found["BizExtData"]})
    assert set(told) == {"warmMsgs", "warmMsgsEn", "uuid", "passResult", "measures", "dataAgeSeconds", "person"}
    assert "42" not in "".join(told["warmMsgs"])


async def test_a_token_ends_and_a_made_up_one_is_refused_alike(gateway: CallableNode) -> None:
    found = (await scanned(gateway, World().national_code())).json()["data"]
    refused = (ProblemId.TICKET_UNUSABLE, ReturnCode.AUTHORISATION_WRONG)
    for made_up in ("A", "AAAA", "A" * 512):
        assert await failed(gateway, DEVICE, CallNumber.HEALTH_QUERY, {"BizExtData": made_up}) == refused
    gateway.clock.move(EXCHANGE_TOKEN_LIFE)
    shown = {"BizExtData": found["BizExtData"]}
    assert await failed(gateway, DEVICE, CallNumber.HEALTH_QUERY, shown) == refused


@pytest.mark.parametrize(
    ("shown", "number"),
    [
        ("https://example.org/", ReturnCode.CODE_INVALID_OR_EXPIRED),
        (World().national_code(at=AT - timedelta(hours=1)), ReturnCode.CODE_INVALID_OR_EXPIRED),
        ("HBJKM." + "A" * 43, ReturnCode.THIRD_PARTY_BUSY),
        ("", ReturnCode.CODE_INVALID_OR_EXPIRED),
    ],
)
async def test_what_was_not_confirmed_is_told_with_its_return_code_and_names_the_manual_lane(
    gateway: CallableNode, shown: str, number: ReturnCode
) -> None:
    answer = await scanned(gateway, shown)
    assert (answer.status_code, answer.json()["errcode"]) == (200, number)
    told = await done(gateway, DEVICE, CallNumber.HEALTH_QUERY, {"BizExtData": answer.json()["data"]["BizExtData"]})
    assert told["passResult"] == "REFER"
    assert "人工" in "".join(told["warmMsgs"])


async def test_the_same_code_gives_the_same_verdict_as_the_native_call(gateway: CallableNode) -> None:
    """Law 3: this face decides nothing."""
    for level in Level:
        qr_text = World().national_code(level)
        found = (await scanned(gateway, qr_text)).json()["data"]
        told = await done(gateway, DEVICE, CallNumber.HEALTH_QUERY, {"BizExtData": found["BizExtData"]})
        native = await gateway.call(
            DEVICE, "POST", "/v1/verifications", {"qr_text": qr_text, "place_kind": "traffic_gate"}
        )
        guard = native.json()
        assert told["passResult"] == guard["outcome"]
        assert told["warmMsgs"][:3] == [guard[part]["zh"] for part in ("headline", "sentence", "next_step")]


async def test_a_fever_that_the_person_confirmed_counts_and_one_that_they_did_not_does_not(
    gateway: CallableNode,
) -> None:
    outcomes = []
    for confirmed in ("1", "2"):
        scan = {"qrCode": World().national_code(), "placeType": "1", "temperature": "38.5", "isConfirmed": confirmed}
        told = {**scan, **await applied(gateway, DEVICE, "2")}
        found = await done(gateway, DEVICE, CallNumber.CODE_VERIFICATION, told)
        shown = await done(gateway, DEVICE, CallNumber.HEALTH_QUERY, {"BizExtData": found["BizExtData"]})
        outcomes.append(shown["passResult"])
    assert outcomes[0] != "PASS"
    assert outcomes[1] == "PASS"


async def test_a_session_stands_for_the_signature_of_a_checkpoint(gateway: CallableNode) -> None:
    session = await gateway.open_session()
    path = CALL_NAMES[CallNumber.CALL_APPLICATION].path
    answer = await gateway.client.post(path, json={"applyType": "2"}, headers=session)
    assert answer.json()["errcode"] == ReturnCode.OK


# Querying by document


async def test_an_authorised_application_is_told_each_region_s_report_and_the_person_sees_the_look(
    gateway: CallableNode,
) -> None:
    await know(gateway, Cause.CLOSE_CONTACT)
    told = await done(gateway, BACK_END, CallNumber.HEALTH_QUERY, {**PERSON, "isAuthorized": "1"})
    assert (told["fxdj"], told["reportState"], told["isOthersQueried"]) == ("10", "current", "2")
    assert told["person"] == {"desensitizeCardId": "E9*****01"}
    (report,) = told["healthyReport"]
    assert (report["reportProvince"], report["healthyStaus"]) == ("45", "10")
    looks = await gateway.call(BACK_END, "POST", "/v1/looks", {"document": {"type": "20", "number": "E99000001"}})
    assert [look["purpose"] for look in looks.json()["looks"]] == ["health_query"]


async def test_nothing_is_told_without_authorisation_or_presence(gateway: CallableNode) -> None:
    await know(gateway)
    refused = (ProblemId.CONSENT_NEEDED, ReturnCode.CONSENT_MISSING)
    for said in ({}, {"isAuthorized": "2"}, {"isPresent": "1"}):
        assert await failed(gateway, BACK_END, CallNumber.HEALTH_QUERY, {**PERSON, **said}) == refused
    for said in ({}, {"isPresent": "2"}, {"isAuthorized": "1"}):
        shown = {**PERSON, "placeType": "1", **said}
        assert await failed(gateway, DEVICE, CallNumber.HEALTH_QUERY, shown) == refused


async def test_a_guard_queries_whoever_is_present_by_document_and_learns_what_to_do(gateway: CallableNode) -> None:
    await know(gateway)
    told = await done(gateway, DEVICE, CallNumber.HEALTH_QUERY, {**PERSON, "isPresent": "1", "placeType": "1"})
    assert told["passResult"] in {"PASS", "PASS_WITH_MEASURES"}
    assert "fxdj" not in told
    assert "healthyReport" not in told


# Declaring


async def test_a_region_that_has_not_adopted_the_national_code_says_that_it_takes_no_declarations(
    gateway: CallableNode,
) -> None:
    await know(gateway)
    trip = {**PERSON, "isAuthorized": "1", "xcgjAllList": [{"xzqh": "450103", "startTime": "20200301000000"}]}
    well = {**PERSON, "isAuthorized": "1", "symptom": "1", "isContactPatient": "2", "isEpidemicAreaRisk": "2"}
    refused = (ProblemId.WAY_NOT_USED, ReturnCode.PLATFORM_UNSUPPORTED)
    assert await failed(gateway, BACK_END, CallNumber.TRIP_DECLARATION, trip) == refused
    assert await failed(gateway, BACK_END, CallNumber.HEALTH_DECLARATION, well) == refused
    for told in (trip, well):
        number = CallNumber.TRIP_DECLARATION if told is trip else CallNumber.HEALTH_DECLARATION
        without = {**told, "isAuthorized": "2"}
        assert (await failed(gateway, BACK_END, number, without))[0] is ProblemId.CONSENT_NEEDED


# Correcting

WRONG = {**PERSON, "name": "王五", "isAuthorized": "1", "correctType": "2", "reportProvince": "42"}


async def test_a_correction_is_acknowledged_at_once_with_a_number_and_the_terms_of_who_decides(
    gateway: CallableNode,
) -> None:
    await know(gateway)
    told = await done(gateway, BACK_END, CallNumber.ERROR_CORRECTION, WRONG)
    assert told["correctNo"].startswith("45-20200321-")
    assert (told["reportProvince"], told["correctState"]) == ("42", "waiting")
    assert told["acceptTime"] == "20200321120000"
    assert told["acceptTime"] < told["decideTime"] <= told["limitTime"] <= "20200323120000"
    assert await done(gateway, BACK_END, CallNumber.ERROR_CORRECTION, WRONG) == told


async def test_how_a_correction_stands_is_told_by_its_number_to_its_person_alone(gateway: CallableNode) -> None:
    await know(gateway)
    opened = await done(gateway, BACK_END, CallNumber.ERROR_CORRECTION, WRONG)
    asked = {**PERSON, "isAuthorized": "1", "correctNo": opened["correctNo"]}
    assert await done(gateway, BACK_END, CallNumber.ERROR_CORRECTION, asked) == opened
    nobodys = {**asked, "correctNo": "45-20200321-00000000"}
    refused = (ProblemId.NOT_FOUND, ReturnCode.NOT_FOUND)
    assert await failed(gateway, BACK_END, CallNumber.ERROR_CORRECTION, nobodys) == refused
    gateway.clock.move(timedelta(hours=48))
    await know(gateway)
    late = await done(gateway, BACK_END, CallNumber.ERROR_CORRECTION, asked)
    assert late["correctState"] == "overdue"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"isAuthorized": "2"}, ProblemId.CONSENT_NEEDED),
        ({"correctType": "8"}, ProblemId.BAD_REQUEST),
        ({"correctNo": "45-20200321-00000000"}, ProblemId.BAD_REQUEST),
        ({"reportProvince": "99"}, ProblemId.NOT_FOUND),
        ({"name": " "}, ProblemId.BAD_REQUEST),
    ],
)
async def test_a_correction_that_says_nothing_to_anybody_is_refused(
    gateway: CallableNode, changes: dict[str, str], problem: ProblemId
) -> None:
    await know(gateway)
    assert (await failed(gateway, BACK_END, CallNumber.ERROR_CORRECTION, {**WRONG, **changes}))[0] is problem
