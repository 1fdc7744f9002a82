"""The calls of the kind `digest`. Written by `make docs` from the table of routes: edit there."""

from urllib.parse import quote

from tongxing.api.digest_calls import (
    DigestAnswer,
    DigestMessage,
    DigestPageAnswer,
    DigestPageQuery,
)
from tongxing.client.calling import Calls


class DigestCalls(Calls):
    """The methods of the kind `digest`."""

    async def publish_digest(
        self,
        body: DigestMessage,
    ) -> DigestAnswer:
        """Publish the digest of a statement for today; the same again stays where it is."""
        return await self.fetch(
            DigestAnswer,
            "POST",
            "/v1/carried-digests",
            body=body,
        )

    async def tell_digests(
        self,
        day: str,
        query: DigestPageQuery | None = None,
    ) -> DigestPageAnswer:
        """Tell the digests of a day behind a position, some ten thousand at most."""
        return await self.fetch(
            DigestPageAnswer,
            "GET",
            f"/v1/carried-digests/{quote(day, safe='')}",
            query=query,
        )
