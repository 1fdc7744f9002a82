"""The calls of the kind `pairing`. Written by `make docs` from the table of routes: edit there."""

from tongxing.api.pairing_calls import (
    DirectoryAnswer,
    PairedAnswer,
    PairingAnswer,
    PairingMessage,
    RedeemMessage,
)
from tongxing.client.calling import Calls


class PairingCalls(Calls):
    """The methods of the kind `pairing`."""

    async def offer_pairing(
        self,
        body: PairingMessage,
    ) -> PairingAnswer:
        """Offer to enrol the key of a page, once, within minutes."""
        return await self.fetch(
            PairingAnswer,
            "POST",
            "/v1/pairings",
            body=body,
        )

    async def redeem_pairing(
        self,
        body: RedeemMessage,
    ) -> PairedAnswer:
        """Enrol the key of whoever brings a pairing's code."""
        return await self.fetch(
            PairedAnswer,
            "POST",
            "/v1/pairings/redeemed",
            body=body,
        )

    async def tell_directory(self) -> DirectoryAnswer:
        """Return the directory of the bundle in force."""
        return await self.fetch(
            DirectoryAnswer,
            "GET",
            "/v1/directory",
        )
