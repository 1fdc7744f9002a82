"""Subjects: how a person is named inside. Document numbers never go further than the key service."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

SubjectKey = NewType("SubjectKey", bytes)
"""33 bytes: one byte key version, then HMAC-SHA256 over document type and number (design, *Words*)."""

SUBJECT_KEY_BYTES = 33

SubjectKeys = tuple[SubjectKey, ...]
"""The keys of one subject, one for each version of the secret that counts, the current version's first.

Look up under all of them, store under the first.
"""

SUBJECT_KEYS_MAX = 4
"""Two versions count during a rotation; the rest is room."""


class DocumentType(StrEnum):
    """Kinds of identity document, by the names that gate vendors used (facts, B); what each is: ``core.documents``."""

    RESIDENT_ID = "10"
    HONG_KONG_MACAO_PERMIT = "14"
    TAIWAN_PERMIT = "15"
    ONE_TIME_TAIWAN_PERMIT = "16"
    RESIDENCE_PERMIT = "HMT"
    PASSPORT = "20"
    FOREIGN_PERMANENT_RESIDENCE = "34"


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """A document type and number, normalised. Never logged: its repr is masked."""

    type: DocumentType
    number: str

    def __repr__(self) -> str:
        return f"Document({self.type.name}, ***)"
