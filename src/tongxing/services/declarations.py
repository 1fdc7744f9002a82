"""What a person declares to the federation's assessor, on its way from a gateway to the hub."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from tongxing.core.health_answers import DeclaredHealth


class DeclaredStay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a person was: a GB/T 2260 division of 2, 4 or 6 digits; ``until`` is None while they are still there."""

    division: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a person declares: ``ref`` (1 to 48 letters and digits) is the gateway's own, so that again counts once.

    It is about where they were (``stays``), about their own health, or about both.
    """

    ref: str
    stays: tuple[DeclaredStay, ...]
    health: DeclaredHealth | None = None
