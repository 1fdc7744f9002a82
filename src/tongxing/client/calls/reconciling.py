"""The calls of the kind `reconciling`. Written by `make docs` from the table of routes: edit there."""

from urllib.parse import quote

from tongxing.api.reconciling_messages import (
    ReconciliationAnswer,
    ReconciliationMessage,
    StretchAnswer,
    StretchMessage,
)
from tongxing.client.calling import Calls


class ReconcilingCalls(Calls):
    """The methods of the kind `reconciling`."""

    async def reconcile(
        self,
        body: ReconciliationMessage,
    ) -> ReconciliationAnswer:
        """Compare a stretch of what is held here with what the hub holds, and queue it again where that is asked."""
        return await self.fetch(
            ReconciliationAnswer,
            "POST",
            "/v1/reconciliations",
            body=body,
        )

    async def sum_own_dataset(
        self,
        dataset: str,
        body: StretchMessage,
    ) -> StretchAnswer:
        """Return counts and digests by day of what the hub holds of the calling owner's dataset."""
        return await self.fetch(
            StretchAnswer,
            "POST",
            f"/v1/datasets/{quote(dataset, safe='')}/sums",
            body=body,
        )

    async def sum_reports(
        self,
        body: StretchMessage,
    ) -> StretchAnswer:
        """Return counts and digests by day of what the hub holds of the calling region, for a stretch of subjects."""
        return await self.fetch(
            StretchAnswer,
            "POST",
            "/v1/report-sums",
            body=body,
        )
