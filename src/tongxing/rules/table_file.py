"""The shape of a rule table's TOML file: closed words, bounded texts and lists, no unknown keys.

Nothing but the shape: what the values mean together is read by ``tongxing.rules.tables``.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from tongxing.core.causes import Cause
from tongxing.core.checkpoints import Fever
from tongxing.core.groups import Credential, Group
from tongxing.core.levels import Standing
from tongxing.core.proofs import AntigenBand, IsolationBand, RecoveryBand, TestBand, VaccinationBand
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import OriginRisk, Precision
from tongxing.core.verdicts import Measure, Outcome
from tongxing.core.words import PlaceKind
from tongxing.rules.rows import Demand, Evidence

ROWS_MAX: Final = 64
"""Rows of one kind in one table: an official must be able to read it whole."""
SITE_PATTERN: Final = "^([a-z0-9][a-z0-9_]{0,47})?$"
VERSION_MAX: Final = 9999

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
    """Absent inputs accept every value, and an absent standing a current report; each list has at least one value."""

    standing: list[Standing] | None = None
    level: list[LevelWord] | None = None
    cause_any: list[Cause] | None = None
    cause_none: list[Cause] | None = None
    colour_only: bool | None = None
    origin_risk: list[OriginRisk] | None = None
    origin_precision: list[Precision] | None = None
    others_consulted: bool | None = None
    place_kind: list[PlaceKind] | None = None
    fever: list[Fever] | None = None
    credential: list[Credential] | None = None
    group_any: list[Group] | None = None
    group_none: list[Group] | None = None
    test: list[TestBand] | None = None
    antigen: list[AntigenBand] | None = None
    vaccination: list[VaccinationBand] | None = None
    recovery: list[RecoveryBand] | None = None
    isolation: list[IsolationBand] | None = None


class HeadPart(Strict, frozen=True):
    """``[table]``: whose table it is, of which site if of one, and on which days it is in force.

    ``urgent`` says why a change has to be in force before the usual notice.
    """

    region: Annotated[str, msgspec.Meta(pattern="^([0-9]{2}|[0-9]{4})$")]
    id: RowId
    name: SentencePart
    first_day: date
    last_day: date | None = None
    site: Annotated[str, msgspec.Meta(pattern=SITE_PATTERN)] = ""
    version: Annotated[int, msgspec.Meta(ge=1, le=VERSION_MAX)] = 1
    urgent: SentencePart | None = None


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
    """``[[exception]]``: always with reason, legal basis, registrar, first and last day.

    It asks for measures, or refers whoever lacks a proof.
    """

    id: RowId
    when: WhenPart
    why: SentencePart
    registrar: SentencePart
    legal_basis: Text
    evidence: Evidence
    first_day: date
    last_day: date
    outcome: Outcome = Outcome.PASS_WITH_MEASURES
    measures: list[Measure] = []
    overrides: list[RowId] = []


class NotCheckedPart(Strict, frozen=True):
    """``[[not_checked]]``: kinds of place where no code is read, and at which risk of the place's own division."""

    id: RowId
    place_kind: list[PlaceKind]
    legal_basis: Text
    evidence: Evidence
    first_day: date
    last_day: date | None = None
    place_risk: list[OriginRisk] | None = None


class CeilingPart(Strict, frozen=True):
    """``[[ceiling]]``, in the national table alone: what may not be demanded, at any place if none is named."""

    id: RowId
    demand: Demand
    legal_basis: Text
    evidence: Evidence
    first_day: date
    last_day: date | None = None
    place_kind: list[PlaceKind] | None = None


class TableFile(Strict, frozen=True):
    """The whole file."""

    table: HeadPart
    row: Annotated[list[RowPart], msgspec.Meta(max_length=ROWS_MAX)] = []
    exception: Annotated[list[ExceptionPart], msgspec.Meta(max_length=ROWS_MAX)] = []
    not_checked: Annotated[list[NotCheckedPart], msgspec.Meta(max_length=ROWS_MAX)] = []
    ceiling: Annotated[list[CeilingPart], msgspec.Meta(max_length=ROWS_MAX)] = []
