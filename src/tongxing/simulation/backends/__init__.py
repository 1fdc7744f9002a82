"""Simulated back ends: regions' existing systems, not ours, as real HTTP applications, one module per dialect.

They are as naive as the facts tell and no more: no access control, records in memory, one process.
Each also has a switchboard, which no real system has: ``POST /_switch`` (a person's state, or a fault) and
``POST /_show`` (what a person's phone displays now).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from starlette.types import ASGIApp

from tongxing.app.packaged import PROFILES, load_files
from tongxing.core.words import RegionId
from tongxing.regions.profile import parse_profile
from tongxing.services.ports import Clock
from tongxing.simulation.backends.dialects import (
    DIALECT_OF_FAMILY,
    FAMILY_CREDENTIALS,
    build_back_end_of,
)
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.backends.faults import Faults
from tongxing.simulation.backends.recognising import Recognising
from tongxing.simulation.people import People

__all__ = [
    "DIALECT_OF_FAMILY",
    "FAMILY_CREDENTIALS",
    "SANDBOX_CREDENTIALS",
    "FaultKind",
    "Faults",
    "build_back_end",
    "build_back_end_of",
]

SANDBOX_CREDENTIALS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {"34": FAMILY_CREDENTIALS["signed_numeric"]}
)
"""By region of the demo: the secrets that a gateway needs to be answered here. Everybody knows them."""


def build_back_end(
    region: RegionId, people: People, clock: Clock, faults: Faults, recognising: Recognising | None = None
) -> ASGIApp:
    """Build the back end of ``region`` by its packaged profile; see ``build_back_end_of``.

    Raises LookupError for a region without a profile.
    """
    packaged = load_files(PROFILES).get(f"{region}.toml")
    if packaged is None:
        raise LookupError(f"no profile is packaged for region {region}")
    return build_back_end_of(parse_profile(packaged), people, clock, faults, recognising)
