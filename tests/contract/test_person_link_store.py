"""What every ``PersonLinkStore`` promises."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from tests.contract.conftest import Place
from tests.contract.implementations import Stores
from tests.contract.samples import AT, subject
from tongxing.core.errors import Refused
from tongxing.core.names import NameMatch
from tongxing.core.person_links import PERSON_DOCUMENTS_MAX, LinkGround, PersonLink
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.services.ports import PutCount

pytestmark = pytest.mark.anyio


def link(one: int = 1, other: int = 2, revision: int = 1, region: str = "45") -> PersonLink:
    return PersonLink(
        subject(one), subject(other), RegionId(region), LinkGround.DESK, AT, revision, match=NameMatch.LIKELY
    )


def turned(given: PersonLink) -> PersonLink:
    return replace(given, one=given.other, other=given.one)


async def test_a_link_is_found_from_both_of_its_ends(stores: Stores) -> None:
    assert await stores.person_links.put_links([link()]) == PutCount(1, 0, 0)
    assert await stores.person_links.links_of((subject(1),)) == (link(),)
    assert await stores.person_links.links_of((subject(2),)) == (turned(link()),)
    assert await stores.person_links.links_of((subject(3),)) == ()


async def test_the_same_link_counts_once_whichever_way_it_is_said(stores: Stores) -> None:
    await stores.person_links.put_links([link()])
    assert await stores.person_links.put_links([turned(link()), link()]) == PutCount(0, 2, 0)


async def test_order_of_arrival_never_changes_what_a_region_has_said(stores: Stores) -> None:
    told = [link(), replace(link(), revision=2, retracted=True), replace(link(), revision=2)]
    for base, order in enumerate(permutations(told)):
        one, other = 10 * base + 20, 10 * base + 21
        for each in order:
            await stores.person_links.put_links([replace(each, one=subject(one), other=subject(other))])
        (kept,) = await stores.person_links.links_of((subject(one),))
        assert (kept.revision, kept.retracted) == (2, True)


async def test_one_region_never_takes_back_what_another_says(stores: Stores) -> None:
    await stores.person_links.put_links([link(), link(region="42"), replace(link(revision=9), retracted=True)])
    assert [(each.region, each.retracted) for each in await stores.person_links.links_of((subject(1),))] == [
        ("42", False),
        ("45", True),
    ]


async def test_nobody_is_said_to_have_more_documents_than_people_have(stores: Stores) -> None:
    chain = [link(number, number + 1) for number in range(1, PERSON_DOCUMENTS_MAX)]
    await stores.person_links.put_links(chain)
    with pytest.raises(Refused) as refused:
        await stores.person_links.put_links([link(20, 21), link(1, 20)])
    assert refused.value.problem is ProblemId.CONFLICT
    assert await stores.person_links.links_of((subject(20),)) == ()
    await stores.person_links.put_links([replace(chain[-1], revision=2, retracted=True), link(1, 20)])
    assert await stores.person_links.links_of((subject(20),)) == (turned(link(1, 20)),)


async def test_a_document_is_never_linked_to_itself(stores: Stores) -> None:
    with pytest.raises(Refused) as refused:
        await stores.person_links.put_links([link(1, 1)])
    assert refused.value.problem is ProblemId.BAD_REQUEST


async def test_links_are_there_when_the_store_is_opened_again(place: Place) -> None:
    stores = await place.open()
    await stores.person_links.put_links([replace(link(), at=AT + timedelta(hours=1))])
    await stores.aclose()
    again = await place.open()
    assert await again.person_links.links_of((subject(1),)) == (replace(link(), at=AT + timedelta(hours=1)),)
