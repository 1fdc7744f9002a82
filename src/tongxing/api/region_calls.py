"""The calls that tell everybody of regions: what their codes say, how two differ, and what one makes of another's.

A profile of the bundle in force is told before the one that ships for the same region.
"""

from collections.abc import Mapping
from datetime import date

from tongxing.api.calls import Call
from tongxing.api.region_answers import describe_acceptance, describe_head, describe_region
from tongxing.api.region_messages import (
    AcceptanceAnswer,
    DayQuery,
    DifferencesAnswer,
    RegionAnswer,
    RegionDifferenceAnswer,
    RegionOnDayAnswer,
    RegionsAnswer,
    TwoDaysQuery,
)
from tongxing.api.rule_calls import book_of
from tongxing.app.nodes import Gateway, Node
from tongxing.app.packaged import load_profiles
from tongxing.core.calendar import beijing_day
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.recognition.matrix import YEARS, find_party, make_matrix
from tongxing.recognition.view_words import words_of
from tongxing.regions.fact_words import name_subject
from tongxing.regions.facts import diff_facts, facts_of
from tongxing.regions.profile import Profile
from tongxing.trust.directory import Directory


async def tell_regions(node: Node, call: Call[None, DayQuery]) -> RegionsAnswer:
    """Return every region that is known, as it was on a day."""
    day, directory = _day(call.query.on, node), _directory_of(node)
    return RegionsAnswer(
        [
            describe_head(profile, day, takes_part=_takes_part(region, directory))
            for region, profile in profiles_of(node).items()
        ],
        day,
    )


async def tell_region(node: Node, call: Call[None, DayQuery]) -> RegionAnswer:
    """Return what holds of a region on a day: its statuses, what they mean, and on what evidence."""
    profile = _find(node, call.path["region"])
    takes_part = _takes_part(profile.region, _directory_of(node))
    return describe_region(profile, _day(call.query.on, node), takes_part=takes_part)


async def compare_regions(node: Node, call: Call[None, TwoDaysQuery]) -> DifferencesAnswer:
    """Return what two regions say differently, or one on two days."""
    first, other = _find(node, call.path["region"]), _find(node, call.path["other"])
    day = _day(call.query.on, node)
    other_day = day if call.query.other_on is None else _day(call.query.other_on, node)
    before, after = facts_of(first, day), facts_of(other, other_day)
    found = diff_facts(before, after)
    subjects = {(fact.topic, fact.about) for fact in (*before, *after)}
    return DifferencesAnswer(
        first=RegionOnDayAnswer(first.region, words_of(first.name), day),
        other=RegionOnDayAnswer(other.region, words_of(other.name), other_day),
        differences=[
            RegionDifferenceAnswer(
                each.topic,
                words_of(name_subject(each.topic, each.about)),
                [words_of(said) for said in each.before],
                [words_of(said) for said in each.after],
            )
            for each in found
        ],
        alike=len(subjects) - len(found),
    )


async def tell_acceptance(node: Node, call: Call[None, DayQuery]) -> AcceptanceAnswer:
    """Return as what one region's code is accepted at another on a day, by the rules in force."""
    issuer, host = _find(node, call.path["issuer"]), _find(node, call.path["host"])
    if issuer.region == host.region:
        raise Refused(ProblemId.NOT_FOUND, "a pair is of two regions")
    matrix = make_matrix((issuer, host), book_of(node), _day(call.query.on, node))
    return describe_acceptance(matrix, find_party(matrix, issuer.region), find_party(matrix, host.region))


def profiles_of(node: Node) -> Mapping[RegionId, Profile]:
    """Return every profile that is known, by region."""
    known = {**load_profiles(), **_in_force(node)}
    return dict(sorted(known.items()))


def _in_force(node: Node) -> Mapping[RegionId, Profile]:
    if not isinstance(node, Gateway):
        return node.published.profiles
    return node.reference.knowledge.profiles if node.reference.is_ready else {}


def _directory_of(node: Node) -> Directory:
    if not isinstance(node, Gateway):
        return node.published.directory
    return node.reference.knowledge.directory if node.reference.is_ready else Directory({})


def _takes_part(region: RegionId, directory: Directory) -> bool:
    record = directory.records.get(region)
    return record is not None and not record.suspended


def _find(node: Node, region: str) -> Profile:
    profile = profiles_of(node).get(RegionId(region))
    if profile is None:
        raise Refused(ProblemId.NOT_FOUND, "no region of this number is known")
    return profile


def _day(asked: date | None, node: Node) -> date:
    day = beijing_day(node.core.clock.now()) if asked is None else asked
    if day.year not in YEARS:
        raise Refused(ProblemId.BAD_REQUEST, f"a day of the years {YEARS[0]} to {YEARS[-1]} is needed")
    return day
