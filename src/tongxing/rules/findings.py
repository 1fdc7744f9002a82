"""Findings: what is wrong with a rule table, each with a counter-example that a person can check."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import Sentence
from tongxing.rules.situations import Situation


class FindingKind(StrEnum):
    """The ways in which a well-formed table can still be wrong."""

    GAP = "gap"
    CONFLICT = "conflict"
    DEAD_ROW = "dead_row"
    BELOW_FLOOR = "below_floor"
    NEEDLESS_EXCEPTION = "needless_exception"
    LEVEL_NOT_MONOTONE = "level_not_monotone"
    UNKNOWN_NOT_MONOTONE = "unknown_not_monotone"
    FEVER_NOT_MONOTONE = "fever_not_monotone"


@dataclass(frozen=True, slots=True)
class Finding:
    """One counter-example: on this day, in this situation, what the table says and should not."""

    kind: FindingKind
    day: date
    situation: Situation
    sentence: Sentence


class RulesRefused(Refused):
    """A table was refused for what it says; ``finding`` is the first counter-example."""

    def __init__(self, table: str, finding: Finding) -> None:
        super().__init__(ProblemId.RULES_REFUSED, f"{table}: {finding.kind}: {finding.sentence.en}")
        self.finding = finding
