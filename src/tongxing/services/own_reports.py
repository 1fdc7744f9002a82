"""My report: what is behind the code of a signed-in citizen, told to them and to nobody else (law 6)."""

from dataclasses import dataclass

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.recognition.own_report import OwnReportView, own_report_view
from tongxing.services.citizens import Citizen
from tongxing.services.family import BondGround, FamilyDesk
from tongxing.services.known_reports import KnownReports
from tongxing.services.ports import Clock
from tongxing.services.reference import Reference


@dataclass(frozen=True, slots=True)
class OwnReportDesk:
    """Tells citizens what is known of them. They look at themselves, so no look is recorded."""

    reference: Reference
    family: FamilyDesk
    known: KnownReports
    clock: Clock

    async def tell(self, citizen: Citizen, bond_id: str | None) -> OwnReportView:
        """Return what is behind the citizen's own code, or that of a child whose guardian they are.

        While the hub is away it is what is held here, and that is said. Raises Refused: NOT_FOUND (no such
        member of theirs), FORBIDDEN (a member of age, who asks for themselves), UPSTREAM_AWAY if nothing is
        held here either.
        """
        keys = citizen.keys
        if bond_id is not None:
            member = await self.family.find_member(citizen, bond_id)
            if member.ground is not BondGround.GUARDIAN:
                raise Refused(ProblemId.FORBIDDEN, "what is behind a relative's code is theirs to see")
            keys = member.keys
        known = await self.known.of(keys)
        if not known.reports and not known.others_consulted:
            raise Refused(ProblemId.UPSTREAM_AWAY, "nothing is held here, and the hub cannot be asked")
        knowledge = self.reference.knowledge
        return own_report_view(known.reports, knowledge, others_consulted=known.others_consulted, at=self.clock.now())
