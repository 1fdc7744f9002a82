"""Which county a street or town lies in, for entries whose unit is a zone without a number.

A street lies in one county, also where a development zone runs it. The table has the names that a city has in
one county only; a street that the statistical list numbers under a zone is not in it. So what is found is
found surely, and what is not found stays with its city. Where the table comes from: docs/adr/0007.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from tongxing.core.errors import Fault

_COLUMNS: Final = ["county", "streets"]
_COUNTY_DIGITS: Final = 6
_CITY_DIGITS: Final = 4
_HEAD_CHARACTERS: Final = 24
"""A street stands at the head of a community's name (沣东新城建章路街道祥云物流中心); further on it may be a road."""


class Streets:
    """The streets and towns of each city. Immutable after it is made."""

    __slots__ = ("_of_city",)

    def __init__(self, of_city: Mapping[str, Mapping[str, str]]) -> None:
        self._of_city = of_city

    def find_county(self, city: str, text: str) -> str | None:
        """Return the county of the street or town that a community's name begins with, or None.

        Of several names in the text the first counts, of those that begin together the longest.
        """
        head = text[:_HEAD_CHARACTERS]
        streets = self._of_city.get(city, {})
        found = [(head.find(name), -len(name), name) for name in streets if name in head]
        return streets[min(found)[2]] if found else None


NO_STREETS: Final = Streets({})


def parse_streets(data: bytes) -> Streets:
    """Read the table shipped as ``tongxing/data/divisions/streets.csv``. Raises ``Fault``: the table is ours."""
    rows = list(csv.reader(data.decode().splitlines()))
    if not rows or rows[0] != _COLUMNS:
        raise Fault("the table of streets has other columns")
    of_city: dict[str, dict[str, str]] = defaultdict(dict)
    for county, names in rows[1:]:
        if not (county.isdecimal() and len(county) == _COUNTY_DIGITS):
            raise Fault(f"the table of streets has an impossible row: {county!r}")
        for name in names.split(" "):
            if name in of_city[county[:_CITY_DIGITS]]:
                raise Fault(f"the table of streets has {name} twice in one city: {county}")
            of_city[county[:_CITY_DIGITS]][name] = county
    return Streets(of_city)
