"""A back end of a region without a code of its own: records for its gateway, and nothing to scan.

The region's people show the national code (design, way 3); what it knows of them reaches its gateway as
docking rows, which whoever runs the sandbox sends in its name.
"""

from collections.abc import Sequence
from typing import NoReturn

from starlette.routing import BaseRoute

from tongxing.regions.profile import Profile
from tongxing.simulation.backends.dialect import Premises
from tongxing.simulation.people import Person


class NoCodeBackEnd:
    """A back end that can be asked nothing."""

    def __init__(self, premises: Premises, profile: Profile) -> None:  # noqa: ARG002 - made as every dialect is
        self._region = profile.region

    def routes(self) -> Sequence[BaseRoute]:
        """Return no routes: the region has no interface."""
        return []

    def show(self, person: Person) -> NoReturn:  # noqa: ARG002 - as the protocol has it
        """Raise LookupError: there is nothing to show."""
        raise LookupError(f"region {self._region} has no code of its own")

    def show_old(self, person: Person) -> NoReturn:
        """Raise LookupError: there is nothing to show."""
        self.show(person)
