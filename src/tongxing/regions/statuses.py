"""Statuses: what a region shows, what each can mean, and on what evidence that is said.

A status means the causes that can stand behind it, each told by a reason word of the region's own
or by nothing but the colour, or a standing that is no level at all (lapsed, under review).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from tongxing.core.calendar import end_of_beijing_day
from tongxing.core.causes import Cause, level_of
from tongxing.core.levels import Level, Standing
from tongxing.core.words import Sentence


class Sure(StrEnum):
    """How sure a fact is, by the marks of the project's fact sheet."""

    STD = "std"
    DOC = "doc"
    SUM = "sum"
    CODE = "code"
    ASSUMED = "assumed"


class Colour(StrEnum):
    """How a status looks to people. ``NONE`` is a screen without a code, ``BLACK`` a colourless one."""

    GREEN = "green"
    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"
    GREY = "grey"
    BLACK = "black"
    NONE = "none"


class Alphabet(StrEnum):
    """The characters that may follow the prefix of a region's QR text."""

    DIGITS = "digits"
    HEX = "hex"
    BASE64URL = "base64url"


class ValidUntil(StrEnum):
    """What a validity can end with, other than days: the Beijing midnight that ends the day of the refresh."""

    MIDNIGHT = "midnight"


class Setter(StrEnum):
    """Who can set or clear a status."""

    HUB = "hub"
    DATABASE = "database"
    LOCAL_CDC = "local_cdc"
    CLERK = "clerk"
    GUARD = "guard"
    PERSON = "person"


class Act(StrEnum):
    """What a setter does to a status."""

    SETS = "sets"
    CLEARS = "clears"


SETTER_WORDS: Final[dict[Setter, Sentence]] = {
    Setter.HUB: Sentence("全国平台", "the national platform"),
    Setter.DATABASE: Sentence("当地数据库（自动）", "the region's own database, by itself"),
    Setter.LOCAL_CDC: Sentence("当地疾控机构", "the local centre for disease control"),
    Setter.CLERK: Sentence("社区或单位工作人员", "a clerk of the community or the employer"),
    Setter.GUARD: Sentence("查验人员", "a guard at a checkpoint"),
    Setter.PERSON: Sentence("本人申报", "the person, by a report of their own"),
}

_CHARACTERS: Final = {
    Alphabet.DIGITS: frozenset("0123456789"),
    Alphabet.HEX: frozenset("0123456789abcdef"),
    Alphabet.BASE64URL: frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where facts come from, how sure they are, and from when until when (exclusive) they held."""

    sure: Sure
    source: str
    since: date
    until: date | None = None

    def is_in_force(self, day: date) -> bool:
        """True if facts resting on this evidence held on ``day`` (Beijing calendar)."""
        return self.since <= day and (self.until is None or day < self.until)

    def covers(self, other: "Evidence") -> bool:
        """True if this held for as long as ``other`` did."""
        return self.since <= other.since and (
            self.until is None or (other.until is not None and other.until <= self.until)
        )


def find_gap(span: Evidence, given: Iterable[Evidence]) -> date | None:
    """Return the first day of ``span`` on which nothing of ``given`` is in force; None if there is none."""
    day = span.since
    for evidence in sorted(given, key=lambda each: each.since):
        if evidence.since <= day and (evidence.until is None or day < evidence.until):
            if evidence.until is None:
                return None
            day = evidence.until
    return None if span.until is not None and span.until <= day else day


def find_overlap(given: Iterable[Evidence]) -> date | None:
    """Return the first day on which two of ``given`` are in force at once; None if there is none."""
    in_order = sorted(given, key=lambda each: each.since)
    return next((later.since for earlier, later in pairwise(in_order) if earlier.is_in_force(later.since)), None)


@dataclass(frozen=True, slots=True)
class QrPattern:
    """The form of a region's QR text: a prefix, then exactly ``length`` characters of ``alphabet``.

    A prefix and a length instead of a regular expression: it costs the same for every text, and
    whether two regions' codes can be mistaken for each other can be decided from the data. A
    ``one_time`` code is used up by being checked.
    """

    prefix: str
    alphabet: Alphabet
    length: int
    one_time: bool
    evidence: Evidence

    def has_prefix(self, text: str) -> bool:
        """True if ``text`` claims to be such a code, well-formed or not."""
        return text.startswith(self.prefix)

    def matches(self, text: str) -> bool:
        """True if ``text`` is well-formed as such a code."""
        return (
            len(text) == len(self.prefix) + self.length
            and text.startswith(self.prefix)
            and _CHARACTERS[self.alphabet].issuperset(text[len(self.prefix) :])
        )


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that a status can mean: exactly one of ``cause`` and ``standing`` is set.

    ``told`` is the region's own word for it, None where the source tells no more than the colour. Where
    it is the status's own value, the status tells it by itself.
    ``lasts`` is how long the cause lasts from its beginning where time alone ends it.
    """

    told: str | None
    cause: Cause | None
    standing: Standing | None
    lasts: timedelta | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Validity:
    """How long a status holds, counted from its refresh time: so many days, or to the end of its Beijing day.

    ``lasts`` is None where the day's end (24:00) ends it. Where the source leaves the refresh time empty,
    it counts from the answer, unless ``needs_refresh_time``: then such an answer cannot be used.
    """

    lasts: timedelta | None
    needs_refresh_time: bool
    evidence: Evidence

    def end(self, refreshed_at: datetime) -> datetime:
        """Return the moment from which a status that was refreshed at ``refreshed_at`` holds no more."""
        return end_of_beijing_day(refreshed_at) if self.lasts is None else refreshed_at + self.lasts


@dataclass(frozen=True, slots=True)
class StatusSetter:
    """Who sets or clears a status, for the time that the evidence is in force."""

    who: Setter
    does: Act
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Status:
    """One status of a region. ``standing`` is what it means where nothing but the status is told.

    ``validity`` is None where the region sets no end: the status holds until the source says otherwise.
    Somebody of ``setters`` sets it at all times; who clears it is listed where it is known.
    """

    value: str
    colour: Colour
    label: Sentence
    standing: Standing
    meanings: tuple[Meaning, ...]
    validity: Validity | None
    evidence: Evidence
    setters: tuple[StatusSetter, ...] = ()

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Every cause that can stand behind this status."""
        return tuple(meaning.cause for meaning in self.meanings if meaning.cause is not None)

    def find_told(self, told: str) -> Meaning | None:
        """Return what the region's word ``told`` means under this status, or None if it is not registered."""
        return next((meaning for meaning in self.meanings if meaning.told == told), None)

    def worst_level(self, at: datetime) -> Level | None:
        """Return the worst level that any cause under this status has at ``at``; None if it has no cause."""
        return level_of(self.causes, at) if self.causes else None


@dataclass(frozen=True, slots=True)
class WeighedStatus:
    """A status with what choosing among a region's statuses asks of it, for one day.

    ``worst`` and ``least_rank`` are the levels of its worst and its mildest cause, None and -1 without
    causes; ``standings`` are all that it can mean, its own with them.
    """

    status: Status
    causes: frozenset[Cause]
    standings: frozenset[Standing]
    worst: Level | None
    least_rank: int


def weigh_status(status: Status, at: datetime) -> WeighedStatus:
    """Return ``status`` weighed by the national table of the Beijing day of ``at``."""
    meant = {meaning.standing for meaning in status.meanings if meaning.standing is not None}
    return WeighedStatus(
        status,
        frozenset(status.causes),
        frozenset(meant | {status.standing}),
        status.worst_level(at),
        min((level_of((cause,), at).rank for cause in status.causes), default=-1),
    )
