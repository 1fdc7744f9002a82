"""The calls of the kind `look`. Written by `make docs` from the table of routes: edit there."""

from tongxing.api.messages import ReportQueryMessage
from tongxing.api.way_messages import (
    SharedLookAnswer,
    SharedLookMessage,
    SharedLooksAnswer,
)
from tongxing.client.calling import Calls


class LookCalls(Calls):
    """The methods of the kind `look`."""

    async def take_in_look(
        self,
        body: SharedLookMessage,
    ) -> SharedLookAnswer:
        """Take in a look that was made in the caller's region; acknowledged once durable."""
        return await self.fetch(
            SharedLookAnswer,
            "POST",
            "/v1/shared-looks",
            body=body,
        )

    async def query_looks(
        self,
        body: ReportQueryMessage,
    ) -> SharedLooksAnswer:
        """Return who has looked at a subject in any region, for that subject's own region to tell them."""
        return await self.fetch(
            SharedLooksAnswer,
            "POST",
            "/v1/look-queries",
            body=body,
        )
