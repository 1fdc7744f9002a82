"""Synthetic values for the suites: whole, and different only in what a test names."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tongxing.core.causes import Cause, HeldCause
from tongxing.core.levels import Level, Standing
from tongxing.core.reasons import DECIDED_BY_ROW
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.subjects import SubjectKey
from tongxing.core.verdicts import Direction, Ending, Outcome, Seen
from tongxing.core.words import PlaceKind, RegionId
from tongxing.crypto.keys import PublicKey, SigningKey
from tongxing.crypto.suites import SuiteId
from tongxing.services.ports import (
    Credential,
    Extension,
    PassageRecord,
    RecordedEnding,
    Role,
    SubjectReport,
    Ticket,
    TicketPurpose,
)

AT = datetime(2020, 4, 1, 8, 30, 0, 123_456, tzinfo=UTC)
HUBEI = RegionId("42")
GUANGXI = RegionId("45")
WUHAN = Origin("420100", Precision.EXACT, OriginBasis.DECLARED_STAY)


def subject(number: int) -> SubjectKey:
    return SubjectKey(b"\x01" + number.to_bytes(32, "big"))


def report(
    issuer: RegionId = HUBEI,
    revision: int = 1,
    *,
    level: Level = Level.LOW,
    retracted: bool = False,
    sources: tuple[str, ...] = ("健康申报", "cases"),
) -> Report:
    as_of = AT.replace(microsecond=0)
    return Report(
        issuer=issuer,
        standing=Standing.CURRENT,
        level=level,
        causes=(HeldCause(Cause.NOTHING_FOUND, as_of, as_of + timedelta(days=14)),),
        revision=revision,
        as_of=as_of,
        valid_until=as_of + timedelta(days=3),
        sources_checked=sources,
        retracted=retracted,
    )


def row(
    number: int = 1,
    issuer: RegionId = HUBEI,
    revision: int = 1,
    *,
    level: Level = Level.LOW,
    retracted: bool = False,
    origin: Origin | None = WUHAN,
) -> SubjectReport:
    return SubjectReport(subject(number), report(issuer, revision, level=level, retracted=retracted), origin)


def passage(
    ref: str = "p1",
    *,
    views: bytes | None = b"sealed",
    life: timedelta = timedelta(hours=24),
    kept: timedelta = timedelta(days=14),
) -> PassageRecord:
    return PassageRecord(
        ref=ref,
        at=AT,
        host=GUANGXI,
        place_kind=PlaceKind.TRAFFIC_GATE,
        device_id="00112233aabbccdd",
        outcome=Outcome.PASS,
        reason=DECIDED_BY_ROW,
        issuer=HUBEI,
        views=views,
        expires_at=AT + life,
        kept_until=AT + kept,
        direction=Direction.IN,
        site_pseudonym=b"p" * 16,
    )


def ending(ref: str = "p1", seconds: int = 0, **changes: Any) -> RecordedEnding:
    """Return how a passage ended, with what a test changes of it."""
    told = {"device_id": "00112233aabbccdd", "seen": Seen.IDENTITY_DOCUMENT, "outcome": Ending.PASSED}
    return RecordedEnding(ref, AT + timedelta(seconds=seconds), **{**told, **changes})


def ticket(serial: str = "s1", *, life: timedelta = timedelta(minutes=2)) -> Ticket:
    return Ticket(serial, b"d" * 32, TicketPurpose.MAKE, subject(1), AT + life)


def public_key(number: int) -> PublicKey:
    return SigningKey.from_seed(SuiteId.EDDSA, number.to_bytes(32, "big")).public


def credential(number: int = 1, *, role: Role = Role.DEVICE, valid_until: datetime | None = None) -> Credential:
    public = public_key(number)
    return Credential(public.kid.hex(), role, public, f"测试设备 {number}", GUANGXI, valid_until)


def extension(number: int = 1, *, life: timedelta = timedelta(minutes=2)) -> Extension:
    return Extension(number.to_bytes(32, "big"), subject(number), b"c" * 16, AT + life)
