"""How people, desks and registers bring a case in: who it is about is checked before it is opened.

A citizen types the document once more, since a session knows keys only: it must be theirs, or the child's whose
guardian they are. A desk and the region's own system speak for whoever is present or signed in with them.
"""

from dataclasses import dataclass

from tongxing.core.cases import Case, CaseClaim, CaseKind, CaseOpener
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.services.cases import CaseDesk, CaseRequest
from tongxing.services.citizens import Citizen
from tongxing.services.family import BondGround, FamilyDesk
from tongxing.services.subject_keys import SubjectKeyCache


@dataclass(frozen=True, slots=True)
class CaseIntake:
    """Opens cases at a gateway."""

    region: RegionId
    desk: CaseDesk
    family: FamilyDesk
    subject_keys: SubjectKeyCache

    async def open_own(self, citizen: Citizen, member: str | None, request: CaseRequest) -> Case:
        """Open a case of a signed-in citizen, or of their child by the bond's id.

        Raises Refused: FORBIDDEN (another's document, or a member of age), NOT_FOUND, LIMITED, UPSTREAM_AWAY.
        """
        keys = await self.keys_of(citizen, member)
        shown = await self.subject_keys.keys_of(request.document)
        if not set(shown) & set(keys):
            raise Refused(ProblemId.FORBIDDEN, "this document is not the one that was signed in with")
        return await self.desk.open_case(keys, request)

    async def open_for_document(self, request: CaseRequest) -> Case:
        """Open a case about whoever has the document, for a desk or the region's own system.

        Raises Refused: NOT_FOUND, LIMITED, UPSTREAM_AWAY if the key service is.
        """
        return await self.desk.open_case(await self.subject_keys.keys_of(request.document), request)

    async def open_mismatch(
        self, document: Document, name: str, other_document: Document, other_name: str, opened_by: CaseOpener
    ) -> Case:
        """Open a case about two documents whose names differ; this region's own operator decides it."""
        keys, other_keys = await self.subject_keys.keys_of_all([document, other_document])
        return await self.desk.open_case(
            keys,
            CaseRequest(
                kind=CaseKind.NAME_MISMATCH,
                claim=CaseClaim.NAMES_DIFFER,
                against=self.region,
                opened_by=opened_by,
                document=document,
                name=name,
                about=other_keys[0],
                other_document=other_document,
                other_name=other_name,
            ),
        )

    async def cases_of(self, citizen: Citizen) -> tuple[Case, ...]:
        """Return a citizen's cases and those of the children whose guardian they are, the newest first."""
        return await self.desk.cases_of(await self._keys_spoken_for(citizen))

    async def withdraw(self, citizen: Citizen, number: str) -> Case:
        """Take back such a case. Raises Refused: NOT_FOUND for every other number, CONFLICT (decided)."""
        return await self.desk.withdraw(number, await self._keys_spoken_for(citizen))

    async def _keys_spoken_for(self, citizen: Citizen) -> SubjectKeys:
        family = await self.family.family_of(citizen)
        children = [each.bond_id for each in family.members if each.ground is BondGround.GUARDIAN]
        found = [await self.family.find_member(citizen, bond_id) for bond_id in children]
        return (*citizen.keys, *(key for member in found for key in member.keys))

    async def keys_of(self, citizen: Citizen, member: str | None) -> SubjectKeys:
        """Return whose case it is: one's own, or a child's. Raises Refused: NOT_FOUND, FORBIDDEN."""
        if member is None:
            return citizen.keys
        found = await self.family.find_member(citizen, member)
        if found.ground is not BondGround.GUARDIAN:
            raise Refused(ProblemId.FORBIDDEN, "a member of age speaks for themselves")
        return found.keys
