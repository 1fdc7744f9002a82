"""Print: a reference on paper for somebody without a phone; it carries no status (wire.printed_code).

What it means is asked when it is scanned: the issuer's gateway says what its region reports then. A new
one cancels the old one.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.limits import PRINTED_CODE_LIFE
from tongxing.core.looks import Ground, Purpose
from tongxing.core.masking import mask_name
from tongxing.core.reasons import ReasonId
from tongxing.core.subjects import Document, SubjectKey, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.services.known_reports import find_own_report
from tongxing.services.looks import LookDesk, Looker
from tongxing.services.ports import Clock, Entropy, ReportStore
from tongxing.services.sealed_records import SealedRecords
from tongxing.services.stating import Told
from tongxing.services.way_ports import PrintedCode, PrintedCodeStore
from tongxing.wire.printed_code import RANDOM_BYTES, encode_printed_code, is_printed_code


@dataclass(frozen=True, slots=True)
class MadePrintedCode:
    """The text to print, and until when it can be scanned."""

    qr_text: str
    expires_at: datetime


class _Kept(msgspec.Struct, frozen=True):
    keys: tuple[bytes, ...]
    hint: str


_DECODER = msgspec.msgpack.Decoder(_Kept)


@dataclass(frozen=True, slots=True)
class PrintedCodeDesk:
    """Issues this region's printed codes, and says what is behind one. Is ``services.stating.MintedCodes``."""

    region: RegionId
    printed: PrintedCodeStore
    reports: ReportStore
    looks: LookDesk
    sealed: SealedRecords
    clock: Clock
    entropy: Entropy

    async def issue(self, document: Document, name: str, ground: Ground, looker: Looker) -> MadePrintedCode:
        """Return a new printed code; every earlier one of the same person counts no more.

        Raises ``Refused``: ``LIMITED``, ``UPSTREAM_AWAY`` if the person cannot be looked up.
        """
        keys, _ = await self.looks.look_up(document, looker, Purpose.PRINTED_CODE, ground)
        qr_text = encode_printed_code(self.region, self.entropy(RANDOM_BYTES))
        digest = sha256(qr_text.encode())
        expires_at = self.clock.now() + PRINTED_CODE_LIFE
        content = msgspec.msgpack.encode(_Kept(tuple(keys), mask_name(name)))
        sealed = self.sealed.seal(content, digest)
        await self.printed.issue(PrintedCode(keys[0], digest, sealed, expires_at), keys)
        return MadePrintedCode(qr_text, expires_at)

    async def find_told(self, qr_text: str, at: datetime) -> Told | None:
        """Return what the region says now of whoever shows a printed code; None for any other text."""
        if not is_printed_code(qr_text):
            return None
        digest = sha256(qr_text.encode())
        printed = await self.printed.find(digest)
        if printed is None:
            raise Rejected(ReasonId.TICKET_UNKNOWN, "no such printed code, or a newer one took its place")
        if printed.expires_at <= at:
            raise Rejected(ReasonId.TICKET_EXPIRED)
        kept = _DECODER.decode(self.sealed.open(printed.sealed, digest))
        keys: SubjectKeys = tuple(SubjectKey(key) for key in kept.keys)
        own = await find_own_report(self.reports, keys, self.region)
        if own is None:
            raise Undecidable(ReasonId.NO_RECORD)
        return Told(own.report, own.origin, kept.hint or None, digest, keys=keys)
