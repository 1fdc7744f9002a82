"""Which documents are one person's: versions of a document's key, and what bodies say of several documents.

Whoever asks about a person by one document is answered with what is held under all of them. A link reaches no
further than ``PERSON_DOCUMENTS_MAX`` documents, the nearest first: what a store took in apart, because a rotation of
the secret came between, never makes one question a long one.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tongxing.core.person_links import PERSON_DOCUMENTS_MAX, LinkGround, PersonDocuments, PersonLink
from tongxing.core.subjects import Document, SubjectKeys
from tongxing.services.link_ports import PersonLinkStore
from tongxing.services.ports import SubjectLinkStore


@dataclass(frozen=True, slots=True)
class DocumentBook:
    """What one node knows of whose documents are whose."""

    versions: SubjectLinkStore
    links: PersonLinkStore

    async def documents_of(self, keys: SubjectKeys) -> PersonDocuments:
        """Return all documents of whoever has ``keys``, the asked one first, and the links that say so."""
        asked = await self.versions.linked(keys)
        documents, waiting, seen = [asked], deque([asked]), set(asked)
        standing: list[PersonLink] = []
        while waiting and len(documents) < PERSON_DOCUMENTS_MAX:
            for link in await self.links.links_of(waiting.popleft()):
                if link.retracted:
                    continue
                standing.append(link)
                if link.other in seen or len(documents) == PERSON_DOCUMENTS_MAX:
                    continue
                other = await self.versions.linked((link.other,))
                seen.update(other)
                documents.append(other)
                waiting.append(other)
        return PersonDocuments(tuple(documents), tuple(standing))


@dataclass(frozen=True, slots=True, repr=False)
class NamedDocument:
    """A document with the name that its register has; None where that is not known."""

    document: Document
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """What became of a statement: how many links stand by it, and the numbers of the cases that names opened."""

    standing: int
    cases: tuple[str, ...] = ()


class LinkSayer(Protocol):
    """Whoever says for a region that documents are one person's; ``services.person_links`` has the promises."""

    async def say_one_person(
        self, documents: Sequence[NamedDocument], ground: LinkGround, *, is_whole: bool = False
    ) -> Linked:
        """Link the first document to each other one."""
        ...

    async def documents_of(self, keys: SubjectKeys) -> PersonDocuments:
        """Return all documents of whoever has ``keys``, as far as this region says so itself."""
        ...
