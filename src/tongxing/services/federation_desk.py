"""The hub as the federation itself, issuer ``00``: its codes, its statements, and what all together say of a subject.

- *Everything*: the assessor's report beside each region's own. What only relays another's is left out
  of what is combined, and no region is told what it said itself.
- *National code*: minted for a gateway's citizen from the worst current report of all, so it says *others
  consulted*; if that is a region's, the statement behind the code says from which (``derived_from``).
- *Consultation*: a host asks about somebody it cannot name (``wire.consultation``).
"""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.limits import CLOCK_SKEW, STATEMENT_LIFE
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import ProofKind
from tongxing.core.reasons import REASONS, ReasonId
from tongxing.core.reports import Origin, Report
from tongxing.core.subjects import SubjectKeys
from tongxing.core.words import FEDERATION, RegionId
from tongxing.crypto.sealing import SealBroken, SealingPair
from tongxing.recognition.assessing import Assessed
from tongxing.recognition.combining import combine_reports
from tongxing.recognition.stages import weigh_report
from tongxing.services.assessor import Assessor
from tongxing.services.hub_desk import ReportDesk
from tongxing.services.ingesting import REPORTS
from tongxing.services.minting import CodeMinter, MadeCode
from tongxing.services.ports import Alarm, AlarmStore, Clock, SubjectReport
from tongxing.services.stating import ExtensionDesk, StatementSigner, Told
from tongxing.services.watermarks import WatermarkBook
from tongxing.trust.directory import Directory
from tongxing.wire.cbor import WireError
from tongxing.wire.consultation import (
    REPORTS_MAX,
    ConsultationAnswer,
    consultation_info,
    encode_consultation_answer,
    parse_consultation,
)
from tongxing.wire.sealed_part import SealedContent


@dataclass(frozen=True, slots=True)
class Together:
    """What all say together: the deciding report, in the federation's name, and where the person comes from."""

    report: Report
    level: Level
    origin: Origin | None


class FederationDesk:
    """Speaks for the federation."""

    def __init__(  # noqa: PLR0913 - the node's own parts, given once
        self,
        *,
        reports: ReportDesk,
        assessor: Assessor,
        minter: CodeMinter,
        extensions: ExtensionDesk,
        signer: StatementSigner,
        sealing: SealingPair,
        alarms: AlarmStore,
        marks: WatermarkBook,
        directory: Callable[[], Directory],
        clock: Clock,
    ) -> None:
        self._reports = reports
        self._assessor = assessor
        self._minter = minter
        self._extensions = extensions
        self._signer = signer
        self._sealing = sealing
        self._alarms = alarms
        self._marks = marks
        self._directory = directory
        self._clock = clock

    async def reports_of(self, keys: SubjectKeys, *, is_freight: bool = False) -> tuple[SubjectReport, ...]:
        """Return the assessor's report, if it has one, then each region's, by number; retracted ones left out.

        ``is_freight``: the subject drives goods on a transit pass, and stops on the way are no stay.
        """
        return await self.reports_beside(keys, await self._assessor.assess(keys, is_freight=is_freight))

    async def reports_beside(self, keys: SubjectKeys, assessed: Assessed) -> tuple[SubjectReport, ...]:
        """Return what was assessed, if anything is known, then each region's report, unless the region is suspended."""
        suspended = {region for region, record in self._directory().records.items() if record.suspended}
        left_out = {FEDERATION, *suspended}
        rows = tuple(row for row in await self._reports.reports_of(keys) if row.report.issuer not in left_out)
        if assessed.report.standing is Standing.NO_RECORD:
            return rows
        return (SubjectReport(keys[0], assessed.report, assessed.origin), *rows)

    async def make_code(self, keys: SubjectKeys, masked_hint: str) -> MadeCode:
        """Return a national code of the federation for the subject, shown for about a minute.

        Raises ``Refused(CODE_NOT_CONFIRMED)`` with the reason where all together cannot decide.
        """
        at = self._clock.now()
        try:
            together = await self._combine(keys, at)
        except Undecidable as why:
            raise Refused(ProblemId.CODE_NOT_CONFIRMED, str(why.reason)) from why
        content = SealedContent(
            level=together.level,
            colour_only=together.report.colour_only,
            origin=together.origin,
            masked_hint=masked_hint,
            others_consulted=True,
        )
        return await self._minter.mint(keys[0], content, at, together.report.valid_until)

    async def answer(self, audience: RegionId, query_id: bytes, extension_token: bytes) -> bytes:
        """Return the statement behind a code of the federation.

        Raises ``Rejected`` or ``Undecidable`` with the reason why there is none.
        """
        at = self._clock.now()
        try:
            extension = await self._extensions.redeem(extension_token, at)
            together = await self._combine((extension.subject,), at)
        except (Rejected, Undecidable) as why:
            if REASONS[why.reason].alarm:
                await self._alarms.raise_alarm(Alarm(at, why.reason, None, f"asked by region {audience}"))
            raise
        told = Told(together.report, together.origin, None, extension.credential_id)
        return self._signer.sign(told, audience, query_id, at)

    async def consult(
        self,
        audience: RegionId,
        issuer: RegionId,
        query_id: bytes,
        sealed: bytes,
        asked: AbstractSet[ProofKind] = frozenset(),
    ) -> bytes:
        """Return what others than ``issuer`` say of whoever is sealed in a consultation, signed for this audience.

        Told is what can change a decision: what is current, and what was above low and never cleared; and what
        registers hold of the kinds ``asked``, which are those that the audience's rules look at.
        Raises ``Refused(BAD_REQUEST)`` for a consultation that was sealed for another, or is not of now.
        """
        at = self._clock.now()
        try:
            content = self._sealing.open(sealed, consultation_info(issuer, audience, query_id))
            about = parse_consultation(content)
        except (SealBroken, WireError) as broken:
            raise Refused(ProblemId.BAD_REQUEST, "not a consultation for this audience and query") from broken
        if not timedelta() <= at - about.made_at + CLOCK_SKEW <= STATEMENT_LIFE + 2 * CLOCK_SKEW:
            raise Refused(ProblemId.BAD_REQUEST, "a consultation of another time")
        rows = await self.reports_of(about.keys, is_freight=about.is_freight)
        document = await self._reports.document_of(about.keys)
        # What the issuer says of the very document that was asked about, its statement says newer.
        beside = [row.report for row in rows if row.report.issuer != issuer or row.subject not in document]
        others = [report for report in beside if _matters_beside(report, at)]
        worst_first = sorted(others, key=_rank, reverse=True)[:REPORTS_MAX]
        proofs = await self._assessor.proofs_of(about.keys, asked)
        # A region that the whole truth of the person rests on is one that reports them, told here or not.
        reporting = frozenset(row.report.issuer for row in rows if row.report.issuer not in {FEDERATION, issuer})
        whole_until = await self._marks.whole_until(REPORTS, reporting)
        answer = ConsultationAnswer(audience, query_id, at, tuple(worst_first), proofs, whole_until)
        public = self._signer.key.public
        return encode_consultation_answer(answer, alg=public.cose_alg, kid=public.kid, sign=self._signer.key.sign)

    async def _combine(self, keys: SubjectKeys, at: datetime) -> Together:
        """Return what all say together.

        Raises ``Undecidable`` where nothing current is left, or something above low is unresolved.
        """
        rows = [row for row in await self.reports_of(keys) if row.report.derived_from is None]
        if not rows:
            raise Undecidable(ReasonId.NO_RECORD)
        # Nobody presented anything: what is current speaks first, so that a declaration that lapsed
        # takes nothing away from what a region says today.
        rows.sort(key=lambda row: row.report.standing_at(at) is not Standing.CURRENT)
        weighed = [weigh_report(row.report, at) for row in rows]
        report = combine_reports(weighed[0], weighed[1:], at=at)
        if report.level is None:
            raise Undecidable(ReasonId.NO_RECORD, "no level is known")
        decisive = next(row for row, each in zip(rows, weighed, strict=True) if each is report)
        assessed = next((row.origin for row in rows if row.report.issuer == FEDERATION), None)
        origin = assessed or decisive.origin
        return Together(_in_own_name(report), report.level, origin)


def _in_own_name(report: Report) -> Report:
    if report.issuer == FEDERATION:
        return report
    return msgspec.structs.replace(report, issuer=FEDERATION, derived_from=report.issuer)


def _matters_beside(report: Report, at: datetime) -> bool:
    if report.derived_from is not None:
        return False
    return report.standing_at(at) is Standing.CURRENT or _rank(report) > 0


def _rank(report: Report) -> int:
    return (report.level or Level.LOW).rank
