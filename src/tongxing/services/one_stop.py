"""One-stop query at a gateway: one question, and everything that is known of a person, for whoever may know it.

Somebody else is asked about on their consent or in their presence only, for a purpose, within limits; the look is
recorded here and at the hub before anything is answered. A signed-in person asks about themselves, and is told who
else has asked. All of it has ``ONE_STOP_DEADLINE_SECONDS``; while the hub is away what is held here is told, and every
source is named as unavailable. With much to do reports are asked for alone (``admission``): verdicts before panels.
At a checkpoint the verdict is what any typed document gets (``services.documents``).
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from tongxing.core.datasets import Dataset
from tongxing.core.errors import Refused
from tongxing.core.limits import (
    ONE_STOP_DEADLINE_SECONDS,
    ONE_STOPS_PER_CITIZEN_PER_MINUTE,
    ONE_STOPS_PER_OPERATOR_PER_MINUTE,
)
from tongxing.core.looks import Ground, Look, Purpose
from tongxing.core.one_stop import Absence, Panels, Source
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.recognition.own_report import OwnReportView, own_report_view
from tongxing.services.admission import Admission
from tongxing.services.documents import DocumentDesk
from tongxing.services.known_reports import Known, find_own_report, join_known
from tongxing.services.looks import LookDesk, Looker, TotalLooks
from tongxing.services.one_stop_ports import OneStopSource
from tongxing.services.ports import Clock, ReportStore
from tongxing.services.reference import Reference
from tongxing.services.verification import Passing, Verified
from tongxing.services.way_ports import Allowance, LimitResult, LimitStore

_MINUTE: Final = timedelta(minutes=1)


def _nothing_told(absence: Absence) -> Panels:
    return Panels((), tuple(Source(dataset.value, unavailable=absence) for dataset in Dataset))


HUB_AWAY: Final = _nothing_told(Absence.HUB_AWAY)
"""What stands beside the reports while the hub is away: every dataset, and nothing of any."""

HUB_BUSY: Final = _nothing_told(Absence.BUSY)
"""The same where the hub is there and has too much to do."""

_Told = TypeVar("_Told")


@dataclass(frozen=True, slots=True)
class ToldWhole:
    """Everything, not yet cut for whoever asked: what all reports come to, each of them, and the panels."""

    together: OwnReportView
    known: Known
    panels: Panels
    decided_at: datetime


@dataclass(slots=True)
class _Asked:
    """Asks the hub for everything where reports are asked for, and keeps what came beside them."""

    desk: "OneStopDesk"
    panels: Panels = field(default=HUB_AWAY)

    async def of(self, keys: SubjectKeys, look: Look | None = None, *, timeout_seconds: float) -> Known:
        known, self.panels = await self.desk.ask(keys, look, timeout_seconds)
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class OneStopDesk:
    """Answers one-stop queries at one region's gateway."""

    region: RegionId
    reference: Reference
    source: OneStopSource
    reports: ReportStore
    looks: LookDesk
    documents: DocumentDesk
    limits: LimitStore
    admission: Admission
    clock: Clock
    deadline_seconds: float = ONE_STOP_DEADLINE_SECONDS

    async def tell_own(self, keys: SubjectKeys) -> tuple[ToldWhole, TotalLooks]:
        """Return what is known of the signed-in person, and who has looked. Raises ``Refused(LIMITED)``."""
        await self._take(b"one-stop query of citizen " + keys[0], ONE_STOPS_PER_CITIZEN_PER_MINUTE)
        told, looks = await asyncio.gather(self._tell(keys, None, _now()), self.looks.looks_at(keys))
        return told, looks

    async def tell_other(self, document: Document, looker: Looker, purpose: Purpose, ground: Ground) -> ToldWhole:
        """Return what is known of somebody who consents or is present; recorded as a look.

        Raises ``Refused``: ``LIMITED``, ``UPSTREAM_AWAY`` if the person cannot be found in time.
        """
        started = _now()
        keys, look = await self._in_time(self.looks.look_up(document, looker, purpose, ground))
        return await self._tell(keys, look, started)

    async def audit(self, document: Document, looker: Looker, ground: Ground) -> tuple[ToldWhole, TotalLooks]:
        """Return everything with its numbers, and who has looked, to examine a complaint; a look like any other.

        Raises ``Refused``: ``LIMITED`` (auditors ask about one person at a time), ``UPSTREAM_AWAY``.
        """
        started = _now()
        await self._take(b"one-stop query of operator " + looker.key_id.encode(), ONE_STOPS_PER_OPERATOR_PER_MINUTE)
        keys, look = await self._in_time(self.looks.look_up(document, looker, Purpose.AUDIT, ground))
        told, looks = await asyncio.gather(self._tell(keys, look, started), self.looks.looks_at(keys))
        return told, looks

    async def verify(self, document: Document, purpose: Purpose, passing: Passing) -> tuple[Verified, Panels]:
        """Return the verdict on a present person, recorded like any passage, and what stands beside it."""
        asked = _Asked(self)
        verified = await replace(self.documents, known=asked).verify(document, purpose, passing)
        return verified, asked.panels

    async def ask(self, keys: SubjectKeys, look: Look | None, timeout_seconds: float) -> tuple[Known, Panels]:
        """Return all reports and panels; what is held here alone, and no panel, while the hub is away or too busy."""
        own = await find_own_report(self.reports, keys, self.region)
        within = max(0.0, min(timeout_seconds, self.deadline_seconds))
        try:
            told = await self.source.ask(keys, look, timeout_seconds=within, details=self.admission.has_detail)
        except Refused as refused:
            if refused.problem not in {ProblemId.UPSTREAM_AWAY, ProblemId.OVERLOADED}:
                raise
            nothing = HUB_BUSY if refused.problem is ProblemId.OVERLOADED else HUB_AWAY
            return join_known(own, None, keys, self.region), nothing
        return join_known(own, told.reports, keys, self.region), told.panels

    async def _tell(self, keys: SubjectKeys, look: Look | None, started: float) -> ToldWhole:
        known, panels = await self.ask(keys, look, self.deadline_seconds - (_now() - started))
        if not known.reports and not known.others_consulted:
            if panels is HUB_BUSY:
                raise Refused(ProblemId.OVERLOADED, "nothing is held here, and the hub has too much to do")
            raise Refused(ProblemId.UPSTREAM_AWAY, "nothing is held here, and the hub cannot be asked")
        at, knowledge = self.clock.now(), self.reference.knowledge
        together = own_report_view(known.reports, knowledge, others_consulted=known.others_consulted, at=at)
        return ToldWhole(together, known, panels, at)

    async def _in_time(self, finding: Awaitable[_Told]) -> _Told:
        try:
            async with asyncio.timeout(self.deadline_seconds):
                return await finding
        except TimeoutError as late:
            raise Refused(ProblemId.UPSTREAM_AWAY, "the person was not found in time") from late

    async def _take(self, name: bytes, at_most: int) -> None:
        at = self.clock.now()
        key = sha256(name + str(int(at.timestamp()) // 60).encode())
        if await self.limits.take(Allowance(key, at_most, at + _MINUTE)) is not LimitResult.TAKEN:
            raise Refused(ProblemId.LIMITED, "too many questions in one minute")


def _now() -> float:
    """Return the loop's own time, by which deadlines run."""
    return asyncio.get_running_loop().time()
