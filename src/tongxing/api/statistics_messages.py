"""What the calls about statistics take and give."""

from datetime import date, datetime
from typing import Annotated, Final

import msgspec

from tongxing.core.statistics import CountKind
from tongxing.recognition.view_words import Words

_Number = Annotated[int, msgspec.Meta(ge=0, le=(1 << 53) - 1)]
_Origin = Annotated[str, msgspec.Meta(pattern=r"\A(\d{2}(\d{2})?)?\Z", max_length=4)]
_ReasonKey = Annotated[str, msgspec.Meta(pattern=r"\A[A-Z_]+\.[A-Za-z0-9_]+\Z", max_length=96)]
KEYS_MAX: Final = 1_024


class PassageCountsMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many passages the calling region had on a day (Beijing): by issuer of the code, and by outcome and reason."""

    day: date
    origins: Annotated[dict[_Origin, _Number], msgspec.Meta(max_length=KEYS_MAX)]
    reasons: Annotated[dict[_ReasonKey, _Number], msgspec.Meta(max_length=KEYS_MAX)]


class StatisticsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The day that is asked about; the latest that was counted if none is named."""

    day: date | None = None


class CountedDayAnswer(msgspec.Struct, frozen=True):
    """A day of which there are counts."""

    day: date
    counted_at: datetime


class ColumnAnswer(msgspec.Struct, frozen=True):
    """What a column or a row counts."""

    key: str
    name: Words


class CountRowAnswer(msgspec.Struct, frozen=True):
    """One row; null where a number is withheld."""

    key: str
    name: Words
    numbers: list[int | None]
    total: int | None


class CountTableAnswer(msgspec.Struct, frozen=True):
    """One table. Without sums where a person may count in two columns: ``has_totals`` is false then."""

    table: CountKind
    title: Words
    columns: list[ColumnAnswer]
    rows: list[CountRowAnswer]
    has_totals: bool
    totals: list[int | None]
    total: int | None


class DayTotalsAnswer(msgspec.Struct, frozen=True):
    """All regions together on one day: people of low, medium and high level, and all reports."""

    day: date
    numbers: list[int | None]
    total: int | None


class StatisticsAnswer(msgspec.Struct, frozen=True):
    """The tables of a day. A number is null where it is smaller than ``below``, or would tell one that is."""

    day: date | None
    days: list[CountedDayAnswer]
    below: int
    withheld: Words
    tables: list[CountTableAnswer]
    series: list[DayTotalsAnswer]
