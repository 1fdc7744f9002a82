"""The calls of the kind `rule`. Written by `make docs` from the table of routes: edit there."""

from urllib.parse import quote

from tongxing.api.rule_messages import (
    ExceptionsAnswer,
    NoticesAnswer,
    PlaceQuery,
    ProposalAnswer,
    ProposalsAnswer,
    ProposalsQuery,
    ReadingAnswer,
    RejectionMessage,
    RulesAnswer,
    TableAnswer,
    TrialAnswer,
    TrialMessage,
)
from tongxing.client.calling import Calls


class RuleCalls(Calls):
    """The methods of the kind `rule`."""

    async def tell_rules(self) -> RulesAnswer:
        """Return whose rule tables are in force and which are to come."""
        return await self.fetch(
            RulesAnswer,
            "GET",
            "/v1/rules",
        )

    async def tell_table(
        self,
        region: str,
        query: PlaceQuery | None = None,
    ) -> TableAnswer:
        """Return the table of a region, or of one of its sites, that is in force on a day, row by row."""
        return await self.fetch(
            TableAnswer,
            "GET",
            f"/v1/rules/{quote(region, safe='')}",
            query=query,
        )

    async def tell_exceptions(self) -> ExceptionsAnswer:
        """Return the public register of exceptions to the national floor."""
        return await self.fetch(
            ExceptionsAnswer,
            "GET",
            "/v1/exceptions",
        )

    async def tell_notices(self) -> NoticesAnswer:
        """Return the public notices of the newest changes of rules."""
        return await self.fetch(
            NoticesAnswer,
            "GET",
            "/v1/rule-notices",
        )

    async def try_rules(
        self,
        body: TrialMessage,
    ) -> TrialAnswer:
        """Try a table out: whom it lets through, the proof's answer, the notice. Nothing of it is kept."""
        return await self.fetch(
            TrialAnswer,
            "POST",
            "/v1/rule-trials",
            body=body,
        )

    async def read_table(
        self,
        body: bytes,
        media_type: str = "application/toml",
    ) -> ReadingAnswer:
        """Return what stands in a rule table (TOML), for a form and in words. Nothing of it is kept or proven."""
        return await self.fetch(
            ReadingAnswer,
            "POST",
            "/v1/rule-readings",
            body=body,
            media_type=media_type,
        )

    async def propose_rules(
        self,
        body: bytes,
        media_type: str = "application/toml",
    ) -> ProposalAnswer:
        """Propose a rule table (TOML); refused with a counter-example if it breaks a law."""
        return await self.fetch(
            ProposalAnswer,
            "POST",
            "/v1/rule-proposals",
            body=body,
            media_type=media_type,
        )

    async def list_proposals(
        self,
        query: ProposalsQuery | None = None,
    ) -> ProposalsAnswer:
        """Return the newest proposals."""
        return await self.fetch(
            ProposalsAnswer,
            "GET",
            "/v1/rule-proposals",
            query=query,
        )

    async def tell_proposal(
        self,
        proposal_id: str,
    ) -> ProposalAnswer:
        """Return one proposal."""
        return await self.fetch(
            ProposalAnswer,
            "GET",
            f"/v1/rule-proposals/{quote(proposal_id, safe='')}",
        )

    async def approve_rules(
        self,
        proposal_id: str,
    ) -> ProposalAnswer:
        """Approve another operator's proposal and publish it in the next bundle."""
        return await self.fetch(
            ProposalAnswer,
            "POST",
            f"/v1/rule-proposals/{quote(proposal_id, safe='')}/approval",
        )

    async def reject_rules(
        self,
        proposal_id: str,
        body: RejectionMessage,
    ) -> ProposalAnswer:
        """Reject a proposal, or take one's own back."""
        return await self.fetch(
            ProposalAnswer,
            "POST",
            f"/v1/rule-proposals/{quote(proposal_id, safe='')}/rejection",
            body=body,
        )
