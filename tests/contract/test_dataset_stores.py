"""What every ``DatasetMarkStore`` and ``SealedNameStore`` promises."""

from datetime import timedelta
from itertools import permutations

import pytest

from tests.contract.conftest import Place
from tests.contract.implementations import Stores
from tests.contract.samples import AT, subject
from tongxing.core.datasets import Dataset
from tongxing.core.errors import Refused
from tongxing.services.dataset_ports import DatasetMark, SealedName

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)


def mark(dataset: Dataset = Dataset.TESTS, as_of: int = 0, heard: int = 1) -> DatasetMark:
    return DatasetMark(dataset, AT + as_of * HOUR, AT + heard * HOUR)


def name(number: int = 1, sealed: bytes = b"sealed", days: int = 1) -> SealedName:
    return SealedName(subject(number), sealed, AT + timedelta(days=days))


async def test_a_mark_is_found_again_after_the_store_was_closed(place: Place) -> None:
    first = await place.open()
    await first.dataset_marks.mark([mark(), mark(Dataset.CASES, 2, 3)])
    await first.aclose()
    assert await (await place.open()).dataset_marks.marks() == (mark(Dataset.CASES, 2, 3), mark())


async def test_neither_moment_of_a_mark_goes_back_in_any_order(stores: Stores) -> None:
    datasets = iter([Dataset.CASES, Dataset.TESTS, Dataset.VACCINATIONS, Dataset.RECOVERIES, Dataset.AIR_JOURNEYS])
    for order in [*permutations([(1, 5), (3, 4), (2, 6)])][:5]:
        dataset = next(datasets)
        for as_of, heard in order:
            await stores.dataset_marks.mark([mark(dataset, as_of, heard)])
    assert {(each.as_of, each.heard_at) for each in await stores.dataset_marks.marks()} == {
        (AT + 3 * HOUR, AT + 6 * HOUR)
    }


async def test_a_name_is_found_under_any_of_its_subjects_keys(stores: Stores) -> None:
    await stores.masked_names.keep([name(2)])
    assert await stores.masked_names.find((subject(1), subject(2))) == name(2)
    assert await stores.masked_names.find((subject(1),)) is None


async def test_of_two_names_the_one_that_is_kept_longest_stays_in_any_order(stores: Stores) -> None:
    for number, order in enumerate(permutations([(b"a", 1), (b"b", 3), (b"c", 2)]), start=1):
        for sealed, days in order:
            await stores.masked_names.keep([name(number, sealed, days)])
        assert await stores.masked_names.find((subject(number),)) == name(number, b"b", 3)
    await stores.masked_names.keep([name(9, b"a", 1), name(9, b"b", 3), name(9, b"c", 2)])
    assert await stores.masked_names.find((subject(9),)) == name(9, b"b", 3)


async def test_names_end_with_their_time_and_no_other(stores: Stores) -> None:
    await stores.masked_names.keep([name(1, days=1), name(2, days=2)])
    assert await stores.masked_names.forget_expired(AT + timedelta(days=1)) == 1
    assert await stores.masked_names.find((subject(1),)) is None
    assert await stores.masked_names.find((subject(2),)) == name(2, days=2)


@pytest.mark.parametrize("wrong", [b"", b"x" * 257])
async def test_what_is_no_sealed_name_is_not_kept(stores: Stores, wrong: bytes) -> None:
    with pytest.raises(Refused):
        await stores.masked_names.keep([name(1), name(2, wrong)])
    assert await stores.masked_names.find((subject(1),)) is None
