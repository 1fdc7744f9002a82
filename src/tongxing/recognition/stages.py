"""Stages (1) to (5), one function each, in the order in which the pipeline runs them."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from tongxing.core.causes import level_of
from tongxing.core.checkpoints import Fever, fever_of
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.groups import Group
from tongxing.core.levels import Level, Standing
from tongxing.core.limits import CLOCK_SKEW, NATIONAL_CODE_LIFE_MAX, SCAN_MAX_CHARACTERS, TRANSIT_PASS_LIFE_MAX
from tongxing.core.proofs import Proof, ProofKind
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Origin, Report
from tongxing.core.transit import Transit, is_on_route
from tongxing.core.verdicts import Direction, Note
from tongxing.core.words import PlaceKind, RegionId
from tongxing.crypto.sealing import SealBroken
from tongxing.crypto.suites import SignatureMismatch
from tongxing.recognition.combining import STANDING_REASONS
from tongxing.recognition.foreign_codes import find_format
from tongxing.recognition.knowledge import Knowledge
from tongxing.regions.families import FAMILIES, NATIONAL
from tongxing.regions.profile import Profile
from tongxing.trust.directory import KeyUse
from tongxing.wire.national_code import NationalCodeClaims, UnverifiedNationalCode, parse_national_code
from tongxing.wire.printed_code import is_printed_code, parse_printed_code
from tongxing.wire.qr import read_picture
from tongxing.wire.sealed_part import open_content
from tongxing.wire.statement import Statement, parse_statement
from tongxing.wire.transit_pass import FAMILY as TRANSIT_PASS
from tongxing.wire.transit_pass import (
    TransitPassClaims,
    UnverifiedTransitPass,
    is_transit_pass,
    parse_transit_pass,
)

_LIFE_MAX_SECONDS = int(NATIONAL_CODE_LIFE_MAX.total_seconds())
_SKEW_SECONDS = int(CLOCK_SKEW.total_seconds())
_PASS_LIFE_MAX_SECONDS = int(TRANSIT_PASS_LIFE_MAX.total_seconds())
_NOT_MEASURED = Fever.NOT_MEASURED
_NO_GROUPS: frozenset[Group] = frozenset()
_NOT_ASKED: frozenset[ProofKind] = frozenset()
_DRIVERS_GROUPS = frozenset({Group.FREIGHT})


class Scan(msgspec.Struct, frozen=True, gc=False):
    """What was shown where: the text of the code, the kind of place, the host region.

    ``unreadable`` is why there is no text, where a picture held none. ``direction`` is None where the
    guard did not say it. A temperature is in tenths of a degree Celsius, from 300 to 450, and decides
    nothing until the person has confirmed it. ``site`` is the checkpoint's own name for itself: it tells
    passages of two checkpoints apart, and a site can have a rule table of its own. ``division`` is where the
    checkpoint stands, the host's own number if it is not told. ``groups`` are those the person belongs to as
    the guard entered them, ``proofs`` what was shown on paper, and ``asked`` the kinds that were looked for.
    ``foreign_texts`` and ``document_name`` are as in ``Entered``; once weighed they are proofs and ``notes``,
    and a ``remark`` for the auditor, of slugs alone.
    """

    qr_text: str
    place_kind: PlaceKind
    host: RegionId
    unreadable: ReasonId | None = None
    direction: Direction | None = None
    temperature_decicelsius: int | None = None
    temperature_confirmed: bool = False
    site: str = ""
    division: str = ""
    groups: frozenset[Group] = _NO_GROUPS
    proofs: tuple[Proof, ...] = ()
    asked: frozenset[ProofKind] = _NOT_ASKED
    foreign_texts: tuple[str, ...] = ()
    document_name: str = ""
    notes: tuple[Note, ...] = ()
    remark: str = ""

    @property
    def fever(self) -> Fever:
        """What was measured here, as far as it counts."""
        if self.temperature_decicelsius is None:
            return _NOT_MEASURED
        return fever_of(self.temperature_decicelsius, confirmed=self.temperature_confirmed)


@dataclass(frozen=True, slots=True)
class StatementNeeded:
    """The pipeline asks for the issuer's statement: about whoever shows a local code, or behind a token."""

    issuer: RegionId
    qr_text: str | None = None
    extension_token: bytes | None = None


@dataclass(frozen=True, slots=True)
class StatementFetched:
    """The issuer's gateway's answer as it came, and the query id that it must carry."""

    data: bytes
    query_id: bytes


@dataclass(frozen=True, slots=True)
class LocalCode:
    """A code of a region's own kind: authentic only by its issuer's answer."""

    profile: Profile
    qr_text: str


@dataclass(frozen=True, slots=True)
class OthersNeeded:
    """The pipeline asks the hub what other regions say: ``sealed`` is the issuer's consultation, for the hub alone.

    ``asked`` are the kinds of proof that the host's rules look at, for which registers are asked too.
    """

    issuer: RegionId
    query_id: bytes
    sealed: bytes
    asked: frozenset[ProofKind] = _NOT_ASKED


@dataclass(frozen=True, slots=True)
class OthersFetched:
    """The hub's answer as it came."""

    data: bytes


Needed = StatementNeeded | OthersNeeded
"""What the pipeline can ask for."""

Fetched = StatementFetched | OthersFetched
"""What it is sent: to a need the value of its own name."""


ReadCode = UnverifiedNationalCode | UnverifiedTransitPass | LocalCode
"""A code whose form is right."""

AuthenticCode = NationalCodeClaims | TransitPassClaims | LocalCode
"""A code whose issuer has signed it, or will be asked."""

PresentedCode = ReadCode | AuthenticCode
"""A code as far as the pipeline has come with it."""


class Status(msgspec.Struct, gc=False):
    """What the issuer says, before its standing is weighed. ``groups`` are those that what was shown proves."""

    family: str
    issuer: RegionId
    report: Report
    origin: Origin | None
    masked_hint: str | None
    subject_handle: str | None
    others_consulted: bool
    others: tuple[Report, ...] = ()
    consultation: OthersNeeded | None = None
    proofs: tuple[Proof, ...] = ()
    asked: frozenset[ProofKind] = _NOT_ASKED
    groups: frozenset[Group] = _NO_GROUPS
    transit: Transit | None = None
    others_whole_until: datetime | None = None


def scan_picture(picture: bytes, scan: Scan) -> Scan:
    """Return ``scan`` with the text of the one QR code in a picture file; the colours around it are not looked at."""
    try:
        return msgspec.structs.replace(scan, qr_text=read_picture(picture))
    except Rejected as unreadable:
        return msgspec.structs.replace(scan, qr_text="", unreadable=unreadable.reason)


def read_code(scan: Scan, knowledge: Knowledge) -> ReadCode:
    """(1) Tell by the first characters which family a scanned text belongs to, and parse it.

    Raises ``Rejected``: unreadable, empty, too long, a web address, not a known kind, or malformed.
    """
    qr_text = scan.qr_text
    if scan.unreadable is not None:
        raise Rejected(scan.unreadable)
    if qr_text[:4] == NATIONAL.prefix:
        return parse_national_code(qr_text)
    if is_transit_pass(qr_text):
        return parse_transit_pass(qr_text)
    if not qr_text or qr_text.isspace():
        raise Rejected(ReasonId.EMPTY_SCAN)
    if len(qr_text) > SCAN_MAX_CHARACTERS:
        raise Rejected(ReasonId.SCAN_TOO_LONG, f"{len(qr_text)} characters")
    return _read_local_code(qr_text, knowledge)


def _read_local_code(qr_text: str, knowledge: Knowledge) -> LocalCode:
    for profile in knowledge.profiles.values():
        if FAMILIES[profile.family].recognises(qr_text, profile):
            return LocalCode(profile, qr_text)
    if any(profile.has_own_prefix(qr_text) for profile in knowledge.profiles.values()):
        raise Rejected(ReasonId.MALFORMED_CODE, "begins as a region's code and is none")
    if is_printed_code(qr_text):
        return _read_printed_code(qr_text, knowledge)
    if find_format(qr_text) is not None:
        raise Rejected(ReasonId.FOREIGN_CODE_ALONE)
    if qr_text[:8].lower().startswith(("http://", "https://", "www.")):
        raise Rejected(ReasonId.WEB_ADDRESS)
    raise Rejected(ReasonId.NOT_A_CODE)


def _read_printed_code(qr_text: str, knowledge: Knowledge) -> LocalCode:
    issuer = parse_printed_code(qr_text)
    profile = knowledge.profiles.get(issuer)
    if profile is None:
        raise Rejected(ReasonId.UNKNOWN_ISSUER, "a printed code of a region without a profile")
    return LocalCode(profile, qr_text)


def authenticate_code(presented: ReadCode, knowledge: Knowledge, at: datetime) -> AuthenticCode:
    """(2) Check the signature of a national code or a transit pass; of a local code, that its issuer may be asked.

    Raises ``Rejected``: unknown or suspended issuer, unknown key, wrong algorithm, bad signature.
    """
    if isinstance(presented, LocalCode):
        knowledge.directory.active_record(presented.profile.region)
        return presented
    key = knowledge.directory.find_key(presented.issuer_claimed, KeyUse.NATIONAL_CODE, presented.kid, at)
    if presented.alg != key.cose_alg:
        raise Rejected(ReasonId.ALGORITHM_REFUSED, f"alg {presented.alg} is not the key's")
    try:
        return presented.claims_after(key.verify)
    except SignatureMismatch as mismatch:
        raise Rejected(ReasonId.SIGNATURE_INVALID) from mismatch


def check_time(presented: AuthenticCode, knowledge: Knowledge, at: datetime) -> None:
    """(3) Check that the reference data are young enough and that the code is the moment's.

    A local code's time is its issuer's to tell, at stage (4). Raises ``Undecidable`` or ``Rejected``.
    """
    if at >= knowledge.expires_at:
        raise Undecidable(ReasonId.BUNDLE_TOO_OLD, f"bundle {knowledge.bundle_number}")
    if knowledge.issued_at > at + CLOCK_SKEW:
        raise Undecidable(ReasonId.BUNDLE_FROM_THE_FUTURE, f"bundle {knowledge.bundle_number}")
    if isinstance(presented, LocalCode):
        return
    if isinstance(presented, TransitPassClaims):
        check_pass_time(presented, at)
        return
    now, issued_at, expires_at = at.timestamp(), presented.issued_at, presented.expires_at
    if not 0 < expires_at - issued_at <= _LIFE_MAX_SECONDS:
        raise Rejected(ReasonId.CODE_LIFE_TOO_LONG, f"{expires_at - issued_at} seconds")
    if now >= expires_at:
        raise Rejected(ReasonId.CODE_EXPIRED, f"{int(now - expires_at)} seconds ago")
    if issued_at > now + _SKEW_SECONDS:
        raise Rejected(ReasonId.CODE_NOT_YET_VALID, f"{int(issued_at - now)} seconds ahead")


def check_pass_time(presented: TransitPassClaims, at: datetime) -> None:
    """Check that a transit pass is in its time. Raises ``Rejected``. Spec: transit-pass, section 5."""
    now, issued_at, expires_at = at.timestamp(), presented.issued_at, presented.expires_at
    if expires_at - issued_at > _PASS_LIFE_MAX_SECONDS:
        raise Rejected(ReasonId.TRANSIT_LIFE_TOO_LONG, f"{expires_at - issued_at} seconds")
    if now >= expires_at:
        raise Rejected(ReasonId.TRANSIT_EXPIRED, f"{int(now - expires_at)} seconds ago")
    if presented.valid_from > now + _SKEW_SECONDS:
        raise Rejected(ReasonId.TRANSIT_NOT_YET_VALID, f"{int(presented.valid_from - now)} seconds ahead")


def obtain_status(
    presented: AuthenticCode, knowledge: Knowledge, at: datetime
) -> Generator[StatementNeeded, Fetched, Status]:
    """(4) Open the sealed part of a national code, or ask the issuer of anything else and check its answer."""
    if isinstance(presented, TransitPassClaims):
        return (yield from _ask_of_driver(presented, knowledge, at))
    if isinstance(presented, LocalCode):
        issuer = presented.profile.region
        fetched = yield StatementNeeded(issuer, presented.qr_text)
        statement = _authenticate_statement(fetched, issuer, knowledge, at)
        return Status(
            presented.profile.family,
            issuer,
            statement.report,
            statement.origin,
            statement.masked_hint,
            statement.subject_handle,
            others_consulted=False,
            consultation=_consultation(statement),
        )
    issued = datetime.fromtimestamp(presented.issued_at, UTC)
    verifier_key = knowledge.verifier_key_on(issued.date())
    try:
        content = open_content(presented, verifier_key.open)
    except SealBroken as broken:
        raise Undecidable(ReasonId.SEALED_PART_UNREADABLE, "sealed under another key") from broken
    report = Report(
        issuer=presented.issuer,
        standing=Standing.CURRENT,
        level=content.level,
        causes=(),
        revision=presented.issued_at,
        as_of=issued,
        valid_until=None,
        colour_only=content.colour_only,
    )
    if content.level is not Level.LOW:
        report = yield from _with_detail(report, presented, knowledge, at)
    return Status(
        NATIONAL.name,
        presented.issuer,
        report,
        content.origin,
        content.masked_hint,
        presented.credential_id.hex(),
        others_consulted=content.others_consulted,
    )


def _ask_of_driver(
    presented: TransitPassClaims, knowledge: Knowledge, at: datetime
) -> Generator[StatementNeeded, Fetched, Status]:
    """Ask the issuer of a transit pass how the driver is, once the host is known to be on its route."""
    if not is_on_route(knowledge.host, presented.route):
        raise Rejected(ReasonId.TRANSIT_OFF_ROUTE, f"host {knowledge.host}")
    fetched = yield StatementNeeded(presented.issuer, extension_token=presented.extension_token)
    statement = _authenticate_statement(fetched, presented.issuer, knowledge, at)
    return Status(
        TRANSIT_PASS,
        presented.issuer,
        statement.report,
        statement.origin,
        statement.masked_hint,
        presented.pass_id.hex(),
        others_consulted=False,
        consultation=_consultation(statement),
        groups=_DRIVERS_GROUPS,
        transit=presented.transit,
    )


def _with_detail(
    sealed: Report, presented: NationalCodeClaims, knowledge: Knowledge, at: datetime
) -> Generator[StatementNeeded, Fetched, Report]:
    """Exchange the extension token for causes, for the citizen's sake; what cannot be had changes nothing."""
    try:
        fetched = yield StatementNeeded(presented.issuer, extension_token=presented.extension_token)
        told = _authenticate_statement(fetched, presented.issuer, knowledge, at).report
    except (Rejected, Undecidable):
        return sealed
    if told.standing_at(at) is not Standing.CURRENT or told.level is None or sealed.level is None:
        return sealed
    return told if told.level.rank >= sealed.level.rank else sealed


def translate_status(status: Status, at: datetime) -> Status:
    """(5) Weigh what was said: where causes are told the level follows from them, by the national table.

    The issuer's gateway translated its dialect by its profile; the host recomputes the level and
    keeps the worse, so that no issuer's slip can lower it (law 1). What is not current is left as it
    is: whether it can be used is seen once it stands beside what others say. Raises ``Undecidable``
    with the standing's own reason where nobody else is to be asked.
    """
    standing = status.report.standing_at(at)
    if standing is not Standing.CURRENT and status.consultation is None and not status.others:
        raise Undecidable(STANDING_REASONS[standing])
    status.report = weigh_report(status.report, at)
    return status


def weigh_report(report: Report, at: datetime) -> Report:
    """Return a report with the level that its causes have by the national table, if that is worse than its own."""
    if report.causes and report.level is not None:
        by_causes = level_of((held.cause for held in report.causes), at)
        if by_causes.rank > report.level.rank:
            return msgspec.structs.replace(report, level=by_causes)
    return report


def _consultation(statement: Statement) -> OthersNeeded | None:
    if statement.consultation is None:
        return None
    sealed_by = statement.sealed_by
    if sealed_by is None:
        return OthersNeeded(statement.issuer, statement.query_id, statement.consultation)
    if statement.issuer != statement.audience:
        return None  # another host's gateway has no consultation to hand on that was sealed for this one
    return OthersNeeded(sealed_by.issuer, sealed_by.query_id, statement.consultation)


def _authenticate_statement(fetched: Fetched, issuer: RegionId, knowledge: Knowledge, at: datetime) -> Statement:
    if not isinstance(fetched, StatementFetched):
        raise TypeError("the pipeline asked for a statement")
    unverified = parse_statement(fetched.data)
    try:
        key = knowledge.directory.find_key(issuer, KeyUse.STATEMENT, unverified.kid, at)
    except Rejected as unknown:
        raise Undecidable(ReasonId.STATEMENT_KEY_UNKNOWN, str(unknown)) from unknown
    if unverified.alg != key.cose_alg:
        raise Rejected(ReasonId.STATEMENT_FORGED, f"alg {unverified.alg} is not the key's")
    try:
        statement = unverified.statement_after(key.verify)
    except SignatureMismatch as mismatch:
        raise Rejected(ReasonId.STATEMENT_FORGED) from mismatch
    if statement.issuer != issuer or statement.report.issuer != issuer:
        raise Rejected(ReasonId.STATEMENT_FORGED, "made in another region's name")
    if statement.audience != knowledge.host or statement.query_id != fetched.query_id:
        raise Rejected(ReasonId.STATEMENT_FOR_ANOTHER_QUERY)
    if not statement.issued_at - CLOCK_SKEW <= at < statement.expires_at + CLOCK_SKEW:
        raise Undecidable(ReasonId.STATEMENT_OUT_OF_TIME, "the clocks differ, or the answer is an old one")
    return statement
