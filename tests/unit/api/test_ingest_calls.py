"""Numbered batches over HTTP: who may send what, what is told of them, and how far a region is."""

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.samples import row
from tests.fakes.callers import CALLERS, TestCaller, insecure_test_key
from tests.unit.api.nodes import CallableNode
from tests.unit.api.test_calls import GUANGXI_GATEWAY, HUBEI_GATEWAY
from tests.unit.services.test_ingesting import lines
from tests.world import AT
from tongxing.app.key_files import public_text
from tongxing.core.limits import INGEST_BODY_MAX_BYTES
from tongxing.services.ports import Role

pytestmark = pytest.mark.anyio

BATCH = "/v1/datasets/reports/batches/1"
NDJSON = "application/x-ndjson"


async def test_a_batch_is_taken_in_told_of_and_read_by_its_sender_alone(hub: CallableNode) -> None:
    body = lines(row(1)) + b"bad\n"
    answer = await hub.call(HUBEI_GATEWAY, "PUT", BATCH, body, media_type=NDJSON)
    told = answer.json()
    assert (answer.status_code, told["rows"], told["stored"], told["set_aside"]) == (200, 2, 1, 1)
    assert (await hub.call(HUBEI_GATEWAY, "PUT", BATCH, body, media_type=NDJSON)).json() == told
    assert (await hub.call(HUBEI_GATEWAY, "GET", BATCH)).json() == told
    aside = await hub.call(HUBEI_GATEWAY, "GET", f"{BATCH}/set-aside")
    assert aside.json() == {"rows": [{"line": 2, "reason": "not JSON"}]}
    assert (await hub.call(HUBEI_GATEWAY, "GET", f"{BATCH}/set-aside?after=2")).json() == {"rows": []}
    for target in (BATCH, f"{BATCH}/set-aside"):
        assert (await hub.call(GUANGXI_GATEWAY, "GET", target)).status_code == 404


@pytest.mark.parametrize(
    ("method", "target", "body", "media_type", "status"),
    [
        ("PUT", BATCH, lines(row(2)), NDJSON, 409),
        ("PUT", "/v1/datasets/reports/batches/2?packing=zstd", b"not zstd", NDJSON, 400),
        ("PUT", "/v1/datasets/reports/batches/2?form=parquet", b"PAR1", "application/vnd.apache.parquet", 400),
        ("PUT", "/v1/datasets/reports/batches/2?form=spreadsheet", b"", NDJSON, 400),
        ("PUT", "/v1/datasets/reports/batches/2", b"{}", "text/html", 415),
        ("PUT", "/v1/datasets/reports/batches/0", b"\n", NDJSON, 400),
        ("PUT", "/v1/datasets/reports/batches/two", b"\n", NDJSON, 404),
        ("PUT", "/v1/datasets/rumours/batches/2", b"\n", NDJSON, 404),
        ("PUT", "/v1/datasets/reports/batches/2", b"x" * (INGEST_BODY_MAX_BYTES + 1), NDJSON, 413),
        ("GET", f"{BATCH}/set-aside?after=-1", b"", NDJSON, 400),
        ("POST", "/v1/datasets/reports/watermark", b'{"as_of":"2020-03-21T08:00:00"}', "application/json", 400),
        ("GET", "/v1/datasets/rumours/watermark", b"", NDJSON, 404),
    ],
)
async def test_what_is_no_batch_of_ours_is_refused_by_what_it_is(
    hub: CallableNode, method: str, target: str, body: bytes, media_type: str, status: int
) -> None:
    await hub.call(HUBEI_GATEWAY, "PUT", BATCH, lines(row(1)), media_type=NDJSON)
    answer = await hub.call(HUBEI_GATEWAY, method, target, body, media_type=media_type)
    assert answer.status_code == status, answer.text


async def test_an_answer_about_a_person_tells_how_far_the_regions_that_report_them_are(hub: CallableNode) -> None:
    packed = gzip.compress(lines(row(1)))
    target = "/v1/datasets/reports/batches/7?packing=gzip"
    await hub.call(HUBEI_GATEWAY, "PUT", target, packed, media_type=NDJSON)
    asked = {"subject_keys": [row(1).subject.hex()]}
    told = (await hub.call(GUANGXI_GATEWAY, "POST", "/v1/report-queries", asked)).json()
    assert told["watermarks"] == [{"region": "42", "last_batch": 7, "complete_until": None}]
    said = await hub.call(HUBEI_GATEWAY, "POST", "/v1/datasets/reports/watermark", {"as_of": AT.isoformat()})
    assert said.json() == (await hub.call(HUBEI_GATEWAY, "GET", "/v1/datasets/reports/watermark")).json()
    hub.clock.move(timedelta(seconds=2))
    told = (await hub.call(GUANGXI_GATEWAY, "POST", "/v1/report-queries", asked)).json()
    assert told["watermarks"][0]["complete_until"] == said.json()["as_of"]


async def test_a_region_sums_its_own_reports_and_no_others(hub: CallableNode) -> None:
    await hub.call(HUBEI_GATEWAY, "PUT", BATCH, lines(row(1), row(2)), media_type=NDJSON)
    own = (await hub.call(HUBEI_GATEWAY, "POST", "/v1/report-sums", {})).json()
    assert ([day["count"] for day in own["days"]], own["next_after"]) == ([2], "")
    up_to_first = {"after": "", "until": row(1).subject.hex()}
    assert (await hub.call(HUBEI_GATEWAY, "POST", "/v1/report-sums", up_to_first)).json()["days"][0]["count"] == 1
    assert (await hub.call(GUANGXI_GATEWAY, "POST", "/v1/report-sums", {})).json()["days"] == []
    assert (await hub.call(HUBEI_GATEWAY, "POST", "/v1/report-sums", {"after": "0g" * 33})).status_code == 400


SOURCE, OPERATOR = CALLERS[Role.SOURCE], CALLERS[Role.OPERATOR]


def row_of_a_test(keys: list[str], **changes: object) -> bytes:
    since = int((AT - timedelta(days=1)).timestamp())
    row = {"subject": keys[0], "kind": "test", "ref": "t-1", "revision": 1, "since_seconds": since}
    return json.dumps({**row, "result": "negative", **changes}).encode() + b"\n"


async def keys_of(hub: CallableNode, number: str = "E99000001") -> list[str]:
    asked = {"documents": [{"type": "20", "number": number}]}
    told = (await hub.call(SOURCE, "POST", "/v1/subject-keys", asked)).json()
    keys: list[str] = told["subject_keys"][0]
    return keys


async def test_a_source_hands_in_its_dataset_by_batches_and_the_directory_tells_of_it(hub: CallableNode) -> None:
    body = row_of_a_test(await keys_of(hub)) + b"bad\n"
    for _ in range(2):
        answer = await hub.call(SOURCE, "PUT", "/v1/datasets/tests/batches/1", body, media_type=NDJSON)
        told = answer.json()
        assert (answer.status_code, told["rows"], told["stored"], told["set_aside"]) == (200, 2, 1, 1)
    state = await state_of(hub, "tests")
    assert (state["state"]["freshness"], state["last_batch"]["number"], state["last_batch"]["rows"]) == ("late", 1, 2)
    said = {"as_of": AT.isoformat()}
    assert (await hub.call(SOURCE, "POST", "/v1/datasets/tests/watermark", said)).json()["number"] == 1
    assert (await state_of(hub, "tests"))["state"]["freshness"] == "fresh"


async def state_of(hub: CallableNode, dataset: str) -> Any:
    rows = (await hub.call(OPERATOR, "GET", "/v1/dataset-directory")).json()["datasets"]
    return next(row for row in rows if row["state"]["dataset"] == dataset)


@pytest.mark.parametrize(
    ("caller", "dataset"),
    [(SOURCE, "cases"), (SOURCE, "reports"), (HUBEI_GATEWAY, "tests"), (HUBEI_GATEWAY, "county_risk")],
)
async def test_nobody_touches_a_dataset_that_is_not_theirs(hub: CallableNode, caller: TestCaller, dataset: str) -> None:
    said = {"as_of": AT.isoformat()}
    answers = [
        await hub.call(caller, "PUT", f"/v1/datasets/{dataset}/batches/1", lines(row(1)), media_type=NDJSON),
        await hub.call(caller, "GET", f"/v1/datasets/{dataset}/batches/1"),
        await hub.call(caller, "GET", f"/v1/datasets/{dataset}/batches/1/set-aside"),
        await hub.call(caller, "POST", f"/v1/datasets/{dataset}/watermark", said),
        await hub.call(caller, "GET", f"/v1/datasets/{dataset}/watermark"),
    ]
    assert {answer.status_code for answer in answers} == {403}


@pytest.mark.parametrize(
    ("role", "datasets"),
    [("source", []), ("source", ["county_risk"]), ("source", ["declarations"]), ("device", ["tests"])],
)
async def test_a_source_is_enrolled_for_datasets_that_have_an_owner_and_nobody_else_for_any(
    hub: CallableNode, role: str, datasets: list[str]
) -> None:
    public = public_text(insecure_test_key("OWNER").public)
    until = (hub.clock.now() + timedelta(days=1)).isoformat()
    key = {"public": public, "role": role, "label": "an owner", "valid_until": until, "datasets": datasets}
    assert (await hub.call(OPERATOR, "POST", "/v1/credentials", key)).status_code == 400
    enrolled = await hub.call(OPERATOR, "POST", "/v1/credentials", {**key, "role": "source", "datasets": ["cases"]})
    assert (enrolled.status_code, enrolled.json()["datasets"]) == (201, ["cases"])


async def test_at_a_gateway_nobody_is_enrolled_as_a_source(gateway: CallableNode) -> None:
    public = public_text(insecure_test_key("OWNER").public)
    until = (gateway.clock.now() + timedelta(days=1)).isoformat()
    key = {"public": public, "role": "source", "label": "an owner", "valid_until": until, "datasets": ["cases"]}
    assert (await gateway.call(OPERATOR, "POST", "/v1/credentials", key)).status_code == 400


async def test_a_one_stop_query_tells_a_dataset_as_late_until_its_owner_said_how_far_it_is(hub: CallableNode) -> None:
    keys = await keys_of(hub)
    asked = {"subject_keys": keys}

    async def source() -> Any:
        told = (await hub.call(GUANGXI_GATEWAY, "POST", "/v1/person-queries", asked)).json()
        return next(each for each in told["panels"]["sources"] if each["name"] == "tests")

    assert (await source())["unavailable"] == "not_docked"
    await hub.call(SOURCE, "PUT", "/v1/datasets/tests/batches/1", row_of_a_test(keys), media_type=NDJSON)
    assert (await source()) == {
        "name": "tests", "as_of": None, "is_late": True, "is_live": False, "unavailable": None,
    }  # fmt: skip
    await hub.call(SOURCE, "POST", "/v1/datasets/tests/watermark", {"as_of": AT.isoformat()})
    assert ((await source())["is_late"], (await source())["as_of"]) == (False, AT.isoformat().replace("+00:00", "Z"))
