"""The calls of the kind `transit`. Written by `make docs` from the table of routes: edit there."""

from urllib.parse import quote

from tongxing.api.transit_messages import (
    TransitPassAnswer,
    TransitPassMessage,
)
from tongxing.client.calling import Calls


class TransitCalls(Calls):
    """The methods of the kind `transit`."""

    async def make_transit_pass(
        self,
        body: TransitPassMessage,
    ) -> TransitPassAnswer:
        """Make a transit pass for one of this region's drivers with one vehicle on one route."""
        return await self.fetch(
            TransitPassAnswer,
            "POST",
            "/v1/transit-passes",
            body=body,
        )

    async def withdraw_transit_pass(
        self,
        pass_id: str,
    ) -> None:
        """Withdraw a transit pass that was made here, for good."""
        await self.fetch_bytes(
            "POST",
            f"/v1/transit-passes/{quote(pass_id, safe='')}/withdrawal",
        )
