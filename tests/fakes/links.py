"""A gateway that says nothing of whose documents are whose."""

from collections.abc import Sequence

from tongxing.core.person_links import LinkGround, PersonDocuments
from tongxing.core.subjects import SubjectKeys
from tongxing.services.person_documents import Linked, NamedDocument


class _SaysNothing:
    async def say_one_person(
        self, documents: Sequence[NamedDocument], ground: LinkGround, *, is_whole: bool = False
    ) -> Linked:
        raise AssertionError(f"nothing is said here of {len(documents)} documents ({ground}, {is_whole})")

    async def documents_of(self, keys: SubjectKeys) -> PersonDocuments:
        return PersonDocuments((keys,))


NOBODY_LINKS = _SaysNothing()
