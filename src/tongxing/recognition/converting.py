"""Conversion (way 2): what a host takes of an issuer's statement, and what it makes of the report in it.

A converted report is the host's and *derived from* the source's: it has the same causes and level, ends
no later than its source and than the converted code, and is never taken in as a report of its own
(domain sheet, *Report*).
"""

from dataclasses import replace
from datetime import datetime

import msgspec

from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.limits import CLOCK_SKEW
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Report
from tongxing.core.words import RegionId
from tongxing.crypto.suites import SignatureMismatch
from tongxing.recognition.knowledge import Knowledge
from tongxing.recognition.stages import weigh_report
from tongxing.trust.directory import KeyUse
from tongxing.wire.conversion_statement import ConversionStatement, StatementKind, parse_conversion_statement


def accept_conversion_statement(
    data: bytes, kind: StatementKind, knowledge: Knowledge, at: datetime
) -> ConversionStatement:
    """Check a conversion statement that came to this host and return it.

    Raises ``Undecidable``: ``SOURCE_UNREADABLE``, ``STATEMENT_KEY_UNKNOWN``, ``STATEMENT_OUT_OF_TIME``; or
    ``Rejected``: ``STATEMENT_FORGED`` (not signed by its issuer), ``STATEMENT_FOR_ANOTHER_QUERY`` (made for
    another region), unknown or suspended issuer. Whether it answers a query, or was taken before, is the
    caller's to check.
    """
    unverified = parse_conversion_statement(data, kind)
    issuer = unverified.issuer_claimed
    knowledge.directory.active_record(issuer)
    try:
        key = knowledge.directory.find_key(issuer, KeyUse.STATEMENT, unverified.kid, at)
    except Rejected as unknown:
        raise Undecidable(ReasonId.STATEMENT_KEY_UNKNOWN, str(unknown)) from unknown
    try:
        statement = unverified.statement_after(key.verify)
    except SignatureMismatch as mismatch:
        raise Rejected(ReasonId.STATEMENT_FORGED) from mismatch
    if statement.report.issuer != issuer:
        raise Rejected(ReasonId.STATEMENT_FORGED, "made in another region's name")
    if statement.audience != knowledge.host:
        raise Rejected(ReasonId.STATEMENT_FOR_ANOTHER_QUERY, "made for another region")
    if not statement.issued_at - CLOCK_SKEW <= at < statement.expires_at + CLOCK_SKEW:
        raise Undecidable(ReasonId.STATEMENT_OUT_OF_TIME, "the clocks differ, or it is an old one")
    return replace(statement, report=weigh_report(statement.report, at))


def derive_report(source: Report, host: RegionId, ends_at: datetime) -> Report:
    """Return the host's report that converts ``source``: it says from whom, and ends with the earlier of both."""
    ends = ends_at if source.valid_until is None else min(source.valid_until, ends_at)
    first = source.derived_from if source.derived_from not in (None, host) else source.issuer
    return msgspec.structs.replace(source, issuer=host, derived_from=first, valid_until=ends)


def end_of_conversion(source: Report, latest: datetime) -> datetime:
    """Return when a code that converts ``source`` ends at the latest."""
    return latest if source.valid_until is None else min(source.valid_until, latest)
