"""One row of the closed table of reasons (``core.reasons``)."""

from dataclasses import dataclass

from tongxing.core.next_steps import NextStep
from tongxing.core.reason_ids import Stage
from tongxing.core.words import Sentence


@dataclass(frozen=True, slots=True)
class Reason:
    """One row of the closed table."""

    stage: Stage
    guard: Sentence
    citizen: Sentence
    next_step: NextStep
    alarm: bool = False


def reason_row(
    stage: Stage,
    guard: tuple[str, str],
    citizen: tuple[str, str],
    next_step: NextStep,
    *,
    alarm: bool = False,
) -> Reason:
    """Return a row from its stage, the guard's and the citizen's sentence (zh, en), and what to do next."""
    return Reason(stage, Sentence(*guard), Sentence(*citizen), next_step, alarm)
