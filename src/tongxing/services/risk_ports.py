"""The port of the risk areas' history: every list that was in force, kept as what it changed.

Contract of every write as in ``services.ports``: durable when it returns, atomic, counted once however
often it is sent. Nothing here is of any person, and nothing is ever erased.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from tongxing.core.reports import OriginRisk
from tongxing.risk.history import AreaName, RiskSource, RiskState, StateDiff
from tongxing.risk.official_list import AreaLevel
from tongxing.risk.placing import Placement

AREAS_TOLD_MAX: Final = 200
"""How many areas a question by name or division is answered with; the answer says if there are more."""


@dataclass(frozen=True, slots=True)
class KeptList:
    """A list that was in force: when it speaks of, who says it, when and by whose key it was imported."""

    digest: bytes
    as_of: datetime
    source: RiskSource
    imported_at: datetime
    imported_by: str


@dataclass(frozen=True, slots=True)
class DivisionRisk:
    """The risk of a division at a moment: since which list it had it (its hour), and who said so."""

    number: str
    risk: OriginRisk
    since: datetime
    source: RiskSource


@dataclass(frozen=True, slots=True)
class AreaRisk:
    """An area at a moment: its level, since which list, until which (None while it lasts), and who says so."""

    name: AreaName
    division: str | None
    placement: Placement
    level: AreaLevel
    since: datetime
    until: datetime | None
    source: RiskSource


class RiskHistoryStore(Protocol):
    """The history of risk areas at the hub."""

    async def newest(self) -> tuple[KeptList, RiskState] | None:
        """Return the newest list with all that it says, or None before the first."""
        ...

    async def save(self, kept: KeptList, state: RiskState, diff: StateDiff, before: bytes | None) -> None:
        """Keep a list as what it changes against the newest, whose digest is ``before``: all or nothing.

        The newest list again counts once. Raises Refused(CONFLICT) where ``before`` is not the newest (another
        was imported in between), Refused(RISK_LIST_REFUSED) where the list is older than the newest.
        """
        ...

    async def list_at(self, at: datetime) -> KeptList | None:
        """Return the list in force at a moment: the newest that is of that moment or before."""
        ...

    async def risks_at(self, at: datetime, digits_max: int) -> Sequence[DivisionRisk]:
        """Return the risk of every number of at most so many digits at a moment, in order; unknown ones left out."""
        ...

    async def risk_of(self, number: str, at: datetime) -> DivisionRisk | None:
        """Return the risk of one number at a moment, or None where it was unknown."""
        ...

    async def areas_in(self, division: str, at: datetime, limit: int) -> Sequence[AreaRisk]:
        """Return the areas placed on a number, or one inside of it, that were in force at a moment."""
        ...

    async def areas_named(self, name: str, at: datetime, limit: int) -> Sequence[AreaRisk]:
        """Return the areas in force at a moment whose city, county or community is called, or begins with, ``name``."""
        ...
