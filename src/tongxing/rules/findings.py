"""Findings: what is wrong with a rule table, each with a counter-example that a person can check and run.

A counter-example is a day and a situation that somebody can be in on it, and for a law about two people a
second one; decided by the stack under proof on that day, they show the breach.
"""

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
    ABOVE_CEILING = "above_ceiling"
    LEVEL_NOT_MONOTONE = "level_not_monotone"
    EVIDENCE_NOT_MONOTONE = "evidence_not_monotone"
    FEVER_NOT_MONOTONE = "fever_not_monotone"
    UNKNOWN_NOT_MONOTONE = "unknown_not_monotone"
    STOP_WITHOUT_REPORT = "stop_without_report"
    STOP_FOR_CREDENTIAL = "stop_for_credential"


@dataclass(frozen=True, slots=True)
class Finding:
    """One counter-example: on this day, in this situation, what the table says and should not.

    ``table`` is the table under proof as ``region/id``; ``rows`` are the public names of the rows concerned, in
    the order of the sentence; ``other`` is the second situation of a law that compares two.
    """

    kind: FindingKind
    day: date
    situation: Situation
    sentence: Sentence
    table: str = ""
    rows: tuple[str, ...] = ()
    other: Situation | None = None


class RulesRefused(Refused):
    """A table was refused for what it says; ``finding`` is the first counter-example."""

    def __init__(self, table: str, finding: Finding) -> None:
        super().__init__(ProblemId.RULES_REFUSED, f"{table}: {finding.kind}: {finding.sentence.en}")
        self.finding = finding
