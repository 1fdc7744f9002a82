"""Queries and answers about risk areas."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tongxing.api.messages import BundleAnswer, Message, Moment, OddityAnswer
from tongxing.core.reports import OriginRisk
from tongxing.risk.history import RiskSource
from tongxing.risk.official_list import AreaLevel
from tongxing.risk.placing import Placement


class RiskAtQuery(Message, frozen=True):
    """The moment that is asked for; now without one."""

    at: Moment | None = None


class RiskPlaceQuery(Message, frozen=True):
    """A division's number, or the name of a division, a street or a community; and the moment, now without one."""

    place: Annotated[str, Meta(min_length=1, max_length=64)]
    at: Moment | None = None


class RiskListInForce(msgspec.Struct, frozen=True):
    """The list in force at the moment: who says it, the hour that it speaks of, when it was imported."""

    source: RiskSource
    as_of: datetime
    imported_at: datetime


class DivisionRiskAnswer(msgspec.Struct, frozen=True):
    """A division's risk: since which list it had it, and who said so."""

    number: str
    name: str
    risk: OriginRisk
    since: datetime
    source: RiskSource


class AreaRiskAnswer(msgspec.Struct, frozen=True):
    """An area by its names; ``community`` is empty for a whole unit, ``until`` null while it lasts."""

    province: str
    city: str
    county: str
    community: str
    division: str | None
    placement: Placement
    level: AreaLevel
    since: datetime
    until: datetime | None
    source: RiskSource


class RiskMapAnswer(msgspec.Struct, frozen=True):
    """The risk of every province, city and county without a city at the moment; who is missing is unknown."""

    at: datetime
    in_force: RiskListInForce | None
    divisions: list[DivisionRiskAnswer]


class RiskLevelsAnswer(msgspec.Struct, frozen=True):
    """What was known of a place at the moment: divisions of that number or name, and areas in it or called so."""

    at: datetime
    in_force: RiskListInForce | None
    divisions: list[DivisionRiskAnswer]
    areas: list[AreaRiskAnswer]
    has_more_areas: bool


class AreaChangeAnswer(msgspec.Struct, frozen=True):
    """An area that the list names otherwise than the one before."""

    area: str
    before: AreaLevel | None
    after: AreaLevel | None


class RiskChangeAnswer(msgspec.Struct, frozen=True):
    """A division with another risk than before."""

    number: str
    name: str
    before: OriginRisk
    after: OriginRisk


class RiskDiffAnswer(msgspec.Struct, frozen=True):
    """What a list changes: counts of all, and the first hundred of each by name."""

    areas_appeared: int
    areas_gone: int
    areas_changed: int
    divisions_changed: int
    areas: list[AreaChangeAnswer]
    divisions: list[RiskChangeAnswer]


class RiskListAnswer(msgspec.Struct, frozen=True):
    """How many entries of a list were placed how exactly, what it changes, and the bundle that carries it."""

    bundle: BundleAnswer
    as_of: datetime
    source: RiskSource
    entries: int
    by_placement: dict[str, int]
    by_level: dict[str, int]
    oddities: list[OddityAnswer]
    diff: RiskDiffAnswer
