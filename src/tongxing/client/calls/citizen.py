"""The calls of the kind `citizen`. Written by `make docs` from the table of routes: edit there."""

from urllib.parse import quote

from tongxing.api.citizen_messages import (
    ConsentMessage,
    FamilyAnswer,
    IdentityAnswer,
    InvitationAnswer,
    MyCodeAnswer,
    MyCodeMessage,
    MyDeclarationAnswer,
    MyDeclarationMessage,
    MyExplanationMessage,
    MyReportMessage,
    RelativeAnswer,
    WardMessage,
)
from tongxing.api.way_messages import LooksAnswer
from tongxing.client.calling import Calls
from tongxing.recognition.own_report import OwnReportView
from tongxing.recognition.views import CitizenView


class CitizenCalls(Calls):
    """The methods of the kind `citizen`."""

    async def sign_out(self) -> bytes:
        """End the session."""
        return await self.fetch_bytes(
            "POST",
            "/v1/my/sign-out",
        )

    async def tell_identity(self) -> IdentityAnswer:
        """Tell who has signed in, masked, and the token that goes with whatever changes something."""
        return await self.fetch(
            IdentityAnswer,
            "GET",
            "/v1/my/identity",
        )

    async def make_my_code(
        self,
        body: MyCodeMessage,
    ) -> MyCodeAnswer:
        """Make a national code for the signed-in person or a member of their family, shown for about a minute."""
        return await self.fetch(
            MyCodeAnswer,
            "POST",
            "/v1/my/codes",
            body=body,
        )

    async def explain_to_citizen(
        self,
        body: MyExplanationMessage,
    ) -> CitizenView:
        """Explain a verdict given anywhere on a code that the signed-in person has shown."""
        return await self.fetch(
            CitizenView,
            "POST",
            "/v1/my/explanations",
            body=body,
        )

    async def tell_my_report(
        self,
        body: MyReportMessage,
    ) -> OwnReportView:
        """Tell the signed-in person what is behind their code: why, until when, what clears it."""
        return await self.fetch(
            OwnReportView,
            "POST",
            "/v1/my/report",
            body=body,
        )

    async def declare_stays(
        self,
        body: MyDeclarationMessage,
    ) -> MyDeclarationAnswer:
        """Take in where the signed-in person was, for the federation's assessor."""
        return await self.fetch(
            MyDeclarationAnswer,
            "POST",
            "/v1/my/declarations",
            body=body,
        )

    async def tell_my_looks(self) -> LooksAnswer:
        """Tell the signed-in person who has looked them up, here and in other regions."""
        return await self.fetch(
            LooksAnswer,
            "GET",
            "/v1/my/looks",
        )

    async def tell_family(self) -> FamilyAnswer:
        """Tell whose codes the signed-in person may show, and who may show theirs."""
        return await self.fetch(
            FamilyAnswer,
            "GET",
            "/v1/my/family",
        )

    async def bind_ward(
        self,
        body: WardMessage,
    ) -> RelativeAnswer:
        """Bind a child whose guardian the identity provider says the signed-in person is."""
        return await self.fetch(
            RelativeAnswer,
            "POST",
            "/v1/my/family",
            body=body,
        )

    async def invite_to_family(self) -> InvitationAnswer:
        """Make an invitation by which one adult can let the signed-in person show their code."""
        return await self.fetch(
            InvitationAnswer,
            "POST",
            "/v1/my/family/invitations",
        )

    async def consent_to_family(
        self,
        body: ConsentMessage,
    ) -> RelativeAnswer:
        """Let whoever made an invitation show the signed-in person's code; answers who that is."""
        return await self.fetch(
            RelativeAnswer,
            "POST",
            "/v1/my/family/consents",
            body=body,
        )

    async def end_bond(
        self,
        bond_id: str,
    ) -> None:
        """End a bond, as the one who shows or as the one who is shown."""
        await self.fetch_bytes(
            "DELETE",
            f"/v1/my/family/{quote(bond_id, safe='')}",
        )
