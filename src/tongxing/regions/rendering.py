"""Rendering: a report as another region's code shows it, and what is lost on the way (way 2; law 1).

By cause: of the statuses that can mean the report, the one with the lowest level of its own, and never
one whose own level is lower than the report's. Only a current report is rendered as a status that says
something of health; any other keeps its standing, so that unknown never becomes known. What the status
no longer tells is declared, word by word.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tongxing.core.levels import Standing
from tongxing.core.reports import Report
from tongxing.core.words import Sentence
from tongxing.regions.profile import Profile
from tongxing.regions.statuses import Colour, Status
from tongxing.regions.translation import find_status


class Loss(StrEnum):
    """What a converted code no longer tells: a closed list."""

    CAUSE_NOT_TOLD = "cause_not_told"
    CAUSE_NOT_KNOWN_HERE = "cause_not_known_here"
    SHOWN_HIGHER = "shown_higher"
    SOURCE_COLOUR_ONLY = "source_colour_only"
    STANDING_NOT_KNOWN_HERE = "standing_not_known_here"


LOSS_WORDS: dict[Loss, Sentence] = {
    Loss.CAUSE_NOT_TOLD: Sentence(
        "转换后的状态不再说明具体原因",
        "the status shown here stands for other causes too, so the cause is not told by it",
    ),
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
    status = find_status(report, profile, at=at)
    if status is None:
        return Rendered(standing, None, None, None, (Loss.STANDING_NOT_KNOWN_HERE,))
    return Rendered(standing, status.value, status.colour, status.label, _losses(report, status, at))


def _losses(report: Report, status: Status, at: datetime) -> tuple[Loss, ...]:
    causes = {held.cause for held in report.causes}
    known = causes & set(status.causes)
    own = status.worst_level(at)
    current = report.standing_at(at) is Standing.CURRENT
    lost = {
        Loss.CAUSE_NOT_TOLD: bool(known) and set(status.causes) != causes,
        Loss.CAUSE_NOT_KNOWN_HERE: current and bool(causes - known),
        Loss.SHOWN_HIGHER: current and own is not None and report.level is not None and own.rank > report.level.rank,
        Loss.SOURCE_COLOUR_ONLY: report.colour_only,
    }
    return tuple(loss for loss, applies in lost.items() if applies)
