"""Tickets and one-time claims. A claim is one statement in a writing transaction: nobody can be in between."""

from datetime import datetime
from functools import partial
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey
from tongxing.services.ports import ClaimResult, Ticket, TicketPurpose
from tongxing.stores.rows import check_bytes, check_subject, check_text, encode_moment, parse_moment
from tongxing.stores.sql.connections import Reader, RecordConnection, Values
from tongxing.stores.sql.statements import change_in_steps
from tongxing.stores.sql.writer import GroupCommitWriter

SERIAL_MAX_CHARACTERS: Final = 64
DIGEST_MAX_BYTES: Final = 64
CLAIM_KEY_MAX_BYTES: Final = 64

_ISSUE: Final = """
    INSERT INTO tickets (serial, secret_digest, purpose, subject, expires_at_us)
    VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_FIND: Final = "SELECT serial, secret_digest, purpose, subject, expires_at_us FROM tickets WHERE serial = ?"
_CLAIM: Final = """
    INSERT INTO claims (claim_key, expires_at_us) VALUES (?, ?)
    ON CONFLICT (claim_key) DO UPDATE SET expires_at_us = excluded.expires_at_us WHERE claims.expires_at_us <= ?
"""
_RELEASE: Final = "DELETE FROM claims WHERE claim_key = ?"
_FORGET_TICKETS: Final = """
    DELETE FROM tickets WHERE serial IN (SELECT serial FROM tickets WHERE expires_at_us <= ? LIMIT ?)
"""
_FORGET_CLAIMS: Final = """
    DELETE FROM claims WHERE claim_key IN (SELECT claim_key FROM claims WHERE expires_at_us <= ? LIMIT ?)
"""


class SqlTicketStore:
    """``TicketStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def issue(self, ticket: Ticket) -> None:
        """Keep a ticket; see the port."""
        check_text("the serial", ticket.serial, SERIAL_MAX_CHARACTERS)
        check_bytes("the secret's digest", ticket.secret_digest, 1, DIGEST_MAX_BYTES)
        if ticket.subject is not None:
            check_subject(ticket.subject)
        row = (
            ticket.serial,
            ticket.secret_digest,
            ticket.purpose.value,
            ticket.subject,
            encode_moment(ticket.expires_at),
        )
        await self._writer.run(partial(_issue, row=row))

    async def find_ticket(self, serial: str) -> Ticket | None:
        """Return the ticket with that serial; see the port."""
        row = await self._reader.row(_FIND, (serial,))
        if row is None:
            return None
        serial, secret_digest, purpose, subject, expires_at_us = row
        return Ticket(
            serial,
            secret_digest,
            TicketPurpose(purpose),
            None if subject is None else SubjectKey(subject),
            parse_moment(expires_at_us),
        )

    async def claim(self, key: bytes, expires_at: datetime, at: datetime) -> ClaimResult:
        """Claim ``key`` for one caller only; see the port."""
        check_bytes("the claim's key", key, 1, CLAIM_KEY_MAX_BYTES)
        values = (key, encode_moment(expires_at), encode_moment(at))
        return await self._writer.run(partial(_claim, values=values))

    async def release(self, key: bytes) -> None:
        """Undo a claim; see the port."""
        await self._writer.run(partial(_release, key=key))

    async def forget_expired(self, at: datetime) -> int:
        """Erase tickets and claims that ended; see the port."""
        moment_us = encode_moment(at)
        tickets = await change_in_steps(self._writer, _FORGET_TICKETS, moment_us)
        return tickets + await change_in_steps(self._writer, _FORGET_CLAIMS, moment_us)


def _issue(connection: RecordConnection, *, row: Values) -> None:
    connection.execute(_ISSUE, row)
    if connection.execute(_FIND, (row[0],)).fetchall() != [row]:
        raise Refused(ProblemId.CONFLICT, "another ticket has this serial")


def _claim(connection: RecordConnection, *, values: Values) -> ClaimResult:
    changed = connection.execute(_CLAIM, values).rowcount
    return ClaimResult.CLAIMED if changed == 1 else ClaimResult.USED


def _release(connection: RecordConnection, *, key: bytes) -> None:
    connection.execute(_RELEASE, (key,))
