"""The family ``signed_numeric`` by hand: how it signs, what it makes of good answers, and of answers that are none."""

import json
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from tests.unit.regions.samples import (
    ANHUI,
    ANHUI_QR,
    AT,
    CREDENTIALS,
    GOOD,
    QUERY_ID,
    ask_with,
    converse,
    json_answer,
    numeric,
    reason_of,
)
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.core.words import FEDERATION
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.families.signed_numeric import SIGNED_NUMERIC, sign_parameters


def test_an_anhui_code_is_asked_about_in_one_signed_request() -> None:
    requests, told = converse(ANHUI, ANHUI_QR, GOOD["34"])
    (request,) = requests
    assert (request.method, request.path) == ("POST", "/akm/qrcode/query")
    assert json.loads(request.body) == {
        "appId": "ahakm-gate",
        "nonceStr": QUERY_ID,
        "qrCode": ANHUI_QR,
        "timestamp": "1584676800000",
        "sign": "50D7B98809EC9F2CE0E0CE04BC8A86E6117E1FC0EAEEF66C7D3BF0D070786D76",
    }
    assert told == SourceAnswer(status="1", masked_name="李四", person_ref="person-3")


def test_a_signature_is_the_upper_case_sha_256_of_the_sorted_parameters_and_the_secret() -> None:
    """Known answer, by: printf 'a=1&appId=x&b=2&key=INSECURE_TEST_SECRET' | sha256sum."""
    known = "862BEF9073FA384467EC56CBA85E1EE3A9FAF73CDE31A7580021975B6354601A"
    for order in permutations([("b", "2"), ("appId", "x"), ("a", "1")]):
        assert sign_parameters(dict(order), "INSECURE_TEST_SECRET") == known
    assert sign_parameters({"b": "2", "appId": "x", "a": "1"}, "another") != known
    assert sign_parameters({"b": "2", "appId": "x", "a": "3"}, "INSECURE_TEST_SECRET") != known


def test_two_queries_are_never_signed_alike() -> None:
    def signature(at: datetime, query_id: str) -> object:
        return json.loads(next(SIGNED_NUMERIC.ask(ANHUI_QR, ANHUI, at, query_id, CREDENTIALS)).body)["sign"]

    signatures = {signature(AT, "1"), signature(AT, "2"), signature(AT + timedelta(seconds=1), "1")}
    assert len(signatures) == 3


@pytest.mark.parametrize("credentials", [{}, {"signing_secret": ""}, {"another": "secret"}])
def test_without_its_secret_anhui_is_asked_nothing(credentials: dict[str, str]) -> None:
    with pytest.raises(Undecidable) as why:
        next(SIGNED_NUMERIC.ask(ANHUI_QR, ANHUI, AT, QUERY_ID, credentials))
    assert why.value.reason is ReasonId.SOURCE_REFUSED
    assert "signing_secret" in str(why.value)


@pytest.mark.parametrize("source", [2, "2"])
def test_what_anhui_read_from_the_national_code_is_derived_from_the_federation(source: object) -> None:
    assert ask_with(ANHUI, ANHUI_QR, [json_answer(numeric(dataSource=source))]).derived_from == FEDERATION
    assert ask_with(ANHUI, ANHUI_QR, [json_answer(numeric(dataSource="1"))]).derived_from is None


@pytest.mark.parametrize(("level", "status"), [(1, "1"), ("2", "2"), (3, "3"), ("", "")])
def test_an_empty_level_of_anhui_is_told_as_empty_and_a_number_as_its_digits(level: object, status: str) -> None:
    assert ask_with(ANHUI, ANHUI_QR, [json_answer(numeric(healthLevel=level))]).status == status


def test_a_document_number_that_a_source_tells_goes_no_further() -> None:
    assert "993400" not in repr(ask_with(ANHUI, ANHUI_QR, GOOD["34"]))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("二维码不存在", ReasonId.TICKET_UNKNOWN),
        ("二维码已失效", ReasonId.TICKET_EXPIRED),
        ("签名错误", ReasonId.SOURCE_REFUSED),
        ("系统繁忙", ReasonId.SOURCE_AWAY),
        ("系统维护", ReasonId.SOURCE_AWAY),
        ("993400199001011234 没有权限", ReasonId.SOURCE_REFUSED),
        ("", ReasonId.SOURCE_REFUSED),
    ],
)
def test_each_error_of_signed_numeric_has_its_reason_wherever_its_flag_is_false(error: str, reason: ReasonId) -> None:
    data = numeric()["data"]
    assert isinstance(data, dict)
    outside = {**numeric(), "flag": False, "errMsg": error}
    inside = {**numeric(), "data": {**data, "flag": False, "errMsg": error}}
    for refusing in (outside, inside):
        assert reason_of(ANHUI, [json_answer(refusing)]) is reason
        with pytest.raises((Rejected, Undecidable)) as why:
            ask_with(ANHUI, ANHUI_QR, [json_answer(refusing)])
        assert not error or error not in str(why.value)


@pytest.mark.parametrize(
    "reply",
    [
        {"flag": True},
        {**numeric(), "flag": "true"},
        {**numeric(), "flag": 1},
        {**numeric(), "flag": None},
        {**numeric(), "flag": False, "errMsg": ["签名错误"]},
        {"flag": True, "data": {"flag": True, "data": None}},
        {"flag": True, "data": {"data": numeric()}},
        numeric(qrCode=None),
        numeric(healthLevel=None),
        numeric(healthLevel=True),
        numeric(healthLevel=1.0),
        numeric(dataSource=None),
        numeric(dataSource=3),
        numeric(dataSource="national"),
        numeric(personId="p" * 129),
    ],
)
def test_a_numeric_answer_that_is_not_as_documented_cannot_be_read(reply: object) -> None:
    assert reason_of(ANHUI, [json_answer(reply)]) is ReasonId.SOURCE_UNREADABLE


def test_a_level_of_anhui_that_is_not_there_is_not_taken_for_an_empty_one() -> None:
    reply = numeric()
    del reply["data"]["data"]["healthLevel"]  # type: ignore[index]
    assert reason_of(ANHUI, [json_answer(reply)]) is ReasonId.SOURCE_UNREADABLE
