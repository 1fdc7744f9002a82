"""What the commands about rules print: decisions, counter-examples, differences."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from tongxing.cli.output import console, print_json
from tongxing.core.verdicts import MEASURE_WORDS, OUTCOME_WORDS
from tongxing.core.words import Language, Sentence
from tongxing.rules.deciding import Decision
from tongxing.rules.differences import Difference
from tongxing.rules.findings import Finding
from tongxing.rules.inputs import INPUT
from tongxing.rules.nearest import Change, apply
from tongxing.rules.situations import Situation, encode_situation

Found = Iterable[tuple[str, tuple[Finding, ...]]]
"""Files by name, and what is wrong with each."""


def tell_findings(found: Found, lang: Language, *, as_json: bool) -> None:
    """Print what is wrong with tables: each counter-example as a sentence and as runnable inputs."""
    if as_json:
        print_json([{"file": file, "findings": [_finding_as_json(each) for each in told]} for file, told in found])
        return
    for file, told in found:
        console.print(f"{file}: {say(_count(told), lang)}", style="bold", markup=False)
        for finding in told:
            console.print(f"  {finding.kind}: {say(finding.sentence, lang)}", markup=False)
            for person in (finding.situation, finding.other):
                if person is not None:
                    content = msgspec.json.encode(encode_situation(person)).decode()
                    console.print(f"    {content}", style="dim", markup=False)


def _count(found: Sequence[Finding]) -> Sentence:
    if not found:
        return Sentence("已证明，没有不符之处", "proven, no findings")
    return Sentence(f"{len(found)}处不符", f"{len(found)} {'finding' if len(found) == 1 else 'findings'}")


def decision_as_json(decision: Decision, change: Change | None, person: Situation) -> dict[str, Any]:
    """Return a decision and the nearest change as one document."""
    nearest = None
    if change is not None:
        nearest = {
            "sentence": {"zh": change.sentence.zh, "en": change.sentence.en},
            "day": change.day,
            "situation": encode_situation(apply(change, person)),
            "outcome": change.decision_after.outcome,
            "row": change.decision_after.row,
        }
    return {
        "row": decision.row,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "measures": list(decision.measures),
        "legal_basis": decision.legal_basis,
        "inputs_used": list(decision.inputs_used),
        "exception": decision.row if decision.by_exception else None,
        "nearest_change": nearest,
    }


def tell_decision(decision: Decision, change: Change | None, person: Situation, lang: Language) -> None:
    """Print a decision: the person, the row, what it asks and rests on, and the nearest change."""
    used = [INPUT[name].words for name in decision.inputs_used]
    console.print(say(person.sentence(), lang), markup=False)
    console.print(f"{say(OUTCOME_WORDS[decision.outcome], lang)}  {decision.row}", style="bold", markup=False)
    for measure in decision.measures:
        console.print(f"  - {say(MEASURE_WORDS[measure], lang)}", markup=False)
    rests = {"zh": "依据：", "en": "rests on: "}[lang]
    console.print(rests + {"zh": "、", "en": ", "}[lang].join(say(words, lang) for words in used), markup=False)
    console.print(decision.legal_basis, style="dim", markup=False)
    if change is not None:
        console.print(say(change.sentence, lang), markup=False)


def _finding_as_json(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "table": finding.table,
        "rows": list(finding.rows),
        "day": finding.day,
        "sentence": {"zh": finding.sentence.zh, "en": finding.sentence.en},
        "situation": encode_situation(finding.situation),
        "other": None if finding.other is None else encode_situation(finding.other),
    }


def difference_as_json(difference: Difference) -> dict[str, Any]:
    """Return a difference as one document."""
    example = difference.example
    return {
        "region": difference.region,
        "site": difference.site,
        "day": difference.day,
        "sentence": {"zh": difference.sentence.zh, "en": difference.sentence.en},
        "situation": encode_situation(example) if isinstance(example, Situation) else None,
        "before": None if difference.before is None else difference.before.row,
        "after": None if difference.after is None else difference.after.row,
    }


def say(sentence: Sentence, lang: Language) -> str:
    """Return a sentence in one language."""
    return sentence.zh if lang is Language.ZH else sentence.en
