"""What the hub reads of its own newest bundle: which gateways may call it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.implementations import Stores, open_sqlite
from tests.unit.services.chains import chain, link, opened
from tests.world import AT, GUANGXI, HUBEI, OTHER_ROOT, ROOT, World, insecure_test_key
from tongxing.core.errors import Fault
from tongxing.services.ports import Role
from tongxing.services.published import Published
from tongxing.trust.directory import encode_directory

pytestmark = pytest.mark.anyio

KEY_ID = insecure_test_key(f"request {HUBEI}").public.kid.hex()
CHAIN = chain(1)
FIRST = opened(CHAIN[1])
SUSPENDED = link(2, FIRST.digest, {"directory": encode_directory(World(suspended=frozenset({HUBEI})).directory())})


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    made = await open_sqlite(tmp_path)
    yield made
    await made.aclose()


def published_in(stores: Stores) -> Published:
    return Published(bundles=stores.bundles, roots=[ROOT.public])


async def save(stores: Stores, data: bytes) -> None:
    bundle = opened(data)
    await stores.bundles.save(bundle.number, bundle.digest, data)


async def test_before_the_first_bundle_no_gateway_is_known(stores: Stores) -> None:
    published = published_in(stores)
    await published.take_up()
    assert published.bundle is None
    assert published.find_credential(KEY_ID, AT) is None


async def test_a_listed_gateway_is_known_by_its_key_for_requests_alone(stores: Stores) -> None:
    await save(stores, CHAIN[1])
    published = published_in(stores)
    await published.take_up()
    found = published.find_credential(KEY_ID, AT)
    assert found is not None
    assert (found.role, found.region) == (Role.GATEWAY, HUBEI)
    for key in (World().statement_key(HUBEI), World().code_key(GUANGXI), insecure_test_key("stranger")):
        assert published.find_credential(key.public.kid.hex(), AT) is None
    assert published.find_credential("no key id", AT) is None


async def test_what_another_process_published_is_followed_and_a_suspended_gateway_is_nobody(stores: Stores) -> None:
    await save(stores, CHAIN[1])
    published = published_in(stores)
    await published.take_up()
    await save(stores, SUSPENDED)
    await published.take_up()
    assert published.bundle == opened(SUSPENDED)
    assert published.find_credential(KEY_ID, AT) is None


@pytest.mark.parametrize(
    "data",
    [
        b"garbage",
        link(2, FIRST.digest, key=OTHER_ROOT),
        link(2, FIRST.digest, {"directory": b"\xff"}),
    ],
    ids=["garbage", "another hub's", "unreadable directory"],
)
async def test_a_bundle_that_is_not_ours_is_a_fault_and_what_was_read_before_stays(stores: Stores, data: bytes) -> None:
    await save(stores, CHAIN[1])
    published = published_in(stores)
    await published.take_up()
    await stores.bundles.save(2, b"d" * 32, data)
    with pytest.raises(Fault):
        await published.take_up()
    assert published.bundle == FIRST
    assert published.find_credential(KEY_ID, AT) is not None
