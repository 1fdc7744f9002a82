"""Deciding without a code: a person without a phone says who they are (domain sheet, *Who asks whom*).

Stages (1) to (5) have no code to read; what the regions report of the person stands in their place, and
(6), (7) and (8) are the pipeline's own. ``STOP`` comes from a table's row and from nowhere else.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from tongxing.core.errors import Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import Verdict
from tongxing.core.ways import Way
from tongxing.core.words import FEDERATION, RegionId
from tongxing.recognition.concluding import conclude_decision, conclude_refusal, conclude_unchecked
from tongxing.recognition.foreign_evidence import weigh_foreign_codes
from tongxing.recognition.knowledge import Knowledge
from tongxing.recognition.recognising import KnownReport, combine_known, worst_known
from tongxing.recognition.situating import place_risk
from tongxing.recognition.stages import Scan, Status

FAMILY: Final = "document"
"""What stands in the place of a code's family in the trail."""


def decide_unasked(scan: Scan, knowledge: Knowledge, *, at: datetime) -> Verdict | None:
    """Return the verdict of a row that asks for no code, before anybody is looked up; None where one is asked for."""
    rules = knowledge.find_rules(at, scan.site)
    if rules is None or at >= knowledge.expires_at:
        return None
    unchecked = rules.decide_unchecked(scan.place_kind, scan.fever, place_risk(scan, knowledge))
    return None if unchecked is None else conclude_unchecked(scan, knowledge, unchecked, at)


def decide_by_document(
    scan: Scan,
    knowledge: Knowledge,
    known: Sequence[KnownReport],
    *,
    others_consulted: bool,
    subject_handle: str | None,
    at: datetime,
) -> Verdict:
    """Decide on all that is known of a person. ``scan`` holds no text; never raises ``Undecidable`` itself.

    Nothing known while others could not be asked is not *no record*: then nobody knows. Whatever comes of it, the
    regions that have reported the person can have it told to them (``Verdict.told_at``), and the host.
    """
    if scan.foreign_texts:
        scan = weigh_foreign_codes(scan, knowledge.foreign, at)
    worst = worst_known(known, at=at)
    status = None if worst is None else _status(worst, others_consulted=others_consulted, handle=subject_handle)
    try:
        if at >= knowledge.expires_at:
            raise Undecidable(ReasonId.BUNDLE_TOO_OLD, f"bundle {knowledge.bundle_number}")
        if not known and not others_consulted:
            raise Undecidable(ReasonId.HUB_AWAY)
        decisive = combine_known(known, at=at)
        status = _status(decisive, others_consulted=others_consulted, handle=subject_handle)
        verdict = conclude_decision(scan, knowledge, knowledge.find_rules(at, scan.site), status, decisive.report, at)
    except Undecidable as refusal:
        verdict = conclude_refusal(scan, knowledge, None, status, refusal, at)
    issuer = status.issuer if status is not None else None
    told_at = _told_at(known, knowledge, at) if subject_handle is not None else ()
    return msgspec.structs.replace(
        verdict, family=FAMILY, issuer=issuer, subject_handle=subject_handle, told_at=told_at
    )


def _status(known: KnownReport, *, others_consulted: bool, handle: str | None) -> Status:
    return Status(
        FAMILY, known.report.issuer, known.report, known.origin, None, handle, others_consulted=others_consulted
    )


def _told_at(known: Sequence[KnownReport], knowledge: Knowledge, at: datetime) -> tuple[RegionId, ...]:
    """Return at which regions the person may be told: the host's, and those that know the person.

    Where a region adopts the national code, its people's reports are the federation's.
    """
    regions = {knowledge.host} | {row.report.issuer for row in known}
    if FEDERATION in regions:
        profiles = knowledge.profiles.values()
        regions |= {profile.region for profile in profiles if profile.uses_way(Way.ADOPTION, at)}
    return tuple(sorted(regions))
