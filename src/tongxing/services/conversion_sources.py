"""Where a converted code comes from, and how that source is evaluated anew.

By a renewal token the issuer's gateway is asked; by the subject's keys the hub's reports are. What was
told at the conversion is kept sealed: it counts again only where the hub knows nothing newer from that
issuer, and never where an issuer could not be asked. Beside an issuer's answer others are consulted by what it
sealed to the hub (``wire.consultation``): here for a display, by the pipeline for a scan.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from tongxing.core.border import is_border_between
from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.limits import BACK_END_DEADLINE_SECONDS, CONSULTATION_DEADLINE_SECONDS
from tongxing.core.looks import Look
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Origin, Report
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.core.words import PlaceKind, RegionId
from tongxing.recognition.combining import Unresolved, combine_reports
from tongxing.recognition.consulting import accept_consultation_answer
from tongxing.recognition.converting import accept_conversion_statement
from tongxing.recognition.recognising import KnownReport, combine_known
from tongxing.recognition.stages import LocalCode, Scan, read_code, weigh_report
from tongxing.services.known_reports import KnownReports
from tongxing.services.ports import Entropy
from tongxing.services.reference import Reference
from tongxing.services.way_ports import ConversionPeers, ConversionStatementRequest
from tongxing.wire.conversion_statement import ConversionStatement, StatementKind
from tongxing.wire.reports import encode_origin, encode_report, parse_origin, parse_report
from tongxing.wire.statement import SealedBy


class _Sealed(msgspec.Struct, frozen=True):
    qr_text: str
    region: str
    report: dict[str, Any]
    origin: dict[str, Any] | None
    hint: str | None
    renewal_token: bytes | None
    keys: tuple[bytes, ...] | None
    came_across: bool = False


_DECODER = msgspec.msgpack.Decoder(_Sealed)


@dataclass(frozen=True, slots=True, repr=False)
class KeptSource:
    """What a conversion was made from. Without a token and without keys it cannot be evaluated again.

    What ``came_across`` the border of Hong Kong and Macao ends with its day; where there are no keys of it, nobody can
    be asked and it stands as it came.
    """

    region: RegionId
    known: KnownReport
    hint: str | None
    renewal_token: bytes | None = None
    subject_keys: SubjectKeys | None = None
    came_across: bool = False

    @classmethod
    def of(
        cls,
        region: RegionId,
        report: Report,
        origin: Origin | None,
        hint: str | None,
        *,
        renewal_token: bytes | None = None,
        keys: SubjectKeys | None = None,
        came_across: bool = False,
    ) -> "KeptSource":
        """Return the source of a conversion."""
        return cls(region, KnownReport(report, origin), hint, renewal_token, keys, came_across)

    def encode(self, qr_text: str) -> bytes:
        """Return the bytes to be sealed, beside the text that was minted."""
        origin = self.known.origin
        return msgspec.msgpack.encode(
            _Sealed(
                qr_text,
                self.region,
                encode_report(self.known.report),
                None if origin is None else encode_origin(origin),
                self.hint,
                self.renewal_token,
                None if self.subject_keys is None else tuple(self.subject_keys),
                self.came_across,
            )
        )

    @classmethod
    def parse(cls, content: bytes) -> "tuple[KeptSource, str]":
        """Read what ``encode`` made: the source, and the text that was minted."""
        sealed = _DECODER.decode(content)
        kept = cls.of(
            RegionId(sealed.region),
            parse_report(sealed.report),
            None if sealed.origin is None else parse_origin(sealed.origin),
            sealed.hint,
            renewal_token=sealed.renewal_token,
            keys=None if sealed.keys is None else tuple(SubjectKey(key) for key in sealed.keys),
            came_across=sealed.came_across,
        )
        return kept, sealed.qr_text


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a source says now: with what others say where they were consulted, else alone.

    Whoever scans the code can consult them by ``consultation``, which ``sealed_by`` sealed.
    """

    known: KnownReport
    others_consulted: bool
    consultation: bytes | None = None
    sealed_by: SealedBy | None = None


@dataclass(frozen=True, slots=True)
class ConversionSources:
    """Finds and evaluates the sources of one host's conversions."""

    region: RegionId
    reference: Reference
    known: KnownReports
    peers: ConversionPeers
    entropy: Entropy

    async def ask_issuer(self, qr_text: str, at: datetime) -> tuple[KeptSource, Evaluated]:
        """Ask the issuer of a shown code; raises ``Rejected`` or ``Undecidable`` with the reason why not."""
        knowledge = self.reference.knowledge
        # A conversion is no passage: the kind of place decides nothing at stage (1).
        local = read_code(Scan(qr_text, PlaceKind.PUBLIC_INSTITUTION, self.region), knowledge)
        if not isinstance(local, LocalCode):
            raise Rejected(ReasonId.NOT_A_CODE, "the national code is recognised as it is")
        if local.profile.region == self.region:
            raise Rejected(ReasonId.NOT_A_CODE, "it is this region's own code already")
        statement = await self._ask(local.profile.region, at, qr_text=qr_text)
        kept = KeptSource.of(
            statement.issuer,
            statement.report,
            statement.origin,
            statement.masked_hint,
            renewal_token=statement.renewal_token,
        )
        return kept, await self._beside_others(statement, at)

    async def ask_hub(self, keys: SubjectKeys, look: Look, at: datetime) -> tuple[KeptSource, Evaluated]:
        """Find what the regions report; raises ``Undecidable`` if that cannot be used or the hub is away."""
        decisive = await self._decisive(keys, None, look, at)
        if decisive.report.issuer == self.region:
            raise Undecidable(ReasonId.NO_RECORD, "this region's own report is no conversion")
        kept = KeptSource.of(decisive.report.issuer, decisive.report, decisive.origin, None, keys=keys)
        return kept, Evaluated(decisive, others_consulted=True)

    async def evaluate_carried(self, kept: KeptSource, at: datetime) -> Evaluated:
        """Return what a statement that was just brought says beside what the hub knows; alone if the hub is away."""
        try:
            return await self.evaluate(kept, at)
        except Undecidable as why:
            if why.reason is not ReasonId.HUB_AWAY:
                raise
            return Evaluated(kept.known, others_consulted=False)

    async def evaluate(self, kept: KeptSource, at: datetime, *, to_be_scanned: bool = False) -> Evaluated:
        """Return what the source says now; raises ``Rejected`` or ``Undecidable`` where it cannot be asked.

        ``to_be_scanned``: the pipeline consults the others itself, within the scan's time.
        """
        if kept.renewal_token is not None:
            statement = await self._ask(kept.region, at, renewal_token=kept.renewal_token)
            if not to_be_scanned:
                return await self._beside_others(statement, at)
            sealed_by = None
            if statement.consultation is not None:
                sealed_by = SealedBy(statement.issuer, statement.statement_id)
            source = KnownReport(statement.report, statement.origin)
            return Evaluated(source, False, statement.consultation, sealed_by)  # noqa: FBT003 - nobody was consulted
        if kept.subject_keys is not None:
            decisive = await self._decisive(kept.subject_keys, kept.known, None, at)
            return Evaluated(decisive, others_consulted=True)
        if kept.came_across:
            return Evaluated(kept.known, others_consulted=False)
        raise Undecidable(ReasonId.SOURCE_AWAY, "the issuer gave no token to ask again with")

    async def _beside_others(self, statement: ConversionStatement, at: datetime) -> Evaluated:
        """Combine a statement with what others say; alone where they cannot be consulted. Raises ``Unresolved``."""
        alone = Evaluated(KnownReport(statement.report, statement.origin), others_consulted=False)
        if statement.consultation is None:
            return alone
        try:
            data = await self.known.hub.consult(
                statement.issuer,
                statement.statement_id,
                statement.consultation,
                frozenset(),
                timeout_seconds=CONSULTATION_DEADLINE_SECONDS,
            )
            answer = accept_consultation_answer(data, statement.statement_id, self.reference.knowledge, at)
        except (Refused, Rejected, Undecidable):
            return alone
        others = [weigh_report(report, at) for report in answer.reports]
        try:
            report = combine_reports(statement.report, others, at=at)
        except Unresolved:
            raise
        except Undecidable:  # nothing else is current: the source's own standing is shown
            report = statement.report
        return Evaluated(KnownReport(report, statement.origin), others_consulted=True)

    async def _decisive(
        self, keys: SubjectKeys, held: KnownReport | None, look: Look | None, at: datetime
    ) -> KnownReport:
        known = await self.known.of(keys, look, timeout_seconds=BACK_END_DEADLINE_SECONDS)
        if not known.others_consulted:
            raise Undecidable(ReasonId.HUB_AWAY)
        reports = list(known.reports)
        if held is not None:
            issuer = held.report.issuer
            newer = [row for row in reports if row.report.issuer == issuer and not row.of_other_document]
            if all(row.report.revision < held.report.revision for row in newer):
                reports = [row for row in reports if row not in newer] + [held]
        return combine_known(reports, at=at)

    async def _ask(
        self, issuer: RegionId, at: datetime, *, qr_text: str | None = None, renewal_token: bytes | None = None
    ) -> ConversionStatement:
        if is_border_between(self.region, issuer):
            raise Undecidable(ReasonId.CARRY_ACROSS)
        knowledge = self.reference.knowledge
        record = knowledge.directory.active_record(issuer)
        query_id = self.entropy(16)
        request = ConversionStatementRequest(
            query_id_hex=query_id.hex(),
            consent=True,
            qr_text=qr_text,
            renewal_token_hex=None if renewal_token is None else renewal_token.hex(),
        )
        try:
            async with asyncio.timeout(BACK_END_DEADLINE_SECONDS):
                data = await self.peers.request_conversion_statement(
                    record, request, timeout_seconds=BACK_END_DEADLINE_SECONDS
                )
        except TimeoutError as late:
            raise Undecidable(ReasonId.GATEWAY_SLOW, f"no answer in {BACK_END_DEADLINE_SECONDS} s") from late
        statement = accept_conversion_statement(data, StatementKind.ASKED, knowledge, at)
        if statement.issuer != issuer:
            raise Rejected(ReasonId.STATEMENT_FORGED, "made in another region's name")
        if statement.statement_id != query_id:
            raise Rejected(ReasonId.STATEMENT_FOR_ANOTHER_QUERY)
        return statement
