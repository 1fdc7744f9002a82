"""Families driven by hand: what they ask, what they make of good answers, and of every fault, each with its reason."""

import json
from urllib.parse import parse_qs

import pytest

from tests.unit.regions.samples import (
    ANHUI,
    ANHUI_QR,
    AT,
    BEIJING,
    BEIJING_QR,
    CHECKED,
    CONTENT,
    CREDENTIALS,
    GOOD,
    GUANGXI,
    GUANGXI_QR,
    HUBEI,
    HUBEI_QR,
    MASKED,
    QR_OF,
    QUERY_ID,
    WITH_BACK_END,
    ZHEJIANG,
    ask_with,
    colour,
    converse,
    info,
    json_answer,
    numeric,
    reason_of,
    words,
)
from tongxing.core.errors import Undecidable
from tongxing.core.limits import BACK_END_ANSWER_MAX_BYTES, JSON_MAX_DEPTH
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import BackEndAnswer, SourceAnswer
from tongxing.regions.families import FAMILIES, NATIONAL
from tongxing.regions.profile import Profile
from tongxing.wire.national_code import PREFIX

GOOD_HUBEI = list(GOOD["42"])
GOOD_GUANGXI = list(GOOD["45"])
every_family = pytest.mark.parametrize("profile", WITH_BACK_END, ids=lambda profile: profile.family)


def test_a_hubei_code_is_exchanged_for_a_token_and_the_token_for_what_the_source_says() -> None:
    requests, told = converse(HUBEI, HUBEI_QR, GOOD_HUBEI)
    assert [(request.method, request.path) for request in requests] == [
        ("POST", "/hbjkm/code/validateCode"),
        ("POST", "/hbjkm/userHealth/validateInfo"),
    ]
    assert [json.loads(request.body) for request in requests] == [{"qrCode": HUBEI_QR}, {"bizExtData": "token-1"}]
    assert all(request.headers["x-request-id"] == QUERY_ID for request in requests)
    assert isinstance(told, SourceAnswer)
    assert (told.status, told.told, told.masked_name, told.division) == ("yellow", ("mqjcz",), "张**", "420106")
    assert (told.person_ref, told.derived_from) == ("person-1", None)
    assert told.since is not None
    assert told.since.isoformat() == "2020-03-16T01:30:00+00:00"
    assert told.refreshed_at is not None
    assert told.refreshed_at.isoformat() == "2020-03-20T00:00:00+00:00"


def test_a_guangxi_code_is_asked_for_by_city_and_content_in_one_request() -> None:
    requests, told = converse(GUANGXI, GUANGXI_QR, GOOD_GUANGXI)
    (request,) = requests
    form = parse_qs(request.body.decode(), strict_parsing=True)
    assert request.path == "/gateway.do"
    assert form["method"] == ["alipay.ebpp.industry.gov.healthcode.verify"]
    assert form["timestamp"] == ["2020-03-20 12:00:00"]
    assert json.loads(form["biz_content"][0]) == {
        "city_code": "450000",
        "code_content": GUANGXI_QR,
        "industry_type": "TRAFFIC",
    }
    assert isinstance(told, SourceAnswer)
    assert (told.status, told.told, told.masked_name, told.division) == ("green", (), "李*", None)
    assert (told.person_ref, told.derived_from) == (None, None)


def test_a_secret_is_in_no_request() -> None:
    for profile in WITH_BACK_END:
        for request in converse(profile, QR_OF[profile.region], GOOD[profile.region])[0]:
            carried = [request.path, *request.headers.values(), request.body.decode()]
            secrets = [CREDENTIALS[name] for name in ("signing_secret", "app_secret")]
            assert not any(secret in part for part in carried for secret in secrets)


def test_a_third_region_of_a_known_family_is_a_profile_and_no_code() -> None:
    requests, told = converse(ZHEJIANG, "ZJJKM." + "a" * 22, GOOD_HUBEI)
    assert [request.path for request in requests] == ["/code/validate", "/health/info"]
    assert isinstance(told, SourceAnswer)


def test_reason_words_may_be_several_and_none() -> None:
    both = ask_with(HUBEI, HUBEI_QR, [GOOD_HUBEI[0], json_answer(info({**CONTENT, "warnType": "mqjcz^djdq"}))])
    none = ask_with(HUBEI, HUBEI_QR, [GOOD_HUBEI[0], json_answer(info({**CONTENT, "warnType": ""}))])
    assert both.told == ("mqjcz", "djdq")
    assert none.told == ()


def test_a_status_that_the_source_leaves_out_is_told_as_left_out() -> None:
    content = {name: value for name, value in CONTENT.items() if name != "fxdj"}
    assert ask_with(HUBEI, HUBEI_QR, [GOOD_HUBEI[0], json_answer(info(content))]).status == ""


def test_an_empty_refresh_time_is_no_refresh_time() -> None:
    assert ask_with(GUANGXI, GUANGXI_QR, [json_answer(colour(refresh_time=""))]).refreshed_at is None


def test_the_national_family_knows_its_digits_and_asks_nobody() -> None:
    assert NATIONAL.recognises(PREFIX + "0123456789", HUBEI)
    assert not NATIONAL.recognises(PREFIX + "01234x", HUBEI)
    assert not NATIONAL.recognises(PREFIX + "٣", HUBEI)
    assert not NATIONAL.recognises(HUBEI_QR, HUBEI)
    with pytest.raises(Undecidable):
        NATIONAL.ask(PREFIX, HUBEI, AT, QUERY_ID, CREDENTIALS)


def test_the_table_of_families_is_closed() -> None:
    assert list(FAMILIES) == [
        *("make_validate", "colour_query", "words", "signed_numeric", "gate_numeric", "national_levels"),
        *("keyed_call", "day_password", "unsigned_json", "travel_card", "paper", "national"),
    ]
    with pytest.raises(TypeError):
        FAMILIES["other"] = NATIONAL  # type: ignore[index]


GOOD_BODY = {region: answers[0].body for region, answers in GOOD.items()}

FAULTS = {
    "html": (200, "text/html; charset=utf-8", "<!DOCTYPE html><html>系统维护</html>".encode()),
    "nothing": (200, "application/json", b""),
    "not an object": (200, "application/json", b"[]"),
    "a number": (200, "application/json", b"0"),
    "null": (200, "application/json", b"null"),
    "not a number": (200, "application/json", b'{"errcode": NaN}'),
    "a field twice": (200, "application/json", b'{"errcode": 0, "errcode": 0}'),
    "deep": (200, "application/json", b'{"a":' + b"[" * JSON_MAX_DEPTH + b"]" * JSON_MAX_DEPTH + b"}"),
    "bottomless": (200, "application/json", b'{"a":' + b"[" * 30_000),
    "a number without end": (200, "application/json", b'{"errcode":' + b"9" * 20_000 + b"}"),
    "a half surrogate": (200, "application/json", b'{"errcode": "\\ud800", "data": {}}'),
    "too long": (200, "application/json", b'{"pad":"' + b"0" * BACK_END_ANSWER_MAX_BYTES + b'"}'),
    "no content": (204, "", b""),
    "redirect": (302, "text/html", b""),
    "not modified": (304, "", b""),
}


@every_family
@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_that_cannot_be_read_is_told_as_that(profile: Profile, fault: str) -> None:
    assert reason_of(profile, [BackEndAnswer(*FAULTS[fault])]) is ReasonId.SOURCE_UNREADABLE


def with_addition(body: bytes, addition: bytes) -> BackEndAnswer:
    """Return a good answer with one more part at the end of its object."""
    return BackEndAnswer(200, "application/json", body.removesuffix(b"}") + addition + b"}")


def nested(depth: int) -> bytes:
    return b', "more": ' + b"[" * depth + b"]" * depth


def padding(body: bytes, length: int) -> bytes:
    bare = len(with_addition(body, b', "more": ""').body)
    return b', "more": "' + b"0" * (length - bare) + b'"'


@every_family
def test_a_good_answer_with_a_harmless_part_more_is_read(profile: Profile) -> None:
    first, *rest = GOOD[profile.region]
    good = ask_with(profile, QR_OF[profile.region], [first, *rest])
    for addition in (b', "more": 1', nested(JSON_MAX_DEPTH - 2), padding(first.body, BACK_END_ANSWER_MAX_BYTES)):
        assert ask_with(profile, QR_OF[profile.region], [with_addition(first.body, addition), *rest]) == good


@every_family
def test_a_good_answer_is_not_read_beyond_its_bounds(profile: Profile) -> None:
    body = GOOD_BODY[profile.region]
    name_said_already = next(iter(json.loads(body)))
    for addition in (
        f', "{name_said_already}": "0"'.encode(),
        b', "more": NaN',
        b', "more": {"a": 1, "a": 1}',
        nested(JSON_MAX_DEPTH + 1),
        padding(body, BACK_END_ANSWER_MAX_BYTES + 1),
    ):
        assert reason_of(profile, [with_addition(body, addition)]) is ReasonId.SOURCE_UNREADABLE


@every_family
def test_half_an_answer_is_not_read_wherever_it_was_cut(profile: Profile) -> None:
    body = GOOD_BODY[profile.region]
    for end in range(len(body)):
        cut = BackEndAnswer(200, "application/json", body[:end])
        assert reason_of(profile, [cut]) is ReasonId.SOURCE_UNREADABLE


@every_family
def test_gbk_is_not_read_whether_it_says_so_or_not(profile: Profile) -> None:
    body = GOOD_BODY[profile.region].decode().encode("gbk")
    for content_type in ("application/json", "application/json;charset=GBK"):
        assert reason_of(profile, [BackEndAnswer(200, content_type, body)]) is ReasonId.SOURCE_UNREADABLE


def test_what_is_said_to_be_gbk_is_not_read_even_if_it_could_be() -> None:
    body = json_answer(colour(user_name="")).body
    assert ask_with(GUANGXI, GUANGXI_QR, [BackEndAnswer(200, 'application/json; charset="UTF-8"', body)]).status
    said = BackEndAnswer(200, 'application/json; charset="gb18030"', body)
    assert reason_of(GUANGXI, [said]) is ReasonId.SOURCE_UNREADABLE


@every_family
@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (500, ReasonId.SOURCE_AWAY),
        (503, ReasonId.SOURCE_AWAY),
        (429, ReasonId.SOURCE_AWAY),
        (401, ReasonId.SOURCE_REFUSED),
        (404, ReasonId.SOURCE_REFUSED),
    ],
)
def test_an_http_error_is_an_outage_or_a_refusal_even_with_a_good_body(
    profile: Profile, status: int, reason: ReasonId
) -> None:
    assert reason_of(profile, [BackEndAnswer(status, "application/json", GOOD_BODY[profile.region])]) is reason


@pytest.mark.parametrize(
    ("return_code", "reason"),
    [
        (10006, ReasonId.SOURCE_REFUSED),
        (40000, ReasonId.SOURCE_REFUSED),
        (40006, ReasonId.SOURCE_AWAY),
        ("40007", ReasonId.TICKET_EXPIRED),
        (40010, ReasonId.TICKET_UNKNOWN),
        (40011, ReasonId.TICKET_USED),
        (40019, ReasonId.SOURCE_AWAY),
        (99999, ReasonId.SOURCE_REFUSED),
        ("990000199001011234", ReasonId.SOURCE_REFUSED),
    ],
)
def test_each_return_code_of_make_validate_has_its_reason(return_code: object, reason: ReasonId) -> None:
    refusing = json_answer({**CHECKED, "errcode": return_code})
    assert reason_of(HUBEI, [refusing]) is reason
    assert reason_of(HUBEI, [GOOD_HUBEI[0], json_answer({**info(CONTENT), "errcode": return_code})]) is reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"code": "20000"}, ReasonId.SOURCE_AWAY),
        ({"code": "20001"}, ReasonId.SOURCE_REFUSED),
        ({"code": "40004", "sub_code": "CODE_NOT_EXIST"}, ReasonId.TICKET_UNKNOWN),
        ({"code": "40004", "sub_code": "CODE_EXPIRED"}, ReasonId.TICKET_EXPIRED),
        ({"code": "40004", "sub_code": "SYSTEM_ERROR"}, ReasonId.SOURCE_AWAY),
        ({"code": "40004", "sub_code": "SOMETHING"}, ReasonId.SOURCE_REFUSED),
        ({"code": "12345"}, ReasonId.SOURCE_REFUSED),
    ],
)
def test_each_return_code_of_colour_query_has_its_reason(changes: dict[str, object], reason: ReasonId) -> None:
    assert reason_of(GUANGXI, [json_answer(colour(**changes))]) is reason


def test_what_a_refusal_says_repeats_nothing_of_the_answer() -> None:
    with pytest.raises(Undecidable) as why:
        ask_with(HUBEI, HUBEI_QR, [json_answer({**CHECKED, "errcode": "990000199001011234"})])
    assert "9900001990" not in str(why.value)


@pytest.mark.parametrize(
    "second",
    [
        info({**CONTENT, "person": {"desensitizeName": "张**", "desensitizeCardId": "99**************22"}}),
        info(CONTENT, ext_data="token-2"),
    ],
    ids=["another masked number", "another token"],
)
def test_another_persons_record_is_never_used_in_make_validate(second: dict[str, object]) -> None:
    assert reason_of(HUBEI, [GOOD_HUBEI[0], json_answer(second)]) is ReasonId.OTHER_PERSONS_RECORD


@pytest.mark.parametrize(
    ("profile", "other"),
    [
        (GUANGXI, colour(code_content=GUANGXI_QR[:-1] + "0")),
        (BEIJING, words(qrText=BEIJING_QR[:-1] + "0")),
        (ANHUI, numeric(qrCode=ANHUI_QR[:-1] + "0")),
    ],
    ids=["colour_query", "words", "signed_numeric"],
)
def test_another_persons_record_is_never_used_where_the_code_is_repeated(
    profile: Profile, other: dict[str, object]
) -> None:
    assert reason_of(profile, [json_answer(other)]) is ReasonId.OTHER_PERSONS_RECORD


@pytest.mark.parametrize(
    "first",
    [
        {**CHECKED, "errcode": None},
        {**CHECKED, "errcode": True},
        {**CHECKED, "data": []},
        {**CHECKED, "data": {"desensitizeCardId": MASKED}},
        {**CHECKED, "data": {"bizExtData": "token-1"}},
        {**CHECKED, "data": {"bizExtData": "", "desensitizeCardId": MASKED}},
        {**CHECKED, "data": {"bizExtData": "x" * 2000, "desensitizeCardId": MASKED}},
        {**CHECKED, "data": {"bizExtData": "a\r\nb", "desensitizeCardId": MASKED}},
    ],
)
def test_a_first_answer_without_its_parts_cannot_be_read(first: object) -> None:
    assert reason_of(HUBEI, [json_answer(first)]) is ReasonId.SOURCE_UNREADABLE


@pytest.mark.parametrize(
    "second",
    [
        {"errcode": 0, "data": {"bizExtData": "token-1"}},
        {"errcode": 0, "data": {"bizExtData": "token-1", "content": CONTENT}},
        info("[]"),
        info("{"),
        info('{"person": {}, "person": {}}'),
        info({**CONTENT, "person": None}),
        info({**CONTENT, "person": {"desensitizeName": "张**"}}),
        info({**CONTENT, "updateTime": "2020-03-20T08:00:00"}),
        info({**CONTENT, "updateTime": "2020-02-30 08:00:00"}),
        info({**CONTENT, "updateTime": "0001-01-01 00:00:00"}),
        info({**CONTENT, "updateTime": "9999-12-31 23:59:59"}),
        info({**CONTENT, "updateTime": 1584662400}),
        info({**CONTENT, "warnTime": "yesterday"}),
        info({**CONTENT, "warnType": ["mqjcz"]}),
        info({**CONTENT, "warnType": "^".join("w" * n for n in range(1, 19))}),
        info({**CONTENT, "fxdj": {"level": 1}}),
        info({**CONTENT, "fxdj": "\x00"}),
        info({**CONTENT, "xzqh": 4.2}),
    ],
)
def test_a_second_answer_that_is_not_as_documented_cannot_be_read(second: object) -> None:
    assert reason_of(HUBEI, [GOOD_HUBEI[0], json_answer(second)]) is ReasonId.SOURCE_UNREADABLE


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"alipay_ebpp_industry_gov_healthcode_verify_response": "ok"},
        {"error_response": {"code": "10000"}},
        colour(code=10000.0),
        colour(code_content=None),
        colour(code_color=["green"]),
        colour(refresh_time="20200319201500"),
    ],
)
def test_a_colour_answer_that_is_not_as_documented_cannot_be_read(reply: object) -> None:
    assert reason_of(GUANGXI, [json_answer(reply)]) is ReasonId.SOURCE_UNREADABLE


@pytest.mark.parametrize("name", [None, 7, "", "  ", "张\u202e三", "x" * 5000, ["张"]])
def test_a_name_that_cannot_be_shown_is_left_out_and_costs_nothing_else(name: object) -> None:
    for profile, reply in (
        (GUANGXI, colour(user_name=name)),
        (BEIJING, words(maskedName=name)),
        (ANHUI, numeric(name=name)),
    ):
        told = ask_with(profile, QR_OF[profile.region], [json_answer(reply)])
        assert told.masked_name is None
        assert told.status in {"green", "未见异常", "1"}


@every_family
def test_a_conversation_can_be_left_at_any_point(profile: Profile) -> None:
    asking = FAMILIES[profile.family].ask(QR_OF[profile.region], profile, AT, QUERY_ID, CREDENTIALS)
    next(asking)
    asking.close()
    late = FAMILIES[profile.family].ask(QR_OF[profile.region], profile, AT, QUERY_ID, CREDENTIALS)
    next(late)
    with pytest.raises(Undecidable):
        late.throw(Undecidable(ReasonId.SOURCE_SLOW))
