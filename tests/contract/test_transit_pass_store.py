"""Transit passes in every store: found by their token, withdrawn for good, forgotten after their end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.contract.conftest import Place
from tests.contract.implementations import Stores
from tests.contract.samples import AT, subject
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey
from tongxing.services.transit_passes import KeptPass

pytestmark = pytest.mark.anyio


def kept(number: int = 1, driver: int = 1) -> KeptPass:
    return KeptPass(
        f"{number:032x}", bytes([number]) * 32, subject(driver), b"sealed %d" % number, AT + timedelta(hours=number)
    )


async def test_a_pass_is_found_by_its_token_and_counts_once(stores: Stores) -> None:
    await stores.transit_passes.save(kept())
    await stores.transit_passes.save(kept())
    assert await stores.transit_passes.find(kept().token_digest) == kept()
    assert await stores.transit_passes.find(b"another") is None


@pytest.mark.parametrize("other", [replace(kept(), sealed=b"x"), replace(kept(), pass_id="9" * 32)])
async def test_another_pass_under_an_id_or_a_token_is_a_conflict(stores: Stores, other: KeptPass) -> None:
    await stores.transit_passes.save(kept())
    with pytest.raises(Refused) as refused:
        await stores.transit_passes.save(other)
    assert refused.value.problem is ProblemId.CONFLICT
    assert await stores.transit_passes.find(kept().token_digest) == kept()


async def test_a_withdrawal_is_for_good_whatever_is_sent_again(place: Place) -> None:
    first = await place.open()
    await first.transit_passes.save(kept())
    await first.transit_passes.withdraw(kept().pass_id)
    await first.transit_passes.withdraw(kept().pass_id)
    await first.transit_passes.save(kept())
    await first.aclose()
    found = await (await place.open()).transit_passes.find(kept().token_digest)
    assert found == replace(kept(), withdrawn=True)


async def test_what_was_never_kept_cannot_be_withdrawn(stores: Stores) -> None:
    with pytest.raises(Refused) as refused:
        await stores.transit_passes.withdraw("0" * 32)
    assert refused.value.problem is ProblemId.NOT_FOUND


async def test_all_passes_of_a_driver_are_withdrawn_under_any_of_their_keys_and_no_others(stores: Stores) -> None:
    for number, driver in ((1, 1), (2, 2), (3, 3)):
        await stores.transit_passes.save(kept(number, driver))
    assert await stores.transit_passes.withdraw_of([(subject(9), subject(1)), (subject(2),)]) == 2
    assert await stores.transit_passes.withdraw_of([(subject(9), subject(1))]) == 0
    assert await stores.transit_passes.withdraw_of([]) == 0
    found = [await stores.transit_passes.find(kept(number).token_digest) for number in (1, 2, 3)]
    assert [one is not None and one.withdrawn for one in found] == [True, True, False]


async def test_what_has_ended_is_forgotten_and_nothing_else(stores: Stores) -> None:
    for number in (1, 2, 3):
        await stores.transit_passes.save(kept(number))
    assert await stores.transit_passes.forget_expired(AT + timedelta(hours=2)) == 2
    assert await stores.transit_passes.find(kept(3).token_digest) == kept(3)
    assert await stores.transit_passes.find(kept(1).token_digest) is None


@pytest.mark.parametrize(
    "bad",
    [replace(kept(), sealed=b""), replace(kept(), pass_id="x" * 65), replace(kept(), subject=SubjectKey(b"short"))],
)
async def test_what_could_not_be_read_back_is_refused(stores: Stores, bad: KeptPass) -> None:
    with pytest.raises(Refused) as refused:
        await stores.transit_passes.save(bad)
    assert refused.value.problem is ProblemId.BAD_REQUEST
