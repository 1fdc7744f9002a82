"""Where links of documents are kept. ``services.ports`` says what every port promises."""

from collections.abc import Sequence
from typing import Protocol

from tongxing.core.person_links import PersonLink
from tongxing.core.subjects import SubjectKeys
from tongxing.services.ports import PutCount


class PersonLinkStore(Protocol):
    """What bodies say of which documents are one person's: by pair and region the newest, tombstones too."""

    async def put_links(self, links: Sequence[PersonLink]) -> PutCount:
        """Take in links, at most ``REPORTS_PER_BATCH_MAX``: all or none.

        For each pair and region the highest revision wins; of one revision the tombstone, then the greater ground.
        Which of a pair comes first makes no difference. Raises Refused: BAD_REQUEST (too many, a wrong key,
        a document linked to itself), CONFLICT where somebody would be said to have more than
        ``PERSON_DOCUMENTS_MAX`` documents by one version of keys.
        """
        ...

    async def links_of(self, keys: SubjectKeys) -> tuple[PersonLink, ...]:
        """Return the newest of each link of one of ``keys`` to another, tombstones too; ``one`` is of ``keys``."""
        ...


class SharedLinks(Protocol):
    """The hub, as a gateway shares links with it. ``Refused(UPSTREAM_AWAY)`` if it cannot be reached."""

    async def share_links(self, links: Sequence[PersonLink], *, timeout_seconds: float) -> None:
        """Hand in this region's own links; durable at the hub when it returns, sent again they count once."""
        ...

    async def links_of(self, keys: SubjectKeys, *, timeout_seconds: float) -> tuple[PersonLink, ...]:
        """Return what any region says of a person's documents now, for that person's own region to tell them."""
        ...
