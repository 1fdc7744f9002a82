"""What every issuer of statements does alike, a region's gateway or the hub: sign, make handles, redeem tokens."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tongxing.core.errors import Rejected
from tongxing.core.limits import STATEMENT_LIFE
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Origin, Report
from tongxing.core.subjects import SubjectKeys
from tongxing.core.words import RegionId
from tongxing.crypto.digests import hmac_sha256, sha256
from tongxing.crypto.keys import PublicKey, SigningKey
from tongxing.crypto.suites import SignatureMismatch
from tongxing.services.ports import Extension, ExtensionStore
from tongxing.wire.national_code import parse_national_code
from tongxing.wire.statement import SealedBy, Statement, encode_statement
from tongxing.wire.transit_pass import is_transit_pass, parse_transit_pass


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be stated of a subject. ``handle_of`` names what was asked about: a code or a credential.

    ``keys`` say to this gateway alone who that is, where it knows; they are in no statement. Where a converted
    code's source knows instead, ``consultation`` is what it sealed for this gateway, and ``sealed_by`` says so.
    ``is_freight``: a transit pass was shown, so that stops on the way are no stay.
    """

    report: Report
    origin: Origin | None
    masked_hint: str | None
    handle_of: bytes
    consultation: bytes | None = None
    sealed_by: SealedBy | None = None
    keys: SubjectKeys | None = field(default=None, repr=False)
    is_freight: bool = False


class MintedCodes(Protocol):
    """Codes of the region's own form that the gateway made itself: converted ones, printed ones."""

    async def find_told(self, qr_text: str, at: datetime) -> Told | None:
        """Return what is said now of whoever shows a code that was minted here; None for any other text.

        Raises ``Rejected`` or ``Undecidable`` for a code that was minted here and cannot be used.
        """
        ...


@dataclass(frozen=True, slots=True)
class MintedByAny:
    """The codes of several kinds that one gateway mints; no text is of two kinds."""

    kinds: tuple[MintedCodes, ...]

    async def find_told(self, qr_text: str, at: datetime) -> Told | None:
        """As each of them."""
        for kind in self.kinds:
            told = await kind.find_told(qr_text, at)
            if told is not None:
                return told
        return None


@dataclass(frozen=True, slots=True)
class StatementSigner:
    """Signs one issuer's statements."""

    issuer: RegionId
    key: SigningKey
    handle_secret: bytes = field(repr=False)

    def sign(self, told: Told, audience: RegionId, query_id: bytes, at: datetime) -> bytes:
        """Return the statement of what was told, for one audience and one query."""
        statement = Statement(
            issuer=self.issuer,
            audience=audience,
            query_id=query_id,
            issued_at=at,
            expires_at=at + STATEMENT_LIFE,
            report=told.report,
            origin=told.origin,
            masked_hint=told.masked_hint,
            subject_handle=self.handle(query_id, told.handle_of),
            consultation=told.consultation,
            sealed_by=told.sealed_by,
        )
        public = self.key.public
        return encode_statement(statement, alg=public.cose_alg, kid=public.kid, sign=self.key.sign)

    def handle(self, query_id: bytes, handle_of: bytes) -> str:
        """Return the per-query handle: only this issuer can say to whom it belongs."""
        return f"{query_id.hex()}.{hmac_sha256(self.handle_secret, query_id + handle_of)[:16].hex()}"


class DriversBehindPasses(Protocol):
    """The transit passes that were made here, as far as statements need them."""

    async def find_told(self, token: bytes, audience: RegionId, at: datetime) -> Told | None:
        """Return what is said now of the driver behind a pass's token; None where no pass has that token.

        Raises ``Rejected`` or ``Undecidable`` for a pass that was made here and cannot be used at ``audience``.
        """
        ...


def credential_id_of(qr_text: str, own_key: PublicKey) -> str | None:
    """Return the id, in hex, of a national code or transit pass signed with one's own key; None for other texts."""
    try:
        if is_transit_pass(qr_text):
            return parse_transit_pass(qr_text).claims_after(own_key.verify).pass_id.hex()
        return parse_national_code(qr_text).claims_after(own_key.verify).credential_id.hex()
    except (Rejected, SignatureMismatch):
        return None


@dataclass(frozen=True, slots=True)
class ExtensionDesk:
    """Redeems the extension tokens of the codes that were minted here: a code may be shown at several gates."""

    extensions: ExtensionStore

    async def redeem(self, token: bytes, at: datetime) -> Extension:
        """Return what is behind a token. Raises ``Rejected``: ``TICKET_UNKNOWN``, ``TICKET_EXPIRED``."""
        extension = await self.extensions.find(sha256(token))
        if extension is None:
            raise Rejected(ReasonId.TICKET_UNKNOWN, "no such extension token")
        if extension.expires_at <= at:
            raise Rejected(ReasonId.TICKET_EXPIRED)
        return extension
