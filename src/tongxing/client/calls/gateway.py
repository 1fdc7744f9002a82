"""The calls of the kind `gateway`. Written by `make docs` from the table of routes: edit there."""

from urllib.parse import quote

from tongxing.api.guard_words import (
    PictureMessage,
    ScanMessage,
)
from tongxing.api.messages import (
    CodeAnswer,
    CodeMessage,
    DockedReportsMessage,
    EndingMessage,
    ExplanationMessage,
    SessionAnswer,
    TicketAnswer,
)
from tongxing.client.calling import Calls
from tongxing.recognition.views import (
    AuditorView,
    CitizenView,
    EndingView,
    GuardView,
)
from tongxing.services.docking import Docked
from tongxing.services.peers import (
    SharedVerdict,
    StatementRequest,
)


class GatewayCalls(Calls):
    """The methods of the kind `gateway`."""

    async def verify_scan(
        self,
        body: ScanMessage,
    ) -> GuardView:
        """Decide on what was scanned; answered once the passage is on disk."""
        return await self.fetch(
            GuardView,
            "POST",
            "/v1/verifications",
            body=body,
        )

    async def verify_picture(
        self,
        body: PictureMessage,
    ) -> GuardView:
        """Decide on the QR code in a picture file."""
        return await self.fetch(
            GuardView,
            "POST",
            "/v1/verifications/picture",
            body=body,
        )

    async def open_session(self) -> SessionAnswer:
        """Open a session for a device that has just proven its key."""
        return await self.fetch(
            SessionAnswer,
            "POST",
            "/v1/sessions",
        )

    async def make_statement(
        self,
        body: StatementRequest,
    ) -> bytes:
        """State what this region says of whoever shows a code, for the asking region and this query only."""
        return await self.fetch_bytes(
            "POST",
            "/v1/statements",
            body=body,
        )

    async def tell_citizen_view(
        self,
        ref: str,
    ) -> SharedVerdict:
        """Share the citizen's view with the gateway of whoever issued the code; with an operator if nobody did."""
        return await self.fetch(
            SharedVerdict,
            "GET",
            f"/v1/verdicts/{quote(ref, safe='')}/citizen",
        )

    async def tell_trail(
        self,
        ref: str,
    ) -> AuditorView:
        """Return the trail of stages of a verdict, without identity."""
        return await self.fetch(
            AuditorView,
            "GET",
            f"/v1/verdicts/{quote(ref, safe='')}/trail",
        )

    async def end_referral(
        self,
        ref: str,
        body: EndingMessage,
    ) -> EndingView:
        """Record how a REFER ended in the manual lane, once; answered once it is on disk."""
        return await self.fetch(
            EndingView,
            "POST",
            f"/v1/verdicts/{quote(ref, safe='')}/ending",
            body=body,
        )

    async def explain_verdict(
        self,
        body: ExplanationMessage,
    ) -> CitizenView:
        """Explain a verdict given anywhere to the citizen whose code it was given on."""
        return await self.fetch(
            CitizenView,
            "POST",
            "/v1/explanations",
            body=body,
        )

    async def issue_ticket(self) -> TicketAnswer:
        """Issue a ticket for making one national code or one transit pass."""
        return await self.fetch(
            TicketAnswer,
            "POST",
            "/v1/tickets",
        )

    async def make_code(
        self,
        body: CodeMessage,
    ) -> CodeAnswer:
        """Make a national code for one of this region's people, shown for about a minute."""
        return await self.fetch(
            CodeAnswer,
            "POST",
            "/v1/codes",
            body=body,
        )

    async def dock_reports(
        self,
        body: DockedReportsMessage,
    ) -> Docked:
        """Take in a batch of the back end's rows; acknowledged once durable here and at the hub."""
        return await self.fetch(
            Docked,
            "POST",
            "/v1/docked-reports",
            body=body,
        )
