"""Laws 1 and 2 over every set of causes, every status and any date: convert the cause; unknown stays unknown."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, combinations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.regions.samples import AT, BEIJING, EVERY_PACKAGED, HUBEI, ZHEJIANG
from tongxing.core.calendar import BEIJING as BEIJING_TIME
from tongxing.core.calendar import beijing_day
from tongxing.core.causes import CAUSES, Cause, level_of
from tongxing.core.errors import Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.reasons import ReasonId
from tongxing.core.words import FEDERATION, RegionId, Sentence
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.profile import Profile
from tongxing.regions.rendering import render_status
from tongxing.regions.statuses import Colour, Evidence, Meaning, Status, Sure
from tongxing.regions.translation import Translated, translate

PROFILES = (*EVERY_PACKAGED, ZHEJIANG)
EVIDENCE = Evidence(Sure.ASSUMED, "a test", AT.date())
UNTIL = datetime(2023, 1, 1, tzinfo=UTC)
moments = st.datetimes(AT.replace(tzinfo=None) + timedelta(days=1), UNTIL.replace(tzinfo=None), timezones=st.just(UTC))
partitions = st.lists(st.integers(0, 3), min_size=len(Cause), max_size=len(Cause)).map(
    lambda places: [
        group
        for place in range(4)
        if (group := [cause for cause, at_place in zip(Cause, places, strict=True) if at_place == place])
    ]
)
"""Every way in which a region could spread the causes over four colours."""


def status_of(value: str, causes: list[Cause]) -> Status:
    meanings = tuple(Meaning(f"told {cause}", cause, None, None, EVIDENCE) for cause in causes)
    return Status(value, Colour.YELLOW, Sentence(value, value), Standing.CURRENT, meanings, None, EVIDENCE)


def profile_of(groups: list[list[Cause]]) -> Profile:
    return replace(HUBEI, statuses=tuple(status_of(f"s{index}", group) for index, group in enumerate(groups)))


def subsets(causes: list[Cause]) -> Iterator[tuple[Cause, ...]]:
    return chain.from_iterable(combinations(causes, size) for size in range(1, len(causes) + 1))


def translated(answer: SourceAnswer, profile: Profile, at: datetime = AT) -> Translated:
    return translate(replace(answer, refreshed_at=at), profile, at=at, revision=1)


days_of_change = sorted({dated.since for entry in CAUSES.values() for dated in entry.levels})


@pytest.mark.parametrize("day", days_of_change)
def test_every_set_of_causes_has_the_same_national_level_before_and_after_translation(day: date) -> None:
    everything = profile_of([list(Cause)])
    at = max(AT, datetime(day.year, day.month, day.day, 4, tzinfo=UTC))
    for causes in subsets(list(Cause)):
        report = translated(SourceAnswer("s0", tuple(f"told {cause}" for cause in causes)), everything, at).report
        assert report.level is level_of(causes, at)
        assert {held.cause for held in report.causes} == set(causes)
        assert not report.colour_only


@given(partitions, moments)
def test_the_same_cause_told_by_another_colour_gives_the_same_level(groups: list[list[Cause]], at: datetime) -> None:
    profile = profile_of(groups)
    for index, group in enumerate(groups):
        for cause in group:
            report = translated(SourceAnswer(f"s{index}", (f"told {cause}",)), profile, at).report
            assert report.level is CAUSES[cause].level_on(at.date())


@given(partitions, moments)
def test_a_colour_alone_is_never_below_any_cause_under_it(groups: list[list[Cause]], at: datetime) -> None:
    profile = profile_of(groups)
    for index, group in enumerate(groups):
        report = translated(SourceAnswer(f"s{index}"), profile, at).report
        assert report.level is not None
        assert report.colour_only
        assert report.causes == ()
        assert all(report.level.rank >= level_of(causes, at).rank for causes in subsets(group[:6]))


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.region)
@given(at=moments)
def test_each_colour_of_each_region_is_never_below_any_cause_under_it(profile: Profile, at: datetime) -> None:
    for status in profile.statuses_at(at):
        report = translated(SourceAnswer(status.value), profile, at).report
        if status.standing is Standing.CURRENT:
            assert report.level is not None
            assert all(report.level.rank >= level_of([cause], at).rank for cause in status.causes)
        else:
            assert report.standing is status.standing
            assert report.level is None


def values_in(profiles: tuple[Profile, ...]) -> list[str]:
    return sorted({status.value for profile in profiles for status in profile.statuses})


def words_in(profiles: tuple[Profile, ...]) -> list[str]:
    return sorted({each.told for profile in profiles for s in profile.statuses for each in s.meanings if each.told})


@given(
    profile=st.sampled_from(PROFILES),
    status=st.text(max_size=8) | st.sampled_from(values_in(PROFILES)),
    told=st.lists(st.text(max_size=6) | st.sampled_from(words_in(PROFILES)), max_size=3),
    at=moments,
)
@settings(max_examples=400)
def test_unknown_never_becomes_known(profile: Profile, status: str, told: list[str], at: datetime) -> None:
    """A level is only ever what told causes give, or the colour of a status that shows one by itself."""
    answer = SourceAnswer(status, tuple(told))
    in_profile = {each.value: each for each in profile.statuses_at(at)}.get(status)
    if in_profile is None or any(in_profile.find_told(word) is None for word in told):
        with pytest.raises(Undecidable) as why:
            translated(answer, profile, at)
        assert why.value.reason is ReasonId.STATUS_UNKNOWN
        return
    report = translated(answer, profile, at).report
    says_itself = [status] if in_profile.find_told(status) else []
    causes = {
        meaning.cause for word in told or says_itself if (meaning := in_profile.find_told(word)) and meaning.cause
    }
    assert {held.cause for held in report.causes} == causes
    assert report.colour_only is (not told and not says_itself and in_profile.standing is Standing.CURRENT)
    if not causes and not report.colour_only:
        assert report.level is None
        assert report.standing is not Standing.CURRENT


@given(
    st.sampled_from(PROFILES), st.sampled_from([None, *(profile.region for profile in PROFILES), FEDERATION]), moments
)
def test_a_report_is_its_issuers_own_or_says_whose_it_relays(
    profile: Profile, source: RegionId | None, at: datetime
) -> None:
    if source == profile.region:
        return
    for status in profile.statuses_at(at):
        own = translated(SourceAnswer(status.value), profile, at).report
        relayed = translated(SourceAnswer(status.value, derived_from=source), profile, at).report
        assert relayed.derived_from == source
        assert msgspec.structs.replace(relayed, derived_from=None) == own


@given(
    groups=partitions,
    home=st.sampled_from(PROFILES),
    at=moments,
    data=st.data(),
)
def test_no_region_shows_a_report_as_a_status_whose_own_level_is_lower(
    groups: list[list[Cause]], home: Profile, at: datetime, data: st.DataObject
) -> None:
    causes = data.draw(st.lists(st.sampled_from(list(Cause)), min_size=1, unique=True))
    everything = profile_of([list(Cause)])
    report = translated(SourceAnswer("s0", tuple(f"told {cause}" for cause in causes)), everything, at).report
    for profile in (home, profile_of(groups)):
        label = render_status(report, profile, at=at)
        if label is not None:
            shown = next(status for status in profile.statuses_at(at) if status.label == label)
            own = shown.worst_level(at)
            assert own is not None
            assert report.level is not None
            assert own.rank >= report.level.rank


@given(st.sampled_from(PROFILES), moments, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_a_green_only_ever_ages_towards_expired(profile: Profile, at: datetime, age: timedelta) -> None:
    green = next(status for status in profile.statuses_at(at) if Cause.NOTHING_FOUND in status.causes)
    report = translate(SourceAnswer(green.value, refreshed_at=at - age), profile, at=at, revision=1).report
    is_over = green.validity is not None and at >= green.validity.end(at - age)
    assert report.level is Level.LOW
    assert report.standing is (Standing.EXPIRED if is_over else Standing.CURRENT)
    assert report.standing_at(at) is report.standing


@given(moments, st.integers(0, 86_399))
def test_what_beijing_says_holds_for_the_rest_of_its_day_and_no_longer(at: datetime, second: int) -> None:
    """``at`` is cut to the second, as the wire is; ``second`` is one of the same Beijing day, or of the next."""
    at = at.replace(microsecond=0)
    asked_at = datetime.combine(beijing_day(at), time(), BEIJING_TIME) + timedelta(seconds=second)
    if asked_at < at:
        asked_at += timedelta(days=1)
    report = translate(SourceAnswer("未见异常", refreshed_at=at), BEIJING, at=asked_at, revision=1).report
    is_same_day = beijing_day(asked_at) == beijing_day(at)
    assert report.standing is (Standing.CURRENT if is_same_day else Standing.EXPIRED)
    assert report.level is Level.LOW
