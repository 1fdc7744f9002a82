"""Assessing: from evidence about one subject to the federation's own report (way 3; domain sheet, *Report*).

The national code is an assessing body: it matches subjects against cases, contacts, entries from abroad,
declared stays and the risk areas in force, and reports like a region, as issuer ``00``.

- Evidence against a person counts whether or not the person declared anything.
- *Nothing found* needs a declaration that counts: without one nobody was asked where the person has been,
  so nobody assessed, and the standing is *no record* (or *expired* after a declaration that lapsed).
- Each kind of evidence has its direction: another case, contact, entry or ended stay never lowers the
  level, and an earlier end never raises it.
- A stay that is still open ends when a later one begins.
- What a person declares of their own health can only add: a contact counts as one, and while the newest declaration
  names a concern, *nothing found* is not said: the standing is *pending*, and no region's green covers it.
- Who boarded a plane or a train in a division was there then: for its risk that counts as a stay of a moment. It ends
  no declared stay, since nobody knows where a person went to and from in between.
- Where goods are driven, a stop that is not longer than ``FREIGHT_STOP_MAX`` is no stay: it is neither a cause nor an
  origin. Stays in one division that touch count as one, so that cutting a stay in pieces makes no stops of it.

How long what counts is assumed from the notices of spring 2020: fourteen days.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from tongxing.core.causes import Cause, HeldCause, level_of
from tongxing.core.evidence import HEALTH_KINDS, JOURNEY_KINDS, Evidence, EvidenceKind
from tongxing.core.levels import Level, Standing
from tongxing.core.limits import FREIGHT_STOP_MAX
from tongxing.core.reports import Origin, OriginBasis, OriginRisk, Precision, Report
from tongxing.core.words import FEDERATION
from tongxing.risk.risk_map import RiskMap

OBSERVATION: Final = timedelta(days=14)
"""After leaving a risk area, entering the country, or being released from isolation."""

DECLARATION_COUNTS: Final = timedelta(days=14)
ASSESSMENT_COUNTS: Final = timedelta(days=1)
"""The sources are matched anew at each question; what was once told counts for a day at most."""

SOURCES: Final = ("cases", "close_contacts", "arrivals", "declarations", "risk_areas")

_UNDER_OBSERVATION_AFTER: Final = frozenset({Cause.CONFIRMED_CASE, Cause.ASYMPTOMATIC_CASE})
_CAUSE_OF_RISK: Final = {
    OriginRisk.HIGH: Cause.FROM_HIGH_RISK_AREA,
    OriginRisk.MEDIUM: Cause.FROM_MEDIUM_RISK_AREA,
}
_WEIGHT_OF_RISK: Final = {
    OriginRisk.LOW: 0,
    OriginRisk.MEDIUM: 1,
    OriginRisk.HIGH: 2,
    OriginRisk.MIXED: 3,
    OriginRisk.UNKNOWN: 4,
}
_PRECISIONS: Final = {2: Precision.PROVINCE, 4: Precision.CITY, 6: Precision.EXACT}


@dataclass(frozen=True, slots=True)
class Assessed:
    """The federation's report, and the origin among the declared stays that asks most of a host's table."""

    report: Report
    origin: Origin | None


def assess(evidence: Sequence[Evidence], risk: RiskMap, *, at: datetime, is_freight: bool = False) -> Assessed:
    """Weigh what is known of one subject at a moment; the order of ``evidence`` changes nothing.

    ``is_freight``: the subject drives goods, by a transit pass that was shown.

    Of each piece the newest revision is expected; retracted pieces and those that begin later than
    ``at`` are left out of account.
    """
    counted = sorted(
        (piece for piece in evidence if not piece.retracted and piece.since <= at),
        key=lambda piece: (piece.since, piece.kind, piece.ref),
    )
    stays = _all_stays(counted)
    if is_freight:
        stays = _without_stops(stays)
    stays += _boardings(counted)
    stays = tuple(stay for stay in stays if stay.until is None or at < stay.until + OBSERVATION)
    causes = _merge(_causes(counted, stays, risk, at))
    declared_at = max((piece.since for piece in counted if piece.kind is EvidenceKind.DECLARATION), default=None)
    report = _pending(at) if not causes and _has_concern(counted, at) else _report(causes, declared_at, at)
    return Assessed(report, _origin(stays, risk))


def _causes(counted: Sequence[Evidence], stays: Sequence[Evidence], risk: RiskMap, at: datetime) -> Iterator[HeldCause]:
    for piece in counted:
        is_over = piece.until is not None and at >= piece.until
        match piece.kind:
            case EvidenceKind.CASE:
                yield from _causes_of_case(piece, at)
            case EvidenceKind.CONTACT if not is_over:
                yield HeldCause(Cause.CLOSE_CONTACT, piece.since, piece.until)
            case EvidenceKind.ENTRY:
                ends = piece.until or piece.since + OBSERVATION
                if at < ends:
                    yield HeldCause(Cause.ENTERED_FROM_ABROAD, piece.since, ends)
            case EvidenceKind.DECLARED_CONTACT if at < piece.since + OBSERVATION:
                yield HeldCause(Cause.CLOSE_CONTACT, piece.since, piece.since + OBSERVATION)
            case _:
                pass
    for stay in stays:
        cause = _CAUSE_OF_RISK.get(risk.risk_of_division(stay.division or ""))
        if cause is not None:
            yield HeldCause(cause, stay.since, None if stay.until is None else stay.until + OBSERVATION)


def _has_concern(counted: Sequence[Evidence], at: datetime) -> bool:
    """True if the newest of what the person declared of their health is a concern that still counts."""
    declared = [piece for piece in counted if piece.kind in HEALTH_KINDS]
    newest = max((piece.since for piece in declared), default=None)
    if newest is None or at >= newest + DECLARATION_COUNTS:
        return False
    return any(piece.kind is EvidenceKind.CONCERN for piece in declared if piece.since == newest)


def _causes_of_case(case: Evidence, at: datetime) -> Iterator[HeldCause]:
    cause = case.cause or Cause.CONFIRMED_CASE
    if case.until is None or at < case.until:
        yield HeldCause(cause, case.since, case.until)
    elif cause in _UNDER_OBSERVATION_AFTER and at < case.until + OBSERVATION:
        yield HeldCause(Cause.RECOVERED_UNDER_OBSERVATION, case.until, case.until + OBSERVATION)


def _all_stays(counted: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return all stays; one without an end ends where the next one begins."""
    stays = [piece for piece in counted if piece.kind is EvidenceKind.STAY and piece.division is not None]
    begins = sorted({stay.since for stay in stays})
    all_stays = []
    for stay in stays:
        until = stay.until
        if until is None:
            until = next((begin for begin in begins if begin > stay.since), None)
        all_stays.append(Evidence(stay.kind, stay.ref, stay.revision, stay.since, until, stay.division))
    return tuple(all_stays)


def _boardings(counted: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return where the person boarded as stays of that moment."""
    return tuple(
        replace(piece, until=piece.since)
        for piece in counted
        if piece.kind in JOURNEY_KINDS and piece.division is not None
    )


def _without_stops(stays: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Leave out what was a stop on the way; where the person still is, is never one."""
    lasting: list[Evidence] = []
    for division in sorted({stay.division or "" for stay in stays}):
        together: list[Evidence] = []
        for stay in sorted((stay for stay in stays if stay.division == division), key=lambda stay: stay.since):
            ended_at = _end_of(together)
            if together and ended_at is not None and stay.since > ended_at:
                lasting += together if _is_stay(together) else ()
                together = []
            together.append(stay)
        lasting += together if _is_stay(together) else ()
    return tuple(lasting)


def _is_stay(together: Sequence[Evidence]) -> bool:
    """True if stays that touch last longer than a stop may."""
    ended_at = _end_of(together)
    return ended_at is None or ended_at - together[0].since > FREIGHT_STOP_MAX


def _end_of(together: Sequence[Evidence]) -> datetime | None:
    """Return when stays that touch are over; None while the person is still there."""
    ends = [stay.until for stay in together]
    return None if None in ends else max((end for end in ends if end is not None), default=None)


def _merge(causes: Iterable[HeldCause]) -> tuple[HeldCause, ...]:
    """Hold each cause once: since the earliest, until the latest; without an end if any has none."""
    merged: dict[Cause, HeldCause] = {}
    for held in causes:
        known = merged.get(held.cause)
        if known is None:
            merged[held.cause] = held
            continue
        is_open = known.until is None or held.until is None
        until = None if is_open else max(known.until or held.since, held.until or held.since)
        merged[held.cause] = HeldCause(held.cause, min(known.since, held.since), until)
    return tuple(merged[cause] for cause in sorted(merged))


def _pending(at: datetime) -> Report:
    """Return a report that nobody can use and that no region's green covers: above low, and not cleared."""
    return Report(
        issuer=FEDERATION,
        standing=Standing.PENDING,
        level=Level.MEDIUM,
        causes=(),
        revision=_revision(at),
        as_of=at,
        valid_until=None,
        sources_checked=SOURCES,
    )


def _report(causes: tuple[HeldCause, ...], declared_at: datetime | None, at: datetime) -> Report:
    level: Level | None = None
    standing, valid_until = Standing.CURRENT, at + ASSESSMENT_COUNTS
    if causes:
        level = level_of((held.cause for held in causes), at)
    elif declared_at is None:
        return Report(
            issuer=FEDERATION,
            standing=Standing.NO_RECORD,
            level=None,
            causes=(),
            revision=_revision(at),
            as_of=at,
            valid_until=None,
        )
    else:
        causes, level = (HeldCause(Cause.NOTHING_FOUND, declared_at),), Level.LOW
        lapses_at = declared_at + DECLARATION_COUNTS
        standing = Standing.CURRENT if at < lapses_at else Standing.EXPIRED
        valid_until = min(valid_until, lapses_at)
    return Report(
        issuer=FEDERATION,
        standing=standing,
        level=level,
        causes=causes,
        revision=_revision(at),
        as_of=at,
        valid_until=valid_until,
        sources_checked=SOURCES,
    )


def _revision(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _origin(stays: Sequence[Evidence], risk: RiskMap) -> Origin | None:
    """Return the stay that a host's table has to weigh most; unknown weighs more than high."""

    def weight(stay: Evidence) -> tuple[int, datetime, str]:
        division = stay.division or ""
        return _WEIGHT_OF_RISK[risk.risk_of_division(division)], stay.since, division

    worst = max(stays, key=weight, default=None)
    if worst is None or worst.division is None:
        return None
    basis = OriginBasis.TRAVEL_DATA if worst.kind in JOURNEY_KINDS else OriginBasis.DECLARED_STAY
    return Origin(worst.division, _PRECISIONS[len(worst.division)], basis)
