"""Where the rows of datasets beyond the regions' reports go: one class for all of the closed table.

A row is one piece of one person's evidence, named by subject key (``wire.evidence_lines``). It is read and judged by
itself: what its dataset has not, or what no authority can say, is set aside with its reason. Pieces count by their
source's number and revision, so batches in any order, replayed, corrected and taken back end in the same place.
Invariant: a row names its person under a version of the key that counts; under a retired one nobody would find it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from tongxing.core.datasets import DATASETS, Dataset
from tongxing.core.errors import Refused
from tongxing.core.limits import EVIDENCE_PER_BATCH_MAX, MASKED_NAME_KEPT
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import FEDERATION, RegionId
from tongxing.services.evidence_intake import check_authority, kept_until
from tongxing.services.ingest_ports import RowAside
from tongxing.services.masked_names import MaskedNames
from tongxing.services.ports import Clock, EvidenceStore, PutCount, SubjectEvidence
from tongxing.wire.cbor import WireError
from tongxing.wire.evidence_lines import parse_evidence_line

OWNERS_ALONE: Final = "only the dataset's owner hands it in"
RETIRED_KEY: Final = "its subject key is of a version that counts no more: derive it again"


@dataclass(frozen=True, slots=True)
class EvidenceSink:
    """Takes in one dataset's rows. Implements ``DatasetSink``. ``versions`` are those of subject keys that count."""

    dataset: Dataset
    evidence: EvidenceStore
    names: MaskedNames
    versions: Collection[int]
    clock: Clock
    rows_at_once: int = 400

    async def put(self, sender: RegionId, lines: Sequence[tuple[int, bytes]]) -> tuple[PutCount, list[RowAside]]:
        """Take in rows of the dataset's own; owners are the federation's, so from any other sender none is taken."""
        read = _Read(self, self.clock.now())
        for number, line in lines:
            try:
                if sender != FEDERATION:
                    raise WireError(OWNERS_ALONE)
                read.add(line)
            except WireError as wrong:
                read.aside.append(RowAside(number, str(wrong)))
            except Refused as refused:
                read.aside.append(RowAside(number, refused.detail))
        if read.names:
            await self.names.keep([((subject,), name) for subject, name in read.names], read.at + MASKED_NAME_KEPT)
        return await self._put(read.good), read.aside

    async def _put(self, rows: Sequence[SubjectEvidence]) -> PutCount:
        total = PutCount(0, 0, 0)
        for start in range(0, len(rows), EVIDENCE_PER_BATCH_MAX):
            count = await self.evidence.put_evidence(rows[start : start + EVIDENCE_PER_BATCH_MAX])
            total = PutCount(total.stored + count.stored, total.same + count.same, total.older + count.older)
        return total


@dataclass(slots=True)
class _Read:
    """What of some lines is good, with the names that came with it, and what is not."""

    sink: EvidenceSink
    at: datetime
    good: list[SubjectEvidence] = field(default_factory=list)
    names: list[tuple[SubjectKey, str]] = field(default_factory=list)
    aside: list[RowAside] = field(default_factory=list)

    def add(self, line: bytes) -> None:
        """Read one line. Raises ``WireError`` or ``Refused``, whose sentence quotes nothing of it."""
        subject, piece, name = parse_evidence_line(line)
        if piece.kind not in DATASETS[self.sink.dataset].kinds:
            raise WireError(f"a {piece.kind} stands in another dataset than {self.sink.dataset}")
        if subject[0] not in self.sink.versions:
            raise WireError(RETIRED_KEY)
        check_authority(piece, self.at)
        self.good.append(SubjectEvidence(subject, piece, kept_until(piece, self.at)))
        if name:
            self.names.append((subject, name))
