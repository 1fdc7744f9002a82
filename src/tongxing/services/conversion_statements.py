"""State for a conversion: what a region says of one of its people, for another to render (the issuer's side of way 2).

Asked by the host's gateway with the person's consent, or carried there by the person. A renewal token
lets the host ask again; it is sealed by this gateway for itself and bound to the host, so nothing is
kept here and nobody else can use it.
"""

from dataclasses import dataclass
from datetime import datetime

from tongxing.core.calendar import end_of_beijing_day
from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.limits import CARRIED_STATEMENT_LIFE, CONVERSION_LIFE, STATEMENT_LIFE
from tongxing.core.looks import Ground, Purpose
from tongxing.core.masking import mask_name
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import REASONS, ReasonId
from tongxing.core.subjects import Document, SubjectKey
from tongxing.core.ways import Way
from tongxing.core.words import RegionId
from tongxing.crypto.digests import hmac_sha256
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.sealing import SealBroken, SymmetricKey
from tongxing.services.crossing import BorderDesk, bind_to_document, cut_to_day
from tongxing.services.known_reports import find_own_report
from tongxing.services.looks import LookDesk, Looker
from tongxing.services.ports import Alarm, AlarmStore, Clock, Entropy, ReportStore
from tongxing.services.reference import Reference
from tongxing.services.statements import StatementDesk
from tongxing.services.stating import Told
from tongxing.wire.cbor import WireError
from tongxing.wire.conversion_statement import (
    BINDING_BYTES,
    STATEMENT_ID_BYTES,
    ConversionStatement,
    StatementKind,
    encode_conversion_statement,
)
from tongxing.wire.renewal import NONCE_BYTES, Renewal, encode_renewal, parse_renewal


@dataclass(frozen=True, slots=True)
class CarriedStatement:
    """A signed statement for the person to carry, and until when it is taken."""

    data: bytes
    expires_at: datetime


def bind_to_subject(key: SubjectKey, statement_id: bytes) -> bytes:
    """Return what binds a carried statement to its subject: only whoever knows the subject key can make or check it."""
    return hmac_sha256(key, b"tongxing carried statement" + statement_id)[:BINDING_BYTES]


@dataclass(frozen=True, slots=True)
class ConversionStatementDesk:
    """Makes this region's conversion statements."""

    region: RegionId
    reference: Reference
    statements: StatementDesk
    reports: ReportStore
    looks: LookDesk
    alarms: AlarmStore
    border: BorderDesk
    key: SigningKey
    renewal_key: SymmetricKey
    clock: Clock
    entropy: Entropy

    async def answer(
        self, audience: RegionId, query_id: bytes, qr_text: str | None, renewal_token: bytes | None
    ) -> bytes:
        """Return the statement about whoever shows ``qr_text``, or behind a renewal token of this audience.

        Raises ``Rejected`` or ``Undecidable`` with the reason why there is none, and ``Refused(BAD_REQUEST)``
        unless exactly one of both is given.
        """
        if (qr_text is None) == (renewal_token is None):
            raise Refused(ProblemId.BAD_REQUEST, "give either qr_text or renewal_token_hex")
        at = self.clock.now()
        try:
            if renewal_token is not None:
                told, token = await self._renew(renewal_token, audience, query_id, at), None
            else:
                told = await self.statements.tell(qr_text or "", query_id, at)
                token = self._renewal_token(told, qr_text or "", audience, at)
        except (Rejected, Undecidable) as why:
            if REASONS[why.reason].alarm:
                await self.alarms.raise_alarm(Alarm(at, why.reason, None, f"asked by region {audience}"))
            raise
        return self._sign(
            ConversionStatement(
                StatementKind.ASKED,
                self.region,
                audience,
                query_id,
                at,
                at + STATEMENT_LIFE,
                told.report,
                told.origin,
                told.masked_hint,
                token,
                consultation=self.statements.seal_consultation(told, audience, query_id, at),
            )
        )

    async def carry(
        self,
        document: Document,
        name: str,
        audience: RegionId,
        ground: Ground,
        looker: Looker,
        qr_text: str | None = None,
    ) -> CarriedStatement:
        """Return a statement for the person with ``document`` to carry to ``audience``, once, within minutes.

        Over the border of Hong Kong and Macao it lives until the day ends, and says what this region's back end says of
        whoever shows ``qr_text``: nobody is looked up. There it raises what ``StatementDesk.tell`` raises too, and
        ``Refused``: ``NOT_CONVERTED`` (what may not cross), ``UPSTREAM_AWAY`` if its digest could not be published.

        Raises ``Refused``: ``NOT_FOUND`` (no such region), ``WAY_NOT_USED`` (it converts nothing),
        ``CODE_NOT_CONFIRMED`` (nothing is held of the person), ``LIMITED``, ``UPSTREAM_AWAY`` if the key service is.
        """
        if audience == self.region or self.reference.knowledge.directory.record(audience) is None:
            raise Refused(ProblemId.NOT_FOUND, f"no other region {audience} takes part")
        host = self.reference.knowledge.profiles.get(audience)
        if host is None:
            raise Refused(ProblemId.WAY_NOT_USED, f"region {audience} has no profile")
        host.check_uses_way(Way.CONVERSION, self.clock.now())
        if self.border.is_needed(audience):
            return await self._carry_across(document, name, audience, qr_text)
        keys, _ = await self.looks.look_up(document, looker, Purpose.CARRIED_STATEMENT, ground)
        own = await find_own_report(self.reports, keys, self.region)
        if own is None:
            raise Refused(ProblemId.CODE_NOT_CONFIRMED, "no_record")
        at = self.clock.now()
        statement_id, expires_at = self.entropy(STATEMENT_ID_BYTES), at + CARRIED_STATEMENT_LIFE
        data = self._sign(
            ConversionStatement(
                StatementKind.CARRIED,
                self.region,
                audience,
                statement_id,
                at,
                expires_at,
                own.report,
                own.origin,
                mask_name(name) or None,
                binding=bind_to_subject(keys[0], statement_id),
            )
        )
        return CarriedStatement(data, expires_at)

    async def _carry_across(
        self, document: Document, name: str, audience: RegionId, qr_text: str | None
    ) -> CarriedStatement:
        if qr_text is None:
            raise Refused(ProblemId.BAD_REQUEST, "over this border the person shows their own code: give qr_text")
        at, statement_id = self.clock.now(), self.entropy(STATEMENT_ID_BYTES)
        told = await self.statements.tell(qr_text, statement_id, at)
        report, expires_at = cut_to_day(told.report, at), end_of_beijing_day(at)
        data = self._sign(
            ConversionStatement(
                StatementKind.ACROSS,
                self.region,
                audience,
                statement_id,
                at,
                expires_at,
                report,
                told.origin,
                # Whose code it is, not who brings it: a friend's code is seen at the gate.
                told.masked_hint or mask_name(name) or None,
                binding=bind_to_document(document, statement_id),
            )
        )
        await self.border.publish(data)
        return CarriedStatement(data, expires_at)

    def _sign(self, statement: ConversionStatement) -> bytes:
        public = self.key.public
        return encode_conversion_statement(statement, alg=public.cose_alg, kid=public.kid, sign=self.key.sign)

    def _renewal_token(self, told: Told, qr_text: str, audience: RegionId, at: datetime) -> bytes | None:
        """Return a token to ask again with, or None where this region could not answer again."""
        one_time = self.reference.knowledge.profiles[self.region].one_time_code
        if one_time and told.keys is None:
            return None
        ends_at = at + CONVERSION_LIFE
        if one_time:
            renewal = Renewal(audience, ends_at, keys=told.keys)
        else:
            renewal = Renewal(audience, ends_at, qr_text=qr_text)
        return encode_renewal(renewal, nonce=self.entropy(NONCE_BYTES), seal=self.renewal_key.seal)

    async def _renew(self, token: bytes, audience: RegionId, query_id: bytes, at: datetime) -> Told:
        try:
            renewal = parse_renewal(token, open_sealed=self.renewal_key.open)
        except (WireError, SealBroken) as broken:
            raise Rejected(ReasonId.TICKET_UNKNOWN, "no renewal token of this region") from broken
        if renewal.audience != audience:
            raise Rejected(ReasonId.TICKET_UNKNOWN, "a renewal token of another region")
        if renewal.expires_at <= at:
            raise Rejected(ReasonId.TICKET_EXPIRED)
        if renewal.keys is None:
            return await self.statements.tell(renewal.qr_text or "", query_id, at)
        own = await find_own_report(self.reports, renewal.keys, self.region)
        if own is None:
            raise Undecidable(ReasonId.NO_RECORD)
        return Told(own.report, own.origin, None, b"", keys=renewal.keys)
