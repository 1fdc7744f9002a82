"""The calls of the kind `federation`. Written by `make docs` from the table of routes: edit there."""

from tongxing.api.messages import (
    CodeAnswer,
    ConsultationMessage,
    CountAnswer,
    DeclarationAnswer,
    DeclarationMessage,
    EvidenceMessage,
    FederationExplanationMessage,
    NationalCodeMessage,
)
from tongxing.client.calling import Calls
from tongxing.recognition.views import CitizenView


class FederationCalls(Calls):
    """The methods of the kind `federation`."""

    async def answer_consultation(
        self,
        body: ConsultationMessage,
    ) -> bytes:
        """Say what other regions report of whoever is sealed in a consultation, signed for the calling region."""
        return await self.fetch_bytes(
            "POST",
            "/v1/consultations",
            body=body,
        )

    async def explain_federation_verdict(
        self,
        body: FederationExplanationMessage,
    ) -> CitizenView:
        """Explain a verdict given anywhere on one of the federation's own codes, to the gateway of who showed it."""
        return await self.fetch(
            CitizenView,
            "POST",
            "/v1/federation-explanations",
            body=body,
        )

    async def make_national_code(
        self,
        body: NationalCodeMessage,
    ) -> CodeAnswer:
        """Make a national code of the federation for a gateway's citizen, shown for about a minute."""
        return await self.fetch(
            CodeAnswer,
            "POST",
            "/v1/national-codes",
            body=body,
        )

    async def take_in_declaration(
        self,
        body: DeclarationMessage,
    ) -> DeclarationAnswer:
        """Take in a declaration of stays or of health that a gateway hands in for its citizen."""
        return await self.fetch(
            DeclarationAnswer,
            "POST",
            "/v1/declarations",
            body=body,
        )

    async def take_in_evidence(
        self,
        body: EvidenceMessage,
    ) -> CountAnswer:
        """Take in an authority's cases, contacts, entries and proofs."""
        return await self.fetch(
            CountAnswer,
            "POST",
            "/v1/evidence",
            body=body,
        )
