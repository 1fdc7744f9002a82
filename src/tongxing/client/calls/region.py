"""The calls of the kind `region`. Written by `make docs` from the table of routes: edit there."""

from urllib.parse import quote

from tongxing.api.region_messages import (
    AcceptanceAnswer,
    DayQuery,
    DifferencesAnswer,
    RegionAnswer,
    RegionsAnswer,
    TwoDaysQuery,
)
from tongxing.client.calling import Calls


class RegionCalls(Calls):
    """The methods of the kind `region`."""

    async def tell_regions(
        self,
        query: DayQuery | None = None,
    ) -> RegionsAnswer:
        """Return every region that is known, as it was on a day."""
        return await self.fetch(
            RegionsAnswer,
            "GET",
            "/v1/regions",
            query=query,
        )

    async def tell_region(
        self,
        region: str,
        query: DayQuery | None = None,
    ) -> RegionAnswer:
        """Return what holds of a region on a day: its statuses, what they mean, and on what evidence."""
        return await self.fetch(
            RegionAnswer,
            "GET",
            f"/v1/regions/{quote(region, safe='')}",
            query=query,
        )

    async def compare_regions(
        self,
        region: str,
        other: str,
        query: TwoDaysQuery | None = None,
    ) -> DifferencesAnswer:
        """Return what two regions say differently, or one on two days."""
        return await self.fetch(
            DifferencesAnswer,
            "GET",
            f"/v1/regions/{quote(region, safe='')}/differences/{quote(other, safe='')}",
            query=query,
        )

    async def tell_acceptance(
        self,
        issuer: str,
        host: str,
        query: DayQuery | None = None,
    ) -> AcceptanceAnswer:
        """Return as what one region's code is accepted at another on a day, by the rules in force."""
        return await self.fetch(
            AcceptanceAnswer,
            "GET",
            f"/v1/acceptance/{quote(issuer, safe='')}/{quote(host, safe='')}",
            query=query,
        )
