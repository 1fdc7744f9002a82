"""The calls of the kind `freshness`. Written by `make docs` from the table of routes: edit there."""

from tongxing.api.freshness_calls import (
    DatasetDirectoryAnswer,
    FederationStatusAnswer,
)
from tongxing.client.calling import Calls


class FreshnessCalls(Calls):
    """The methods of the kind `freshness`."""

    async def tell_dataset_directory(self) -> DatasetDirectoryAnswer:
        """Tell an operator of each dataset its owner, promise, lag and last batch with its counts."""
        return await self.fetch(
            DatasetDirectoryAnswer,
            "GET",
            "/v1/dataset-directory",
        )

    async def tell_federation_status(self) -> FederationStatusAnswer:
        """Tell everybody which dataset keeps its promise of freshness."""
        return await self.fetch(
            FederationStatusAnswer,
            "GET",
            "/v1/federation-status",
        )
