"""Translation: from what a source said to a report, by cause (design, law 1; domain sheet, *Report*)."""

from dataclasses import dataclass
from datetime import datetime

from tongxing.core.reports import Origin, Report
from tongxing.core.words import Sentence
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.profile import Profile


@dataclass(frozen=True, slots=True)
class Translated:
    """A source's answer in the federation's words."""

    report: Report
    origin: Origin
    masked_hint: str | None


def translate(answer: SourceAnswer, profile: Profile, *, at: datetime, revision: int) -> Translated:
    """Translate ``answer`` by the causes told in it, or conservatively by its colour.

    ``revision`` is counted by the issuer's gateway. Raises Undecidable(STATUS_UNKNOWN) if the status
    or a reason word is not in the profile, Undecidable(SOURCE_UNREADABLE) if its times cannot be.
    """
    raise NotImplementedError


def render_status(report: Report, profile: Profile, *, at: datetime) -> Sentence | None:
    """Return the label under which ``profile``'s region shows ``report``; None if it has no such status.

    The label's status never has a lower level of its own than the report.
    """
    raise NotImplementedError
