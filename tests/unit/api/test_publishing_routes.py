"""What an operator sends the hub to publish: refused with a counter-example, and what is in force stays."""

import pytest

from tests.fakes.callers import CALLERS
from tests.unit.api.nodes import CallableNode
from tests.world import data_file
from tongxing.services.ports import Role

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
