"""The calls of the kind `risk`. Written by `make docs` from the table of routes: edit there."""

from tongxing.api.risk_messages import (
    RiskAtQuery,
    RiskLevelsAnswer,
    RiskListAnswer,
    RiskMapAnswer,
    RiskPlaceQuery,
)
from tongxing.client.calling import Calls


class RiskCalls(Calls):
    """The methods of the kind `risk`."""

    async def publish_risk_list(
        self,
        body: bytes,
    ) -> RiskListAnswer:
        """Import the platform's risk list as it answered it, and publish it; every entry is placed, none dropped."""
        return await self.fetch(
            RiskListAnswer,
            "POST",
            "/v1/risk-lists",
            body=body,
        )

    async def publish_level_table(
        self,
        body: bytes,
        media_type: str = "text/csv",
    ) -> RiskListAnswer:
        """Import a table of levels computed from case counts (CSV), and publish it."""
        return await self.fetch(
            RiskListAnswer,
            "POST",
            "/v1/risk-level-tables",
            body=body,
            media_type=media_type,
        )

    async def tell_risk_map(
        self,
        query: RiskAtQuery | None = None,
    ) -> RiskMapAnswer:
        """Return the risk of every province and city at a moment: two digits, four."""
        return await self.fetch(
            RiskMapAnswer,
            "GET",
            "/v1/risk-map",
            query=query,
        )

    async def tell_risk_levels(
        self,
        query: RiskPlaceQuery,
    ) -> RiskLevelsAnswer:
        """Return the level of a division, street or named community at a moment, since when, and who says so."""
        return await self.fetch(
            RiskLevelsAnswer,
            "GET",
            "/v1/risk-levels",
            query=query,
        )
