"""Rendering: a report as another region's code shows it, and what is lost on the way (way 2; law 1).

By cause: of the statuses that can mean the report, the one with the lowest level of its own, and never
one whose own level is lower than the report's. Only a current report is rendered as a status that says
something of health; any other keeps its standing, so that unknown never becomes known. What the status
no longer tells is declared, word by word: also that yellow, which elsewhere is a cause, here stands for
what has run out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Report
from tongxing.core.words import Sentence
from tongxing.regions.profile import Profile
from tongxing.regions.statuses import Colour, WeighedStatus


class Loss(StrEnum):
    """What a converted code no longer tells: a closed list."""

    CAUSE_NOT_TOLD = "cause_not_told"
    CAUSE_NOT_KNOWN_HERE = "cause_not_known_here"
    SHOWN_HIGHER = "shown_higher"
    SOURCE_COLOUR_ONLY = "source_colour_only"
    STANDING_NOT_TOLD = "standing_not_told"
    STANDING_NOT_KNOWN_HERE = "standing_not_known_here"


LOSS_WORDS: dict[Loss, Sentence] = {
    Loss.CAUSE_NOT_TOLD: Sentence("转换后的状态不再说明具体原因", "the status shown here does not tell the cause"),
    Loss.CAUSE_NOT_KNOWN_HERE: Sentence(
        "当地状态中没有这一原因，按等级显示", "no status here knows this cause; it is shown by its level"
    ),
    Loss.SHOWN_HIGHER: Sentence(
        "当地没有同等级的状态，按更高一级显示", "no status here has just this level; a higher one is shown"
    ),
    Loss.SOURCE_COLOUR_ONLY: Sentence(
        "来源只给出颜色，按该颜色下最重的情形换算",
        "the source told only a colour; the worst cause under that colour was taken",
    ),
    Loss.STANDING_NOT_TOLD: Sentence(
        "这一状态在当地也表示其他情形，看不出报告已过期、待审核还是仍然有效",
        "the status shown here stands for other things too: whether the report has run out, is under review or "
        "still holds is not told by it",
    ),
    Loss.STANDING_NOT_KNOWN_HERE: Sentence("当地没有对应的状态，不显示", "no status here says this, so none is shown"),
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """What the region shows: ``value``, ``colour`` and ``label`` of its own status, None where it has none for it."""

    standing: Standing
    value: str | None
    colour: Colour | None
    label: Sentence | None
    losses: tuple[Loss, ...]


def render_report(report: Report, profile: Profile, *, at: datetime) -> Rendered:
    """Return how the profile's region shows ``report`` at a moment, with what is lost."""
    standing = report.standing_at(at)
    shown = find_status(report, profile, at=at)
    if shown is None:
        return Rendered(standing, None, None, None, (Loss.STANDING_NOT_KNOWN_HERE,))
    status = shown.status
    return Rendered(standing, status.value, status.colour, status.label, _losses(report, standing, shown))


def render_status(report: Report, profile: Profile, *, at: datetime) -> Sentence | None:
    """Return the label under which the profile's region shows ``report``; None if it has no such status."""
    shown = find_status(report, profile, at=at)
    return None if shown is None else shown.status.label


def find_status(report: Report, profile: Profile, *, at: datetime) -> WeighedStatus | None:
    """Return the status under which the profile's region shows ``report``; None if it has no such status.

    Of the statuses that can mean the report, the one with the lowest level of its own; never one whose
    own level is lower than the report's. Where no cause is known, or none that the region knows, a status
    that can also mean something less is taken only if there is no other.
    """
    in_force = profile.weighed_at(at)
    standing, level = report.standing_at(at), report.level
    if standing is not Standing.CURRENT:
        by_itself = (each for each in in_force if each.status.standing is standing)
        return _lowest(by_itself, level) or _lowest((each for each in in_force if standing in each.standings), level)
    current = [each for each in in_force if each.status.standing is Standing.CURRENT]
    if report.causes:
        held = {each.cause for each in report.causes}
        own = _lowest((each for each in current if not held.isdisjoint(each.causes)), level)
        if own is not None:
            return own
    surely = (each for each in current if level is None or each.least_rank >= level.rank)
    return _lowest(surely, level) or _lowest(current, level)


def _lowest(statuses: Iterable[WeighedStatus], level: Level | None) -> WeighedStatus | None:
    """Return the first status of the lowest level of its own that is not below ``level``; one without a level fits."""
    floor = -1 if level is None else level.rank
    lowest, lowest_rank = None, 0
    for each in statuses:
        rank = floor if each.worst is None else each.worst.rank
        if rank >= floor and (lowest is None or rank < lowest_rank):
            lowest, lowest_rank = each, rank
    return lowest


def _losses(report: Report, standing: Standing, shown: WeighedStatus) -> tuple[Loss, ...]:
    """Return what ``shown`` does not tell of ``report``, in the order of ``Loss``."""
    causes = {held.cause for held in report.causes}
    lost = []
    if standing is Standing.CURRENT:
        known = not causes.isdisjoint(shown.causes)
        if known and shown.causes != causes:
            lost.append(Loss.CAUSE_NOT_TOLD)
        if not causes <= shown.causes:
            lost.append(Loss.CAUSE_NOT_KNOWN_HERE)
        if shown.worst is not None and report.level is not None and shown.worst.rank > report.level.rank:
            lost.append(Loss.SHOWN_HIGHER)
    elif causes:
        lost.append(Loss.CAUSE_NOT_TOLD)
    if report.colour_only:
        lost.append(Loss.SOURCE_COLOUR_ONLY)
    if shown.standings != {standing} or (shown.causes and standing is not Standing.CURRENT):
        lost.append(Loss.STANDING_NOT_TOLD)
    return tuple(lost)
