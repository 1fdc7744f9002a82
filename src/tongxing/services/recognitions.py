"""Recognise: what other regions say of a visitor, for the region's own code (way 1: shared data).

The region's back end asks this with the person's document and consent; it changes by this one call.
"""

from dataclasses import dataclass

from tongxing.core.errors import Refused
from tongxing.core.looks import Ground, Purpose
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document
from tongxing.core.ways import Way
from tongxing.core.words import RegionId
from tongxing.recognition.recognising import Recognised, recognise
from tongxing.services.known_reports import KnownReports
from tongxing.services.looks import LookDesk, Looker
from tongxing.services.persons import Persons
from tongxing.services.ports import Clock
from tongxing.services.reference import Reference


@dataclass(frozen=True, slots=True)
class Recognition:
    """What is recognised, and whether other regions could be asked."""

    recognised: Recognised
    others_consulted: bool


@dataclass(frozen=True, slots=True)
class RecognitionDesk:
    """Answers the region's own back end."""

    region: RegionId
    reference: Reference
    known: KnownReports
    looks: LookDesk
    persons: Persons
    clock: Clock

    async def recognise(
        self, document: Document, purpose: Purpose, ground: Ground, looker: Looker, person_ref: str | None = None
    ) -> Recognition:
        """Return what all that is known of a person comes to, once the look is recorded.

        By ``person_ref``, the back end's own id of the visitor, the gateway knows later for whom others are to be
        consulted when the code that shows this is scanned.
        Raises ``Refused``: ``WAY_NOT_USED`` if the region does not share data, ``LIMITED``, and
        ``UPSTREAM_AWAY`` if the person cannot be looked up, or if nothing is held here and the hub is away:
        then nobody knows whether there is a record.
        """
        profiles = self.reference.knowledge.profiles
        profiles[self.region].check_uses_way(Way.SHARED_DATA, self.clock.now())
        keys, look = await self.looks.look_up(document, looker, purpose, ground)
        if person_ref is not None:
            await self.persons.remember([(person_ref, keys)], int(look.at.timestamp() * 1000))
        known = await self.known.of(keys, look)
        if not known.others_consulted and not known.reports:
            raise Refused(ProblemId.UPSTREAM_AWAY, "other regions cannot be asked")
        knowledge = self.reference.knowledge
        recognised = recognise(known.reports, knowledge.directory, at=self.clock.now())
        return Recognition(recognised, known.others_consulted)
