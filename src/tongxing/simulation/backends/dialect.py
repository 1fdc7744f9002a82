"""What the switchboard needs of a dialect, and how all of them write a moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from starlette.routing import BaseRoute

from tongxing.core.calendar import BEIJING
from tongxing.simulation.people import Person


class Dialect(Protocol):
    """One kind of back end."""

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes of the region's own interface."""

    def show(self, person: Person) -> str:
        """Return the QR text that the person's phone displays now."""


def local_time(moment: datetime | None) -> str:
    """Return a moment as these systems write it: Beijing time to the second, empty if there is none."""
    return "" if moment is None else moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
