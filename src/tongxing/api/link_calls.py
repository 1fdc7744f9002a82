"""The calls about which documents are one person's: said at desks, shared with the hub, told to the person."""

from datetime import UTC

from tongxing.api.calls import Call, NoQuery
from tongxing.api.case_calls import describe_case
from tongxing.api.case_messages import CaseAnswer
from tongxing.api.federation_calls import parse_keys
from tongxing.api.link_messages import (
    LinkedAnswer,
    LinkObjectionMessage,
    MyDocumentsAnswer,
    MyLinkAnswer,
    OnePersonMessage,
    SharedLinkAnswer,
    SharedLinksAnswer,
    SharedLinksMessage,
    TakenBackAnswer,
    TwoPersonsMessage,
)
from tongxing.api.messages import CountAnswer, ReportQueryMessage
from tongxing.app.nodes import Gateway, Hub
from tongxing.core.documents import normalise_document
from tongxing.core.names import MATCH_WORDS
from tongxing.core.person_links import LINK_GROUND_WORDS, LinkGround, PersonLink
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import Sentence
from tongxing.services.person_documents import NamedDocument
from tongxing.services.person_links import ToldLink


async def link_documents(node: Gateway, call: Call[OnePersonMessage, NoQuery]) -> LinkedAnswer:
    """Say, at a desk, that documents are one person's; names that differ become a case instead."""
    documents = [NamedDocument(normalise_document(told.type, told.number), told.name) for told in call.body.documents]
    linked = await node.links.say_one_person(documents, LinkGround.DESK)
    return LinkedAnswer(linked.standing, list(linked.cases))


async def unlink_documents(node: Gateway, call: Call[TwoPersonsMessage, NoQuery]) -> TakenBackAnswer:
    """Take back, at a desk, that two documents are one person's."""
    documents = [normalise_document(told.type, told.number) for told in call.body.documents]
    return TakenBackAnswer(await node.links.take_back(documents))


async def tell_my_documents(node: Gateway, call: Call[None, NoQuery]) -> MyDocumentsAnswer:
    """Tell the signed-in person who says that another document is theirs."""
    links, is_whole = await node.links.links_of(call.citizen)
    return MyDocumentsAnswer([_answer(node, told) for told in links], is_whole)


async def object_to_link(node: Gateway, call: Call[LinkObjectionMessage, NoQuery]) -> CaseAnswer:
    """Object to a link: it goes as a case to the region that says it, and stands until that is decided."""
    told = call.body
    document = normalise_document(told.document.type, told.document.number)
    case = await node.links.object_to(call.citizen, call.path["link_id"], document, told.name)
    return describe_case(case, node.cases.reference, node.core.clock.now())


async def take_in_links(node: Hub, call: Call[SharedLinksMessage, NoQuery]) -> CountAnswer:
    """Take in what the caller's region says of documents; acknowledged once durable."""
    region = call.known_caller.region
    links = [
        PersonLink(
            SubjectKey(bytes.fromhex(told.one)),
            SubjectKey(bytes.fromhex(told.other)),
            region,
            told.ground,
            told.at.astimezone(UTC),
            told.revision,
            told.retracted,
            told.match,
        )
        for told in call.body.links
    ]
    count = await node.links.take_in(links)
    return CountAnswer(count.stored, count.same, count.older)


async def query_links(node: Hub, call: Call[ReportQueryMessage, NoQuery]) -> SharedLinksAnswer:
    """Return who says what of a person's documents, for that person's own region to tell them."""
    links = await node.links.links_of(parse_keys(call.body.subject_keys))
    return SharedLinksAnswer(
        [
            SharedLinkAnswer(
                link.one.hex(), link.other.hex(), link.region, link.ground, link.at, link.revision, link.match
            )
            for link in links
        ]
    )


def _answer(node: Gateway, told: ToldLink) -> MyLinkAnswer:
    link = told.link
    record = node.cases.reference.find_record(link.region)
    return MyLinkAnswer(
        link_id=told.link_id,
        region=link.region,
        region_name=Sentence(link.region, link.region) if record is None else record.name,
        ground=link.ground,
        ground_sentence=LINK_GROUND_WORDS[link.ground],
        match_sentence=None if link.match is None else MATCH_WORDS[link.match],
        said_at=link.at,
    )
