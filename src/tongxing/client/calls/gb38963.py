"""The calls of the kind `gb38963`. Written by `make docs` from the table of routes: edit there."""

from tongxing.api.gb38963.messages import (
    Answer,
    ApplicationData,
    CallApplication,
    CodeData,
    CodeMaking,
    CodeVerification,
    CorrectionData,
    DeclarationData,
    ErrorCorrection,
    HealthData,
    HealthDeclaration,
    HealthQuery,
    TripDeclaration,
    VerificationData,
)
from tongxing.client.calling import Calls


class Gb38963Calls(Calls):
    """The methods of the kind `gb38963`."""

    async def declare_health(
        self,
        body: HealthDeclaration,
    ) -> Answer[DeclarationData]:
        """(Call 1) Take in what a person declares of their own health."""
        return await self.fetch(
            Answer[DeclarationData],
            "POST",
            "/gb38963/health-declaration",
            body=body,
        )

    async def declare_trips(
        self,
        body: TripDeclaration,
    ) -> Answer[DeclarationData]:
        """(Call 2) Take in where a person was, for the federation's assessor."""
        return await self.fetch(
            Answer[DeclarationData],
            "POST",
            "/gb38963/trip-declaration",
            body=body,
        )

    async def query_health(
        self,
        body: HealthQuery,
    ) -> Answer[HealthData]:
        """(Call 3) Tell a checkpoint what to do, by token or typed document."""
        return await self.fetch(
            Answer[HealthData],
            "POST",
            "/gb38963/health-query",
            body=body,
        )

    async def apply_for_call(
        self,
        body: CallApplication,
    ) -> Answer[ApplicationData]:
        """(Call 4) Issue the serial and random number of one making or one verifying, for the caller alone."""
        return await self.fetch(
            Answer[ApplicationData],
            "POST",
            "/gb38963/call-application",
            body=body,
        )

    async def make_standard_code(
        self,
        body: CodeMaking,
    ) -> Answer[CodeData]:
        """(Call 5) Make a code for one of this region's people, shown for about a minute."""
        return await self.fetch(
            Answer[CodeData],
            "POST",
            "/gb38963/code-making",
            body=body,
        )

    async def verify_standard_code(
        self,
        body: CodeVerification,
    ) -> Answer[VerificationData]:
        """(Call 6) Verify what was scanned; answered once the passage is on disk, with the token of its result."""
        return await self.fetch(
            Answer[VerificationData],
            "POST",
            "/gb38963/code-verification",
            body=body,
        )

    async def correct_error(
        self,
        body: ErrorCorrection,
    ) -> Answer[CorrectionData]:
        """(Call 7) Take in what a person says is wrong, for the region that set it."""
        return await self.fetch(
            Answer[CorrectionData],
            "POST",
            "/gb38963/error-correction",
            body=body,
        )
