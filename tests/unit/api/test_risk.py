"""Risk areas through the API: what an import changes, and what anybody can ask of any moment."""

import json
from datetime import timedelta
from importlib.resources import files
from typing import Any

import pytest

from tests.fakes.callers import CALLERS
from tests.unit.api.nodes import CallableNode
from tests.world import AT
from tongxing.app.packaged import load_case_levels
from tongxing.core.calendar import beijing_day
from tongxing.services.ports import Role
from tongxing.services.risk_import import import_risk_list, publish_risk_list

pytestmark = pytest.mark.anyio

OPERATOR = CALLERS[Role.OPERATOR]
STREET = {"province": "湖北省", "city": "武汉市", "county": "江岸区", "communitys": ["二七街道甲社区"]}
WHOLE = {"province": "湖北省", "city": "武汉市", "county": "青山区", "communitys": []}


def listed(hour: int, *high: dict[str, Any]) -> bytes:
    data = {"end_update_time": f"2020-03-21 {hour:02}时", "highlist": list(high), "middlelist": []}
    return json.dumps({"data": data}).encode()


async def put_in_force(hub: CallableNode, data: bytes) -> dict[str, Any]:
    answer = await hub.call(OPERATOR, "POST", "/v1/risk-lists", data)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def ask(hub: CallableNode, target: str) -> dict[str, Any]:
    answer = await hub.call(None, "GET", target)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_an_import_tells_what_it_changes_against_the_list_before(hub: CallableNode) -> None:
    """The list before the first import is that of the federation's first bundle."""
    await put_in_force(hub, listed(9, WHOLE))
    diff = (await put_in_force(hub, listed(10, STREET)))["diff"]
    assert (diff["areas_appeared"], diff["areas_gone"], diff["areas_changed"]) == (1, 1, 0)
    assert {"area": "湖北省 武汉市 青山区", "before": "high", "after": None} in diff["areas"]
    assert {"number": "420107", "name": "青山区", "before": "high", "after": "low"} in diff["divisions"]
    assert {"number": "420102", "name": "江岸区", "before": "low", "after": "mixed"} in diff["divisions"]


async def test_a_division_a_street_and_a_community_are_told_at_each_moment_since_when_and_by_whom(
    hub: CallableNode,
) -> None:
    await put_in_force(hub, listed(9, STREET))
    await put_in_force(hub, listed(10, WHOLE))
    for place in ("二七街道", "二七街道甲社区", "江岸区"):
        told = await ask(hub, f"/v1/risk-levels?place={place}&at=2020-03-21T09:30:00%2B08:00")
        assert [(one["level"], one["since"], one["until"], one["source"]) for one in told["areas"]] == [
            ("high", "2020-03-21T01:00:00Z", "2020-03-21T02:00:00Z", "official_list")
        ]
        assert (await ask(hub, f"/v1/risk-levels?place={place}"))["areas"] == []
    told = await ask(hub, "/v1/risk-levels?place=420107")
    assert told["in_force"]["as_of"] == "2020-03-21T02:00:00Z"
    (division,) = told["divisions"]
    assert (division["name"], division["risk"], division["since"]) == ("青山区", "high", "2020-03-21T02:00:00Z")
    in_full = await ask(hub, "/v1/risk-levels?place=湖北省 武汉市 青山区")
    assert ([one["number"] for one in in_full["divisions"]], in_full["areas"]) == (["420107"], told["areas"])
    same = await ask(hub, "/v1/risk-levels?place=420000")
    assert [one["number"] for one in same["divisions"]] == ["42"]


async def test_before_the_first_import_the_bundle_in_force_answers(hub: CallableNode) -> None:
    told = await ask(hub, "/v1/risk-levels?place=青山区")
    assert told["in_force"] is None
    assert [(one["number"], one["risk"]) for one in told["divisions"]] == [("150204", "low"), ("420107", "medium")]
    assert {one["number"] for one in (await ask(hub, "/v1/risk-map"))["divisions"]} >= {"11", "4201", "429004"}
    long_ago = await ask(hub, "/v1/risk-map?at=2020-01-01T00:00:00Z")
    assert long_ago["divisions"] == []


async def test_the_list_of_the_first_bundle_stays_in_the_history(hub: CallableNode) -> None:
    await put_in_force(hub, listed(10, STREET))
    told = await ask(hub, "/v1/risk-levels?place=420107&at=2020-03-21T09:00:00%2B08:00")
    assert [one["risk"] for one in told["divisions"]] == ["medium"]


async def test_an_older_list_is_refused_and_neither_bundle_nor_history_change(hub: CallableNode) -> None:
    await put_in_force(hub, listed(10, WHOLE))
    before = await ask(hub, "/v1/risk-map")
    answer = await hub.call(OPERATOR, "POST", "/v1/risk-lists", listed(9))
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tongxing:problem:risk-list-refused")
    assert await ask(hub, "/v1/risk-map") == before
    assert (await hub.call(None, "GET", "/v1/bundles/3")).status_code == 404


async def test_a_list_that_is_not_put_in_force_is_not_kept_in_the_history_either(hub: CallableNode) -> None:
    """The bundle's own list is of 08h, and the history still empty."""
    answer = await hub.call(OPERATOR, "POST", "/v1/risk-lists", listed(7, WHOLE))
    assert answer.status_code == 422
    assert (await ask(hub, "/v1/risk-map"))["in_force"] is None


async def test_a_list_whose_import_was_cut_off_is_kept_when_it_is_sent_again(hub: CallableNode) -> None:
    """Between the bundle and the history the process may end: the same list again heals it."""
    node: Any = hub.node
    imported = (await put_in_force(hub, listed(9)))["bundle"]["number"]
    assert imported == 2
    cut = import_risk_list(listed(10, WHOLE), node.risk.gazetteer, at=AT)
    await publish_risk_list(cut, node.publishing)
    assert (await put_in_force(hub, listed(10, WHOLE)))["bundle"]["number"] == 4
    assert [one["risk"] for one in (await ask(hub, "/v1/risk-levels?place=420107"))["divisions"]] == ["high"]


async def test_levels_from_cases_are_published_and_told_as_what_they_are(hub: CallableNode) -> None:
    table = files("tongxing").joinpath("data", "risk", "levels-2020-03-21.csv").read_bytes()
    early = await hub.call(OPERATOR, "POST", "/v1/risk-level-tables", table, media_type="text/csv")
    assert early.status_code == 422
    assert "not over yet" in early.json()["detail"]
    assert load_case_levels(beijing_day(AT)) is not None
    hub.clock.at = AT + timedelta(days=1)
    answer = await hub.call(OPERATOR, "POST", "/v1/risk-level-tables", table, media_type="text/csv")
    assert answer.status_code == 201
    (wuhan,) = (await ask(hub, "/v1/risk-levels?place=4201"))["divisions"]
    assert (wuhan["risk"], wuhan["source"]) == ("high", "case_counts")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/v1/risk-levels", 400),
        ("/v1/risk-levels?place=", 400),
        ("/v1/risk-levels?place=县", 400),
        ("/v1/risk-levels?place=990101", 404),
        ("/v1/risk-levels?place=42010212345", 404),
        ("/v1/risk-levels?place=" + "9" * 65, 400),
        ("/v1/risk-levels?place=江岸区&at=yesterday", 400),
        ("/v1/risk-map?at=2020-03-21", 400),
        ("/v1/risk-map?at=2020-03-21T00:00:00", 400),
        ("/v1/risk-map?colour=red", 400),
    ],
)
async def test_what_cannot_be_asked_is_refused(hub: CallableNode, target: str, status: int) -> None:
    answer = await hub.call(None, "GET", target)
    assert answer.status_code == status, answer.text
