"""Sources that answer live: all are asked at once, none is waited for beyond one deadline, each has its circuit.

What one answers is taken only as far as its dataset goes. A source that fails takes nothing away from the others,
nor from what was handed in of its dataset before.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tongxing.core.datasets import DATASETS, Dataset
from tongxing.core.errors import Undecidable
from tongxing.core.evidence import Evidence
from tongxing.core.limits import CLOCK_SKEW
from tongxing.core.one_stop import Absence
from tongxing.core.reasons import ReasonId
from tongxing.core.subjects import SubjectKeys
from tongxing.services.circuits import Circuit
from tongxing.services.ports import Clock


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """What a source holds of a person, complete until ``as_of``."""

    evidence: tuple[Evidence, ...]
    as_of: datetime


class LiveSource(Protocol):
    """The owner's own system of one dataset, asked by subject key."""

    async def ask(self, keys: SubjectKeys, *, timeout_seconds: float) -> LiveAnswer:
        """Return what it holds of the person.

        Raises ``Undecidable``: ``SOURCE_AWAY``, ``SOURCE_SLOW``, ``SOURCE_UNREADABLE``.
        """
        ...


_ABSENCES: Mapping[ReasonId, Absence] = {
    ReasonId.SOURCE_AWAY: Absence.AWAY,
    ReasonId.SOURCE_SLOW: Absence.SLOW,
    ReasonId.SOURCE_UNREADABLE: Absence.UNREADABLE,
}


@dataclass(slots=True)
class LiveSources:
    """All sources that answer live, by dataset."""

    sources: Mapping[Dataset, LiveSource]
    clock: Clock
    circuits: dict[Dataset, Circuit] = field(init=False)

    def __post_init__(self) -> None:
        self.circuits = {dataset: Circuit() for dataset in self.sources}

    async def ask_all(self, keys: SubjectKeys, *, within_seconds: float) -> Mapping[Dataset, LiveAnswer | Absence]:
        """Ask every source whose circuit lets it; return of each what it answered or why it did not."""
        datasets = tuple(self.sources)
        told = await asyncio.gather(*(self._ask(dataset, keys, within_seconds) for dataset in datasets))
        return dict(zip(datasets, told, strict=True))

    async def _ask(self, dataset: Dataset, keys: SubjectKeys, within_seconds: float) -> LiveAnswer | Absence:
        circuit = self.circuits[dataset]
        if not circuit.may_ask(self.clock.now()):
            return Absence.PAUSED
        try:
            async with asyncio.timeout(within_seconds):
                answer = await self.sources[dataset].ask(keys, timeout_seconds=within_seconds)
            _check_answer(dataset, answer, self.clock.now())
        except TimeoutError:
            absence = Absence.SLOW
        except Undecidable as failed:
            absence = _ABSENCES.get(failed.reason, Absence.AWAY)
        else:
            circuit.succeeded()
            return answer
        circuit.failed(self.clock.now())
        return absence


def _check_answer(dataset: Dataset, answer: LiveAnswer, at: datetime) -> None:
    if any(piece.kind not in DATASETS[dataset].kinds for piece in answer.evidence):
        raise Undecidable(ReasonId.SOURCE_UNREADABLE, f"{dataset}: a piece of another dataset")
    if answer.as_of > at + CLOCK_SKEW:
        raise Undecidable(ReasonId.SOURCE_UNREADABLE, f"{dataset}: as of a moment to come")
