"""Put a rule table in force: one operator proposes, another approves, and the next bundle carries it.

- A proposal is read and proven at once, so that whoever proposes learns what is wrong (law 5), and again when
  it is approved if what is in force has changed since.
- Nobody approves a table of one's own hand: neither with the key that proposed it, nor with one that the same
  operator has enrolled, nor the other way round.
- What it changes must begin at least ``NOTICE_PERIOD`` after its approval. A table whose head says why it is
  urgent is excused, and the public notice says so.
- Approved means durable before it is published: whoever approves again after a failure in between ends it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Final

from tongxing.core.calendar import BEIJING, beijing_day
from tongxing.core.errors import Refused
from tongxing.core.limits import NOTICE_PERIOD, PROPOSAL_LIFE
from tongxing.core.problems import ProblemId
from tongxing.core.words import Sentence
from tongxing.rules.book import file_name_of, parse_rule_book
from tongxing.rules.differences import Difference, first_day
from tongxing.rules.notice import write_notice
from tongxing.rules.tables import RuleTable, parse_rule_table
from tongxing.services.access import Access
from tongxing.services.ports import Clock, Entropy
from tongxing.services.publishing import ProvenRules, PublishingDesk
from tongxing.services.rule_ports import Decided, Proposal, ProposalState, ProposalStore, Prover

PUBLISHING_TRIES: Final = 3
"""So often another bundle may come between while a table is proven and published."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A table that could be published now, proven among the others, and what it changes."""

    table: RuleTable
    file_name: str
    proven: ProvenRules
    differences: tuple[Difference, ...]
    notice: Sentence


class RuleDesk:
    """Takes in proposals of rule tables and decisions on them."""

    def __init__(
        self,
        *,
        publishing: PublishingDesk,
        proposals: ProposalStore,
        prover: Prover,
        access: Access,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._publishing = publishing
        self._proposals = proposals
        self._prover = prover
        self._access = access
        self._clock = clock
        self._entropy = entropy

    async def propose(self, table: bytes, by: str) -> Proposal:
        """Take in a table that the operator ``by`` wants in force; return the proposal once durable.

        Raises ``Refused(RULES_REFUSED)`` with what is wrong, ``RulesRefused`` with a counter-example.
        """
        prepared = await self._prepare(table)
        at = self._clock.now()
        proposal = Proposal(
            proposal_id=self._entropy(8).hex(),
            file_name=prepared.file_name,
            table=table,
            notice=prepared.notice,
            proposed_by=by,
            proposed_at=at,
            expires_at=at + PROPOSAL_LIFE,
        )
        await self._proposals.propose(proposal)
        return proposal

    async def approve(self, proposal_id: str, by: str) -> Proposal:
        """Approve a proposal as the operator ``by`` and publish it; return it with the number of its bundle.

        Raises ``Refused``: ``NOT_FOUND``; ``FORBIDDEN`` (one's own proposal); ``CONFLICT`` (decided otherwise,
        expired, or others published all the time); ``NOTICE_TOO_SHORT``; ``RULES_REFUSED`` where what is in
        force has changed so that the table holds no more.
        """
        proposal = await self._undecided(proposal_id, by, ProposalState.APPROVED)
        if proposal.bundle_number is not None:
            return proposal
        if await self._access.find_hand(by) == await self._access.find_hand(proposal.proposed_by):
            raise Refused(ProblemId.FORBIDDEN, "a table is approved by another operator than the one who proposed it")
        for tried in range(PUBLISHING_TRIES):
            prepared = await self._prepare(proposal.table)
            at = self._clock.now()
            if proposal.decided is None:
                check_notice_period(prepared.table, prepared.differences, at)
                await self._undecided(proposal_id, by, ProposalState.APPROVED)  # proving took its time
                decided = Decided(ProposalState.APPROVED, by, at)
                proposal = await self._proposals.decide(proposal_id, decided, prepared.notice)
            try:
                bundle = await self._publishing.publish_rules(prepared.proven)
            except Refused as refused:
                if refused.problem is not ProblemId.CONFLICT or tried == PUBLISHING_TRIES - 1:
                    raise
                continue
            await self._proposals.carry(proposal_id, bundle.number)
            return replace(proposal, bundle_number=bundle.number)
        raise LookupError("the last try returns or raises")

    async def reject(self, proposal_id: str, by: str, why: str) -> Proposal:
        """Reject a proposal; its own proposer may take it back so. Raises ``Refused``: ``NOT_FOUND``, ``CONFLICT``."""
        await self._undecided(proposal_id, by, ProposalState.REJECTED)
        return await self._proposals.decide(proposal_id, Decided(ProposalState.REJECTED, by, self._clock.now(), why))

    async def find(self, proposal_id: str) -> Proposal:
        """Return a proposal. Raises ``Refused(NOT_FOUND)``."""
        proposal = await self._proposals.find(proposal_id)
        if proposal is None:
            raise Refused(ProblemId.NOT_FOUND, "there is no such proposal")
        return proposal

    async def list(self, limit: int, *, with_tables: bool = True) -> tuple[Proposal, ...]:
        """Return the newest proposals first, their ``table`` empty if not wanted."""
        return await self._proposals.list(limit, with_tables=with_tables)

    async def _undecided(self, proposal_id: str, by: str, state: ProposalState) -> Proposal:
        """Return a proposal that can be decided so, or was by the same operator. Raises ``NOT_FOUND``, ``CONFLICT``."""
        proposal = await self.find(proposal_id)
        if proposal.decided is None:
            if self._clock.now() >= proposal.expires_at:
                raise Refused(ProblemId.CONFLICT, f"this proposal expired on {proposal.expires_at:%Y-%m-%d %H:%M}Z")
        elif (proposal.decided.state, proposal.decided.by) != (state, by):
            raise Refused(ProblemId.CONFLICT, f"this proposal was {proposal.decided.state} by {proposal.decided.by}")
        return proposal

    async def _prepare(self, data: bytes) -> Prepared:
        table = parse_rule_table(data)
        in_force = await self._publishing.rules_in_force()
        file_name = file_name_of(parse_rule_book(in_force), table)
        proven = await self._publishing.prove_rules({file_name: data})
        since = beijing_day(self._clock.now())
        differences = await self._prover.compare(in_force, proven.files, since)
        return Prepared(table, file_name, proven, differences, write_notice(table, differences))


def check_notice_period(table: RuleTable, differences: tuple[Difference, ...], at: datetime) -> None:
    """Raise ``Refused(NOTICE_TOO_SHORT)`` if something changes sooner than ``NOTICE_PERIOD`` after ``at``."""
    first = first_day(differences)
    if table.urgent is not None or first is None:
        return
    if datetime.combine(first, time(), BEIJING) < at + NOTICE_PERIOD:
        earliest = beijing_day(at + NOTICE_PERIOD - timedelta(microseconds=1)) + timedelta(days=1)
        raise Refused(
            ProblemId.NOTICE_TOO_SHORT,
            f"it changes something on {first.isoformat()}, and {earliest.isoformat()} is the first day that can be "
            "announced in time, unless the table's head says with `urgent` why it cannot wait: "
            f"{differences[0].sentence.en}",
        )
