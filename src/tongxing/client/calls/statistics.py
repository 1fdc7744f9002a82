"""The calls of the kind `statistics`. Written by `make docs` from the table of routes: edit there."""

from urllib.parse import quote

from tongxing.api.statistics_messages import (
    PassageCountsMessage,
    StatisticsAnswer,
    StatisticsQuery,
)
from tongxing.client.calling import Calls


class StatisticsCalls(Calls):
    """The methods of the kind `statistics`."""

    async def take_in_passage_counts(
        self,
        body: PassageCountsMessage,
    ) -> None:
        """Keep the calling region's counts of one day in place of what it told before."""
        await self.fetch_bytes(
            "POST",
            "/v1/passage-counts",
            body=body,
        )

    async def tell_statistics(
        self,
        query: StatisticsQuery | None = None,
    ) -> StatisticsAnswer:
        """Tell an operator the counts of a day by region, level, cause, origin and reason."""
        return await self.fetch(
            StatisticsAnswer,
            "GET",
            "/v1/statistics",
            query=query,
        )

    async def tell_statistics_table(
        self,
        table: str,
        query: StatisticsQuery | None = None,
    ) -> bytes:
        """Tell one table of a day as CSV: the same numbers, an empty field where one is withheld."""
        return await self.fetch_bytes(
            "GET",
            f"/v1/statistics/{quote(table, safe='')}",
            query=query,
        )
