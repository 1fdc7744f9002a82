"""Tickets for making: a back end applies for one, then makes one code or one transit pass with it."""

from dataclasses import dataclass
from datetime import datetime

from tongxing.core.errors import Refused
from tongxing.core.limits import TICKET_LIFE
from tongxing.core.problems import ProblemId
from tongxing.crypto.digests import sha256
from tongxing.services.ports import ClaimResult, Clock, Entropy, Ticket, TicketPurpose, TicketStore


@dataclass(frozen=True, slots=True)
class IssuedTicket:
    """A ticket as its holder gets it: serial and random number, both hex."""

    serial: str
    random: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MakingTickets:
    """Issues tickets and uses each up once, whatever is made with it."""

    tickets: TicketStore
    clock: Clock
    entropy: Entropy

    async def issue(self) -> IssuedTicket:
        """Return a ticket for making one thing; it lives ``TICKET_LIFE``."""
        serial, random = self.entropy(16), self.entropy(16)
        expires_at = self.clock.now() + TICKET_LIFE
        await self.tickets.issue(Ticket(serial.hex(), sha256(random), TicketPurpose.MAKE, None, expires_at))
        return IssuedTicket(serial.hex(), random.hex(), expires_at)

    async def find(self, serial: str, random: bytes, at: datetime) -> Ticket:
        """Return a ticket that could be used now, without using it.

        Raises ``Refused(TICKET_UNUSABLE)``: unknown, ended, wrong random number; not told apart to whoever guesses.
        """
        ticket = await self.tickets.find_ticket(serial)
        if ticket is None or ticket.purpose is not TicketPurpose.MAKE:
            raise Refused(ProblemId.TICKET_UNUSABLE)
        if ticket.expires_at <= at or ticket.secret_digest != sha256(random):
            raise Refused(ProblemId.TICKET_UNUSABLE)
        return ticket

    async def use_up(self, ticket: Ticket, at: datetime) -> None:
        """Use a ticket; of any number of callers one does. Raises ``Refused(TICKET_UNUSABLE)`` to the others."""
        claimed = await self.tickets.claim(b"make" + bytes.fromhex(ticket.serial), ticket.expires_at, at)
        if claimed is not ClaimResult.CLAIMED:
            raise Refused(ProblemId.TICKET_UNUSABLE)
