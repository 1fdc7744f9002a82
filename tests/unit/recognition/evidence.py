"""Pieces of evidence, whole, and different only in what a test names."""

from datetime import UTC, datetime, timedelta

from tongxing.core.causes import Cause
from tongxing.core.evidence import Evidence, EvidenceKind

AT = datetime(2020, 3, 21, 4, 0, tzinfo=UTC)
HIGH, MEDIUM, LOW, MIXED, UNKNOWN = "420102", "420107", "450103", "4201", "999999"
"""Divisions at each risk under ``tests.world.risk_section``."""


def days(count: float) -> timedelta:
    return timedelta(days=count)


def case(since: float = -10, until: float | None = None, cause: Cause = Cause.CONFIRMED_CASE) -> Evidence:
    return Evidence(EvidenceKind.CASE, f"case{since}", 1, AT + days(since), _moment(until), cause=cause)


def contact(since: float = -3, until: float | None = None) -> Evidence:
    return Evidence(EvidenceKind.CONTACT, f"contact{since}", 1, AT + days(since), _moment(until))


def entry(since: float = -3, until: float | None = None) -> Evidence:
    return Evidence(EvidenceKind.ENTRY, f"entry{since}", 1, AT + days(since), _moment(until))


def declaration(since: float = -1) -> Evidence:
    return Evidence(EvidenceKind.DECLARATION, f"d{since}", 0, AT + days(since))


def stay(division: str = LOW, since: float = -5, until: float | None = None) -> Evidence:
    ref = f"d.{division}.{since}"
    return Evidence(EvidenceKind.STAY, ref, 0, AT + days(since), _moment(until), division)


def flight(division: str = LOW, since: float = -5, kind: EvidenceKind = EvidenceKind.FLIGHT) -> Evidence:
    until = AT + days(since) + timedelta(hours=3)
    return Evidence(kind, f"MU{division}.{since}", 1, AT + days(since), until, division)


def _moment(offset: float | None) -> datetime | None:
    return None if offset is None else AT + days(offset)
