"""Records: what a back end says of each person now; the switchboard can change it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tongxing.core.words import RegionId
from tongxing.simulation.people import CIRCUMSTANCES, Circumstance, People, Person, State


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

    def record_of(self, person: Person, now: datetime) -> Record:
        """Return the record of a person as it is ``now``."""
        switched = self._switched.get(person.index)
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

    def state_for(self, circumstance: Circumstance) -> State:
        """Return the region's state for a circumstance. Raises LookupError if it has none."""
        return CIRCUMSTANCES[self.people.region][circumstance]
