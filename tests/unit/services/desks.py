"""A gateway's use cases joined on real stores, with fakes at the outer ports only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.contract.implementations import Stores, open_sqlite
from tests.fakes.access_stores import CountedEntropy, HandSetClock
from tests.fakes.links import NOBODY_LINKS
from tests.fakes.outside import CarelessBackEnd, HubNearby, PeersNearby
from tests.world import AT, PAIRS, ROOT, World, insecure_test_seed
from tongxing.core.documents import resident_check_character
from tongxing.core.subjects import Document, DocumentType
from tongxing.core.words import RegionId
from tongxing.crypto.sealing import SymmetricKey
from tongxing.crypto.site_pseudonyms import SitePseudonyms
from tongxing.services.codes import CodeDesk
from tongxing.services.docking import DockingDesk, DockingOutbox
from tongxing.services.explanations import ExplanationDesk
from tongxing.services.hub_desk import ReportDesk
from tongxing.services.making_tickets import MakingTickets
from tongxing.services.minting import CodeMinter
from tongxing.services.outbox import OutboxSender
from tongxing.services.person_documents import DocumentBook
from tongxing.services.persons import Persons
from tongxing.services.ports import Alarm
from tongxing.services.reference import Reference
from tongxing.services.sealed_records import SealedRecords
from tongxing.services.statements import StatementDesk
from tongxing.services.stating import ExtensionDesk, MintedByAny, StatementSigner
from tongxing.services.subject_keys import SubjectKeyCache
from tongxing.services.transit_passes import TransitPassDesk
from tongxing.services.verification import Verification

WORLD = World()
BUNDLE = WORLD.bundle()


def synthetic_number(sequence: int = 1) -> str:
    """Return a resident number of nobody: division 994201 does not exist."""
    body = f"99420119900307{sequence:03d}"
    return body + resident_check_character(body)


def synthetic_document(sequence: int = 1) -> Document:
    return Document(DocumentType.RESIDENT_ID, synthetic_number(sequence))


@dataclass
class Desks:
    """One region's gateway."""

    region: RegionId
    clock: HandSetClock
    stores: Stores
    hub: HubNearby
    hub_stores: Stores
    back_end: CarelessBackEnd
    peers: PeersNearby
    reference: Reference
    statements: StatementDesk
    verification: Verification
    codes: CodeDesk
    transit_passes: TransitPassDesk
    docking: DockingDesk
    explanations: ExplanationDesk

    async def alarms(self) -> tuple[Alarm, ...]:
        return await self.stores.alarms.recent(100)


def make_reference(region: RegionId, stores: Stores, hub: HubNearby, clock: HandSetClock) -> Reference:
    return Reference(
        host=region,
        roots=[ROOT.public],
        sealing_pair=PAIRS[region],
        bundles=stores.bundles,
        alarms=stores.alarms,
        hub=hub,
        clock=clock,
    )


@asynccontextmanager
async def open_desks(region: RegionId, folder: Path) -> AsyncIterator[Desks]:
    """Open the gateway of ``region`` with a bundle in force, at ``AT``; and a hub beside it."""
    for name in ("gateway", "hub"):
        (folder / name).mkdir(parents=True)
    stores, hub_stores = await open_sqlite(folder / "gateway"), await open_sqlite(folder / "hub")
    try:
        clock = HandSetClock(AT)
        hub = HubNearby(
            region, ReportDesk(hub_stores.reports, DocumentBook(hub_stores.links, hub_stores.person_links)), {1: BUNDLE}
        )
        reference = make_reference(region, stores, hub, clock)
        await reference.refresh()
        yield join_desks(region, clock, stores, hub, hub_stores, reference)
    finally:
        await stores.aclose()
        await hub_stores.aclose()


def _transit_passes(
    region: RegionId,
    clock: HandSetClock,
    stores: Stores,
    subject_keys: SubjectKeyCache,
    tickets: MakingTickets,
    entropy: CountedEntropy,
) -> TransitPassDesk:
    return TransitPassDesk(
        region=region,
        key=WORLD.code_key(region),
        subject_keys=subject_keys,
        reports=stores.reports,
        passes=stores.transit_passes,
        tickets=tickets,
        sealed=SealedRecords.for_use(insecure_test_seed(f"handles {region}"), "transit passes", entropy),
        clock=clock,
        entropy=entropy,
    )


def _outbox(stores: Stores, hub: HubNearby, clock: HandSetClock, sealed: SealedRecords) -> DockingOutbox:
    sender = OutboxSender(store=stores.outbox, hub=hub, clock=clock)
    return DockingOutbox(stores.outbox, sender, sealed, stores.alarms)


def join_desks(
    region: RegionId, clock: HandSetClock, stores: Stores, hub: HubNearby, hub_stores: Stores, reference: Reference
) -> Desks:
    entropy, back_end, peers = CountedEntropy(), CarelessBackEnd(), PeersNearby(region)
    handles, code_key = insecure_test_seed(f"handles {region}"), WORLD.code_key(region)
    subject_keys = SubjectKeyCache(hub=hub, clock=clock, entropy=entropy)
    persons = Persons(region=region, reference=reference, store=stores.persons, secret=handles)
    tickets = MakingTickets(stores.tickets, clock, entropy)
    transit_passes = _transit_passes(region, clock, stores, subject_keys, tickets, entropy)
    statements = StatementDesk(
        region=region,
        reference=reference,
        back_end=back_end,
        credentials={},
        tickets=stores.tickets,
        extensions=ExtensionDesk(stores.extensions),
        reports=stores.reports,
        persons=persons,
        minted=MintedByAny(()),
        passes=transit_passes,
        alarms=stores.alarms,
        signer=StatementSigner(region, WORLD.statement_key(region), handles),
        code_key=code_key.public,
        clock=clock,
    )
    verification = Verification(
        host=region,
        reference=reference,
        statements=statements,
        peers=peers,
        hub=hub,
        passages=stores.passages,
        alarms=stores.alarms,
        views_key=SymmetricKey(insecure_test_seed(f"views {region}")),
        pseudonyms=SitePseudonyms(insecure_test_seed(f"sites {region}")),
        clock=clock,
        entropy=entropy,
    )
    minter = CodeMinter(region, code_key, reference.verifier_key_on, stores.extensions, entropy)
    codes = CodeDesk(
        region=region, subject_keys=subject_keys, reports=stores.reports, tickets=tickets, minter=minter, clock=clock
    )
    docking = DockingDesk(
        region=region,
        reference=reference,
        subject_keys=subject_keys,
        outbox=_outbox(stores, hub, clock, SealedRecords.for_use(handles, "waiting rows", entropy)),
        reports=stores.reports,
        passes=stores.transit_passes,
        persons=persons,
        links=NOBODY_LINKS,
        clock=clock,
    )
    explanations = ExplanationDesk(
        region=region, reference=reference, statements=statements, verification=verification, peers=peers, hub=hub
    )
    made = (reference, statements, verification, codes, transit_passes, docking, explanations)
    return Desks(region, clock, stores, hub, hub_stores, back_end, peers, *made)


def introduce(*gateways: Desks) -> None:
    """Let gateways reach one another, as the directory says."""
    for gateway in gateways:
        for other in gateways:
            if other is not gateway:
                gateway.peers.statements[other.region] = other.statements
                gateway.peers.verifications[other.region] = other.verification
