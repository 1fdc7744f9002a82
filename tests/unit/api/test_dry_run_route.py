"""What the rules of a day cost, over the wire: the same as the command counts, for everybody, one at a time."""

import asyncio
from typing import Any

import pytest

from tests.unit.api.nodes import CallableNode
from tongxing.app.dry_runs import WAITING_MAX
from tongxing.app.nodes import Hub
from tongxing.app.packaged import load_case_levels, load_gazetteer
from tongxing.core.calendar import beijing_day
from tongxing.recognition.dry_run import join_hosts, list_cities, run_hosts
from tongxing.risk.level_table import map_case_levels

pytestmark = pytest.mark.anyio

PATH = "/v1/dry-runs/2020-03-21"
HUBEIS = "42/hubei/conditional_recognition"


async def tell(hub: CallableNode, path: str) -> tuple[int, dict[str, Any]]:
    answer = await hub.call(None, "GET", path)
    told: dict[str, Any] = answer.json()
    return answer.status_code, told


async def test_everybody_is_told_what_the_command_counts(hub: CallableNode) -> None:
    assert isinstance(hub.node, Hub)
    day = beijing_day(hub.clock.now())
    levels, gazetteer = load_case_levels(day), load_gazetteer()
    assert levels is not None
    risk, cities = map_case_levels(levels, gazetteer), list_cities(gazetteer, day.year)
    run = join_hosts(run_hosts(hub.node.published.rules, risk, cities, day), risk, cities, day)
    status, told = await tell(hub, PATH)
    total = told["in_force"]["total"]
    assert (status, told["cities"], told["changed"]) == (200, len(cities), None)
    assert (total["pairs"], total["nothing_asked"]) == (run.total().total, run.total().nothing_asked)
    assert sum(each["tally"]["stopped"] for each in told["in_force"]["by_host"]) == run.total().stopped
    assert told["in_force"]["svg"].startswith("<svg")
    assert {each["id"]: each["pairs"] for each in told["exceptions"]}[HUBEIS] == run.exceptions[HUBEIS]


async def test_without_an_exception_more_pass_with_nothing_asked(hub: CallableNode) -> None:
    _, told = await tell(hub, f"{PATH}?without={HUBEIS.replace('/', '%2F')}&place_kind=factory&lang=en")
    changed, in_force = told["changed"]["total"], told["in_force"]["total"]
    assert changed["pairs"] == in_force["pairs"]
    assert changed["nothing_asked"] > in_force["nothing_asked"]
    assert "rows: from; columns: to" in told["changed"]["svg"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/dry-runs/yesterday", 400),
        (f"{PATH}?place_kind=moon", 400),
        (f"{PATH}?without=42%2Fhubei%2Fnothing", 404),
        ("/v1/dry-runs/2020-02-01", 404),
        ("/v1/dry-runs/2090-01-01", 404),
    ],
)
async def test_what_cannot_be_run_is_refused_by_name(hub: CallableNode, path: str, status: int) -> None:
    told = await tell(hub, path)
    assert told[0] == status
    assert told[1]["detail"]


async def test_few_wait_and_the_rest_are_told_so_at_once(hub: CallableNode) -> None:
    answers = await asyncio.gather(*(tell(hub, PATH) for _ in range(WAITING_MAX + 3)))
    statuses = sorted(status for status, _ in answers)
    assert statuses == [200] * WAITING_MAX + [503] * 3
