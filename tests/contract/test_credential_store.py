"""What every ``CredentialStore`` and ``NonceStore`` promises."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.contract.conftest import Place
from tests.contract.implementations import Stores
from tests.contract.samples import AT, credential, public_key
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.suites import SuiteId
from tongxing.services.ports import Credential, Role

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("role", list(Role))
async def test_an_enrolled_key_is_found_as_it_was(stores: Stores, role: Role) -> None:
    enrolled = credential(role=role, valid_until=AT + timedelta(days=30))
    await stores.credentials.enrol(enrolled)
    assert await stores.credentials.find(enrolled.key_id) == enrolled


async def test_where_a_device_stands_is_kept(stores: Stores) -> None:
    enrolled = replace(credential(), site="north_station", division="450102")
    await stores.credentials.enrol(enrolled)
    await stores.credentials.revoke(enrolled.key_id)
    assert await stores.credentials.list() == (replace(enrolled, revoked=True),)


@pytest.mark.parametrize("suite", list(SuiteId))
async def test_a_key_of_each_suite_verifies_after_it_was_found(stores: Stores, suite: SuiteId) -> None:
    key = SigningKey.from_seed(suite, b"\x07" * 32)
    enrolled = replace(credential(), public=key.public, key_id=key.public.kid.hex())
    await stores.credentials.enrol(enrolled)
    found = await stores.credentials.find(enrolled.key_id)
    assert found is not None
    found.public.verify(b"message", key.sign(b"message"))


async def test_an_unknown_key_is_not_found(stores: Stores) -> None:
    await stores.credentials.enrol(credential(1))
    assert await stores.credentials.find(credential(2).key_id) is None


async def test_enrolled_twice_counts_once(stores: Stores) -> None:
    await stores.credentials.enrol(credential())
    await stores.credentials.enrol(credential())
    assert await stores.credentials.list() == (credential(),)


@pytest.mark.parametrize(
    "other",
    [
        replace(credential(), public=public_key(2)),
        replace(credential(), role=Role.OPERATOR),
        replace(credential(), valid_until=AT),
        replace(credential(), division="450102"),
    ],
    ids=["key", "role", "end", "division"],
)
async def test_another_credential_under_the_same_id_is_refused(stores: Stores, other: Credential) -> None:
    await stores.credentials.enrol(credential())
    with pytest.raises(Refused) as refused:
        await stores.credentials.enrol(other)
    assert refused.value.problem is ProblemId.CONFLICT
    assert await stores.credentials.find(credential().key_id) == credential()


async def test_a_device_is_found_with_its_site_and_cannot_be_moved(place: Place) -> None:
    """A key that could change its site would change under which key its passages are pseudonymous."""
    at_gate = replace(credential(), site="南门 gate 2")
    first = await place.open()
    await first.credentials.enrol(at_gate)
    await first.credentials.enrol(at_gate)
    with pytest.raises(Refused) as refused:
        await first.credentials.enrol(replace(at_gate, site="gate 3"))
    assert refused.value.problem is ProblemId.CONFLICT
    await first.aclose()
    second = await place.open()
    assert await second.credentials.find(at_gate.key_id) == at_gate
    assert await second.credentials.list() == (at_gate,)


async def test_a_revoked_key_stays_revoked(place: Place) -> None:
    first = await place.open()
    await first.credentials.enrol(credential())
    await first.credentials.revoke(credential().key_id)
    await first.credentials.revoke(credential().key_id)
    with pytest.raises(Refused) as refused:
        await first.credentials.enrol(credential())
    assert refused.value.problem is ProblemId.CONFLICT
    await first.aclose()
    second = await place.open()
    assert await second.credentials.find(credential().key_id) == replace(credential(), revoked=True)


async def test_revoking_an_unknown_key_is_refused(stores: Stores) -> None:
    with pytest.raises(Refused) as refused:
        await stores.credentials.revoke("0011223344556677")
    assert refused.value.problem is ProblemId.NOT_FOUND


async def test_the_list_holds_every_key_in_the_order_of_ids(stores: Stores) -> None:
    enrolled = [credential(number) for number in range(1, 6)]
    for each in enrolled:
        await stores.credentials.enrol(each)
    assert await stores.credentials.list() == tuple(sorted(enrolled, key=lambda each: each.key_id))


async def test_a_nonce_is_fresh_once_for_each_key(stores: Stores) -> None:
    end = AT + timedelta(minutes=2)
    assert await stores.nonces.remember("key-1", "n", end) is True
    assert await stores.nonces.remember("key-1", "n", end) is False
    assert await stores.nonces.remember("key-1", "n", end + timedelta(minutes=9)) is False
    assert await stores.nonces.remember("key-2", "n", end) is True


async def test_of_many_with_one_nonce_at_once_exactly_one_is_fresh(stores: Stores) -> None:
    end = AT + timedelta(minutes=2)
    fresh = await asyncio.gather(*(stores.nonces.remember("key", f"n{number % 10}", end) for number in range(200)))
    assert sum(fresh) == 10


async def test_a_nonce_is_known_after_opening_again(place: Place) -> None:
    first = await place.open()
    await first.nonces.remember("key", "n", AT)
    await first.aclose()
    second = await place.open()
    assert await second.nonces.remember("key", "n", AT) is False


async def test_nonces_are_forgotten_when_they_ended_and_not_before(stores: Stores) -> None:
    await stores.nonces.remember("key", "short", AT)
    await stores.nonces.remember("key", "long", AT + timedelta(microseconds=1))
    assert await stores.nonces.forget_expired(AT) == 1
    assert await stores.nonces.remember("key", "short", AT) is True
    assert await stores.nonces.remember("key", "long", AT) is False


async def test_a_nonce_that_is_too_long_is_refused(stores: Stores) -> None:
    with pytest.raises(Refused) as refused:
        await stores.nonces.remember("key", "n" * 129, AT)
    assert refused.value.problem is ProblemId.BAD_REQUEST
