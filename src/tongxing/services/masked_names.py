"""Masked names at the hub: what of a name may be shown, sealed, and kept apart from all that is said of a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tongxing.core.masking import mask_name
from tongxing.core.subjects import SubjectKeys
from tongxing.services.dataset_ports import SealedName, SealedNameStore
from tongxing.services.person_documents import DocumentBook
from tongxing.services.sealed_records import SealedRecords


@dataclass(frozen=True, slots=True)
class MaskedNames:
    """Seals and opens them; no whole name is ever kept."""

    store: SealedNameStore
    sealed: SealedRecords
    documents: DocumentBook

    async def keep(self, names: Iterable[tuple[SubjectKeys, str]], until: datetime) -> None:
        """Keep what may be shown of each name until a moment; durable when it returns."""
        await self.store.keep(
            [
                SealedName(keys[0], self.sealed.seal(hint.encode(), keys[0]), until)
                for keys, name in names
                if (hint := mask_name(name))
            ]
        )

    async def find(self, keys: SubjectKeys) -> str:
        """Return what may be shown of the name in the document that is asked about; empty where none is known."""
        asked = (await self.documents.documents_of(keys)).asked
        found = await self.store.find(asked)
        return "" if found is None else self.sealed.open(found.sealed, found.subject).decode()
