"""Look: somebody is looked up by their document, on a ground, for a purpose; recorded before it is answered.

Consent and presence are the only grounds. People are told afterwards who has looked (domain sheet,
*Who asks whom*), by their own region too: a look for which the hub was asked is kept at the hub. What
was found is not kept.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tongxing.core.calendar import beijing_day, end_of_beijing_day
from tongxing.core.errors import Refused
from tongxing.core.limits import (
    GATEWAY_DEADLINE_SECONDS,
    LOOKS_PER_BACK_END_PER_MINUTE,
    LOOKS_PER_SUBJECT_PER_DAY,
    LOOKS_TOLD_MAX,
)
from tongxing.core.looks import Ground, Look, Purpose
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SUBJECT_KEYS_MAX, Document, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.services.person_documents import DocumentBook
from tongxing.services.ports import Clock
from tongxing.services.subject_keys import SubjectKeyCache
from tongxing.services.way_ports import Allowance, LimitResult, LimitStore, LookStore, SharedLooks

_MINUTE: Final = timedelta(minutes=1)


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
class TotalLooks:
    """Looks at one person, the newest first; ``is_whole`` is False where other regions' could not be asked for."""

    looks: tuple[Look, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class LookDesk:
    """Records the looks that are made in one region, and tells a person all looks at them."""

    region: RegionId
    looks: LookStore
    shared: SharedLooks
    subject_keys: SubjectKeyCache
    limits: LimitStore
    clock: Clock

    async def look_up(
        self, document: Document, looker: Looker, purpose: Purpose, ground: Ground
    ) -> tuple[SubjectKeys, Look]:
        """Find a person's keys for one of the region's own systems, and record the look.

        Whoever may ask by number could try all numbers, so a system is limited, and so are the looks at one
        person. Raises ``Refused``: ``LIMITED``, ``UPSTREAM_AWAY`` if the key service is.
        """
        at = self.clock.now()
        minute = int(at.timestamp()) // 60
        by_looker = sha256(f"looks by back end {looker.key_id} {minute}".encode())
        await self._take(Allowance(by_looker, LOOKS_PER_BACK_END_PER_MINUTE, at + _MINUTE))
        keys = await self.subject_keys.keys_of(document)
        at_subject = sha256(b"looks at subject " + keys[0] + beijing_day(at).isoformat().encode())
        await self._take(Allowance(at_subject, LOOKS_PER_SUBJECT_PER_DAY, end_of_beijing_day(at)))
        return keys, await self.record(keys, looker, purpose, ground)

    async def _take(self, allowance: Allowance) -> None:
        if await self.limits.take(allowance) is not LimitResult.TAKEN:
            raise Refused(ProblemId.LIMITED, "too many people, or too often the same one")

    async def record(self, keys: SubjectKeys, looker: Looker, purpose: Purpose, ground: Ground) -> Look:
        """Record a look and return it; durable here when it returns."""
        look = Look(keys[0], self.clock.now(), self.region, looker.key_id, looker.site, purpose, ground)
        await self.looks.record(look)
        return look

    async def looks_at(self, keys: SubjectKeys) -> TotalLooks:
        """Return the newest looks at a person in every region: for that person and nobody else."""
        own = await self.looks.looks_at(keys, LOOKS_TOLD_MAX)
        try:
            shared = await self.shared.looks_at(keys, timeout_seconds=GATEWAY_DEADLINE_SECONDS)
        except Refused as refused:
            if refused.problem is not ProblemId.UPSTREAM_AWAY:
                raise
            return TotalLooks(own, is_whole=False)
        others = tuple(look for look in shared if look.region != self.region)
        newest = sorted((*own, *others), key=lambda look: look.at, reverse=True)
        return TotalLooks(tuple(newest[:LOOKS_TOLD_MAX]), is_whole=True)


@dataclass(frozen=True, slots=True)
class HubLookDesk:
    """The hub's: takes in each region's own looks, and tells them by subject."""

    looks: LookStore
    documents: DocumentBook

    async def take_in(self, look: Look) -> None:
        """Keep a look; its region is the sender's own, as its signature proved. Durable when it returns."""
        await self.looks.record(look)

    async def looks_at(self, keys: SubjectKeys) -> tuple[Look, ...]:
        """Return the newest looks at a person first, under every document and version of its keys."""
        person = await self.documents.documents_of(keys)
        found = [
            look
            for document in person.documents
            for look in await self.looks.looks_at(document[:SUBJECT_KEYS_MAX], LOOKS_TOLD_MAX)
        ]
        return tuple(sorted(found, key=lambda look: look.at, reverse=True)[:LOOKS_TOLD_MAX])
