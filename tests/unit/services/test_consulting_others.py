"""From a docked record to a scan elsewhere: who a local code belongs to is told to the hub, and to nobody else."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.access_stores import CountedEntropy, HandSetClock
from tests.fakes.hub import FIRST_SECRET, SECOND_SECRET, HubInMemory
from tests.fakes.links import NOBODY_LINKS
from tests.world import (
    AT,
    FEDERATION_PAIR,
    GUANGXI,
    HUBEI,
    HUBEI_CODE,
    PAIRS,
    QUERY_ID,
    ROOT,
    World,
    report_of,
)
from tongxing.core.causes import Cause
from tongxing.core.errors import Undecidable
from tongxing.core.limits import CONSULTATION_DEADLINE_SECONDS, SUBJECT_KEYS_HELD
from tongxing.core.reasons import ReasonId
from tongxing.core.subjects import Document, DocumentType, SubjectKeys
from tongxing.core.verdicts import Note, Outcome
from tongxing.core.words import PlaceKind, RegionId
from tongxing.crypto.sealing import SealBroken, SymmetricKey
from tongxing.crypto.site_pseudonyms import SitePseudonyms
from tongxing.crypto.subject_keys import derive_subject_keys
from tongxing.services.docking import DockingDesk, DockingOutbox
from tongxing.services.outbox import OutboxSender
from tongxing.services.peers import SharedVerdict, StatementRequest
from tongxing.services.persons import Persons
from tongxing.services.reference import Reference
from tongxing.services.sealed_records import SealedRecords
from tongxing.services.subject_keys import SubjectKeyCache
from tongxing.services.verification import Passing, Verification, Verified
from tongxing.stores.sql.stores import NodeStores
from tongxing.stores.sqlite.stores import open_stores
from tongxing.trust.bundle import accept_bundle
from tongxing.trust.directory import DirectoryRecord
from tongxing.wire.consultation import consultation_info, parse_consultation

pytestmark = pytest.mark.anyio

ANHUI = RegionId("34")
SEALED = bytes(100)
PASSING = Passing("00112233aabbccdd", "north gate", PlaceKind.TRAFFIC_GATE)
TRAVELLER = Document(DocumentType.PASSPORT, "E99000001")


@dataclass
class IssuersGateway:
    """Plays Hubei's gateway: a statement of what is set here, slow as set here."""

    world: World
    consultation: bytes | None = SEALED
    slow_seconds: float = 0.0
    told: Any = field(default_factory=report_of)

    async def request_statement(
        self, issuer: DirectoryRecord, request: StatementRequest, *, timeout_seconds: float
    ) -> bytes:
        assert issuer.region == HUBEI
        await asyncio.sleep(self.slow_seconds)
        if self.slow_seconds > timeout_seconds:
            raise Undecidable(ReasonId.GATEWAY_SLOW)
        query_id = bytes.fromhex(request.query_id_hex)
        return self.world.statement(self.told, query_id=query_id, consultation=self.consultation)

    async def request_citizen_view(self, host: DirectoryRecord, ref: str, *, timeout_seconds: float) -> SharedVerdict:
        raise NotImplementedError


@dataclass
class Bench:
    """The parts of one gateway around a hub in memory."""

    stores: NodeStores
    reference: Reference
    hub: HubInMemory
    clock: HandSetClock
    world: World
    entropy: CountedEntropy = field(default_factory=CountedEntropy)

    def persons(self, region: RegionId = HUBEI) -> Persons:
        return Persons(region=region, reference=self.reference, store=self.stores.persons, secret=b"h" * 32)

    def docking(self) -> DockingDesk:
        cache = SubjectKeyCache(hub=self.hub, clock=self.clock, entropy=CountedEntropy())
        return DockingDesk(
            region=HUBEI,
            reference=self.reference,
            subject_keys=cache,
            outbox=DockingOutbox(
                self.stores.outbox,
                OutboxSender(store=self.stores.outbox, hub=self.hub, clock=self.clock),
                SealedRecords.for_use(b"h" * 32, "waiting rows", CountedEntropy()),
                self.stores.alarms,
            ),
            reports=self.stores.reports,
            passes=self.stores.transit_passes,
            persons=self.persons(),
            links=NOBODY_LINKS,
            clock=self.clock,
        )

    def verification(self, peers: IssuersGateway) -> Verification:
        return Verification(
            host=GUANGXI,
            reference=self.reference,
            statements=None,  # type: ignore[arg-type]  # no code of the host's own is scanned here
            peers=peers,
            hub=self.hub,
            passages=self.stores.passages,
            alarms=self.stores.alarms,
            views_key=SymmetricKey(b"v" * 32),
            pseudonyms=SitePseudonyms(b"s" * 32),
            clock=self.clock,
            entropy=self.entropy,
        )

    async def scan(self, peers: IssuersGateway) -> Verified:
        return await self.verification(peers).verify(HUBEI_CODE, PASSING)


async def open_bench(folder: Path, region: RegionId, world: World) -> Bench:
    stores = open_stores(folder / "node.sqlite")
    data = world.bundle()
    bundle = accept_bundle(data, held=None, roots=[ROOT.public], at=AT)
    await stores.bundles.save(bundle.number, bundle.digest, data)
    clock, hub = HandSetClock(AT), HubInMemory()
    reference = Reference(
        host=region,
        roots=[ROOT.public],
        sealing_pair=PAIRS[region],
        bundles=stores.bundles,
        alarms=stores.alarms,
        hub=hub,
        clock=clock,
    )
    await reference.load_held()
    return Bench(stores, reference, hub, clock, world)


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Bench]:
    """Guangxi's gateway."""
    bench = await open_bench(tmp_path, GUANGXI, World(has_federation=True))
    yield bench
    await bench.stores.aclose()


@pytest.fixture
async def issuer(tmp_path: Path) -> AsyncIterator[Bench]:
    """Hubei's gateway."""
    bench = await open_bench(tmp_path, HUBEI, World(has_federation=True))
    yield bench
    await bench.stores.aclose()


def answering(world: World, *reports: Any) -> Any:
    """Return what answers each consultation with these reports, on the query that was asked."""
    return lambda _issuer, query_id, _sealed: world.consultation_answer(*reports, query_id=query_id)


def row(ref: str | None = "person-1", number: str = TRAVELLER.number, **changes: Any) -> dict[str, Any]:
    value = {
        "document": {"type": TRAVELLER.type.value, "number": number},
        "name": "王某某",
        "status": "green",
        "told": ["wjyc"],
        "refreshed_at_seconds": int(AT.timestamp()) - 60,
        **changes,
    }
    return value if ref is None else {**value, "person_ref": ref}


def opened(sealed: bytes | None) -> SubjectKeys:
    """Open as the hub does."""
    assert sealed is not None
    about = parse_consultation(FEDERATION_PAIR.open(sealed, consultation_info(HUBEI, GUANGXI, QUERY_ID)))
    assert about.made_at == AT
    return about.keys


# The host's side: a scan


async def test_the_host_hands_on_what_it_cannot_read_and_decides_with_the_answer(host: Bench) -> None:
    host.hub.consulted = answering(host.world, report_of(Cause.CLOSE_CONTACT, issuer=ANHUI))
    verified = await host.scan(IssuersGateway(host.world))
    assert (verified.verdict.outcome, verified.verdict.notes) == (Outcome.STOP, ())
    ((asked_issuer, query_id, sealed),) = host.hub.consultations
    assert (asked_issuer, sealed) == (HUBEI, SEALED)
    assert verified.verdict.subject_handle == "handle"
    assert len(query_id) == 16


async def test_without_a_handle_to_the_subject_the_hub_is_not_asked_and_the_verdict_says_so(host: Bench) -> None:
    verified = await host.scan(IssuersGateway(host.world, consultation=None))
    assert (verified.verdict.outcome, verified.verdict.notes) == (Outcome.PASS, (Note.OTHER_REGIONS_NOT_CONSULTED,))
    assert host.hub.consultations == []


async def test_with_the_hub_away_the_scan_goes_on_and_the_verdict_says_so(host: Bench) -> None:
    host.hub.is_away = True
    verified = await host.scan(IssuersGateway(host.world))
    assert (verified.verdict.outcome, verified.verdict.notes) == (Outcome.PASS, (Note.OTHER_REGIONS_NOT_CONSULTED,))


async def test_a_hub_that_refuses_or_forges_costs_no_more_than_the_note(host: Bench) -> None:
    peers = IssuersGateway(host.world)
    contact = report_of(Cause.CLOSE_CONTACT, issuer=ANHUI)
    for consulted in (None, lambda *_: b"nonsense", lambda *_: host.world.consultation_answer(contact)):
        host.hub.consulted = consulted
        verified = await host.scan(peers)
        assert verified.verdict.outcome is Outcome.PASS
        assert verified.verdict.notes == (Note.OTHER_REGIONS_NOT_CONSULTED,)


async def test_a_slow_hub_is_given_up_within_its_own_deadline(host: Bench) -> None:
    host.hub.consulted = answering(host.world, report_of(Cause.CLOSE_CONTACT, issuer=ANHUI))
    for host.hub.slow_seconds in (60.0, 2 * CONSULTATION_DEADLINE_SECONDS):
        verified = await host.scan(IssuersGateway(host.world))
        assert (verified.verdict.outcome, verified.verdict.notes) == (Outcome.PASS, (Note.OTHER_REGIONS_NOT_CONSULTED,))
    host.hub.slow_seconds = CONSULTATION_DEADLINE_SECONDS / 3
    assert (await host.scan(IssuersGateway(host.world))).verdict.outcome is Outcome.STOP


async def test_an_issuer_that_took_nearly_all_the_time_leaves_less_of_it_for_the_hub(host: Bench) -> None:
    """The whole scan has its end; what the issuer took, the hub no longer has."""
    host.hub.consulted = answering(host.world)
    host.hub.slow_seconds = CONSULTATION_DEADLINE_SECONDS * 0.9
    verified = await host.scan(IssuersGateway(host.world, slow_seconds=1.75))
    assert verified.verdict.notes == (Note.OTHER_REGIONS_NOT_CONSULTED,)


# The issuer's side: docking, and who a code belongs to


async def test_whoever_was_docked_with_an_id_can_be_told_to_the_hub_by_that_id(issuer: Bench) -> None:
    docked = await issuer.docking().dock([row()])
    assert (docked.stored, docked.set_aside) == (1, ())
    persons = issuer.persons()
    keys = await persons.find_keys("person-1")
    assert keys == derive_subject_keys((FIRST_SECRET,), TRAVELLER)
    assert opened(persons.seal_consultation(keys, GUANGXI, QUERY_ID, AT)) == keys


async def test_two_scans_of_one_person_share_no_bytes_and_no_other_host_can_use_them(issuer: Bench) -> None:
    await issuer.docking().dock([row()])
    persons = issuer.persons()
    keys = await persons.find_keys("person-1")
    first, second = (persons.seal_consultation(keys, GUANGXI, QUERY_ID, AT) for _ in range(2))
    assert first is not None
    assert second is not None
    assert not {first[place : place + 8] for place in range(len(first) - 7)} & {
        second[place : place + 8] for place in range(len(second) - 7)
    }
    with pytest.raises(SealBroken):
        FEDERATION_PAIR.open(first, consultation_info(HUBEI, ANHUI, QUERY_ID))


@pytest.mark.parametrize("ref", [None, "", "person-2", "PERSON-1"])
async def test_whom_the_back_end_did_not_name_nobody_can_be_told(issuer: Bench, ref: str | None) -> None:
    await issuer.docking().dock([row(), row(None, "E99000002")])
    persons = issuer.persons()
    assert await persons.find_keys(ref) is None
    assert persons.seal_consultation(None, GUANGXI, QUERY_ID, AT) is None


async def test_a_federation_without_a_key_to_seal_to_is_told_nothing(tmp_path: Path) -> None:
    bench = await open_bench(tmp_path, HUBEI, World())
    keys = derive_subject_keys((FIRST_SECRET,), TRAVELLER)
    assert bench.persons().seal_consultation(keys, GUANGXI, QUERY_ID, AT) is None
    await bench.stores.aclose()


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_the_store_holds_neither_the_id_nor_the_document(issuer: Bench, tmp_path: Path) -> None:
    await issuer.docking().dock([row()])
    await issuer.stores.aclose()
    held = everything_in(tmp_path)
    assert b"person-1" not in held
    assert TRAVELLER.number.encode() not in held
    assert "王某某".encode() not in held


async def test_an_id_that_is_given_to_another_person_means_the_one_docked_last(issuer: Bench) -> None:
    docking = issuer.docking()
    await docking.dock([row()])
    issuer.clock.move(timedelta(seconds=1))
    await docking.dock([row("person-1", "E99000002")])
    other = Document(DocumentType.PASSPORT, "E99000002")
    assert await issuer.persons().find_keys("person-1") == derive_subject_keys((FIRST_SECRET,), other)


async def test_docking_during_a_rotation_stores_under_the_new_version_once_the_hour_is_over(issuer: Bench) -> None:
    docking = issuer.docking()
    await docking.dock([row()])
    issuer.hub.secrets = (SECOND_SECRET, FIRST_SECRET)
    issuer.clock.move(SUBJECT_KEYS_HELD)
    await docking.dock([row()])
    assert [pushed.subject[0] for pushed in issuer.hub.pushed] == [1, 2]
    keys = await issuer.persons().find_keys("person-1")
    assert keys == derive_subject_keys((SECOND_SECRET, FIRST_SECRET), TRAVELLER)


async def test_whoever_is_docked_with_the_hub_away_is_known_once_it_is_back(issuer: Bench) -> None:
    issuer.hub.is_away = True
    docking = issuer.docking()
    assert (await docking.dock([row()])).waiting == 1
    assert await issuer.persons().find_keys("person-1") is None
    issuer.hub.is_away = False
    await docking.dock_waiting()
    assert await issuer.persons().find_keys("person-1") is not None
