"""Simulated back ends: regions' existing systems, not ours, as real HTTP applications, one module per dialect.

They are as naive as the facts tell and no more: no access control, records in memory, one process.
Each also has a switchboard, which no real system has: ``POST /_switch`` (a person's state, or a fault) and
``POST /_show`` (what a person's phone displays now).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from starlette.applications import Starlette
from starlette.types import ASGIApp

from tongxing.core.words import RegionId
from tongxing.services.ports import Clock
from tongxing.simulation.backends.colour_query import ColourQueryBackEnd
from tongxing.simulation.backends.dialect import Dialect
from tongxing.simulation.backends.faults import FaultKind, Faults, FaultyApp
from tongxing.simulation.backends.make_validate import MakeValidateBackEnd
from tongxing.simulation.backends.records import Records
from tongxing.simulation.backends.switchboard import switchboard_routes
from tongxing.simulation.people import People

__all__ = ["DIALECTS", "FaultKind", "Faults", "build_back_end"]

DIALECTS: Final[Mapping[str, Callable[[Records, Faults, Clock], Dialect]]] = MappingProxyType(
    {"42": MakeValidateBackEnd, "45": ColourQueryBackEnd}
)
"""Which dialect the back end of a region speaks."""


def build_back_end(region: RegionId, people: People, clock: Clock, faults: Faults) -> ASGIApp:
    """Build the back end of ``region`` for ``people``. Raises LookupError for a region without a dialect."""
    if region not in DIALECTS:
        raise LookupError(f"no simulated back end speaks for region {region}")
    records = Records(people)
    dialect = DIALECTS[region](records, faults, clock)
    switchboard = switchboard_routes(records, dialect, faults, clock)
    return FaultyApp(Starlette(routes=[*dialect.routes(), *switchboard]), faults)
