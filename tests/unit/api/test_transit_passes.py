"""The doors of transit passes over the API: a ticket makes one, a gate reads it, the back end withdraws it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.fakes.callers import CALLERS
from tests.unit.api.nodes import CallableNode
from tests.unit.api.test_ways import PASSPORT, know, post, problem_of
from tests.world import AT
from tongxing.core.causes import Cause
from tongxing.core.problems import ProblemId
from tongxing.services.ports import Role

pytestmark = pytest.mark.anyio

BACK_END, DEVICE = CALLERS[Role.BACK_END], CALLERS[Role.DEVICE]


async def make(gateway: CallableNode, **changes: object) -> httpx.Response:
    ticket = (await post(gateway, BACK_END, "/v1/tickets")).json()
    body: dict[str, object] = {
        "serial": ticket["serial"],
        "random": ticket["random"],
        "document": PASSPORT,
        "name": "王小明",
        "plate": "桂a·12345",
        "route": ["45", "42"],
        "valid_until": (gateway.clock.at + timedelta(hours=48)).isoformat(),
        **changes,
    }
    return await post(gateway, BACK_END, "/v1/transit-passes", body)


async def scan(gateway: CallableNode, qr_text: str) -> dict[str, Any]:
    scanned = {"qr_text": qr_text, "place_kind": "traffic_gate"}
    guard: dict[str, Any] = (await post(gateway, DEVICE, "/v1/verifications", scanned)).json()
    return guard


async def test_a_pass_is_made_shown_verified_and_withdrawn(gateway: CallableNode) -> None:
    await know(gateway)
    answer = await make(gateway)
    made = answer.json()
    assert (answer.status_code, made["plate"], made["qr_text"][:5]) == (201, "桂A12345", "99871")
    guard = await scan(gateway, made["qr_text"])
    assert guard["outcome"] in {"PASS", "PASS_WITH_MEASURES"}
    assert guard["hint"] == "王**"
    assert (guard["vehicle"]["plate"], guard["vehicle"]["route"][1]) == ("桂A12345", {"zh": "湖北", "en": "Hubei"})
    withdrawn = await post(gateway, BACK_END, f"/v1/transit-passes/{made['pass_id']}/withdrawal")
    assert (withdrawn.status_code, withdrawn.content) == (204, b"")
    after = await scan(gateway, made["qr_text"])
    assert (after["outcome"], after["reason"], after["vehicle"]["plate"]) == ("REFER", "transit_withdrawn", "桂A12345")


async def test_a_code_shows_no_vehicle(gateway: CallableNode) -> None:
    assert (await scan(gateway, "no code"))["vehicle"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"plate": "not a plate"},
        {"plate": ""},
        {"plate": "桂A12345" * 3},
        {"route": []},
        {"route": ["450"]},
        {"route": ["45", "45"]},
        {"route": [f"{n}" for n in range(11, 28)]},
        {"route": "45"},
        {"valid_until": (AT - timedelta(hours=1)).isoformat()},
        {"valid_until": (AT + timedelta(hours=80)).isoformat()},
        {"valid_until": "2020-03-22T00:00:00"},
        {"valid_until": None},
        {"valid_from": (AT - timedelta(hours=1)).isoformat()},
        {"crew": 2},
    ],
    ids=repr,
)
async def test_a_pass_asked_for_in_another_way_is_refused(gateway: CallableNode, changes: dict[str, object]) -> None:
    await know(gateway)
    assert problem_of(await make(gateway, **changes)) is ProblemId.BAD_REQUEST


async def test_a_driver_above_the_low_level_gets_none(gateway: CallableNode) -> None:
    await know(gateway, Cause.CLOSE_CONTACT)
    assert problem_of(await make(gateway)) is ProblemId.CODE_NOT_CONFIRMED


async def test_what_was_never_made_here_cannot_be_withdrawn(gateway: CallableNode) -> None:
    answer = await post(gateway, BACK_END, f"/v1/transit-passes/{'00' * 16}/withdrawal")
    assert problem_of(answer) is ProblemId.NOT_FOUND
