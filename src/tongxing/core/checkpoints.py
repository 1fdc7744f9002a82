"""Checkpoints: what a guard measures of whoever passes, and how long a passage is remembered by kind of place.

A reading is a measurement made here and now, not a registered fever case. It counts only once the
person has confirmed it (facts, C: the scanner enters, the person confirms); an unconfirmed one
decides nothing. *Not measured* is no unknown: whether to measure is the checkpoint's choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from tongxing.core.words import PlaceKind

FEVER_FROM_DECICELSIUS: Final = 373
"""From 37.3 °C a reading is a fever: the value of the gates of 2020 (facts, C, Jilin)."""

DECICELSIUS_MIN: Final = 300
DECICELSIUS_MAX: Final = 450
"""What a living person can have, with room for a poor thermometer; anything else is a typing error."""


class Fever(StrEnum):
    """What was measured of a person at this checkpoint."""

    NOT_MEASURED = "not_measured"
    NORMAL = "normal"
    FEVER = "fever"


@dataclass(frozen=True, slots=True)
class Temperature:
    """One reading in tenths of a degree Celsius, and whether the person confirmed it.

    Raises ``ValueError`` outside ``DECICELSIUS_MIN`` to ``DECICELSIUS_MAX``.
    """

    decicelsius: int
    confirmed: bool

    def __post_init__(self) -> None:
        if not DECICELSIUS_MIN <= self.decicelsius <= DECICELSIUS_MAX:
            raise ValueError(f"a temperature lies from {DECICELSIUS_MIN} to {DECICELSIUS_MAX} tenths of a degree")


def fever_of(decicelsius: int | None, *, confirmed: bool) -> Fever:
    """Return what a reading says. Without a reading, or without the person's confirmation: not measured."""
    if decicelsius is None or not confirmed:
        return Fever.NOT_MEASURED
    return Fever.FEVER if decicelsius >= FEVER_FROM_DECICELSIUS else Fever.NORMAL


PASSAGE_KEPT: Mapping[PlaceKind, timedelta] = {
    PlaceKind.TRAFFIC_GATE: timedelta(days=14),
    PlaceKind.RESIDENTIAL_COMPOUND: timedelta(days=14),
    PlaceKind.FACTORY: timedelta(days=14),
    PlaceKind.PUBLIC_INSTITUTION: timedelta(days=7),
}
"""How long a passage record is kept, by kind of place; then it is erased with its ending.

Fourteen days are the period in which a case's contacts are looked for; offices see most people and
need the least (assumed: no published period could be read).
"""
