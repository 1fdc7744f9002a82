"""The profiles that ship: every region, total on every day of change, law 1, and evidence for each fact."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.unit.regions.samples import EVERY_PACKAGED, load_profile
from tongxing.core.calendar import BEIJING
from tongxing.core.causes import Cause, HeldCause, level_of
from tongxing.core.levels import Level, Standing
from tongxing.core.provinces import PROVINCE_NAMES
from tongxing.core.reports import Report
from tongxing.core.words import RegionId
from tongxing.regions.facts import days_of_change, facts_of
from tongxing.regions.particulars import AppealStep
from tongxing.regions.profile import FAMILY_PARAMETERS, Profile, check_profiles_apart
from tongxing.regions.profile_parts import span_of
from tongxing.regions.rendering import find_status
from tongxing.regions.statuses import Colour, Sure

FIRST, LAST = date(2020, 2, 1), date(2022, 12, 31)
OUTSIDE = {"71", "81", "82"}
"""Units of GB/T 2260 that take part by other means than the 31 and the Corps, if at all."""

CITIES = {"1501", "3301", "4201", "4301", "4401", "4403", "4404", "6101"}
"""The cities whose codes the facts name."""

by_profile = pytest.mark.parametrize("profile", EVERY_PACKAGED, ids=lambda profile: str(profile.region))


def moments_of(profile: Profile) -> list[datetime]:
    """Return the first moment of every day on which something changes, and of the last day, once the code exists."""
    begins = span_of(profile.statuses).since
    days = {day for day in days_of_change(profile) if begins <= day <= LAST} | {LAST}
    return [datetime.combine(day, time(), BEIJING).astimezone(UTC) for day in sorted(days)]


def report_of(cause: Cause, at: datetime) -> Report:
    return Report(RegionId("99"), Standing.CURRENT, level_of((cause,), at), (HeldCause(cause, at),), 1, at, None)


def test_every_province_region_and_municipality_and_the_corps_is_there_and_the_cities_of_the_facts() -> None:
    shipped = {str(profile.region) for profile in EVERY_PACKAGED}
    assert shipped == (PROVINCE_NAMES.keys() - OUTSIDE) | CITIES
    assert len(shipped - CITIES) == 32
    assert all(city[:2] in shipped for city in CITIES)


def test_no_text_can_be_read_as_the_code_of_two_regions() -> None:
    check_profiles_apart(EVERY_PACKAGED)


@by_profile
def test_on_every_day_of_change_each_value_means_one_thing_and_every_level_can_be_shown(profile: Profile) -> None:
    for at in moments_of(profile):
        statuses = profile.statuses_at(at)
        assert len({status.value for status in statuses}) == len(statuses)
        assert all(status.meanings for status in statuses)
        levels = {status.worst_level(at) for status in statuses}
        assert {Level.LOW, Level.HIGH} <= levels
        assert profile.find_code_name(at) is not None


@by_profile
def test_on_every_day_of_change_every_cause_is_shown_by_a_status_that_is_no_lower(profile: Profile) -> None:
    for at in moments_of(profile):
        for cause in Cause:
            status = find_status(report_of(cause, at), profile, at=at)
            assert status is not None, (cause, at)
            own = status.worst
            assert own is not None
            assert own.rank >= level_of((cause,), at).rank


@pytest.mark.parametrize(
    ("region", "day", "cause", "colour"),
    [
        ("33", date(2020, 5, 2), Cause.CLOSE_CONTACT, Colour.RED),
        ("41", date(2020, 3, 21), Cause.CLOSE_CONTACT, Colour.RED),
        ("44", date(2020, 3, 21), Cause.CLOSE_CONTACT, Colour.RED),
        ("42", date(2020, 3, 21), Cause.CLOSE_CONTACT, Colour.YELLOW),
        ("22", date(2020, 3, 21), Cause.CLOSE_CONTACT, Colour.ORANGE),
        ("22", date(2020, 3, 21), Cause.FEVER_MEASURED, Colour.YELLOW),
        ("42", date(2020, 3, 21), Cause.FEVER_CASE, Colour.RED),
        ("41", date(2020, 3, 21), Cause.FEVER_MEASURED, Colour.YELLOW),
        ("44", date(2020, 3, 21), Cause.NOTHING_FOUND, Colour.BLUE),
        ("44", date(2020, 6, 1), Cause.NOTHING_FOUND, Colour.GREEN),
        ("12", date(2020, 3, 21), Cause.FROM_MEDIUM_RISK_AREA, Colour.ORANGE),
        ("32", date(2020, 3, 21), Cause.FROM_HIGH_RISK_AREA, Colour.RED),
        ("31", date(2020, 3, 21), Cause.FROM_MEDIUM_RISK_AREA, Colour.YELLOW),
    ],
)
def test_what_the_facts_tell_of_a_cause_is_the_colour_it_has_there(
    region: str, day: date, cause: Cause, colour: Colour
) -> None:
    at = datetime.combine(day, time(12), BEIJING).astimezone(UTC)
    shown = [status.colour for status in load_profile(region).statuses_at(at) if cause in status.causes]
    assert shown == [colour]


def test_yellow_can_be_nothing_but_a_lapse_and_black_and_white_a_card_not_yet_signed() -> None:
    shandong, at = load_profile("37"), datetime(2020, 3, 10, 4, tzinfo=UTC)
    assert Standing.EXPIRED in {meaning.standing for meaning in shandong.status_of("yellow", at).meanings}
    assert shandong.status_of("unsigned", at).standing is Standing.PENDING
    assert all(status.value != "unsigned" for status in shandong.statuses_at(at + timedelta(days=7)))


@by_profile
def test_a_status_is_as_bad_as_the_worst_cause_under_it(profile: Profile) -> None:
    for at in moments_of(profile):
        for status in profile.statuses_at(at):
            worst = status.worst_level(at)
            assert (worst is None) is (status.standing is not Standing.CURRENT and not status.causes)
            assert all(worst is not None and worst.rank >= level_of((cause,), at).rank for cause in status.causes)


@by_profile
def test_every_fact_names_its_source_and_none_begins_before_the_epidemic_or_after_the_codes(profile: Profile) -> None:
    for fact in facts_of(profile):
        assert len(fact.evidence.source) > 20
        assert FIRST <= fact.since <= LAST
        assert fact.until is None or fact.since < fact.until
    used = {fact.evidence for fact in facts_of(profile)}
    assert set(profile.evidence.values()) <= used, "evidence that nothing rests on"


@by_profile
def test_every_step_of_an_appeal_has_one_term_on_every_day_and_the_steps_are_in_order(profile: Profile) -> None:
    day = span_of(profile.statuses).since
    while day <= LAST:
        due = [term for term in profile.appeals if term.evidence.is_in_force(day)]
        assert sorted(term.step for term in due) == sorted(AppealStep)
        terms = {term.step: term.within for term in due}
        assert terms[AppealStep.ACKNOWLEDGE] <= terms[AppealStep.DECIDE] <= terms[AppealStep.LIMIT] <= timedelta(days=2)
        day += timedelta(days=30)


def test_a_region_of_which_nothing_is_known_has_the_national_profile_and_every_word_of_it_is_assumed() -> None:
    national = [profile for profile in EVERY_PACKAGED if profile.family == "national"]
    assert {profile.region for profile in national} == {"14", "15", "35", "46", "54", "61", "62", "64", "65", "66"}
    for profile in national:
        sure = {name: evidence.sure for name, evidence in profile.evidence.items()}
        assert sure.pop("value_domain") is Sure.CODE
        assert set(sure.values()) == {Sure.ASSUMED}
        assert [status.value for status in profile.statuses] == ["00", "01", "10", ""]


def test_the_form_of_a_qr_text_is_known_of_no_region() -> None:
    assert all(profile.qr is None or profile.qr.evidence.sure is Sure.ASSUMED for profile in EVERY_PACKAGED)


def test_an_interface_is_known_where_public_code_showed_it_and_nowhere_else() -> None:
    seen = {profile.region: profile.family for profile in EVERY_PACKAGED if profile.family_evidence.sure is Sure.CODE}
    assert seen == {
        "13": "national_levels",
        "33": "day_password",
        "3301": "keyed_call",
        "34": "signed_numeric",
        "4404": "unsigned_json",
    }
    assert {profile.family for profile in EVERY_PACKAGED} <= set(FAMILY_PARAMETERS)
