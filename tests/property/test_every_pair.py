"""Laws 1, 2 and 4 from every region that ships to every other, on every day on which any of them changes.

Enumerated and not drawn: each status, each reason word under it, and all of them together, rendered by
each region there is. Chains of three regions are drawn.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.unit.regions.samples import EVERY_PACKAGED
from tongxing.core.calendar import BEIJING
from tongxing.core.causes import level_of
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Report
from tongxing.core.words import RegionId
from tongxing.recognition.converting import derive_report
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.facts import days_of_change
from tongxing.regions.profile import Profile
from tongxing.regions.rendering import LOSS_WORDS, Loss, Rendered, render_report
from tongxing.regions.statuses import Colour, Status
from tongxing.regions.translation import translate

FIRST, LAST = date(2020, 2, 1), date(2022, 12, 31)
DAYS = sorted({day for each in EVERY_PACKAGED for day in days_of_change(each) if FIRST <= day <= LAST} | {LAST})
NOON = timedelta(hours=12)

days = st.sampled_from(DAYS)
profiles = st.sampled_from(EVERY_PACKAGED)


def moment(day: date) -> datetime:
    return (datetime.combine(day, time(), BEIJING) + NOON).astimezone(UTC)


def answers_of(profile: Profile, at: datetime) -> Iterator[SourceAnswer]:
    """Yield whatever a region's back end can say: each status by itself, with each of its words, with all of them."""
    for status in profile.statuses_at(at):
        words = tuple(meaning.told for meaning in status.meanings if meaning.told is not None)
        for told in dict.fromkeys(((), *((word,) for word in words), words)):
            yield SourceAnswer(status.value, told, refreshed_at=at)


@cache
def reports_on(day: date) -> tuple[tuple[SourceAnswer, Report], ...]:
    """Return every report that any region can make at noon of a day."""
    at = moment(day)
    return tuple(
        (answer, translate(answer, profile, at=at, revision=1).report)
        for profile in EVERY_PACKAGED
        for answer in answers_of(profile, at)
    )


def status_of(profile: Profile, shown: Rendered, at: datetime) -> Status:
    return next(status for status in profile.statuses_at(at) if status.value == shown.value)


def says_nothing_else(status: Status, standing: Standing) -> bool:
    """True if whoever sees ``status`` knows by it that the report has just this standing."""
    standings = {status.standing} | {meaning.standing for meaning in status.meanings if meaning.standing is not None}
    return standings == {standing} and (standing is Standing.CURRENT or not status.causes)


by_day = pytest.mark.parametrize("day", DAYS, ids=str)


@by_day
def test_a_report_has_the_level_of_its_causes_or_of_the_worst_under_its_colour(day: date) -> None:
    at = moment(day)
    by_region = {profile.region: profile for profile in EVERY_PACKAGED}
    for answer, report in reports_on(day):
        status = by_region[report.issuer].status_of(answer.status, at)
        if report.causes:
            assert report.level is level_of((held.cause for held in report.causes), at)
            assert not report.colour_only
        elif report.level is not None:
            assert report.colour_only
            assert report.level is level_of(status.causes, at)
        else:
            assert report.standing is not Standing.CURRENT


@by_day
def test_no_region_shows_another_ones_report_lower_or_as_known_where_it_is_not(day: date) -> None:
    at = moment(day)
    for profile in EVERY_PACKAGED:
        for _answer, report in reports_on(day):
            shown = render_report(report, profile, at=at)
            assert shown.standing is report.standing_at(at)
            if shown.label is None:
                assert shown.losses == (Loss.STANDING_NOT_KNOWN_HERE,)
                continue
            status = status_of(profile, shown, at)
            own = status.worst_level(at)
            assert report.level is None or own is None or own.rank >= report.level.rank
            if shown.standing is not Standing.CURRENT:
                assert shown.standing in {status.standing, *(meaning.standing for meaning in status.meanings)}
                assert status.worst_level(at) is not Level.LOW
                assert shown.colour not in {Colour.GREEN, Colour.BLUE, Colour.RED}


@by_day
def test_what_a_region_no_longer_tells_is_declared_with_a_sentence_in_both_languages(day: date) -> None:
    at = moment(day)
    for profile in EVERY_PACKAGED:
        for _answer, report in reports_on(day):
            shown = render_report(report, profile, at=at)
            said = [LOSS_WORDS[loss] for loss in shown.losses] + ([] if shown.label is None else [shown.label])
            assert said
            assert all(sentence.zh and sentence.en for sentence in said)
            if shown.losses == () and shown.standing is Standing.CURRENT:
                status = status_of(profile, shown, at)
                assert set(status.causes) == {held.cause for held in report.causes}
                assert status.worst_level(at) is report.level
            told_alone = shown.label is None or says_nothing_else(status_of(profile, shown, at), shown.standing)
            assert (Loss.STANDING_NOT_TOLD in shown.losses) is not told_alone
            assert (Loss.SOURCE_COLOUR_ONLY in shown.losses) is (report.colour_only and shown.label is not None)


@by_day
def test_who_is_shown_at_home_is_shown_somehow_by_every_region_that_had_a_code_then(day: date) -> None:
    """Only a standing that a region has no word for is not shown; a level always is."""
    at = moment(day)
    for profile in EVERY_PACKAGED:
        if not any(status.standing is Standing.CURRENT for status in profile.statuses_at(at)):
            continue
        for _answer, report in reports_on(day):
            if report.standing_at(at) is Standing.CURRENT:
                assert render_report(report, profile, at=at).label is not None


@st.composite
def chains(draw: st.DrawFn) -> tuple[Profile, Profile, Profile, Report, datetime]:
    """Return three regions, what the first reports, and when."""
    day = draw(days)
    first, second, third = draw(st.lists(profiles, min_size=3, max_size=3, unique_by=lambda each: each.region))
    told = [report for _answer, report in reports_on(day) if report.issuer == first.region]
    assume(told)
    return first, second, third, draw(st.sampled_from(told)), moment(day)


@given(chains())
@settings(max_examples=400)
def test_through_three_regions_a_report_keeps_its_source_its_level_and_that_only_a_colour_was_told(
    chain: tuple[Profile, Profile, Profile, Report, datetime],
) -> None:
    first, second, third, report, at = chain
    latest = at + timedelta(hours=1)
    twice = derive_report(derive_report(report, second.region, latest), third.region, latest)
    assert (twice.issuer, twice.derived_from) == (third.region, first.region)
    assert (twice.level, twice.causes, twice.standing) == (report.level, report.causes, report.standing)
    assert twice.colour_only is report.colour_only
    assert twice.valid_until is not None
    assert twice.valid_until <= min(latest, report.valid_until or latest)
    direct, through = (render_report(each, third, at=at) for each in (report, twice))
    assert (direct.value, direct.losses, direct.standing) == (through.value, through.losses, through.standing)


@given(chains())
@settings(max_examples=400)
def test_a_colour_told_on_by_a_second_and_a_third_region_is_never_lower_and_names_the_first(
    chain: tuple[Profile, Profile, Profile, Report, datetime],
) -> None:
    """The worst way to relay: by the status alone, as somebody who repaints a code would."""
    first, second, third, report, at = chain
    assume(report.standing_at(at) is Standing.CURRENT)
    source: RegionId = first.region
    for profile in (second, third):
        shown = render_report(report, profile, at=at)
        if shown.value is None:
            return
        relayed = translate(
            SourceAnswer(shown.value, refreshed_at=at, derived_from=source), profile, at=at, revision=1
        ).report
        assert relayed.derived_from == source
        assert relayed.level is not None
        assert report.level is not None
        assert relayed.level.rank >= report.level.rank
        assert relayed.standing is Standing.CURRENT
        report = relayed
