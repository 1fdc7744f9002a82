"""The parts of a profile beside its statuses' meaning: none may be missing on any day, and every fault is told."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.regions.samples import AT, BEIJING, HUBEI, ZHEJIANG, ZHEJIANG_TEXT, load_profile, profile_text
from tongxing.core.errors import Refused
from tongxing.core.subjects import DocumentType
from tongxing.regions.particulars import AppealStep, RefreshKind
from tongxing.regions.profile import FAULTS_TOLD, find_profile_faults, parse_profile, parse_profile_heading
from tongxing.regions.statuses import Act, Setter, Sure

LATER = '[evidence.later]\nsure = "assumed"\nsource = "a later notice"\nsince = 2020-05-01\n'
EARLIER = '[evidence.earlier]\nsure = "assumed"\nsource = "an earlier one"\nsince = 2020-02-01\nuntil = 2020-05-01\n'
NAME = '[code]\nname = { zh = "浙江健康码", en = "Zhejiang Health Code" }\nevidence = "all"\n'
DOCUMENTS = 'documents = [{ type = "10", evidence = "all" }]'
REFRESHES = 'refreshes = [{ kind = "data", every_hours = 24, evidence = "all" }]'
LIMIT = '{ step = "limit", hours = 48, evidence = "all" }'
SETTERS = 'setters = [{ who = "database", does = "sets", evidence = "all" }]'
GREEN = 'told = "none"\ncause = "nothing_found"\nevidence = "all"\n'
VALIDITY = '[status.validity]\ndays = 3\nneeds_refresh_time = false\nevidence = "later"\n[[status.meaning]]\n'


def faults_after(old: str, new: str) -> tuple[str, ...]:
    """Return the faults of a whole profile in which one thing is changed and two more pieces of evidence stand."""
    assert old in ZHEJIANG_TEXT
    return find_profile_faults((ZHEJIANG_TEXT.replace(old, new, 1) + EARLIER + LATER).encode())


def test_a_profile_says_by_when_an_appeal_is_decided_who_sets_a_status_and_what_keeps_it_fresh() -> None:
    terms = {term.step: term.within for term in HUBEI.appeals if term.evidence.is_in_force(AT.date())}
    assert terms == {
        AppealStep.ACKNOWLEDGE: timedelta(0),
        AppealStep.DECIDE: timedelta(hours=24),
        AppealStep.LIMIT: timedelta(hours=48),
    }
    yellow = HUBEI.status_of("yellow", AT)
    assert (Setter.GUARD, Act.SETS) in {(setter.who, setter.does) for setter in yellow.setters}
    assert {refresh.kind for refresh in BEIJING.refreshes} == {RefreshKind.DATA, RefreshKind.FACE_CHECK}
    sure = {document.type: document.evidence.sure for document in HUBEI.documents}
    assert (sure[DocumentType.PASSPORT], sure[DocumentType.RESIDENT_ID]) == (Sure.DOC, Sure.ASSUMED)


def test_in_jilin_a_guard_sets_and_clears_a_fever_and_in_shandong_a_clerk_signed_until_march_2020() -> None:
    yellow = load_profile("22").status_of("yellow", AT)
    assert {(setter.who, setter.does) for setter in yellow.setters} == {
        (Setter.GUARD, Act.SETS),
        (Setter.GUARD, Act.CLEARS),
    }
    shandong, first_day = load_profile("37"), datetime(2020, 3, 16, 16, 0, tzinfo=UTC)
    for at, who in ((first_day - timedelta(seconds=1), Setter.CLERK), (first_day, Setter.DATABASE)):
        day = (at + timedelta(hours=8)).date()
        red = shandong.status_of("red", at)
        assert [setter.who for setter in red.setters if setter.evidence.is_in_force(day)] == [who]


def test_a_code_can_have_one_name_after_another() -> None:
    two = NAME.replace("[code]", "[[code]]").replace('"all"', '"earlier"')
    two += two.replace("浙江健康码", "浙里办").replace('"earlier"', '"later"')
    profile = parse_profile((ZHEJIANG_TEXT.replace(NAME, two) + EARLIER + LATER).encode())
    names = [profile.find_code_name(datetime(2020, month, 15, tzinfo=UTC)) for month in (1, 4, 6)]
    assert [None if name is None else name.zh for name in names] == [None, "浙江健康码", "浙里办"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (NAME, NAME.replace('"all"', '"later"'), "code: none on 2020-02-01"),
        (NAME, NAME.replace('"all"', '"earlier"'), "code: none on 2020-05-01"),
        (NAME, 2 * NAME.replace("[code]", "[[code]]"), "code: two on 2020-02-01"),
        (DOCUMENTS, DOCUMENTS.replace("all", "later"), "documents: none on 2020-02-01"),
        (REFRESHES, REFRESHES.replace("all", "earlier"), "refreshes: none on 2020-05-01"),
        (DOCUMENTS, "documents = []", "documents is not a list of tables"),
        (DOCUMENTS, 'documents = [{ type = "11", evidence = "all" }]', "type is none of 10"),
        (REFRESHES, REFRESHES.replace("24", "0"), "every_hours is not a whole number from 1"),
        (LIMIT, f"{LIMIT}, {LIMIT.replace('all', 'later')}", "appeals: limit: two on 2020-05-01"),
        (LIMIT, LIMIT.replace("all", "earlier"), "appeals: limit: none on 2020-05-01"),
        (SETTERS, SETTERS.replace("sets", "clears"), "(1): nobody sets it on 2020-02-01"),
        (SETTERS, SETTERS.replace("all", "earlier"), "(1): nobody sets it on 2020-05-01"),
        (SETTERS, SETTERS.replace("database", "anybody"), "who is none of hub, database"),
        (f"[[status.meaning]]\n{GREEN}", VALIDITY + GREEN, "(1): the validity's evidence leaves a gap"),
    ],
)  # fmt: skip
def test_a_gap_or_an_overlap_is_refused_with_its_day(old: str, new: str, said: str) -> None:
    assert sum(said in fault for fault in faults_after(old, new)) == 1


def test_a_time_in_which_nobody_could_be_well_is_refused_with_its_first_day() -> None:
    green = ZHEJIANG_TEXT.split("[[status]]")[1]
    assert faults_after(green, green.replace('"all"', '"later"')) == (
        "profile 33: no status means that nothing was found on 2020-02-01",
    )


def test_a_refusal_tells_the_first_faults_and_how_many_more_there_are() -> None:
    text = ZHEJIANG_TEXT.replace('evidence = "all"', 'evidence = "hearsay"').encode()
    faults = find_profile_faults(text)
    assert len(faults) > FAULTS_TOLD
    with pytest.raises(Refused) as refused:
        parse_profile(text)
    assert refused.value.detail.count("hearsay") == FAULTS_TOLD
    assert refused.value.detail.endswith(f"and {len(faults) - FAULTS_TOLD} more")


def test_a_part_that_cannot_be_read_casts_no_second_fault() -> None:
    """Without its evidence nothing of a profile stands, and that is told once."""
    text = ZHEJIANG_TEXT.replace("[evidence.all]", "[other.all]")
    assert find_profile_faults(text.encode()) == ("profile 33: evidence is missing", "profile 33: unknown key other")
    text = ZHEJIANG_TEXT.replace('standing = "current"', 'standing = "currant"')
    assert len(find_profile_faults(text.encode())) == 3


def test_a_whole_profile_has_no_faults() -> None:
    assert find_profile_faults(ZHEJIANG_TEXT.encode()) == ()
    assert find_profile_faults(b"\xff")


def test_a_heading_is_read_without_the_rest() -> None:
    assert parse_profile_heading(ZHEJIANG_TEXT.encode()) == (ZHEJIANG.region, ZHEJIANG.name)
    assert parse_profile_heading(b'region = "99"\nname = { zh = "a", en = "b" }\n[other]\n')[0] == "99"
    for bad in (
        b"",
        b'region = "1"\nname = { zh = "a", en = "b" }',
        profile_text("42").encode().replace(b"name", b"n"),
    ):
        with pytest.raises(Refused):
            parse_profile_heading(bad)
