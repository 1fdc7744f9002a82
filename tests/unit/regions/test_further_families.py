"""The further families by hand: what each sends, what it makes of good answers, and of answers that are none."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from hashlib import md5

import pytest

from tests.unit.regions.dialect_samples import (
    FURTHER,
    GATE,
    HEX,
    HOSPITAL,
    KEYED,
    LEVELS,
    PAPER,
    TRAVEL,
    UNSIGNED,
    gate,
    hospital,
    keyed,
    levels,
    paper,
    province,
    secret,
    travel,
    unsigned,
)
from tests.unit.regions.samples import (
    AT,
    CREDENTIALS,
    GOOD,
    QR_OF,
    QUERY_ID,
    ask_with,
    converse,
    json_answer,
    reason_of,
)
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.reasons import ReasonId
from tongxing.core.words import RegionId
from tongxing.regions.answers import BackEndAnswer
from tongxing.regions.families.day_password import DAY_PASSWORD, day_password
from tongxing.regions.families.keyed_call import KEYED_CALL, signed_call
from tongxing.regions.profile import Profile
from tongxing.regions.translation import Translated, translate


def told_by(profile: Profile, *bodies: object) -> Translated:
    told = ask_with(profile, QR_OF[profile.region], [json_answer(body) for body in bodies])
    return translate(told, profile, at=AT, revision=1)


def why_not(profile: Profile, *bodies: object) -> ReasonId:
    return reason_of(profile, [json_answer(body) for body in bodies])


def detail_of(profile: Profile, *answers: BackEndAnswer) -> str:
    with pytest.raises((Rejected, Undecidable)) as why:
        ask_with(profile, QR_OF[profile.region], answers)
    return why.value.detail


@pytest.mark.parametrize("profile", FURTHER, ids=lambda profile: profile.family)
def test_each_further_family_sends_json_to_its_profiles_paths_with_the_querys_id(profile: Profile) -> None:
    requests, told = converse(profile, QR_OF[profile.region], GOOD[profile.region])
    assert [request.path for request in requests] == [
        path
        for name in ("secret_path", "query_path", "service_path")
        if (path := profile.parameters.get(name)) is not None
    ]
    assert all(request.method == "POST" and request.headers["x-request-id"] == QUERY_ID for request in requests)
    assert told is not None


def test_the_gate_asks_as_its_device_and_grey_is_no_level() -> None:
    request = converse(GATE, QR_OF["91"], ())[0][0]
    assert json.loads(request.body) == {"deviceId": "gate-7", "qrCode": f"GATE:{HEX}", "requestId": QUERY_ID}
    levels_of = [told_by(GATE, gate(healthStatus=number)).report.level for number in (1, 2, 3)]
    assert levels_of == [Level.LOW, Level.MEDIUM, Level.HIGH]
    for grey in (4, "4"):
        report = told_by(GATE, gate(healthStatus=grey)).report
        assert (report.standing, report.level) == (Standing.PENDING, None)


@pytest.mark.parametrize("number", [0, 5, -1, 1.0, True, None, "", "01", "10", "green", [1]])
def test_a_gates_number_beyond_its_four_is_not_read(number: object) -> None:
    assert why_not(GATE, gate(healthStatus=number)) is ReasonId.SOURCE_UNREADABLE


@pytest.mark.parametrize(
    ("return_code", "reason"),
    [
        (22001, ReasonId.SOURCE_REFUSED),
        ("22006", ReasonId.SOURCE_AWAY),
        (22007, ReasonId.TICKET_UNKNOWN),
        (22008, ReasonId.TICKET_EXPIRED),
        (22009, ReasonId.SOURCE_AWAY),
        (12345, ReasonId.SOURCE_REFUSED),
    ],
)
def test_each_return_code_of_a_gate_has_its_reason(return_code: object, reason: ReasonId) -> None:
    assert why_not(GATE, {**gate(), "code": return_code}) is reason


def test_the_national_levels_are_told_by_the_region_itself_where_it_says_the_worst() -> None:
    answer = levels(province("42", "00"), province("92", "01", warnType="xcfr"), overall="01")
    report = told_by(LEVELS, answer).report
    assert (report.level, report.derived_from, report.colour_only) == (Level.MEDIUM, None, False)
    equal = told_by(LEVELS, levels(province("11", "01"), province("92", "01"), overall="01")).report
    assert equal.derived_from is None


def test_a_worse_report_of_another_province_is_relayed_as_theirs() -> None:
    answer = levels(province("92", "00"), province("51", "10"), province("42", "10"), overall="10")
    report = told_by(LEVELS, answer).report
    assert (report.issuer, report.level, report.derived_from) == ("92", Level.HIGH, "42")


def test_a_province_without_a_record_says_nothing_and_where_nobody_says_anything_there_is_none() -> None:
    assert told_by(LEVELS, levels(province("42", ""), province("92", "00"))).report.level is Level.LOW
    for nothing in (levels(province("42", ""), overall=""), levels(overall="", healthyReport=[])):
        report = told_by(LEVELS, nothing).report
        assert (report.standing, report.level, report.derived_from) == (Standing.NO_RECORD, None, None)


@pytest.mark.parametrize("overall", ["00", "10", ""])
def test_an_overall_risk_that_is_not_the_worst_report_is_a_contradiction(overall: str) -> None:
    """So red for yellow, and a default of green, are caught where reports stand beside."""
    answer = levels(province("92", "01"), overall=overall)
    assert why_not(LEVELS, answer) is ReasonId.SOURCE_UNREADABLE
    assert detail_of(LEVELS, json_answer(answer)) == "it contradicts itself"


@pytest.mark.parametrize("risk", [0, 1, 10, "0", "1", "2", "11", None, True])
def test_a_risk_that_was_taken_for_a_number_is_not_read(risk: object) -> None:
    assert why_not(LEVELS, levels(province("92", risk), overall=risk)) is ReasonId.SOURCE_UNREADABLE


@pytest.mark.parametrize(
    "reports",
    [
        [province("92"), province("92")],
        [province("92"), province("42"), province("42")],
        [province("")],
        [province("9")],
        [province("北京")],
        [{"healthyStaus": "00"}],
        ["00"],
        {},
        None,
        [province(f"{number}") for number in range(11, 76)],
    ],
)
def test_reports_that_are_not_one_a_province_are_not_read(reports: object) -> None:
    assert why_not(LEVELS, levels(healthyReport=reports)) is ReasonId.SOURCE_UNREADABLE


def test_a_keyed_call_fetches_a_secret_and_signs_with_it_alone() -> None:
    requests, _ = converse(KEYED, QR_OF["93"], GOOD["93"])
    now = "1584676800000"
    first, second = (json.loads(request.body) for request in requests)
    key, app_secret = CREDENTIALS["app_key"], CREDENTIALS["app_secret"]
    assert first == {"appKey": key, "requestTime": now, "sign": signed_call(key, app_secret, now)["sign"]}
    assert second == {**signed_call(key, "secret-of-this-call", now), "key": f"KEYED:{HEX}"}
    assert (requests[1].headers["x-request-department"], requests[1].headers["x-area-code"]) == ("transport", "930000")


def test_a_keyed_signature_is_the_md5_of_key_secret_and_time() -> None:
    """Known answer, by: printf 'keysecret1584676800000' | md5sum."""
    assert signed_call("key", "secret", "1584676800000")["sign"] == md5(b"keysecret1584676800000").hexdigest()  # noqa: S324


def test_every_keyed_call_takes_the_secret_that_was_given_for_it() -> None:
    signs = set()
    for given in ("one", "two"):
        requests, _ = converse(KEYED, QR_OF["93"], [json_answer(secret(requestSecret=given))])
        signs.add(json.loads(requests[1].body)["sign"])
    assert len(signs) == 2


@pytest.mark.parametrize("until", ["1584676800000", "1", 0, "soon", "99999999999999999"])
def test_a_secret_that_has_run_out_is_not_used(until: object) -> None:
    assert why_not(KEYED, secret(requestSecretEndTime=until)) is ReasonId.SOURCE_REFUSED
    assert told_by(KEYED, secret(requestSecretEndTime=None), keyed()).report.level is Level.HIGH


@pytest.mark.parametrize("missing", ["app_key", "app_secret"])
def test_without_its_credentials_nobody_is_asked_by_key(missing: str) -> None:
    credentials = {name: value for name, value in CREDENTIALS.items() if name != missing}
    with pytest.raises(Undecidable, match=missing) as why:
        next(KEYED_CALL.ask(QR_OF["93"], KEYED, AT, QUERY_ID, credentials))
    assert why.value.reason is ReasonId.SOURCE_REFUSED


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(
    ("return_code", "reason"),
    [
        ("01", ReasonId.TICKET_UNKNOWN),
        ("02", ReasonId.TICKET_EXPIRED),
        ("14", ReasonId.SOURCE_REFUSED),
        ("98", ReasonId.SOURCE_AWAY),
        ("77", ReasonId.SOURCE_REFUSED),
    ],
)
def test_each_return_code_of_a_keyed_call_has_its_reason(return_code: str, reason: ReasonId, which: int) -> None:
    bodies = [secret(), keyed()]
    bodies[which]["code"] = return_code
    assert why_not(KEYED, *bodies[: which + 1]) is reason


def test_reasons_told_by_a_keyed_call_are_causes() -> None:
    assert told_by(KEYED, secret(), keyed()).report.level is Level.HIGH
    both = ask_with(KEYED, QR_OF["93"], [json_answer(secret()), json_answer(keyed(reason="mqjcz,djdq"))])
    assert both.told == ("mqjcz", "djdq")


def test_a_day_password_is_the_md5_of_application_method_and_beijing_day() -> None:
    (request,), _ = converse(HOSPITAL, QR_OF["94"], GOOD["94"])
    app_id = CREDENTIALS["app_id"]
    assert json.loads(request.body) == {
        "AppId": app_id,
        "Method": "GetHealthCode",
        "Password": md5(f"{app_id}GetHealthCode20200320".encode()).hexdigest(),  # noqa: S324
        "Key": f"HOSPITAL:{HEX}",
    }
    late = datetime(2020, 3, 19, 16, 0, tzinfo=UTC)
    assert day_password(app_id, "m", late) == day_password(app_id, "m", AT)
    assert day_password(app_id, "m", late - timedelta(seconds=1)) != day_password(app_id, "m", AT)


def passwords_sent(at: datetime) -> list[str]:
    """Return the passwords that are tried at a moment if none is right."""
    asking = DAY_PASSWORD.ask(QR_OF["94"], HOSPITAL, at, QUERY_ID, CREDENTIALS)
    sent, request = [], next(asking)
    with contextlib.suppress(Undecidable):
        for _ in range(10):
            sent.append(json.loads(request.body)["Password"])
            request = asking.send(json_answer({"ResultCode": "1002"}))
    return sent


def test_a_password_is_tried_for_the_day_beside_at_midnight_only() -> None:
    midnight = datetime(2020, 3, 20, 16, 0, tzinfo=UTC)
    today, tomorrow = (
        day_password(CREDENTIALS["app_id"], "GetHealthCode", midnight + timedelta(hours=h)) for h in (-1, 1)
    )
    assert passwords_sent(AT) == [today]
    assert passwords_sent(midnight - timedelta(seconds=30)) == [today, tomorrow]
    assert passwords_sent(midnight + timedelta(seconds=29)) == [tomorrow, today]
    assert passwords_sent(midnight - timedelta(seconds=31)) == [today]


@pytest.mark.parametrize(
    ("return_code", "reason"),
    [
        ("1001", ReasonId.SOURCE_REFUSED),
        ("1002", ReasonId.SOURCE_REFUSED),
        ("2001", ReasonId.TICKET_UNKNOWN),
        ("2002", ReasonId.TICKET_EXPIRED),
        ("9002", ReasonId.SOURCE_AWAY),
    ],
)
def test_each_return_code_of_the_web_service_has_its_reason(return_code: str, reason: ReasonId) -> None:
    assert why_not(HOSPITAL, {**hospital(), "ResultCode": return_code}) is reason


def test_without_the_application_id_the_web_service_is_asked_nothing() -> None:
    with pytest.raises(Undecidable, match="app_id"):
        next(DAY_PASSWORD.ask(QR_OF["94"], HOSPITAL, AT, QUERY_ID, {}))


@pytest.mark.parametrize(
    ("profile", "bodies"),
    [
        (GATE, [gate(qrCode=f"GATE:{HEX[1:]}0")]),
        (LEVELS, [levels(qrCode=f"LEVELS:{HEX[1:]}0")]),
        (KEYED, [secret(), keyed(key=f"KEYED:{HEX[1:]}0")]),
        (HOSPITAL, [hospital(Key=f"HOSPITAL:{HEX[1:]}0")]),
        (UNSIGNED, [unsigned(codeId=f"US{HEX[1:]}0")]),
        (TRAVEL, [travel(qrCode=f"TRAVEL:{HEX[1:]}0")]),
        (PAPER, [paper(certificateNo=f"PAPER:{HEX[1:]}0")]),
    ],
    ids=lambda value: value.family if isinstance(value, Profile) else "",
)
def test_another_persons_record_is_never_used_by_a_further_family(profile: Profile, bodies: list[object]) -> None:
    assert why_not(profile, *bodies) is ReasonId.OTHER_PERSONS_RECORD


@pytest.mark.parametrize(
    ("profile", "bodies"),
    [
        (GATE, [gate(userName="", checkTime="", personId="")]),
        (LEVELS, [levels(province("92", "00", updateTime=""), person={})]),
        (KEYED, [secret(), keyed(reason="", reasonTime="", updateTime="", userName="", personId="")]),
        (HOSPITAL, [hospital(StatusReason="", Name="", UpdateTime="", PersonId="")]),
    ],
    ids=lambda value: value.family if isinstance(value, Profile) else "",
)
def test_a_status_with_no_record_behind_it_is_a_default_and_nobodys(profile: Profile, bodies: list[object]) -> None:
    assert why_not(profile, *bodies) is ReasonId.SOURCE_UNREADABLE
    assert detail_of(profile, *map(json_answer, bodies)) == "a status with no record behind it"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"<!DOCTYPE html><html></html>", "a page of HTML"),
        (b'{"code": "\xb3\xc9\xb9\xa6"}', "not UTF-8"),
        (b'{"code": 0, "code": 0}', "a field twice"),
        (b'{"code":' + b"[" * 40 + b"]" * 40 + b"}", "nested too deep"),
        (b'{"code":' + b"[" * 30_000, "nested too deep"),
        (b'{"code": 0, "da', "cut short"),
        ('{"msg": "成'.encode()[:-1], "cut short"),
        (b'{"code": 0, }', "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{" + b" " * 65_536 + b"}", "too long"),
    ],
)
def test_whatever_is_wrong_with_an_answer_as_a_whole_has_words_of_its_own(body: bytes, detail: str) -> None:
    for profile in FURTHER:
        assert detail_of(profile, BackEndAnswer(200, "application/json", body)) == detail


def test_a_relayed_report_of_the_region_itself_is_no_relay() -> None:
    told = ask_with(LEVELS, QR_OF["92"], [json_answer(levels(province("92", "10"), overall="10"))])
    assert told.derived_from is None
    relayed = ask_with(LEVELS, QR_OF["92"], [json_answer(levels(province("42", "10"), overall="10"))])
    assert relayed.derived_from == RegionId("42")
