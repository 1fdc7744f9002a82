"""What is behind one's own code, told to the person: what is said, why, until when, what clears it (law 6).

What decides is what decides at a checkpoint that consults the others. Never raises: what cannot be
decided is told with its reason and the person's next step.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from tongxing.core.errors import Undecidable
from tongxing.core.levels import Level
from tongxing.core.next_steps import NOTHING
from tongxing.core.reasons import REASONS, citizen_sentence
from tongxing.core.reports import Report
from tongxing.core.words import RegionId, Sentence
from tongxing.recognition.combining import Unresolved
from tongxing.recognition.knowledge import Knowledge
from tongxing.recognition.recognising import KnownReport, combine_known, name_of
from tongxing.recognition.view_words import Words, words_of
from tongxing.recognition.views import OBJECT_AT_SOURCE, CauseView, cause_views
from tongxing.regions.rendering import render_status

OWN_LEVEL_WORDS: dict[Level, Sentence] = {
    Level.LOW: Sentence("{source}的报告：未见异常。", "The report of {source}: nothing abnormal."),
    Level.MEDIUM: Sentence(
        "{source}的报告等级为中；各地检查点按当地规则要求措施。",
        "The report of {source} has the medium level; checkpoints ask for measures by the rules of their region.",
    ),
    Level.HIGH: Sentence(
        "{source}的报告等级为高；检查点按当地规则可不予放行。",
        "The report of {source} has the high level; checkpoints may stop you by the rules of their region.",
    ),
}


_SEE_CAUSES = Sentence(
    "如何解除，见所列原因。",
    "How it is cleared is told with each cause.",
)
OWN_LEVEL_STEPS: dict[Level, Sentence] = {
    Level.LOW: NOTHING.citizen,
    Level.MEDIUM: _SEE_CAUSES,
    Level.HIGH: _SEE_CAUSES,
}


class OwnReportView(msgspec.Struct, frozen=True):
    """What is behind one's own code now. ``reason`` is None where a current report decides."""

    reason: str | None
    sentence: Words
    next_step: Words
    level: str | None
    standing: str | None
    home_status: Words | None
    causes: tuple[CauseView, ...]
    source: Words | None
    as_of: datetime | None
    valid_until: datetime | None
    object_at: Words
    others_consulted: bool
    decided_at: datetime


def own_report_view(
    known: Sequence[KnownReport], knowledge: Knowledge, *, others_consulted: bool, at: datetime
) -> OwnReportView:
    """Return what is told to a person of whom ``known`` is all that is known."""
    report: Report | None
    try:
        report, reason = combine_known(known, at=at).report, None
    except Unresolved as why:
        report, reason = why.report, why.reason
    except Undecidable as why:
        own = [row.report for row in known if row.report.issuer == knowledge.host and not row.report.retracted]
        report, reason = (own[0] if own else None), why.reason
    source = None if report is None else name_of(report.issuer, knowledge.directory)
    if reason is not None:
        sentence, step = citizen_sentence(reason, source), REASONS[reason].next_step.citizen
    else:
        level = Level.HIGH if report is None or report.level is None else report.level
        sentence, step = OWN_LEVEL_WORDS[level].naming(source), OWN_LEVEL_STEPS[level]
    return OwnReportView(
        reason=reason,
        sentence=words_of(sentence),
        next_step=words_of(step),
        level=None if report is None else report.level,
        standing=None if report is None else report.standing_at(at),
        home_status=_home_status(report, knowledge, at),
        causes=() if report is None else cause_views(report),
        source=None if source is None else words_of(source),
        as_of=None if report is None else report.as_of,
        valid_until=None if report is None else report.valid_until,
        object_at=words_of(OBJECT_AT_SOURCE),
        others_consulted=others_consulted,
        decided_at=at,
    )


def _home_status(report: Report | None, knowledge: Knowledge, at: datetime) -> Words | None:
    """Return the home code's own words, where the home region said it, or shows what others say."""
    profile = knowledge.profiles.get(RegionId(knowledge.host))
    if report is None or profile is None or (report.issuer != knowledge.host and profile.qr is not None):
        return None
    label = render_status(report, profile, at=at)
    return None if label is None else words_of(label)
