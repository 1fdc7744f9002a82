"""Look: somebody is looked up by their document, on a ground, for a purpose; recorded before it is answered.

Consent and presence are the only grounds. People are told afterwards who has looked (domain sheet,
*Who asks whom*); what was found is not kept.
"""

from dataclasses import dataclass

from tongxing.core.errors import Refused
from tongxing.core.limits import LOOKS_TOLD_MAX
from tongxing.core.looks import Ground, Look, Purpose
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKeys
from tongxing.core.words import RegionId
from tongxing.services.ports import Clock
from tongxing.services.way_ports import LookStore


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks: the caller's key, and the site where it stands (its own key id where it has no other)."""

    key_id: str
    site: str


def ground_of(*, consent: bool, presence: bool) -> Ground:
    """Return the ground on which a person may be looked up. Raises ``Refused(CONSENT_NEEDED)`` if there is none."""
    if presence:
        return Ground.PRESENCE
    if consent:
        return Ground.CONSENT
    raise Refused(ProblemId.CONSENT_NEEDED, "neither consent nor presence was stated")


@dataclass(frozen=True, slots=True)
class LookDesk:
    """Records and tells the looks that were made in one region."""

    region: RegionId
    looks: LookStore
    clock: Clock

    async def record(self, keys: SubjectKeys, looker: Looker, purpose: Purpose, ground: Ground) -> None:
        """Record a look; durable when it returns."""
        at = self.clock.now()
        await self.looks.record(Look(keys[0], at, self.region, looker.key_id, looker.site, purpose, ground))

    async def looks_at(self, keys: SubjectKeys) -> tuple[Look, ...]:
        """Return the newest looks at a person in this region first: for that person and nobody else."""
        return await self.looks.looks_at(keys, LOOKS_TOLD_MAX)
