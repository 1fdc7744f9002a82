"""What the switchboard needs of a dialect, of what one is made, and how all of them write a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from starlette.routing import BaseRoute

from tongxing.core.calendar import BEIJING
from tongxing.services.ports import Clock
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.backends.faults import Faults
from tongxing.simulation.backends.recognising import Recognising
from tongxing.simulation.backends.records import Records
from tongxing.simulation.people import Person


@dataclass(frozen=True, slots=True)
class Premises:
    """What a back end works with. ``recognising`` asks its own gateway of people whom it does not know."""

    records: Records
    faults: Faults
    clock: Clock
    recognising: Recognising


class Dialect(Protocol):
    """One kind of back end."""

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes of the region's own interface."""

    def show(self, person: Person) -> str:
        """Return the QR text that the person's phone displays now. Raises LookupError if the region has no code."""

    def show_old(self, person: Person) -> str | None:
        """Return a QR text of the person's that has run out or was replaced; None where texts never do."""


def name_told(person: Person, fault: FaultKind | None) -> str:
    """Return a person's name as codes show it."""
    return person.name if fault is FaultKind.NAME_IN_CLEAR else person.masked_name


def local_time(moment: datetime | None) -> str:
    """Return a moment as these systems write it: Beijing time to the second, empty if there is none."""
    return "" if moment is None else moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
