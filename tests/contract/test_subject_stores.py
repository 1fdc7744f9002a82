"""What every ``SubjectLinkStore`` and ``PersonStore`` promises."""

from itertools import permutations

import pytest

from tests.contract.conftest import Place
from tests.contract.implementations import Stores
from tongxing.core.errors import Refused
from tongxing.core.limits import REPORTS_PER_BATCH_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey
from tongxing.services.persons import Person

pytestmark = pytest.mark.anyio


def key(version: int, number: int = 1) -> SubjectKey:
    return SubjectKey(bytes((version,)) + number.to_bytes(32, "big"))


def person(number: int = 1, revision: int = 1, of: int | None = None) -> Person:
    return Person(number.to_bytes(32, "big"), (key(2, of or number), key(1, of or number)), revision)


async def test_a_key_that_was_never_linked_stands_alone(stores: Stores) -> None:
    assert await stores.links.linked((key(1),)) == (key(1),)


async def test_linked_keys_are_found_from_either(stores: Stores) -> None:
    await stores.links.link([(key(2), key(1)), (key(2, 5), key(1, 5))])
    for known in (key(1), key(2)):
        assert await stores.links.linked((known,)) == (key(2), key(1))
    assert await stores.links.linked((key(1, 5),)) == (key(2, 5), key(1, 5))


async def test_two_rotations_make_one_chain(stores: Stores) -> None:
    await stores.links.link([(key(2), key(1))])
    await stores.links.link([(key(3), key(2))])
    assert await stores.links.linked((key(1),)) == (key(3), key(2), key(1))
    assert await stores.links.linked((key(3), key(1))) == (key(3), key(2), key(1))


async def test_linked_again_counts_once_and_one_key_links_nothing(stores: Stores) -> None:
    for _ in range(2):
        await stores.links.link([(key(2), key(1)), (key(2), key(1)), (key(1, 9),)])
    await stores.links.link([])
    assert await stores.links.linked((key(2),)) == (key(2), key(1))
    assert await stores.links.linked((key(1, 9),)) == (key(1, 9),)


@pytest.mark.parametrize("keys", [(), (SubjectKey(b"short"), key(1)), tuple(key(version) for version in range(1, 6))])
async def test_what_are_no_keys_of_one_subject_is_refused(stores: Stores, keys: tuple[SubjectKey, ...]) -> None:
    with pytest.raises(Refused) as refused:
        await stores.links.link([(key(2), key(1)), keys])
    assert refused.value.problem is ProblemId.BAD_REQUEST
    assert await stores.links.linked((key(1),)) == (key(1),)


async def test_a_person_is_found_as_docked_and_no_other(stores: Stores) -> None:
    await stores.persons.put_persons([person(1), person(2)])
    assert await stores.persons.find_person(person(1).ref_digest) == person(1)
    assert await stores.persons.find_person(bytes(32)) is None


async def test_the_newest_docking_of_an_id_counts_in_every_order(place: Place) -> None:
    rivals = [person(1, 1, of=7), person(1, 2, of=8), person(1, 2, of=9)]
    found = set()
    for number, order in enumerate(permutations(rivals)):
        folder = place.folder / str(number)
        folder.mkdir()
        stores = await place.open_stores(folder)
        await stores.persons.put_persons(order[:1])
        await stores.persons.put_persons(order[1:])
        found.add(await stores.persons.find_person(rivals[0].ref_digest))
        await stores.aclose()
    assert found == {rivals[2]}


async def test_a_batch_of_persons_is_kept_whole_or_not_at_all(stores: Stores) -> None:
    for bad in (Person(b"short", (key(1),), 1), Person(bytes(32), (), 1), Person(bytes(32), (SubjectKey(b"x"),), 1)):
        with pytest.raises(Refused):
            await stores.persons.put_persons([person(1), bad])
    with pytest.raises(Refused):
        await stores.persons.put_persons([person(number) for number in range(REPORTS_PER_BATCH_MAX + 1)])
    assert await stores.persons.find_person(person(1).ref_digest) is None
    await stores.persons.put_persons([])


async def test_links_and_persons_are_found_after_opening_again(place: Place) -> None:
    first = await place.open()
    await first.links.link([(key(2), key(1))])
    await first.persons.put_persons([person()])
    await first.aclose()
    second = await place.open()
    assert await second.links.linked((key(1),)) == (key(2), key(1))
    assert await second.persons.find_person(person().ref_digest) == person()
