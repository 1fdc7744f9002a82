"""The laws about two people: in what they differ, and when the second one's answer breaks the law.

A literal table, read by the proof and by the test that compares it with plain enumeration. All that a law
does not name is equal for the two: the day, the kind of place, every other input. Pairs of answers with a
``REFER`` are compared only where a law says so.
Spec: domain sheet, *What must be monotone* and *Outcomes*; *The national floor and ceiling* for the last one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from tongxing.core.checkpoints import Fever
from tongxing.core.groups import Credential
from tongxing.core.levels import Level
from tongxing.core.proofs import FAVOURABLE, ProofKind
from tongxing.core.reports import OriginRisk, Precision
from tongxing.core.verdicts import Measure, Outcome
from tongxing.rules.comparing import Answer, asks_at_most, is_better, is_treated_worse, keeps
from tongxing.rules.findings import FindingKind
from tongxing.rules.inputs import EVIDENCE_INPUTS, INPUT, Value

Relation = frozenset[tuple[Value, Value]]
"""In which values of an input two people may differ: pairs of the first one's and the second one's."""

NONE_TOLD: Final[Relation] = frozenset()
"""Of an input of many values: some are told of the first person, and none of the second."""


@dataclass(frozen=True, slots=True)
class PairLaw:
    """``breaks(first, second)`` must be true of no two people who differ as ``differing`` says, by input name."""

    kind: FindingKind
    differing: Mapping[str, Relation]
    breaks: Callable[[Answer, Answer], bool]


def _second_is_better(first: Answer, second: Answer) -> bool:
    return is_better(second, first)


def _second_is_worse(first: Answer, second: Answer) -> bool:
    return is_better(first, second)


def _second_is_neither_kept_nor_referred(first: Answer, second: Answer) -> bool:
    return not keeps(first, second)


def _second_asks_more(first: Answer, second: Answer) -> bool:
    return not asks_at_most(second, first)


def _second_asks_less(first: Answer, second: Answer) -> bool:
    return not asks_at_most(first, second)


def _second_asks_less_than_to_be_measured(first: Answer, second: Answer) -> bool:
    """As ``_second_asks_less``; but whoever was measured need not be asked to be."""
    return _second_asks_less(replace(first, measures=first.measures - {Measure.TAKE_TEMPERATURE}), second)


def _second_alone_is_stopped(first: Answer, second: Answer) -> bool:
    return second.outcome is Outcome.STOP and first.outcome is not Outcome.STOP


_OTHER_CREDENTIALS: Final[Relation] = frozenset(
    (Credential.CODE, other) for other in Credential if other is not Credential.CODE
)


def _levels() -> Iterator[PairLaw]:
    """(a) A higher level never gives a better outcome, nor the same one with less asked."""
    higher: Relation = frozenset((low, high) for low in Level for high in Level if low.rank < high.rank)
    yield PairLaw(FindingKind.LEVEL_NOT_MONOTONE, {"level": higher}, _second_is_better)


def _evidence() -> Iterator[PairLaw]:
    """(b) Better evidence of one kind never hurts, (d) nor does better evidence of several kinds at once.

    One law for both: a pair with a ``REFER`` is not compared, so that steps of one kind do not add up.
    """
    better = {kind.value: _no_worse(kind) for kind in ProofKind}
    yield PairLaw(FindingKind.EVIDENCE_NOT_MONOTONE, better, _second_is_worse)


def _no_worse(kind: ProofKind) -> Relation:
    same: Relation = frozenset((value, value) for value in INPUT[kind.value].values)
    return same | frozenset(combinations(FAVOURABLE[kind], 2))


def _fever() -> Iterator[PairLaw]:
    """(b) A normal reading asks no more than none; a fever asks no less than either, and alone it stops nobody.

    To have no reading is no unknown: whether to measure is the checkpoint's choice.
    """
    kind = FindingKind.FEVER_NOT_MONOTONE
    yield PairLaw(kind, {"fever": frozenset({(Fever.NOT_MEASURED, Fever.NORMAL)})}, _second_asks_more)
    yield PairLaw(
        kind, {"fever": frozenset({(Fever.NOT_MEASURED, Fever.FEVER)})}, _second_asks_less_than_to_be_measured
    )
    yield PairLaw(kind, {"fever": frozenset({(Fever.NORMAL, Fever.FEVER)})}, _second_asks_less)


def _unknown() -> Iterator[PairLaw]:
    """(c) Unknown in the place of anything known keeps the outcome, with nothing less asked, or refers."""
    origin: Mapping[str, Relation] = {
        "origin_risk": _into("origin_risk", OriginRisk.UNKNOWN),
        "origin_precision": _into("origin_precision", Precision.NONE),
    }
    less_known: list[Mapping[str, Relation]] = [
        origin,
        {"colour_only": frozenset({(False, True)}), "cause": NONE_TOLD},
        {"colour_only": frozenset({(False, True)})},
        {"cause": NONE_TOLD},
        {"others_consulted": frozenset({(True, False)})},
    ]
    less_known += [{name: _into(name, INPUT[name].unknown)} for name in EVIDENCE_INPUTS]
    for differing in less_known:
        yield PairLaw(FindingKind.UNKNOWN_NOT_MONOTONE, differing, _second_is_neither_kept_nor_referred)


def _into(name: str, unknown: Value) -> Relation:
    return frozenset((known, unknown) for known in INPUT[name].values if known != unknown)


def _credentials() -> Iterator[PairLaw]:
    """Nobody is stopped for the lack of a credential: whom another one stops, the code stops too."""
    yield PairLaw(FindingKind.STOP_FOR_CREDENTIAL, {"credential": _OTHER_CREDENTIALS}, _second_alone_is_stopped)


PAIR_LAWS: Final[tuple[PairLaw, ...]] = (*_levels(), *_evidence(), *_fever(), *_unknown(), *_credentials())
"""The laws that hold on every day and everywhere."""

CODE_ONLY: Final = PairLaw(FindingKind.ABOVE_CEILING, {"credential": _OTHER_CREDENTIALS}, is_treated_worse)
"""Where the code must not be the only credential: no other one is treated worse than it."""
