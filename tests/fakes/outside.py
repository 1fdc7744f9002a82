"""What stands behind the outer ports in tests: a back end, other gateways and a hub, without any wire.

The hub and the other gateways are the real use cases, called directly; each can be away.
"""

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import ProofKind
from tongxing.core.subjects import Document, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.crypto.subject_keys import SubjectSecret, derive_subject_keys
from tongxing.recognition.views import CitizenView
from tongxing.regions.answers import BackEndAnswer, BackEndRequest
from tongxing.services.declarations import Declaration
from tongxing.services.hub_desk import ReportDesk
from tongxing.services.minting import MadeCode
from tongxing.services.peers import SharedVerdict, StatementRequest
from tongxing.services.ports import SubjectReport
from tongxing.services.report_sums import ReportSums, sum_stretch
from tongxing.services.statements import StatementDesk
from tongxing.services.verification import Verification
from tongxing.trust.directory import DirectoryRecord
from tongxing.wire.report_lines import parse_report_line

GREEN: Mapping[str, object] = {
    "fxdj": "green",
    "warnType": "wjyc",
    "updateTime": "2020-03-21 08:00:00",
    "xzqh": "450103",
}
YELLOW_OF_A_CONTACT: Mapping[str, object] = {**GREEN, "fxdj": "yellow", "warnType": "mqjcz"}
INSECURE_TEST_SUBJECTS = SubjectSecret(1, b"INSECURE_TEST_SUBJECT_SECRET....")


@dataclass
class CarelessBackEnd:
    """Hubei's interface; it answers every code each time it is asked. ``fails`` are raised first, in turn."""

    content: Mapping[str, object] = field(default_factory=lambda: GREEN)
    fails: list[Exception] = field(default_factory=list)
    refusal: str | None = None
    second_document: str = "99****1X"
    asked: list[BackEndRequest] = field(default_factory=list)
    before: Callable[[], Awaitable[object]] | None = None

    async def exchange(self, request: BackEndRequest, *, timeout_seconds: float) -> BackEndAnswer:
        assert timeout_seconds > 0
        self.asked.append(request)
        if self.before is not None:
            await self.before()
        if self.fails:
            raise self.fails.pop(0)
        if self.refusal is not None:
            return _json({"errcode": self.refusal})
        if request.path.endswith("validateCode"):
            return _json({"errcode": "0", "data": {"bizExtData": "T1", "desensitizeCardId": "99****1X"}})
        person = {"desensitizeCardId": self.second_document, "desensitizeName": "王小明"}
        content = json.dumps({**self.content, "person": person})
        return _json({"errcode": "0", "data": {"bizExtData": "T1", "content": content}})


def _json(value: object) -> BackEndAnswer:
    return BackEndAnswer(200, "application/json", json.dumps(value).encode())


@dataclass
class PeersNearby:
    """The gateways of other regions, reached without a wire by the gateway of ``asking``."""

    asking: RegionId
    statements: dict[RegionId, StatementDesk] = field(default_factory=dict)
    verifications: dict[RegionId, Verification] = field(default_factory=dict)
    fails: Exception | None = None
    before: Callable[[], Awaitable[object]] | None = None
    change: Callable[[bytes], bytes] = lambda data: data

    async def request_statement(
        self, issuer: DirectoryRecord, request: StatementRequest, *, timeout_seconds: float
    ) -> bytes:
        assert timeout_seconds > 0
        if self.before is not None:
            await self.before()
        if self.fails is not None:
            raise self.fails
        token = request.extension_token_hex
        answered = await self.statements[issuer.region].answer(
            self.asking,
            bytes.fromhex(request.query_id_hex),
            request.qr_text,
            None if token is None else bytes.fromhex(token),
        )
        return self.change(answered)

    async def request_citizen_view(self, host: DirectoryRecord, ref: str, *, timeout_seconds: float) -> SharedVerdict:
        assert timeout_seconds > 0
        if self.fails is not None:
            raise self.fails
        return await self.verifications[host.region].shared_verdict(ref, self.asking)


@dataclass
class HubNearby:
    """The hub, reached without a wire by the gateway of ``sender``; ``bundles`` are what it gives out."""

    sender: RegionId
    desk: ReportDesk | None = None
    bundles: dict[int, bytes] = field(default_factory=dict)
    newest: int | None = None
    away: bool = False
    fetched: list[int | None] = field(default_factory=list)
    secrets: tuple[SubjectSecret, ...] = (INSECURE_TEST_SUBJECTS,)
    batches: dict[int, bytes] = field(default_factory=dict)
    complete: dict[str, datetime] = field(default_factory=dict)

    async def derive_subject_keys(self, documents: Sequence[Document]) -> tuple[SubjectKeys, ...]:
        self._reach()
        return tuple(derive_subject_keys(self.secrets, document) for document in documents)

    async def query_reports(self, keys: SubjectKeys, *, timeout_seconds: float) -> tuple[SubjectReport, ...]:
        assert timeout_seconds > 0
        self._reach()
        assert self.desk is not None
        return await self.desk.reports_of(keys)

    async def consult(
        self, issuer: RegionId, query_id: bytes, sealed: bytes, asked: AbstractSet[ProofKind], *, timeout_seconds: float
    ) -> bytes:
        raise Refused(ProblemId.UPSTREAM_AWAY, f"{issuer} {query_id!r} {sealed!r} {sorted(asked)} {timeout_seconds}")

    async def declare(self, keys: SubjectKeys, declaration: Declaration) -> datetime:
        raise NotImplementedError

    async def make_national_code(self, keys: SubjectKeys, masked_hint: str) -> MadeCode:
        raise NotImplementedError

    async def explain(self, host: RegionId, ref: str, qr_texts: Collection[str]) -> CitizenView:
        raise NotImplementedError

    async def send_batch(self, dataset: str, number: int, body: bytes) -> None:
        self._reach()
        assert self.desk is not None
        assert dataset == "reports"
        known = self.batches.setdefault(number, body)
        if known != body:
            raise Refused(ProblemId.CONFLICT, "another batch has this number")
        await self.desk.take_in([SubjectReport(*parse_report_line(line)) for line in body.splitlines()], self.sender)

    async def say_complete(self, dataset: str, as_of: datetime) -> None:
        self._reach()
        self.complete[dataset] = as_of

    async def sum_reports(self, after: bytes, until: bytes | None) -> ReportSums:
        self._reach()
        assert self.desk is not None
        return await sum_stretch(self.desk.reports, self.sender, after, until)

    async def last_batch(self, dataset: str) -> int:
        self._reach()
        assert dataset == "reports"
        return max(self.batches, default=0)

    async def fetch_bundle(self, number: int | None) -> bytes | None:
        self._reach()
        self.fetched.append(number)
        assert len(self.fetched) < 100, "the hub is asked without end"
        if number is not None:
            return self.bundles.get(number)
        return self.bundles.get(max(self.bundles, default=0) if self.newest is None else self.newest)

    def _reach(self) -> None:
        if self.away:
            raise Refused(ProblemId.UPSTREAM_AWAY, "the hub")
