"""Applying for a call: a one-time serial and random number, for whoever applied and nobody else (GB/T 38963-2020, 6.2).

An application permits one making or one verifying. What is kept of it is a ticket whose secret is the random number
bound to the applicant's key: shown by another, it is as unknown as a guessed one. Applied for, used up, ended and
never issued are not told apart to whoever shows a wrong pair.
"""

from dataclasses import dataclass
from datetime import datetime

from tongxing.core.errors import Refused
from tongxing.core.limits import TICKET_LIFE
from tongxing.core.problems import ProblemId
from tongxing.crypto.digests import is_same_secret, sha256
from tongxing.services.making_tickets import IssuedTicket
from tongxing.services.ports import ClaimResult, Clock, Entropy, Ticket, TicketPurpose, TicketStore


@dataclass(frozen=True, slots=True)
class CallApplications:
    """Issues applications and uses each up once."""

    tickets: TicketStore
    clock: Clock
    entropy: Entropy

    async def issue(self, purpose: TicketPurpose, applicant: str) -> IssuedTicket:
        """Return an application of ``applicant`` (a key id) for one call; it lives ``TICKET_LIFE``."""
        serial, random = self.entropy(16), self.entropy(16)
        expires_at = self.clock.now() + TICKET_LIFE
        await self.tickets.issue(Ticket(serial.hex(), _secret(random, applicant), purpose, None, expires_at))
        return IssuedTicket(serial.hex(), random.hex(), expires_at)

    async def find(self, purpose: TicketPurpose, serial: str, random: bytes, applicant: str, at: datetime) -> Ticket:
        """Return an application that could be used now, without using it. Raises ``Refused(TICKET_UNUSABLE)``."""
        ticket = await self.tickets.find_ticket(serial)
        if ticket is None or ticket.purpose is not purpose or ticket.expires_at <= at:
            raise Refused(ProblemId.TICKET_UNUSABLE)
        if not is_same_secret(ticket.secret_digest, _secret(random, applicant)):
            raise Refused(ProblemId.TICKET_UNUSABLE)
        return ticket

    async def use_up(self, ticket: Ticket, at: datetime) -> None:
        """Use an application; of any number of callers one does. Raises ``Refused(TICKET_UNUSABLE)`` to the others."""
        claimed = await self.tickets.claim(b"call" + bytes.fromhex(ticket.serial), ticket.expires_at, at)
        if claimed is not ClaimResult.CLAIMED:
            raise Refused(ProblemId.TICKET_UNUSABLE)


def _secret(random: bytes, applicant: str) -> bytes:
    return sha256(b"tongxing call application" + random + applicant.encode())
