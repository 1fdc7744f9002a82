"""Joins error correction to a node's parts: what it knows of other regions, its store, its way to other nodes."""

from dataclasses import dataclass

from tongxing.app.ways import WayParts
from tongxing.core.border import is_border_between
from tongxing.core.cases import Case, DecisionGround
from tongxing.core.words import FEDERATION, RegionId
from tongxing.crypto.sealing import SealingPair
from tongxing.regions.profile import Profile
from tongxing.services.case_intake import CaseIntake
from tongxing.services.case_ports import CasePeers
from tongxing.services.cases import CaseDesk, CaseParts, CaseReference, DecisionEffect
from tongxing.services.family import FamilyDesk
from tongxing.services.person_documents import DocumentBook
from tongxing.services.person_links import PersonLinkDesk
from tongxing.services.ports import Clock, Entropy
from tongxing.services.published import Published
from tongxing.services.reference import Reference
from tongxing.stores.sql.stores import NodeStores
from tongxing.trust.directory import DirectoryRecord


@dataclass(frozen=True, slots=True)
class GatewayCaseReference:
    """Implements ``services.cases.CaseReference`` by the bundle in force."""

    reference: Reference

    def find_record(self, region: RegionId) -> DirectoryRecord | None:
        """Return a region's record; nobody has one before the first bundle, and no case goes over a border."""
        if not self.reference.is_ready or is_border_between(self.reference.knowledge.host, region):
            return None
        return self.reference.knowledge.directory.record(region)

    def find_profile(self, region: RegionId) -> Profile | None:
        """Return a region's profile."""
        return self.reference.knowledge.profiles.get(region) if self.reference.is_ready else None


@dataclass(frozen=True, slots=True)
class HubCaseReference:
    """Implements ``services.cases.CaseReference`` by what was published last."""

    published: Published

    def find_record(self, region: RegionId) -> DirectoryRecord | None:
        """Return a region's record."""
        return self.published.directory.record(region)

    def find_profile(self, region: RegionId) -> Profile | None:
        """Return a region's profile."""
        return self.published.profiles.get(region)


@dataclass(frozen=True, slots=True)
class Cases:
    """A node's cases, for its doors."""

    desk: CaseDesk
    reference: CaseReference


@dataclass(frozen=True, slots=True)
class GatewayCases(Cases):
    """A gateway's: people open cases here."""

    intake: CaseIntake


def join_gateway_links(parts: WayParts, family: FamilyDesk) -> tuple[GatewayCases, PersonLinkDesk]:
    """Join a gateway's cases and what it says of people's documents: each may bring the other about."""

    async def follow(case: Case, ground: DecisionGround) -> None:
        await links.follow_decision(case, ground)

    cases = _join_gateway_cases(parts, family, follow)
    links = PersonLinkDesk(
        region=parts.region,
        documents=DocumentBook(parts.stores.links, parts.stores.person_links),
        shared=parts.shared_links,
        subject_keys=parts.subject_keys,
        intake=cases.intake,
        clock=parts.clock,
    )
    return cases, links


def _join_gateway_cases(parts: WayParts, family: FamilyDesk, effect: DecisionEffect) -> GatewayCases:
    reference = GatewayCaseReference(parts.reference)
    desk = CaseDesk(
        CaseParts(
            region=parts.region,
            reference=reference,
            store=parts.stores.cases,
            limits=parts.stores.limits,
            peers=parts.case_peers,
            sealing=parts.keys.sealing,
            clock=parts.clock,
            entropy=parts.entropy,
        ),
        effect,
    )
    return GatewayCases(desk, reference, CaseIntake(parts.region, desk, family, parts.subject_keys))


def join_hub_cases(
    stores: NodeStores, published: Published, sealing: SealingPair, peers: CasePeers, clock: Clock, entropy: Entropy
) -> Cases:
    """Join the hub's cases: against what the assessor says, and those that a region let wait."""
    reference = HubCaseReference(published)
    desk = CaseDesk(
        CaseParts(
            region=FEDERATION,
            reference=reference,
            store=stores.cases,
            limits=stores.limits,
            peers=peers,
            sealing=sealing,
            clock=clock,
            entropy=entropy,
        )
    )
    return Cases(desk, reference)
