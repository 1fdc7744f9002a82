"""The risk of every division under one list: on the hot path one lookup in a dict.

How a list becomes risks is ``tongxing.risk.rating``. Without a list every origin is unknown.
Spec: domain sheet, *Origin*; docs/adr/0007.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Self

from tongxing.core.reports import Origin, OriginRisk, Precision
from tongxing.risk.divisions import CITY_DIGITS, COUNTY_DIGITS, PROVINCE_DIGITS
from tongxing.risk.official_list import refused
from tongxing.risk.placing import PlacedList
from tongxing.risk.rating import rate_divisions
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical

RISK_SECTION_MAX_BYTES: Final = 1024 * 1024
NUMBERS_MAX: Final = 20_000
_DIGITS: Final = {
    Precision.EXACT: COUNTY_DIGITS,
    Precision.CITY: CITY_DIGITS,
    Precision.PROVINCE: PROVINCE_DIGITS,
}
_HAS_DIGITS: Final = re.compile(r"[1-9]\d(\d\d){0,2}", re.ASCII)
_SECTION_LISTS: Final = (OriginRisk.LOW, OriginRisk.MEDIUM, OriginRisk.HIGH, OriginRisk.MIXED)


class RiskMap:
    """The risk of each known division. Immutable; safe to share between threads."""

    __slots__ = ("_risks", "as_of")

    def __init__(self, as_of: datetime | None, risks: Mapping[str, OriginRisk]) -> None:
        self.as_of = as_of
        self._risks = dict(risks)

    @classmethod
    def empty(cls) -> Self:
        """Return the map without any list: every origin is unknown."""
        return cls(None, {})

    @classmethod
    def of(cls, placed: PlacedList) -> Self:
        """Return the map of a placed list over all numbers of the gazetteer that it was placed by."""
        return cls(placed.as_of, rate_divisions(placed))

    def risk_of(self, origin: Origin) -> OriginRisk:
        """Return the risk of an origin, by its division as far as its precision reaches."""
        digits = _DIGITS.get(origin.precision)
        if origin.division is None or digits is None:
            return OriginRisk.UNKNOWN
        return self.risk_of_division(origin.division[:digits])

    def risk_of_division(self, number: str) -> OriginRisk:
        """Return the risk of a number of 2, 4 or 6 digits; ``441900`` and ``4419`` are the same city."""
        risk = self._risks.get(number)
        if risk is None:
            risk = self._risks.get(_without_zeros(number), OriginRisk.UNKNOWN)
        return risk

    def known(self) -> Mapping[str, OriginRisk]:
        """Return the risk of every number that has one."""
        return dict(self._risks)

    def numbers_at(self, risk: OriginRisk) -> tuple[str, ...]:
        """Return every number with this risk, in order."""
        return tuple(sorted(number for number, known in self._risks.items() if known is risk))


def _without_zeros(number: str) -> str:
    if len(number) == COUNTY_DIGITS and number.endswith("0000"):
        return number[:PROVINCE_DIGITS]
    return number.removesuffix("00")


def encode_risk_section(risk_map: RiskMap) -> bytes:
    """Return the bundle's section ``risk``: canonical CBOR of the hour and the numbers at each risk.

    Numbers are written as whole numbers (no division's number begins with a zero); what is in none of
    the four lists is unknown.
    """
    return encode_canonical(
        {
            "as_of_seconds": None if risk_map.as_of is None else int(risk_map.as_of.timestamp()),
            **{risk.value: [int(number) for number in risk_map.numbers_at(risk)] for risk in _SECTION_LISTS},
        }
    )


def parse_risk_section(data: bytes) -> RiskMap:
    """Return the map in a bundle's section of at most ``RISK_SECTION_MAX_BYTES``.

    Raises ``Refused(RISK_LIST_REFUSED)``: not canonical CBOR, another shape, a number that no division
    can have, the same number twice, or numbers without an hour.
    """
    try:
        content = parse_canonical(data, RISK_SECTION_MAX_BYTES)
    except WireError as error:
        raise refused(f"risk section: {error}") from error
    if not isinstance(content, dict) or content.keys() != {"as_of_seconds", *(risk.value for risk in _SECTION_LISTS)}:
        raise refused("risk section: not the hour and the four lists")
    risks: dict[str, OriginRisk] = {}
    for risk in _SECTION_LISTS:
        for number in _read_numbers(content[risk.value]):
            if number in risks:
                raise refused(f"risk section: {number} stands twice")
            risks[number] = risk
    return RiskMap(_read_as_of(content["as_of_seconds"], has_numbers=bool(risks)), risks)


def _read_numbers(value: object) -> list[str]:
    if not isinstance(value, list) or len(value) > NUMBERS_MAX:
        raise refused("risk section: not a list of numbers, or too long")
    for number in value:
        if type(number) is not int or not _HAS_DIGITS.fullmatch(str(number)):
            raise refused("risk section: a number that no division can have")
    return [str(number) for number in value]


def _read_as_of(value: object, *, has_numbers: bool) -> datetime | None:
    if value is None and not has_numbers:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 1 << 32:
        raise refused("risk section: no possible hour")
    return datetime.fromtimestamp(value, UTC)
