"""The ports of the three ways and of people without a phone: looks, limits, converted and printed codes, peers.

Contract of every write as in ``services.ports``: durable when it returns, atomic, counted once however
often it is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from tongxing.core.looks import Look, LookCount
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.trust.directory import DirectoryRecord


class LookStore(Protocol):
    """Who has looked at whom."""

    async def record(self, look: Look) -> None:
        """Keep a look; two equal ones are two looks. Raises Refused(BAD_REQUEST) for texts that are too long."""
        ...

    async def looks_at(self, keys: SubjectKeys, limit: int) -> tuple[Look, ...]:
        """Return the newest looks at a subject first, under all of its keys: at most ``limit``, from 1 to 1,000."""
        ...

    async def count_looks(self, since: datetime, until: datetime, limit: int) -> tuple[LookCount, ...]:
        """Count the looks from ``since`` on and before ``until``, by who looked and what for, the most first.

        At most ``limit`` rows, from 1 to 1,000. Costs a scan of that time. People are told apart by subject key.
        """
        ...

    async def forget_before(self, at: datetime) -> int:
        """Erase the looks that are not after ``at``, in bounded steps; return how many."""
        ...


class SharedLooks(Protocol):
    """The looks of all regions, kept at the hub, so that people see at home who has looked elsewhere."""

    async def share(self, look: Look, *, timeout_seconds: float) -> None:
        """Hand in a look of one's own region; durable there when it returns. Raises Refused(UPSTREAM_AWAY)."""
        ...

    async def looks_at(self, keys: SubjectKeys, *, timeout_seconds: float) -> tuple[Look, ...]:
        """Return the newest looks at a subject in any region first. Raises Refused(UPSTREAM_AWAY)."""
        ...


@dataclass(frozen=True, slots=True)
class Allowance:
    """``at_most`` uses of ``key`` (1 to 64 bytes) until ``ends_at``. Each window of time has a key of its own."""

    key: bytes
    at_most: int
    ends_at: datetime


class LimitResult(StrEnum):
    """What became of a use. Never a bool: compare it."""

    TAKEN = "taken"
    LIMITED = "limited"


class LimitStore(Protocol):
    """Counts uses, across tasks, threads and processes on one store, and across restarts."""

    async def take(self, allowance: Allowance) -> LimitResult:
        """Use an allowance once: of any number of callers exactly ``at_most`` get ``TAKEN``."""
        ...

    async def forget_expired(self, at: datetime) -> int:
        """Erase the counts that ended not after ``at``; return how many."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Conversion:
    """A converted code of the host's: opaque outside, its content sealed before it comes here (at most 16 KiB).

    ``code_digest`` is of the text that is shown; ``conversion_id`` names it towards the host's back end.
    """

    conversion_id: str
    code_digest: bytes
    sealed: bytes
    expires_at: datetime


class ConversionStore(Protocol):
    """The converted codes of one gateway. What is kept here never enters a ``ReportStore``."""

    async def save(self, conversion: Conversion) -> None:
        """Keep it. The same again counts once; another under its id or digest: Refused(CONFLICT)."""
        ...

    async def find(self, conversion_id: str) -> Conversion | None:
        """Return it, an ended one too: the caller judges."""
        ...

    async def find_by_code(self, code_digest: bytes) -> Conversion | None:
        """Return it by what was shown, an ended one too. Hot."""
        ...

    async def forget_expired(self, at: datetime) -> int:
        """Erase those that ended not after ``at``; return how many."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class PrintedCode:
    """Whose printed code it is. ``sealed`` holds the subject's keys and masked hint (at most 16 KiB)."""

    subject: SubjectKey
    code_digest: bytes
    sealed: bytes
    expires_at: datetime


class PrintedCodeStore(Protocol):
    """The printed codes of one region: of each subject the last one counts."""

    async def issue(self, printed: PrintedCode, replaces: Sequence[SubjectKey]) -> None:
        """Keep a printed code and erase every other of the subjects ``replaces``, in one step."""
        ...

    async def find(self, code_digest: bytes) -> PrintedCode | None:
        """Return it, an ended one too: the caller judges."""
        ...

    async def forget_expired(self, at: datetime) -> int:
        """Erase those that ended not after ``at``; return how many."""
        ...


class ConversionStatementRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a host's gateway asks an issuer's for a conversion: by what the person shows, or by a renewal token.

    Exactly one of ``qr_text`` and ``renewal_token_hex`` is given. ``query_id_hex`` is 16 random bytes that
    the statement must carry back. By ``consent`` the host says that the person asked for the conversion.
    """

    query_id_hex: str
    consent: bool
    qr_text: str | None = None
    renewal_token_hex: str | None = None


class ConversionPeers(Protocol):
    """Other regions' gateways, as far as conversions need them."""

    async def request_conversion_statement(
        self, issuer: DirectoryRecord, request: ConversionStatementRequest, *, timeout_seconds: float
    ) -> bytes:
        """Return the signed statement as bytes, not yet authenticated.

        Raises the issuer's own reason, or ``Undecidable``: ``GATEWAY_AWAY``, ``GATEWAY_SLOW``.
        """
        ...
