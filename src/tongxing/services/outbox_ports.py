"""The port of what a gateway still has to tell the hub: durable, in order per subject, each batch under one number.

The contract of ``services.ports`` holds here too. A report comes into the outbox in the transaction that stores it
(``ReportStore.put_reports(…, for_hub=True)``), so that none is stored and forgotten, or told and not stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from tongxing.services.ports import SubjectReport

OUTBOX_BATCH_ROWS: Final = 2_000
"""So many reports, about 600 KB, travel in one batch."""


@dataclass(frozen=True, slots=True)
class OutboxBatch:
    """A numbered batch that the hub has not acknowledged yet: the very bytes that are sent, each time."""

    number: int
    digest: bytes
    body: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class OutboxState:
    """How far the outbox is: the last number given, batches not acknowledged, reports in no batch yet."""

    last_number: int
    batches: int
    queued: int

    @property
    def is_empty(self) -> bool:
        """True if the hub has acknowledged everything that was stored here."""
        return self.batches == 0 and self.queued == 0


@dataclass(frozen=True, slots=True, repr=False)
class WaitingRows:
    """A docked batch whose subject keys could not be had when it came: sealed, with the moment it came at."""

    ref: int
    received_at: datetime
    sealed: bytes
    rows: int


class OutboxStore(Protocol):
    """What a gateway has yet to tell the hub."""

    async def next_batch(self) -> OutboxBatch | None:
        """Return the batch with the lowest number; form one of what is queued where there is none; None if nothing is.

        A batch is durable before it is returned, so that whatever happens its number stands for these bytes
        alone. Of a subject's report only the newest is queued; what is stored after a batch was formed goes into
        a later one.
        """
        ...

    async def acknowledged(self, number: int) -> None:
        """Forget a batch that the hub holds. Again is no error."""
        ...

    async def renumber(self, above: int) -> None:
        """Give every batch that waits a number above ``above``, in their order.

        For an outbox that was brought back from a copy: the hub knows those numbers with other bytes.
        """
        ...

    async def queue_again(self, rows: Sequence[SubjectReport]) -> None:
        """Queue reports that are held, unless something newer of the same subject and issuer is queued."""
        ...

    async def state(self) -> OutboxState:
        """Return how far the outbox is. Costs a count of what waits."""
        ...

    async def keep_waiting(self, sealed: bytes, rows: int, received_at: datetime) -> None:
        """Keep docked rows that wait for subject keys; at most ``WAITING_ROWS_MAX`` in all, else OVERLOADED."""
        ...

    async def next_waiting(self) -> WaitingRows | None:
        """Return the waiting rows that came first."""
        ...

    async def forget_waiting(self, ref: int) -> None:
        """Erase waiting rows that were docked. Again is no error."""
        ...
