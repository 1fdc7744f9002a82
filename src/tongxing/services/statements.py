"""Answer another gateway: what this region's back end says of whoever shows one of its codes (the issuer's use case).

The answer is a signed statement for one audience and one query, with a handle to the subject that
nobody can join across queries. A back end's secrets and documents stay here. A one-time code is
claimed before the back end is asked and released if the back end failed, so that a code is used up
by being checked and not by an outage.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.limits import BACK_END_DEADLINE_SECONDS, STATEMENT_LIFE
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import REASONS, ReasonId
from tongxing.core.reports import Origin, Report
from tongxing.core.words import RegionId
from tongxing.crypto.digests import hmac_sha256, is_same_secret, sha256
from tongxing.crypto.keys import PublicKey, SigningKey
from tongxing.crypto.suites import SignatureMismatch
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.families import FAMILIES, NATIONAL
from tongxing.regions.profile import Profile
from tongxing.regions.translation import translate
from tongxing.services.peers import BackEnd
from tongxing.services.ports import (
    Alarm,
    AlarmStore,
    ClaimResult,
    Clock,
    ExtensionStore,
    ReportStore,
    TicketStore,
)
from tongxing.services.reference import Reference
from tongxing.wire.national_code import parse_national_code
from tongxing.wire.statement import Statement, encode_statement

ONE_TIME_CODE_KEPT = timedelta(days=1)
"""A one-time code of a back end stays used for so long; its own life is a minute or so."""

_HELD_AFTER = frozenset({ReasonId.TICKET_USED, ReasonId.TICKET_EXPIRED, ReasonId.TICKET_UNKNOWN})
"""After these answers a claimed code stays claimed: the back end has spoken."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be stated of a subject."""

    report: Report
    origin: Origin | None
    masked_hint: str | None
    handle_of: bytes


class StatementDesk:
    """Makes this region's signed statements."""

    def __init__(  # noqa: PLR0913 - the node's own parts, given once
        self,
        *,
        region: RegionId,
        reference: Reference,
        back_end: BackEnd,
        tickets: TicketStore,
        extensions: ExtensionStore,
        reports: ReportStore,
        alarms: AlarmStore,
        key: SigningKey,
        code_key: PublicKey,
        handle_secret: bytes,
        clock: Clock,
    ) -> None:
        self._region = region
        self._reference = reference
        self._back_end = back_end
        self._tickets = tickets
        self._extensions = extensions
        self._reports = reports
        self._alarms = alarms
        self._key = key
        self._code_key = code_key
        self._handle_secret = handle_secret
        self._clock = clock

    async def answer(
        self, audience: RegionId, query_id: bytes, qr_text: str | None, extension_token: bytes | None
    ) -> bytes:
        """Return the statement about whoever shows ``qr_text``, or behind an extension token.

        Raises ``Rejected`` or ``Undecidable`` with the reason why there is none, which the host
        turns into ``REFER``; forgery and replay are alarmed here too.
        """
        at = self._clock.now()
        try:
            if qr_text is not None:
                told = await self._ask_back_end(qr_text, query_id, at)
            elif extension_token is not None:
                told = await self._look_behind(extension_token, at)
            else:
                raise Refused(ProblemId.BAD_REQUEST, "neither a code nor an extension token is given")
        except (Rejected, Undecidable) as why:
            if REASONS[why.reason].alarm:
                await self._alarms.raise_alarm(Alarm(at, why.reason, None, f"asked by region {audience}"))
            raise
        statement = Statement(
            issuer=self._region,
            audience=audience,
            query_id=query_id,
            issued_at=at,
            expires_at=at + STATEMENT_LIFE,
            report=told.report,
            origin=told.origin,
            masked_hint=told.masked_hint,
            subject_handle=self.handle(query_id, told.handle_of),
        )
        public = self._key.public
        return encode_statement(statement, alg=public.cose_alg, kid=public.kid, sign=self._key.sign)

    def handle(self, query_id: bytes, handle_of: bytes) -> str:
        """Return the per-query handle: only this gateway can say to whom it belongs."""
        return f"{query_id.hex()}.{hmac_sha256(self._handle_secret, query_id + handle_of)[:16].hex()}"

    def is_handle_of(self, handle: str, qr_text: str) -> bool:
        """True if ``handle`` was given to whoever showed ``qr_text``, a code of this region."""
        if qr_text.startswith(NATIONAL.prefix):
            return handle == self._credential_id(qr_text)
        query_id, _, _ = handle.partition(".")
        try:
            expected = self.handle(bytes.fromhex(query_id), sha256(qr_text.encode()))
        except ValueError:
            return False
        return is_same_secret(handle.encode(), expected.encode())

    def _credential_id(self, qr_text: str) -> str | None:
        def check_own(message: bytes, signature: bytes) -> None:
            self._code_key.verify(message, signature)

        try:
            return parse_national_code(qr_text).claims_after(check_own).credential_id.hex()
        except (Rejected, SignatureMismatch):
            return None

    async def _ask_back_end(self, qr_text: str, query_id: bytes, at: datetime) -> Told:
        profile = self._reference.knowledge.profiles[self._region]
        if not FAMILIES[profile.family].recognises(qr_text, profile):
            raise Rejected(ReasonId.TICKET_UNKNOWN, "not a code of this region")
        digest = sha256(qr_text.encode())
        if profile.one_time_code:
            claimed = await self._tickets.claim(b"code" + digest, at + ONE_TIME_CODE_KEPT, at)
            if claimed is not ClaimResult.CLAIMED:
                raise Rejected(ReasonId.TICKET_USED)
        try:
            answer = await self._drive(profile, qr_text, query_id, at)
        except (Rejected, Undecidable) as why:
            if profile.one_time_code and why.reason not in _HELD_AFTER:
                await self._tickets.release(b"code" + digest)
            raise
        translated = translate(answer, profile, at=at, revision=int(at.timestamp() * 1000))
        return Told(translated.report, translated.origin, translated.masked_hint, digest)

    async def _drive(self, profile: Profile, qr_text: str, query_id: bytes, at: datetime) -> SourceAnswer:
        asking = FAMILIES[profile.family].ask(qr_text, profile, at, query_id.hex())
        try:
            async with asyncio.timeout(BACK_END_DEADLINE_SECONDS):
                request = next(asking)
                while True:
                    answer = await self._back_end.exchange(request, timeout_seconds=BACK_END_DEADLINE_SECONDS)
                    request = asking.send(answer)
        except StopIteration as finished:
            answered: SourceAnswer = finished.value
            return answered
        except TimeoutError as late:
            raise Undecidable(ReasonId.SOURCE_SLOW, f"no answer in {BACK_END_DEADLINE_SECONDS} s") from late

    async def _look_behind(self, token: bytes, at: datetime) -> Told:
        digest = sha256(token)
        extension = await self._extensions.find(digest)
        if extension is None:
            raise Rejected(ReasonId.TICKET_UNKNOWN, "no such extension token")
        if extension.expires_at <= at:
            raise Rejected(ReasonId.TICKET_EXPIRED)
        for row in await self._reports.reports_of(extension.subject):
            if row.report.issuer == self._region:
                return Told(row.report, row.origin, None, extension.credential_id)
        raise Undecidable(ReasonId.NO_RECORD)
