"""What an operator sends the hub to publish: refused with a counter-example, and what is in force stays."""

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
OWN = data_file("rules", "45.toml")
BELOW = OWN.replace(
    b'outcome = "PASS"\nreason = "low_level_low_origin"',
    b'outcome = "PASS_WITH_MEASURES"\nmeasures = ["take_temperature"]\nreason = "local_condition"',
)


async def publish(hub: CallableNode, region: str, table: bytes) -> tuple[int, dict[str, object]]:
    answer = await hub.call(OPERATOR, "POST", f"/v1/rule-tables?region={region}", table, media_type="application/toml")
    told: dict[str, object] = answer.json()
    return answer.status_code, told


async def in_force(hub: CallableNode) -> bytes:
    return (await hub.call(None, "GET", "/v1/bundles/latest")).content


async def test_a_table_below_the_floor_is_refused_with_its_counter_example(hub: CallableNode) -> None:
    """Law 5, over the wire."""
    before = await in_force(hub)
    status, told = await publish(hub, "45", BELOW)
    assert (status, told["type"]) == (422, "urn:tongxing:problem:rules-refused")
    detail = str(told["detail"])
    assert "below_floor" in detail
    assert "owes a plain PASS to a person with a current report of low level, from a low-risk area" in detail
    assert await in_force(hub) == before


async def test_a_table_under_another_regions_name_is_refused(hub: CallableNode) -> None:
    before = await in_force(hub)
    status, told = await publish(hub, "42", OWN)
    assert (status, told["type"]) == (422, "urn:tongxing:problem:rules-refused")
    assert await in_force(hub) == before


async def test_a_table_that_holds_is_in_force_at_once(hub: CallableNode) -> None:
    before = await in_force(hub)
    status, told = await publish(hub, "45", OWN)
    assert (status, told["number"]) == (201, 2)
    assert await in_force(hub) != before


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
