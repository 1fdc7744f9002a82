"""Sums of a dataset's pieces by day, the same whatever the order: what its owner and the hub compare.

As ``services.report_sums`` does of reports: a piece's day is the Beijing day of its ``since``, its digest the SHA-256
of its line (``wire.evidence_lines``), retracted ones too.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from tongxing.core.calendar import beijing_day
from tongxing.core.datasets import DATASETS, Dataset
from tongxing.core.evidence import Evidence
from tongxing.core.subjects import SubjectKey
from tongxing.crypto.digests import sha256
from tongxing.services.dataset_ports import DatasetEvidenceStore
from tongxing.services.report_sums import NOTHING, DaySum, DaySums, ReportSums
from tongxing.wire.evidence_lines import encode_evidence_line

STRETCH_PIECES: Final = 2_000
"""So many pieces are gone through by one call: some 100 ms. Nobody has as many of one dataset."""


def sum_pieces(pieces: Iterable[tuple[SubjectKey, Evidence]]) -> DaySums:
    """Return the sums of pieces by the Beijing day of their ``since``."""
    days: dict[date, DaySum] = {}
    for subject, piece in pieces:
        day, digest = beijing_day(piece.since), sha256(encode_evidence_line(subject, piece))
        days[day] = days.get(day, NOTHING) + DaySum(1, int.from_bytes(digest, "big"))
    return days


async def sum_dataset(evidence: DatasetEvidenceStore, dataset: Dataset, after: bytes) -> ReportSums:
    """Return the sums of a dataset for subjects behind ``after``, and where the next stretch begins."""
    rows = await evidence.evidence_by(DATASETS[dataset].kinds, after, STRETCH_PIECES)
    is_end = len(rows) < STRETCH_PIECES
    # The last person's pieces may not all be here: they are counted whole in the next stretch.
    last = None if is_end else rows[-1].subject
    whole = [row for row in rows if row.subject != last]
    return ReportSums(sum_pieces((row.subject, row.evidence) for row in whole), None if is_end else whole[-1].subject)
