"""Where cases are kept, and how they reach whoever decides; every port promises what ``services.ports`` says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tongxing.core.cases import Case, CaseDecision, CaseStep
from tongxing.core.subjects import SubjectKeys
from tongxing.core.words import RegionId
from tongxing.trust.directory import DirectoryRecord


@dataclass(frozen=True, slots=True, repr=False)
class HeldCase:
    """A case as a node keeps it. ``sealed`` names the person, for the deciding region alone; None once closed."""

    case: Case
    sealed: bytes | None


@dataclass(frozen=True, slots=True)
class CaseCount:
    """The cases that one region has to decide, as this node knows them. ``decided`` has how many were, by decision.

    ``late`` were decided after they should have been; ``overdue`` are open beyond their limit.
    """

    decider: RegionId
    opened: int
    open: int
    overdue: int
    late: int
    withdrawn: int
    decided: dict[CaseDecision, int]


class CaseStore(Protocol):
    """The cases that were taken in here, and those that are to be decided here."""

    async def open_case(self, held: HeldCase, open_key: bytes) -> Case:
        """Keep a new case and return it; where one under ``open_key`` (32 bytes) is still open, that one instead.

        Atomic: of any number of callers with one key, one opens a case and all get it.
        """
        ...

    async def take_in(self, held: HeldCase) -> Case:
        """Keep a case that another region took in, and return what is held.

        The same again counts once, and adds the steps that it brings. Raises Refused(CONFLICT) where another case
        has its number.
        """
        ...

    async def add_steps(self, number: str, steps: Sequence[CaseStep], kept_until: datetime) -> Case:
        """Add steps and return the case; of each kind the first that was kept stands.

        A step that closes the case erases who it is about, and lets it be forgotten at ``kept_until``. Raises
        Refused(NOT_FOUND).
        """
        ...

    async def find_case(self, number: str) -> HeldCase | None:
        """Return the case of that number."""
        ...

    async def cases_of(self, keys: SubjectKeys) -> tuple[Case, ...]:
        """Return the cases about whoever has one of ``keys``, the newest first."""
        ...

    async def cases_for(self, decider: RegionId | None, *, is_closed: bool, limit: int) -> tuple[Case, ...]:
        """Return at most ``limit`` cases that ``decider`` (None: anybody) decides: open ones by when they are due."""
        ...

    async def cases_to_tell(self, opener: RegionId, limit: int) -> tuple[HeldCase, ...]:
        """Return at most ``limit`` cases of ``opener`` that others must still hear of, the longest waiting first."""
        ...

    async def mark_told(self, number: str, at: datetime, *, is_all: bool) -> None:
        """Keep when others were last told of a case; with ``is_all`` they know everything there will ever be."""
        ...

    async def count_cases(self, at: datetime) -> tuple[CaseCount, ...]:
        """Return how many cases each region has to decide and has decided, by its number."""
        ...

    async def forget_ended(self, at: datetime) -> int:
        """Erase closed cases whose time is over, with their steps; return how many. An open one never is."""
        ...


class CasePeers(Protocol):
    """Other nodes, as cases are told to them: one call that can be sent again and answers with what they know."""

    async def tell_case(
        self, decider: DirectoryRecord, held: HeldCase, *, timeout_seconds: float
    ) -> tuple[CaseStep, ...]:
        """Tell a case as it stands; return all steps that are known there, durably. Raises ``Refused``."""
        ...
