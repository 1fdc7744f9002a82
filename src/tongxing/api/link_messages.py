"""What is sent and told about links of a person's documents."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tongxing.api.messages import DocumentMessage, Message, Moment, ShortText, SubjectKeyHex
from tongxing.core.limits import REPORTS_PER_BATCH_MAX
from tongxing.core.names import NameMatch
from tongxing.core.person_links import PERSON_DOCUMENTS_MAX, LinkGround
from tongxing.core.words import Sentence
from tongxing.services.case_messages import CaseNumber

LINK_REVISION_MAX = (1 << 53) - 1


class NamedDocumentMessage(Message, frozen=True):
    """A document that an operator looks at, with the name on it. Never kept, never logged."""

    type: ShortText
    number: ShortText
    name: ShortText


class OnePersonMessage(Message, frozen=True):
    """Documents that an operator has seen together: the first is linked to each other one."""

    documents: Annotated[list[NamedDocumentMessage], Meta(min_length=2, max_length=PERSON_DOCUMENTS_MAX)]


class TwoPersonsMessage(Message, frozen=True):
    """Two documents that this region says are one person's, and no longer does."""

    documents: Annotated[list[DocumentMessage], Meta(min_length=2, max_length=2)]


class LinkedAnswer(msgspec.Struct, frozen=True):
    """How many links stand by what was said, and the cases that differing names have opened instead."""

    standing: int
    cases: list[CaseNumber]


class TakenBackAnswer(msgspec.Struct, frozen=True):
    """How many links were taken back."""

    taken_back: int


class SharedLinkMessage(Message, frozen=True):
    """A link that the sender's own region says, or has taken back."""

    one: SubjectKeyHex
    other: SubjectKeyHex
    ground: LinkGround
    at: Moment
    revision: Annotated[int, Meta(ge=0, le=LINK_REVISION_MAX)]
    retracted: bool
    match: NameMatch | None = None


class SharedLinksMessage(Message, frozen=True):
    """Links of the sender's region: all are kept or none."""

    links: Annotated[list[SharedLinkMessage], Meta(min_length=1, max_length=REPORTS_PER_BATCH_MAX)]


class SharedLinkAnswer(msgspec.Struct, frozen=True):
    """A link that stands, with the region whose word it is."""

    one: SubjectKeyHex
    other: SubjectKeyHex
    region: str
    ground: LinkGround
    at: datetime
    revision: int
    match: NameMatch | None


class SharedLinksAnswer(msgspec.Struct, frozen=True):
    """Everything that stands of one person's documents."""

    links: list[SharedLinkAnswer]


LinkIdText = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]


class MyLinkAnswer(msgspec.Struct, frozen=True):
    """That another document is said to be one's own: by whom, on what ground, how the names compared, since when."""

    link_id: LinkIdText
    region: str
    region_name: Sentence
    ground: LinkGround
    ground_sentence: Sentence
    match_sentence: Sentence | None
    said_at: datetime


class MyDocumentsAnswer(msgspec.Struct, frozen=True):
    """The links of one's documents; ``is_whole`` is false where other regions' could not be asked for."""

    links: list[MyLinkAnswer]
    is_whole: bool


class LinkObjectionMessage(Message, frozen=True):
    """The document that the person signed in with, typed again, for the region that decides."""

    document: DocumentMessage
    name: ShortText
