"""Simulated back ends: regions' existing systems, not ours, as real HTTP applications, one module per dialect.

They are as naive as the facts tell and no more: no access control, records in memory, one process.
Each also has a switchboard, which no real system has: ``POST /_switch`` (a person's state, or a fault) and
``POST /_show`` (what a person's phone displays now).
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from starlette.applications import Starlette
from starlette.types import ASGIApp

from tongxing.core.words import RegionId
from tongxing.regions.families.signed_numeric import SIGNING_SECRET
from tongxing.services.ports import Clock
from tongxing.simulation.backends.colour_query import ColourQueryBackEnd
from tongxing.simulation.backends.dialect import Dialect, Premises
from tongxing.simulation.backends.faults import FaultKind, Faults, FaultyApp
from tongxing.simulation.backends.make_validate import MakeValidateBackEnd
from tongxing.simulation.backends.no_code import NoCodeBackEnd
from tongxing.simulation.backends.recognising import Recognising, Unasked
from tongxing.simulation.backends.records import Records
from tongxing.simulation.backends.signed_numeric import INSECURE_TEST_SECRET, SignedNumericBackEnd
from tongxing.simulation.backends.switchboard import switchboard_routes
from tongxing.simulation.backends.words import WordsBackEnd
from tongxing.simulation.people import People

__all__ = ["DIALECTS", "SANDBOX_CREDENTIALS", "FaultKind", "Faults", "build_back_end"]

DIALECTS: Final[Mapping[str, Callable[[Premises], Dialect]]] = MappingProxyType(
    {
        "11": WordsBackEnd,
        "34": SignedNumericBackEnd,
        "42": MakeValidateBackEnd,
        "44": partial(ColourQueryBackEnd, prefix="GDYKM:", city="440000"),
        "4401": partial(ColourQueryBackEnd, prefix="GZSKM:", city="440100"),
        "45": partial(ColourQueryBackEnd, prefix="GXJKM:", city="450000"),
        "54": NoCodeBackEnd,
    }
)
"""Which dialect the back end of a region speaks."""

SANDBOX_CREDENTIALS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {"34": MappingProxyType({SIGNING_SECRET: INSECURE_TEST_SECRET})}
)
"""By region: the secrets that a gateway needs to be answered here. Everybody knows them."""


def build_back_end(
    region: RegionId, people: People, clock: Clock, faults: Faults, recognising: Recognising | None = None
) -> ASGIApp:
    """Build the back end of ``region`` for ``people``; without ``recognising`` it knows nobody else.

    Raises LookupError for a region without a dialect.
    """
    if region not in DIALECTS:
        raise LookupError(f"no simulated back end speaks for region {region}")
    records = Records(people)
    dialect = DIALECTS[region](Premises(records, faults, clock, recognising or Unasked()))
    switchboard = switchboard_routes(records, dialect, faults, clock)
    return FaultyApp(Starlette(routes=[*dialect.routes(), *switchboard]), faults)
