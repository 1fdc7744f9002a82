"""The use cases behind the seven calls of GB/T 38963-2020, whatever their fields are called.

- *Make*: with an application, once: the region's own national code, or the federation's where the region adopted it.
- *Verify*: with an application, once: the same verification as any scan, recorded before anything is answered.
  What comes back is an exchange token (BizExtData): opaque, sealed for the very caller, good once and for a minute.
- *Query*: the token's exchange gives the guard's view and no more (law 8). By document and with the person's consent
  a region's application learns what each region reports; that is a look, recorded and told to the person.
- *Declare*: what follows from it goes to the federation's assessor (``services.declaring``).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.limits import EXCHANGE_TOKEN_LIFE
from tongxing.core.looks import Ground, Purpose
from tongxing.core.masking import mask_name
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document
from tongxing.core.ways import Way
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.recognition.own_report import OwnReportView, own_report_view
from tongxing.recognition.recognising import KnownReport
from tongxing.recognition.views import GuardView
from tongxing.services.call_applications import CallApplications
from tongxing.services.codes import CodeDesk
from tongxing.services.declaring import DeclaringDesk
from tongxing.services.known_reports import KnownReports
from tongxing.services.looks import LookDesk, Looker
from tongxing.services.minting import MadeCode
from tongxing.services.peers import Hub
from tongxing.services.ports import ClaimResult, Clock, TicketPurpose, TicketStore
from tongxing.services.reference import Reference
from tongxing.services.sealed_records import SealedRecords
from tongxing.services.subject_keys import SubjectKeyCache
from tongxing.services.verification import Passing, Verification, Verified

_SECONDS_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody shows who has applied for a call: serial, random number, and the key that they sign with."""

    serial: str
    random: bytes
    applicant: str


@dataclass(frozen=True, slots=True)
class ToExchange:
    """A verified code: what decided, and the token by which its result is told."""

    verified: Verified
    token: bytes


@dataclass(frozen=True, slots=True)
class HealthInformation:
    """What is known of a person: what all reports come to, and each region's own beside it."""

    together: OwnReportView
    reports: tuple[KnownReport, ...]
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceDesk:
    """Serves one region's applications and terminals."""

    region: RegionId
    reference: Reference
    applications: CallApplications
    declaring: DeclaringDesk
    code_desk: CodeDesk
    hub: Hub
    verification: Verification
    subject_keys: SubjectKeyCache
    looks: LookDesk
    known: KnownReports
    tickets: TicketStore
    tokens: SealedRecords
    clock: Clock

    async def make(self, application: Application, document: Document, name: str) -> MadeCode:
        """Use an application up and return a national code for the person, who has consented.

        Raises ``Refused``: ``TICKET_UNUSABLE``, ``CODE_NOT_CONFIRMED`` with the reason, ``UPSTREAM_AWAY`` if the key
        service is (the application can then be used again).
        """
        at = self.clock.now()
        ticket = await self.applications.find(
            TicketPurpose.MAKE, application.serial, application.random, application.applicant, at
        )
        keys = await self.subject_keys.keys_of(document)
        await self.applications.use_up(ticket, at)
        hint = mask_name(name)
        if self.reference.knowledge.profiles[self.region].uses_way(Way.ADOPTION, at):
            return await self.hub.make_national_code(keys, hint)
        return await self.code_desk.make_for(keys, hint)

    async def verify(self, application: Application, qr_text: str, passing: Passing) -> ToExchange:
        """Use an application up and verify what was scanned; the passage is durable when this returns.

        Raises ``Refused(TICKET_UNUSABLE)``, and what ``Verification.verify`` raises.
        """
        at = self.clock.now()
        ticket = await self.applications.find(
            TicketPurpose.VERIFY, application.serial, application.random, application.applicant, at
        )
        await self.applications.use_up(ticket, at)
        verified = await self.verification.verify(qr_text, passing)
        ends_at = self.clock.now() + EXCHANGE_TOKEN_LIFE
        content = int(ends_at.timestamp()).to_bytes(_SECONDS_BYTES) + verified.ref.encode()
        return ToExchange(verified, self.tokens.seal(content, application.applicant.encode()))

    async def exchange(self, token: bytes, caller: str) -> GuardView:
        """Return the guard's view behind an exchange token, once, to whom it was given.

        Raises ``Refused(TICKET_UNUSABLE)``: another's, made up, ended, exchanged before; not told apart.
        """
        at = self.clock.now()
        content = self.tokens.open_shown(token, caller.encode())
        if content is None:
            raise Refused(ProblemId.TICKET_UNUSABLE)
        ends_at = datetime.fromtimestamp(int.from_bytes(content[:_SECONDS_BYTES]), UTC)
        if ends_at <= at:
            raise Refused(ProblemId.TICKET_UNUSABLE)
        claimed = await self.tickets.claim(b"exchange" + sha256(content), ends_at, at)
        if claimed is not ClaimResult.CLAIMED:
            raise Refused(ProblemId.TICKET_UNUSABLE)
        return await self.verification.guard_again(content[_SECONDS_BYTES:].decode())

    async def query(self, document: Document, ground: Ground, looker: Looker) -> HealthInformation:
        """Return what is known of a person, for an application that they have authorised; recorded as a look.

        Raises ``Refused``: ``WAY_NOT_USED`` (the region neither shares data nor adopts the national code),
        ``LIMITED``, ``UPSTREAM_AWAY`` if nothing is held here and the hub is away.
        """
        profile = self.reference.knowledge.profiles[self.region]
        if not profile.uses_way(Way.ADOPTION, self.clock.now()):
            profile.check_uses_way(Way.SHARED_DATA, self.clock.now())
        keys, look = await self.looks.look_up(document, looker, Purpose.HEALTH_QUERY, ground)
        known = await self.known.of(keys, look)
        if not known.reports and not known.others_consulted:
            raise Refused(ProblemId.UPSTREAM_AWAY, "nothing is held here, and the hub cannot be asked")
        at = self.clock.now()
        together = own_report_view(
            known.reports, self.reference.knowledge, others_consulted=known.others_consulted, at=at
        )
        return HealthInformation(together, known.reports, at)
