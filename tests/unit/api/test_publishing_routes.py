"""What an operator sends the hub to publish: what cannot be read is refused, and what is in force stays."""

import pytest

from tests.fakes.callers import CALLERS
from tests.unit.api.nodes import CallableNode
from tests.world import ROOT, data_file
from tongxing.core.ways import Way
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
