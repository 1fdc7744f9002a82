"""The hub as a gateway across the border has it: bundles come over, nothing of any person goes (``core.border``)."""

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from tongxing.core.border import is_across
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import ProofKind
from tongxing.core.subjects import Document, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.recognition.views import CitizenView
from tongxing.services.declarations import Declaration
from tongxing.services.minting import MadeCode
from tongxing.services.peers import Hub
from tongxing.services.ports import SubjectReport
from tongxing.services.report_sums import ReportSums


@dataclass(frozen=True, slots=True)
class HubAcross:
    """Implements ``services.peers.Hub``; whatever would tell of a person is refused before it is sent."""

    hub: Hub

    async def fetch_bundle(self, number: int | None) -> bytes | None:
        """Return a bundle: it holds nothing of any person."""
        return await self.hub.fetch_bundle(number)

    async def derive_subject_keys(self, documents: Sequence[Document]) -> tuple[SubjectKeys, ...]:  # noqa: ARG002
        """Refuse."""
        _refuse()

    async def query_reports(
        self,
        keys: SubjectKeys,  # noqa: ARG002
        *,
        timeout_seconds: float,  # noqa: ARG002
    ) -> tuple[SubjectReport, ...]:
        """Refuse."""
        _refuse()

    async def consult(
        self,
        issuer: RegionId,  # noqa: ARG002
        query_id: bytes,  # noqa: ARG002
        sealed: bytes,  # noqa: ARG002
        asked: AbstractSet[ProofKind],  # noqa: ARG002
        *,
        timeout_seconds: float,  # noqa: ARG002
    ) -> bytes:
        """Refuse."""
        _refuse()

    async def declare(self, keys: SubjectKeys, declaration: Declaration) -> datetime:  # noqa: ARG002
        """Refuse."""
        _refuse()

    async def make_national_code(self, keys: SubjectKeys, masked_hint: str) -> MadeCode:  # noqa: ARG002
        """Refuse."""
        _refuse()

    async def explain(self, host: RegionId, ref: str, qr_texts: Collection[str]) -> CitizenView:  # noqa: ARG002
        """Refuse."""
        _refuse()

    async def send_batch(self, dataset: str, number: int, body: bytes) -> None:  # noqa: ARG002
        """Refuse."""
        _refuse()

    async def say_complete(self, dataset: str, as_of: datetime) -> None:  # noqa: ARG002
        """Refuse."""
        _refuse()

    async def sum_reports(self, after: bytes, until: bytes | None) -> ReportSums:  # noqa: ARG002
        """Refuse."""
        _refuse()

    async def last_batch(self, dataset: str) -> int:  # noqa: ARG002
        """Refuse."""
        _refuse()


def keep_at_home(hub: Hub, region: RegionId) -> Hub:
    """Return the hub as a region's gateway may use it."""
    return HubAcross(hub) if is_across(region) else hub


def _refuse() -> NoReturn:
    raise Refused(ProblemId.UPSTREAM_AWAY, "no personal data cross the border of Hong Kong and Macao")
