"""What a record keeps of a report reads as what was given, or is refused on the way in."""

from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.contract.samples import WUHAN, report
from tests.unit.wire.test_reports import origins, regions, reports
from tongxing.core.causes import Cause, HeldCause
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.words import RegionId
from tongxing.wire.cbor import WireError, encode_canonical
from tongxing.wire.report_bodies import BASES, CAUSES, LEVELS, PRECISIONS, STANDINGS, encode_body, parse_body
from tongxing.wire.reports import CAUSES_MAX, REVISION_MAX, SOURCES_MAX, encode_origin, encode_report, parse_report
from tongxing.wire.reports import parse_origin as parse_plain_origin

any_moments = st.datetimes(datetime(1960, 1, 1), datetime(9999, 12, 31)).flatmap(  # noqa: DTZ001 - some have no zone
    lambda at: st.sampled_from([at, at.replace(tzinfo=UTC), at.replace(tzinfo=timezone(timedelta(hours=8)))])
)
any_texts = st.text(max_size=34) | regions
anything: dict[str, st.SearchStrategy[Any]] = {
    "issuer": any_texts,
    "causes": st.lists(st.builds(HeldCause, st.sampled_from(Cause), any_moments, st.none() | any_moments)).map(tuple)
    | st.integers(0, CAUSES_MAX + 2).map(lambda count: report().causes * count),
    "revision": st.integers(-2, REVISION_MAX + 2) | st.sampled_from([0, REVISION_MAX, 1 << 70, True]),
    "as_of": any_moments,
    "valid_until": st.none() | any_moments,
    "sources_checked": st.lists(any_texts, max_size=2).map(tuple)
    | st.integers(0, SOURCES_MAX + 2).map(lambda count: ("cases",) * count),
    "derived_from": st.none() | any_texts,
}
"""What a report may hold as far as its types say, by field; most of it is no report of ours."""

any_origins = st.none() | origins | st.builds(Origin, any_texts, st.just(Precision.CITY), st.sampled_from(OriginBasis))


def through_the_wire(given_report: Report, origin: Origin | None) -> tuple[Report, Origin | None] | None:
    """Return what a batch's line would have made of it, None where that is refused."""
    try:
        told = None if origin is None else parse_plain_origin(encode_origin(origin))
        return parse_report(encode_report(given_report)), told
    except (WireError, OverflowError):
        return None


def through_the_record(given_report: Report, origin: Origin | None) -> tuple[Report, Origin | None] | None:
    try:
        encoded = encode_body(given_report, origin)
    except WireError:
        return None
    return parse_body(encoded)


@given(reports, st.none() | origins)
def test_a_report_reads_as_it_was_given_and_always_has_the_same_bytes(
    given_report: Report, origin: Origin | None
) -> None:
    encoded = encode_body(given_report, origin)
    assert parse_body(encoded) == (given_report, origin)
    assert encode_body(*parse_body(encoded)) == encoded


@pytest.mark.parametrize("name", anything)
@given(reports, any_origins, st.data())
def test_whatever_is_accepted_can_be_read_back_and_whatever_could_not_be_is_refused(
    name: str, good: Report, origin: Origin | None, data: st.DataObject
) -> None:
    """As by the one reader of reports on lines, which knows nothing of how a record keeps them."""
    some = replace(good, **{name: data.draw(anything[name])})
    assert through_the_record(some, origin) == through_the_wire(some, origin)
    assert through_the_record(some, None) == through_the_wire(some, None)


@given(reports, reports)
def test_the_stricter_report_has_the_greater_bytes(one: Report, other: Report) -> None:
    if one.strictness > other.strictness:
        assert encode_body(one, None) > encode_body(other, WUHAN)


@given(reports, st.none() | origins, st.data())
def test_bytes_that_were_changed_are_refused_or_read_as_some_report(
    given_report: Report, origin: Origin | None, data: st.DataObject
) -> None:
    encoded = bytearray(encode_body(given_report, origin))
    encoded[data.draw(st.integers(0, len(encoded) - 1))] = data.draw(st.integers(0, 255))
    try:
        read, of = parse_body(bytes(encoded))
    except WireError:
        return
    assert parse_body(encode_body(read, of)) == (read, of)


@given(st.binary(max_size=40))
def test_what_is_no_body_is_refused_as_that(encoded: bytes) -> None:
    with pytest.raises(WireError):
        parse_body(encoded)


def test_a_body_of_the_step_before_a_longer_one_and_one_that_ranks_falsely_are_refused() -> None:
    encoded = encode_body(report(), WUHAN)
    old = encode_canonical([report().strictness, encode_report(report()), encode_origin(WUHAN)])
    for wrong in (old, encoded + b"\x00", encoded[:-1], b"\x03" + encoded[1:], b"", bytes(1 << 15)):
        with pytest.raises(WireError):
            parse_body(wrong)


def test_a_time_with_a_part_of_a_second_and_one_without_a_zone_are_refused() -> None:
    encoded = encode_body(report(), WUHAN)
    places = msgspec.msgpack.decode(encoded[1:])
    as_of, valid_until, ((cause, since, until),) = places[4:7]
    later = as_of + timedelta(microseconds=1)
    for wrong in (
        [later, valid_until, [[cause, since, until]]],
        [as_of, later, [[cause, since, until]]],
        [as_of, valid_until, [[cause, later, until]]],
        [as_of, valid_until, [[cause, since, later]]],
        [as_of.replace(tzinfo=None), valid_until, [[cause, since, until]]],
    ):
        assert parse_body(encoded[:1] + msgspec.msgpack.encode(places))[0] == report()
        with pytest.raises(WireError):
            parse_body(encoded[:1] + msgspec.msgpack.encode([*places[:4], *wrong, *places[7:]]))


def test_a_subset_of_a_second_is_cut_off_and_another_zone_is_the_same_moment() -> None:
    exact = report()
    beijing = exact.as_of.astimezone(timezone(timedelta(hours=8))) + timedelta(microseconds=7)
    assert encode_body(replace(exact, as_of=beijing), None) == encode_body(exact, None)


@pytest.mark.parametrize(
    ("listed", "words"),
    [(STANDINGS, Standing), (LEVELS, Level), (CAUSES, Cause), (PRECISIONS, Precision), (BASES, OriginBasis)],
)
def test_every_word_has_a_place(listed: tuple[Any, ...], words: type[StrEnum]) -> None:
    assert sorted(listed) == sorted(words)


def test_places_never_change() -> None:
    """What was kept years ago must be read: a word that is new goes to the end of its list."""
    assert " ".join(word for listed in (STANDINGS, LEVELS, CAUSES, PRECISIONS, BASES) for word in listed) == (
        "current pending expired no_record mismatch source_away 00 01 10 nothing_found confirmed_case suspected_case"
        " asymptomatic_case fever_case fever_measured close_contact recovered_under_observation from_high_risk_area"
        " from_medium_risk_area entered_from_abroad exact city province none travel_data declared_stay issuer_region"
    )


def test_bytes_never_change() -> None:
    """As bytes are compared and kept: these are of the day when they were first written so."""
    every = Report(
        RegionId("4201"), Standing.MISMATCH, Level.HIGH, (HeldCause(Cause.ENTERED_FROM_ABROAD, report().as_of),), 300,
        report().as_of, report().as_of, ("x",), RegionId("42"), True, True,
    )  # fmt: skip
    origin = Origin("420100", Precision.NONE, OriginBasis.ISSUER_REGION)
    assert encode_body(every, origin).hex() == (
        "039ba43432303104" "02cd012cd6ff5e845108d6ff5e845108" "91930ad6ff5e845108c0"
        "91a178a2343203" "93a63432303130300302"
    )  # fmt: skip
