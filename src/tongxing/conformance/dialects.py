"""What each dialect can tell and checks, so that no service is blamed for what its interface has no place for.

After the facts that the families were made from (``docs/adr/0029-dialects-and-their-faults.md``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Told(StrEnum):
    """One thing that a dialect has a place for."""

    STATUS = "status"
    REASONS = "reasons"
    MOMENT = "moment"
    MASKED_NAME = "masked_name"
    REF = "ref"


@dataclass(frozen=True, slots=True)
class DialectTraits:
    """What answers have a place for, the parameter by which the interface knows its caller, and what is good once."""

    tells: frozenset[Told]
    caller_parameter: str | None = None
    request_is_good_once: bool = False


_ALL_BUT_REASONS: Final = frozenset({Told.STATUS, Told.MOMENT, Told.MASKED_NAME, Told.REF})

DIALECTS: Final[Mapping[str, DialectTraits]] = MappingProxyType(
    {
        "make_validate": DialectTraits(frozenset(Told), request_is_good_once=True),
        "colour_query": DialectTraits(_ALL_BUT_REASONS - {Told.REF}),
        "words": DialectTraits(_ALL_BUT_REASONS),
        # Name and number in clear were seen there (facts, C).
        "signed_numeric": DialectTraits(frozenset({Told.STATUS, Told.REF}), caller_parameter="app_id"),
        "gate_numeric": DialectTraits(_ALL_BUT_REASONS, caller_parameter="device_id"),
        "national_levels": DialectTraits(frozenset(Told)),
        "keyed_call": DialectTraits(frozenset(Told), request_is_good_once=True),
        "day_password": DialectTraits(frozenset(Told) - {Told.MASKED_NAME}),
        "unsigned_json": DialectTraits(_ALL_BUT_REASONS),
        "travel_card": DialectTraits(frozenset({Told.MOMENT})),
        "paper": DialectTraits(frozenset({Told.MASKED_NAME, Told.REF})),
    }
)
"""By the name of the family; a region of the family ``national`` has nothing that could be asked."""
