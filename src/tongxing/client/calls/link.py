"""The calls of the kind `link`. Written by `make docs` from the table of routes: edit there."""

from urllib.parse import quote

from tongxing.api.case_messages import CaseAnswer
from tongxing.api.link_messages import (
    LinkedAnswer,
    LinkObjectionMessage,
    MyDocumentsAnswer,
    OnePersonMessage,
    SharedLinksAnswer,
    SharedLinksMessage,
    TakenBackAnswer,
    TwoPersonsMessage,
)
from tongxing.api.messages import (
    CountAnswer,
    ReportQueryMessage,
)
from tongxing.client.calling import Calls


class LinkCalls(Calls):
    """The methods of the kind `link`."""

    async def link_documents(
        self,
        body: OnePersonMessage,
    ) -> LinkedAnswer:
        """Say, at a desk, that documents are one person's; names that differ become a case instead."""
        return await self.fetch(
            LinkedAnswer,
            "POST",
            "/v1/person-links",
            body=body,
        )

    async def unlink_documents(
        self,
        body: TwoPersonsMessage,
    ) -> TakenBackAnswer:
        """Take back, at a desk, that two documents are one person's."""
        return await self.fetch(
            TakenBackAnswer,
            "POST",
            "/v1/person-links/withdrawal",
            body=body,
        )

    async def tell_my_documents(self) -> MyDocumentsAnswer:
        """Tell the signed-in person who says that another document is theirs."""
        return await self.fetch(
            MyDocumentsAnswer,
            "GET",
            "/v1/my/documents",
        )

    async def object_to_link(
        self,
        link_id: str,
        body: LinkObjectionMessage,
    ) -> CaseAnswer:
        """Object to a link: it goes as a case to the region that says it, and stands until that is decided."""
        return await self.fetch(
            CaseAnswer,
            "POST",
            f"/v1/my/documents/{quote(link_id, safe='')}/objection",
            body=body,
        )

    async def take_in_links(
        self,
        body: SharedLinksMessage,
    ) -> CountAnswer:
        """Take in what the caller's region says of documents; acknowledged once durable."""
        return await self.fetch(
            CountAnswer,
            "POST",
            "/v1/shared-links",
            body=body,
        )

    async def query_links(
        self,
        body: ReportQueryMessage,
    ) -> SharedLinksAnswer:
        """Return who says what of a person's documents, for that person's own region to tell them."""
        return await self.fetch(
            SharedLinksAnswer,
            "POST",
            "/v1/link-queries",
            body=body,
        )
