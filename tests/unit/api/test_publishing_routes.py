"""What an operator sends the hub to publish: what cannot be read is refused, and what is in force stays."""

import json

import pytest

from tests.fakes.callers import CALLERS
from tests.foreign_issuers import did_document, jwks_of, make_card
from tests.unit.api.nodes import CallableNode
from tests.world import ROOT, data_file
from tongxing.core.foreign_codes import ALL_CHECKS, ForeignFormat
from tongxing.core.ways import Way
from tongxing.core.words import RegionId
from tongxing.recognition.knowledge import load_knowledge
from tongxing.regions.profile import parse_profile
from tongxing.services.ports import Role
from tongxing.trust.bundle import accept_bundle, parse_files

pytestmark = pytest.mark.anyio

OPERATOR = CALLERS[Role.OPERATOR]


async def in_force(hub: CallableNode) -> bytes:
    return (await hub.call(None, "GET", "/v1/bundles/latest")).content


async def publish_profile(hub: CallableNode, profile: bytes) -> tuple[int, dict[str, object]]:
    answer = await hub.call(OPERATOR, "POST", "/v1/profiles", profile, media_type="application/toml")
    told: dict[str, object] = answer.json()
    return answer.status_code, told


async def test_a_region_takes_up_a_way_by_a_profile_that_its_operator_publishes(hub: CallableNode) -> None:
    profile = data_file("profiles", "45.toml")
    without = profile.replace(b'    { name = "shared_data", evidence = "assumed_ways" },\n', b"")
    assert without != profile
    status, told = await publish_profile(hub, without)
    assert (status, told["number"]) == (201, 2)
    bundle = accept_bundle(await in_force(hub), held=None, roots=[ROOT.public], at=hub.clock.now())
    published = parse_profile(parse_files(bundle.sections["profiles"])["45.toml"])
    assert [use.way for use in published.ways] == [Way.CONVERSION]


async def test_a_profile_that_cannot_be_read_or_confuses_two_regions_is_refused(hub: CallableNode) -> None:
    before, profile = await in_force(hub), data_file("profiles", "45.toml")
    wrong = {
        "ways[1]: name is none of": profile.replace(b'name = "conversion"', b'name = "telepathy"'),
        "ways is missing": profile.replace(b"ways = [", b"paths = ["),
        "profiles 42 and 45 overlap": profile.replace(b'"GXJKM:"', b'"HBJKM."'),
    }
    for detail, changed in wrong.items():
        status, told = await publish_profile(hub, changed)
        assert (status, told["type"]) == (422, "urn:tongxing:problem:profile-refused")
        assert detail in str(told["detail"])
    assert await in_force(hub) == before


async def test_whom_to_believe_of_foreign_codes_is_published_and_read_by_everybody(hub: CallableNode) -> None:
    answer = await hub.call(OPERATOR, "POST", "/v1/foreign-trust", json.dumps([jwks_of(), did_document()]).encode())
    assert (answer.status_code, answer.json()["number"]) == (201, 2)
    bundle = accept_bundle(await in_force(hub), held=None, roots=[ROOT.public], at=hub.clock.now())
    trust = load_knowledge(bundle, host=RegionId("45")).foreign
    card = make_card(nbf=int(hub.clock.now().timestamp()) - 5)
    assert trust[ForeignFormat.SHC].verify([card], hub.clock.now(), ALL_CHECKS).format is ForeignFormat.SHC


@pytest.mark.parametrize("body", [b"no JSON", b'{"keys": []}', b'{"a": 1, "a": 2}', b"[]", b'{"unheard": "of"'])
async def test_a_trust_list_that_believes_nobody_is_refused(hub: CallableNode, body: bytes) -> None:
    before = await in_force(hub)
    answer = await hub.call(OPERATOR, "POST", "/v1/foreign-trust", body)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tongxing:problem:bundle-refused")
    assert await in_force(hub) == before
