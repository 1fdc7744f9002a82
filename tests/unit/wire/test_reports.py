import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.causes import Cause, HeldCause
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.words import RegionId
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical
from tongxing.wire.reports import (
    encode_origin,
    encode_report,
    encode_seconds,
    parse_origin,
    parse_region,
    parse_report,
    parse_seconds,
)

moments = st.integers(0, 253_402_300_799).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
regions = st.from_regex(r"[0-9]{2}([0-9]{2})?", fullmatch=True).map(RegionId)
held = st.builds(HeldCause, st.sampled_from(Cause), moments, st.none() | moments)
names = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)


def made(level: Level | None, standing: Standing, **rest: Any) -> Report:
    usable = Level.LOW if standing is Standing.CURRENT and level is None else level
    return Report(standing=standing, level=usable, **rest)


reports = st.builds(
    made,
    st.none() | st.sampled_from(Level),
    st.sampled_from(Standing),
    issuer=regions,
    causes=st.lists(held, max_size=4).map(tuple),
    revision=st.integers(0, (1 << 53) - 1),
    as_of=moments,
    valid_until=st.none() | moments,
    sources_checked=st.lists(names, max_size=4).map(tuple),
    derived_from=st.none() | regions,
    colour_only=st.booleans(),
    retracted=st.booleans(),
)
origins = st.builds(
    Origin,
    st.none() | st.from_regex(r"([0-9]{2}){1,3}", fullmatch=True),
    st.sampled_from(Precision),
    st.sampled_from(OriginBasis),
)
REPORT = {"issuer": "42", "standing": "current", "level": "00", "revision": 7, "as_of_seconds": 1_586_505_600}
CAUSE = {"cause": "nothing_found", "since_seconds": 1}


@given(reports)
def test_a_report_survives_json_and_cbor(report: Report) -> None:
    value = encode_report(report)
    assert parse_report(json.loads(json.dumps(value))) == report
    assert parse_report(parse_canonical(encode_canonical(value), 1 << 16)) == report


@given(origins)
def test_an_origin_survives_json_and_cbor(origin: Origin) -> None:
    value = encode_origin(origin)
    assert parse_origin(json.loads(json.dumps(value))) == origin
    assert parse_origin(parse_canonical(encode_canonical(value), 1_000)) == origin


def test_fractions_of_a_second_are_cut_off() -> None:
    at = datetime(2020, 4, 10, 8, 0, 20, 999_999, tzinfo=UTC)
    assert parse_seconds(encode_seconds(at)) == at.replace(microsecond=0)


def test_a_time_of_another_zone_is_the_same_moment() -> None:
    beijing = datetime(2020, 4, 10, 16, 0, tzinfo=timezone(timedelta(hours=8)))
    assert parse_seconds(encode_seconds(beijing)) == beijing


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(WireError):
        encode_seconds(datetime(2020, 4, 10))  # noqa: DTZ001 - the claim is about such a time


@pytest.mark.parametrize("value", [-1, 253_402_300_800, 1 << 70, 1.0, "1", True, None, []])
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(WireError):
        parse_seconds(value)


@pytest.mark.parametrize("value", ["", "4", "421", "42010", "4x", "４２", 42, None, True])
def test_what_is_no_region_number_is_refused(value: object) -> None:
    with pytest.raises(WireError):
        parse_region(value)


@pytest.mark.parametrize(
    "change",
    [
        {"level": None},
        {"level": "11"},
        {"level": 0},
        {"level": "green"},
        {"standing": "unknown"},
        {"standing": None},
        {"revision": -1},
        {"revision": 1 << 53},
        {"revision": True},
        {"revision": "7"},
        {"issuer": "420"},
        {"as_of_seconds": 1.5},
        {"valid_until_seconds": None},
        {"causes": []},
        {"causes": {}},
        {"causes": [CAUSE] * 17},
        {"causes": [{"cause": "flu", "since_seconds": 1}]},
        {"causes": [{"cause": "nothing_found"}]},
        {"causes": [{**CAUSE, "until_seconds": None}]},
        {"causes": [{**CAUSE, "more": 1}]},
        {"causes": ["nothing_found"]},
        {"sources_checked": ["x"] * 17},
        {"sources_checked": [""]},
        {"sources_checked": ["x" * 33]},
        {"sources_checked": ["a\nb"]},
        {"sources_checked": [1]},
        {"derived_from": None},
        {"derived_from": "x"},
        {"colour_only": False},
        {"colour_only": 1},
        {"retracted": "yes"},
        {"name": "张三"},
    ],
    ids=repr,
)
def test_what_is_no_report_is_refused(change: dict[str, object]) -> None:
    assert parse_report(REPORT).level is Level.LOW
    with pytest.raises(WireError):
        parse_report({**REPORT, **change})


@pytest.mark.parametrize("missing", ["issuer", "standing", "revision", "as_of_seconds", "level"])
def test_a_report_that_lacks_something_is_refused(missing: str) -> None:
    with pytest.raises(WireError):
        parse_report({name: value for name, value in REPORT.items() if name != missing})


@pytest.mark.parametrize("value", [None, [], "report", 5, {}])
def test_what_is_no_map_is_refused(value: object) -> None:
    with pytest.raises(WireError):
        parse_report(value)
    with pytest.raises(WireError):
        parse_origin(value)


@pytest.mark.parametrize(
    "value",
    [
        {"precision": "exact"},
        {"basis": "declared_stay"},
        {"precision": "exact", "basis": "guess"},
        {"precision": "near", "basis": "declared_stay"},
        {"precision": "exact", "basis": "declared_stay", "division": None},
        {"precision": "exact", "basis": "declared_stay", "division": "421"},
        {"precision": "exact", "basis": "declared_stay", "division": 421181},
        {"precision": "exact", "basis": "declared_stay", "city": "42"},
    ],
    ids=repr,
)
def test_what_is_no_origin_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(WireError):
        parse_origin(value)
