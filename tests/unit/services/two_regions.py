"""Two gateways of real use cases on real SQLite stores, and a hub; only wires and back ends are played.

Hubei's codes are used up by being checked and its system tells causes; Guangxi's can be asked again and
tell a colour only. Each wire can be cut. All keys are INSECURE_TEST keys.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx

from tests.fakes.access_stores import CountedEntropy, HandSetClock
from tests.unit.regions.samples import CHECKED, CONTENT, colour, info, json_answer
from tests.world import (
    AT,
    FEDERATION_PAIR,
    GUANGXI,
    HUBEI,
    PAIRS,
    ROOT,
    World,
    insecure_test_key,
    insecure_test_seed,
)
from tongxing.app.node_keys import GatewayKeys
from tongxing.app.ways import Minting, WayParts, Ways, join_minting, join_ways
from tongxing.core.errors import Refused, Undecidable
from tongxing.core.looks import Look
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import ProofKind
from tongxing.core.reasons import ReasonId
from tongxing.core.subjects import Document, DocumentType, SubjectKeys
from tongxing.core.words import PlaceKind, RegionId
from tongxing.crypto.sealing import SealBroken, SymmetricKey
from tongxing.crypto.site_pseudonyms import SitePseudonyms
from tongxing.crypto.subject_keys import SubjectSecret, derive_subject_keys
from tongxing.regions.answers import BackEndAnswer, BackEndRequest
from tongxing.services.admission import Admission
from tongxing.services.at_home import keep_at_home
from tongxing.services.digest_log import DigestLog
from tongxing.services.hub_desk import ReportDesk
from tongxing.services.looks import HubLookDesk
from tongxing.services.person_documents import DocumentBook
from tongxing.services.persons import Persons
from tongxing.services.ports import SubjectReport
from tongxing.services.rederiving import Rederiving
from tongxing.services.reference import Reference
from tongxing.services.statements import StatementDesk
from tongxing.services.stating import ExtensionDesk, StatementSigner
from tongxing.services.subject_keys import SubjectKeyCache
from tongxing.services.verification import Passing, Verification, Verified
from tongxing.services.way_ports import ConversionStatementRequest
from tongxing.stores.sql.stores import NodeStores
from tongxing.stores.sqlite.stores import open_stores
from tongxing.trust.bundle import accept_bundle
from tongxing.trust.directory import DirectoryRecord
from tongxing.wire.consultation import Consultation, consultation_info, parse_consultation

PERSON, OTHER = Document(DocumentType.PASSPORT, "E99000001"), Document(DocumentType.PASSPORT, "E99000002")
PERSON_REF = "person-1"
HUBEI_QR = "HBJKM." + "aB3-_" * 8 + "xyz"
GUANGXI_QR = "GXJKM:" + "0123456789abcdef" * 2
PASSING = Passing("00112233aabbccdd", "gate 1", PlaceKind.TRAFFIC_GATE)


@dataclass
class PlayedBackEnd:
    """Both dialects: Hubei's two calls, Guangxi's one. ``status`` and ``told`` are what it says of everybody."""

    status: str = "green"
    told: str = ""
    is_away: bool = False
    asked: int = 0
    refreshed: str = "2020-03-21 08:00:00"
    shows: str = GUANGXI_QR

    async def exchange(self, request: BackEndRequest, *, timeout_seconds: float) -> BackEndAnswer:
        assert timeout_seconds > 0
        self.asked += 1
        if self.is_away:
            raise Undecidable(ReasonId.SOURCE_AWAY)
        if "gateway.do" in request.path:
            return json_answer(colour(code_color=self.status, code_content=self.shows, refresh_time=self.refreshed))
        if b"qrCode" in request.body:
            return json_answer(CHECKED)
        content = {**CONTENT, "fxdj": self.status, "warnType": self.told, "updateTime": self.refreshed}
        return json_answer(info(content))


@dataclass
class PlayedHub:
    """The hub's own desks behind a wire that can be cut; not what nobody asks here."""

    reports: ReportDesk
    looks: HubLookDesk
    secret: SubjectSecret = field(default_factory=lambda: SubjectSecret(1, bytes(range(32))))
    is_away: bool = False
    digest_log: DigestLog | None = None
    told: int = 0

    async def derive_subject_keys(self, documents: Sequence[Document]) -> tuple[SubjectKeys, ...]:
        self._answer()
        return tuple(derive_subject_keys((self.secret,), document) for document in documents)

    async def query_reports(self, keys: SubjectKeys, *, timeout_seconds: float) -> tuple[SubjectReport, ...]:
        assert timeout_seconds > 0
        self._answer()
        return await self.reports.reports_of(keys)

    async def consult(
        self, issuer: RegionId, query_id: bytes, sealed: bytes, asked: AbstractSet[ProofKind], *, timeout_seconds: float
    ) -> bytes:
        """As the hub: what others report. Whoever asks, the seal opens for its own audience alone."""
        assert timeout_seconds > 0
        assert not asked
        self._answer()
        audience, about = _open_consultation(issuer, query_id, sealed)
        rows = await self.reports.reports_of(about.keys)
        others = [row.report for row in rows if row.report.issuer != issuer and row.report.derived_from is None]
        return World().consultation_answer(*others, audience=audience, query_id=query_id, answered_at=about.made_at)

    async def share(self, look: Look, *, timeout_seconds: float) -> None:
        assert timeout_seconds > 0
        self._answer()
        await self.looks.take_in(look)

    async def looks_at(self, keys: SubjectKeys, *, timeout_seconds: float) -> tuple[Look, ...]:
        assert timeout_seconds > 0
        self._answer()
        return await self.looks.looks_at(keys)

    def _answer(self) -> None:
        self.told += 1
        if self.is_away:
            raise Refused(ProblemId.UPSTREAM_AWAY)


def _open_consultation(issuer: RegionId, query_id: bytes, sealed: bytes) -> tuple[RegionId, Consultation]:
    for audience in (HUBEI, GUANGXI):
        with contextlib.suppress(SealBroken):
            content = FEDERATION_PAIR.open(sealed, consultation_info(issuer, audience, query_id))
            return audience, parse_consultation(content)
    raise Refused(ProblemId.BAD_REQUEST, "sealed for nobody here")


@dataclass
class PlayedPeers:
    """The wire between the two gateways. ``asked`` counts what went over it."""

    gateways: "dict[RegionId, PlayedGateway]"
    asking: RegionId
    is_cut: bool = False
    asked: int = 0

    async def request_conversion_statement(
        self, issuer: DirectoryRecord, request: ConversionStatementRequest, *, timeout_seconds: float
    ) -> bytes:
        assert timeout_seconds > 0
        assert request.consent
        if self.is_cut:
            raise Undecidable(ReasonId.GATEWAY_AWAY)
        self.asked += 1
        token = None if request.renewal_token_hex is None else bytes.fromhex(request.renewal_token_hex)
        desk = self.gateways[issuer.region].ways.conversion_statements
        return await desk.answer(self.asking, bytes.fromhex(request.query_id_hex), request.qr_text, token)


@dataclass
class PlayedGateway:
    """One region's use cases."""

    region: RegionId
    stores: NodeStores
    reference: Reference
    back_end: PlayedBackEnd
    peers: PlayedPeers
    persons: Persons
    statements: StatementDesk
    verification: Verification
    ways: Ways

    async def scan(self, qr_text: str) -> Verified:
        """Return the verdict at this region's traffic gate."""
        return await self.verification.verify(qr_text, PASSING)


@dataclass
class TwoRegions:
    """Hubei, Guangxi and the hub, on one clock."""

    clock: HandSetClock
    hub: PlayedHub
    gateways: dict[RegionId, PlayedGateway]

    @property
    def hubei(self) -> PlayedGateway:
        return self.gateways[HUBEI]

    @property
    def guangxi(self) -> PlayedGateway:
        return self.gateways[GUANGXI]

    def keys_of(self, document: Document = PERSON) -> SubjectKeys:
        return derive_subject_keys((self.hub.secret,), document)

    async def report(self, row: SubjectReport) -> None:
        """Have the row's issuer report: durable at its gateway and at the hub."""
        gateway = self.gateways.get(row.report.issuer)
        if gateway is not None:
            await gateway.stores.reports.put_reports([row])
        await self.hub.reports.take_in([row], row.report.issuer)


@contextlib.asynccontextmanager
async def two_regions(folder: Path, at: datetime = AT, world: World | None = None) -> AsyncIterator[TwoRegions]:
    """Open both gateways and the hub in ``folder``, with the world's bundle."""
    bundle = (world or World()).bundle()
    async with contextlib.AsyncExitStack() as stack:
        clock = HandSetClock(at)
        hub_stores = open_stores(folder / "hub.sqlite")
        stack.push_async_callback(hub_stores.aclose)
        hub = PlayedHub(
            ReportDesk(hub_stores.reports, DocumentBook(hub_stores.links, hub_stores.person_links)),
            HubLookDesk(hub_stores.looks, DocumentBook(hub_stores.links, hub_stores.person_links)),
        )
        gateways: dict[RegionId, PlayedGateway] = {}
        for region in (HUBEI, GUANGXI):
            stores = open_stores(folder / f"{region}.sqlite")
            stack.push_async_callback(stores.aclose)
            gateways[region] = await open_played_gateway(region, stores, hub, gateways, clock, bundle)
        yield TwoRegions(clock, hub, gateways)


def _keys(region: RegionId) -> GatewayKeys:
    return GatewayKeys(
        request=insecure_test_key(f"request {region}"),
        statement=World().statement_key(region),
        national_code=World().code_key(region),
        sealing=PAIRS[region],
        views=SymmetricKey(insecure_test_seed(f"views {region}")),
        handles=insecure_test_seed(f"handles {region}"),
        sites=insecure_test_seed(f"sites {region}"),
    )


async def open_played_gateway(
    region: RegionId,
    stores: NodeStores,
    hub: PlayedHub,
    gateways: dict[RegionId, PlayedGateway],
    clock: HandSetClock,
    data: bytes,
) -> PlayedGateway:
    keys, entropy = _keys(region), CountedEntropy()
    bundle = accept_bundle(data, held=None, roots=[ROOT.public], at=clock.now())
    await stores.bundles.save(bundle.number, bundle.digest, data)
    reference = Reference(
        host=region,
        roots=[ROOT.public],
        sealing_pair=keys.sealing,
        bundles=stores.bundles,
        alarms=stores.alarms,
        hub=keep_at_home(hub, region),  # type: ignore[arg-type]  # only what is asked here
        clock=clock,
    )
    await reference.load_held()
    peers, back_end = PlayedPeers(gateways, region), PlayedBackEnd()
    parts = WayParts(
        region=region,
        stores=stores,
        keys=keys,
        reference=reference,
        subject_keys=SubjectKeyCache(hub=keep_at_home(hub, region), clock=clock, entropy=entropy),  # type: ignore[arg-type]
        hub=keep_at_home(hub, region),  # type: ignore[arg-type]
        peers=peers,
        case_peers=None,  # type: ignore[arg-type]  # nobody opens a case here
        shared_links=None,  # type: ignore[arg-type]  # nobody says a link here
        http=httpx.AsyncClient(),
        shared_looks=hub,
        digest_log=hub.digest_log,  # type: ignore[arg-type]  # none where no border lies between them
        one_stop=None,  # type: ignore[arg-type]  # nobody asks for everything here
        rederiving=Rederiving(stores.rederiving, stores.links, clock, 1),
        admission=Admission(),
        clock=clock,
        entropy=entropy,
    )
    minting = join_minting(parts)
    persons = Persons(region=region, reference=reference, store=stores.persons, secret=keys.handles)
    statements = _statements(parts, persons, back_end, minting)
    verification = _verification(parts, statements)
    ways = join_ways(minting, statements, verification)
    return PlayedGateway(region, stores, reference, back_end, peers, persons, statements, verification, ways)


def _statements(parts: WayParts, persons: Persons, back_end: PlayedBackEnd, minting: Minting) -> StatementDesk:
    return StatementDesk(
        region=parts.region,
        reference=parts.reference,
        back_end=back_end,
        credentials={},
        tickets=parts.stores.tickets,
        extensions=ExtensionDesk(parts.stores.extensions),
        reports=parts.stores.reports,
        persons=persons,
        minted=minting.minted,
        passes=minting.transit_passes,
        alarms=parts.stores.alarms,
        signer=StatementSigner(parts.region, parts.keys.statement, parts.keys.handles),
        code_key=parts.keys.national_code.public,
        clock=parts.clock,
    )


def _verification(parts: WayParts, statements: StatementDesk) -> Verification:
    return Verification(
        host=parts.region,
        reference=parts.reference,
        statements=statements,
        peers=None,  # type: ignore[arg-type]  # nobody shows another region's code at a gate here
        hub=parts.hub,
        passages=parts.stores.passages,
        alarms=parts.stores.alarms,
        views_key=parts.keys.views,
        pseudonyms=SitePseudonyms(parts.keys.sites),
        clock=parts.clock,
        entropy=parts.entropy,
    )
