"""The rows of a rule table as values, and what each reason that a row can give claims.

Days are Beijing calendar days, and the last day of a span is the last on which a row still holds.
Each reason makes a claim (``CLAIMS``): a row may give it only for the outcome and the situations that
its sentences speak of, so that nobody is told "let the person through" beside a STOP.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import product

from tongxing.core.checkpoints import Fever
from tongxing.core.levels import Level
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import Measure, Outcome
from tongxing.core.words import PlaceKind, Sentence
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


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a row asks of a situation: for each input the values that it accepts."""

    levels: frozenset[Level] = frozenset(Level)
    colour_only: frozenset[bool] = frozenset((False, True))
    origin_risks: frozenset[OriginRisk] = frozenset(OriginRisk)
    others_consulted: frozenset[bool] = frozenset((False, True))
    place_kinds: frozenset[PlaceKind] = frozenset(PlaceKind)
    fevers: frozenset[Fever] = frozenset(Fever)

    def shared_with(self, other: "Conditions") -> "Conditions":
        """Return the conditions that fit where both fit; where nothing is shared they fit nowhere."""
        return Conditions(
            self.levels & other.levels,
            self.colour_only & other.colour_only,
            self.origin_risks & other.origin_risks,
            self.others_consulted & other.others_consulted,
            self.place_kinds & other.place_kinds,
            self.fevers & other.fevers,
        )

    def situations(self) -> Iterator[Situation]:
        """Yield each situation that fits, each once."""
        for values in product(
            self.levels, self.colour_only, self.origin_risks, self.others_consulted, self.place_kinds, self.fevers
        ):
            yield Situation(*values)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One row: in these situations, on these days, this outcome.

    ``overrides`` names later rows that this one is meant to cut short; without it a partial overlap
    with another outcome is a conflict and the table is refused.
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
    """A region's public departure from the floor: a row with a reason in words and always an end."""

    row: RuleRow
    why: Sentence


@dataclass(frozen=True, slots=True)
class NotCheckedRow:
    """Kinds of place where no code is read at all: whoever comes passes, before anything is scanned.

    Not whoever is measured with a fever: then the code is read, and the rows decide.
    """

    id: str
    place_kinds: frozenset[PlaceKind]
    legal_basis: str
    evidence: Evidence
    days: Days


@dataclass(frozen=True, slots=True)
class Claim:
    """What the sentences of a reason say: the outcomes, and of which levels, origins and readings they speak."""

    outcomes: frozenset[Outcome]
    levels: frozenset[Level] = frozenset(Level)
    origin_risks: frozenset[OriginRisk] = frozenset(OriginRisk)
    fevers: frozenset[Fever] = frozenset(Fever)

    def holds_for(self, conditions: Conditions) -> bool:
        """True if the sentences are true in every situation that fits ``conditions``."""
        return (
            conditions.levels <= self.levels
            and conditions.origin_risks <= self.origin_risks
            and conditions.fevers <= self.fevers
        )


_LOW, _MEDIUM, _HIGH = (frozenset({level}) for level in Level)
_PASS, _PASS_WITH_MEASURES, _REFER, _STOP = (frozenset({outcome}) for outcome in Outcome)

CLAIMS: dict[ReasonId, Claim] = {
    ReasonId.LOW_LEVEL_LOW_ORIGIN: Claim(_PASS, _LOW, frozenset({OriginRisk.LOW})),
    ReasonId.LOW_LEVEL: Claim(_PASS, _LOW),
    ReasonId.LEVEL_MEDIUM: Claim(_PASS_WITH_MEASURES, _MEDIUM),
    ReasonId.LEVEL_HIGH: Claim(_STOP, _HIGH),
    ReasonId.ORIGIN_MEDIUM: Claim(_PASS_WITH_MEASURES, origin_risks=frozenset({OriginRisk.MEDIUM})),
    ReasonId.ORIGIN_HIGH: Claim(_PASS_WITH_MEASURES, origin_risks=frozenset({OriginRisk.HIGH})),
    ReasonId.ORIGIN_MIXED: Claim(_REFER, origin_risks=frozenset({OriginRisk.MIXED})),
    ReasonId.ORIGIN_UNKNOWN: Claim(_REFER, origin_risks=frozenset({OriginRisk.UNKNOWN})),
    ReasonId.LOCAL_CONDITION: Claim(_PASS_WITH_MEASURES),
    ReasonId.FEVER_MEASURED_HERE: Claim(_PASS_WITH_MEASURES | _REFER, fevers=frozenset({Fever.FEVER})),
}
"""The reasons that a row may give, and what each claims."""
