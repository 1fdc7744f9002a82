"""What is told of a dry run: what the rules of a day cost people, counted in pairs of cities."""

from datetime import date, datetime

import msgspec

from tongxing.api.messages import Message
from tongxing.core.reports import OriginRisk
from tongxing.core.words import Language, PlaceKind
from tongxing.recognition.view_words import Words


class DryRunQuery(Message, frozen=True):
    """At which kind of place (all, if none), without which exception, and in which language the picture is drawn."""

    place_kind: PlaceKind | None = None
    without: str = ""
    lang: Language = Language.ZH


class TallyAnswer(msgspec.Struct, frozen=True):
    """Pairs of cities by what came of them; ``unread`` are those of ``nothing_asked`` whose code was not even read."""

    pairs: int
    nothing_asked: int
    unread: int
    measures: int
    referred: int
    stopped: int


class NamedTally(msgspec.Struct, frozen=True):
    """The tally of one province, by its number, or of one kind of place."""

    id: str
    name: Words
    tally: TallyAnswer


class PairTally(msgspec.Struct, frozen=True):
    """From one province to another."""

    origin: str
    host: str
    tally: TallyAnswer


class RunAnswer(msgspec.Struct, frozen=True):
    """One run: in total, by kind of place, by province of the host and of the origin, and as a picture (SVG)."""

    total: TallyAnswer
    by_place_kind: list[NamedTally]
    by_host: list[NamedTally]
    by_origin: list[NamedTally]
    pairs: list[PairTally]
    svg: str


class ExceptionCount(msgspec.Struct, frozen=True):
    """A registered exception that is in force on the day, and how many pairs it decides."""

    id: str
    why: Words
    pairs: int


class DryRunAnswer(msgspec.Struct, frozen=True):
    """What the rules of a day cost people; ``changed`` is the same without the exception that was asked for."""

    on: date
    risks_as_of: datetime | None
    cities: int
    cities_at_risk: dict[OriginRisk, int]
    exceptions: list[ExceptionCount]
    in_force: RunAnswer
    changed: RunAnswer | None
