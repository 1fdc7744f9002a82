"""Combining what several issuers say of one subject (design, law 4; domain sheet, *Combining*).

The result is the worst *current* report, with who said it and when; nothing is averaged. A report
above low ends only by its clearance: expired or unreachable, it does not vanish behind another
region's green. What only relays another's report is no second opinion.
"""

from collections.abc import Sequence
from datetime import datetime

from tongxing.core.errors import Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Report

STANDING_REASONS: dict[Standing, ReasonId] = {
    Standing.EXPIRED: ReasonId.REPORT_EXPIRED,
    Standing.PENDING: ReasonId.REPORT_PENDING,
    Standing.NO_RECORD: ReasonId.NO_RECORD,
    Standing.MISMATCH: ReasonId.IDENTITY_MISMATCH,
    Standing.SOURCE_AWAY: ReasonId.SOURCE_AWAY,
}
"""Why a report that is not current cannot decide. Each standing keeps a reason of its own."""


class Unresolved(Undecidable):
    """A report that was worse than what is current ran out or cannot be reached, and was never cleared."""

    def __init__(self, report: Report) -> None:
        super().__init__(ReasonId.EARLIER_REPORT_UNRESOLVED)
        self.report = report


def combine_reports(presented: Report, others: Sequence[Report], *, at: datetime) -> Report:
    """Return the report that decides: the worst current one among the issuer's and the others'.

    ``presented`` is what the issuer of the presented code says; ``others`` hold nothing that it said of the same
    document before, but what it says of another document of the person. Raises ``Undecidable`` with the
    standing's own reason if nothing current is left, and ``Unresolved`` with the report that was worse than
    the worst current one if one is expired or unreachable but never cleared.
    """
    if not others and not presented.retracted and presented.standing_at(at) is Standing.CURRENT:
        return presented
    reports = (presented, *_second_opinions(others))
    current = [report for report in reports if report.standing_at(at) is Standing.CURRENT and not report.retracted]
    unresolved = [
        report
        for report in reports
        if report.standing_at(at) is not Standing.CURRENT and not report.retracted and _rank(report) > 0
    ]
    worst = max(current, key=lambda report: (_rank(report), report.as_of), default=None)
    if presented.retracted:
        raise Undecidable(ReasonId.NO_RECORD)
    # With nothing current at all, what was presented is not current either.
    if worst is None or (presented.standing_at(at) is not Standing.CURRENT and _rank(worst) == 0):
        raise Undecidable(STANDING_REASONS[presented.standing_at(at)])
    for report in sorted(unresolved, key=_rank, reverse=True):
        if _rank(report) > _rank(worst):
            raise Unresolved(report)
    return worst


def _second_opinions(others: Sequence[Report]) -> tuple[Report, ...]:
    """Drop what only relays another's report."""
    return tuple(report for report in others if report.derived_from is None)


def _rank(report: Report) -> int:
    return (report.level or Level.LOW).rank
