"""The family ``words`` by hand: what it asks, what it makes of answers in words, and of answers that are none."""

import json
from datetime import timedelta

import pytest

from tests.unit.regions.samples import (
    AT,
    BEIJING,
    BEIJING_QR,
    GOOD,
    QUERY_ID,
    ask_with,
    converse,
    json_answer,
    reason_of,
    words,
)
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import SourceAnswer


def test_a_beijing_code_is_asked_about_in_one_request_and_answered_in_words() -> None:
    requests, told = converse(BEIJING, BEIJING_QR, GOOD["11"])
    (request,) = requests
    assert (request.method, request.path) == ("POST", "/jkb/qr/query")
    assert json.loads(request.body) == {"qrText": BEIJING_QR, "requestId": QUERY_ID}
    assert told == SourceAnswer(
        status="未见异常",
        refreshed_at=AT - timedelta(hours=4),
        masked_name="张**",
        person_ref="person-2",
    )


def test_what_beijing_recognised_says_from_whom_and_until_when() -> None:
    recognised = words(recognisedFrom="42", validUntil="2020-03-20 13:30:00")
    told = ask_with(BEIJING, BEIJING_QR, [json_answer(recognised)])
    assert (told.derived_from, told.valid_until) == ("42", AT + timedelta(hours=1, minutes=30))


@pytest.mark.parametrize(
    ("return_code", "reason"),
    [
        (1001, ReasonId.TICKET_UNKNOWN),
        ("1002", ReasonId.TICKET_EXPIRED),
        ("2001", ReasonId.SOURCE_REFUSED),
        ("3001", ReasonId.SOURCE_AWAY),
        ("3002", ReasonId.SOURCE_AWAY),
        ("00", ReasonId.SOURCE_REFUSED),
        ("990000199001011234", ReasonId.SOURCE_REFUSED),
    ],
)
def test_each_return_code_of_words_has_its_reason(return_code: object, reason: ReasonId) -> None:
    assert reason_of(BEIJING, [json_answer({**words(), "resultCode": return_code})]) is reason


@pytest.mark.parametrize(
    "reply",
    [
        {"resultCode": "0"},
        {**words(), "resultCode": True},
        {**words(), "data": [words()["data"]]},
        words(qrText=None),
        words(statusText=""),
        words(statusText=None),
        words(statusText=["未见异常"]),
        words(statusText="未见异常\n"),
        words(resultTime="2020-03-20"),
        words(resultTime=1584662400),
        words(validUntil="midnight"),
        words(personRef={"id": 1}),
        words(personRef="p" * 129),
        words(recognisedFrom="4"),
        words(recognisedFrom="420106"),
        words(recognisedFrom="湖北"),
        words(recognisedFrom="４２"),
        words(recognisedFrom=["42"]),
    ],
)
def test_an_answer_in_words_that_is_not_as_assumed_cannot_be_read(reply: object) -> None:
    assert reason_of(BEIJING, [json_answer(reply)]) is ReasonId.SOURCE_UNREADABLE
