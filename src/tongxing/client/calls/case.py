"""The calls of the kind `case`. Written by `make docs` from the table of routes: edit there."""

from urllib.parse import quote

from tongxing.api.case_messages import (
    CaseAnswer,
    CaseCountsAnswer,
    CaseDecisionMessage,
    CaseExaminationAnswer,
    CaseListQuery,
    CasesAnswer,
    MyCaseMessage,
    OpenCaseMessage,
)
from tongxing.client.calling import Calls
from tongxing.services.case_messages import (
    CaseMessage,
    StepsMessage,
)


class CaseCalls(Calls):
    """The methods of the kind `case`."""

    async def open_case(
        self,
        body: OpenCaseMessage,
    ) -> CaseAnswer:
        """Open a case for somebody at a desk, or for the region's own system."""
        return await self.fetch(
            CaseAnswer,
            "POST",
            "/v1/cases",
            body=body,
        )

    async def open_my_case(
        self,
        body: MyCaseMessage,
    ) -> CaseAnswer:
        """Open a case of the signed-in person's; acknowledged with its number once it is durable."""
        return await self.fetch(
            CaseAnswer,
            "POST",
            "/v1/my/cases",
            body=body,
        )

    async def tell_my_cases(self) -> CasesAnswer:
        """Tell the signed-in person their cases and their children's, each with its clock and what happened to it."""
        return await self.fetch(
            CasesAnswer,
            "GET",
            "/v1/my/cases",
        )

    async def withdraw_my_case(
        self,
        number: str,
    ) -> CaseAnswer:
        """Take back a case of one's own that is not decided."""
        return await self.fetch(
            CaseAnswer,
            "POST",
            f"/v1/my/cases/{quote(number, safe='')}/withdrawal",
        )

    async def take_in_case(
        self,
        body: CaseMessage,
    ) -> StepsMessage:
        """Take in a case that another region tells; answer with what is known of it here."""
        return await self.fetch(
            StepsMessage,
            "POST",
            "/v1/forwarded-cases",
            body=body,
        )

    async def list_cases(
        self,
        query: CaseListQuery | None = None,
    ) -> CasesAnswer:
        """List what is to be decided here, by when it is due; at the hub what was escalated too."""
        return await self.fetch(
            CasesAnswer,
            "GET",
            "/v1/cases",
            query=query,
        )

    async def examine_case(
        self,
        number: str,
    ) -> CaseExaminationAnswer:
        """Tell an operator who a case is about; the person sees that it was taken up."""
        return await self.fetch(
            CaseExaminationAnswer,
            "POST",
            f"/v1/cases/{quote(number, safe='')}/examination",
        )

    async def decide_case(
        self,
        number: str,
        body: CaseDecisionMessage,
    ) -> CaseAnswer:
        """Decide a case that is this region's to decide, for good."""
        return await self.fetch(
            CaseAnswer,
            "POST",
            f"/v1/cases/{quote(number, safe='')}/decision",
            body=body,
        )

    async def count_cases(self) -> CaseCountsAnswer:
        """Tell everybody how many cases each region has, had and has let wait."""
        return await self.fetch(
            CaseCountsAnswer,
            "GET",
            "/v1/case-counts",
        )
