"""Joins the use cases of the three ways, of people without a phone and of printed codes to a gateway's parts.

In two steps, because a statement may be about a code that the gateway minted itself: ``Minting`` first,
then the statements that need it, then the rest.
"""

from dataclasses import dataclass

import httpx

from tongxing.app.node_keys import GatewayKeys
from tongxing.core.words import RegionId
from tongxing.services.admission import Admission
from tongxing.services.case_ports import CasePeers
from tongxing.services.conversion_sources import ConversionSources
from tongxing.services.conversion_statements import ConversionStatementDesk
from tongxing.services.conversions import ConversionDesk
from tongxing.services.crossing import BorderDesk
from tongxing.services.digest_log import DigestLog, PublishedDigests
from tongxing.services.documents import DocumentDesk
from tongxing.services.known_reports import KnownReports
from tongxing.services.link_ports import SharedLinks
from tongxing.services.looks import LookDesk
from tongxing.services.making_tickets import MakingTickets
from tongxing.services.one_stop import OneStopDesk
from tongxing.services.one_stop_ports import OneStopSource
from tongxing.services.peers import Hub
from tongxing.services.person_documents import DocumentBook
from tongxing.services.person_reports import PersonReports
from tongxing.services.persons import Persons
from tongxing.services.ports import Clock, Entropy
from tongxing.services.printed_codes import PrintedCodeDesk
from tongxing.services.recognitions import RecognitionDesk
from tongxing.services.rederiving import Rederiving
from tongxing.services.reference import Reference
from tongxing.services.sealed_records import SealedRecords
from tongxing.services.statements import StatementDesk
from tongxing.services.stating import MintedByAny
from tongxing.services.subject_keys import SubjectKeyCache
from tongxing.services.transit_passes import TransitPassDesk
from tongxing.services.verification import Verification
from tongxing.services.way_ports import ConversionPeers, SharedLooks
from tongxing.stores.sql.stores import NodeStores


@dataclass(frozen=True, slots=True, kw_only=True)
class WayParts:
    """A gateway's own parts, as far as the ways need them."""

    region: RegionId
    stores: NodeStores
    keys: GatewayKeys
    reference: Reference
    subject_keys: SubjectKeyCache
    hub: Hub
    peers: ConversionPeers
    case_peers: CasePeers
    shared_links: SharedLinks
    http: httpx.AsyncClient
    shared_looks: SharedLooks
    digest_log: DigestLog
    one_stop: OneStopSource
    rederiving: Rederiving
    admission: Admission
    clock: Clock
    entropy: Entropy

    def sealed_for(self, use: str) -> SealedRecords:
        """Return the sealing of one use."""
        return SealedRecords.for_use(self.keys.handles, use, self.entropy)

    def reports(self) -> PersonReports:
        """Return the reports held here, read by person."""
        return PersonReports(self.stores.reports, DocumentBook(self.stores.links, self.stores.person_links))

    def persons(self) -> Persons:
        """Return whom the region's back end means by its own ids."""
        return Persons(
            region=self.region, reference=self.reference, store=self.stores.persons, secret=self.keys.handles
        )


@dataclass(frozen=True, slots=True)
class Minting:
    """What mints codes of the region's own, and what that needs."""

    parts: WayParts
    known: KnownReports
    looks: LookDesk
    conversions: ConversionDesk
    printed_codes: PrintedCodeDesk
    transit_passes: TransitPassDesk

    @property
    def minted(self) -> MintedByAny:
        """All codes that are minted here."""
        return MintedByAny((self.printed_codes, self.conversions))


@dataclass(frozen=True, slots=True)
class Ways:
    """The use cases of the ways, for the gateway's doors."""

    looks: LookDesk
    recognitions: RecognitionDesk
    conversions: ConversionDesk
    conversion_statements: ConversionStatementDesk
    documents: DocumentDesk
    one_stop: OneStopDesk
    printed_codes: PrintedCodeDesk
    transit_passes: TransitPassDesk


def join_minting(parts: WayParts) -> Minting:
    """Join what mints codes."""
    stores, reports = parts.stores, parts.reports()
    known = KnownReports(parts.region, parts.hub, parts.shared_looks, reports)
    looks = LookDesk(parts.region, stores.looks, parts.shared_looks, parts.subject_keys, stores.limits, parts.clock)
    border = BorderDesk(parts.region, parts.reference, PublishedDigests(parts.digest_log, parts.reference, parts.clock))
    conversions = ConversionDesk(
        region=parts.region,
        reference=parts.reference,
        sources=ConversionSources(parts.region, parts.reference, known, parts.peers, parts.entropy),
        subject_keys=parts.subject_keys,
        looks=looks,
        conversions=stores.conversions,
        tickets=stores.tickets,
        sealed=parts.sealed_for("conversions"),
        border=border,
        clock=parts.clock,
        entropy=parts.entropy,
    )
    printed_codes = PrintedCodeDesk(
        region=parts.region,
        printed=stores.printed_codes,
        reports=reports,
        looks=looks,
        sealed=parts.sealed_for("printed codes"),
        clock=parts.clock,
        entropy=parts.entropy,
    )
    transit_passes = TransitPassDesk(
        region=parts.region,
        key=parts.keys.national_code,
        subject_keys=parts.subject_keys,
        reports=reports,
        passes=stores.transit_passes,
        tickets=MakingTickets(stores.tickets, parts.clock, parts.entropy),
        sealed=parts.sealed_for("transit passes"),
        clock=parts.clock,
        entropy=parts.entropy,
    )
    return Minting(parts, known, looks, conversions, printed_codes, transit_passes)


def join_ways(minting: Minting, statements: StatementDesk, verification: Verification) -> Ways:
    """Join the use cases."""
    parts, looks = minting.parts, minting.looks
    documents = DocumentDesk(
        reference=parts.reference,
        verification=verification,
        subject_keys=parts.subject_keys,
        known=minting.known,
        looks=looks,
        limits=parts.stores.limits,
        clock=parts.clock,
        entropy=parts.entropy,
    )
    return Ways(
        looks=looks,
        recognitions=RecognitionDesk(parts.region, parts.reference, minting.known, looks, parts.persons(), parts.clock),
        conversions=minting.conversions,
        conversion_statements=ConversionStatementDesk(
            region=parts.region,
            reference=parts.reference,
            statements=statements,
            reports=parts.reports(),
            looks=looks,
            alarms=parts.stores.alarms,
            border=minting.conversions.border,
            key=parts.keys.statement,
            renewal_key=parts.sealed_for("renewal tokens").key,
            clock=parts.clock,
            entropy=parts.entropy,
        ),
        documents=documents,
        one_stop=OneStopDesk(
            region=parts.region,
            reference=parts.reference,
            source=parts.one_stop,
            reports=parts.reports(),
            looks=looks,
            documents=documents,
            limits=parts.stores.limits,
            admission=parts.admission,
            clock=parts.clock,
        ),
        printed_codes=minting.printed_codes,
        transit_passes=minting.transit_passes,
    )
