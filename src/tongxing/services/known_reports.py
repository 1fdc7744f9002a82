"""What is known of a subject: asked of the hub, or of what this region holds itself while the hub is away."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tongxing.core.errors import Refused
from tongxing.core.limits import GATEWAY_DEADLINE_SECONDS
from tongxing.core.looks import Look
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKeys
from tongxing.core.words import RegionId
from tongxing.recognition.recognising import KnownReport
from tongxing.services.peers import Hub
from tongxing.services.ports import ReportStore, SubjectReport
from tongxing.services.way_ports import SharedLooks


async def find_own_report(reports: ReportStore, keys: SubjectKeys, region: RegionId) -> SubjectReport | None:
    """Return what ``region`` says of a subject under any of its keys: the highest revision, None if retracted."""
    rows = [row for key in reversed(keys) for row in await reports.reports_of(key, with_retracted=True)]
    own = [row for row in rows if row.report.issuer == region]
    newest = max(own, key=lambda row: (row.report.revision, row.report.retracted), default=None)
    return None if newest is None or newest.report.retracted else newest


@dataclass(frozen=True, slots=True)
class Known:
    """The reports of one subject; ``others_consulted`` is False where the hub could not be asked."""

    reports: tuple[KnownReport, ...]
    others_consulted: bool


def join_known(
    own: SubjectReport | None, told: Sequence[SubjectReport] | None, keys: SubjectKeys, region: RegionId
) -> Known:
    """Return what is known by what ``region`` holds itself and what the hub told: None where it could not be asked."""
    held = () if own is None else (KnownReport(own.report, own.origin),)
    if told is None:
        return Known(held, others_consulted=False)
    # What this region holds itself of this document is never older than what it handed in.
    others = tuple(
        KnownReport(row.report, row.origin, row.subject not in keys)
        for row in told
        if not held or row.report.issuer != region or row.subject not in keys
    )
    return Known(held + others, others_consulted=True)


class AsksReports(Protocol):
    """Whoever finds the reports of a subject."""

    async def of(self, keys: SubjectKeys, look: Look | None = None, *, timeout_seconds: float) -> Known:
        """Return all regions' reports; this region's own alone if the hub is away."""
        ...


@dataclass(frozen=True, slots=True)
class KnownReports:
    """Finds the reports of a subject."""

    region: RegionId
    hub: Hub
    shared: SharedLooks
    reports: ReportStore

    async def of(
        self, keys: SubjectKeys, look: Look | None = None, *, timeout_seconds: float = GATEWAY_DEADLINE_SECONDS
    ) -> Known:
        """Return all regions' reports; this region's own alone if the hub is away.

        ``look`` is on what account somebody is looked up; None where a conversion that the person asked for
        is evaluated anew. Other regions' reports are used only once the hub holds the look.
        """
        own = await find_own_report(self.reports, keys, self.region)
        try:
            if look is None:
                rows = await self.hub.query_reports(keys, timeout_seconds=timeout_seconds)
            else:
                rows, _ = await asyncio.gather(
                    self.hub.query_reports(keys, timeout_seconds=timeout_seconds),
                    self.shared.share(look, timeout_seconds=timeout_seconds),
                )
        except Refused as refused:
            if refused.problem is not ProblemId.UPSTREAM_AWAY:
                raise
            return join_known(own, None, keys, self.region)
        return join_known(own, rows, keys, self.region)
