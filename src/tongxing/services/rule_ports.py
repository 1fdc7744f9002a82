"""The ports of rule tables on their way into a bundle: what was proposed, by whom, who decided, and the proof.

Contract of every write as in ``services.ports``: durable when it returns, atomic, counted once however
often it is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol

from tongxing.core.words import Sentence
from tongxing.rules.differences import Difference
from tongxing.rules.findings import Finding

FINDINGS_TOLD_MAX: Final = 20
DIFFERENCES_TOLD_MAX: Final = 60


class ProposalState(StrEnum):
    """What became of a proposal. One that nobody decided until its end stays open and can be decided no more."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Decided:
    """Who decided on a proposal, when and how; ``why`` is what was said of it."""

    state: ProposalState
    by: str
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule table that an operator wants in force, as the file ``file_name`` of the bundle's rules.

    ``proposed_by`` and ``decided.by`` are key ids. ``notice`` is what the public will be told.
    ``bundle_number`` is of the bundle that carries it: None while nobody approved it, and for the moment
    between its approval and the bundle.
    """

    proposal_id: str
    file_name: str
    table: bytes
    notice: Sentence
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    decided: Decided | None = None
    bundle_number: int | None = None

    @property
    def state(self) -> ProposalState:
        """What became of it."""
        return ProposalState.OPEN if self.decided is None else self.decided.state


class ProposalStore(Protocol):
    """The proposals of rule tables at the hub. None is ever erased: who put a rule in force is told for good."""

    async def propose(self, proposal: Proposal) -> None:
        """Keep an open proposal. The same again counts once; another under its id: Refused(CONFLICT).

        Raises Refused(BAD_REQUEST) for an id of more than 64 characters, a table of more than 256 KiB, a
        notice of more than 64 KiB.
        """
        ...

    async def find(self, proposal_id: str) -> Proposal | None:
        """Return a proposal by its id."""
        ...

    async def list(self, limit: int, *, with_tables: bool = True) -> tuple[Proposal, ...]:
        """Return the newest proposals first: at most ``limit``, from 1 to 1,000; ``table`` empty if not wanted."""
        ...

    async def decide(self, proposal_id: str, decided: Decided, notice: Sentence | None = None) -> Proposal:
        """Decide an open proposal, with a new notice if one is given; return it as it is kept now.

        Of any number of callers one decides.
        The same decision by the same operator again counts once, whenever it is sent: the first moment
        stays. Any other raises Refused(CONFLICT), an unknown id Refused(NOT_FOUND).
        """
        ...

    async def carry(self, proposal_id: str, bundle_number: int) -> None:
        """Keep which bundle carries an approved proposal: the first that is told stays.

        Raises Refused(NOT_FOUND) for an unknown id, Refused(CONFLICT) for one that was not approved.
        """
        ...


class Prover(Protocol):
    """Proves rule tables and compares them. It takes seconds of a processor, so it never runs on the caller's loop.

    ``rules`` are the files of a bundle's section, by name. Whatever is no rule table raises
    ``Refused(RULES_REFUSED)`` with what is wrong, by name.
    """

    async def prove(self, rules: Mapping[str, bytes], held: Mapping[str, bytes] | None) -> None:
        """Prove what ``rules`` change against the proven ``held``, and whoever stands on it; else everything.

        Raises ``RulesRefused`` with the first counter-example.
        """
        ...

    async def find_all(self, rules: Mapping[str, bytes], file_name: str) -> tuple[Finding, ...]:
        """Return what is wrong with one table among the others: at most ``FINDINGS_TOLD_MAX``."""
        ...

    async def compare(
        self, before: Mapping[str, bytes], after: Mapping[str, bytes], since: date
    ) -> tuple[Difference, ...]:
        """Return who is treated differently from ``since`` on, by example: at most ``DIFFERENCES_TOLD_MAX``."""
        ...
