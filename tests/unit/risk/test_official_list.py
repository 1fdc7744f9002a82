"""The platform's answer is read whole or refused by name; nothing is dropped, nothing is guessed."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.risk.lists import AT, answer, encode, official, row
from tongxing.core.errors import Refused
from tongxing.core.limits import RISK_LIST_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.risk.official_list import AreaLevel, parse_official_list

ONE = answer(high=[row("湖北省", "武汉市", "江岸区", "甲社区", "乙社区")], middle=[row("湖北省", "武汉市", "青山区")])


def refusal(data: bytes, at: datetime = AT) -> str:
    with pytest.raises(Refused) as refused:
        parse_official_list(data, at=at)
    assert refused.value.problem is ProblemId.RISK_LIST_REFUSED
    return refused.value.detail


def test_each_community_is_an_entry_and_a_row_without_any_is_the_whole_unit() -> None:
    read = parse_official_list(encode(ONE), at=AT)
    assert [(one.level, one.row, one.county, one.community) for one in read.entries] == [
        (AreaLevel.HIGH, 1, "江岸区", "甲社区"),
        (AreaLevel.HIGH, 1, "江岸区", "乙社区"),
        (AreaLevel.MEDIUM, 1, "青山区", None),
    ]
    assert read.stated_counts == {AreaLevel.HIGH: 2, AreaLevel.MEDIUM: 0, AreaLevel.LOW: 0}


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2022-04-15 11时", datetime(2022, 4, 15, 3, tzinfo=UTC)),
        ("2022-08-01 0时", datetime(2022, 7, 31, 16, tzinfo=UTC)),
        ("2022-12-13 08时", datetime(2022, 12, 13, 0, tzinfo=UTC)),
        ("2022-08-01 24时", datetime(2022, 8, 1, 16, tzinfo=UTC)),
    ],
)
def test_the_hour_of_the_list_is_beijings(text: str, hour: datetime) -> None:
    assert official(text).as_of == hour


def test_a_list_of_the_future_is_refused_and_one_of_this_hour_is_not() -> None:
    data = encode(answer("2022-04-15 11时"))
    hour = datetime(2022, 4, 15, 3, tzinfo=UTC)
    assert parse_official_list(data, at=hour).as_of == hour
    assert "in the future" in refusal(data, hour - timedelta(minutes=1))


def test_the_low_list_and_all_counts_may_be_absent_as_they_were_before_mid_2022() -> None:
    value = answer()
    for key in ("lowlist", "hcount", "mcount", "lcount"):
        del value["data"][key]
    assert parse_official_list(encode(value), at=AT).stated_counts == {}


def test_tabs_and_invisible_marks_in_names_become_spaces() -> None:
    read = official(high=[row("湖北省 ", "武汉市", "江岸区", "\u200b某街道\t1号\u202e")])
    assert (read.entries[0].province, read.entries[0].community) == ("湖北省", "某街道 1号")


def test_keys_that_nobody_here_knows_are_ignored() -> None:
    value: dict[str, Any] = copy.deepcopy(ONE)
    value["data"]["newkey"] = {"deep": [1]}
    value["data"]["highlist"][0]["color"] = "#f00"
    assert len(parse_official_list(encode(value), at=AT).entries) == 3


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "not JSON"),
        (b"null", "the answer is missing or not a dict"),
        (b"<html>busy</html>", "not JSON"),
        (encode(ONE)[:-40], "not JSON, or cut short"),
        ("湖北省".encode("gb18030"), "not UTF-8"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 200_000, "nested too deeply"),
        (b'{"code": ' + b"9" * 5_000 + b"}", "not JSON"),
        (b'{"code": NaN}', "NaN is no JSON number"),
        (b'{"data": {}, "data": {}}', "the key 'data' stands twice"),
        (b'{"code": 10006, "msg": "signature"}', "reports an error: code 10006"),
        (b" " * (RISK_LIST_MAX_BYTES + 1), f"at most {RISK_LIST_MAX_BYTES}"),
    ],
    ids=lambda part: part[:24],
)
def test_what_is_no_such_answer_is_refused_by_name(data: bytes, told: str) -> None:
    assert told in refusal(data)


def put(*path: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    def change(whole: dict[str, Any]) -> None:
        part: Any = whole
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = value

    return change


FIRST = ("data", "highlist", 0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (put("data", value=[]), "data is missing or not a dict"),
        (put("data", "highlist", value={}), "data.highlist is missing or not a list"),
        (put("data", "middlelist", value=None), "data.middlelist is missing or not a list"),
        (put("data", "hcount", value="2"), "data.hcount is missing or not a int"),
        (put("data", "hcount", value=True), "data.hcount is missing or not a int"),
        (put("data", "hcount", value=-1), "data.hcount is negative"),
        (put("data", "end_update_time", value=None), "data.end_update_time"),
        (put("data", "end_update_time", value="2022-04-15"), "not like '2022-04-15 11时'"),
        (put("data", "end_update_time", value="2022-02-30 11时"), "no day"),
        (put("data", "end_update_time", value="2022-04-15 25时"), "no possible hour"),
        (put("data", "end_update_time", value="1970-04-15 11时"), "no possible hour"),
        (put(*FIRST, value="江岸区"), "data.highlist[1] is missing or not a dict"),
        (put(*FIRST, "province", value=None), "data.highlist[1].province"),
        (put(*FIRST, "county", value=7), "data.highlist[1].county"),
        (put(*FIRST, "city", value="武" * 65), "data.highlist[1].city is longer than 64"),
        (put(*FIRST, "communitys", value="甲社区"), "data.highlist[1].communitys is missing or not a list"),
        (put(*FIRST, "communitys", value=None), "data.highlist[1].communitys is missing or not a list"),
        (put(*FIRST, "communitys", value=[None]), "data.highlist[1].communitys"),
        (put(*FIRST, "communitys", value=[""]), "holds an empty name"),
        (put(*FIRST, "communitys", value=["\u200b"]), "holds an empty name"),
        (put(*FIRST, "communitys", value=["楼" * 2_001]), "longer than 2000"),
    ],
)
def test_another_shape_is_refused_with_the_place_where_it_differs(
    change: Callable[[dict[str, Any]], None], told: str
) -> None:
    value = copy.deepcopy(ONE)
    change(value)
    assert told in refusal(encode(value))


def test_more_entries_than_any_list_ever_had_are_refused() -> None:
    value = answer(high=[row("湖北省", "武汉市", "江岸区", *["x"] * 200_001)])
    assert "more than 200000 entries" in refusal(encode(value))


@given(place=st.integers(0, len(encode(ONE)) - 1), changed=st.integers(0, 255))
def test_an_answer_with_one_changed_byte_is_read_or_refused_and_nothing_else_happens(place: int, changed: int) -> None:
    data = bytearray(encode(ONE))
    data[place] = changed
    try:
        read = parse_official_list(bytes(data), at=AT)
    except Refused:
        return
    assert len(read.entries) <= 3
