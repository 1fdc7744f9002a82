"""The calls of the kind `ingest`. Written by `make docs` from the table of routes: edit there."""

from urllib.parse import quote

from tongxing.api.ingest_messages import (
    AsideAnswer,
    AsideQuery,
    BatchAnswer,
    BatchQuery,
    CompleteMessage,
    WatermarkAnswer,
)
from tongxing.client.calling import Calls


class IngestCalls(Calls):
    """The methods of the kind `ingest`."""

    async def take_in_batch(
        self,
        dataset: str,
        number: str,
        body: bytes,
        query: BatchQuery | None = None,
        media_type: str = "application/x-ndjson",
    ) -> BatchAnswer:
        """Take in a numbered batch of a dataset's rows; acknowledged once durable, the same again counts once."""
        return await self.fetch(
            BatchAnswer,
            "PUT",
            f"/v1/datasets/{quote(dataset, safe='')}/batches/{quote(number, safe='')}",
            body=body,
            query=query,
            media_type=media_type,
        )

    async def tell_batch(
        self,
        dataset: str,
        number: str,
    ) -> BatchAnswer:
        """Return what became of a batch of the caller's."""
        return await self.fetch(
            BatchAnswer,
            "GET",
            f"/v1/datasets/{quote(dataset, safe='')}/batches/{quote(number, safe='')}",
        )

    async def tell_set_aside(
        self,
        dataset: str,
        number: str,
        query: AsideQuery | None = None,
    ) -> AsideAnswer:
        """Return the rows of a batch of the caller's that were set aside, each with its reason."""
        return await self.fetch(
            AsideAnswer,
            "GET",
            f"/v1/datasets/{quote(dataset, safe='')}/batches/{quote(number, safe='')}/set-aside",
            query=query,
        )

    async def say_complete(
        self,
        dataset: str,
        body: CompleteMessage,
    ) -> WatermarkAnswer:
        """Take a sender's word that everything which it held at a moment has been sent."""
        return await self.fetch(
            WatermarkAnswer,
            "POST",
            f"/v1/datasets/{quote(dataset, safe='')}/watermark",
            body=body,
        )

    async def tell_watermark(
        self,
        dataset: str,
    ) -> WatermarkAnswer:
        """Return how far the caller is by what the hub holds."""
        return await self.fetch(
            WatermarkAnswer,
            "GET",
            f"/v1/datasets/{quote(dataset, safe='')}/watermark",
        )
