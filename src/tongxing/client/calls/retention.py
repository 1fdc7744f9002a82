"""The calls of the kind `retention`. Written by `make docs` from the table of routes: edit there."""

from tongxing.api.retention_calls import (
    DeletionReportsAnswer,
    DeletionReportsQuery,
    RetentionAnswer,
)
from tongxing.client.calling import Calls


class RetentionCalls(Calls):
    """The methods of the kind `retention`."""

    async def tell_retention(self) -> RetentionAnswer:
        """Tell everybody what this node keeps, what for and how long."""
        return await self.fetch(
            RetentionAnswer,
            "GET",
            "/v1/retention",
        )

    async def list_deletion_reports(
        self,
        query: DeletionReportsQuery | None = None,
    ) -> DeletionReportsAnswer:
        """Hand an operator, and through them an auditor, the signed reports of what was deleted."""
        return await self.fetch(
            DeletionReportsAnswer,
            "GET",
            "/v1/deletion-reports",
            query=query,
        )
