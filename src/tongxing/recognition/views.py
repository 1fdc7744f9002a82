"""Three views of one verdict (domain sheet): the guard's, the citizen's, the auditor's.

A view is a closed struct, so what is not named here cannot leak: the guard's has no field for a
cause, a level, a colour, an issuer or a rule row; the auditor's none for a person.
"""

from datetime import datetime

import msgspec

from tongxing.core.causes import CAUSES, Cause
from tongxing.core.levels import Standing
from tongxing.core.provinces import name_division
from tongxing.core.reasons import REASONS, ReasonId, Stage, citizen_sentence
from tongxing.core.reports import Report
from tongxing.core.verdicts import (
    DIRECTION_WORDS,
    ENDING_WORDS,
    FOREIGN_NOTE_WORDS,
    MEASURE_WORDS,
    NOTE_WORDS,
    OUTCOME_WORDS,
    SEEN_WORDS,
    Direction,
    Ending,
    Note,
    Outcome,
    Seen,
    Verdict,
)
from tongxing.core.words import RegionId, Sentence
from tongxing.recognition.knowledge import Knowledge
from tongxing.recognition.rule_view import RuleView, describe_rule
from tongxing.recognition.view_words import Words
from tongxing.regions.rendering import render_status

SAID_TO_GUARD_BELOW = Stage.DECIDE
"""Reasons of earlier stages are told to the guard by slug; what a row decided on is not."""


SAID_TO_GUARD = frozenset(
    {Note.FEVER_READING, Note.TEMPERATURE_NOT_CONFIRMED, Note.TEMPERATURE_TAKEN, *FOREIGN_NOTE_WORDS}
)
"""The notes that tell a guard nothing but what the guard has typed, or scanned beside the code."""


class VehicleView(msgspec.Struct, frozen=True):
    """What a transit pass says of the vehicle and its way: the guard compares it with what stands there."""

    plate: str
    route: tuple[Words, ...]
    valid_from: datetime
    valid_until: datetime


class GuardView(msgspec.Struct, frozen=True):
    """What the guard is told: what to do, a masked hint of whom, and the age of the data.

    ``notes`` are about the guard's own reading of the temperature and nothing else. ``vehicle`` comes with a
    transit pass: the vehicle is in sight, and another than the one named there is not what was decided on.
    """

    ref: str
    outcome: Outcome
    headline: Words
    sentence: Words
    next_step: Words
    measures: tuple[Words, ...]
    reason: str | None
    hint: str | None
    data_age_seconds: int
    decided_at: datetime
    notes: tuple[Words, ...] = ()
    vehicle: VehicleView | None = None


class CauseView(msgspec.Struct, frozen=True):
    """One cause as the citizen reads it."""

    cause: Cause
    words: Words
    since: datetime
    until: datetime | None
    clears: Words


class EndingView(msgspec.Struct, frozen=True):
    """How a ``REFER`` ended in the manual lane: when, by which device, what was seen, what became of it."""

    at: datetime
    device_id: str
    seen: Seen
    seen_words: Words
    outcome: Ending
    words: Words


class CitizenView(msgspec.Struct, frozen=True):
    """Everything about oneself: why, who says so, since and until when, what clears it, which row.

    ``others_age_seconds``: so long ago nothing of the other regions that report the person was missing at the hub.
    """

    ref: str
    outcome: Outcome
    headline: Words
    reason: str
    sentence: Words
    next_step: Words
    measures: tuple[Words, ...]
    notes: tuple[Words, ...]
    causes: tuple[CauseView, ...]
    level: str | None
    standing: str | None
    home_status: Words | None
    source: Words | None
    issuer: RegionId | None
    as_of: datetime | None
    valid_until: datetime | None
    origin_division: str | None
    origin_risk: str | None
    host: RegionId
    place_kind: str
    row: str | None
    object_at: Words
    data_age_seconds: int
    decided_at: datetime
    direction: Words | None = None
    vehicle: VehicleView | None = None
    rule: RuleView | None = None
    others_age_seconds: int | None = None


class StageView(msgspec.Struct, frozen=True):
    """One stage of the trail: its number, its name, and the reason if it stopped there."""

    number: int
    stage: str
    reason: str | None


class AuditorView(msgspec.Struct, frozen=True):
    """The trail without identity."""

    ref: str
    outcome: Outcome
    reason: str
    trail: tuple[StageView, ...]
    notes: tuple[str, ...]
    host: RegionId
    place_kind: str
    family: str | None
    issuer: RegionId | None
    row: str | None
    bundle_number: int
    data_age_seconds: int
    decided_at: datetime
    detail: str
    direction: Direction | None = None
    ending: EndingView | None = None
    rule: RuleView | None = None
    others_age_seconds: int | None = None


OBJECT_AT_SOURCE = Sentence(
    "如有异议，请向作出报告的地区申诉。", "If you object, write to the region that made the report."
)
OBJECT_AT_HOST = Sentence(
    "如有异议，请向本检查点所在地区申诉。", "If you object, write to the region of this checkpoint."
)


def guard_view(verdict: Verdict, ref: str) -> GuardView:
    """Return what the guard may know. No cause, no home colour, no source (law 8)."""
    reason = REASONS[verdict.reason]
    return GuardView(
        ref=ref,
        outcome=verdict.outcome,
        headline=_HEADLINES[verdict.outcome],
        sentence=words_of(reason.guard),
        next_step=words_of(reason.next_step.guard),
        measures=_measures(verdict),
        reason=verdict.reason if reason.stage < SAID_TO_GUARD_BELOW else None,
        hint=verdict.masked_hint,
        data_age_seconds=_age_seconds(verdict),
        decided_at=verdict.at,
        notes=tuple(words_of(NOTE_WORDS[note]) for note in verdict.notes if note in SAID_TO_GUARD),
        vehicle=_vehicle(verdict),
    )


def citizen_view(verdict: Verdict, ref: str, knowledge: Knowledge) -> CitizenView:
    """Return everything that the person concerned may know about the verdict (law 6)."""
    reason = REASONS[verdict.reason]
    report = verdict.report
    # Who only converts or relays a report is not whom to write to about it.
    speaker = verdict.issuer if report is None else report.derived_from or report.issuer
    source = knowledge.directory.records.get(speaker) if speaker is not None else None
    return CitizenView(
        ref=ref,
        outcome=verdict.outcome,
        headline=_HEADLINES[verdict.outcome],
        reason=verdict.reason,
        sentence=words_of(citizen_sentence(verdict.reason, None if source is None else source.name)),
        next_step=words_of(reason.next_step.citizen),
        measures=_measures(verdict),
        notes=tuple(words_of(NOTE_WORDS[note]) for note in verdict.notes),
        causes=() if report is None else cause_views(report),
        level=report.level if report is not None else None,
        standing=report.standing_at(verdict.at) if report is not None else None,
        home_status=_home_status(verdict, knowledge),
        source=words_of(source.name) if source is not None else None,
        issuer=verdict.issuer,
        as_of=report.as_of if report is not None else None,
        valid_until=report.valid_until if report is not None else None,
        origin_division=verdict.origin.division if verdict.origin is not None else None,
        origin_risk=verdict.origin_risk,
        host=verdict.host,
        place_kind=verdict.place_kind,
        row=verdict.row,
        object_at=words_of(OBJECT_AT_HOST if _is_the_hosts_own(verdict) else OBJECT_AT_SOURCE),
        data_age_seconds=_age_seconds(verdict),
        decided_at=verdict.at,
        direction=None if verdict.direction is None else words_of(DIRECTION_WORDS[verdict.direction]),
        vehicle=_vehicle(verdict),
        rule=describe_rule(verdict, knowledge, with_values=True),
        others_age_seconds=_others_age_seconds(verdict),
    )


def ending_view(at: datetime, device_id: str, seen: Seen, outcome: Ending) -> EndingView:
    """Return how a ``REFER`` ended, in words too."""
    return EndingView(at, device_id, seen, words_of(SEEN_WORDS[seen]), outcome, words_of(ENDING_WORDS[outcome]))


def auditor_view(verdict: Verdict, ref: str, knowledge: Knowledge, ending: EndingView | None = None) -> AuditorView:
    """Return the trail of stages, what decided and how it ended, without anything of the person."""
    return AuditorView(
        ref=ref,
        outcome=verdict.outcome,
        reason=verdict.reason,
        trail=tuple(StageView(step.stage, step.stage.name.lower(), step.reason) for step in verdict.trail),
        notes=verdict.notes,
        host=verdict.host,
        place_kind=verdict.place_kind,
        family=verdict.family,
        issuer=verdict.issuer,
        row=verdict.row,
        bundle_number=verdict.bundle_number,
        data_age_seconds=_age_seconds(verdict),
        decided_at=verdict.at,
        detail=verdict.detail,
        direction=verdict.direction,
        ending=ending,
        rule=describe_rule(verdict, knowledge, with_values=False),
        others_age_seconds=_others_age_seconds(verdict),
    )


def _is_the_hosts_own(verdict: Verdict) -> bool:
    """True if the host decided by something that nobody reported to it."""
    return verdict.row is not None and (verdict.report is None or verdict.reason is ReasonId.FEVER_MEASURED_HERE)


def cause_views(report: Report) -> tuple[CauseView, ...]:
    """Return a report's causes as the person concerned reads them."""
    return tuple(
        CauseView(
            held.cause,
            words_of(CAUSES[held.cause].name),
            held.since,
            held.until,
            words_of(CAUSES[held.cause].clears),
        )
        for held in report.causes
    )


def _vehicle(verdict: Verdict) -> VehicleView | None:
    transit = verdict.transit
    if transit is None:
        return None
    route = tuple(words_of(name_division(division)) for division in transit.route)
    return VehicleView(transit.plate, route, transit.valid_from, transit.valid_until)


def _home_status(verdict: Verdict, knowledge: Knowledge) -> Words | None:
    if verdict.report is None or verdict.issuer is None or verdict.issuer not in knowledge.profiles:
        return None
    if verdict.report.issuer != verdict.issuer:
        return None  # another region's report decided: it says nothing of what the code shows at home
    if verdict.report.standing_at(verdict.at) is Standing.CURRENT and not verdict.report.causes:
        return None
    label = render_status(verdict.report, knowledge.profiles[verdict.issuer], at=verdict.at)
    return None if label is None else words_of(label)


def _measures(verdict: Verdict) -> tuple[Words, ...]:
    return tuple(words_of(MEASURE_WORDS[measure]) for measure in verdict.measures)


def _age_seconds(verdict: Verdict) -> int:
    return max(0, int((verdict.at - verdict.bundle_as_of).total_seconds()))


def _others_age_seconds(verdict: Verdict) -> int | None:
    """Return how old what other regions said may be; a guard is not told: it would say that others report anything."""
    until = verdict.others_whole_until
    return None if until is None else max(0, int((verdict.at - until).total_seconds()))


def words_of(sentence: Sentence) -> Words:
    """Return a sentence as the views tell it."""
    return Words(sentence.zh, sentence.en)


_HEADLINES = {outcome: words_of(sentence) for outcome, sentence in OUTCOME_WORDS.items()}
