"""Builds a node from its settings: opens what it needs, joins use cases to their ports, closes it again.

A node is usable as soon as it is built; whether it is *ready* (a bundle in force, the store
writable) is asked separately, since a gateway must start and wait when the hub is away.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from tongxing.app.background import (
    ROTATION_SECONDS,
    keep_cases_told,
    keep_counted,
    keep_hub_told,
    keep_published_fresh,
    keep_published_young,
    keep_rederived,
    keep_reference_fresh,
    running,
)
from tongxing.app.cases import Cases, GatewayCases, join_hub_cases
from tongxing.app.citizens import Citizens, join_citizens
from tongxing.app.columns import WorkerColumns
from tongxing.app.datasets import join_sinks
from tongxing.app.dry_runs import DryRuns
from tongxing.app.housekeeping import keep_house
from tongxing.app.interface import join_interface
from tongxing.app.node_keys import GatewayKeys, HubKeys
from tongxing.app.observed import ObservedBackEnd, ObservedHub, ObservedPassages, ObservedPeers
from tongxing.app.one_stop import join_assessor, join_federation, join_one_stop
from tongxing.app.outbox import GatewayOutbox, join_outbox
from tongxing.app.outside import open_http_client, plain_secrets
from tongxing.app.packaged import load_gazetteer
from tongxing.app.proving import WorkerProver
from tongxing.app.records import open_record
from tongxing.app.rotation import join_gateway_rederiving, join_hub_rederiving
from tongxing.app.rule_desks import RuleDesks, join_rule_desks
from tongxing.app.settings import NodeSettings
from tongxing.app.system import SystemClock, system_entropy
from tongxing.app.ways import Minting, WayParts, Ways, join_minting, join_ways
from tongxing.connectors.back_end import HttpBackEnd
from tongxing.connectors.cases import HttpCasePeers
from tongxing.connectors.conversions import HttpConversionPeers
from tongxing.connectors.digest_log import HttpDigestLog
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.connectors.hub import HttpHub
from tongxing.connectors.looks import HttpSharedLooks
from tongxing.connectors.one_stop import HttpOneStop
from tongxing.connectors.passage_counts import HttpPassageCounts
from tongxing.connectors.peers import HttpPeers
from tongxing.connectors.person_links import HttpSharedLinks
from tongxing.core.errors import TongxingError
from tongxing.crypto.site_pseudonyms import SitePseudonyms
from tongxing.services.access import Access, ListedCredential, listed_gateway
from tongxing.services.admission import Admission
from tongxing.services.assessor import Assessor
from tongxing.services.at_home import keep_at_home
from tongxing.services.codes import CodeDesk
from tongxing.services.digest_log import DigestLogDesk
from tongxing.services.docking import DockingDesk
from tongxing.services.explanations import ExplanationDesk, FederationExplanations
from tongxing.services.federation_desk import FederationDesk
from tongxing.services.hub_desk import KeyService, ReportDesk
from tongxing.services.ingesting import IngestDesk
from tongxing.services.interface_desk import InterfaceDesk
from tongxing.services.looks import HubLookDesk
from tongxing.services.making_tickets import MakingTickets
from tongxing.services.minting import CodeMinter
from tongxing.services.observing import NO_OBSERVER, Observer
from tongxing.services.one_stop_hub import OneStopHub
from tongxing.services.pairing import Pairings
from tongxing.services.peers import Hub as HubPort
from tongxing.services.peers import Peers
from tongxing.services.person_documents import DocumentBook
from tongxing.services.person_links import HubLinkDesk, PersonLinkDesk
from tongxing.services.ports import Clock, Credential, Entropy
from tongxing.services.published import Published
from tongxing.services.publishing import PublishingDesk
from tongxing.services.rederiving import Rederiving
from tongxing.services.reference import Reference
from tongxing.services.risk_desk import RiskDesk
from tongxing.services.sessions import Sessions
from tongxing.services.statements import StatementDesk
from tongxing.services.stating import ExtensionDesk, StatementSigner
from tongxing.services.statistics import PassageCounter, StatisticsDesk
from tongxing.services.subject_keys import SubjectKeyCache
from tongxing.services.verification import Verification
from tongxing.stores.sql.stores import NodeStores


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a node has from outside itself: the time, randomness, who watches."""

    clock: Clock
    entropy: Entropy
    observer: Observer

    @classmethod
    def of_this_machine(cls, observer: Observer | None = None) -> "Surroundings":
        """Return the real ones."""
        return cls(SystemClock(), system_entropy, observer or NO_OBSERVER)


@dataclass(frozen=True, slots=True)
class BundleInForce:
    """The bundle that a node decides with, or has published last."""

    number: int
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NodeCore:
    """What every node has."""

    settings: NodeSettings
    clock: Clock
    observer: Observer
    stores: NodeStores
    sessions: Sessions
    access: Access
    pairings: Pairings
    admission: Admission

    async def is_store_ready(self) -> bool:
        """True if a write would go through now."""
        try:
            await self.stores.check_ready()
        except TongxingError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Gateway:
    """A region's node."""

    core: NodeCore
    reference: Reference
    hub: HubPort
    subject_keys: SubjectKeyCache
    verification: Verification
    statements: StatementDesk
    code_desk: CodeDesk
    docking: DockingDesk
    explanations: ExplanationDesk
    ways: Ways
    citizens: Citizens
    interface: InterfaceDesk
    cases: GatewayCases
    links: PersonLinkDesk
    outbox: GatewayOutbox
    rederiving: Rederiving

    def bundle_in_force(self) -> BundleInForce | None:
        """Return the bundle in force, or None before the first."""
        if not self.reference.is_ready:
            return None
        knowledge = self.reference.knowledge
        return BundleInForce(knowledge.bundle_number, knowledge.issued_at, knowledge.expires_at)


@dataclass(frozen=True, slots=True)
class Hub:
    """The federation's node."""

    core: NodeCore
    key_service: KeyService
    report_desk: ReportDesk
    assessor: Assessor
    federation: FederationDesk
    explanations: FederationExplanations
    publishing: PublishingDesk
    published: Published
    looks: HubLookDesk
    rules: RuleDesks
    risk: RiskDesk
    dry_runs: DryRuns
    cases: Cases
    links: HubLinkDesk
    digest_log: DigestLogDesk
    statistics: StatisticsDesk
    ingest: IngestDesk
    one_stop: OneStopHub
    rederiving: Rederiving

    def bundle_in_force(self) -> BundleInForce | None:
        """Return the bundle published last, or None before the first."""
        bundle = self.published.bundle
        return None if bundle is None else BundleInForce(bundle.number, bundle.issued_at, bundle.expires_at)


Node = Gateway | Hub


@asynccontextmanager
async def open_gateway(settings: NodeSettings, around: Surroundings) -> AsyncIterator[Gateway]:
    """Open a gateway, keep it fresh while it is used, and close it with nothing half-written.

    Raises ``Fault`` naming the file that cannot be used.
    """
    keys = GatewayKeys.load(settings.keys_dir)
    async with AsyncExitStack() as stack:
        stores = await open_record(settings, around.observer, stack)
        client = await stack.enter_async_context(open_http_client())
        caller = SignedCaller(client, keys.request, around.clock, around.entropy)
        hub = keep_at_home(ObservedHub(HttpHub(caller, settings.hub_url or ""), around.observer), settings.region_id)
        reference = Reference(
            host=settings.region_id,
            roots=settings.root_keys,
            sealing_pair=keys.sealing,
            bundles=stores.bundles,
            alarms=stores.alarms,
            hub=hub,
            clock=around.clock,
        )
        await reference.load_held()

        def find_gateway(key_id: str, at: datetime) -> Credential | None:
            return listed_gateway(reference.knowledge.directory, key_id, at) if reference.is_ready else None

        core = _build_core(settings, around, stores, find_gateway)
        minting = join_minting(_way_parts(core, keys, reference, hub, caller, around))
        back_end = HttpBackEnd(client, settings.back_end_url or "", plain_secrets(settings.back_end_headers))
        statements = StatementDesk(
            region=settings.region_id,
            reference=reference,
            back_end=ObservedBackEnd(back_end, around.observer),
            credentials=plain_secrets(settings.back_end_credentials),
            tickets=stores.tickets,
            extensions=ExtensionDesk(stores.extensions),
            reports=minting.parts.reports(),
            persons=minting.parts.persons(),
            minted=minting.minted,
            passes=minting.transit_passes,
            alarms=stores.alarms,
            signer=StatementSigner(settings.region_id, keys.statement, keys.handles),
            code_key=keys.national_code.public,
            clock=around.clock,
        )
        peers = ObservedPeers(HttpPeers(caller), around.observer)
        gateway = _join_gateway(core, keys, reference, statements, peers, minting, around)
        refreshing = keep_reference_fresh(reference, settings.bundle_refresh_seconds)
        telling = keep_cases_told(gateway.cases.desk)
        sending = keep_hub_told(gateway.docking, gateway.outbox.sender, around.entropy)
        counts = PassageCounter(stores.statistics, HttpPassageCounts(caller, settings.hub_url or ""), around.clock)
        house = keep_house(stores, settings.region_id, keys.statement, around.clock)
        rotating = keep_rederived(gateway.rederiving, ROTATION_SECONDS)
        async with running(refreshing, telling, sending, keep_counted(counts.tell), house, rotating):
            yield gateway


def _way_parts(
    core: NodeCore,
    keys: GatewayKeys,
    reference: Reference,
    hub: HubPort,
    caller: SignedCaller,
    around: Surroundings,
) -> WayParts:
    settings, stores = core.settings, core.stores
    return WayParts(
        region=settings.region_id,
        stores=stores,
        keys=keys,
        reference=reference,
        subject_keys=SubjectKeyCache(hub=hub, clock=around.clock, entropy=around.entropy),
        hub=hub,
        peers=HttpConversionPeers(caller),
        case_peers=HttpCasePeers(caller),
        shared_links=HttpSharedLinks(caller, settings.hub_url or ""),
        http=caller.client,
        shared_looks=HttpSharedLooks(caller, settings.hub_url or ""),
        digest_log=HttpDigestLog(caller, settings.hub_url or ""),
        one_stop=HttpOneStop(caller, settings.hub_url or ""),
        rederiving=join_gateway_rederiving(stores, caller, settings),
        admission=core.admission,
        clock=around.clock,
        entropy=around.entropy,
    )


def _join_gateway(
    core: NodeCore,
    keys: GatewayKeys,
    reference: Reference,
    statements: StatementDesk,
    peers: Peers,
    minting: Minting,
    around: Surroundings,
) -> Gateway:
    region, stores, hub = core.settings.region_id, core.stores, minting.parts.hub
    verification = Verification(
        host=region,
        reference=reference,
        statements=statements,
        peers=peers,
        hub=hub,
        passages=ObservedPassages(stores.passages, around.observer),
        alarms=stores.alarms,
        views_key=keys.views,
        pseudonyms=SitePseudonyms(keys.sites),
        clock=around.clock,
        entropy=around.entropy,
    )
    subject_keys = minting.parts.subject_keys
    code_desk = _build_code_desk(core, keys, reference, minting.parts, around)
    explanations = ExplanationDesk(
        region=region,
        reference=reference,
        statements=statements,
        verification=verification,
        peers=peers,
        hub=hub,
    )
    ways = join_ways(minting, statements, verification)
    citizens = join_citizens(core.settings, minting, code_desk, explanations)
    outbox = join_outbox(minting.parts)
    docking = DockingDesk(
        region=region,
        reference=reference,
        subject_keys=subject_keys,
        outbox=outbox.docking,
        reports=stores.reports,
        passes=stores.transit_passes,
        persons=minting.parts.persons(),
        links=citizens.links,
        clock=around.clock,
    )
    interface = join_interface(minting, code_desk, verification)
    own = core, reference, hub, subject_keys, verification, statements, code_desk
    rest = interface, citizens.cases, citizens.links, outbox, minting.parts.rederiving
    return Gateway(*own, docking, explanations, ways, citizens, *rest)


def _build_code_desk(
    core: NodeCore, keys: GatewayKeys, reference: Reference, parts: WayParts, around: Surroundings
) -> CodeDesk:
    region, stores = core.settings.region_id, core.stores
    return CodeDesk(
        region=region,
        subject_keys=parts.subject_keys,
        reports=parts.reports(),
        tickets=MakingTickets(stores.tickets, around.clock, around.entropy),
        minter=CodeMinter(
            region,
            keys.national_code,
            reference.verifier_key_on,
            stores.extensions,
            around.entropy,
        ),
        clock=around.clock,
    )


@asynccontextmanager
async def open_hub(settings: NodeSettings, around: Surroundings) -> AsyncIterator[Hub]:
    """Open the hub and close it with nothing half-written. Raises ``Fault`` naming the file that cannot be used."""
    keys = HubKeys.load(settings.keys_dir)
    async with AsyncExitStack() as stack:
        stores = await open_record(settings, around.observer, stack)
        published = Published(bundles=stores.bundles, roots=[keys.bundle.public])
        await published.take_up()
        prover = WorkerProver()
        publishing = PublishingDesk(
            bundles=stores.bundles,
            key=keys.bundle,
            verifier_secret=keys.verifiers,
            prover=prover,
            clock=around.clock,
        )
        core = _build_core(settings, around, stores, published.find_credential)
        rules = join_rule_desks(publishing, prover, stores.proposals, core.access, around.clock, around.entropy)
        client = await stack.enter_async_context(open_http_client())
        caller = SignedCaller(client, keys.request, around.clock, around.entropy)
        hub = _join_hub(core, keys, publishing, rules, published, caller, around)
        reissuing = keep_published_young(hub.publishing, published, around.clock, settings.bundle_reissue_seconds)
        counting = keep_counted(hub.statistics.recount)
        house = keep_house(stores, settings.region_id, keys.statement, around.clock, published.departed)
        rotating = keep_rederived(hub.rederiving, ROTATION_SECONDS)
        async with running(keep_published_fresh(published), reissuing, counting, house, rotating):
            yield hub


def _join_hub(
    core: NodeCore,
    keys: HubKeys,
    publishing: PublishingDesk,
    rules: RuleDesks,
    published: Published,
    caller: SignedCaller,
    around: Surroundings,
) -> Hub:
    stores, peers = core.stores, ObservedPeers(HttpPeers(caller), around.observer)
    key_service = KeyService(keys.subjects, stores.links)
    documents = DocumentBook(stores.links, stores.person_links)
    report_desk = ReportDesk(stores.reports, documents)
    assessor = join_assessor(stores, keys, key_service, published, around.clock, around.entropy)
    clock, entropy = around.clock, around.entropy
    federation = join_federation(
        stores, keys, report_desk, assessor, publishing, published=published, clock=clock, entropy=entropy
    )
    explanations = FederationExplanations(
        directory=lambda: published.directory, peers=peers, code_key=keys.national_code.public
    )
    looks = HubLookDesk(stores.looks, documents)
    risk = RiskDesk(
        history=stores.risk_history,
        publishing=publishing,
        published=published,
        gazetteer=load_gazetteer(),
        clock=around.clock,
    )
    own = core, key_service, report_desk, assessor, federation, explanations, publishing, published, looks, rules, risk
    return Hub(
        *own,
        DryRuns(published, risk, around.clock),
        join_hub_cases(stores, published, keys.sealing, HttpCasePeers(caller), around.clock, around.entropy),
        HubLinkDesk(documents),
        DigestLogDesk(stores.digest_log, keys.statement, around.clock),
        StatisticsDesk(stores.statistics, around.clock),
        IngestDesk(
            stores.ingest, join_sinks(stores, keys, around.clock, around.entropy), WorkerColumns(), around.clock
        ),
        join_one_stop(core.settings, stores, keys, assessor, federation, published, caller, core.admission),
        join_hub_rederiving(stores, keys, around.clock, around.entropy),
    )


def _build_core(settings: NodeSettings, around: Surroundings, stores: NodeStores, listed: ListedCredential) -> NodeCore:
    sessions = Sessions(around.entropy)
    access = Access(
        credentials=stores.credentials, nonces=stores.nonces, sessions=sessions, clock=around.clock, listed=listed
    )
    pairings = Pairings(region=settings.region_id, access=access, clock=around.clock, entropy=around.entropy)
    admission = Admission(settings.requests_in_flight_max, settings.answer_target_ms / 1000)
    return NodeCore(settings, around.clock, around.observer, stores, sessions, access, pairings, admission)
