"""Placing each entry of the official list on the finest numbered division that covers it.

Nothing is dropped and nothing is raised: an entry that names a street is kept under its county as a
named zone, one whose county cannot be found is kept under its city, and so on, each with how exactly
it was placed. The names are read in the shapes that the lists really have (facts, section I):

- province / city / county, the ordinary one, and province / "省直辖县级行政单位" / county;
- municipality / municipality / district (Tianjin, Shanghai, Chongqing);
- Beijing / district / street: the district is in ``city``;
- county / county for one that its province runs directly (Xinji, Xiong'an's three);
- city / town for cities without counties (Dongguan, Zhongshan), city / 市辖区 likewise (Danzhou);
- the Corps three times, with its division or city only inside of the community's name;
- two names for one unit, as in 经开区（汉南区）;
- a name shortened, or with its city's before it: 湖北 / 襄阳 / 襄阳市樊城区.

A unit that is a development zone has no number. Where the entry's community begins with a street or town that
the city has in one county only, the entry is placed on that county.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from tongxing.core.calendar import beijing_day
from tongxing.risk.divisions import CORPS, CORPS_CITIES, Gazetteer
from tongxing.risk.official_list import ListEntry, OfficialList

TOLD_EVERY: Final = 500
"""How many entries are placed between two words to whoever watches."""


class Placement(StrEnum):
    """How exactly an entry was placed: what was found by number of the unit that its row names.

    The unit is what the row names at county level: province, city and county, not the community.

    - ``EXACT``: the unit was found by its own number (a county; a city where it has no counties, or
      where the row names the city as a whole), or, where it is a zone, the county was found in which the
      entry's street or town lies. A street, town or community inside of it has no number in GB/T 2260:
      it is the entry's ``zone``.
    - ``ZONE``: the unit is known by its kind and has no number (development zone, high-tech zone, new
      area, a Corps division): kept by name under the finest numbered division that holds it.
    - ``PREFECTURE``: the city was found, the unit in it not: a name that the gazetteer does not have.
    - ``NONE``: not even that; ``division`` is the province, or None where that is unknown too.
    """

    EXACT = "exact"
    ZONE = "zone"
    PREFECTURE = "prefecture"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PlacedEntry:
    """An entry with its place: the number of the finest division that covers it, and how exact that is.

    ``zone`` names the part of the division that the entry is about; None means the whole division.
    ``is_rest`` marks "all but the above": what is left of a unit beside its areas of higher level.
    """

    entry: ListEntry
    placement: Placement
    division: str | None
    zone: str | None
    is_rest: bool = False


@dataclass(frozen=True, slots=True)
class PlacedList:
    """A whole list, every entry placed, in the list's order, and the gazetteer that it was placed by."""

    as_of: datetime
    entries: tuple[PlacedEntry, ...]
    gazetteer: Gazetteer


_DISTRICTS_OF_CITY: Final = "市辖区"
_KINDS_OF_PROVINCE: Final = ("", "省", "市", "自治区", "壮族自治区", "回族自治区", "维吾尔自治区", "特别行政区")
_KINDS_OF_CITY: Final = ("", "市", "地区", "盟")
"""What other lists leave away at the end of a name. A county's is never guessed: 南昌 is two of them."""

_TWO_NAMES = re.compile(r"(?P<outer>[^（(]+)[（(](?P<inner>[^）)]+)[）)]")
_ZONE_KIND = re.compile(
    r".*(开发区|高新区|经开区|新区|示范区|园区|度假区|风景区|管理区|生态区|合作区|保税区|试验区"
    r"|空港区|航空港区|港务区|旅游区|航天基地|起步区|(?<=[（(])虚拟[）)])"
)
_ZONES_BY_NAME: Final = frozenset({"净月区", "大亚湾区", "南部山区"})
"""Zones whose names look like a district's: of Changchun, Huizhou and Jinan."""

_REST = re.compile(r"风险[^，。；]{0,8}外|除去高风险|(^|[^，])其[他它](所有)?(区域|地区)$")


def tell_nobody(_placed: int, _total: int) -> None:
    """Nobody watches."""


def place_list(
    official: OfficialList, gazetteer: Gazetteer, tell: Callable[[int, int], None] = tell_nobody
) -> PlacedList:
    """Place every entry of a list; the same number of entries comes out, in the same order.

    ``tell`` hears now and then how many of how many are placed.
    """
    year = beijing_day(official.as_of).year
    entries: list[PlacedEntry] = []
    for start in range(0, len(official.entries), TOLD_EVERY):
        entries.extend(place_entry(entry, gazetteer, year) for entry in official.entries[start : start + TOLD_EVERY])
        tell(len(entries), len(official.entries))
    return PlacedList(official.as_of, tuple(entries), gazetteer)


def place_entry(entry: ListEntry, gazetteer: Gazetteer, year: int) -> PlacedEntry:
    """Place one entry of a list of ``year``. Never raises: what is not found is ``NONE``."""
    province = _find_province(gazetteer, entry.province)
    if province is None:
        return _placed(entry, Placement.NONE, None, entry.province, entry.city, entry.county)
    if province == CORPS:
        return _place_in_corps(entry, gazetteer)
    city = _find_city(gazetteer, province, entry.city, year)
    if city is not None:
        return _place_in_city(entry, gazetteer, city, year)
    if entry.city == entry.province and entry.county == "":
        return _placed(entry, Placement.NONE, province, entry.city)
    county = _find_county(gazetteer, province, entry.county, year)
    if county is not None:
        return _placed(entry, Placement.EXACT, county)
    district = _find_county(gazetteer, province, entry.city, year)
    if district is not None:
        return _placed(entry, Placement.EXACT, district, "" if entry.county == entry.city else entry.county)
    is_zone = _is_zone(entry.county) or _is_zone(entry.city)
    place = Placement.ZONE if is_zone else Placement.NONE
    return _placed(entry, place, province, "" if entry.city == entry.province else entry.city, entry.county)


def _place_in_city(entry: ListEntry, gazetteer: Gazetteer, city: str, year: int) -> PlacedEntry:
    names_city = entry.county in ("", entry.city)
    if gazetteer.is_leaf(city):
        is_itself = names_city or entry.county == _DISTRICTS_OF_CITY
        return _placed(entry, Placement.EXACT, city, "" if is_itself else entry.county)
    if names_city:
        return _placed(entry, Placement.EXACT if entry.community is None else Placement.PREFECTURE, city)
    county = _find_county(gazetteer, city, entry.county, year)
    if county is None:
        county = _find_county(gazetteer, city, entry.county.removeprefix(entry.city), year)
    if county is not None:
        return _placed(entry, Placement.EXACT, county)
    if not _is_zone(entry.county):
        return _placed(entry, Placement.PREFECTURE, city, entry.county)
    by_street = gazetteer.find_county_by_street(city, entry.community or "")
    if by_street is not None:
        return _placed(entry, Placement.EXACT, by_street, entry.county)
    return _placed(entry, Placement.ZONE, city, entry.county)


def _place_in_corps(entry: ListEntry, gazetteer: Gazetteer) -> PlacedEntry:
    """The Corps' rows name its division or city, if at all, at the head of the community's name."""
    text = " ".join((entry.city, entry.county, entry.community or ""))
    for number in gazetteer.counties_of(CORPS_CITIES):
        division = gazetteer.find(number)
        if division is not None and any(name in text for name in division.names):
            return _placed(entry, Placement.EXACT, number)
    named = entry.county not in ("", entry.province) or re.search(r"师|团|兵团", entry.community or "") is not None
    zone = "" if entry.county == entry.province else entry.county
    return _placed(entry, Placement.ZONE if named else Placement.NONE, CORPS, zone)


def _find_province(gazetteer: Gazetteer, name: str) -> str | None:
    found = (gazetteer.find_province(name + kind) for kind in _KINDS_OF_PROVINCE)
    return next((number for number in found if number is not None), None)


def _find_city(gazetteer: Gazetteer, province: str, name: str, year: int) -> str | None:
    found = (gazetteer.find_city(province, name + kind, year) for kind in _KINDS_OF_CITY if name)
    return next((number for number in found if number is not None), None)


def _find_county(gazetteer: Gazetteer, above: str, name: str, year: int) -> str | None:
    found = gazetteer.find_county(above, name, year)
    two = _TWO_NAMES.fullmatch(name)
    if found is not None or two is None:
        return found
    return gazetteer.find_county(above, two["inner"], year) or gazetteer.find_county(above, two["outer"], year)


def _is_zone(name: str) -> bool:
    return name in _ZONES_BY_NAME or _ZONE_KIND.match(name) is not None


def _placed(entry: ListEntry, placement: Placement, division: str | None, *unit: str) -> PlacedEntry:
    zone = " ".join(name for name in (*unit, entry.community or "") if name)
    is_rest = entry.community is not None and _REST.search(entry.community) is not None
    return PlacedEntry(entry, placement, division, zone or None, is_rest)
