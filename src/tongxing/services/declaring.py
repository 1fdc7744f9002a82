"""Declare: health, and where a person was, on its way from their region's gateway to the federation's assessor (way 3).

Only a region that adopts the national code takes declarations: elsewhere the region's own code speaks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from tongxing.core.calendar import beijing_day, end_of_beijing_day
from tongxing.core.errors import Refused
from tongxing.core.health_answers import DeclaredHealth
from tongxing.core.limits import DECLARATIONS_PER_CITIZEN_PER_DAY
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKeys
from tongxing.core.ways import Way
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.regions.profile import Profile
from tongxing.services.declarations import Declaration, DeclaredStay
from tongxing.services.peers import Hub
from tongxing.services.ports import Clock
from tongxing.services.reference import Reference
from tongxing.services.way_ports import Allowance, LimitResult, LimitStore

_NUMBER_DIGEST_BYTES: Final = 5
"""Of one person's twenty a day no two have the same; nobody is found by the number alone."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration that is durable at the hub: its number, and when it was made."""

    number: str
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class DeclaringDesk:
    """Takes declarations of a region's people and hands them to the hub."""

    region: RegionId
    reference: Reference
    hub: Hub
    limits: LimitStore
    clock: Clock

    def is_open(self) -> bool:
        """True if the region takes declarations now."""
        return self._profile.uses_way(Way.ADOPTION, self.clock.now())

    async def declare(
        self, keys: SubjectKeys, stays: Sequence[DeclaredStay], health: DeclaredHealth | None = None
    ) -> Declared:
        """Return a declaration's number, once it is durable at the hub; the same again on one day counts once.

        Raises Refused: WAY_NOT_USED (the region has not adopted the national code), LIMITED, UPSTREAM_AWAY,
        BAD_REQUEST (nothing declared, a stay of the future, or one that ends before it begins).
        """
        at = self.clock.now()
        self._profile.check_uses_way(Way.ADOPTION, at)
        today = beijing_day(at)
        day = today.isoformat().encode()
        taken = await self.limits.take(
            Allowance(
                sha256(b"declarations" + keys[0] + day),
                DECLARATIONS_PER_CITIZEN_PER_DAY,
                end_of_beijing_day(at),
            )
        )
        if taken is not LimitResult.TAKEN:
            raise Refused(ProblemId.LIMITED, f"at most {DECLARATIONS_PER_CITIZEN_PER_DAY} declarations a day")
        digest = sha256(keys[0] + day + msgspec.msgpack.encode((tuple(stays), health)))
        number = f"{self.region}{today:%Y%m%d}{digest[:_NUMBER_DIGEST_BYTES].hex()}"
        return Declared(number, await self.hub.declare(keys, Declaration(number, tuple(stays), health)))

    @property
    def _profile(self) -> Profile:
        return self.reference.knowledge.profiles[self.region]
