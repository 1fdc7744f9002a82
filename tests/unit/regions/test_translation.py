"""Translation case by case; the laws over all cases are in tests/property/test_translation.py."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tests.unit.regions.samples import ANHUI, AT, BEIJING, GUANGDONG, GUANGXI, GUANGZHOU, HUBEI, TIBET, ZHEJIANG
from tongxing.core.causes import Cause, HeldCause
from tongxing.core.errors import Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.words import RegionId
from tongxing.recognition.combining import combine_reports
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.profile import Profile
from tongxing.regions.rendering import render_status
from tongxing.regions.translation import translate

GREEN = SourceAnswer("green", ("wjyc",), refreshed_at=AT - timedelta(hours=4), masked_name="张**", division="420502")
NOTHING_FOUND = SourceAnswer("未见异常", refreshed_at=AT - timedelta(hours=4))
CONTACT = SourceAnswer("yellow", ("mqjcz",), since=AT - timedelta(days=4), refreshed_at=AT - timedelta(hours=4))


def report_of(answer: SourceAnswer, profile: Profile = HUBEI) -> Report:
    return translate(answer, profile, at=AT, revision=7).report


def reason_of(answer: SourceAnswer, profile: Profile = HUBEI) -> ReasonId:
    with pytest.raises(Undecidable) as why:
        report_of(answer, profile)
    return why.value.reason


def test_hubei_green_means_that_nothing_was_found_in_named_sources_and_holds_three_days() -> None:
    report = report_of(GREEN)
    assert (report.issuer, report.standing, report.level, report.revision) == ("42", Standing.CURRENT, Level.LOW, 7)
    assert [held.cause for held in report.causes] == [Cause.NOTHING_FOUND]
    assert report.sources_checked == ("cases", "close_contacts", "fever_reports")
    assert report.as_of == GREEN.refreshed_at
    assert report.valid_until == AT - timedelta(hours=4) + timedelta(days=3)
    assert not report.colour_only


def test_hubei_green_after_three_days_without_renewal_has_run_out_to_the_second() -> None:
    refreshed_at = AT - timedelta(days=3)
    assert report_of(replace(GREEN, refreshed_at=refreshed_at)).standing is Standing.EXPIRED
    assert report_of(replace(GREEN, refreshed_at=refreshed_at + timedelta(seconds=1))).standing is Standing.CURRENT


def test_hubei_yellow_for_a_lapsed_registration_is_a_standing_and_no_level() -> None:
    report = report_of(SourceAnswer("yellow", ("djdq",)))
    assert (report.standing, report.level, report.causes) == (Standing.EXPIRED, None, ())
    assert not report.colour_only


def test_a_close_contact_is_high_though_hubei_shows_yellow() -> None:
    report = report_of(CONTACT)
    assert (report.standing, report.level) == (Standing.CURRENT, Level.HIGH)
    assert report.causes == (HeldCause(Cause.CLOSE_CONTACT, AT - timedelta(days=4)),)


def test_a_close_contact_is_the_same_level_in_every_region_whatever_its_colour_there() -> None:
    red_there = report_of(SourceAnswer("3", ("contact",)), ZHEJIANG)
    assert red_there.level is report_of(CONTACT).level


def test_a_fever_measured_is_not_a_fever_case() -> None:
    assert report_of(SourceAnswer("yellow", ("xcfr",))).level is Level.MEDIUM
    assert report_of(SourceAnswer("red", ("frbl",))).level is Level.HIGH


def test_a_lapsed_registration_does_not_hide_a_contact_that_is_still_stated() -> None:
    report = report_of(replace(CONTACT, told=("djdq", "mqjcz")))
    assert (report.standing, report.level) == (Standing.CURRENT, Level.HIGH)


def test_a_yellow_without_a_word_is_converted_as_the_worst_that_yellow_can_be() -> None:
    hubei, guangxi = report_of(SourceAnswer("yellow")), report_of(SourceAnswer("yellow"), GUANGXI)
    assert (hubei.level, hubei.colour_only, hubei.causes) == (Level.HIGH, True, ())
    assert (guangxi.level, guangxi.colour_only, guangxi.causes) == (Level.MEDIUM, True, ())


def test_guangxi_green_is_low_and_says_that_only_the_colour_is_known() -> None:
    report = report_of(SourceAnswer("green", refreshed_at=AT - timedelta(days=1)), GUANGXI)
    assert (report.standing, report.level, report.colour_only) == (Standing.CURRENT, Level.LOW, True)


@pytest.mark.parametrize(
    ("answer", "profile", "standing"),
    [
        (SourceAnswer("grey"), HUBEI, Standing.PENDING),
        (SourceAnswer("grey", ("shz",)), HUBEI, Standing.PENDING),
        (SourceAnswer("grey", ("qygb",)), HUBEI, Standing.PENDING),
        (SourceAnswer("grey", ("xxbf",)), HUBEI, Standing.MISMATCH),
        (SourceAnswer("grey", ("shz", "xxbf")), HUBEI, Standing.MISMATCH),
        (SourceAnswer(""), HUBEI, Standing.NO_RECORD),
        (SourceAnswer("init"), GUANGXI, Standing.PENDING),
        (SourceAnswer(""), ANHUI, Standing.PENDING),
        (SourceAnswer("系统暂无法确认您的状态"), BEIJING, Standing.NO_RECORD),
        (SourceAnswer(""), TIBET, Standing.NO_RECORD),
        (SourceAnswer("init"), GUANGZHOU, Standing.PENDING),
    ],
)
def test_what_is_no_finding_becomes_a_standing_and_never_a_level(
    answer: SourceAnswer, profile: Profile, standing: Standing
) -> None:
    report = report_of(answer, profile)
    assert (report.standing, report.level, report.colour_only) == (standing, None, False)


def test_beijings_words_say_by_themselves_that_nothing_was_found() -> None:
    report = report_of(NOTHING_FOUND, BEIJING)
    assert [held.cause for held in report.causes] == [Cause.NOTHING_FOUND]
    assert (report.level, report.colour_only, report.as_of) == (Level.LOW, False, NOTHING_FOUND.refreshed_at)


@pytest.mark.parametrize(("status", "level"), [("居家观察", Level.MEDIUM), ("集中观察", Level.HIGH)])
def test_what_beijing_does_not_explain_is_converted_as_the_worst_it_can_be(status: str, level: Level) -> None:
    report = report_of(SourceAnswer(status), BEIJING)
    assert (report.standing, report.level, report.colour_only, report.causes) == (Standing.CURRENT, level, True, ())


@pytest.mark.parametrize(
    ("refreshed_at", "last_second"),
    [
        (datetime(2020, 3, 19, 16, 0, 0, tzinfo=UTC), datetime(2020, 3, 20, 15, 59, 59, tzinfo=UTC)),
        (datetime(2020, 3, 20, 15, 59, 59, tzinfo=UTC), datetime(2020, 3, 20, 15, 59, 59, tzinfo=UTC)),
    ],
    ids=["fetched at 00:00:00", "fetched at 23:59:59"],
)
def test_what_beijing_says_holds_to_midnight_to_the_second(refreshed_at: datetime, last_second: datetime) -> None:
    answer = replace(NOTHING_FOUND, refreshed_at=refreshed_at)
    before = translate(answer, BEIJING, at=last_second, revision=1).report
    after = translate(answer, BEIJING, at=last_second + timedelta(seconds=1), revision=1).report
    assert (before.standing, before.level) == (Standing.CURRENT, Level.LOW)
    assert (after.standing, after.level) == (Standing.EXPIRED, Level.LOW)
    assert before.standing_at(last_second + timedelta(seconds=1)) is Standing.EXPIRED


def test_an_observation_in_beijing_does_not_end_with_the_day() -> None:
    report = report_of(SourceAnswer("集中观察", refreshed_at=AT - timedelta(days=2)), BEIJING)
    assert (report.standing, report.valid_until) == (Standing.CURRENT, None)


def test_beijings_green_without_its_moment_cannot_be_used() -> None:
    assert reason_of(SourceAnswer("未见异常"), BEIJING) is ReasonId.SOURCE_UNREADABLE


@pytest.mark.parametrize("source", [RegionId("00"), RegionId("42")])
def test_what_is_only_relayed_says_whose_report_it_is(source: RegionId) -> None:
    report = report_of(SourceAnswer("1", derived_from=source), ANHUI)
    assert (report.issuer, report.derived_from, report.level) == ("34", source, Level.LOW)
    assert report_of(SourceAnswer("1"), ANHUI).derived_from is None


def test_nobody_relays_themselves() -> None:
    assert reason_of(SourceAnswer("1", derived_from=ANHUI.region), ANHUI) is ReasonId.SOURCE_UNREADABLE


def test_a_relayed_report_is_no_second_opinion() -> None:
    relayed = report_of(SourceAnswer("3", derived_from=RegionId("00")), ANHUI)
    own = report_of(SourceAnswer("3"), ANHUI)
    assert combine_reports(report_of(GREEN), [relayed], at=AT).level is Level.LOW
    assert combine_reports(report_of(GREEN), [own], at=AT).level is Level.HIGH


@pytest.mark.parametrize("profile", [GUANGDONG, GUANGZHOU])
def test_a_colour_is_read_by_what_it_meant_on_the_day(profile: Profile) -> None:
    later = datetime(2020, 4, 30, 16, 0, tzinfo=UTC)
    assert report_of(SourceAnswer("blue"), profile).level is Level.LOW
    assert reason_of(SourceAnswer("green"), profile) is ReasonId.STATUS_UNKNOWN
    assert translate(SourceAnswer("green"), profile, at=later, revision=1).report.level is Level.LOW
    with pytest.raises(Undecidable):
        translate(SourceAnswer("blue"), profile, at=later, revision=1)


def test_a_region_without_a_code_translates_its_own_records() -> None:
    contact = report_of(SourceAnswer("10", ("mqjcz",), refreshed_at=AT), TIBET)
    assert (contact.issuer, contact.level, contact.colour_only) == ("54", Level.HIGH, False)
    assert report_of(SourceAnswer("00", ("wjyc",), refreshed_at=AT), TIBET).level is Level.LOW


@pytest.mark.parametrize("status", ["blue", "GREEN", "00", "green ", "init"])
def test_a_status_that_is_not_in_the_profile_is_not_guessed(status: str) -> None:
    assert reason_of(replace(GREEN, status=status)) is ReasonId.STATUS_UNKNOWN


@pytest.mark.parametrize("told", [("zzz",), ("wjyc", "zzz"), ("mqjcz",)])
def test_a_word_that_the_status_does_not_have_is_not_guessed(told: tuple[str, ...]) -> None:
    assert reason_of(replace(GREEN, told=told)) is ReasonId.STATUS_UNKNOWN


def test_a_word_is_not_guessed_where_the_region_is_known_to_tell_colours_only() -> None:
    assert reason_of(SourceAnswer("green", ("wjyc",)), GUANGXI) is ReasonId.STATUS_UNKNOWN


def test_a_green_whose_refresh_time_is_needed_and_missing_cannot_be_used() -> None:
    assert reason_of(replace(GREEN, refreshed_at=None)) is ReasonId.SOURCE_UNREADABLE


def test_a_green_whose_refresh_time_may_be_empty_counts_from_the_answer() -> None:
    report = report_of(SourceAnswer("green"), GUANGXI)
    assert (report.as_of, report.valid_until) == (AT, AT + timedelta(days=14))


def test_a_stale_green_has_run_out_in_guangxi_too() -> None:
    assert report_of(SourceAnswer("green", refreshed_at=AT - timedelta(days=30)), GUANGXI).standing is Standing.EXPIRED


@pytest.mark.parametrize("part", ["since", "refreshed_at"])
def test_a_time_in_the_future_cannot_be_used_beyond_what_clocks_may_differ(part: str) -> None:
    def told_at(moment: datetime) -> SourceAnswer:
        return replace(GREEN, since=moment) if part == "since" else replace(GREEN, refreshed_at=moment)

    assert reason_of(told_at(AT + timedelta(seconds=31))) is ReasonId.SOURCE_UNREADABLE
    assert report_of(told_at(AT + timedelta(seconds=30))).level is Level.LOW


def test_the_end_that_the_source_states_counts_if_it_is_earlier() -> None:
    until = AT + timedelta(hours=1)
    assert report_of(replace(GREEN, valid_until=until)).valid_until == until
    assert report_of(replace(GREEN, valid_until=AT + timedelta(days=9))).valid_until == report_of(GREEN).valid_until
    assert report_of(replace(CONTACT, valid_until=AT)).standing is Standing.EXPIRED


def test_only_a_cause_that_time_alone_ends_has_an_end() -> None:
    (recovered,) = report_of(replace(CONTACT, told=("kfgc",))).causes
    assert recovered.until == recovered.since + timedelta(days=14)
    assert report_of(CONTACT).causes[0].until is None


@pytest.mark.parametrize(
    ("division", "origin"),
    [
        (None, Origin("42", Precision.PROVINCE, OriginBasis.ISSUER_REGION)),
        ("420106", Origin("420106", Precision.EXACT, OriginBasis.DECLARED_STAY)),
        ("420100", Origin("4201", Precision.CITY, OriginBasis.DECLARED_STAY)),
        ("4201", Origin("4201", Precision.CITY, OriginBasis.DECLARED_STAY)),
        ("420000", Origin("42", Precision.PROVINCE, OriginBasis.DECLARED_STAY)),
        ("42", Origin("42", Precision.PROVINCE, OriginBasis.DECLARED_STAY)),
    ],
)
def test_an_origin_is_as_exact_as_its_number(division: str | None, origin: Origin) -> None:
    assert translate(replace(GREEN, division=division), HUBEI, at=AT, revision=1).origin == origin


@pytest.mark.parametrize("division", ["", "4", "420", "42010", "4201060", "42o106", "４２", "000000", "0", "武昌区"])
def test_a_division_that_is_no_number_of_one_is_not_taken_for_the_whole_region(division: str) -> None:
    assert reason_of(replace(GREEN, division=division)) is ReasonId.SOURCE_UNREADABLE


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("张三丰", "张**"),
        ("张**", "张**"),
        ("*三丰", "***"),
        ("Maria Gonzalez", "M*******"),
        (None, None),
        ("\u202e", None),
    ],
)
def test_a_name_is_masked_even_if_the_source_forgot(name: str | None, hint: str | None) -> None:
    assert translate(replace(GREEN, masked_name=name), HUBEI, at=AT, revision=1).masked_hint == hint


def label_of(report: Report, profile: Profile) -> str | None:
    label = render_status(report, profile, at=AT)
    return None if label is None else label.zh


@pytest.mark.parametrize(
    ("answer", "profile", "label"),
    [
        (GREEN, HUBEI, "绿码"),
        (CONTACT, HUBEI, "黄码"),
        (SourceAnswer("yellow", ("djdq",)), HUBEI, "黄码"),
        (SourceAnswer("red", ("qzbl",)), HUBEI, "红码"),
        (SourceAnswer("grey"), HUBEI, "灰码"),
        (SourceAnswer("grey", ("xxbf",)), HUBEI, "灰码"),
        (SourceAnswer(""), HUBEI, "无记录"),
        (SourceAnswer("yellow"), GUANGXI, "黄码"),
        (SourceAnswer("init"), GUANGXI, "审核中"),
        (NOTHING_FOUND, BEIJING, "未见异常"),
        (SourceAnswer("集中观察"), BEIJING, "集中观察"),
        (SourceAnswer(""), ANHUI, "赋码中"),
        (SourceAnswer("blue"), GUANGZHOU, "蓝码"),
    ],
)
def test_a_report_is_shown_at_home_as_home_shows_it(answer: SourceAnswer, profile: Profile, label: str) -> None:
    assert label_of(report_of(answer, profile), profile) == label


def test_the_same_report_is_shown_by_each_region_in_its_own_colour() -> None:
    labels = [label_of(report_of(CONTACT), profile) for profile in (ZHEJIANG, BEIJING, ANHUI, GUANGDONG, TIBET)]
    assert labels == ["红码", "集中观察", "红码", "红码", "红码"]


def test_where_there_is_no_colour_between_a_medium_level_is_shown_higher_and_never_lower() -> None:
    fever = report_of(SourceAnswer("yellow", ("xcfr",)))
    assert (label_of(fever, HUBEI), label_of(fever, GUANGDONG)) == ("黄码", "红码")


def test_a_report_that_no_status_can_carry_is_not_shown_lower() -> None:
    source_away = msgspec.structs.replace(report_of(CONTACT), standing=Standing.SOURCE_AWAY)
    assert label_of(source_away, HUBEI) is None


def test_a_city_that_issues_codes_is_an_origin_of_its_own_precision() -> None:
    city = replace(HUBEI, region=RegionId("4201"))
    origin = translate(replace(GREEN, division=None), city, at=AT, revision=1).origin
    assert origin == Origin("4201", Precision.CITY, OriginBasis.ISSUER_REGION)


def test_a_visitor_whom_a_region_only_relays_does_not_come_from_there() -> None:
    """Else a stay elsewhere would be washed away by opening the code of a region where nothing is the matter."""

    def origin_of(answer: SourceAnswer) -> Origin:
        return translate(answer, BEIJING, at=AT, revision=7).origin

    relayed = replace(NOTHING_FOUND, derived_from=RegionId("42"))
    assert origin_of(relayed) == Origin("42", Precision.PROVINCE, OriginBasis.ISSUER_REGION)
    assert origin_of(replace(relayed, division="420106")).division == "420106"
    assert origin_of(NOTHING_FOUND) == Origin("11", Precision.PROVINCE, OriginBasis.ISSUER_REGION)
