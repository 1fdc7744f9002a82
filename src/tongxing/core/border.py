"""The border that personal data do not cross: Hong Kong and Macao, and between them (facts, G 10).

Back ends, gateways and the hub exchange nothing of any person over it. The traveller carries a signed statement; of
it only a digest is published. Assumed for both ways and both places, as told of Hong Kong alone: only what was found
low on the same day may be converted.
"""

from typing import Final

from tongxing.core.words import RegionId

REGIONS_ACROSS: Final = frozenset({RegionId("81"), RegionId("82")})
"""Each is across from everybody else, the other one and the hub included."""


def is_across(region: RegionId) -> bool:
    """True if a region, or the region of a city, lies across the border from the hub."""
    return region[:2] in REGIONS_ACROSS


def is_border_between(one: RegionId, other: RegionId) -> bool:
    """True if no personal data may go from one region to another; the federation stands with the mainland."""
    return one[:2] != other[:2] and (is_across(one) or is_across(other))
