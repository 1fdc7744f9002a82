"""Statistics over the API: gateways tell numbers, an operator of the hub reads tables without small cells."""

import csv
import io
from typing import Any

import pytest

from tests.contract.samples import row
from tests.fakes.callers import CALLERS
from tests.unit.api.nodes import CallableNode
from tests.unit.api.test_citizens import problem_of
from tests.world import AT, GUANGXI, HUBEI
from tongxing.core.calendar import beijing_day
from tongxing.core.levels import Level
from tongxing.services.ports import Role

pytestmark = pytest.mark.anyio

OPERATOR, GATEWAY = CALLERS[Role.OPERATOR], CALLERS[Role.GATEWAY]
DAY = str(beijing_day(AT))
TOLD = {"day": DAY, "origins": {HUBEI: 40, "": 12}, "reasons": {"PASS.decided_by_row": 30, "REFER.no_record": 22}}


async def tables_of(hub: CallableNode) -> dict[str, Any]:
    answer = await hub.call(OPERATOR, "GET", "/v1/statistics")
    assert answer.status_code == 200, answer.text
    return {table["table"]: table for table in answer.json()["tables"]}


async def test_reports_are_counted_by_region_and_level_and_few_people_are_withheld(hub: CallableNode) -> None:
    rows = [row(number, HUBEI) for number in range(30)]
    few = [row(number, GUANGXI, level=Level.HIGH) for number in range(3)]
    await hub.node.core.stores.reports.put_reports([*rows, *few])
    await hub.node.statistics.recount()  # type: ignore[union-attr]
    table = (await tables_of(hub))["levels"]
    assert [column["key"] for column in table["columns"]][:3] == ["low", "medium", "high"]
    numbers = {line["key"]: line["numbers"][:3] for line in table["rows"]}
    assert numbers[GUANGXI] == [0, 0, None]
    assert numbers[HUBEI] == [None, 0, 0] or table["totals"][0] is None or table["total"] is None
    assert 3 not in [number for line in table["rows"] for number in line["numbers"]]


async def test_a_gateways_passages_are_told_as_flows_and_reasons_in_words(hub: CallableNode) -> None:
    assert (await hub.call(GATEWAY, "POST", "/v1/passage-counts", TOLD)).status_code == 204
    tables = await tables_of(hub)
    (flows,) = tables["origins"]["rows"]
    assert (flows["numbers"], flows["total"]) == ([12, 40], 52)
    assert [column["name"]["en"] for column in tables["origins"]["columns"]] == ["not known", "Hubei"]
    (reasons,) = tables["reasons"]["rows"]
    assert (reasons["numbers"], reasons["total"]) == ([30, 22], 52)
    assert tables["reasons"]["columns"][1]["name"]["en"].startswith("REFER")


async def test_what_a_gateway_tells_again_takes_the_place_of_what_it_told(hub: CallableNode) -> None:
    await hub.call(GATEWAY, "POST", "/v1/passage-counts", TOLD)
    again = {"day": DAY, "origins": {HUBEI: 60}, "reasons": {"PASS.decided_by_row": 60}}
    assert (await hub.call(GATEWAY, "POST", "/v1/passage-counts", again)).status_code == 204
    assert (await tables_of(hub))["origins"]["total"] == 60


@pytest.mark.parametrize(
    "change",
    [
        {"day": "2030-01-01"},
        {"day": "1999-01-01"},
        {"origins": {HUBEI: 1}},
        {"origins": {"=1+1": 52}},
        {"origins": {HUBEI: -1, "": 53}},
        {"reasons": {"PASS": 52}},
    ],
)
async def test_counts_of_no_day_or_no_kind_or_that_differ_are_refused(
    hub: CallableNode, change: dict[str, object]
) -> None:
    answer = await hub.call(GATEWAY, "POST", "/v1/passage-counts", TOLD | change)
    assert problem_of(answer) == (400, "bad-request")
    assert (await hub.call(OPERATOR, "GET", "/v1/statistics")).json()["tables"] == []


async def test_a_table_is_read_as_csv_with_empty_fields_where_numbers_are_withheld(hub: CallableNode) -> None:
    told = TOLD | {"origins": {HUBEI: 45, "": 7}}
    await hub.call(GATEWAY, "POST", "/v1/passage-counts", told)
    answer = await hub.call(OPERATOR, "GET", f"/v1/statistics/origins.csv?day={DAY}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    head, line, total = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[0] == DAY
    assert "" in line[2:]
    assert "7" not in [*line, *total]
    assert problem_of(await hub.call(OPERATOR, "GET", "/v1/statistics/persons")) == (404, "not-found")


async def test_days_are_told_as_a_series_the_earliest_first(hub: CallableNode) -> None:
    await hub.node.core.stores.reports.put_reports([row(number, HUBEI) for number in range(30)])
    await hub.node.statistics.recount()  # type: ignore[union-attr]
    answer = (await hub.call(OPERATOR, "GET", "/v1/statistics")).json()
    assert [(one["day"], one["total"]) for one in answer["series"]] == [(DAY, 30)]
