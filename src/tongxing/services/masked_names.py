"""Masked names at the hub: what of a name may be shown, sealed, and kept apart from all that is said of a person.

A name is sealed under a key that belongs to the version of its subject's key: when that version is retired, nothing
opens it any more, and until then it is sealed anew under the newer one (``services.rederiving``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tongxing.core.masking import mask_name
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.services.dataset_ports import SealedName, SealedNameStore
from tongxing.services.person_documents import DocumentBook
from tongxing.services.sealed_records import SealedRecords


@dataclass(frozen=True, slots=True)
class NameSealing:
    """Seals under the key of the subject's version. ``before`` opens what was sealed when versions had no keys yet."""

    by_version: Mapping[int, SealedRecords]
    before: SealedRecords

    def seal(self, shown: bytes, subject: SubjectKey) -> bytes:
        """Return it sealed, bound to its subject, whose version counts."""
        return self.by_version[subject[0]].seal(shown, subject)

    def open(self, sealed: bytes, subject: SubjectKey) -> bytes | None:
        """Return what was sealed; None where the version's key is gone."""
        own = self.by_version.get(subject[0])
        shown = None if own is None else own.open_shown(sealed, subject)
        return shown if shown is not None else self.before.open_shown(sealed, subject)


@dataclass(frozen=True, slots=True)
class MaskedNames:
    """Seals and opens them; no whole name is ever kept."""

    store: SealedNameStore
    sealed: NameSealing
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
        shown = None if found is None else self.sealed.open(found.sealed, found.subject)
        return "" if shown is None else shown.decode()
