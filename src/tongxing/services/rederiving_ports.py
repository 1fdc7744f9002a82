"""The ports of leading what is held under old subject keys over to new ones.

Contract of every write as in ``services.ports``. What is led over is copied first and erased after, in two writes:
whoever reads a subject's older keys before its newer ones never misses it, and a kill between leaves it twice, which
counts once. A version's number is the first byte of its keys, so that the older key is the lesser one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from tongxing.core.subjects import SubjectKey
from tongxing.services.dataset_ports import SealedName


class HeldTable(StrEnum):
    """Where rows stand under subject keys and stay for longer than a rotation."""

    REPORTS = "reports"
    EVIDENCE = "evidence"
    NAMES = "masked_names"


@dataclass(frozen=True, slots=True)
class KeyCount:
    """How many rows of one kind there are: all, those under older versions, and of these those that must wait.

    ``name`` is the issuer of reports, the kind of evidence, empty of names. Rows wait whose subject's new key nobody
    knows yet, because no document of it has been shown since the rotation.
    """

    table: HeldTable
    name: str
    held: int
    old: int
    waiting: int


@dataclass(frozen=True, slots=True)
class KeyProgress:
    """How far a rotation is. ``people_waiting`` would be found by nobody if the older version were retired now.

    ``counts`` is empty where nothing was old.
    """

    version: int
    counted_at: datetime
    counts: tuple[KeyCount, ...]
    people_waiting: int

    @property
    def is_complete(self) -> bool:
        """True where nothing is held under an older version."""
        return not any(count.old for count in self.counts)


Copied = tuple[tuple[Any, ...], ...]
"""Rows as a store has them: given back by ``copy``, taken by ``erase``."""


class RederivingStore(Protocol):
    """Rows under subject keys of older versions: counted, gone through, led over."""

    async def old_subjects(self, table: HeldTable, below: int, after: bytes, limit: int) -> tuple[SubjectKey, ...]:
        """Return subjects of a table whose version is below ``below``, each once, in order, from behind ``after``."""
        ...

    async def copy(self, table: HeldTable, newer: Sequence[tuple[SubjectKey, SubjectKey]]) -> Copied:
        """Put what is held under each first key under the second, too, unless something newer is there.

        Not for names: their seal is bound to the key. Returns the old rows.
        """
        ...

    async def erase(self, table: HeldTable, copied: Copied) -> int:
        """Erase those old rows that are still what was copied; return how many. What came since stays."""
        ...

    async def exchange_name(self, old: SealedName, new: SealedName) -> bool:
        """Put a name sealed anew in the place of the old one; False, and nothing, where that has changed since."""
        ...

    async def count(self, version: int) -> tuple[tuple[KeyCount, ...], int]:
        """Count every table by name, in order, and the people who wait for their key of ``version``. Costs a scan."""
        ...


class KeyLineage(Protocol):
    """The hub's key service, asked by a gateway for the newer keys of subjects that it holds."""

    async def newest_of(self, keys: Sequence[SubjectKey]) -> tuple[int, tuple[SubjectKey | None, ...]]:
        """Return the current version, and of each of at most ``REPORTS_PER_BATCH_MAX`` keys the newest one known.

        None where the key service knows no newer one. Raises ``Refused(UPSTREAM_AWAY)``.
        """
        ...
