"""An operator says where a checkpoint stands, once; it is listed, and no scan can say otherwise."""

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.callers import CALLERS, TestCaller, insecure_test_key
from tests.unit.api.nodes import CallableNode
from tests.world import AT
from tongxing.services.ports import Role

pytestmark = pytest.mark.anyio

DEVICE, OPERATOR = CALLERS[Role.DEVICE], CALLERS[Role.OPERATOR]
GATE = TestCaller(insecure_test_key("gate"), Role.DEVICE)
PUBLIC = f"EdDSA:{GATE.key.public.raw.hex()}"
WRONG = ["45", "450102001", "420106", "459999", "450000", "Nanning"]


def wanted(**told: object) -> dict[str, Any]:
    return {"role": "device", "label": "gate", "valid_until": (AT + timedelta(days=1)).isoformat(), **told}


async def listed(node: CallableNode, key_id: str) -> dict[str, Any]:
    held = (await node.call(OPERATOR, "GET", "/v1/credentials")).json()["credentials"]
    (found,) = [each for each in held if each["key_id"] == key_id]
    return dict(found)


async def test_an_enrolled_device_is_listed_with_its_division_and_its_name(gateway: CallableNode) -> None:
    told = wanted(public=PUBLIC, site="north", division="450102")
    answer = await gateway.call(OPERATOR, "POST", "/v1/credentials", told)
    assert answer.status_code == 201, answer.text
    held = await listed(gateway, GATE.key_id)
    assert answer.json() == held
    assert (held["site"], held["division"], held["division_name"]) == ("north", "450102", "兴宁区")
    assert (await listed(gateway, DEVICE.key_id))["division"] == ""


async def test_a_paired_page_stands_where_the_operator_said(gateway: CallableNode) -> None:
    offered = (await gateway.call(OPERATOR, "POST", "/v1/pairings", wanted(division="450100"))).json()
    assert (offered["division"], offered["division_name"]) == ("4501", "南宁市")
    redeemed = {"pairing_code": offered["pairing_code"], "public": PUBLIC}
    assert (await gateway.call(None, "POST", "/v1/pairings/redeemed", redeemed)).status_code == 201
    assert (await listed(gateway, GATE.key_id))["division"] == "4501"


@pytest.mark.parametrize("division", WRONG)
async def test_a_wrong_division_is_refused_when_it_is_said(gateway: CallableNode, division: str) -> None:
    for path, told in (("/v1/pairings", {}), ("/v1/credentials", {"public": PUBLIC})):
        answer = await gateway.call(OPERATOR, "POST", path, wanted(division=division, **told))
        problem = answer.json()
        assert (answer.status_code, problem["type"]) == (400, "urn:tongxing:problem:bad-request")
        assert problem["detail"].startswith("division: ")
        assert division in problem["detail"]


async def test_an_operator_is_told_at_once_that_a_site_stands_elsewhere(gateway: CallableNode) -> None:
    told = wanted(public=PUBLIC, site="north", division="450102")
    assert (await gateway.call(OPERATOR, "POST", "/v1/credentials", told)).status_code == 201
    for division in ("450103", ""):
        answer = await gateway.call(OPERATOR, "POST", "/v1/pairings", wanted(site="north", division=division))
        assert (answer.status_code, answer.json()["detail"]) == (
            409,
            "site north stands in division 450102; say the same",
        )


async def test_only_a_device_is_paired_with_a_division(gateway: CallableNode) -> None:
    answer = await gateway.call(OPERATOR, "POST", "/v1/pairings", {**wanted(division="450102"), "role": "operator"})
    assert (answer.status_code, "only a device" in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v1/verifications", {"qr_text": "HELLO"}),
        ("/v1/verifications/picture", {"picture": "iVBORw0KGgo="}),
        ("/v1/verifications/document", {"document": {"type": "10", "number": "990101199003075000"}, "presence": True}),
    ],
)
async def test_no_scan_says_where_it_is_made(gateway: CallableNode, path: str, shown: dict[str, object]) -> None:
    told = {**shown, "place_kind": "factory"}
    answer = await gateway.call(DEVICE, "POST", path, {**told, "division": "450102"})
    assert (answer.status_code, "division" in answer.json()["detail"]) == (400, True)
