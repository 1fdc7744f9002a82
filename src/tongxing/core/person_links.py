"""Links of documents: a body that saw two documents of a person says that they are one person's.

The hub knows keyed pseudonyms only, so it can never find out by itself that a resident number and a passport are
one person's. A link is a statement like a report: of one body, dated, with a revision, taken back by a tombstone.
Links of several bodies are put together; a person has ``PERSON_DOCUMENTS_MAX`` documents at most.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tongxing.core.names import NameMatch
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.core.words import RegionId, Sentence

PERSON_DOCUMENTS_MAX: Final = 8
"""Whoever is said to have more is several people, by a mistake that must not spread."""


class LinkGround(StrEnum):
    """Where a body saw two documents of one person: there is no fourth."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    DESK = "desk"


LINK_GROUND_WORDS: Final[Mapping[LinkGround, Sentence]] = MappingProxyType(
    {
        LinkGround.REGISTER: Sentence("本地健康码系统登记", "in the register of the region's own system"),
        LinkGround.SIGN_IN: Sentence("身份认证平台", "at the identity provider, when signing in"),
        LinkGround.DESK: Sentence("服务窗口查验证件", "at a service desk, by looking at both documents"),
    }
)


@dataclass(frozen=True, slots=True, repr=False)
class PersonLink:
    """``region`` says, or has taken back, that ``one`` and ``other`` are two documents of one person.

    Which of the two is ``one`` means nothing; ``match`` says how their names compared, None where one was unknown.
    """

    one: SubjectKey
    other: SubjectKey
    region: RegionId
    ground: LinkGround
    at: datetime
    revision: int
    retracted: bool = False
    match: NameMatch | None = None


@dataclass(frozen=True, slots=True, repr=False)
class PersonDocuments:
    """The documents of one person, each by its keys of every version; the one that was asked about leads."""

    documents: tuple[SubjectKeys, ...]
    links: tuple[PersonLink, ...] = ()

    @property
    def asked(self) -> SubjectKeys:
        """The document that was asked about."""
        return self.documents[0]

    @property
    def every_key(self) -> SubjectKeys:
        """All keys of all documents."""
        return tuple(key for keys in self.documents for key in keys)
