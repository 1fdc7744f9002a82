"""What a test does at the hub, through its whole application and the gateway's own client of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.callers import CALLERS
from tests.unit.api.nodes import ORIGIN, CallableNode
from tests.world import AT, QUERY_ID, World, decide
from tongxing.app.nodes import Hub
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.connectors.hub import HttpHub
from tongxing.connectors.peers import HttpPeers
from tongxing.core.errors import Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Report
from tongxing.core.subjects import Document, DocumentType, SubjectKeys
from tongxing.core.verdicts import Verdict
from tongxing.core.words import RegionId
from tongxing.recognition.knowledge import Knowledge
from tongxing.recognition.stages import Needed, StatementNeeded
from tongxing.services.declarations import Declaration, DeclaredStay
from tongxing.services.peers import StatementRequest
from tongxing.services.ports import Role, SubjectReport
from tongxing.trust.directory import DirectoryRecord

ANHUI = RegionId("34")
TRAVELLER = Document(DocumentType.PASSPORT, "E99000001")
NANNING, WUHAN_HIGH = "450103", "420102"
WORLD = World(has_federation=True)


class Callers:
    """What a test does at the hub: as Guangxi's gateway, as other regions' desks, as an operator."""

    def __init__(self, hub: CallableNode) -> None:
        assert isinstance(hub.node, Hub)
        self.hub, self.node = hub, hub.node
        self.signed = SignedCaller(hub.client, CALLERS[Role.GATEWAY].key, hub.clock, hub.entropy)
        self.guangxi = HttpHub(self.signed, ORIGIN)

    async def keys(self, document: Document = TRAVELLER) -> SubjectKeys:
        (keys,) = await self.guangxi.derive_subject_keys([document])
        return keys

    async def report(self, *reports: Report) -> None:
        keys = await self.keys()
        for told in reports:
            await self.node.report_desk.take_in([SubjectReport(keys[0], told)], told.issuer)

    async def evidence(self, kind: str, **changes: Any) -> Any:
        row = {
            "document": {"type": TRAVELLER.type, "number": TRAVELLER.number},
            "kind": kind,
            "ref": "a-1",
            "revision": 1,
            "since": AT - timedelta(days=2),
        }
        rows = {"rows": [{**row, **changes}]}
        return await self.hub.call(CALLERS[Role.OPERATOR], "POST", "/v1/evidence", rows)

    async def declare(self, division: str = NANNING, ref: str = "1", since_days: float = 20) -> datetime:
        stay = DeclaredStay(division, self.hub.clock.now() - timedelta(days=since_days))
        return await self.guangxi.declare(await self.keys(), Declaration(ref, (stay,)))

    async def issuers(self) -> dict[RegionId, Report]:
        rows = await self.guangxi.query_reports(await self.keys(), timeout_seconds=5)
        return {row.report.issuer: row.report for row in rows}

    def knowledge(self) -> Knowledge:
        """What Guangxi's gateway knows, with the hub's own verifier key of the day."""
        day = AT.date()
        return replace(WORLD.knowledge(), verifier_keys={day: self.node.publishing.verifier_key_on(day)})

    async def verdict(self, qr_text: str) -> Verdict:
        """Decide at Guangxi's gate; what is needed of the hub is fetched before."""
        statements = [await self.exchange(token) for token in self.tokens_of(qr_text)]
        return decide(self.knowledge(), qr_text, answer=lambda _: statements[0])

    def tokens_of(self, qr_text: str) -> list[bytes]:
        """Return the extension token that a host asks about, if it asks at all."""
        asked: list[bytes] = []

        def note(needed: Needed) -> Undecidable:
            assert isinstance(needed, StatementNeeded)
            assert needed.extension_token is not None
            asked.append(needed.extension_token)
            return Undecidable(ReasonId.GATEWAY_AWAY)

        decide(self.knowledge(), qr_text, answer=note)
        return asked

    async def exchange(self, token: bytes) -> bytes:
        record = WORLD.federation_record()
        record = DirectoryRecord(record.region, record.name, ORIGIN, record.keys, record.sealing_public)
        request = StatementRequest(QUERY_ID.hex(), extension_token_hex=token.hex())
        return await HttpPeers(self.signed).request_statement(record, request, timeout_seconds=5)
