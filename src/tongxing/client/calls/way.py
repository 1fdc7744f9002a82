"""The calls of the kind `way`. Written by `make docs` from the table of routes: edit there."""

from urllib.parse import quote

from tongxing.api.way_messages import (
    CarriedStatementAnswer,
    CarriedStatementMessage,
    ConversionAnswer,
    ConversionMessage,
    DocumentScanMessage,
    LookQueryMessage,
    LooksAnswer,
    PrintedCodeAnswer,
    PrintedCodeMessage,
    RecognitionAnswer,
    RecognitionMessage,
)
from tongxing.client.calling import Calls
from tongxing.recognition.views import GuardView
from tongxing.services.way_ports import ConversionStatementRequest


class WayCalls(Calls):
    """The methods of the kind `way`."""

    async def recognise_visitor(
        self,
        body: RecognitionMessage,
    ) -> RecognitionAnswer:
        """Tell the region's own system what other regions say of a visitor (way 1); recorded as a look."""
        return await self.fetch(
            RecognitionAnswer,
            "POST",
            "/v1/recognitions",
            body=body,
        )

    async def convert_code(
        self,
        body: ConversionMessage,
    ) -> ConversionAnswer:
        """Convert a visitor's code into this region's (way 2), with the visitor's consent."""
        return await self.fetch(
            ConversionAnswer,
            "POST",
            "/v1/conversions",
            body=body,
        )

    async def display_conversion(
        self,
        conversion_id: str,
    ) -> ConversionAnswer:
        """Show a converted code: its source is evaluated anew."""
        return await self.fetch(
            ConversionAnswer,
            "POST",
            f"/v1/conversions/{quote(conversion_id, safe='')}/display",
        )

    async def make_conversion_statement(
        self,
        body: ConversionStatementRequest,
    ) -> bytes:
        """State what this region says of one of its people, for the asking region to convert."""
        return await self.fetch_bytes(
            "POST",
            "/v1/conversion-statements",
            body=body,
        )

    async def make_carried_statement(
        self,
        body: CarriedStatementMessage,
    ) -> CarriedStatementAnswer:
        """Make a statement for one of this region's people to carry to another region."""
        return await self.fetch(
            CarriedStatementAnswer,
            "POST",
            "/v1/carried-statements",
            body=body,
        )

    async def verify_document(
        self,
        body: DocumentScanMessage,
    ) -> GuardView:
        """Decide on a person without a phone by the document that the guard has typed; recorded as a look."""
        return await self.fetch(
            GuardView,
            "POST",
            "/v1/verifications/document",
            body=body,
        )

    async def issue_printed_code(
        self,
        body: PrintedCodeMessage,
    ) -> PrintedCodeAnswer:
        """Issue a printed code, which carries no status; an earlier one counts no more."""
        return await self.fetch(
            PrintedCodeAnswer,
            "POST",
            "/v1/printed-codes",
            body=body,
        )

    async def tell_looks(
        self,
        body: LookQueryMessage,
    ) -> LooksAnswer:
        """Tell a signed-in person who has looked them up, here and in other regions."""
        return await self.fetch(
            LooksAnswer,
            "POST",
            "/v1/looks",
            body=body,
        )
