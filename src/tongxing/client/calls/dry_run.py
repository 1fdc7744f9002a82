"""The calls of the kind `dry_run`. Written by `make docs` from the table of routes: edit there."""

from urllib.parse import quote

from tongxing.api.dry_run_messages import (
    DryRunAnswer,
    DryRunQuery,
)
from tongxing.client.calling import Calls


class DryRunCalls(Calls):
    """The methods of the kind `dry_run`."""

    async def tell_dry_run(
        self,
        on: str,
        query: DryRunQuery | None = None,
    ) -> DryRunAnswer:
        """Count, for each pair of cities and each kind of place, who passes on a day, with what asked."""
        return await self.fetch(
            DryRunAnswer,
            "GET",
            f"/v1/dry-runs/{quote(on, safe='')}",
            query=query,
        )
