"""What every ``FamilyStore`` promises."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from tests.contract.conftest import Place
from tests.contract.implementations import Stores
from tests.contract.samples import AT, subject
from tongxing.services.family import BindResult, BondGround, FamilyBond

pytestmark = pytest.mark.anyio

YEAR = timedelta(days=365)


def bond(number: int, holder: int = 1, member: int = 2) -> FamilyBond:
    return FamilyBond(f"{number:032x}", subject(holder), subject(member), BondGround.CONSENT, b"sealed", AT + YEAR)


async def bind(stores: Stores, made: FamilyBond, at_most: int = 4) -> BindResult:
    return await stores.family.bind(made, (made.holder,), (made.member,), at_most)


async def test_a_bond_is_found_by_both_sides_and_by_nobody_else(stores: Stores) -> None:
    assert await bind(stores, bond(1)) is BindResult.BOUND
    assert await stores.family.bonds_of((subject(1),)) == (bond(1),)
    assert await stores.family.bonds_of((subject(3), subject(2))) == (bond(1),)
    assert await stores.family.bonds_of((subject(3),)) == ()


async def test_a_bond_of_the_same_two_takes_the_place_of_the_first(stores: Stores) -> None:
    await bind(stores, bond(1), at_most=1)
    assert await bind(stores, bond(2), at_most=1) is BindResult.BOUND
    assert await stores.family.bonds_of((subject(1),)) == (bond(2),)


async def test_no_bond_is_made_or_lost_beyond_the_limit(stores: Stores) -> None:
    await bind(stores, bond(1, member=2), at_most=1)
    assert await bind(stores, bond(2, member=3), at_most=1) is BindResult.LIMITED
    assert await bind(stores, bond(3, member=2), at_most=0) is BindResult.LIMITED
    assert await stores.family.bonds_of((subject(1),)) == (bond(1, member=2),)
    assert await bind(stores, bond(4, holder=3, member=1), at_most=1) is BindResult.BOUND


async def test_the_limit_counts_under_all_keys_of_the_holder(stores: Stores) -> None:
    await bind(stores, bond(1, holder=1, member=2))
    renewed = bond(2, holder=9, member=3)
    assert await stores.family.bind(renewed, (subject(9), subject(1)), (subject(3),), 1) is BindResult.LIMITED


async def test_of_many_at_once_no_more_are_bound_than_may_be(stores: Stores) -> None:
    results = await asyncio.gather(*(bind(stores, bond(number, member=number)) for number in range(10, 30)))
    assert Counter(results) == {BindResult.BOUND: 4, BindResult.LIMITED: 16}


async def test_a_bond_is_ended_by_its_two_and_by_nobody_else(stores: Stores) -> None:
    for number, side in ((1, 1), (2, 2)):
        await bind(stores, bond(number))
        assert await stores.family.end(bond(number).bond_id, (subject(3),)) is False
        assert await stores.family.end(bond(number).bond_id, (subject(side),)) is True
        assert await stores.family.bonds_of((subject(1),)) == ()


async def test_bonds_are_there_when_the_store_is_opened_again_until_they_end(place: Place) -> None:
    stores = await place.open()
    await bind(stores, bond(1))
    await stores.aclose()
    again = await place.open()
    assert await again.family.bonds_of((subject(1),)) == (bond(1),)
    assert await again.family.forget_expired(AT + YEAR - timedelta(seconds=1)) == 0
    assert await again.family.forget_expired(AT + YEAR) == 1
    assert await again.family.bonds_of((subject(1),)) == ()
