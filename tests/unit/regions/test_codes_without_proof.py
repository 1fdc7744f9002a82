"""Families whose codes prove no status: unsigned JSON, the travel card, and paper."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.regions.dialect_samples import (
    HEX,
    PAPER,
    REPORTED,
    TRAVEL,
    UNSIGNED,
    UNSIGNED_QR,
    paper,
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
from tongxing.core.levels import Standing
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import OriginBasis, Precision
from tongxing.regions.families import FAMILIES
from tongxing.regions.families.unsigned_json import VALID_FOR
from tongxing.regions.profile import Profile
from tongxing.regions.translation import Translated, translate

MORNING = datetime(2020, 3, 20, 0, 0, tzinfo=UTC)
EARLIER = "2020-03-20 07:59:59"
LATER = "2020-03-20 08:00:01"


def told_by(profile: Profile, *bodies: object) -> Translated:
    told = ask_with(profile, QR_OF[profile.region], [json_answer(body) for body in bodies])
    return translate(told, profile, at=AT, revision=1)


def why_not(profile: Profile, *bodies: object) -> ReasonId:
    return reason_of(profile, [json_answer(body) for body in bodies])


def test_an_unsigned_code_is_always_asked_about_and_its_text_alone_says_nothing() -> None:
    (request,), told = converse(UNSIGNED, UNSIGNED_QR, GOOD["95"])
    assert json.loads(request.body) == {"codeId": f"US{HEX}", "requestId": QUERY_ID}
    assert told is not None
    asking = FAMILIES["unsigned_json"].ask(UNSIGNED_QR, UNSIGNED, AT, QUERY_ID, CREDENTIALS)
    next(asking)
    with pytest.raises(Rejected) as why:
        asking.send(json_answer({"resultCode": 1001}))
    assert why.value.reason is ReasonId.TICKET_UNKNOWN


def test_an_unsigned_code_holds_for_seven_days_after_the_last_report() -> None:
    told = ask_with(UNSIGNED, UNSIGNED_QR, GOOD["95"])
    assert (told.refreshed_at, told.valid_until) == (MORNING, MORNING + timedelta(days=7))
    last = MORNING + VALID_FOR
    before = translate(told, UNSIGNED, at=last - timedelta(seconds=1), revision=1).report
    assert (before.standing, before.valid_until) == (Standing.CURRENT, last)
    assert translate(told, UNSIGNED, at=last, revision=1).report.standing is Standing.EXPIRED


def test_a_text_with_another_report_time_than_the_back_ends_is_refused_either_way() -> None:
    assert why_not(UNSIGNED, unsigned(lastReportTime=LATER)) is ReasonId.TICKET_EXPIRED
    assert why_not(UNSIGNED, unsigned(lastReportTime=EARLIER)) is ReasonId.TICKET_UNKNOWN
    assert why_not(UNSIGNED, unsigned(lastReportTime="")) is ReasonId.SOURCE_UNREADABLE


@pytest.mark.parametrize(
    "text",
    [
        UNSIGNED_QR + " ",
        " " + UNSIGNED_QR,
        UNSIGNED_QR.replace('":"', '": "'),
        UNSIGNED_QR.replace("}", ',"status":"green"}'),
        UNSIGNED_QR.replace(REPORTED, "2020-02-30 08:00:00"),
        UNSIGNED_QR.replace(REPORTED, "2020-03-20T08:00:00"),
        UNSIGNED_QR.replace("US0", "ZZ0"),
        UNSIGNED_QR.replace("US0", "US0US0"),
        f'{{"lastReportTime":"{REPORTED}","codeId":"US{HEX}"}}',
        "{" * 4000,
        "",
    ],
)
def test_an_unsigned_text_in_another_writing_is_none(text: str) -> None:
    assert FAMILIES["unsigned_json"].recognises(UNSIGNED_QR, UNSIGNED)
    assert not FAMILIES["unsigned_json"].recognises(text, UNSIGNED)


@pytest.mark.parametrize("number", [1, 2, 3, "1"])
def test_a_travel_card_is_never_a_level_whatever_its_number(number: object) -> None:
    translated = told_by(TRAVEL, travel("420100", number=number))
    assert (translated.report.level, translated.report.standing) == (None, Standing.NO_RECORD)
    assert translated.origin.basis is OriginBasis.TRAVEL_DATA


@pytest.mark.parametrize(
    ("cities", "division", "precision"),
    [
        (["420100"], "4201", Precision.CITY),
        (["420106"], "420106", Precision.EXACT),
        (["420106", "420102"], "4201", Precision.CITY),
        (["420100", "420300", "420106"], "42", Precision.PROVINCE),
        (["420100", "42"], "42", Precision.PROVINCE),
        (["420100", "110100"], None, Precision.NONE),
        (["430100", "420100"], None, Precision.NONE),
    ],
)
def test_who_was_in_several_places_comes_from_what_holds_them_all(
    cities: list[str], division: str | None, precision: Precision
) -> None:
    origin = told_by(TRAVEL, travel(*cities)).origin
    assert (origin.division, origin.precision, origin.basis) == (division, precision, OriginBasis.TRAVEL_DATA)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (travel(number=0), ReasonId.SOURCE_UNREADABLE),
        (travel(number=-1), ReasonId.SOURCE_AWAY),
        (travel(number=4), ReasonId.SOURCE_UNREADABLE),
        (travel(cities=[]), ReasonId.SOURCE_UNREADABLE),
        (travel(*[f"{n}0000" for n in range(11, 76)]), ReasonId.SOURCE_UNREADABLE),
        ({"resultCode": "1002"}, ReasonId.TICKET_EXPIRED),
    ],
)
def test_a_travel_card_without_places_tells_nothing(answer: object, reason: ReasonId) -> None:
    assert why_not(TRAVEL, answer) is reason


def test_a_place_visited_that_is_no_division_cannot_be_read() -> None:
    for city in ("武汉", "0100", "42010", "1" * 20):
        with pytest.raises(Undecidable) as why:
            told_by(TRAVEL, travel(city))
        assert why.value.reason is ReasonId.SOURCE_UNREADABLE


def test_a_certificate_on_paper_says_whose_it_is_and_no_status() -> None:
    told = ask_with(PAPER, QR_OF["97"], GOOD["97"])
    assert (told.status, told.person_ref, told.masked_name) == ("", "person-9", "张**")
    report = translate(told, PAPER, at=AT, revision=1).report
    assert (report.standing, report.level) == (Standing.NO_RECORD, None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"withdrawn": True}, ReasonId.TICKET_EXPIRED),
        ({"validTime": "2020-03-20 12:00:00"}, ReasonId.TICKET_EXPIRED),
        ({"issueTime": "2020-03-20 12:01:00"}, ReasonId.SOURCE_UNREADABLE),
        ({"issueTime": ""}, ReasonId.SOURCE_UNREADABLE),
        ({"validTime": None}, ReasonId.SOURCE_UNREADABLE),
        ({"withdrawn": "no"}, ReasonId.SOURCE_UNREADABLE),
    ],
)
def test_a_certificate_that_does_not_hold_is_told_for_what_it_is(changes: dict[str, object], reason: ReasonId) -> None:
    assert why_not(PAPER, paper(**changes)) is reason
