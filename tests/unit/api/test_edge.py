"""Every error becomes an answer in one place; the log and the metrics hold nothing of a request's content."""

import asyncio
from collections.abc import Callable

import httpx
import msgspec
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.fakes.callers import CALLERS
from tests.unit.api.nodes import ORIGIN, CallableNode
from tests.world import HUBEI_CODE, World
from tongxing.api.edge import Edge
from tongxing.api.metrics import Metrics
from tongxing.api.problems import PROBLEM_OF_REASON, PROBLEM_OF_STAGE, describe_failure, problem_of
from tongxing.core.errors import Fault, Refused, Rejected, Undecidable
from tongxing.core.limits import RETRY_AFTER_SECONDS_MAX
from tongxing.core.problems import PROBLEMS, ProblemId
from tongxing.core.reasons import REASONS, ReasonId, Stage, impersonal_slug
from tongxing.core.verdicts import Outcome
from tongxing.services.admission import Admission
from tongxing.services.observing import Stretch, Upstream, UpstreamResult
from tongxing.services.ports import Role

pytestmark = pytest.mark.anyio

SECRET = "990101199001011234"
"""Stands for whatever must never be told: a number like a document's, of a division that is none."""


def raising(error: Exception) -> ASGIApp:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise error

    return app


async def answer_to(error: Exception) -> httpx.Response:
    transport = httpx.ASGITransport(Edge(raising(error), Metrics(), Admission()))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        return await client.get(f"/{SECRET}?{SECRET}")


@pytest.mark.parametrize("problem", list(ProblemId))
async def test_a_refusal_is_told_as_its_problem(problem: ProblemId) -> None:
    answer = await answer_to(Refused(problem, "because"))
    assert answer.status_code == PROBLEMS[problem].status
    assert answer.json()["detail"] == "because"


@pytest.mark.parametrize("kind", [Rejected, Undecidable])
@pytest.mark.parametrize("reason", list(ReasonId))
async def test_a_reason_outside_a_verdict_is_told_as_its_problem(
    reason: ReasonId, kind: Callable[[ReasonId], Exception]
) -> None:
    answer = await answer_to(kind(reason))
    assert answer.status_code == PROBLEMS[problem_of(reason)].status
    assert 400 <= answer.status_code < 600
    assert answer.json()["reason"] == reason


def test_the_table_between_reasons_and_problems_is_whole_and_without_repetition() -> None:
    assert set(PROBLEM_OF_STAGE) == set(Stage)
    for reason, problem in PROBLEM_OF_REASON.items():
        assert PROBLEM_OF_STAGE[REASONS[reason].stage] is not problem


@pytest.mark.parametrize(
    "error", [Fault(f"disk {SECRET}"), ValueError(SECRET), KeyError(SECRET), RecursionError(SECRET)]
)
async def test_of_our_own_faults_nothing_is_told_but_that_they_are_ours(error: Exception) -> None:
    answer = await answer_to(error)
    assert answer.status_code == 500
    assert answer.json() == {
        "type": "urn:tongxing:problem:fault",
        "title": PROBLEMS[ProblemId.FAULT].title.en,
        "title_zh": PROBLEMS[ProblemId.FAULT].title.zh,
        "status": 500,
    }


def test_a_detail_is_cut() -> None:
    assert (
        len(msgspec.json.decode(describe_failure(Refused(ProblemId.CONFLICT, "x" * 9_999)).encode())["detail"]) == 300
    )


async def test_one_request_too_many_is_turned_away_at_once() -> None:
    arrived, leave = asyncio.Event(), asyncio.Event()

    async def slow(_scope: Scope, _receive: Receive, _send: Send) -> None:
        arrived.set()
        await leave.wait()
        raise Refused(ProblemId.NOT_FOUND)

    transport = httpx.ASGITransport(Edge(slow, Metrics(), Admission(1)))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        first = asyncio.create_task(client.get("/"))
        await arrived.wait()
        async with asyncio.timeout(5):
            second = await client.get("/")
        leave.set()
        assert second.status_code == 503
        assert 1 <= int(second.headers["retry-after"]) <= RETRY_AFTER_SECONDS_MAX
        assert (await first).status_code == 404
        assert (await client.get("/")).status_code == 404


async def test_a_fault_is_logged_by_its_type_and_place_and_never_by_its_message(gateway: CallableNode) -> None:
    async def fail(*_arguments: object) -> None:
        raise ValueError(SECRET)

    gateway.node.verification.verify = fail  # type: ignore[union-attr, method-assign]
    answer = await gateway.call(
        CALLERS[Role.DEVICE], "POST", "/v1/verifications", {"qr_text": SECRET, "place_kind": "factory"}
    )
    assert answer.status_code == 500
    (fault,) = [line for line in gateway.log_lines() if line["event"] == "fault"]
    assert fault["error_type"] == "ValueError"
    assert any("gateway_calls" in str(frame) for frame in fault["frames"])  # type: ignore[attr-defined]
    assert SECRET not in gateway.logged.getvalue().decode()


@pytest.mark.parametrize(("detail", "flaw"), [("nested too deep", "nested too deep"), (f"of {SECRET}", None)])
async def test_what_was_wrong_with_a_sources_answer_is_logged_in_closed_words_alone(
    gateway: CallableNode, detail: str, flaw: str | None
) -> None:
    async def fail(*_arguments: object) -> None:
        raise Undecidable(ReasonId.SOURCE_UNREADABLE, detail)

    gateway.node.verification.verify = fail  # type: ignore[union-attr, method-assign]
    await gateway.call(CALLERS[Role.DEVICE], "POST", "/v1/verifications", {"qr_text": "x", "place_kind": "factory"})
    (line,) = [line for line in gateway.log_lines() if line["event"] == "request"]
    assert (line["reason"], line.get("flaw")) == ("source_unreadable", flaw)
    assert "withheld" not in line


async def test_each_request_is_one_line_of_known_fields(gateway: CallableNode) -> None:
    scan = {"qr_text": World().national_code(), "place_kind": "traffic_gate"}
    await gateway.call(CALLERS[Role.DEVICE], "POST", "/v1/verifications", scan)
    await gateway.call(CALLERS[Role.BACK_END], "POST", "/v1/verifications", scan)
    await gateway.call(None, "POST", "/v1/verifications", scan)
    await gateway.call(None, "GET", f"/{SECRET}?q={SECRET}")
    await gateway.call(None, "GET", "/healthz")
    lines = [line for line in gateway.log_lines() if line["event"] == "request"]
    assert [(line["route"], line["status"], line["role"]) for line in lines] == [
        ("/v1/verifications", 200, "device"),
        ("/v1/verifications", 403, "back_end"),
        ("/v1/verifications", 401, "unknown"),
        ("/unknown", 404, "unknown"),
        ("/healthz", 200, "public"),
    ]
    assert lines[0]["outcome"] == "PASS"
    assert lines[0]["reason"] == "decided_by_row"
    assert lines[0]["trail"] == "1-7"
    assert lines[1]["problem"] == "forbidden"
    assert all("withheld" not in line for line in lines)


async def test_nothing_of_what_was_sent_is_logged_or_measured(gateway: CallableNode) -> None:
    device, back_end = CALLERS[Role.DEVICE], CALLERS[Role.BACK_END]
    name = "王小明"
    document = {"type": "10", "number": SECRET}
    sent = [
        (device, "/v1/verifications", {"qr_text": HUBEI_CODE, "place_kind": "factory"}),
        (device, "/v1/verifications", {"qr_text": SECRET, "place_kind": "factory"}),
        (device, "/v1/verifications", {"qr_text": SECRET, "place_kind": SECRET}),
        (back_end, "/v1/codes", {"serial": "0" * 32, "random": "1" * 32, "document": document, "name": name}),
        (back_end, "/v1/docked-reports", {"rows": [{"name": name, "number": SECRET, name: SECRET}]}),
        (back_end, "/v1/explanations", {"host": "42", "ref": "a" * 16, "qr_text": HUBEI_CODE}),
        (back_end, f"/v1/{SECRET}", {}),
    ]
    for caller, target, body in sent:
        await gateway.call(caller, "POST", target, body)
    session = await gateway.open_session()
    written = gateway.logged.getvalue().decode() + (await gateway.call(None, "GET", "/metrics")).text
    for secret in (SECRET, name, "\\u738b", HUBEI_CODE, session["authorization"].split()[1], device.key_id, "0" * 32):
        assert secret not in written


async def test_metrics_count_verdicts_requests_and_problems(gateway: CallableNode) -> None:
    device = CALLERS[Role.DEVICE]
    await gateway.call(device, "POST", "/v1/verifications", {"qr_text": "x", "place_kind": "factory"})
    await gateway.call(None, "GET", "/nothing")
    answer = await gateway.call(None, "GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert 'tongxing_verdicts_total{outcome="REFER",reason="not_a_code"} 1.0' in lines
    assert 'tongxing_requests_total{route="/v1/verifications",status="200"} 1.0' in lines
    assert 'tongxing_requests_total{route="/unknown",status="404"} 1.0' in lines
    assert 'tongxing_problems_total{problem="not-found"} 1.0' in lines
    assert "tongxing_bundle_number 1.0" in lines
    assert "tongxing_bundle_age_seconds 3600.0" in lines
    assert 'tongxing_stage_seconds_count{stage="record"} 1.0' in lines
    (commits,) = (line for line in lines if line.startswith("tongxing_commit_rows_sum"))
    assert float(commits.split()[1]) >= 2  # the nonce and the passage, beside what the node forgets by itself
    assert 'tongxing_stage_seconds_count{stage="verify"} 1.0' in lines


def test_the_labels_of_metrics_are_bounded() -> None:
    metrics = Metrics()
    for outcome in Outcome:
        for reason in ReasonId:
            metrics.verdict_given(outcome, impersonal_slug(reason))
    for upstream in Upstream:
        for result in UpstreamResult:
            metrics.upstream_answered(upstream, result, 0.1)
    for stretch in Stretch:
        metrics.stretch_took(stretch, 0.1)
    metrics.committed(3)
    assert metrics.encode().count(b"\n") < 1_000
