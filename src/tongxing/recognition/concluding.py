"""Stage (7) and the three ways in which a verdict comes about: by a row, without a code, by refusal."""

from datetime import datetime

from tongxing.core.checkpoints import Fever
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.reasons import REASONS, ReasonId, Stage
from tongxing.core.reports import Report
from tongxing.core.verdicts import Measure, Note, Outcome, TrailStep, Verdict
from tongxing.recognition.combining import Unresolved
from tongxing.recognition.knowledge import Knowledge
from tongxing.recognition.situating import situate, situate_unusable
from tongxing.recognition.stages import LocalCode, PresentedCode, Scan, Status
from tongxing.regions.families import NATIONAL
from tongxing.rules.deciding import CompiledRules, Decision
from tongxing.rules.rows import STANDING_CLAIMS
from tongxing.rules.situations import Situation
from tongxing.wire.national_code import NationalCodeClaims
from tongxing.wire.transit_pass import FAMILY as TRANSIT_PASS
from tongxing.wire.transit_pass import TransitPassClaims, UnverifiedTransitPass

_DECIDING_STAGES = tuple(stage for stage in Stage if stage <= Stage.DECIDE)
_WENT_THROUGH = tuple(TrailStep(stage) for stage in _DECIDING_STAGES)
_REFUSED_AT: dict[ReasonId, tuple[TrailStep, ...]] = {
    reason: (*tuple(step for step in _WENT_THROUGH if step.stage < row.stage), TrailStep(row.stage, reason))
    for reason, row in REASONS.items()
}
_UNCHECKED = (TrailStep(Stage.DECIDE),)
_STANDINGS = {reason: standing for standing, reason in STANDING_CLAIMS.items()}


def conclude_decision(
    scan: Scan, knowledge: Knowledge, rules: CompiledRules | None, status: Status, report: Report, at: datetime
) -> Verdict:
    """(7) Decide by the host's table on the combined report; ``STOP`` comes from nowhere else."""
    if rules is None:
        raise Undecidable(ReasonId.NO_RULE_IN_FORCE, f"host {scan.host}")
    situation = situate(scan, knowledge, status, report, at)
    decision = rules.decide(situation)
    return Verdict(
        outcome=decision.outcome,
        reason=decision.reason,
        at=at,
        host=scan.host,
        place_kind=scan.place_kind,
        trail=_WENT_THROUGH,
        bundle_number=knowledge.bundle_number,
        bundle_as_of=knowledge.issued_at,
        measures=_measures_left(scan, decision),
        notes=_NOTES[report.colour_only, status.others_consulted, decision.by_exception]
        + _reading_notes(scan, decision.measures),
        row=decision.row,
        family=status.family,
        issuer=status.issuer,
        report=report,
        origin=status.origin,
        origin_risk=situation.origin_risk,
        situation=situation,
        site=scan.site,
        masked_hint=status.masked_hint,
        subject_handle=status.subject_handle,
        direction=scan.direction,
        detail=scan.remark,
        transit=status.transit,
        others_whole_until=status.others_whole_until,
    )


def conclude_unchecked(scan: Scan, knowledge: Knowledge, decision: Decision, at: datetime) -> Verdict:
    """Decide by a row that asks for no code: what was shown is not even read."""
    return Verdict(
        outcome=decision.outcome,
        reason=decision.reason,
        at=at,
        host=scan.host,
        place_kind=scan.place_kind,
        trail=_UNCHECKED,
        bundle_number=knowledge.bundle_number,
        bundle_as_of=knowledge.issued_at,
        measures=_measures_left(scan, decision),
        notes=_reading_notes(scan, decision.measures),
        row=decision.row,
        direction=scan.direction,
        site=scan.site,
    )


def conclude_refusal(
    scan: Scan,
    knowledge: Knowledge,
    presented: PresentedCode | None,
    status: Status | None,
    refusal: Rejected | Undecidable,
    at: datetime,
) -> Verdict:
    """Turn a refusal into ``REFER`` with its own reason: never green, never red (law 2)."""
    family = issuer = None
    presented_report = None if status is None else status.report
    standing = _STANDINGS.get(refusal.reason)
    unusable = None if standing is None else situate_unusable(scan, status, standing)
    if isinstance(presented, LocalCode):
        family, issuer = presented.profile.family, presented.profile.region
    elif isinstance(presented, UnverifiedTransitPass | TransitPassClaims):
        family = TRANSIT_PASS
        issuer = presented.issuer if isinstance(presented, TransitPassClaims) else None
    elif presented is not None:
        family = NATIONAL.name
        issuer = presented.issuer if isinstance(presented, NationalCodeClaims) else None
    return Verdict(
        outcome=Outcome.REFER,
        reason=refusal.reason,
        at=at,
        host=scan.host,
        place_kind=scan.place_kind,
        trail=_REFUSED_AT[refusal.reason],
        bundle_number=knowledge.bundle_number,
        bundle_as_of=knowledge.issued_at,
        notes=_reading_notes(scan),
        family=family,
        issuer=issuer,
        report=refusal.report if isinstance(refusal, Unresolved) else presented_report,
        origin=status.origin if status is not None else None,
        masked_hint=status.masked_hint if status is not None else None,
        subject_handle=status.subject_handle if status is not None else None,
        detail="; ".join(filter(None, (refusal.detail, scan.remark))),
        direction=scan.direction,
        transit=presented.transit if isinstance(presented, TransitPassClaims) else None,
        row=None if unusable is None else _row_of_standing(scan, knowledge, unusable, at),
        situation=unusable,
    )


def _row_of_standing(scan: Scan, knowledge: Knowledge, unusable: Situation, at: datetime) -> str | None:
    """Return the row that speaks of a report that is not current: it can only say what the refusal does."""
    rules = knowledge.find_rules(at, scan.site)
    position = None if rules is None else rules.find_row(unusable)
    return None if rules is None or position is None else rules.decision_of(position).row


_NOTES: dict[tuple[bool, ...], tuple[Note, ...]] = {
    (colour_only, consulted, excepted): tuple(
        note
        for note, applies in (
            (Note.COLOUR_ONLY, colour_only),
            (Note.OTHER_REGIONS_NOT_CONSULTED, not consulted),
            (Note.EXCEPTION_USED, excepted),
        )
        if applies
    )
    for colour_only in (False, True)
    for consulted in (False, True)
    for excepted in (False, True)
}


def _measures_left(scan: Scan, decision: Decision) -> tuple[Measure, ...]:
    """Return what is left to be done: a temperature that was just taken, and is normal, is not taken again."""
    if scan.fever is not Fever.NORMAL:
        return decision.measures
    return tuple(measure for measure in decision.measures if measure is not Measure.TAKE_TEMPERATURE)


def _reading_notes(scan: Scan, measures: tuple[Measure, ...] = ()) -> tuple[Note, ...]:
    """Return what a verdict says of foreign codes and of the temperature, whether they decided or not."""
    if scan.temperature_decicelsius is None:
        return scan.notes
    if not scan.temperature_confirmed:
        return (*scan.notes, Note.TEMPERATURE_NOT_CONFIRMED)
    if scan.fever is Fever.FEVER:
        return (*scan.notes, Note.FEVER_READING)
    return (*scan.notes, Note.TEMPERATURE_TAKEN) if Measure.TAKE_TEMPERATURE in measures else scan.notes
