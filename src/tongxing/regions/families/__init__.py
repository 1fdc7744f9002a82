"""Families: the kinds of code and interface that regions have. Code; the particulars are profiles.

A family that must ask a back end is a sans-IO generator: it yields requests, is sent answers, and
returns what the source said. It does no IO, reads no clock and draws no randomness, because
families run inside the verifier; for the same reason the table of families is a closed literal.
Why generators: ``docs/adr/0006-families-as-sans-io-generators.md``. What is believed of which dialect:
``docs/adr/0029-dialects-and-their-faults.md``.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tongxing.regions.families.colour_query import COLOUR_QUERY
from tongxing.regions.families.day_password import DAY_PASSWORD
from tongxing.regions.families.family import Asking, Family
from tongxing.regions.families.gate_numeric import GATE_NUMERIC
from tongxing.regions.families.keyed_call import KEYED_CALL
from tongxing.regions.families.make_validate import MAKE_VALIDATE
from tongxing.regions.families.national import NATIONAL
from tongxing.regions.families.national_levels import NATIONAL_LEVELS
from tongxing.regions.families.paper import PAPER
from tongxing.regions.families.signed_numeric import SIGNED_NUMERIC
from tongxing.regions.families.travel_card import TRAVEL_CARD
from tongxing.regions.families.unsigned_json import UNSIGNED_JSON
from tongxing.regions.families.words import WORDS

__all__ = ["FAMILIES", "NAMING_ALONE", "NATIONAL", "Asking", "Family"]

FAMILIES: Final[Mapping[str, Family]] = MappingProxyType(
    {
        family.name: family
        for family in (
            MAKE_VALIDATE,
            COLOUR_QUERY,
            WORDS,
            SIGNED_NUMERIC,
            GATE_NUMERIC,
            NATIONAL_LEVELS,
            KEYED_CALL,
            DAY_PASSWORD,
            UNSIGNED_JSON,
            TRAVEL_CARD,
            PAPER,
            NATIONAL,
        )
    }
)
"""Every family there is, by the name that profiles give."""

NAMING_ALONE: Final = frozenset({PAPER.name})
"""Families that tell whose a code is and nothing of health: what counts is what the region reports of that person."""
