"""Links of documents, shared with the hub over its whole application: who asks by one is answered under all."""

from dataclasses import replace

import pytest

from tests.unit.api.federation_callers import Callers
from tests.unit.api.nodes import ORIGIN, CallableNode
from tests.unit.api.test_federation import sealed_for, told
from tests.world import AT, GUANGXI, HUBEI, report_of
from tongxing.connectors.person_links import HttpSharedLinks
from tongxing.core.causes import Cause
from tongxing.core.errors import Refused
from tongxing.core.names import NameMatch
from tongxing.core.person_links import PERSON_DOCUMENTS_MAX, LinkGround, PersonLink
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document, DocumentType, SubjectKey
from tongxing.services.ports import SubjectReport

pytestmark = pytest.mark.anyio


@pytest.fixture
def at(hub: CallableNode) -> Callers:
    return Callers(hub)


async def test_a_consultation_tells_what_the_issuer_says_of_another_document_of_the_person(at: Callers) -> None:
    """Whoever shows a green code by permit is red by passport: the issuer itself cannot know that they are one."""
    (other,) = await at.guangxi.derive_subject_keys([Document(DocumentType.PASSPORT, "E99000002")])
    red = report_of(Cause.CLOSE_CONTACT, issuer=HUBEI)
    await at.node.report_desk.take_in([SubjectReport(other[0], red)], HUBEI)
    await at.report(report_of(issuer=HUBEI))
    assert await told(at, await sealed_for(at)) == ()
    links = HttpSharedLinks(at.signed, ORIGIN)
    said = PersonLink((await at.keys())[0], other[0], GUANGXI, LinkGround.DESK, AT, 1, match=NameMatch.SAME)
    await links.share_links([said], timeout_seconds=5)
    assert await told(at, await sealed_for(at)) == (red,)
    (held,) = await links.links_of(other, timeout_seconds=5)
    assert {held.one, held.other} == {said.one, said.other}
    assert (held.region, held.ground, held.match) == (GUANGXI, LinkGround.DESK, NameMatch.SAME)
    await links.share_links([replace(said, revision=2, retracted=True)], timeout_seconds=5)
    assert await told(at, await sealed_for(at)) == ()


async def test_a_person_with_more_documents_than_people_have_is_refused_whole(at: Callers) -> None:
    keys = [SubjectKey(bytes([1]) + bytes([number]) * 32) for number in range(PERSON_DOCUMENTS_MAX + 1)]
    said = [PersonLink(keys[0], key, GUANGXI, LinkGround.REGISTER, AT, 1) for key in keys[1:]]
    with pytest.raises(Refused) as refused:
        await HttpSharedLinks(at.signed, ORIGIN).share_links(said, timeout_seconds=5)
    assert refused.value.problem is ProblemId.CONFLICT
    assert await HttpSharedLinks(at.signed, ORIGIN).links_of((keys[0],), timeout_seconds=5) == ()
