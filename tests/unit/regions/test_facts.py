"""A profile as facts: each with its time, none longer than the status it is said of, and compared by meaning."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.regions.samples import EVERY_PACKAGED, GUANGDONG, HUBEI, load_profile
from tongxing.regions.fact_words import name_family
from tongxing.regions.facts import Topic, days_of_change, diff_facts, facts_of, shares_of
from tongxing.regions.profile import FAMILY_PARAMETERS, Profile
from tongxing.regions.statuses import Sure

JILIN = load_profile("22")
CHANGED = date(2020, 4, 17)
profiles = st.sampled_from(EVERY_PACKAGED)
days = st.dates(date(2020, 1, 1), date(2023, 1, 1))


def test_what_is_said_of_a_status_holds_no_longer_than_the_status() -> None:
    """That Guangdong's green holds 14 days rests on evidence since February; there was no green before May."""
    green = [fact for fact in facts_of(GUANGDONG) if (fact.topic, fact.about) == (Topic.VALIDITY, "green")]
    assert [(fact.since, fact.evidence.since) for fact in green] == [(date(2020, 5, 1), date(2020, 2, 1))]
    orange = [fact for fact in facts_of(JILIN) if fact.said.en == "orange"]
    assert {fact.until for fact in orange} == {CHANGED}


@given(profiles, days)
def test_nothing_changes_between_two_days_of_change(profile: Profile, day: date) -> None:
    changes = days_of_change(profile)
    before = max((each for each in changes if each <= day), default=day)
    assert facts_of(profile, day) == facts_of(profile, before)
    for change in changes:
        assert facts_of(profile, change) != facts_of(profile, change - timedelta(days=1))


@given(profiles, profiles, days)
def test_a_comparison_tells_both_ways_and_nothing_where_nothing_differs(
    mine: Profile, theirs: Profile, on: date
) -> None:
    there, back = (
        diff_facts(facts_of(one, on), facts_of(other, on)) for one, other in ((mine, theirs), (theirs, mine))
    )
    assert [(each.topic, each.about) for each in there] == [(each.topic, each.about) for each in back]
    assert [(each.before, each.after) for each in there] == [(each.after, each.before) for each in back]
    assert diff_facts(facts_of(mine, on), facts_of(mine, on)) == ()


@given(profiles, days)
def test_the_shares_of_evidence_count_every_fact_once(profile: Profile, day: date) -> None:
    facts = facts_of(profile, day)
    shares = shares_of(facts)
    assert sum(shares.values()) == len(facts)
    assert 0 not in shares.values()


def test_hubeis_facts_rest_on_its_notice_and_the_rest_is_said_to_be_assumed() -> None:
    shares = shares_of(facts_of(HUBEI, date(2020, 3, 21)))
    assert list(shares) == [Sure.DOC, Sure.SUM, Sure.ASSUMED]
    assert shares[Sure.DOC] > 10


@pytest.mark.parametrize("family", FAMILY_PARAMETERS)
def test_every_family_is_named_in_peoples_words(family: str) -> None:
    named = name_family(family)
    assert family not in {named.zh, named.en}
