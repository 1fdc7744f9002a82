"""Telling a finding: the sentences, zh and en, in which a counter-example is put before a publisher."""

from datetime import date

from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import MEASURE_WORDS, OUTCOME_WORDS, Outcome
from tongxing.core.words import Sentence
from tongxing.rules.inputs import INPUTS
from tongxing.rules.rows import CeilingRow, RuleRow
from tongxing.rules.situations import Situation


def tell_gap(person: Situation) -> Sentence:
    """Nobody decides this person."""
    words = person.sentence()
    return Sentence(f"{words.zh}，没有任何一行规则适用", f"no row decides {words.en}")


def tell_conflict(person: Situation, earlier: RuleRow, later: RuleRow) -> Sentence:
    """Two rows of one table would say different things to this person."""
    words = person.sentence()
    return Sentence(
        f"{words.zh}，“{earlier.id}”与“{later.id}”结论不同，而未声明何者优先",
        f"rows {earlier.id!r} and {later.id!r} differ for {words.en}, "
        f"and {earlier.id!r} does not declare that it overrides",
    )


def tell_dead_row(row: RuleRow) -> Sentence:
    """A row was meant to decide somebody, and decides nobody."""
    return Sentence(f"“{row.id}”在任何一天、任何情形下都不起作用", f"row {row.id!r} decides in no situation on any day")


def tell_below_floor(person: Situation, due: str, name: str, outcome: Outcome) -> Sentence:
    """This person is owed a plain PASS by row ``due``, and row ``name`` gives less."""
    words, said = person.sentence(), OUTCOME_WORDS[outcome]
    return Sentence(
        f"{words.zh}，全国底线（{due}）要求直接通行，而“{name}”的结论是“{said.zh}”，且未登记例外",
        f"the national floor ({due}) owes a plain PASS to {words.en}, "
        f"but row {name} says “{said.en}” and no registered exception covers it",
    )


def tell_needless(person: Situation, name: str) -> Sentence:
    """Exception ``name`` speaks of somebody to whom nothing is owed."""
    words = person.sentence()
    return Sentence(
        f"{words.zh}，全国底线并无要求，“{name}”不应登记为例外",
        f"exception {name} names {words.en}, to whom the floor owes nothing: it must be an ordinary row",
    )


def tell_above_ceiling(person: Situation, name: str, ceiling: CeilingRow) -> Sentence:
    """Row ``name`` asks of this person what a ceiling forbids to ask."""
    words = person.sentence()
    return Sentence(
        f"{words.zh}，“{name}”提出了“{ceiling.id}”（{ceiling.legal_basis}）不允许的要求",
        f"row {name} asks of {words.en} what {ceiling.id!r} forbids ({ceiling.legal_basis})",
    )


def tell_stop(person: Situation, name: str) -> Sentence:
    """Row ``name`` stops somebody of whom there is no current report."""
    words = person.sentence()
    return Sentence(
        f"{words.zh}，没有有效报告，“{name}”却不予通行",
        f"row {name} stops {words.en}, of whom there is no current report",
    )


def tell_pair(one: Situation, first: tuple[str, RuleRow], other: Situation, second: tuple[str, RuleRow]) -> Sentence:
    """Two people who differ in little are told what breaks a law."""
    words, change = one.sentence(), tell_change(one, other)
    (one_name, one_row), (other_name, other_row) = first, second
    return Sentence(
        f"{words.zh}，“{one_name}”的结论是“{_said(one_row).zh}”；"
        f"其他不变而改为{change.zh}时，“{other_name}”却给出“{_said(other_row).zh}”",
        f"row {one_name} says “{_said(one_row).en}” to {words.en}; "
        f"with all else equal but “{change.en}”, row {other_name} says “{_said(other_row).en}”",
    )


def tell_change(one: Situation, other: Situation) -> Sentence:
    """Return in what the second of two people differs from the first."""
    zh, en = [], []
    for entry in INPUTS:
        held = getattr(other, entry.attribute)
        if held == getattr(one, entry.attribute):
            continue
        if entry.name == "origin_precision" and other.origin_risk is OriginRisk.UNKNOWN:
            continue  # it goes without saying
        if entry.many:
            told = [entry.values[value] for value in sorted(held)] or [
                Sentence(f"{entry.words.zh}不详", f"no {entry.words.en} told")
            ]
        else:
            told = [] if held is None else [entry.values[held]]
        zh += [words.zh for words in told]
        en += [words.en for words in told]
    return Sentence("、".join(zh), " and ".join(en))


def tell_day(day: date, sentence: Sentence) -> Sentence:
    """Return a sentence with its day."""
    return Sentence(f"{day.isoformat()}：{sentence.zh}。", f"on {day.isoformat()} {sentence.en}")


def _said(row: RuleRow) -> Sentence:
    outcome, asked = OUTCOME_WORDS[row.outcome], [MEASURE_WORDS[measure] for measure in row.measures]
    if not asked:
        return outcome
    return Sentence(
        f"{outcome.zh}（{'、'.join(words.zh for words in asked)}）",
        f"{outcome.en} ({', '.join(words.en for words in asked)})",
    )
