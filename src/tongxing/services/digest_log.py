"""The public log of digests: that a statement was really issued, published without anything of the person.

A statement that a traveller carries over the border (``core.border``) counts only if its digest stands in the log of
its day. The hub keeps the logs and signs their heads; it learns 32 bytes and nothing else. Whoever checks reads the
whole log of the day, so that nobody learns whose statement is being checked, and notices if what was read before is no
longer there.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Protocol

from tongxing.core.calendar import beijing_day
from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.words import FEDERATION
from tongxing.crypto.digests import sha256
from tongxing.crypto.keys import PublicKey, SigningKey
from tongxing.crypto.suites import SignatureMismatch
from tongxing.services.ports import Clock
from tongxing.services.reference import Reference
from tongxing.trust.directory import KeyUse
from tongxing.wire.cbor import WireError
from tongxing.wire.digest_log import DIGEST_BYTES, LogHead, encode_log_head, parse_log_head

DIGESTS_PER_PAGE: Final = 10_000
LOG_KEPT: Final = timedelta(days=30)
"""So long anybody can check what was published; a statement itself counts on its own day only."""

_READ_SECONDS: Final = 2.0


def first_head(day: date) -> bytes:
    """Return the head of a day on which nothing is published yet."""
    return sha256(b"tongxing digest log" + day.isoformat().encode())


def next_head(head: bytes, digest: bytes) -> bytes:
    """Return the head once another digest is published."""
    return sha256(head + digest)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """Where a digest stands: its day, and its position, counted from 1."""

    day: date
    position: int


@dataclass(frozen=True, slots=True)
class LogPage:
    """Digests in their order, and the head behind the last of them."""

    digests: tuple[bytes, ...]
    head: LogHead


@dataclass(frozen=True, slots=True)
class SignedLogPage:
    """A page on its way: ``signed_head`` is the hub's word for the head behind its last digest."""

    digests: Sequence[bytes]
    signed_head: bytes


class DigestLogStore(Protocol):
    """The logs of the days, at the hub. Writes as ``services.ports`` says: durable when they return."""

    async def append(self, day: date, digest: bytes) -> LogEntry:
        """Publish a digest (32 bytes) behind the last of its day. The same again stays where it is."""
        ...

    async def read(self, day: date, after: int, limit: int) -> LogPage:
        """Return at most ``limit`` digests of a day behind position ``after``.

        Raises ``Refused(NOT_FOUND)`` where the day has fewer than ``after``.
        """
        ...

    async def forget_before(self, day: date) -> int:
        """Erase the logs of earlier days; return how many digests."""
        ...


class DigestLog(Protocol):
    """The hub's log as a gateway uses it. ``Refused(UPSTREAM_AWAY)`` if it cannot be reached."""

    async def publish(self, digest: bytes) -> LogEntry:
        """Publish a digest; durable at the hub when it returns."""
        ...

    async def read(self, day: date, after: int, *, timeout_seconds: float) -> SignedLogPage:
        """Return the next page of a day's log."""
        ...


@dataclass(frozen=True, slots=True)
class DigestLogDesk:
    """The hub's: publishes and tells."""

    store: DigestLogStore
    key: SigningKey
    clock: Clock

    async def publish(self, digest: bytes) -> LogEntry:
        """Publish a digest today; durable when it returns."""
        return await self.store.append(beijing_day(self.clock.now()), digest)

    async def read(self, day: date, after: int) -> SignedLogPage:
        """Return the next digests of a day and their signed head. Raises ``Refused(NOT_FOUND)``: beyond its end."""
        page = await self.store.read(day, after, DIGESTS_PER_PAGE)
        public = self.key.public
        head = encode_log_head(page.head, alg=public.cose_alg, kid=public.kid, sign=self.key.sign)
        return SignedLogPage(page.digests, head)


@dataclass(slots=True)
class _Read:
    """What was read of one day's log."""

    day: date
    head: bytes
    digests: set[bytes] = field(default_factory=set)


class PublishedDigests:
    """A gateway's own copy of today's log, read on when a digest is not in it."""

    def __init__(self, log: DigestLog, reference: Reference, clock: Clock) -> None:
        self._log = log
        self._reference = reference
        self._clock = clock
        self._read: _Read | None = None
        self._reading = asyncio.Lock()

    async def publish(self, digest: bytes) -> LogEntry:
        """Publish a digest; durable at the hub when it returns. Raises ``Refused(UPSTREAM_AWAY)``."""
        return await self._log.publish(digest)

    async def check_published(self, digest: bytes, day: date) -> None:
        """Check that a digest was published on a day.

        Raises ``Rejected(STATEMENT_FORGED)`` where it was not, ``Undecidable(HUB_AWAY)`` where nobody can know now.
        """
        async with self._reading:
            read = self._read
            if read is None or read.day != day:
                read = self._read = _Read(day, first_head(day))
            while digest not in read.digests:
                if not await self._read_on(read):
                    raise Rejected(ReasonId.STATEMENT_FORGED, "its digest was not published on its day")

    async def _read_on(self, read: _Read) -> bool:
        """Read a page; True if there was anything new. Nothing of a page counts before its head was checked."""
        try:
            page = await self._log.read(read.day, len(read.digests), timeout_seconds=_READ_SECONDS)
        except Refused as refused:
            raise Undecidable(ReasonId.HUB_AWAY, f"the log of digests: {refused.problem}") from refused
        head = read.head
        for digest in page.digests:
            if len(digest) != DIGEST_BYTES or digest in read.digests:
                raise Undecidable(ReasonId.HUB_AWAY, "the log of digests cannot be used")
            head = next_head(head, digest)
        if self._verified(page.signed_head) != LogHead(read.day, len(read.digests) + len(page.digests), head):
            raise Undecidable(ReasonId.HUB_AWAY, "the log of digests does not continue what was read before")
        read.digests.update(page.digests)
        read.head = head
        return bool(page.digests)

    def _verified(self, signed_head: bytes) -> LogHead:
        at = self._clock.now()
        try:
            unverified = parse_log_head(signed_head)
            directory = self._reference.knowledge.directory
            key = directory.find_key(FEDERATION, KeyUse.STATEMENT, unverified.kid, at)
            return unverified.head_after(key.verify)
        except (WireError, Rejected, SignatureMismatch) as wrong:
            raise Undecidable(ReasonId.HUB_AWAY, "the head of the log is not the hub's word") from wrong


async def audit_day(log: DigestLog, day: date, key: PublicKey, *, timeout_seconds: float) -> LogHead:
    """Read a whole day's log as anybody can, and return its head: what stands there folds to what the hub signed.

    Raises ``Refused``: CONFLICT where it does not, SIGNATURE_INVALID for a head that ``key`` did not sign,
    UPSTREAM_AWAY.
    """
    head, digests = first_head(day), set[bytes]()
    while True:
        page = await log.read(day, len(digests), timeout_seconds=timeout_seconds)
        for digest in page.digests:
            head = next_head(head, digest)
            digests.add(digest)
        try:
            signed = parse_log_head(page.signed_head).head_after(key.verify)
        except (WireError, SignatureMismatch) as wrong:
            raise Refused(
                ProblemId.SIGNATURE_INVALID, f"{day}: the head of the log is not signed by this key"
            ) from wrong
        if signed != LogHead(day, len(digests), head):
            raise Refused(ProblemId.CONFLICT, f"{day}: the log does not fold to the head that was signed")
        if not page.digests:
            return signed
