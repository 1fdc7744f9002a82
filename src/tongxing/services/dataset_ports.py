"""The ports of datasets: how far each has come, and masked names, kept apart from all that is said of a person.

Contract of every write as in ``services.ports``: durable when it returns, atomic, counted once however often it is
sent, in any order with the same result.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tongxing.core.datasets import Dataset
from tongxing.core.evidence import EvidenceKind
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.services.ports import EvidenceStore, SubjectEvidence


class DatasetEvidenceStore(EvidenceStore, Protocol):
    """Evidence as the assessor reads it, by person, and as its owners compare it, by dataset."""

    async def evidence_by(
        self, kinds: Collection[EvidenceKind], after: bytes, limit: int
    ) -> tuple[SubjectEvidence, ...]:
        """Return at most ``limit`` pieces of some kinds, tombstones too, of subjects behind ``after``, by subject.

        ``b""`` is before the first. For going through a dataset: costs a scan, not a look-up.
        """
        ...


@dataclass(frozen=True, slots=True)
class DatasetMark:
    """How far a dataset has come: nothing until ``as_of`` is missing; its owner was last heard at ``heard_at``."""

    dataset: Dataset
    as_of: datetime
    heard_at: datetime


class DatasetMarkStore(Protocol):
    """One mark for each dataset that was ever handed in."""

    async def mark(self, marks: Sequence[DatasetMark]) -> None:
        """Move marks on, all or none; neither moment of a mark ever goes back."""
        ...

    async def marks(self) -> tuple[DatasetMark, ...]:
        """Return all marks, by dataset."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class SealedName:
    """A person's masked name, sealed before it comes here (at most 256 bytes), beside nothing but its subject."""

    subject: SubjectKey
    sealed: bytes
    kept_until: datetime


class SealedNameStore(Protocol):
    """What of a name may be shown, by subject."""

    async def keep(self, names: Sequence[SealedName]) -> None:
        """Keep names, all or none: of each subject the one that is kept longest, of two equal ones the greater."""
        ...

    async def find(self, keys: SubjectKeys) -> SealedName | None:
        """Return the name under the first of ``keys`` that has one."""
        ...

    async def forget_expired(self, at: datetime) -> int:
        """Erase those whose ``kept_until`` is not after ``at``; return how many."""
        ...
