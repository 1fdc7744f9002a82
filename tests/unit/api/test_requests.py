"""Whatever comes over the wire is answered: with what was asked for or a clear problem, never with a traceback."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.callers import CALLERS
from tests.unit.api.nodes import CallableNode
from tests.world import World
from tongxing.api.bodies import CallerGone, read_body
from tongxing.api.calls import types_of
from tongxing.api.routes import GATEWAY_ROUTES
from tongxing.core.limits import PICTURE_MAX_BYTES, SCAN_BODY_MAX_BYTES
from tongxing.core.problems import PROBLEMS, ProblemId
from tongxing.services.ports import Role

pytestmark = pytest.mark.anyio

DEVICE, BACK_END, OPERATOR = CALLERS[Role.DEVICE], CALLERS[Role.BACK_END], CALLERS[Role.OPERATOR]
SCAN = {"qr_text": "HELLO", "place_kind": "traffic_gate"}


def check_problem(answer: httpx.Response, problem: ProblemId) -> None:
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["type"] == f"urn:tongxing:problem:{problem}"
    assert told["status"] == answer.status_code == PROBLEMS[problem].status
    assert told["title"] == PROBLEMS[problem].title.en
    assert told["title_zh"] == PROBLEMS[problem].title.zh
    assert "Traceback" not in answer.text
    assert ".py" not in answer.text


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/v1",
        "/v1/nothing",
        "/v1/verifications/",
        "/v1/sessions/x",
        "/%00",
        "/..%2f",
        "/v1/verdicts//trail",
        "/metrics/",
    ],
)
async def test_an_unknown_path_is_not_found(gateway: CallableNode, target: str) -> None:
    check_problem(await gateway.call(OPERATOR, "GET", target), ProblemId.NOT_FOUND)


@pytest.mark.parametrize("ref", ["%00", "a" * 65, "a%20b", "..", "%E4%BD%A0", "a;b", "%FF"])
async def test_a_path_part_that_nothing_can_be_named_is_not_found(gateway: CallableNode, ref: str) -> None:
    check_problem(await gateway.call(OPERATOR, "GET", f"/v1/verdicts/{ref}/trail"), ProblemId.NOT_FOUND)


@pytest.mark.parametrize("number", ["0", "99", "-1", "1.0", "x", "9" * 30, "%D9%A1"])
async def test_a_bundle_that_is_not_there_is_not_found(hub: CallableNode, number: str) -> None:
    check_problem(await hub.call(None, "GET", f"/v1/bundles/{number}"), ProblemId.NOT_FOUND)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
async def test_a_wrong_method_is_told_which_ones_there_are(gateway: CallableNode, method: str) -> None:
    answer = await gateway.call(DEVICE, method, "/v1/verifications")
    check_problem(answer, ProblemId.METHOD_NOT_ALLOWED)
    assert answer.headers["allow"] == "POST"


async def test_a_path_with_several_methods_names_all(gateway: CallableNode) -> None:
    answer = await gateway.call(OPERATOR, "PUT", "/v1/credentials")
    assert answer.headers["allow"] == "GET, HEAD, POST"


async def test_head_is_answered_like_get(gateway: CallableNode) -> None:
    assert (await gateway.call(None, "HEAD", "/healthz")).status_code == 200


NOT_A_SCAN: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"qr_text=1",
    "half of it": b'{"qr_text":"a","place_kind":',
    "two of it": b"{}{}",
    "a list": b"[]",
    "a text": b'"a"',
    "null": b"null",
    "a missing member": b'{"qr_text":"a"}',
    "an unknown member": b'{"qr_text":"a","place_kind":"factory","at":"2020-03-21T00:00:00Z"}',
    "a number for a text": b'{"qr_text":1,"place_kind":"factory"}',
    "null for a text": b'{"qr_text":null,"place_kind":"factory"}',
    "an unknown kind of place": b'{"qr_text":"a","place_kind":"moon"}',
    "a raw NUL": b'{"qr_text":"\x00","place_kind":"factory"}',
    "a NUL before it": b'\x00{"qr_text":"a","place_kind":"factory"}',
    "invalid UTF-8": b'{"qr_text":"\xff\xfe","place_kind":"factory"}',
    "half a character": b'{"qr_text":"\xe4\xbd","place_kind":"factory"}',
    "an encoded surrogate": b'{"qr_text":"\xed\xa0\x80","place_kind":"factory"}',
    "half a surrogate pair": b'{"qr_text":"\\ud800","place_kind":"factory"}',
    "UTF-16": json.dumps(SCAN).encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(SCAN).encode(),
    "deep lists": b"[" * 8_000 + b"]" * 8_000,
    "deep in an unknown member": b'{"x":' + b"[" * 8_000 + b"]" * 8_000 + b"}",
    "NaN": b'{"qr_text":NaN,"place_kind":"factory"}',
}


@pytest.mark.parametrize("fault", NOT_A_SCAN)
async def test_a_scan_that_is_not_well_formed_is_refused(gateway: CallableNode, fault: str) -> None:
    answer = await gateway.call(DEVICE, "POST", "/v1/verifications", NOT_A_SCAN[fault], media_type="application/json")
    wanted = ProblemId.BAD_REQUEST if NOT_A_SCAN[fault] else ProblemId.UNSUPPORTED_MEDIA_TYPE
    check_problem(answer, wanted)


async def test_nested_rows_of_a_back_end_are_bounded(gateway: CallableNode) -> None:
    body = b'{"rows":[{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}"
    check_problem(await gateway.call(BACK_END, "POST", "/v1/docked-reports", body), ProblemId.BAD_REQUEST)


async def test_a_refusal_says_where_what_is_wrong(gateway: CallableNode) -> None:
    answer = await gateway.call(DEVICE, "POST", "/v1/verifications", {"qr_text": 5, "place_kind": "factory"})
    assert "$.qr_text" in answer.json()["detail"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""])
async def test_another_media_type_is_refused(gateway: CallableNode, media_type: str) -> None:
    answer = await gateway.call(DEVICE, "POST", "/v1/verifications", SCAN, media_type=media_type)
    check_problem(answer, ProblemId.UNSUPPORTED_MEDIA_TYPE)


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON"])
async def test_the_media_type_may_be_written_as_the_standard_allows(gateway: CallableNode, media_type: str) -> None:
    answer = await gateway.call(DEVICE, "POST", "/v1/verifications", SCAN, media_type=media_type)
    assert answer.status_code == 200


@pytest.mark.parametrize("query", ["?x=1", "?at=2020-01-01", "?=", "?%ff=1"])
async def test_an_unknown_query_parameter_is_refused(gateway: CallableNode, query: str) -> None:
    check_problem(await gateway.call(OPERATOR, "GET", f"/v1/status{query}"), ProblemId.BAD_REQUEST)


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "limit=", "limit=1&limit=2", "limit=1.5"])
async def test_a_query_parameter_out_of_bounds_is_refused(gateway: CallableNode, query: str) -> None:
    check_problem(await gateway.call(OPERATOR, "GET", f"/v1/alarms?{query}"), ProblemId.BAD_REQUEST)


async def test_a_query_parameter_within_bounds_is_taken(gateway: CallableNode) -> None:
    assert (await gateway.call(OPERATOR, "GET", "/v1/alarms?limit=1000")).json() == {"alarms": []}


async def test_a_body_that_is_too_large_is_refused(gateway: CallableNode) -> None:
    body = json.dumps({**SCAN, "qr_text": "x" * SCAN_BODY_MAX_BYTES}).encode()
    check_problem(await gateway.call(DEVICE, "POST", "/v1/verifications", body), ProblemId.BODY_TOO_LARGE)


async def test_a_body_where_none_is_taken_is_refused(gateway: CallableNode) -> None:
    check_problem(await gateway.call(DEVICE, "POST", "/v1/sessions", b"x"), ProblemId.BODY_TOO_LARGE)


async def in_chunks(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def test_a_chunked_body_without_a_length_is_counted_as_it_comes(gateway: CallableNode) -> None:
    session = await gateway.open_session()
    headers = {**session, "content-type": "application/json"}
    good = json.dumps(SCAN).encode()
    answer = await gateway.client.post("/v1/verifications", content=in_chunks(good, 3), headers=headers)
    assert answer.status_code == 200
    endless = in_chunks(b" " * (SCAN_BODY_MAX_BYTES + 1), 1_000)
    answer = await gateway.client.post("/v1/verifications", content=endless, headers=headers)
    check_problem(answer, ProblemId.BODY_TOO_LARGE)


@pytest.mark.parametrize("length", ["x", "-1", "1e3", "9" * 100, "", "²"])
async def test_a_declared_length_that_is_none_is_refused(gateway: CallableNode, length: str) -> None:
    session = await gateway.open_session()
    headers = [(name.encode(), value.encode("latin-1")) for name, value in session.items()]
    headers += [(b"content-length", length.encode("latin-1")), (b"content-type", b"application/json")]
    answer = await gateway.client.post("/v1/verifications", content=in_chunks(b"{}", 2), headers=headers)
    check_problem(answer, ProblemId.BODY_TOO_LARGE)


async def test_a_caller_who_leaves_while_sending_is_not_answered() -> None:
    messages: Iterator[dict[str, Any]] = iter(
        [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive() -> dict[str, Any]:
        return next(messages)

    with pytest.raises(CallerGone):
        await read_body({"headers": []}, receive, 100)


async def test_a_picture_without_a_code_is_a_verdict_and_no_problem(gateway: CallableNode) -> None:
    shown = {"picture": b64encode(b"no picture").decode(), "place_kind": "factory"}
    answer = await gateway.call(DEVICE, "POST", "/v1/verifications/picture", shown)
    assert answer.status_code == 200
    assert (answer.json()["outcome"], answer.json()["reason"]) == ("REFER", "picture_unreadable")


@pytest.mark.parametrize(
    "changed", [{"place_kind": "moon"}, {"place_kind": None}, {"picture": "*"}, {"picture": 1}, {"more": 1}]
)
async def test_a_picture_says_at_what_kind_of_place_and_is_base64(
    gateway: CallableNode, changed: dict[str, object]
) -> None:
    shown = {"picture": "AAAA", "place_kind": "factory", **changed}
    check_problem(await gateway.call(DEVICE, "POST", "/v1/verifications/picture", shown), ProblemId.BAD_REQUEST)


async def test_nothing_that_a_guard_says_of_a_person_stands_in_an_address(gateway: CallableNode) -> None:
    """Law 8: whatever stands on the way logs addresses."""
    shown = {"picture": "AAAA", "place_kind": "factory"}
    for target in ("?temperature_decicelsius=380&temperature_confirmed=true", "?place_kind=factory"):
        answer = await gateway.call(DEVICE, "POST", f"/v1/verifications/picture{target}", shown)
        check_problem(answer, ProblemId.BAD_REQUEST)
    named = {name for row in GATEWAY_ROUTES for name in types_of(row).query.__struct_fields__}
    assert not {name for name in named if "temperature" in name or "document" in name or "level" in name}


async def test_a_picture_that_is_too_large_is_refused(gateway: CallableNode) -> None:
    shown = {"picture": b64encode(bytes(PICTURE_MAX_BYTES + 2048)).decode(), "place_kind": "factory"}
    answer = await gateway.call(DEVICE, "POST", "/v1/verifications/picture", shown)
    check_problem(answer, ProblemId.BODY_TOO_LARGE)


async def test_a_national_code_is_decided_by_token_and_by_signature(gateway: CallableNode) -> None:
    session = await gateway.open_session()
    scan = {"qr_text": World().national_code(), "place_kind": "traffic_gate"}
    signed = await gateway.call(DEVICE, "POST", "/v1/verifications", scan)
    by_token = await gateway.client.post("/v1/verifications", json=scan, headers=session)
    for answer in (signed, by_token):
        assert answer.status_code == 200
        assert answer.json()["outcome"] == "PASS"
        assert answer.headers["cache-control"] == "no-store"
    assert signed.json()["ref"] != by_token.json()["ref"]


async def test_before_the_first_bundle_a_scan_is_told_why_it_cannot_be_decided(gateway: CallableNode) -> None:
    gateway.node.reference._knowledge = None  # type: ignore[union-attr]
    answer = await gateway.call(DEVICE, "POST", "/v1/verifications", SCAN)
    check_problem(answer, ProblemId.UPSTREAM_AWAY)
    assert answer.json()["reason"] == "bundle_too_old"
    assert (await gateway.call(None, "GET", "/readyz")).status_code == 503


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=60).map(lambda text: json.dumps({**SCAN, "qr_text": text}).encode())
    )
)
async def test_no_body_whatever_makes_the_gateway_fail(gateway: CallableNode, body: bytes) -> None:
    session = await gateway.open_session()
    headers = {**session, "content-type": "application/json"}
    answer = await gateway.client.post("/v1/verifications", content=body, headers=headers)
    assert answer.status_code in (200, 400, 413)
    assert answer.status_code == 200 or answer.headers["content-type"] == "application/problem+json"
    if answer.status_code == 200:
        assert answer.json()["outcome"] in ("PASS", "REFER")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=120), st.binary(max_size=80))
async def test_no_signature_field_whatever_makes_the_gateway_fail(
    gateway: CallableNode, signature_input: str, signature: bytes
) -> None:
    headers = [
        (b"signature-input", signature_input.encode()),
        (b"signature", signature.replace(b"\n", b"").replace(b"\r", b"")),
        (b"content-type", b"application/json"),
    ]
    answer = await gateway.client.post("/v1/verifications", content=msgspec.json.encode(SCAN), headers=headers)
    assert answer.status_code == 401
