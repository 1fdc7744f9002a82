"""Profiles: whole, meant and evidenced, or refused with the name of what is missing."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.unit.regions.samples import (
    ANHUI,
    AT,
    BEIJING,
    EVERY_PACKAGED,
    GUANGDONG,
    GUANGXI,
    GUANGXI_QR,
    GUANGZHOU,
    HUBEI,
    HUBEI_QR,
    PROFILES,
    QR_OF,
    TIBET,
    ZHEJIANG,
    ZHEJIANG_TEXT,
    profile_text,
)
from tongxing.core.causes import Cause
from tongxing.core.errors import Refused, Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.ways import Way
from tongxing.core.words import RegionId
from tongxing.regions.families import FAMILIES
from tongxing.regions.profile import FAMILY_PARAMETERS, PROFILE_MAX_BYTES, check_profiles_apart, parse_profile
from tongxing.regions.statuses import Sure


def refused_detail(text: str | bytes) -> str:
    with pytest.raises(Refused) as refused:
        parse_profile(text if isinstance(text, bytes) else text.encode())
    assert refused.value.problem is ProblemId.PROFILE_REFUSED
    return refused.value.detail


def without_line(text: str, line: str, nth: int = 1) -> str:
    """Return the text without the ``nth`` line that begins with ``line``, indented or not."""
    matches = list(re.finditer(rf"^ *{re.escape(line)}.*\n", text, re.MULTILINE))
    return text[: matches[nth - 1].start()] + text[matches[nth - 1].end() :]


def test_every_packaged_profile_is_read_and_named_after_its_region() -> None:
    for path in PROFILES.glob("*.toml"):
        assert parse_profile(path.read_bytes()).region == path.stem


def test_hubei_has_the_statuses_of_its_notice() -> None:
    meanings = {status.value: set(status.causes) for status in HUBEI.statuses}
    assert meanings == {
        "green": {Cause.NOTHING_FOUND},
        "yellow": {Cause.CLOSE_CONTACT, Cause.FEVER_MEASURED, Cause.RECOVERED_UNDER_OBSERVATION},
        "red": {Cause.CONFIRMED_CASE, Cause.SUSPECTED_CASE, Cause.FEVER_CASE, Cause.ASYMPTOMATIC_CASE},
        "grey": set(),
        "": set(),
    }
    green = HUBEI.status_of("green", AT)
    assert green.validity is not None
    assert green.validity.lasts == timedelta(days=3)
    assert HUBEI.status_of("grey", AT).standing is Standing.PENDING
    assert HUBEI.one_time_code


def test_guangxi_tells_a_colour_and_never_a_word_for_it() -> None:
    assert all(meaning.told is None for status in GUANGXI.statuses for meaning in status.meanings)
    assert {status.value for status in GUANGXI.statuses} == {"green", "yellow", "red", "init"}
    assert not GUANGXI.one_time_code


def test_beijing_has_words_and_says_by_itself_that_nothing_was_found() -> None:
    assert [status.value for status in BEIJING.statuses][:3] == ["未见异常", "居家观察", "集中观察"]
    nothing_found = BEIJING.status_of("未见异常", AT)
    assert nothing_found.find_told(nothing_found.value) is not None
    assert BEIJING.status_of("居家观察", AT).find_told("居家观察") is None
    assert BEIJING.status_of("系统暂无法确认您的状态", AT).standing is Standing.NO_RECORD


def test_an_empty_status_is_what_its_region_means_by_it() -> None:
    assert ANHUI.status_of("", AT).standing is Standing.PENDING
    assert HUBEI.status_of("", AT).standing is Standing.NO_RECORD


def test_guangdong_and_guangzhou_went_from_two_colours_to_three() -> None:
    last_of_two = datetime(2020, 4, 30, 15, 59, 59, tzinfo=UTC)
    for profile in (GUANGDONG, GUANGZHOU):
        before = {status.value for status in profile.statuses_at(last_of_two)}
        after = {status.value for status in profile.statuses_at(last_of_two + timedelta(seconds=1))}
        assert (before, after) == ({"blue", "red", "init"}, {"green", "yellow", "red", "init"})


def test_a_city_and_its_province_are_two_profiles_whose_codes_are_not_mistaken() -> None:
    check_profiles_apart((GUANGDONG, GUANGZHOU))
    assert not GUANGDONG.has_own_prefix("GZSKM:" + "0" * 32)
    assert GUANGZHOU.is_own_code("GZSKM:" + "0" * 32)


def test_all_packaged_profiles_stand_apart() -> None:
    check_profiles_apart(EVERY_PACKAGED)
    assert {profile.region for profile in EVERY_PACKAGED} == {path.stem for path in PROFILES.glob("*.toml")}


def test_a_region_without_a_code_of_its_own_recognises_no_other() -> None:
    assert (TIBET.qr, TIBET.one_time_code, dict(TIBET.parameters)) == (None, False, {})
    for text in ("", *QR_OF.values()):
        assert not TIBET.is_own_code(text)
        assert not TIBET.has_own_prefix(text)
        assert not FAMILIES[TIBET.family].recognises(text, TIBET)
    check_profiles_apart((TIBET, replace(TIBET, region=RegionId("63"))))
    with pytest.raises(Refused):
        check_profiles_apart((TIBET, TIBET))


def test_a_region_without_a_code_of_its_own_has_statuses_and_no_form_of_a_code() -> None:
    text = profile_text("54")
    assert "54: status is missing" in refused_detail(text.replace("status", "other"))
    qr = '[qr]\nprefix = "XZ."\nalphabet = "hex"\nlength = 32\none_time = false\nevidence = "assumed_way"\n'
    assert "qr stands in a profile of the family national" in refused_detail(
        text.replace("[evidence.value", f"{qr}[evidence.value")
    )
    parameters = 'name = "national"\nparameters = { path = "/x" }'
    assert "unknown key parameters" in refused_detail(text.replace('name = "national"', parameters))


def test_a_validity_counts_days_or_ends_at_midnight_and_never_both() -> None:
    text = profile_text("11")
    assert "unknown key days" in refused_detail(text.replace('until = "midnight"', 'until = "midnight"\ndays = 1'))
    assert "until is none of midnight" in refused_detail(text.replace('until = "midnight"', 'until = "noon"'))
    assert "days is missing" in refused_detail(text.replace('until = "midnight"', ""))


@pytest.mark.parametrize(
    ("refreshed_at", "midnight"),
    [
        (datetime(2020, 3, 19, 16, 0, tzinfo=UTC), datetime(2020, 3, 20, 16, 0, tzinfo=UTC)),
        (datetime(2020, 3, 20, 0, 0, tzinfo=UTC), datetime(2020, 3, 20, 16, 0, tzinfo=UTC)),
        (datetime(2020, 3, 20, 15, 59, 59, tzinfo=UTC), datetime(2020, 3, 20, 16, 0, tzinfo=UTC)),
        (datetime(2020, 3, 20, 16, 0, tzinfo=UTC), datetime(2020, 3, 21, 16, 0, tzinfo=UTC)),
        (datetime(2020, 12, 31, 15, 0, tzinfo=UTC), datetime(2020, 12, 31, 16, 0, tzinfo=UTC)),
    ],
)
def test_a_validity_to_midnight_ends_with_the_beijing_day_of_the_refresh(
    refreshed_at: datetime, midnight: datetime
) -> None:
    validity = BEIJING.status_of("未见异常", AT).validity
    assert validity is not None
    assert validity.end(refreshed_at) == midnight


def test_what_the_facts_tell_only_of_another_region_is_marked_as_assumed() -> None:
    for profile in (HUBEI, GUANGXI, BEIJING, GUANGDONG, GUANGZHOU):
        assert profile.qr is not None
        assert profile.qr.evidence.sure is Sure.ASSUMED
        assert profile.evidence["assumed_interface"].sure is Sure.ASSUMED
    assert HUBEI.status_of("yellow", AT).evidence.sure is Sure.DOC
    assert all(status.evidence.sure is Sure.DOC for status in BEIJING.statuses)
    assert ANHUI.evidence["interface"].sure is Sure.CODE
    assert TIBET.evidence["assumed_way"].sure is Sure.ASSUMED


def test_every_family_with_a_back_end_names_its_parameters() -> None:
    assert set(FAMILY_PARAMETERS) == set(FAMILIES)
    assert {name for name, needed in FAMILY_PARAMETERS.items() if not needed} == {"national"}


@pytest.mark.parametrize("region", [profile.region for profile in EVERY_PACKAGED])
def test_a_fact_without_evidence_is_refused_wherever_it_stands(region: str) -> None:
    text = profile_text(region)
    for fact in re.finditer(r'^ *evidence = .*\n|, evidence = "\w+"', text, re.MULTILINE):
        assert "evidence is missing" in refused_detail(text[: fact.start()] + text[fact.end() :])


@pytest.mark.parametrize(
    "key",
    [
        *("region", "name", "ways", "prefix", "alphabet", "length", "one_time", "names", "value", "colour", "label"),
        *("standing", "days", "needs_refresh_time", "sure", "source", "since"),
        *("validate_code_path", "validate_info_path"),
    ],
)
def test_a_profile_with_a_part_missing_is_refused_with_the_name_of_the_part(key: str) -> None:
    assert f"{key} is missing" in refused_detail(without_line(profile_text("42"), key))


@pytest.mark.parametrize("table", ["code", "family", "qr", "sources_checked", "status", "evidence", "name"])
def test_a_profile_with_a_table_missing_is_refused_with_the_name_of_the_table(table: str) -> None:
    text = re.sub(rf"(?m)^( *\[*){table}\b", r"\1other", profile_text("42"))
    assert f"profile 42: {table} is missing" in refused_detail(text)


def test_evidence_that_is_not_listed_is_refused_by_its_name() -> None:
    text = profile_text("42").replace('    evidence = "validity"', '    evidence = "hearsay"', 1)
    detail = refused_detail(text)
    assert "status[1] (green).validity" in detail
    assert "hearsay" in detail


def test_a_status_without_a_meaning_is_refused_by_its_name() -> None:
    text = re.sub(r"\[\[status\.meaning\]\]\ntold = \"fever\"\n.*\n.*\n", "", ZHEJIANG_TEXT)
    assert text != ZHEJIANG_TEXT
    assert "status[2] (2): meaning is missing" in refused_detail(text)


def test_a_status_that_is_current_without_any_cause_is_refused() -> None:
    detail = refused_detail(ZHEJIANG_TEXT.replace('cause = "fever_measured"', 'standing = "expired"'))
    assert "status[2] (2): is current, but no cause stands behind it" in detail


def test_a_standing_that_is_none_of_the_meanings_is_refused() -> None:
    detail = refused_detail(
        profile_text("42").replace(
            'standing = "pending"\nevidence = "notice"', 'standing = "expired"\nevidence = "notice"', 1
        )
    )
    assert "(grey): standing is none of its meanings" in detail


def test_a_gap_between_two_versions_of_a_status_is_refused() -> None:
    blue = ZHEJIANG_TEXT.split("[[status]]")[1].replace('evidence = "all"', 'evidence = "later"').replace("绿", "蓝")
    text = (
        ZHEJIANG_TEXT.replace("[evidence.all]", f"[[status]]{blue}[evidence.all]")
        + '[evidence.later]\nsure = "assumed"\nsource = "a later notice"\nsince = 2020-05-01\n'
    )
    assert "status 1: a gap or an overlap before 2020-05-01" in refused_detail(text)


def test_a_status_can_change_on_a_day_of_the_beijing_calendar() -> None:
    later = ZHEJIANG_TEXT.split("[[status]]")[1].replace('evidence = "all"', 'evidence = "later"').replace("绿", "蓝")
    first = ZHEJIANG_TEXT.split("[[status]]")[1]
    earlier = first.replace('evidence = "all"', 'evidence = "earlier"')
    text = (
        ZHEJIANG_TEXT.replace(first, earlier).replace("[evidence.all]", f"[[status]]{later}[evidence.all]")
        + '[evidence.earlier]\nsure = "assumed"\nsource = "first"\nsince = 2020-02-01\nuntil = 2020-05-01\n'
        + '[evidence.later]\nsure = "assumed"\nsource = "later"\nsince = 2020-05-01\n'
    )
    profile = parse_profile(text.encode())
    last_second = datetime(2020, 4, 30, 15, 59, 59, tzinfo=UTC)
    assert profile.status_of("1", last_second).label.zh == "绿码"
    assert profile.status_of("1", last_second + timedelta(seconds=1)).label.zh == "蓝码"


def test_a_meaning_whose_evidence_begins_after_its_status_is_refused() -> None:
    text = re.sub(r'(told = "fever"\n.*\nevidence = )"all"', r'\1"later"', ZHEJIANG_TEXT)
    text += '[evidence.later]\nsure = "assumed"\nsource = "later"\nsince = 2020-05-01\n'
    assert "status[2] (2): a meaning's evidence leaves a gap" in refused_detail(text)


def test_a_profile_in_which_nobody_can_be_well_is_refused() -> None:
    assert "nothing was found" in refused_detail(ZHEJIANG_TEXT.replace("nothing_found", "fever_measured"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('cause = "close_contact"', 'cause = "bad_luck"', "cause is none of"),
        ('told = "case"', 'told = "contact"', "one word is told for two meanings"),
        ('colour = "red"', 'colour = "pink"', "colour is none of"),
        ('name = "make_validate"', 'name = "national"', "qr stands in a profile of the family national"),
        ('name = "make_validate"', 'name = "os.system"', "family: name is none of"),
        ('"/code/validate"', '"http://elsewhere/"', "does not begin with a slash"),
        ('region = "33"', 'region = "00"', "region is not a GB/T 2260 number"),
        ('region = "33"', 'region = "3"', "region is not a GB/T 2260 number"),
        ('prefix = "ZJJKM."', 'prefix = "99861"', "begins with a digit"),
        ("length = 22", "length = 4", "length is not a whole number"),
        ("length = 22", "length = true", "length is not a whole number"),
        ('sure = "assumed"', 'sure = "hearsay"', "sure is none of"),
        ("since = 2020-02-01", "since = 2020-02-01T00:00:00Z", "since is not a day"),
        ("since = 2020-02-01", "since = 2020-02-01\nuntil = 2020-02-01", "until is not after since"),
        ("one_time = false", "one_time = false\nonetime = true", "unknown key onetime"),
        ('en = "Zhejiang" }', 'en = " " }', "en is empty"),
        ('told = "none"\ncause = "nothing_found"', 'told = "none"', "neither a cause nor a standing"),
        ('told = "none"', 'told = "none"\nstanding = "expired"', "neither a cause nor a standing, or both"),
        ('cause = "close_contact"', 'standing = "current"', "says nothing without a cause"),
    ],
)  # fmt: skip
def test_a_slip_in_a_profile_is_refused_with_its_place(old: str, new: str, said: str) -> None:
    assert ZHEJIANG_TEXT.count(old) >= 1
    assert said in refused_detail(ZHEJIANG_TEXT.replace(old, new, 1))


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe",
        b"region = ",
        b"a = " + b"[" * 50_000,
        b"#" * (PROFILE_MAX_BYTES + 1),
        b"",
        b"[region]",
        b"a = " + b"1" * 5_000,
    ],
)
def test_what_is_no_profile_at_all_is_refused(data: bytes) -> None:
    assert refused_detail(data)


@pytest.mark.parametrize(
    ("text", "is_well_formed"),
    [
        (HUBEI_QR, True),
        (HUBEI_QR[:-1], False),
        (HUBEI_QR + "A", False),
        (HUBEI_QR[:-1] + "=", False),
        (HUBEI_QR[:-1] + "é", False),
        (HUBEI_QR.lower().replace("hbjkm", "HBJKN"), False),
        (GUANGXI_QR, False),
        ("", False),
    ],
)
def test_only_texts_of_the_form_in_the_profile_are_recognised(text: str, is_well_formed: bool) -> None:
    assert FAMILIES[HUBEI.family].recognises(text, HUBEI) is is_well_formed


def test_a_code_with_the_right_beginning_claims_to_be_one_even_if_malformed() -> None:
    assert HUBEI.has_own_prefix("HBJKM.short")
    assert not HUBEI.has_own_prefix("GXJKM:short")


@pytest.mark.parametrize("prefix", ["HBJKM.", "HBJ", "HBJKM.X"])
def test_two_regions_whose_codes_could_be_confused_are_refused(prefix: str) -> None:
    check_profiles_apart((HUBEI, GUANGXI, ZHEJIANG))
    other = parse_profile(ZHEJIANG_TEXT.replace("ZJJKM.", prefix).encode())
    with pytest.raises(Refused, match="profiles 42 and 33 overlap"):
        check_profiles_apart((HUBEI, other))


def test_two_profiles_of_one_region_are_refused() -> None:
    with pytest.raises(Refused, match="42 and 42"):
        check_profiles_apart((HUBEI, HUBEI))


def test_a_status_before_its_time_is_unknown() -> None:
    assert HUBEI.status_of("green", datetime(2020, 3, 9, 16, 0, tzinfo=UTC)).evidence.since == date(2020, 3, 10)
    with pytest.raises(Undecidable) as why:
        HUBEI.status_of("green", datetime(2020, 3, 9, 15, 59, tzinfo=UTC))
    assert why.value.reason is ReasonId.STATUS_UNKNOWN


def test_the_worst_level_of_a_status_is_that_of_its_worst_cause() -> None:
    levels = {status.value: status.worst_level(AT) for status in (*HUBEI.statuses, *GUANGXI.statuses[1:3])}
    assert levels["green"] is Level.LOW
    assert levels["red"] is Level.HIGH
    assert HUBEI.status_of("yellow", AT).worst_level(AT) is Level.HIGH
    assert GUANGXI.status_of("yellow", AT).worst_level(AT) is Level.MEDIUM
    assert HUBEI.status_of("grey", AT).worst_level(AT) is None


def test_every_packaged_region_says_which_ways_it_uses_and_on_what_evidence() -> None:
    used = {profile.region: [use.way for use in profile.ways] for profile in EVERY_PACKAGED}
    assert all(used.values())
    assert {way for ways in used.values() for way in ways} == set(Way)
    assert max(len(ways) for ways in used.values()) > 1
    for profile in EVERY_PACKAGED:
        assert all(use.evidence in profile.evidence.values() for use in profile.ways)


def test_a_way_is_used_only_while_its_evidence_is_in_force() -> None:
    ended = parse_profile(ZHEJIANG_TEXT.replace("[evidence.all]", "[evidence.all]\nuntil = 2020-06-01").encode())
    assert ended.uses_way(Way.CONVERSION, AT)
    assert not ended.uses_way(Way.CONVERSION, datetime(2020, 6, 1, tzinfo=UTC))
    assert not ended.uses_way(Way.SHARED_DATA, AT)
    with pytest.raises(Refused) as refused:
        ended.check_uses_way(Way.SHARED_DATA, AT)
    assert (refused.value.problem, refused.value.detail) == (
        ProblemId.WAY_NOT_USED,
        "region 33 does not use shared_data",
    )


@pytest.mark.parametrize(
    ("region", "ways", "detail"),
    [
        ("33", '{ name = "conversion", evidence = "all" }, { name = "conversion", evidence = "all" }', "listed twice"),
        ("33", '{ name = "conversion", evidence = "hearsay" }', "names hearsay"),
        ("33", '{ name = "conversion" }', "evidence is missing"),
        ("33", '{ name = "4", evidence = "all" }', "is none of shared_data, conversion, adoption"),
        ("54", "", "no way but adoption"),
        ("54", '{ name = "adoption", evidence = "assumed_way" }, { name = "conversion", evidence = "assumed_way" }',
         "way conversion needs a code of the region's own"),
    ],
)  # fmt: skip
def test_ways_that_cannot_be_are_refused_by_name(region: str, ways: str, detail: str) -> None:
    text = ZHEJIANG_TEXT if region == "33" else profile_text(region)
    changed = re.sub(r"^ways = \[.*\]$", f"ways = [{ways}]", text, flags=re.MULTILINE)
    assert changed != text
    assert detail in refused_detail(changed)


def test_a_region_with_a_code_of_its_own_may_use_no_way_or_all_three() -> None:
    for ways in ((), tuple(Way)):
        listed = ", ".join(f'{{ name = "{way}", evidence = "all" }}' for way in ways)
        changed = re.sub(r"^ways = \[.*\]$", f"ways = [{listed}]", ZHEJIANG_TEXT, flags=re.MULTILINE)
        assert tuple(use.way for use in parse_profile(changed.encode()).ways) == ways
