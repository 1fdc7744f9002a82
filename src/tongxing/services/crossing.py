"""Across the border of Hong Kong and Macao: the traveller carries what nobody else may send (``core.border``).

The issuer signs what it says of the person for one region and one day, and publishes the digest. The receiver checks
the signature, the digest in the public log, the day, and that the document is that of whoever brings it; then it makes
a code of its own. Back ends, gateways and the hub exchange nothing of the person.

Same-day rule: only a report that was found low on the Beijing day of the crossing, and what is made of it ends with
that day. Nobody can ask the issuer again, so a day is the longest that a change at home can stay unseen.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import msgspec

from tongxing.core.border import is_border_between
from tongxing.core.calendar import beijing_day, end_of_beijing_day
from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.problems import ProblemId
from tongxing.core.reports import Report
from tongxing.core.subjects import Document
from tongxing.core.words import RegionId
from tongxing.crypto.digests import hmac_sha256, is_same_secret, sha256
from tongxing.recognition.converting import accept_conversion_statement
from tongxing.services.digest_log import PublishedDigests
from tongxing.services.reference import Reference
from tongxing.wire.conversion_statement import BINDING_BYTES, ConversionStatement, StatementKind

ONLY_SAME_DAY_LOW: Final = "only what was found low on the same day crosses this border (仅限当日未见异常)"


def bind_to_document(document: Document, statement_id: bytes) -> bytes:
    """Return what binds a statement to a document where no subject key may go: only who has both can compare."""
    told = f"{document.type}:{document.number}".encode()
    return hmac_sha256(statement_id, b"tongxing across the border" + told)[:BINDING_BYTES]


def cut_to_day(report: Report, at: datetime) -> Report:
    """Return a report as it may cross: ending with the day. Raises ``Refused(NOT_CONVERTED)`` for any other.

    It must be current, low, found on the Beijing day of ``at``, and its issuer's own word.
    """
    if report.derived_from is not None:
        raise Refused(ProblemId.NOT_CONVERTED, "what was converted is not converted again (转换所得的码不能再转换)")
    is_low = report.standing_at(at) is Standing.CURRENT and report.level is Level.LOW
    if not is_low or beijing_day(report.as_of) != beijing_day(at):
        raise Refused(ProblemId.NOT_CONVERTED, ONLY_SAME_DAY_LOW)
    ends = end_of_beijing_day(at)
    return msgspec.structs.replace(
        report, valid_until=ends if report.valid_until is None else min(report.valid_until, ends)
    )


@dataclass(frozen=True, slots=True)
class BorderDesk:
    """Publishes and checks, for one region."""

    region: RegionId
    reference: Reference
    digests: PublishedDigests

    def is_needed(self, other: RegionId) -> bool:
        """True if what is said of a person goes to or comes from ``other`` by the traveller's hand alone."""
        return is_border_between(self.region, other)

    async def publish(self, data: bytes) -> None:
        """Publish the digest of a statement before it is handed out. Raises ``Refused(UPSTREAM_AWAY)``."""
        await self.digests.publish(sha256(data))

    async def accept(self, data: bytes, document: Document, at: datetime) -> ConversionStatement:
        """Check a statement that somebody with ``document`` has brought, and return it with its report cut to the day.

        Raises ``Refused(NOT_CONVERTED)`` with the reason why not. Whether it was taken before is the caller's to check.
        """
        try:
            statement = accept_conversion_statement(data, StatementKind.ACROSS, self.reference.knowledge, at)
            if not self.is_needed(statement.issuer):
                raise Refused(ProblemId.NOT_CONVERTED, "there is no border between the two regions")
            if beijing_day(statement.issued_at) != beijing_day(at):
                raise Refused(ProblemId.NOT_CONVERTED, ONLY_SAME_DAY_LOW)
            expected = bind_to_document(document, statement.statement_id)
            if not is_same_secret(expected, statement.binding or b""):
                raise Refused(ProblemId.NOT_CONVERTED, "the statement is about somebody else")
            await self.digests.check_published(sha256(data), beijing_day(statement.issued_at))
        except (Rejected, Undecidable) as why:
            raise Refused(ProblemId.NOT_CONVERTED, why.reason) from why
        return replace(statement, report=cut_to_day(statement.report, at))
