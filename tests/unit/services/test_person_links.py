"""Several documents of one person: said by who saw them, combined at the hub, seen by the person, taken back."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.access_stores import CountedEntropy, HandSetClock
from tests.fakes.outside import INSECURE_TEST_SUBJECTS
from tests.unit.services.test_cases import Book, Wire
from tests.world import AT, GUANGXI, HUBEI, PAIRS, report_of
from tongxing.core.cases import CaseDecision, CaseKind, CaseOpener, DecisionGround
from tongxing.core.causes import Cause
from tongxing.core.documents import normalise_document
from tongxing.core.errors import Refused
from tongxing.core.evidence import Evidence, EvidenceKind
from tongxing.core.looks import Ground, Look, Purpose
from tongxing.core.names import NameMatch
from tongxing.core.person_links import PERSON_DOCUMENTS_MAX, LinkGround, PersonLink
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document, SubjectKeys
from tongxing.crypto.subject_keys import SubjectSecret, derive_subject_keys
from tongxing.services.assessor import Assessor
from tongxing.services.case_intake import CaseIntake
from tongxing.services.cases import CaseDesk, CaseParts
from tongxing.services.citizens import Citizen
from tongxing.services.family import FamilyDesk
from tongxing.services.hub_desk import KeyService, ReportDesk
from tongxing.services.looks import HubLookDesk
from tongxing.services.masked_names import MaskedNames, NameSealing
from tongxing.services.person_documents import DocumentBook, Linked, NamedDocument
from tongxing.services.person_links import HubLinkDesk, PersonLinkDesk
from tongxing.services.person_reports import PersonReports
from tongxing.services.ports import SubjectReport
from tongxing.services.published import Published
from tongxing.services.sealed_records import SealedRecords
from tongxing.services.subject_keys import SubjectKeyCache
from tongxing.stores.sql.stores import NodeStores
from tongxing.stores.sqlite.stores import open_stores

pytestmark = pytest.mark.anyio

PASSPORT, PERMIT = normalise_document("20", "USA:912345678"), normalise_document("20", "E99000001")
OTHERS = [normalise_document("20", f"E9900001{place}") for place in range(PERSON_DOCUMENTS_MAX)]
NEXT_SECRET = SubjectSecret(2, b"INSECURE_TEST_NEXT_SECRET_......")


@dataclass
class KeysHub:
    """The hub as far as keys go."""

    secrets: tuple[SubjectSecret, ...]
    service: KeyService

    async def derive_subject_keys(self, documents: Sequence[Document]) -> tuple[SubjectKeys, ...]:
        return await KeyService(self.secrets, self.service.links).derive(documents)


@dataclass
class DirectShare:
    """The wire to the hub's desk."""

    hub: HubLinkDesk
    is_away: bool = False

    async def share_links(self, links: Sequence[PersonLink], *, timeout_seconds: float) -> None:
        assert timeout_seconds > 0
        self._check()
        await self.hub.take_in(links)

    async def links_of(self, keys: SubjectKeys, *, timeout_seconds: float) -> tuple[PersonLink, ...]:
        assert timeout_seconds > 0
        self._check()
        return await self.hub.links_of(keys)

    def _check(self) -> None:
        if self.is_away:
            raise Refused(ProblemId.UPSTREAM_AWAY)


@dataclass
class Place:
    clock: HandSetClock
    hub: NodeStores
    book: DocumentBook
    keys_hub: KeysHub
    shared: DirectShare
    cases: CaseDesk
    links: PersonLinkDesk

    def keys(self, document: Document) -> SubjectKeys:
        return derive_subject_keys(self.keys_hub.secrets, document)

    async def say(self, *documents: tuple[Document, str | None], ground: LinkGround = LinkGround.DESK) -> Linked:
        return await self.links.say_one_person([NamedDocument(*each) for each in documents], ground)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    clock, entropy = HandSetClock(AT), CountedEntropy()
    async with contextlib.AsyncExitStack() as stack:
        hub, own = open_stores(tmp_path / "hub.sqlite"), open_stores(tmp_path / "45.sqlite")
        for stores in (hub, own):
            stack.push_async_callback(stores.aclose)
        book = DocumentBook(hub.links, hub.person_links)
        keys_hub = KeysHub((INSECURE_TEST_SUBJECTS,), KeyService((INSECURE_TEST_SUBJECTS,), hub.links))
        subject_keys = SubjectKeyCache(hub=keys_hub, clock=clock, entropy=entropy)  # type: ignore[arg-type]
        shared = DirectShare(HubLinkDesk(book))
        late: list[PersonLinkDesk] = []

        async def follow(case: object, ground: DecisionGround) -> None:
            await late[0].follow_decision(case, ground)  # type: ignore[arg-type]

        parts = CaseParts(GUANGXI, Book(), own.cases, own.limits, Wire(GUANGXI, {}), PAIRS[GUANGXI], clock, entropy)
        cases = CaseDesk(parts, follow)
        sealed = SealedRecords.for_use(bytes(32), "family bonds", entropy)
        family = FamilyDesk(store=own.family, sealed=sealed, members_max=1, clock=clock, entropy=entropy)
        links = PersonLinkDesk(
            region=GUANGXI,
            documents=DocumentBook(own.links, own.person_links),
            shared=shared,
            subject_keys=subject_keys,
            intake=CaseIntake(GUANGXI, cases, family, subject_keys),
            clock=clock,
        )
        late.append(links)
        yield Place(clock, hub, book, keys_hub, shared, cases, links)


async def test_what_is_said_of_one_document_is_found_by_the_other_and_the_hub_never_sees_a_number(
    place: Place,
) -> None:
    reports = ReportDesk(place.hub.reports, place.book)
    red = report_of(Cause.CLOSE_CONTACT, issuer=HUBEI)
    await reports.take_in([SubjectReport(place.keys(PASSPORT)[0], red)], HUBEI)
    assert await reports.reports_of(place.keys(PERMIT)) == ()
    assert await place.say((PERMIT, "John Smith"), (PASSPORT, "SMITH John")) == Linked(1)
    assert [row.report for row in await reports.reports_of(place.keys(PERMIT))] == [red]
    assert [row.report for row in await reports.reports_of(place.keys(PASSPORT))] == [red]


async def test_a_green_of_one_document_never_hides_the_same_regions_red_of_the_other(place: Place) -> None:
    reports = ReportDesk(place.hub.reports, place.book)
    red = report_of(Cause.CLOSE_CONTACT, issuer=HUBEI, revision=1)
    green = report_of(issuer=HUBEI, revision=9)
    await reports.take_in([SubjectReport(place.keys(PASSPORT)[0], red)], HUBEI)
    await reports.take_in([SubjectReport(place.keys(PERMIT)[0], green)], HUBEI)
    await place.say((PERMIT, None), (PASSPORT, None))
    assert {row.report for row in await reports.reports_of(place.keys(PERMIT))} == {red, green}


async def test_evidence_and_looks_are_found_by_every_document_and_refs_count_within_one(place: Place) -> None:
    await place.say((PERMIT, None), (PASSPORT, None))
    sealed = SealedRecords.for_use(b"k", "names", CountedEntropy())
    assessor = Assessor(
        key_service=place.keys_hub.service,
        documents=place.book,
        evidence=place.hub.evidence,
        published=Published(bundles=place.hub.bundles, roots=[]),
        marks=place.hub.dataset_marks,
        names=MaskedNames(place.hub.masked_names, NameSealing({1: sealed}, sealed), place.book),
        clock=place.clock,
    )
    contact = Evidence(EvidenceKind.CONTACT, "1", 1, AT)
    taken_back = Evidence(EvidenceKind.CONTACT, "1", 2, AT, retracted=True)
    await assessor.take_in([(PASSPORT, contact), (PERMIT, taken_back)])
    assert (await assessor.assess(place.keys(PERMIT))).report.has_cause(Cause.CLOSE_CONTACT)
    looks = HubLookDesk(place.hub.looks, place.book)
    look = Look(place.keys(PASSPORT)[0], AT, HUBEI, "k", "s", Purpose.OWN_CODE, Ground.CONSENT)
    await looks.take_in(look)
    assert await looks.looks_at(place.keys(PERMIT)) == (look,)


async def test_names_that_differ_are_never_linked_but_become_a_case_that_an_operator_decides(place: Place) -> None:
    linked = await place.say((PERMIT, "John Smith"), (PASSPORT, "Mary Jones"), ground=LinkGround.REGISTER)
    assert linked.standing == 0
    (number,) = linked.cases
    again = await place.say((PERMIT, "John Smith"), (PASSPORT, "Mary Jones"), ground=LinkGround.REGISTER)
    assert again.cases == (number,)
    assert len((await place.book.documents_of(place.keys(PERMIT))).documents) == 1
    case, person = await place.cases.examine(number)
    assert (case.kind, case.opened_by, case.decider) == (CaseKind.NAME_MISMATCH, CaseOpener.SYSTEM, GUANGXI)
    assert (person.name, person.documents) == ("John Smith / Mary Jones", (PERMIT, PASSPORT))
    await place.cases.decide(number, CaseDecision.CORRECTED, DecisionGround.ONE_PERSON)
    assert len((await place.book.documents_of(place.keys(PASSPORT))).documents) == 2


@pytest.mark.parametrize(
    ("name", "match"),
    [("SMITH, John", NameMatch.LIKELY), ("史密斯", NameMatch.OTHER_SCRIPT), (None, None)],
)
async def test_a_link_says_how_the_names_compared(place: Place, name: str | None, match: NameMatch | None) -> None:
    await place.say((PERMIT, "John Smith"), (PASSPORT, name))
    (told,), is_whole = await place.links.links_of(Citizen(place.keys(PASSPORT), "J*"))
    assert (told.link.match, told.link.region, told.link.ground, is_whole) == (match, GUANGXI, LinkGround.DESK, True)


async def test_a_wrong_link_is_objected_to_and_stands_until_it_is_decided(place: Place) -> None:
    await place.say((PERMIT, None), (PASSPORT, None), ground=LinkGround.SIGN_IN)
    citizen = Citizen(place.keys(PERMIT), "J*")
    (told,), _ = await place.links.links_of(citizen)
    with pytest.raises(Refused) as refused:
        await place.links.object_to(Citizen(place.keys(OTHERS[0]), "X*"), told.link_id, OTHERS[0], "X")
    assert refused.value.problem is ProblemId.NOT_FOUND
    case = await place.links.object_to(citizen, told.link_id, PERMIT, "John Smith")
    assert len((await place.book.documents_of(place.keys(PERMIT))).documents) == 2
    await place.cases.decide(case.number, CaseDecision.CORRECTED, DecisionGround.TWO_PERSONS)
    assert len((await place.book.documents_of(place.keys(PERMIT))).documents) == 1
    assert await place.links.links_of(citizen) == ((), True)


async def test_what_an_operator_took_back_only_an_operator_says_again(place: Place) -> None:
    await place.say((PERMIT, None), (PASSPORT, None))
    assert await place.links.take_back([PASSPORT, PERMIT]) == 1
    for ground in (LinkGround.REGISTER, LinkGround.SIGN_IN):
        assert await place.say((PERMIT, None), (PASSPORT, None), ground=ground) == Linked(0)
    assert len((await place.book.documents_of(place.keys(PERMIT))).documents) == 1
    assert await place.say((PERMIT, None), (PASSPORT, None)) == Linked(1)
    with pytest.raises(Refused) as refused:
        await place.links.take_back([PERMIT, OTHERS[0]])
    assert refused.value.problem is ProblemId.NOT_FOUND


async def test_what_a_register_says_no_longer_is_taken_back_and_a_desks_word_stays(place: Place) -> None:
    await place.say((PERMIT, None), (OTHERS[0], None))
    register = [NamedDocument(PERMIT), NamedDocument(PASSPORT)]
    await place.links.say_one_person(register, LinkGround.REGISTER, is_whole=True)
    assert len((await place.book.documents_of(place.keys(PERMIT))).documents) == 3
    await place.links.say_one_person(register[:1], LinkGround.REGISTER, is_whole=True)
    documents = (await place.book.documents_of(place.keys(PERMIT))).documents
    assert [keys[0] for keys in documents] == [place.keys(PERMIT)[0], place.keys(OTHERS[0])[0]]


async def test_a_link_said_while_the_hub_is_away_reaches_it_when_it_is_said_again(place: Place) -> None:
    place.shared.is_away = True
    await place.say((PERMIT, None), (PASSPORT, None))
    assert len((await place.book.documents_of(place.keys(PERMIT))).documents) == 1
    place.shared.is_away = False
    await place.say((PERMIT, None), (PASSPORT, None))
    assert len((await place.book.documents_of(place.keys(PERMIT))).documents) == 2


async def test_links_go_on_when_the_secret_of_the_keys_is_rotated(place: Place) -> None:
    await place.say((PERMIT, None), (PASSPORT, None))
    before = place.keys(PASSPORT)[0]
    place.keys_hub.secrets = (NEXT_SECRET, INSECURE_TEST_SUBJECTS)
    await place.keys_hub.derive_subject_keys([PERMIT])
    permit_alone = place.keys(PERMIT)[:1]
    assert before in (await place.book.documents_of(permit_alone)).every_key
    await place.keys_hub.derive_subject_keys([PASSPORT])
    assert set(place.keys(PASSPORT)) <= set((await place.book.documents_of(permit_alone)).every_key)


async def test_one_person_has_so_many_documents_and_no_more(place: Place) -> None:
    await place.say(*((document, None) for document in OTHERS))
    assert len((await place.book.documents_of(place.keys(OTHERS[-1]))).documents) == PERSON_DOCUMENTS_MAX
    with pytest.raises(Refused) as refused:
        await place.say((OTHERS[0], None), (PASSPORT, None))
    assert refused.value.problem is ProblemId.CONFLICT
    with pytest.raises(Refused) as many:
        await place.say(*((document, None) for document in [*OTHERS, PASSPORT]))
    assert many.value.problem is ProblemId.BAD_REQUEST


async def test_links_of_several_regions_are_one_chain_and_each_is_taken_back_by_its_own(place: Place) -> None:
    await place.say((PERMIT, None), (PASSPORT, None))
    one, other = place.keys(PASSPORT)[0], place.keys(OTHERS[0])[0]
    await place.shared.hub.take_in([PersonLink(one, other, HUBEI, LinkGround.DESK, AT, 1)])
    assert len((await place.book.documents_of(place.keys(PERMIT))).documents) == 3
    told, _ = await place.links.links_of(Citizen(place.keys(PERMIT), "J*"))
    assert {each.link.region for each in told} == {GUANGXI, HUBEI}
    with pytest.raises(Refused):
        await place.links.take_back([PASSPORT, OTHERS[0]])


async def test_a_gateway_reads_the_worst_of_a_persons_documents_and_only_of_theirs(place: Place) -> None:
    own = PersonReports(place.hub.reports, place.book)
    red, green = report_of(Cause.CLOSE_CONTACT, issuer=GUANGXI), report_of(issuer=GUANGXI, revision=9)
    taken_back = report_of(Cause.CLOSE_CONTACT, issuer=GUANGXI, revision=99, retracted=True)
    permit, passport, third = (place.keys(each)[0] for each in (PERMIT, PASSPORT, OTHERS[0]))
    await own.put_reports(
        [SubjectReport(permit, green), SubjectReport(passport, red), SubjectReport(third, taken_back)]
    )
    assert [row.report for row in await own.reports_of(permit)] == [green]
    await place.say((PERMIT, None), (PASSPORT, None), (OTHERS[0], None))
    for key in (permit, passport, third):
        assert [row.report for row in await own.reports_of(key, with_retracted=True)] == [red]
    await place.links.take_back([PERMIT, PASSPORT])
    assert [row.report for row in await own.reports_of(permit)] == [green]
    await place.links.take_back([PERMIT, OTHERS[0]])
    assert await own.reports_of(third) == ()
    assert [row.report for row in await own.reports_of(third, with_retracted=True)] == [taken_back]
