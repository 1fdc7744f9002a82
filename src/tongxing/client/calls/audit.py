"""The calls of the kind `audit`. Written by `make docs` from the table of routes: edit there."""

from tongxing.api.audit_calls import (
    LookCountsAnswer,
    LookCountsQuery,
)
from tongxing.client.calling import Calls


class AuditCalls(Calls):
    """The methods of the kind `audit`."""

    async def tell_look_counts(
        self,
        query: LookCountsQuery | None = None,
    ) -> LookCountsAnswer:
        """Tell who has looked, how often and what for: at the hub all regions' looks, at a gateway its own."""
        return await self.fetch(
            LookCountsAnswer,
            "GET",
            "/v1/look-counts",
            query=query,
        )
