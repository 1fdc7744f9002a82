"""Differences: who is treated differently by two versions of the rules, each with an example to check by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import MEASURE_WORDS, OUTCOME_WORDS, Measure, Outcome
from tongxing.core.words import PlaceKind, RegionId, Sentence
from tongxing.rules.inputs import PLACE_WORDS
from tongxing.rules.situations import Situation

RISK_WORDS: Final[Mapping[OriginRisk, Sentence]] = {
    OriginRisk.LOW: Sentence("低风险地区", "a low-risk area"),
    OriginRisk.MEDIUM: Sentence("中风险地区", "a medium-risk area"),
    OriginRisk.HIGH: Sentence("高风险地区", "a high-risk area"),
    OriginRisk.MIXED: Sentence("风险不一的地区", "an area of mixed risk"),
    OriginRisk.UNKNOWN: Sentence("风险不明的地区", "an area of unknown risk"),
}
"""The risk of the place where a checkpoint stands."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one version says: the row as ``region/table/row``, the outcome, and what is asked."""

    row: str
    outcome: Outcome
    measures: tuple[Measure, ...] = ()

    def words(self) -> Sentence:
        """Say it in words."""
        outcome, asked = OUTCOME_WORDS[self.outcome], [MEASURE_WORDS[measure] for measure in self.measures]
        if not asked:
            return outcome
        return Sentence(
            f"{outcome.zh}（{'、'.join(words.zh for words in asked)}）",
            f"{outcome.en} ({', '.join(words.en for words in asked)})",
        )


@dataclass(frozen=True, slots=True)
class UncheckedPlace:
    """A kind of place, in a division of some risk, as an example of where codes begin or cease to be read."""

    place_kind: PlaceKind
    place_risk: OriginRisk


@dataclass(frozen=True, slots=True)
class Difference:
    """From ``day`` on, somebody like ``example`` at a checkpoint of ``region`` (or its ``site``) is told another thing.

    Where codes begin or cease to be read, ``example`` is the kind of place. None is said before where there
    was no rule, or codes were read.
    """

    region: RegionId
    site: str
    day: date
    example: Situation | UncheckedPlace
    before: Said | None
    after: Said | None

    @property
    def sentence(self) -> Sentence:
        """Say the difference in words."""
        day = self.day.isoformat()
        if isinstance(self.example, UncheckedPlace):
            place, risk = PLACE_WORDS[self.example.place_kind], RISK_WORDS[self.example.place_risk]
            read = (
                Sentence("查验健康码", "codes are read")
                if self.after is None
                else Sentence("不再查验健康码", "codes are no longer read")
            )
            return Sentence(
                f"自{day}起，在{risk.zh}的{place.zh}{read.zh}", f"from {day} on, {read.en} at a {place.en} in {risk.en}"
            )
        who, before, after = self.example.sentence(), _words(self.before), _words(self.after)
        return Sentence(
            f"自{day}起，{who.zh}：原为“{before.zh}”，改为“{after.zh}”",
            f"from {day} on, {who.en}: {before.en} becomes {after.en}",
        )


def _words(said: Said | None) -> Sentence:
    return Sentence("无规则", "no rule") if said is None else said.words()


def first_day(differences: Sequence[Difference]) -> date | None:
    """Return the first day on which anybody is treated differently, or None if nobody is."""
    return min((difference.day for difference in differences), default=None)
