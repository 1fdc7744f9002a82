"""The rows of a rule table as values, and what each reason that a row can give claims.

Days are Beijing calendar days, and the last day of a span is the last on which a row still holds.
Each reason makes a claim (``CLAIMS``): a row may give it only for the outcome and the situations that
its sentences speak of, so that nobody is told "let the person through" beside a STOP.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Final

from tongxing.core.causes import Cause
from tongxing.core.checkpoints import Fever
from tongxing.core.groups import Credential, Group
from tongxing.core.levels import Level, Standing
from tongxing.core.proofs import AntigenBand, IsolationBand, RecoveryBand, TestBand, VaccinationBand
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import OriginRisk, Precision
from tongxing.core.verdicts import Measure, Outcome
from tongxing.core.words import PlaceKind, Sentence
from tongxing.rules.inputs import EVIDENCE_INPUTS, INPUTS
from tongxing.rules.situations import Situation


class Evidence(StrEnum):
    """How sure it is that a region's rule really was so (facts, opening paragraph)."""

    STD = "std"
    DOC = "doc"
    SUM = "sum"
    CODE = "code"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Days:
    """A span of Beijing calendar days, both ends inside; without ``last`` it has no end."""

    first: date
    last: date | None = None

    def holds(self, on: date) -> bool:
        """True if ``on`` lies in the span."""
        return self.first <= on and (self.last is None or on <= self.last)


EVERY_BOOL: Final = frozenset((False, True))
CURRENT_ONLY: Final = frozenset({Standing.CURRENT})


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a row asks of a situation. Its fields are the keys of ``INPUTS``, in their order.

    For an input of one value: the values that the row accepts, all of them by default. For one of many values:
    ``…_any`` asks for at least one of these, ``…_none`` for none of these, and empty asks nothing. A row
    speaks of current reports unless it names a standing; then ``level`` is not looked at.
    """

    standing: frozenset[Standing] = CURRENT_ONLY
    level: frozenset[Level] = frozenset(Level)
    cause_any: frozenset[Cause] = frozenset()
    cause_none: frozenset[Cause] = frozenset()
    colour_only: frozenset[bool] = EVERY_BOOL
    origin_risk: frozenset[OriginRisk] = frozenset(OriginRisk)
    origin_precision: frozenset[Precision] = frozenset(Precision)
    others_consulted: frozenset[bool] = EVERY_BOOL
    place_kind: frozenset[PlaceKind] = frozenset(PlaceKind)
    fever: frozenset[Fever] = frozenset(Fever)
    credential: frozenset[Credential] = frozenset(Credential)
    group_any: frozenset[Group] = frozenset()
    group_none: frozenset[Group] = frozenset()
    test: frozenset[TestBand] = frozenset(TestBand)
    antigen: frozenset[AntigenBand] = frozenset(AntigenBand)
    vaccination: frozenset[VaccinationBand] = frozenset(VaccinationBand)
    recovery: frozenset[RecoveryBand] = frozenset(RecoveryBand)
    isolation: frozenset[IsolationBand] = frozenset(IsolationBand)

    def fit(self, situation: Situation) -> bool:
        """True if ``situation`` is one of those that the row speaks of."""
        for entry in INPUTS:
            if entry.many:
                held = getattr(situation, entry.attribute)
                some, none = (getattr(self, key) for key in entry.keys)
                if (some and not some & held) or none & held:
                    return False
            elif entry.name == "level" and situation.level is None:
                continue
            elif getattr(situation, entry.name) not in getattr(self, entry.name):
                return False
        return True

    @property
    def named_inputs(self) -> tuple[str, ...]:
        """The inputs of which the row asks anything, by name, in the order of ``INPUTS``."""
        return tuple(entry.name for entry in INPUTS if any(getattr(self, key) != _ANYTHING[key] for key in entry.keys))


_ANYTHING: Final[Mapping[str, object]] = {field.name: field.default for field in fields(Conditions)}


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One row: in these situations, on these days, this outcome.

    ``overrides`` names later rows of the same table that this one is meant to cut short; without it a partial
    overlap with another outcome is a conflict and the table is refused.
    """

    id: str
    conditions: Conditions
    outcome: Outcome
    measures: tuple[Measure, ...]
    reason: ReasonId
    legal_basis: str
    evidence: Evidence
    days: Days
    overrides: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RegisteredException:
    """A region's public departure from the floor: a row with a reason in words, a registrar and always an end."""

    row: RuleRow
    why: Sentence
    registrar: Sentence


@dataclass(frozen=True, slots=True)
class NotCheckedRow:
    """Kinds of place where no code is read at all: whoever comes passes, before anything is scanned.

    ``place_risks`` is the risk of the checkpoint's own division. Not whoever is measured with a fever: then the
    code is read, and the rows decide.
    """

    id: str
    place_kinds: frozenset[PlaceKind]
    place_risks: frozenset[OriginRisk]
    legal_basis: str
    evidence: Evidence
    days: Days


class Demand(StrEnum):
    """What a ceiling forbids a region to ask."""

    SECOND_APPLICATION = "second_application"
    SECOND_CODE = "second_code"
    CODE_ONLY = "code_only"


FORBIDDEN_MEASURES: Final[Mapping[Demand, Measure]] = {
    Demand.SECOND_APPLICATION: Measure.APPLY_FOR_LOCAL_CODE,
    Demand.SECOND_CODE: Measure.SHOW_SECOND_CODE,
}
"""The measure by which each demand is made; ``CODE_ONLY`` is made by treating another credential worse."""


@dataclass(frozen=True, slots=True)
class CeilingRow:
    """What no region may demand at these kinds of place on these days. Stands in the national table alone."""

    id: str
    demand: Demand
    place_kinds: frozenset[PlaceKind]
    legal_basis: str
    evidence: Evidence
    days: Days


@dataclass(frozen=True, slots=True)
class Claim:
    """What the sentences of a reason say: the outcomes, and of which situations they speak.

    ``bands`` names inputs of which at least one holds no other values than these; ``grouped`` that
    a group is named, ``proving`` that a proof is asked for.
    """

    outcomes: frozenset[Outcome]
    level: frozenset[Level] = frozenset(Level)
    origin_risk: frozenset[OriginRisk] = frozenset(OriginRisk)
    fever: frozenset[Fever] = frozenset(Fever)
    standing: Standing = Standing.CURRENT
    bands: Mapping[str, frozenset[StrEnum]] | None = None
    grouped: bool = False
    proving: bool = False

    def holds_for(self, conditions: Conditions) -> bool:
        """True if the sentences are true in every situation that fits ``conditions``."""
        return (
            conditions.standing == {self.standing}
            and conditions.level <= self.level
            and conditions.origin_risk <= self.origin_risk
            and conditions.fever <= self.fever
            and (self.bands is None or any(getattr(conditions, name) <= held for name, held in self.bands.items()))
            and (bool(conditions.group_any) or not self.grouped)
            and (not self.proving or any(name in EVIDENCE_INPUTS for name in conditions.named_inputs))
        )


_LOW, _MEDIUM, _HIGH = (frozenset({level}) for level in Level)
_PASS, _PASS_WITH_MEASURES, _REFER, _STOP = (frozenset({outcome}) for outcome in Outcome)
_POSITIVE: Final[Mapping[str, frozenset[StrEnum]]] = {
    "test": frozenset({TestBand.POSITIVE}),
    "antigen": frozenset({AntigenBand.POSITIVE}),
}
_SHOWN: Final[Mapping[str, frozenset[StrEnum]]] = {
    "test": frozenset(TestBand) - {TestBand.UNKNOWN, TestBand.NONE, TestBand.POSITIVE},
    "antigen": frozenset({AntigenBand.NEGATIVE_24_H}),
    "vaccination": frozenset({VaccinationBand.PARTIAL, VaccinationBand.COMPLETE, VaccinationBand.BOOSTED}),
    "recovery": frozenset({RecoveryBand.FROM_14_DAYS, RecoveryBand.WITHIN_14_DAYS}),
    "isolation": frozenset({IsolationBand.ENDED_WITHIN_7_DAYS, IsolationBand.ENDED_7_DAYS_AGO}),
}
STANDING_CLAIMS: Final[Mapping[Standing, ReasonId]] = {
    Standing.PENDING: ReasonId.REPORT_PENDING,
    Standing.EXPIRED: ReasonId.REPORT_EXPIRED,
    Standing.NO_RECORD: ReasonId.NO_RECORD,
    Standing.MISMATCH: ReasonId.IDENTITY_MISMATCH,
    Standing.SOURCE_AWAY: ReasonId.SOURCE_AWAY,
}
"""The one reason that a row on each other standing may give."""

CLAIMS: dict[ReasonId, Claim] = {
    ReasonId.LOW_LEVEL_LOW_ORIGIN: Claim(_PASS, _LOW, frozenset({OriginRisk.LOW})),
    ReasonId.LOW_LEVEL: Claim(_PASS, _LOW),
    ReasonId.LEVEL_MEDIUM: Claim(_PASS_WITH_MEASURES, _MEDIUM),
    ReasonId.LEVEL_HIGH: Claim(_STOP, _HIGH),
    ReasonId.ORIGIN_MEDIUM: Claim(_PASS_WITH_MEASURES, origin_risk=frozenset({OriginRisk.MEDIUM})),
    ReasonId.ORIGIN_HIGH: Claim(_PASS_WITH_MEASURES, origin_risk=frozenset({OriginRisk.HIGH})),
    ReasonId.ORIGIN_MIXED: Claim(_REFER, origin_risk=frozenset({OriginRisk.MIXED})),
    ReasonId.ORIGIN_UNKNOWN: Claim(_REFER, origin_risk=frozenset({OriginRisk.UNKNOWN})),
    ReasonId.LOCAL_CONDITION: Claim(_PASS_WITH_MEASURES),
    ReasonId.LOCAL_MEASURES: Claim(_PASS_WITH_MEASURES),
    ReasonId.FEVER_MEASURED_HERE: Claim(_PASS_WITH_MEASURES | _REFER, fever=frozenset({Fever.FEVER})),
    ReasonId.GROUP_RULE: Claim(_PASS | _PASS_WITH_MEASURES | _REFER, grouped=True),
    ReasonId.PROOF_SHOWN: Claim(_PASS, bands=_SHOWN),
    ReasonId.PROOF_ASKED: Claim(_PASS_WITH_MEASURES | _REFER, proving=True),
    ReasonId.POSITIVE_PROOF: Claim(_REFER, bands=_POSITIVE),
    **{reason: Claim(_REFER, standing=standing) for standing, reason in STANDING_CLAIMS.items()},
}
"""The reasons that a row may give, and what each claims."""
