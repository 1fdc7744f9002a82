"""Tickets and claims: the record alone decides who claims; whoever comes too late is mostly told so by the index.

A ticket never changes, so it is read from the index. A claim is made in the record, so that no failover can have
it made twice; that it was made stands in the index, and spares the record all replays.
"""

from datetime import datetime
from typing import Final

from tongxing.core.subjects import SubjectKey
from tongxing.services.ports import ClaimResult, Ticket, TicketPurpose, TicketStore
from tongxing.stores.rows import encode_moment, parse_moment
from tongxing.stores.valkey.index import HotIndex
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical

_ENTRY_MAX_BYTES: Final = 1024
_PARTS: Final = 5


class HotTicketStore:
    """``TicketStore`` before another, which stays the only one that holds anything."""

    def __init__(self, record: TicketStore, index: HotIndex) -> None:
        self._record = record
        self._index = index
        self._forgotten_us: int | None = None

    async def issue(self, ticket: Ticket) -> None:
        """Keep a ticket; see the port."""
        await self._record.issue(ticket)

    async def find_ticket(self, serial: str) -> Ticket | None:
        """Return the ticket with that serial; see the port. Only tickets are filled in: one may be issued yet."""
        key = b"t:" + serial.encode(errors="surrogatepass")
        found = await self._index.find(key)
        ticket = None if found.content is None else _parse(found.content)
        if ticket is not None and not self._is_forgotten(encode_moment(ticket.expires_at)):
            return ticket
        ticket = await self._record.find_ticket(serial)
        if ticket is not None:
            await self._index.fill(key, found, _encode(ticket))
        return ticket

    async def claim(self, key: bytes, expires_at: datetime, at: datetime) -> ClaimResult:
        """Claim ``key`` for one caller only; see the port."""
        found = await self._index.find(b"c:" + key)
        if found.content is not None and int.from_bytes(found.content, signed=True) > encode_moment(at):
            return ClaimResult.USED
        result = await self._record.claim(key, expires_at, at)
        if result is ClaimResult.CLAIMED:
            await self._index.fill(b"c:" + key, found, encode_moment(expires_at).to_bytes(9, signed=True))
        return result

    async def release(self, key: bytes) -> None:
        """Undo a claim; see the port."""
        await self._index.to_its_end(self._release(key))

    async def forget_expired(self, at: datetime) -> int:
        """Erase tickets and claims that ended; see the port."""
        forgotten = await self._record.forget_expired(at)
        self._forgotten_us = max(encode_moment(at), self._forgotten_us or encode_moment(at))
        return forgotten

    async def _release(self, key: bytes) -> None:
        await self._record.release(key)
        await self._index.drop([b"c:" + key])

    def _is_forgotten(self, expires_at_us: int) -> bool:
        return self._forgotten_us is not None and expires_at_us <= self._forgotten_us


def _encode(ticket: Ticket) -> bytes:
    subject = None if ticket.subject is None else bytes(ticket.subject)
    expires_at_us = encode_moment(ticket.expires_at)
    return encode_canonical([ticket.serial, ticket.secret_digest, ticket.purpose.value, subject, expires_at_us])


def _parse(content: bytes) -> Ticket | None:
    try:
        told = parse_canonical(content, _ENTRY_MAX_BYTES)
        if not isinstance(told, list) or len(told) != _PARTS:
            return None
        serial, digest, purpose, subject, expires_at_us = told
        owner = None if subject is None else SubjectKey(subject)
        return Ticket(serial, digest, TicketPurpose(purpose), owner, parse_moment(expires_at_us))
    except (WireError, ValueError, TypeError):
        return None
