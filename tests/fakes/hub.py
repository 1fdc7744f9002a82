"""The hub as a gateway sees it, in memory: it can be away, slow, or in the middle of a rotation."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import ProofKind
from tongxing.core.subjects import Document, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.crypto.subject_keys import SubjectSecret, derive_subject_keys
from tongxing.recognition.views import CitizenView
from tongxing.services.declarations import Declaration
from tongxing.services.minting import MadeCode
from tongxing.services.ports import SubjectReport
from tongxing.services.report_sums import ReportSums
from tongxing.wire.report_lines import parse_report_line

FIRST_SECRET = SubjectSecret(1, bytes(range(32)))
SECOND_SECRET = SubjectSecret(2, bytes(range(1, 33)))

Consulted = Callable[[RegionId, bytes, bytes], bytes]
"""Answers a consultation: issuer, query id, what was sealed."""


class HubInMemory:
    """Keeps the contract of ``services.peers.Hub`` as far as tests of gateways need it."""

    def __init__(self) -> None:
        self.secrets: tuple[SubjectSecret, ...] = (FIRST_SECRET,)
        self.is_away = False
        self.slow_seconds = 0.0
        self.pushed: list[SubjectReport] = []
        self.consulted: Consulted | None = None
        self.consultations: list[tuple[RegionId, bytes, bytes]] = []
        self.asked: list[AbstractSet[ProofKind]] = []

    async def derive_subject_keys(self, documents: Sequence[Document]) -> tuple[SubjectKeys, ...]:
        self._check_there()
        return tuple(derive_subject_keys(self.secrets, document) for document in documents)

    async def query_reports(self, keys: SubjectKeys, *, timeout_seconds: float) -> tuple[SubjectReport, ...]:
        await self._answer_within(timeout_seconds)
        return tuple(row for row in self.pushed if row.subject in keys)

    async def consult(
        self, issuer: RegionId, query_id: bytes, sealed: bytes, asked: AbstractSet[ProofKind], *, timeout_seconds: float
    ) -> bytes:
        self.consultations.append((issuer, query_id, sealed))
        self.asked.append(asked)
        await self._answer_within(timeout_seconds)
        if self.consulted is None:
            raise Refused(ProblemId.BAD_REQUEST)
        return self.consulted(issuer, query_id, sealed)

    async def declare(self, keys: SubjectKeys, declaration: Declaration) -> datetime:
        raise NotImplementedError

    async def make_national_code(self, keys: SubjectKeys, masked_hint: str) -> MadeCode:
        raise NotImplementedError

    async def explain(self, host: RegionId, ref: str, qr_texts: Collection[str]) -> CitizenView:
        raise NotImplementedError

    async def send_batch(self, dataset: str, number: int, body: bytes) -> None:
        self._check_there()
        assert (dataset, number > 0) == ("reports", True)
        self.pushed += [SubjectReport(*parse_report_line(line)) for line in body.splitlines()]

    async def say_complete(self, dataset: str, as_of: datetime) -> None:
        self._check_there()
        assert (dataset, as_of.tzinfo is not None) == ("reports", True)

    async def sum_reports(self, after: bytes, until: bytes | None) -> ReportSums:
        raise NotImplementedError(after, until)

    async def last_batch(self, dataset: str) -> int:
        raise NotImplementedError(dataset)

    async def fetch_bundle(self, number: int | None) -> bytes | None:  # noqa: ARG002 - as the port
        self._check_there()
        return None

    def _check_there(self) -> None:
        if self.is_away:
            raise Refused(ProblemId.UPSTREAM_AWAY, "the hub is away")

    async def _answer_within(self, timeout_seconds: float) -> None:
        self._check_there()
        await asyncio.sleep(min(self.slow_seconds, timeout_seconds))
        if self.slow_seconds >= timeout_seconds:
            raise Refused(ProblemId.UPSTREAM_AWAY, "the hub did not answer in time")
