"""The directory of datasets: silent until heard, fresh while the promise is kept, late after; counts for operators."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.callers import CALLERS
from tests.unit.api.nodes import CallableNode
from tests.world import AT, GUANGXI, HUBEI
from tongxing.core.datasets import Dataset
from tongxing.services.dataset_ports import DatasetMark
from tongxing.services.freshness import REPORTS_FRESH_FOR
from tongxing.services.ingest_ports import BatchName
from tongxing.services.ports import Role

pytestmark = pytest.mark.anyio

OPERATOR = CALLERS[Role.OPERATOR]


async def status_of(hub: CallableNode) -> dict[tuple[str, str | None], dict[str, Any]]:
    told = (await hub.call(None, "GET", "/v1/federation-status")).json()["datasets"]
    return {(each["dataset"], each["region"]): each for each in told}


async def test_a_region_is_silent_until_it_was_heard_then_fresh_then_late(hub: CallableNode) -> None:
    assert (await status_of(hub))["reports", GUANGXI]["freshness"] == "silent"
    ingest = hub.node.core.stores.ingest
    begun = await ingest.begin(BatchName(GUANGXI, "reports", 1), b"d" * 32, AT)
    await ingest.finish(replace(begun, taken_at=AT), [])
    await ingest.say_complete(GUANGXI, "reports", AT, AT)
    told = (await status_of(hub))["reports", GUANGXI]
    assert (told["freshness"], told["lag_seconds"]) == ("fresh", 0)
    hub.clock.move(REPORTS_FRESH_FOR + timedelta(seconds=1))
    later = await status_of(hub)
    assert (later["reports", GUANGXI]["freshness"], later["reports", HUBEI]["freshness"]) == ("late", "silent")


async def test_a_region_whose_back_end_has_docked_nobody_is_silent_though_its_gateway_says_that_nothing_is_missing(
    hub: CallableNode,
) -> None:
    await hub.node.core.stores.ingest.say_complete(GUANGXI, "reports", AT, AT)
    told = (await status_of(hub))["reports", GUANGXI]
    assert (told["freshness"], told["as_of"]) == ("silent", None)


async def test_a_source_beyond_the_regions_has_its_own_promise(hub: CallableNode) -> None:
    await hub.node.core.stores.dataset_marks.mark([DatasetMark(Dataset.CASES, AT - timedelta(hours=7), AT)])
    told = await status_of(hub)
    assert told["cases", None]["freshness"] == "late"
    assert told["tests", None]["freshness"] == "silent"
    assert all(each["owner"]["zh"] and each["freshness_words"]["en"] for each in told.values())


async def test_operators_see_the_last_batch_and_its_counts_and_nobody_else_does(hub: CallableNode) -> None:
    stores = hub.node.core.stores
    begun = await stores.ingest.begin(BatchName(GUANGXI, "reports", 7), b"d" * 32, AT)
    await stores.ingest.finish(replace(begun, taken_at=AT, rows=3, stored=2, set_aside=1), [])
    answer = (await hub.call(OPERATOR, "GET", "/v1/dataset-directory")).json()["datasets"]
    (row,) = [each for each in answer if each["state"]["region"] == GUANGXI]
    assert (row["last_batch"]["number"], row["last_batch"]["rows"], row["last_batch"]["set_aside"]) == (7, 3, 1)
    public = (await hub.call(None, "GET", "/v1/federation-status")).text
    assert "rows" not in public
    assert "number" not in public
