"""What everybody is told of regions: their codes and statuses on a day, and what becomes of one at another."""

from datetime import date

import msgspec

from tongxing.api.messages import Message
from tongxing.core.levels import Level
from tongxing.core.verdicts import Outcome
from tongxing.recognition.view_words import Words
from tongxing.regions.facts import Topic
from tongxing.regions.statuses import Colour, Sure


class DayQuery(Message, frozen=True):
    """The Beijing day; today if none."""

    on: date | None = None


class TwoDaysQuery(DayQuery, frozen=True):
    """The day of the first region, and that of the other one; the same day if none."""

    other_on: date | None = None


class StatusMark(msgspec.Struct, frozen=True):
    """A status as people see it: its colour, what is written on it, and the same with the colour in words."""

    colour: Colour
    label: Words
    said: Words


class GradeAnswer(msgspec.Struct, frozen=True):
    """How many facts of a region are as sure as this."""

    sure: Sure
    sure_words: Words
    facts: int


class RegionHeadAnswer(msgspec.Struct, frozen=True):
    """A region on a day. ``code_name`` is null before it had a code.

    ``takes_part``: it is in this federation's directory and not suspended; of another one a profile ships, no more.
    ``evidence`` counts its facts by how sure they are, the surest first.
    """

    region: str
    name: Words
    code_name: Words | None
    statuses: list[StatusMark]
    ways: list[Words]
    takes_part: bool
    evidence: list[GradeAnswer]


class RegionsAnswer(msgspec.Struct, frozen=True):
    """Every region that is known, by number: a city behind its province."""

    regions: list[RegionHeadAnswer]
    on: date


class ProfileEvidenceAnswer(msgspec.Struct, frozen=True):
    """Where facts come from, how sure they are, and from when until when (exclusive) they hold."""

    sure: Sure
    sure_words: Words
    source: str
    since: date
    until: date | None


class SaidAnswer(msgspec.Struct, frozen=True):
    """One thing that is said, with its evidence by its place in the answer's list."""

    said: Words
    evidence: int


class MeaningAnswer(msgspec.Struct, frozen=True):
    """One thing that can stand behind a status: a cause with its national level, or a standing without one.

    ``told`` is the region's own word for it, null where only the colour is told.
    """

    told: str | None
    said: Words
    level: Level | None
    evidence: int


class RegionStatusAnswer(msgspec.Struct, frozen=True):
    """One status. ``holds`` is null where the region sets no end."""

    mark: StatusMark
    meanings: list[MeaningAnswer]
    holds: SaidAnswer | None
    setters: list[SaidAnswer]
    evidence: int


class FactAnswer(msgspec.Struct, frozen=True):
    """One fact of the region itself: its topic, which thing of the topic, and what is said of it."""

    topic: Topic
    title: Words
    about: Words
    said: Words
    evidence: int


class RegionAnswer(msgspec.Struct, frozen=True):
    """One region on a day, with the evidence for each word, and every day on which something changes."""

    head: RegionHeadAnswer
    on: date
    statuses: list[RegionStatusAnswer]
    facts: list[FactAnswer]
    evidence: list[ProfileEvidenceAnswer]
    days_of_change: list[date]


class RegionOnDayAnswer(msgspec.Struct, frozen=True):
    """One side of a comparison."""

    region: str
    name: Words
    on: date


class RegionDifferenceAnswer(msgspec.Struct, frozen=True):
    """What two regions say differently of one thing; empty where one says nothing."""

    topic: Topic
    subject: Words
    first: list[Words]
    other: list[Words]


class DifferencesAnswer(msgspec.Struct, frozen=True):
    """What two regions, or one on two days, say differently; how many subjects they say the same of."""

    first: RegionOnDayAnswer
    other: RegionOnDayAnswer
    differences: list[RegionDifferenceAnswer]
    alike: int


class PlacesAnswer(msgspec.Struct, frozen=True):
    """What the host's rules say at kinds of place. ``unread``: those where no code is read if they lie at low risk."""

    places: list[Words]
    unread: list[Words]
    outcome: Outcome
    headline: Words
    sentence: Words
    measures: list[Words]
    row: str | None
    by_exception: bool


class ReceptionAnswer(msgspec.Struct, frozen=True):
    """One thing that the code can say, and what becomes of it at the host.

    ``telling`` is what the host learns; ``shown_as`` its own status for it, null where it has none.
    """

    mark: StatusMark
    told: str | None
    telling: Words
    shown_as: StatusMark | None
    losses: list[Words]
    answers: list[PlacesAnswer]


class AcceptanceAnswer(msgspec.Struct, frozen=True):
    """As what one region's code is accepted at another. ``code_name`` is null where there was none on the day."""

    issuer: RegionOnDayAnswer
    host: RegionOnDayAnswer
    code_name: Words | None
    cases: list[ReceptionAnswer]
