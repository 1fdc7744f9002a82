"""Says which documents are one person's, takes it back, and tells the person (law 6).

Whoever saw both documents says so: the region's own system when it docks, the identity provider at sign-in, an
operator at a desk. Where both names are known they are compared first, and names that differ are never linked: they
become a case with a number. What an operator took back is linked again by an operator only.

Links are kept here and shared with the hub, which puts those of all regions together. While it is away they are
shared with the next statement about the same documents.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from tongxing.core.cases import Case, CaseClaim, CaseKind, CaseOpener, DecisionGround
from tongxing.core.errors import Refused
from tongxing.core.limits import GATEWAY_DEADLINE_SECONDS
from tongxing.core.names import NameMatch, compare_names
from tongxing.core.person_links import PERSON_DOCUMENTS_MAX, LinkGround, PersonDocuments, PersonLink
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document, SubjectKey, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.services.case_intake import CaseIntake
from tongxing.services.cases import CaseRequest
from tongxing.services.citizens import Citizen
from tongxing.services.link_ports import SharedLinks
from tongxing.services.person_documents import DocumentBook, Linked, NamedDocument
from tongxing.services.ports import Clock, PutCount
from tongxing.services.subject_keys import SubjectKeyCache

_OPENER_OF: Final = {
    LinkGround.REGISTER: CaseOpener.SYSTEM,
    LinkGround.SIGN_IN: CaseOpener.SYSTEM,
    LinkGround.DESK: CaseOpener.DESK,
}
_LINK_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True, repr=False)
class ToldLink:
    """A link as its person is told of it; ``link_id`` counts for them alone."""

    link_id: str
    link: PersonLink


@dataclass(frozen=True, slots=True)
class HubLinkDesk:
    """The hub's: takes in each region's own links, and tells all of them by person."""

    documents: DocumentBook

    async def take_in(self, links: Sequence[PersonLink]) -> PutCount:
        """Keep links whose region is the sender's own, as its signature proved. Raises Refused: see the store."""
        return await self.documents.links.put_links(links)

    async def links_of(self, keys: SubjectKeys) -> tuple[PersonLink, ...]:
        """Return the links between all documents of a person that stand."""
        return _each_once((await self.documents.documents_of(keys)).links)


class PersonLinkDesk:
    """A gateway's: says links for its region."""

    def __init__(
        self,
        *,
        region: RegionId,
        documents: DocumentBook,
        shared: SharedLinks,
        subject_keys: SubjectKeyCache,
        intake: CaseIntake,
        clock: Clock,
    ) -> None:
        self._region = region
        self._documents = documents
        self._store = documents.links
        self._shared = shared
        self._subject_keys = subject_keys
        self._intake = intake
        self._clock = clock

    async def say_one_person(
        self, documents: Sequence[NamedDocument], ground: LinkGround, *, is_whole: bool = False
    ) -> Linked:
        """Link the first document to each other one; durable here when it returns, and at the hub unless it is away.

        ``is_whole``: what this region's register said of the first document before and does not say now is taken back.
        Raises Refused: BAD_REQUEST (more than ``PERSON_DOCUMENTS_MAX``, a name that is none), UPSTREAM_AWAY if the key
        service is, CONFLICT where the person would have too many documents.
        """
        if not 0 < len(documents) <= PERSON_DOCUMENTS_MAX:
            raise Refused(ProblemId.BAD_REQUEST, f"a person has 1 to {PERSON_DOCUMENTS_MAX} documents")
        first, *others = documents
        keys, *others_keys = await self._subject_keys.keys_of_all([each.document for each in documents])
        held = {link.other: link for link in await self._store.links_of(keys) if link.region == self._region}
        links, cases = [], []
        for other, other_keys in zip(others, others_keys, strict=True):
            match = _compare(first, other)
            known = next((held.pop(key) for key in other_keys if key in held), None)
            if match is NameMatch.DIFFERS:
                cases.append(await self._open_mismatch(first, other, ground))
            elif other_keys[0] != keys[0] and not _was_taken_back(known, ground):
                links.append(self._link(keys[0], other_keys[0], ground, match, known))
        gone = [link for link in held.values() if is_whole and link.ground is ground and not link.retracted]
        await self._say([*links, *(self._taken_back(link, ground) for link in gone)])
        return Linked(len(links), tuple(cases))

    async def documents_of(self, keys: SubjectKeys) -> PersonDocuments:
        """Return all documents of whoever has ``keys``, as far as this region says so itself."""
        return await self._documents.documents_of(keys)

    async def take_back(self, documents: Sequence[Document]) -> int:
        """Take back, at a desk, that two documents are one person's; return how many links that were.

        Raises Refused: BAD_REQUEST (not two), NOT_FOUND (this region does not say so), UPSTREAM_AWAY.
        """
        if len(documents) != 2:  # noqa: PLR2004 - a link has two ends
            raise Refused(ProblemId.BAD_REQUEST, "a link is between two documents")
        keys, other_keys = await self._subject_keys.keys_of_all(documents)
        return await self._take_back_between(keys, other_keys)

    async def follow_decision(self, case: Case, ground: DecisionGround) -> None:
        """Do what a decided case says of a link of this region's: make it, or take it back."""
        if case.about is None or case.kind is CaseKind.OBJECTION:
            return
        if ground is DecisionGround.ONE_PERSON and case.kind is CaseKind.NAME_MISMATCH:
            await self._say([self._link(case.subject, case.about, LinkGround.DESK, NameMatch.DIFFERS, None)])
        if ground is DecisionGround.TWO_PERSONS:
            mine = [link for link in await self._store.links_of((case.about,)) if self._stands_here(link)]
            between = [link for link in mine if link.other == case.subject]
            await self._say([self._taken_back(link, LinkGround.DESK) for link in between or mine])

    async def links_of(self, citizen: Citizen) -> tuple[tuple[ToldLink, ...], bool]:
        """Return who says what of a citizen's documents, and whether other regions' word could be asked for."""
        own = [link for link in await self._store.links_of(citizen.keys) if self._stands_here(link)]
        try:
            shared = await self._shared.links_of(citizen.keys, timeout_seconds=GATEWAY_DEADLINE_SECONDS)
        except Refused as refused:
            if refused.problem is not ProblemId.UPSTREAM_AWAY:
                raise
            return tuple(ToldLink(_id_of(link), link) for link in own), False
        others = [link for link in shared if link.region != self._region or link.one not in citizen.keys]
        return tuple(ToldLink(_id_of(link), link) for link in _each_once([*own, *others])), True

    async def object_to(self, citizen: Citizen, link_id: str, document: Document, name: str) -> Case:
        """Open a case against a link of one's own documents; until it is decided the link stands.

        Raises Refused: NOT_FOUND (no such link of theirs), FORBIDDEN (another's document), LIMITED.
        """
        told, _ = await self.links_of(citizen)
        link = next((each.link for each in told if each.link_id == link_id), None)
        if link is None:
            raise Refused(ProblemId.NOT_FOUND, "nobody says this of your documents")
        about = link.one if link.other in citizen.keys else link.other
        request = CaseRequest(
            kind=CaseKind.WRONG_LINK,
            claim=CaseClaim.NOT_MY_DOCUMENT,
            against=link.region,
            opened_by=CaseOpener.CITIZEN,
            document=document,
            name=name,
            about=about,
        )
        return await self._intake.open_own(citizen, None, request)

    async def _open_mismatch(self, first: NamedDocument, other: NamedDocument, ground: LinkGround) -> str:
        opened_by = _OPENER_OF[ground]
        case = await self._intake.open_mismatch(
            first.document, first.name or "", other.document, other.name or "", opened_by
        )
        return case.number

    async def _take_back_between(self, keys: SubjectKeys, other_keys: SubjectKeys) -> int:
        links = await self._store.links_of(keys)
        standing = [link for link in links if self._stands_here(link) and link.other in other_keys]
        if not standing:
            raise Refused(ProblemId.NOT_FOUND, "this region does not say that these are one person's")
        await self._say([self._taken_back(link, LinkGround.DESK) for link in standing])
        return len(standing)

    def _stands_here(self, link: PersonLink) -> bool:
        return link.region == self._region and not link.retracted

    def _link(
        self, one: SubjectKey, other: SubjectKey, ground: LinkGround, match: NameMatch | None, known: PersonLink | None
    ) -> PersonLink:
        if known is not None and (known.ground, known.match, known.retracted) == (ground, match, False):
            return known  # said before: again it counts once, and the hub hears of it if it was away
        at = self._clock.now()
        return PersonLink(one, other, self._region, ground, at, _revision(at, known), match=match)

    def _taken_back(self, link: PersonLink, ground: LinkGround) -> PersonLink:
        at = self._clock.now()
        return replace(link, ground=ground, at=at, revision=_revision(at, link), retracted=True)

    async def _say(self, links: Sequence[PersonLink]) -> None:
        if not links:
            return
        await self._store.put_links(links)
        try:
            await self._shared.share_links(links, timeout_seconds=GATEWAY_DEADLINE_SECONDS)
        except Refused as refused:
            if refused.problem is not ProblemId.UPSTREAM_AWAY:
                raise


def _compare(first: NamedDocument, other: NamedDocument) -> NameMatch | None:
    if first.name is None or other.name is None:
        return None
    return compare_names(first.name, other.name)


def _was_taken_back(known: PersonLink | None, ground: LinkGround) -> bool:
    """True where an operator took back what only an operator may say again."""
    is_an_operators = known is not None and known.retracted and known.ground is LinkGround.DESK
    return is_an_operators and ground is not LinkGround.DESK


def _revision(at: datetime, known: PersonLink | None) -> int:
    return max(int(at.timestamp() * 1000), 0 if known is None else known.revision + 1)


def _each_once(links: Sequence[PersonLink]) -> tuple[PersonLink, ...]:
    return tuple({(*sorted((link.one, link.other)), link.region): link for link in reversed(links)}.values())


def _id_of(link: PersonLink) -> str:
    first, second = sorted((link.one, link.other))
    return sha256(b"link " + first + second + link.region.encode())[:_LINK_ID_BYTES].hex()
