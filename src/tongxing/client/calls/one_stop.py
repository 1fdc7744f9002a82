"""The calls of the kind `one_stop`. Written by `make docs` from the table of routes: edit there."""

from tongxing.api.one_stop_messages import (
    HubOneStopAnswer,
    HubOneStopMessage,
    OneStopAnswer,
    OneStopMessage,
)
from tongxing.client.calling import Calls


class OneStopCalls(Calls):
    """The methods of the kind `one_stop`."""

    async def ask_everything(
        self,
        body: OneStopMessage,
    ) -> OneStopAnswer:
        """Tell what is known of a person across all regions and sources, as far as whoever asks may know it."""
        return await self.fetch(
            OneStopAnswer,
            "POST",
            "/v1/one-stop-queries",
            body=body,
        )

    async def tell_my_everything(self) -> OneStopAnswer:
        """Tell the signed-in person what is known of them everywhere, and who has asked."""
        return await self.fetch(
            OneStopAnswer,
            "GET",
            "/v1/my/one-stop",
        )

    async def answer_gateways_query(
        self,
        body: HubOneStopMessage,
    ) -> HubOneStopAnswer:
        """Tell a gateway everything that is known of a person; the look is recorded before."""
        return await self.fetch(
            HubOneStopAnswer,
            "POST",
            "/v1/person-queries",
            body=body,
        )
