"""The ports of taking in numbered batches: what the hub keeps of each, and where the rows of a dataset go.

The contract of ``services.ports`` holds here too. A batch is named by its sender, its dataset and its number; the
digest of the bytes as they came says whether what comes again is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tongxing.core.words import RegionId
from tongxing.services.ports import PutCount


class RowForm(StrEnum):
    """How the rows of a batch are written."""

    JSON_LINES = "json_lines"
    ARROW = "arrow"
    PARQUET = "parquet"


class ColumnReader(Protocol):
    """Reads files of columns, by whatever means cannot hurt the node."""

    async def read(self, data: bytes, form: RowForm) -> bytes:
        """Return the rows as JSON lines. Raises Refused(BAD_REQUEST) for whatever is not such a file, or too large."""
        ...


@dataclass(frozen=True, slots=True)
class BatchName:
    """Whose batch it is, of which dataset, and its number among those."""

    sender: RegionId
    dataset: str
    number: int


@dataclass(frozen=True, slots=True)
class IngestedBatch:
    """What is kept of a batch. The counts add up to ``rows``; ``taken_at`` is None while it is being taken in."""

    name: BatchName
    digest: bytes
    received_at: datetime
    taken_at: datetime | None = None
    rows: int = 0
    stored: int = 0
    unchanged: int = 0
    outranked: int = 0
    set_aside: int = 0


@dataclass(frozen=True, slots=True)
class RowAside:
    """A row that was set aside: its line, from 1, and why. The reason quotes nothing of the row."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a sender is: its highest batch that was taken in, and up to which moment nothing of its is missing.

    ``as_of`` is None until the sender has said so once; ``told_at`` is when the hub last heard of it.
    """

    sender: RegionId
    dataset: str
    number: int
    as_of: datetime | None
    told_at: datetime


class IngestStore(Protocol):
    """What the hub keeps of the batches that it was sent."""

    async def begin(self, name: BatchName, digest: bytes, received_at: datetime) -> IngestedBatch:
        """Keep that a batch has come, and return what is held of it: the same again is found as it was.

        Raises Refused(CONFLICT) where other bytes have this number: exactly one of two such is begun.
        """
        ...

    async def finish(self, batch: IngestedBatch, aside: Sequence[RowAside]) -> IngestedBatch:
        """Keep what became of a begun batch, and raise its sender's watermark; return what is held.

        What was finished first stays: of two processes that take in one batch at once both tell the same.
        """
        ...

    async def find(self, name: BatchName) -> IngestedBatch | None:
        """Return what is held of a batch."""
        ...

    async def batches_of(self, sender: RegionId, dataset: str, below: int, limit: int) -> tuple[IngestedBatch, ...]:
        """Return at most ``limit`` batches with numbers below ``below``, the highest first."""
        ...

    async def set_aside(self, name: BatchName, after: int, limit: int) -> tuple[RowAside, ...]:
        """Return rows of a batch that were set aside, from behind a line on."""
        ...

    async def say_complete(self, sender: RegionId, dataset: str, as_of: datetime, at: datetime) -> Watermark:
        """Keep that the sender has sent all that it held at ``as_of``; an earlier moment changes nothing."""
        ...

    async def watermarks(self) -> tuple[Watermark, ...]:
        """Return all watermarks, by sender and dataset."""
        ...


class DatasetSink(Protocol):
    """Where the rows of one dataset go."""

    @property
    def rows_at_once(self) -> int:
        """How many rows it takes best at once: enough that writing them pays, few enough that others get their turn."""
        ...

    async def put(self, sender: RegionId, lines: Sequence[tuple[int, bytes]]) -> tuple[PutCount, list[RowAside]]:
        """Take in numbered lines (at most ``rows_at_once``); durable when it returns, again counts once.

        A bad line is set aside with its reason and never blocks the others. Called again while it writes.
        """
        ...
