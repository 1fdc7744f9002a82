"""Make: a national code for one of this region's people, shown for about a minute (the issuer's use case).

It never outlives the report that it tells of.

A code is made anew at each display with a new credential id and extension token, so that two scans
share no stable bytes. Making is a one-time transaction: apply for a ticket, then use it once.
"""

from dataclasses import dataclass
from datetime import datetime

from tongxing.core.errors import Refused, Undecidable
from tongxing.core.limits import NATIONAL_CODE_LIFE, TICKET_LIFE
from tongxing.core.masking import mask_name
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document, SubjectKey
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.crypto.keys import SigningKey
from tongxing.recognition.combining import combine_reports
from tongxing.services.peers import Hub
from tongxing.services.ports import (
    ClaimResult,
    Clock,
    Entropy,
    Extension,
    ExtensionStore,
    ReportStore,
    Ticket,
    TicketPurpose,
    TicketStore,
)
from tongxing.services.reference import Reference
from tongxing.wire.national_code import SEALED_BYTES, NationalCodeClaims, encode_national_code
from tongxing.wire.sealed_part import SealedContent, seal_content


@dataclass(frozen=True, slots=True)
class IssuedTicket:
    """A ticket as its holder gets it: serial and random number, both hex."""

    serial: str
    random: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MadeCode:
    """A national code to draw and when it ends."""

    qr_text: str
    expires_at: datetime


class CodeDesk:
    """Makes national codes from the reports held here."""

    def __init__(  # noqa: PLR0913 - the node's own parts, given once
        self,
        *,
        region: RegionId,
        reference: Reference,
        hub: Hub,
        reports: ReportStore,
        tickets: TicketStore,
        extensions: ExtensionStore,
        key: SigningKey,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._region = region
        self._reference = reference
        self._hub = hub
        self._reports = reports
        self._tickets = tickets
        self._extensions = extensions
        self._key = key
        self._clock = clock
        self._entropy = entropy

    async def issue_ticket(self) -> IssuedTicket:
        """Return a ticket for making one code; it lives ``TICKET_LIFE``."""
        serial, random = self._entropy(16), self._entropy(16)
        expires_at = self._clock.now() + TICKET_LIFE
        await self._tickets.issue(Ticket(serial.hex(), sha256(random), TicketPurpose.MAKE, None, expires_at))
        return IssuedTicket(serial.hex(), random.hex(), expires_at)

    async def make_code(self, serial: str, random: bytes, document: Document, name: str) -> MadeCode:
        """Use a ticket up and return a code for the person with ``document``.

        Raises ``Refused``: ``TICKET_UNUSABLE`` (unknown, ended, used, wrong random number: not told
        apart to whoever guesses), ``CODE_NOT_CONFIRMED`` with the reason where no current report is
        held, ``UPSTREAM_AWAY`` if the key service is (the ticket can then be used again).
        """
        at = self._clock.now()
        ticket = await self._find_ticket(serial, random, at)
        # First what may fail for no fault of the holder, so that it uses no ticket up.
        (subject,) = await self._hub.derive_subject_keys([document])
        await self._use_ticket(ticket, at)
        content, valid_until = await self._content(subject, name, at)
        ends = [at + NATIONAL_CODE_LIFE, *([] if valid_until is None else [valid_until])]
        return await self._sign(subject, content, at, min(ends))

    async def _find_ticket(self, serial: str, random: bytes, at: datetime) -> Ticket:
        ticket = await self._tickets.find_ticket(serial)
        if ticket is None or ticket.purpose is not TicketPurpose.MAKE:
            raise Refused(ProblemId.TICKET_UNUSABLE)
        if ticket.expires_at <= at or ticket.secret_digest != sha256(random):
            raise Refused(ProblemId.TICKET_UNUSABLE)
        return ticket

    async def _use_ticket(self, ticket: Ticket, at: datetime) -> None:
        claimed = await self._tickets.claim(b"make" + bytes.fromhex(ticket.serial), ticket.expires_at, at)
        if claimed is not ClaimResult.CLAIMED:
            raise Refused(ProblemId.TICKET_UNUSABLE)

    async def _content(self, subject: SubjectKey, name: str, at: datetime) -> tuple[SealedContent, datetime | None]:
        """Return what the code says, and until when the report that says it is valid."""
        rows = await self._reports.reports_of(subject)
        own = next((row for row in rows if row.report.issuer == self._region), None)
        if own is None:
            raise Refused(ProblemId.CODE_NOT_CONFIRMED, "no_record")
        others = [row.report for row in rows if row.report.issuer != self._region]
        try:
            report = combine_reports(own.report, others, at=at)
        except Undecidable as why:
            raise Refused(ProblemId.CODE_NOT_CONFIRMED, str(why.reason)) from why
        if report.level is None:
            raise Refused(ProblemId.CODE_NOT_CONFIRMED, "no level is known")
        content = SealedContent(
            level=report.level,
            colour_only=report.colour_only,
            origin=own.origin,
            masked_hint=mask_name(name),
            others_consulted=False,
        )
        return content, report.valid_until

    async def _sign(self, subject: SubjectKey, content: SealedContent, at: datetime, expires_at: datetime) -> MadeCode:
        credential_id, token = self._entropy(16), self._entropy(16)
        issued_seconds, expires_seconds = int(at.timestamp()), int(expires_at.timestamp())
        claims = NationalCodeClaims(
            issuer=self._region,
            credential_id=credential_id,
            issued_at=issued_seconds,
            expires_at=expires_seconds,
            extension_token=token,
            sealed=bytes(SEALED_BYTES),
        )
        verifier_key = self._reference.knowledge.verifier_key_on(claims.sealed_on)
        claims = seal_content(claims, content, verifier_key.seal)
        qr_text = encode_national_code(
            claims, alg=self._key.public.cose_alg, kid=self._key.public.kid, sign=self._key.sign
        )
        await self._extensions.save(Extension(sha256(token), subject, credential_id, expires_at))
        return MadeCode(qr_text, expires_at)
