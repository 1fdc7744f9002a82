"""Rendering and deriving over every set of causes, every packaged profile and any dates."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.regions.samples import EVERY_PACKAGED
from tongxing.core.causes import Cause, HeldCause, level_of
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Report
from tongxing.core.words import RegionId
from tongxing.recognition.converting import derive_report, end_of_conversion
from tongxing.regions.profile import Profile
from tongxing.regions.rendering import Loss, render_report
from tongxing.regions.statuses import Colour, Status

AT = datetime(2020, 3, 21, 4, 0, tzinfo=UTC)
REGIONS = [RegionId(number) for number in ("11", "34", "42", "45", "54")]
ends = st.none() | st.integers(-100_000, 300_000).map(lambda seconds: AT + timedelta(seconds=seconds))
causes = st.lists(st.sampled_from(list(Cause)), max_size=4, unique=True)
moments = st.integers(0, 60 * 86_400).map(lambda seconds: AT + timedelta(seconds=seconds))
profiles = st.sampled_from(EVERY_PACKAGED)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Return any report that a region can make; without causes it tells a colour's level only."""
    held = tuple(HeldCause(cause, AT) for cause in draw(causes))
    standing = draw(st.sampled_from(list(Standing)))
    told = level_of((one.cause for one in held), AT) if held else draw(st.sampled_from(list(Level)))
    level = told if standing is Standing.CURRENT or draw(st.booleans()) else None
    return Report(
        issuer=draw(st.sampled_from(REGIONS)),
        standing=standing,
        level=level,
        causes=held,
        revision=1,
        as_of=AT,
        valid_until=draw(ends),
        derived_from=draw(st.none() | st.sampled_from(REGIONS)),
        colour_only=not held and level is not None,
    )


def status_of(profile: Profile, value: str | None, at: datetime) -> Status:
    return next(status for status in profile.statuses_at(at) if status.value == value)


@given(reports(), profiles, moments)
def test_no_rendering_shows_a_status_whose_own_level_is_lower(report: Report, profile: Profile, at: datetime) -> None:
    shown = render_report(report, profile, at=at)
    if shown.label is not None and report.level is not None:
        own = status_of(profile, shown.value, at).worst_level(at)
        assert own is None or own.rank >= report.level.rank


@given(reports(), profiles, moments)
def test_unknown_never_becomes_known(report: Report, profile: Profile, at: datetime) -> None:
    shown = render_report(report, profile, at=at)
    assert shown.standing is report.standing_at(at)
    if shown.standing is not Standing.CURRENT and shown.label is not None:
        status = status_of(profile, shown.value, at)
        assert shown.standing in {status.standing, *(meaning.standing for meaning in status.meanings)}
        assert shown.colour is not Colour.GREEN


@pytest.mark.parametrize("profile", EVERY_PACKAGED, ids=lambda profile: profile.region)
@pytest.mark.parametrize("level", Level)
@given(at=moments)
def test_a_colour_alone_is_shown_by_a_status_that_means_nothing_less_wherever_there_is_one(
    level: Level, profile: Profile, at: datetime
) -> None:
    told = Report(REGIONS[0], Standing.CURRENT, level, (), 1, AT, None, colour_only=True)
    shown = render_report(told, profile, at=at)

    def least(status: Status) -> int:
        return min(level_of((cause,), at).rank for cause in status.causes)

    current = [status for status in profile.statuses_at(at) if status.standing is Standing.CURRENT]
    if any(least(status) >= level.rank for status in current):
        assert least(status_of(profile, shown.value, at)) >= level.rank
    assert Loss.SOURCE_COLOUR_ONLY in shown.losses or shown.label is None


@given(reports(), profiles, moments)
def test_what_is_lost_is_declared(report: Report, profile: Profile, at: datetime) -> None:
    """Whoever reads no loss could tell the causes from the status again."""
    shown = render_report(report, profile, at=at)
    if shown.losses == () and shown.standing is Standing.CURRENT:
        status = status_of(profile, shown.value, at)
        assert set(status.causes) == {held.cause for held in report.causes}
        assert status.worst_level(at) is report.level


@given(reports(), st.sampled_from(REGIONS), moments)
def test_a_derived_report_says_from_whom_and_never_outlives_source_or_code(
    source: Report, host: RegionId, latest: datetime
) -> None:
    derived = derive_report(source, host, latest)
    assert derived.issuer == host
    assert derived.derived_from in {source.issuer, source.derived_from} - {None}
    assert derived.derived_from != host or source.issuer == host
    assert (derived.level, derived.causes, derived.standing) == (source.level, source.causes, source.standing)
    assert derived.valid_until is not None
    assert derived.valid_until <= latest
    assert source.valid_until is None or derived.valid_until <= source.valid_until
    assert derived.valid_until == end_of_conversion(source, latest)


@given(reports(), st.sampled_from(REGIONS), moments)
def test_deriving_twice_keeps_the_first_source(source: Report, host: RegionId, latest: datetime) -> None:
    other = next(region for region in REGIONS if region not in {host, source.issuer, source.derived_from})
    once = derive_report(source, host, latest)
    twice = derive_report(once, other, latest)
    assert once.derived_from in {host, twice.derived_from}
    assert twice.valid_until == once.valid_until
