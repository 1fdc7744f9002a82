"""What all known reports say of one person of whom no code was shown (way 1, and people without a phone).

The expected reporters are the regions and the assessor that have reported the person before. As in
``recognition.combining`` the worst *current* report counts; one that was worse and never cleared makes
it undecidable; what only relays another's report is no opinion at all (domain sheet, *Combining*).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tongxing.core.calendar import BEIJING
from tongxing.core.errors import Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.reasons import ReasonId, citizen_sentence
from tongxing.core.reports import Origin, Report
from tongxing.core.words import FEDERATION, RegionId, Sentence
from tongxing.recognition.combining import STANDING_REASONS, Unresolved, combine_reports
from tongxing.recognition.stages import weigh_report
from tongxing.trust.directory import Directory

LEVEL_WORDS: dict[Level, Sentence] = {
    Level.LOW: Sentence("未见异常，予以认可", "nothing abnormal; recognised"),
    Level.MEDIUM: Sentence("等级为中，按本地规则办理", "medium level; the rules here apply"),
    Level.HIGH: Sentence("等级为高，按本地规则办理", "high level; the rules here apply"),
}
_STANDINGS = {reason: standing for standing, reason in STANDING_REASONS.items()}
_FEDERATION_NAME = Sentence("全国平台", "the federation")


@dataclass(frozen=True, slots=True)
class KnownReport:
    """One issuer's report, with the origin that it told.

    ``of_other_document``: it was made about another document of the same person than the one asked about.
    """

    report: Report
    origin: Origin | None
    of_other_document: bool = False


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a region's own code can show of somebody whom others know. Holds no cause (law 8).

    ``issuer`` is whose report counts, None where nobody's does; what is shown of it is derived from there.
    ``level`` is None unless the standing is current. ``origin_division`` is where the person comes from: a code
    that shows what was recognised without it would make a traveller's stay its own region.
    """

    level: Level | None
    standing: Standing
    issuer: RegionId | None
    as_of: datetime | None
    valid_until: datetime | None
    sentence: Sentence
    origin_division: str | None = None


def combine_known(known: Sequence[KnownReport], *, at: datetime) -> KnownReport:
    """Return the report that decides, of all that are known.

    Raises ``Undecidable``: ``NO_RECORD`` if nobody reported, a standing's own reason if nothing is
    current, ``EARLIER_REPORT_UNRESOLVED`` if a worse report was never cleared.
    """
    opinions = _opinions(known, at)
    presented = _worst(opinions, at)
    if presented is None:
        raise Undecidable(ReasonId.NO_RECORD)
    others = [row.report for row in opinions if row is not presented]
    decisive = combine_reports(presented.report, others, at=at)
    return next(row for row in opinions if row.report is decisive)


def worst_known(known: Sequence[KnownReport], *, at: datetime) -> KnownReport | None:
    """Return the worst of what is current, or of all where nothing is; None if nobody reported. It decides nothing."""
    return _worst(_opinions(known, at), at)


def recognise(known: Sequence[KnownReport], directory: Directory, *, at: datetime) -> Recognised:
    """Return what can be shown of a person, never raising: what cannot be decided has a standing."""
    try:
        decisive = combine_known(known, at=at)
    except Undecidable as why:
        standing = _STANDINGS.get(why.reason, Standing.EXPIRED)
        source = name_of(why.report.issuer, directory) if isinstance(why, Unresolved) else None
        return Recognised(None, standing, None, None, None, citizen_sentence(why.reason, source))
    report = decisive.report
    level = report.level or Level.HIGH
    name = name_of(report.issuer, directory)
    day = report.as_of.astimezone(BEIJING)
    words = LEVEL_WORDS[level]
    sentence = Sentence(
        f"{name.zh}报告（截至{day:%Y-%m-%d %H:%M}）：{words.zh}",
        f"reported by {name.en} (as of {day:%Y-%m-%d %H:%M}): {words.en}",
    )
    division = None if decisive.origin is None else decisive.origin.division
    return Recognised(level, Standing.CURRENT, report.issuer, report.as_of, report.valid_until, sentence, division)


def _opinions(known: Sequence[KnownReport], at: datetime) -> list[KnownReport]:
    """Return what is somebody's own word and was not taken back, weighed."""
    return [
        KnownReport(weigh_report(row.report, at), row.origin, row.of_other_document)
        for row in known
        if row.report.derived_from is None and not row.report.retracted
    ]


def _worst(opinions: Sequence[KnownReport], at: datetime) -> KnownReport | None:
    current = [row for row in opinions if row.report.standing_at(at) is Standing.CURRENT]
    return max(current or opinions, key=_weight, default=None)


def _weight(row: KnownReport) -> tuple[int, datetime]:
    return (row.report.level or Level.LOW).rank, row.report.as_of


def name_of(region: RegionId, directory: Directory) -> Sentence:
    """Return whose report it is, in words."""
    if region == FEDERATION:
        return _FEDERATION_NAME
    record = directory.record(region)
    return Sentence(region, region) if record is None else record.name
