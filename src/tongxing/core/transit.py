"""Goods in transit: a vehicle's plate, the route of a pass, what a guard compares (docs/specs/transit-pass.md).

A plate is a closed grammar, so that what is shown to a guard can hold no other words. Its first character
says where a vehicle is registered; nothing here or above decides on that (facts, 2022-04).
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NewType

import msgspec

from tongxing.core.limits import TRANSIT_ROUTE_MAX
from tongxing.core.words import RegionId

Plate = NewType("Plate", str)
"""A licence plate of the mainland in one spelling: capitals, no separators, seven or eight characters."""

Route = tuple[str, ...]
"""Divisions of GB/T 2260 by 2, 4 or 6 digits in the order of the journey, none twice, 1 to ``TRANSIT_ROUTE_MAX``."""

# Province, office (no I, no O), five or six more; the last may be the 挂 of a trailer. GA 36-2018.
_PLATE: Final = re.compile(
    "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂]"
)
_SEPARATORS: Final = str.maketrans("", "", " ·•.-")
_PLATE_TYPED_MAX: Final = 16
_DIVISION: Final = re.compile("(?:[0-9]{2}){1,3}")


class Transit(msgspec.Struct, frozen=True, gc=False):
    """What a transit pass says of the vehicle and its way, as a guard compares it. Aware UTC."""

    plate: Plate
    route: Route
    valid_from: datetime
    valid_until: datetime


def parse_plate(text: str) -> Plate:
    """Read a plate in its one spelling; raises ``ValueError`` for anything else."""
    if _PLATE.fullmatch(text) is None:
        raise ValueError("not a licence plate")
    return Plate(text)


def normalise_plate(text: str) -> Plate:
    """Read a plate as people type it: small letters, a space or a dot after the office. Raises ``ValueError``."""
    if len(text) > _PLATE_TYPED_MAX:
        raise ValueError("not a licence plate")
    return parse_plate(text.translate(_SEPARATORS).upper())


def parse_route(divisions: Sequence[str]) -> Route:
    """Read a route; raises ``ValueError`` for none or too many divisions, one twice, or one that is no number."""
    if not 0 < len(divisions) <= TRANSIT_ROUTE_MAX:
        raise ValueError(f"a route has 1 to {TRANSIT_ROUTE_MAX} divisions")
    if len(set(divisions)) != len(divisions):
        raise ValueError("a route names a division twice")
    if any(_DIVISION.fullmatch(division) is None for division in divisions):
        raise ValueError("a division of a route has 2, 4 or 6 digits")
    return tuple(divisions)


def is_on_route(region: RegionId, route: Route) -> bool:
    """True if a region lies on a route: one of its divisions is the region, lies in it, or holds it."""
    return any(division.startswith(region) or region.startswith(division) for division in route)
