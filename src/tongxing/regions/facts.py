"""A profile as single facts: what is said of what, on which evidence, for how long; and how two profiles differ.

A fact is found again in another profile by its topic and by what it is about, words of closed lists that
all regions share: a cause, a colour, a way. So two regions are compared by what they mean, never by how
they write it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from tongxing.core.words import Sentence
from tongxing.regions.particulars import Refresh
from tongxing.regions.profile import Profile
from tongxing.regions.statuses import SETTER_WORDS, Act, Evidence, QrPattern, Status, StatusSetter, Sure, Validity


class Topic(StrEnum):
    """What a fact can be about, in the order in which people ask."""

    CODE = "code"
    STATUS = "status"
    CAUSE = "cause"
    STANDING = "standing"
    VALIDITY = "validity"
    SETTER = "setter"
    REFRESH = "refresh"
    APPEAL = "appeal"
    WAY = "way"
    DOCUMENT = "document"
    SOURCE = "source"
    FAMILY = "family"
    QR = "qr"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: ``about`` is a word of the topic's closed list, "" where a profile has one such fact.

    It holds from ``since`` until ``until`` (exclusive): what is said of a status, no longer than the status.
    """

    topic: Topic
    about: str
    said: Sentence
    evidence: Evidence
    since: date
    until: date | None

    def is_in_force(self, day: date) -> bool:
        """True if it held on ``day`` (Beijing calendar)."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class FactDifference:
    """What two profiles, or one on two days, say differently of one thing; empty where one says nothing."""

    topic: Topic
    about: str
    before: tuple[Sentence, ...]
    after: tuple[Sentence, ...]


_PLACE: Final = {topic: place for place, topic in enumerate(Topic)}
_YES: Final = Sentence("是", "yes")
_HOURS_A_DAY: Final = 24


def facts_of(profile: Profile, day: date | None = None) -> tuple[Fact, ...]:
    """Return every fact of a profile by topic, or those in force on one Beijing day."""
    facts = (fact for fact in _every_fact(profile) if day is None or fact.is_in_force(day))
    return tuple(sorted(facts, key=lambda fact: _PLACE[fact.topic]))


def shares_of(facts: Sequence[Fact]) -> Mapping[Sure, int]:
    """Return how many facts rest on each kind of evidence, the surest first; kinds without a fact are left out."""
    counted = Counter(fact.evidence.sure for fact in facts)
    return {sure: counted[sure] for sure in Sure if counted[sure]}


def days_of_change(profile: Profile) -> tuple[date, ...]:
    """Return every day on which a fact of the profile begins or is the first not to hold any more, in order."""
    facts = list(_every_fact(profile))
    return tuple(sorted({fact.since for fact in facts} | {fact.until for fact in facts if fact.until is not None}))


def diff_facts(before: Sequence[Fact], after: Sequence[Fact]) -> tuple[FactDifference, ...]:
    """Return what two profiles say differently, by topic. How sure they are of it is no difference."""
    old, new = _by_subject(before), _by_subject(after)
    subjects = sorted(old.keys() | new.keys(), key=lambda subject: (_PLACE[subject[0]], subject[1]))
    return tuple(
        FactDifference(*subject, tuple(old.get(subject, ())), tuple(new.get(subject, ())))
        for subject in subjects
        if set(old.get(subject, ())) != set(new.get(subject, ()))
    )


def _by_subject(facts: Sequence[Fact]) -> dict[tuple[Topic, str], dict[Sentence, None]]:
    found: dict[tuple[Topic, str], dict[Sentence, None]] = {}
    for fact in facts:
        found.setdefault((fact.topic, fact.about), {})[fact.said] = None
    return found


def _every_fact(profile: Profile) -> Iterator[Fact]:
    for name in profile.code_names:
        yield _fact(Topic.CODE, "", name.name, name.evidence)
    for status in profile.statuses:
        yield from _facts_of_status(status)
    for refresh in profile.refreshes:
        yield _fact(Topic.REFRESH, refresh.kind, _every(refresh), refresh.evidence)
    for term in profile.appeals:
        yield _fact(Topic.APPEAL, term.step, _within(term.within), term.evidence)
    for use in profile.ways:
        yield _fact(Topic.WAY, use.way, _YES, use.evidence)
    for document in profile.documents:
        yield _fact(Topic.DOCUMENT, document.type, _YES, document.evidence)
    for source in profile.sources_checked:
        yield _fact(Topic.SOURCE, source, _YES, profile.sources_evidence)
    yield _fact(Topic.FAMILY, "", Sentence(profile.family, profile.family), profile.family_evidence)
    for name_of, value in profile.parameters.items():
        yield _fact(Topic.FAMILY, name_of, Sentence(value, value), profile.family_evidence)
    if profile.qr is not None:
        yield _fact(Topic.QR, "", _form(profile.qr), profile.qr.evidence)


def _facts_of_status(status: Status) -> Iterator[Fact]:
    yield _fact(Topic.STATUS, status.colour, status.label, status.evidence)
    for meaning in status.meanings:
        if meaning.cause is not None:
            yield _fact(Topic.CAUSE, meaning.cause, status.label, meaning.evidence, status.evidence)
        elif meaning.standing is not None:
            yield _fact(Topic.STANDING, meaning.standing, status.label, meaning.evidence, status.evidence)
    if status.validity is not None:
        yield _fact(
            Topic.VALIDITY, status.colour, say_validity(status.validity), status.validity.evidence, status.evidence
        )
    for setter in status.setters:
        yield _fact(Topic.SETTER, status.colour, say_setter(setter), setter.evidence, status.evidence)


def _fact(topic: Topic, about: str, said: Sentence, evidence: Evidence, within: Evidence | None = None) -> Fact:
    whole = within or evidence
    ends = [each.until for each in (evidence, whole) if each.until is not None]
    return Fact(topic, str(about), said, evidence, max(evidence.since, whole.since), min(ends, default=None))


def say_validity(validity: Validity) -> Sentence:
    """Return how long a status holds, in words."""
    if validity.lasts is None:
        return Sentence("至当日24时", "to 24:00 of the same day")
    days = validity.lasts.days
    return Sentence(f"{days}天", f"{days} days")


def say_setter(setter: StatusSetter) -> Sentence:
    """Return who does what to a status, in words."""
    who = SETTER_WORDS[setter.who]
    verb = Sentence("赋码", "set by") if setter.does is Act.SETS else Sentence("解除", "cleared by")
    return Sentence(f"{who.zh}{verb.zh}", f"{verb.en} {who.en}")


def _every(refresh: Refresh) -> Sentence:
    hours = refresh.every // timedelta(hours=1)
    if hours % _HOURS_A_DAY:
        return Sentence(f"每{hours}小时", f"every {hours} hours")
    days = hours // _HOURS_A_DAY
    return Sentence("每天", "every day") if days == 1 else Sentence(f"每{days}天", f"every {days} days")


def _within(term: timedelta) -> Sentence:
    hours = term // timedelta(hours=1)
    return Sentence(f"{hours}小时内", f"within {hours} hours") if hours else Sentence("即时", "at once")


def _form(qr: QrPattern) -> Sentence:
    once = Sentence("，一次性", ", good once") if qr.one_time else Sentence("", "")
    return Sentence(
        f"{qr.prefix} 后接 {qr.length} 个字符（{qr.alphabet}）{once.zh}",
        f"{qr.prefix} and {qr.length} characters ({qr.alphabet}){once.en}",
    )
