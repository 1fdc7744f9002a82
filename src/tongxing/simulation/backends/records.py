"""Records: what a back end says of each person now; the switchboard can change it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from tongxing.core.words import RegionId
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.people import People, Person, State

EXPIRED_BY: Final = timedelta(days=30)
"""So long ago somebody registered last whose green has run out, wherever they live."""

_LABELS: Final = {"green": "绿码", "yellow": "黄码", "red": "红码", "grey": "灰码"}


@dataclass(frozen=True, slots=True)
class Record:
    """What the back end holds of one person at a moment, in the region's own words."""

    status: str
    told: tuple[str, ...]
    since: datetime | None
    refreshed_at: datetime
    division: str | None
    relayed_from: RegionId | None


@dataclass(frozen=True, slots=True)
class _Switched:
    state: State
    at: datetime


class Records:
    """The records of all people of one region, in memory."""

    def __init__(self, people: People) -> None:
        self.people = people
        self._switched: dict[int, _Switched] = {}

    def record_of(self, person: Person, now: datetime, fault: FaultKind | None = None) -> Record:
        """Return the record of a person as it is ``now``, or as a back end tells it that has ``fault``.

        Acted out here is what spoils a record and not the answer: what was switched arrives late, red is told
        for yellow, and yellow for a green that has run out; everybody is green, statuses are told by how they are
        called, or reasons are left out. A default of green is the dialect's own to act out.
        """
        record = self._record_of(person, now, None if fault is FaultKind.LATE else self._switched.get(person.index))
        if fault is FaultKind.RED_FOR_YELLOW and record.status in self._values("yellow"):
            return replace(record, status=self._value("red", record.status))
        if fault is FaultKind.YELLOW_FOR_EXPIRED and record.status in self._values("green"):
            status = self._value("yellow", record.status)
            return replace(record, status=status, told=(), refreshed_at=record.refreshed_at - EXPIRED_BY)
        if fault is FaultKind.ALL_GREEN:
            return replace(record, status=self.green, told=())
        if fault is FaultKind.LABELS:
            return replace(record, status=self._label(record.status))
        return replace(record, told=()) if fault is FaultKind.NO_REASONS else record

    @property
    def green(self) -> str:
        """The status of people with whom nothing is wrong: what a back end tells of everybody that fails open."""
        return self._value("green", "")

    def _values(self, colour: str) -> Sequence[str]:
        """Return the region's values for a colour, by the names of the circumstances."""
        states = self.people.circumstances
        return [state.status for circumstance, state in states.items() if circumstance.startswith(f"{colour}_")]

    def _value(self, colour: str, otherwise: str) -> str:
        return next(iter(self._values(colour)), otherwise)

    def _label(self, status: str) -> str:
        """Return how people call a status, which no program expects."""
        return next((label for colour, label in _LABELS.items() if status in self._values(colour)), "无码")

    def _record_of(self, person: Person, now: datetime, switched: _Switched | None) -> Record:
        if switched is None:
            state, since, refreshed_at = person.state, person.since, person.refreshed_at(now)
        else:
            state, since, refreshed_at = switched.state, switched.at, switched.at
            if state.lapsed_days is not None:
                refreshed_at = switched.at - timedelta(days=state.lapsed_days)
        return Record(state.status, state.told, since, refreshed_at, person.stay, state.relayed_from)

    def other_than(self, person: Person) -> Person:
        """Return the next person, by index, whose masked document number is another: as a mix-up would."""
        count = len(self.people)
        return next(
            other
            for step in range(1, count)
            if (other := self.people[(person.index + step) % count]).masked_document != person.masked_document
        )

    def switch(self, person: Person, state: State, now: datetime) -> None:
        """Let the back end say ``state`` of a person from ``now`` on."""
        self._switched[person.index] = _Switched(state, now)

    def state_for(self, circumstance: str) -> State:
        """Return the region's state for a circumstance. Raises LookupError naming those that it has."""
        state = self.people.circumstances.get(circumstance)
        if state is None:
            known = ", ".join(self.people.circumstances)
            raise LookupError(f"region {self.people.region} has no {circumstance}; it has {known}")
        return state
