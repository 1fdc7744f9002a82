"""The ports to other systems: the region's own back end, other regions' gateways, and the hub.

Connectors implement them. Each method says how it fails; a failure is always a reason (verdict
``REFER``) or a problem, never a default. ``timeout_seconds`` bounds the whole call.
"""

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Protocol

import msgspec

from tongxing.core.proofs import ProofKind
from tongxing.core.subjects import Document, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.recognition.views import CitizenView
from tongxing.regions.answers import BackEndAnswer, BackEndRequest
from tongxing.services.declarations import Declaration
from tongxing.services.minting import MadeCode
from tongxing.services.ports import SubjectReport
from tongxing.services.report_sums import ReportSums
from tongxing.trust.directory import DirectoryRecord


class BackEnd(Protocol):
    """The region's existing system, spoken to in its dialect."""

    async def exchange(self, request: BackEndRequest, *, timeout_seconds: float) -> BackEndAnswer:
        """Carry one request.

        Raises ``Undecidable``: ``SOURCE_AWAY`` if it cannot be reached, ``SOURCE_SLOW`` after the
        timeout, ``SOURCE_UNREADABLE`` if the answer is endless, too long or a redirect.
        """
        ...


class StatementRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a host's gateway asks an issuer's: about a local code, or for the detail behind a token.

    Exactly one of ``qr_text`` and ``extension_token_hex`` is given. ``query_id_hex`` is 16 random
    bytes that the statement must carry back.
    """

    query_id_hex: str
    qr_text: str | None = None
    extension_token_hex: str | None = None


class SharedVerdict(msgspec.Struct, frozen=True):
    """The citizen's view on its way to the citizen's own region, with the handle to the subject."""

    view: CitizenView
    subject_handle: str | None


class Peers(Protocol):
    """Other regions' gateways, at the address in the directory; requests are signed by this node."""

    async def request_statement(
        self, issuer: DirectoryRecord, request: StatementRequest, *, timeout_seconds: float
    ) -> bytes:
        """Return the signed statement as bytes, not yet authenticated.

        Raises the issuer's own reason, or ``Undecidable``: ``GATEWAY_AWAY``, ``GATEWAY_SLOW``.
        """
        ...

    async def request_citizen_view(self, host: DirectoryRecord, ref: str, *, timeout_seconds: float) -> SharedVerdict:
        """Return the citizen's view of a verdict; raises ``Refused`` as the host answered it."""
        ...


class Hub(Protocol):
    """The federation's hub as a gateway uses it. ``Refused(UPSTREAM_AWAY)`` if it cannot be reached."""

    async def derive_subject_keys(self, documents: Sequence[Document]) -> tuple[SubjectKeys, ...]:
        """Return the keys of each of at most ``REPORTS_PER_BATCH_MAX`` documents, in their order.

        Use cases ask ``services.subject_keys`` instead, which holds the answers for a while.
        """
        ...

    async def query_reports(self, keys: SubjectKeys, *, timeout_seconds: float) -> tuple[SubjectReport, ...]:
        """Return what each region and the federation's assessor say of one subject, by issuer number.

        ``keys`` are the subject's, of whatever versions. Retracted reports are left out; expired ones
        are not, since they may be unresolved.
        """
        ...

    async def consult(
        self, issuer: RegionId, query_id: bytes, sealed: bytes, asked: AbstractSet[ProofKind], *, timeout_seconds: float
    ) -> bytes:
        """Return the hub's signed answer to a consultation that ``issuer`` sealed, not yet authenticated.

        ``asked`` are the kinds of proof for which registers are asked. ``wire.consultation`` says what both are.
        Raises ``Refused`` also where the hub cannot open it.
        """
        ...

    async def declare(self, keys: SubjectKeys, declaration: Declaration) -> datetime:
        """Hand in a citizen's declaration of stays; return when it was made, once it is durable at the hub."""
        ...

    async def make_national_code(self, keys: SubjectKeys, masked_hint: str) -> MadeCode:
        """Return a national code of the federation for one of this region's citizens (way 3).

        Raises ``Refused(CODE_NOT_CONFIRMED)`` with the reason as its detail where all together cannot decide.
        """
        ...

    async def explain(self, host: RegionId, ref: str, qr_texts: Collection[str]) -> CitizenView:
        """Return the citizen's view of a verdict that ``host`` gave on one of these codes of the federation.

        Raises ``Refused``: ``NOT_FOUND``, ``FORBIDDEN`` (given on another code), ``UPSTREAM_AWAY``.
        """
        ...

    async def send_batch(self, dataset: str, number: int, body: bytes) -> None:
        """Hand in a numbered batch of JSON lines; when it returns all of it is durable at the hub.

        Raises ``Refused``: CONFLICT where the hub knows the number with other bytes, OVERLOADED, UPSTREAM_AWAY.
        """
        ...

    async def say_complete(self, dataset: str, as_of: datetime) -> None:
        """Tell the hub that everything which was held here at a moment has been sent."""
        ...

    async def sum_reports(self, after: bytes, until: bytes | None) -> ReportSums:
        """Return the hub's sums of this region's reports, for a stretch of subjects (``services.report_sums``)."""
        ...

    async def last_batch(self, dataset: str) -> int:
        """Return the highest number of this region's batches that the hub has taken in, 0 if none."""
        ...

    async def fetch_bundle(self, number: int | None) -> bytes | None:
        """Return a bundle by number, or the latest for None; None if there is no such bundle."""
        ...
