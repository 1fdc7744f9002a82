"""Reports: what one issuer says of one subject (domain sheet, *Report*), and where the subject comes from."""

from datetime import datetime
from enum import StrEnum

import msgspec

from tongxing.core.causes import Cause, HeldCause
from tongxing.core.levels import Level, Standing
from tongxing.core.words import RegionId


class Report(msgspec.Struct, frozen=True, gc=False):
    """One issuer's statement about one subject. The subject is never inside: it is the key beside it.

    A struct and not a dataclass because one is made for every verdict, at a sixth of the time.

    ``level`` is None unless causes or a colour told one: unknown is never a level. ``revision`` is
    counted by the issuer's gateway, so that order of arrival never matters. A retracted report is
    a tombstone that outranks every lower revision. All times are aware UTC.
    """

    issuer: RegionId
    standing: Standing
    level: Level | None
    causes: tuple[HeldCause, ...]
    revision: int
    as_of: datetime
    valid_until: datetime | None
    sources_checked: tuple[str, ...] = ()
    derived_from: RegionId | None = None
    colour_only: bool = False
    retracted: bool = False

    def __post_init__(self) -> None:
        if self.level is None and self.standing is Standing.CURRENT:
            raise ValueError("a current report has a level")

    def has_cause(self, cause: Cause) -> bool:
        """True if the report holds ``cause``."""
        return any(held.cause is cause for held in self.causes)

    @property
    def strictness(self) -> int:
        """How strictly it makes a checkpoint act: 0 low, 1 medium, 2 no usable level, 3 high.

        Only for choosing, conservatively, between two reports of one issuer and one moment.
        """
        if self.level is Level.HIGH:
            return 3
        if self.level is None or self.standing is not Standing.CURRENT:
            return 2
        return self.level.rank

    def standing_at(self, at: datetime) -> Standing:
        """Return the standing at a moment: a current report past ``valid_until`` is expired."""
        if self.valid_until is not None and at >= self.valid_until and self.standing is Standing.CURRENT:
            return Standing.EXPIRED
        return self.standing


class Precision(StrEnum):
    """How exactly a place is known."""

    EXACT = "exact"
    CITY = "city"
    PROVINCE = "province"
    NONE = "none"


class OriginBasis(StrEnum):
    """From what a person's origin is known."""

    TRAVEL_DATA = "travel_data"
    DECLARED_STAY = "declared_stay"
    ISSUER_REGION = "issuer_region"


class Origin(msgspec.Struct, frozen=True, gc=False):
    """Where a person comes from: a GB/T 2260 division of 2, 4 or 6 digits, or None if unknown."""

    division: str | None
    precision: Precision
    basis: OriginBasis


class OriginRisk(StrEnum):
    """The risk of an origin under the list in force: unknown is a value of its own with its own rows."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    MIXED = "mixed"
    UNKNOWN = "unknown"
