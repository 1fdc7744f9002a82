"""The shape of a rule table's TOML file: closed words, bounded texts and lists, no unknown keys.

Nothing but the shape: what the values mean together is read by ``tongxing.rules.tables``.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from tongxing.core.checkpoints import Fever
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import Measure, Outcome
from tongxing.core.words import PlaceKind
from tongxing.rules.rows import Evidence

ROWS_MAX: Final = 64
"""Rows of one kind in one table: an official must be able to read it whole."""

RowId = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{1,47}$")]
Text = Annotated[str, msgspec.Meta(min_length=2, max_length=500)]


class LevelWord(StrEnum):
    """A level in words; the wire's digits are not for reading."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the file: a key that is not named here is refused."""


class SentencePart(Strict, frozen=True):
    """One sentence in both languages."""

    zh: Text
    en: Text


class WhenPart(Strict, frozen=True):
    """Absent inputs accept every value; each list given has at least one."""

    level: list[LevelWord] | None = None
    colour_only: bool | None = None
    origin_risk: list[OriginRisk] | None = None
    others_consulted: bool | None = None
    place_kind: list[PlaceKind] | None = None
    fever: list[Fever] | None = None


class HeadPart(Strict, frozen=True):
    """``[table]``: whose table it is and on which days it is in force."""

    region: Annotated[str, msgspec.Meta(pattern="^([0-9]{2}|[0-9]{4})$")]
    id: RowId
    name: SentencePart
    first_day: date
    last_day: date | None = None


class RowPart(Strict, frozen=True):
    """``[[row]]``: days that are not given are the table's."""

    id: RowId
    when: WhenPart
    outcome: Outcome
    reason: ReasonId
    legal_basis: Text
    evidence: Evidence
    measures: list[Measure] = []
    first_day: date | None = None
    last_day: date | None = None
    overrides: list[RowId] = []


class ExceptionPart(Strict, frozen=True):
    """``[[exception]]``: always with reason, legal basis, first and last day."""

    id: RowId
    when: WhenPart
    measures: list[Measure]
    why: SentencePart
    legal_basis: Text
    evidence: Evidence
    first_day: date
    last_day: date


class NotCheckedPart(Strict, frozen=True):
    """``[[not_checked]]``: kinds of place where no code is read."""

    id: RowId
    place_kind: list[PlaceKind]
    legal_basis: Text
    evidence: Evidence
    first_day: date
    last_day: date | None = None


class TableFile(Strict, frozen=True):
    """The whole file."""

    table: HeadPart
    row: Annotated[list[RowPart], msgspec.Meta(min_length=1, max_length=ROWS_MAX)]
    exception: Annotated[list[ExceptionPart], msgspec.Meta(max_length=ROWS_MAX)] = []
    not_checked: Annotated[list[NotCheckedPart], msgspec.Meta(max_length=ROWS_MAX)] = []
