"""The ports of the use cases: what they ask of a store, a clock and a source of randomness.

Contract of every write (law 7): when the call returns, the write is durable, that is on stable storage and found again
after a kill or a power cut. A write whose caller was cancelled or got a ``Fault`` may or may not have happened; every
write can be sent again and then counts once (alarms excepted). A write is atomic: all of it or nothing, for one call
of one method; nothing spans two calls. Order of arrival never changes what is held.

Bounds: a store may have only so many writes waiting; one more raises ``Refused(OVERLOADED)`` at once and writes
nothing. What a store cannot do (full disk, read-only file, a file that is not ours) raises ``Fault``. Reads see every
write that was acknowledged before them by any process, cost one point lookup, and change nothing. Stores have no
clock: what has ended stays until a ``forget_…`` or ``purge_…`` is called with a moment, and is judged by ``at``.

All times are aware UTC. Texts are Unicode without lone surrogates and U+0000, at most 1,024 characters unless said
otherwise; anything else raises ``Refused(BAD_REQUEST)``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from tongxing.core.datasets import Dataset
from tongxing.core.evidence import Evidence
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Origin, Report
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.core.verdicts import Direction, Ending, Outcome, Seen
from tongxing.core.words import PlaceKind, RegionId
from tongxing.crypto.keys import PublicKey
from tongxing.wire.report_bodies import KeptReport


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """Return the present moment, aware UTC."""
        ...


class Entropy(Protocol):
    """Where randomness comes from."""

    def __call__(self, count: int, /) -> bytes:
        """Return ``count`` bytes that nobody can foresee."""
        ...


class SubjectReport(msgspec.Struct, frozen=True, gc=False):
    """One issuer's report beside the key of its subject; the issuer is ``report.issuer``."""

    subject: SubjectKey
    report: Report
    origin: Origin | None = None


ReportsOfMany = Mapping[SubjectKey, tuple[SubjectReport, ...]]


@dataclass(frozen=True, slots=True)
class PutCount:
    """What became of the rows of one put: their sum is the number of rows given."""

    stored: int
    same: int
    older: int


class ReportStore(Protocol):
    """For each subject and issuer the newest report, tombstones too (law 4)."""

    async def put_reports(self, rows: Sequence[SubjectReport], *, for_hub: bool = False) -> PutCount:
        """Take in reports: at most ``REPORTS_PER_BATCH_MAX`` rows, all or none.

        With ``for_hub`` what changed is queued for the hub in the same transaction (``outbox_ports``). For each subject
        and issuer the highest revision wins, tombstones like any other. Of two different reports with one revision the
        tombstone wins, else the stricter one (``Report.strictness``), else the one whose encoding is greater: the last
        rule is without merit but the same in every order of arrival. ``stored`` rows changed what is held, ``same``
        rows were held already, ``older`` rows were outranked (by another row of the same put, too). Times are kept to
        the second. Raises Refused(BAD_REQUEST): too many rows, a subject key of the wrong length, a report that could
        not be read back.
        """
        ...

    async def put_kept(self, rows: Sequence[KeptReport]) -> PutCount:
        """As ``put_reports``, for at most ``KEPT_PER_PUT_MAX`` reports in the form in which they are kept."""
        ...

    async def reports_of(self, subject: SubjectKey, *, with_retracted: bool = False) -> tuple[SubjectReport, ...]:
        """Return the newest report of each issuer about ``subject``, by issuer number.

        Retracted ones are left out unless asked for: a tombstone says only that its issuer took
        back what it said. What has expired is not left out: the caller judges standing by ``at``.
        """
        ...

    async def reports_of_many(self, subjects: Iterable[SubjectKey], *, with_retracted: bool = False) -> ReportsOfMany:
        """Return what ``reports_of`` does of each, in one statement; Refused(BAD_REQUEST) for too many."""
        ...

    async def reports_by(self, issuer: RegionId, after: bytes, limit: int) -> tuple[SubjectReport, ...]:
        """Return at most ``limit`` reports of one issuer, tombstones too, by subject key from behind ``after`` on.

        ``b""`` is before the first. For going through all that an issuer said: costs a scan, not a look-up.
        """
        ...


class SubjectLinkStore(Protocol):
    """Which subject keys of different versions are one subject's: the hub's, filled while a rotation lasts.

    Whoever holds a key of an older version only (told within the hour, or docked last week) is so
    answered with everything that is known under the newer one.
    """

    async def link(self, subjects: Sequence[SubjectKeys]) -> None:
        """Keep that the keys of each of ``subjects`` are one subject's. Again counts once.

        A key's neighbour in version is kept, so that what was linked in two rotations is one chain.
        Raises Refused(BAD_REQUEST) for a key of the wrong length.
        """
        ...

    async def linked(self, keys: SubjectKeys) -> SubjectKeys:
        """Return ``keys`` and every key that is linked to any of them, each once, the newest version first."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class SubjectEvidence:
    """A piece of evidence beside the key of its subject, kept until ``kept_until``: None is as long as it stands."""

    subject: SubjectKey
    evidence: Evidence
    kept_until: datetime | None = None


class EvidenceStore(Protocol):
    """What the federation's assessor weighs. By subject, kind and ``ref`` the newest piece, tombstones too."""

    async def put_evidence(self, rows: Sequence[SubjectEvidence]) -> PutCount:
        """Take in evidence: at most ``EVIDENCE_PER_BATCH_MAX`` rows, all or none.

        For each subject, kind and ``ref`` the highest revision wins; of two different pieces with one
        revision the tombstone, else the greater one: the same in every order of arrival. Counted as
        ``ReportStore.put_reports`` counts. Raises Refused(BAD_REQUEST) for too many rows, a subject key of
        the wrong length, a ``ref`` of none or more than 64 characters, or a division that is no number of
        2, 4 or 6 digits.
        """
        ...

    async def evidence_of(self, subject: SubjectKey) -> tuple[SubjectEvidence, ...]:
        """Return the newest of each piece about ``subject``, tombstones too, by kind and ``ref``."""
        ...

    async def forget_ended(self, at: datetime) -> int:
        """Erase the pieces whose ``kept_until`` is not after ``at``; return how many."""
        ...


class PassageRecord(msgspec.Struct, frozen=True, gc=False):
    """The least that a checkpoint keeps of a passage: no name, no document number, no level, no origin.

    A struct and not a dataclass because one is made for every verdict, at a tenth of the time.

    ``ref`` names it (unforeseeable, at most 64 characters; those of one time best begin alike, so that
    an index over them grows at its end); ``device_id`` is the device's key id; ``reason`` is an impersonal
    slug (``core.reasons.impersonal_slug``), since what a row decided on would tell a level: that, and
    the row, are in the sealed views only and end with them. ``views`` are the people's views of the
    verdict, sealed before they come here (opaque, at most 64 KiB), readable until ``expires_at``.
    The record itself is kept until ``kept_until``. ``site_pseudonym`` (at most 64 bytes) stands for the
    subject at that site on that day and nowhere else; None where there was no handle to a subject.
    """

    ref: str
    at: datetime
    host: RegionId
    place_kind: PlaceKind
    device_id: str
    outcome: Outcome
    reason: str
    issuer: RegionId | None
    views: bytes | None
    expires_at: datetime
    kept_until: datetime
    direction: Direction | None = None
    site_pseudonym: bytes | None = None


@dataclass(frozen=True, slots=True)
class RecordedEnding:
    """How the ``REFER`` of passage ``ref`` ended: what the guard saw, by which device, and what became of it."""

    ref: str
    at: datetime
    device_id: str
    seen: Seen
    outcome: Ending


class PassageStore(Protocol):
    """The passage records of one gateway. The hot path of writing: many callers share one sync."""

    async def record(self, *passages: PassageRecord) -> None:
        """Keep passages: all of them or none.

        The same record again counts once; another one under the ``ref`` of any of them raises
        Refused(CONFLICT) and changes nothing.
        """
        ...

    async def find(self, ref: str) -> PassageRecord | None:
        """Return the passage named ``ref``; ``views`` is None where purged or never given."""
        ...

    async def purge_views(self, at: datetime) -> int:
        """Erase the views whose ``expires_at`` is not after ``at``; return how many.

        The passages stay. Works in bounded steps, each atomic, so that writers are not held up.
        """
        ...

    async def record_ending(self, ending: RecordedEnding) -> RecordedEnding:
        """Keep how a passage ended and return what is kept: the first that was recorded.

        The same device's same words again count once, whenever they are sent: the first moment stays.
        Any other ending raises Refused(CONFLICT), an unknown ``ref`` Refused(NOT_FOUND).
        """
        ...

    async def find_ending(self, ref: str) -> RecordedEnding | None:
        """Return how passage ``ref`` ended, or None if nothing was recorded."""
        ...

    async def purge_passages(self, at: datetime) -> int:
        """Erase the passages whose ``kept_until`` is not after ``at``, with views and ending; return how many.

        Works in bounded steps, each atomic: no ending outlives its passage.
        """
        ...


class TicketPurpose(StrEnum):
    """What a ticket permits, once."""

    MAKE = "make"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True, repr=False)
class Ticket:
    """A one-time permission. Only the digest of its random number is kept, never the number."""

    serial: str
    secret_digest: bytes
    purpose: TicketPurpose
    subject: SubjectKey | None
    expires_at: datetime


class ClaimResult(StrEnum):
    """What became of a claim. Never a bool: compare it."""

    CLAIMED = "claimed"
    USED = "used"


class TicketStore(Protocol):
    """Tickets that were issued here, and the one-time claims of anything that may be used once."""

    async def issue(self, ticket: Ticket) -> None:
        """Keep a ticket. The same again counts once; another under its serial: Refused(CONFLICT)."""
        ...

    async def find_ticket(self, serial: str) -> Ticket | None:
        """Return the ticket with that serial, expired or claimed ones too."""
        ...

    async def claim(self, key: bytes, expires_at: datetime, at: datetime) -> ClaimResult:
        """Claim ``key`` (1 to 64 bytes): of any number of callers exactly one gets ``CLAIMED``.

        Atomic across tasks, threads and processes on one store. A claim that ended (``at`` not
        before the ``expires_at`` it was made with) may be made again, so ``expires_at`` must not
        be before the end of what is claimed, and what has ended must be refused before claiming.
        A caller that dies between claim and use has used it.
        """
        ...

    async def release(self, key: bytes) -> None:
        """Undo a claim whose use failed for no fault of its holder; nothing to undo is no error."""
        ...

    async def forget_expired(self, at: datetime) -> int:
        """Erase tickets and claims that ended not after ``at``; return how many."""
        ...


class Role(StrEnum):
    """Who calls: the holder of an enrolled key, or a citizen, who has none and signs in."""

    DEVICE = "device"
    BACK_END = "back_end"
    OPERATOR = "operator"
    GATEWAY = "gateway"
    SOURCE = "source"
    CITIZEN = "citizen"


@dataclass(frozen=True, slots=True)
class Credential:
    """An enrolled key: whose, in which role, until when. ``key_id`` is the hex of the key's kid.

    ``site`` is the checkpoint at which a device stands; one that has none is a site of its own. ``division`` is
    where that is: a city's or county's GB/T 2260 number, empty where nobody said it. ``enrolled_by``
    is the key id of the operator who enrolled it, empty for those who were there before the node ran. ``datasets``
    are those that a source owns and hands in; nobody else has any.
    """

    key_id: str
    role: Role
    public: PublicKey
    label: str
    region: RegionId
    valid_until: datetime | None
    revoked: bool = False
    site: str = ""
    enrolled_by: str = ""
    division: str = ""
    datasets: frozenset[Dataset] = frozenset()


class CredentialStore(Protocol):
    """The keys that may call this node."""

    async def enrol(self, credential: Credential) -> None:
        """Enrol a key.

        The same again counts once; another under its ``key_id``, or the same after it was revoked,
        raises Refused(CONFLICT): a revoked key never comes back.
        """
        ...

    async def find(self, key_id: str) -> Credential | None:
        """Return the credential, revoked or ended ones too: the caller judges. Hot."""
        ...

    async def revoke(self, key_id: str) -> None:
        """Revoke for good; again counts once. Raises Refused(NOT_FOUND) for an unknown key."""
        ...

    async def list(self) -> tuple[Credential, ...]:
        """Return all credentials, by key id."""
        ...


class NonceStore(Protocol):
    """The nonces of signed requests, so that a request is taken once, also across a restart."""

    async def remember(self, key_id: str, nonce: str, expires_at: datetime) -> bool:
        """Return True if ``nonce`` (at most 128 characters) is fresh for ``key_id``.

        Exactly one of any number of callers gets True, across processes too. ``expires_at`` must
        not be before the moment from which the request's own age refuses it.
        """
        ...

    async def forget_expired(self, at: datetime) -> int:
        """Erase nonces that ended not after ``at``; return how many."""
        ...


@dataclass(frozen=True, slots=True)
class HeldBundle:
    """A bundle as bytes, with the number and digest under which it was accepted."""

    number: int
    digest: bytes
    data: bytes


class BundleStore(Protocol):
    """The accepted bundles. What may be accepted is decided by ``tongxing.trust.bundle``."""

    async def save(self, number: int, digest: bytes, data: bytes) -> None:
        """Keep a bundle (at most ``BUNDLE_MAX_BYTES``).

        The same again counts once; another digest under its number raises Refused(CONFLICT): a
        fork is never stored over what is held.
        """
        ...

    async def latest(self) -> HeldBundle | None:
        """Return the bundle with the highest number."""
        ...

    async def get(self, number: int) -> HeldBundle | None:
        """Return the bundle with that number."""
        ...


@dataclass(frozen=True, slots=True)
class Alarm:
    """What an operator is told. ``ref`` names the passage, if any; ``detail`` holds no personal data."""

    at: datetime
    reason: ReasonId | ProblemId
    ref: str | None
    detail: str


class AlarmStore(Protocol):
    """The alarms of one node."""

    async def raise_alarm(self, alarm: Alarm) -> None:
        """Keep an alarm; two equal ones are two alarms. ``detail`` is cut at 1,024 characters."""
        ...

    async def recent(self, limit: int) -> tuple[Alarm, ...]:
        """Return the newest alarms first, by their time: at most ``limit``, from 1 to 1,000."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Extension:
    """What an issuer holds behind the extension token of one displayed national code."""

    token_digest: bytes
    subject: SubjectKey
    credential_id: bytes
    expires_at: datetime


class ExtensionStore(Protocol):
    """Extension tokens of the codes issued here. One-time exchange is a ``TicketStore.claim``."""

    async def save(self, extension: Extension) -> None:
        """Keep it. The same again counts once; another under its digest: Refused(CONFLICT)."""
        ...

    async def find(self, token_digest: bytes) -> Extension | None:
        """Return it, an ended one too: the caller judges."""
        ...

    async def forget_expired(self, at: datetime) -> int:
        """Erase those that ended not after ``at``; return how many."""
        ...
