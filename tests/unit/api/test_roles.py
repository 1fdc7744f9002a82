"""The table of routes is the law of access: each row, each role that it does not name, each way to be nobody."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.fakes.callers import CALLERS, TestCaller, insecure_test_key
from tests.unit.api.nodes import CallableNode
from tongxing.api.calls import PUBLIC, RouteRow
from tongxing.api.routes import GATEWAY_ROUTES, HUB_ROUTES
from tongxing.core.limits import CLOCK_SKEW, REQUEST_SIGNATURE_LIFE, SESSION_LIFE
from tongxing.services.ports import Role

pytestmark = pytest.mark.anyio

TABLES: dict[str, tuple[RouteRow[Any], ...]] = {"gateway": GATEWAY_ROUTES, "hub": HUB_ROUTES}
CITIZENS = frozenset({Role.CITIZEN})
ALL_GUARDED = [(kind, row) for kind, rows in TABLES.items() for row in rows if row.roles]
GUARDED = [(kind, row) for kind, row in ALL_GUARDED if row.roles != CITIZENS]
FORBIDDEN = [(kind, row, role) for kind, row in ALL_GUARDED for role in CALLERS if role not in row.roles]

REGION_PATHS = (
    *("/v1/regions", "/v1/regions/{region}"),
    *("/v1/regions/{region}/differences/{other}", "/v1/acceptance/{issuer}/{host}"),
    "/v1/case-counts",
    "/v1/retention",
)
PUBLIC_PATHS = {
    "gateway": {
        *("/healthz", "/readyz", "/metrics", "/openapi.json", "/v1/pairings/redeemed"),
        *("/v1/my/sign-in", "/v1/my/sign-in/callback"),
        *REGION_PATHS,
        *("/v1/rules", "/v1/rules/{region}", "/v1/exceptions"),
    },
    "hub": {
        *("/healthz", "/readyz", "/metrics", "/openapi.json", "/v1/pairings/redeemed"),
        *("/v1/bundles/latest", "/v1/bundles/{number}"),
        *REGION_PATHS,
        *("/v1/rules", "/v1/rules/{region}", "/v1/exceptions", "/v1/rule-notices", "/v1/dry-runs/{on}"),
        *("/v1/risk-map", "/v1/risk-levels", "/v1/carried-digests/{day}", "/v1/federation-status"),
    },
}
"""Said here once more on purpose: a row that becomes public by a slip breaks a test."""

ALLOWED = {
    "POST /v1/verifications": {Role.DEVICE},
    "POST /v1/verifications/picture": {Role.DEVICE},
    "POST /v1/sessions": {Role.DEVICE},
    "POST /v1/statements": {Role.GATEWAY},
    "GET /v1/verdicts/{ref}/citizen": {Role.GATEWAY, Role.OPERATOR},
    "GET /v1/verdicts/{ref}/trail": {Role.OPERATOR},
    "POST /v1/verdicts/{ref}/ending": {Role.DEVICE},
    "POST /v1/explanations": {Role.BACK_END},
    "POST /v1/tickets": {Role.BACK_END},
    "POST /v1/codes": {Role.BACK_END},
    "POST /v1/docked-reports": {Role.BACK_END},
    "POST /v1/transit-passes": {Role.BACK_END},
    "POST /v1/transit-passes/{pass_id}/withdrawal": {Role.BACK_END},
    "POST /v1/recognitions": {Role.BACK_END},
    "POST /v1/conversions": {Role.BACK_END},
    "POST /v1/conversions/{conversion_id}/display": {Role.BACK_END},
    "POST /v1/conversion-statements": {Role.GATEWAY},
    "POST /v1/carried-statements": {Role.BACK_END},
    "POST /v1/verifications/document": {Role.DEVICE},
    "POST /v1/printed-codes": {Role.BACK_END},
    "POST /v1/looks": {Role.BACK_END},
    "POST /v1/shared-looks": {Role.GATEWAY},
    "POST /v1/look-queries": {Role.GATEWAY},
    "POST /v1/my/sign-out": {Role.CITIZEN},
    "GET /v1/my/identity": {Role.CITIZEN},
    "POST /v1/my/codes": {Role.CITIZEN},
    "POST /v1/my/explanations": {Role.CITIZEN},
    "POST /v1/my/report": {Role.CITIZEN},
    "POST /v1/my/cases": {Role.CITIZEN},
    "GET /v1/my/documents": {Role.CITIZEN},
    "POST /v1/my/documents/{link_id}/objection": {Role.CITIZEN},
    "POST /v1/person-links": {Role.OPERATOR},
    "POST /v1/person-links/withdrawal": {Role.OPERATOR},
    "POST /v1/shared-links": {Role.GATEWAY},
    "POST /v1/link-queries": {Role.GATEWAY},
    "GET /v1/my/cases": {Role.CITIZEN},
    "POST /v1/my/cases/{number}/withdrawal": {Role.CITIZEN},
    "POST /v1/cases": {Role.BACK_END, Role.OPERATOR},
    "GET /v1/cases": {Role.OPERATOR},
    "POST /v1/cases/{number}/examination": {Role.OPERATOR},
    "POST /v1/cases/{number}/decision": {Role.OPERATOR},
    "POST /v1/forwarded-cases": {Role.GATEWAY},
    "POST /v1/my/declarations": {Role.CITIZEN},
    "GET /v1/my/looks": {Role.CITIZEN},
    "POST /v1/one-stop-queries": {Role.DEVICE, Role.BACK_END, Role.OPERATOR},
    "GET /v1/my/one-stop": {Role.CITIZEN},
    "GET /v1/my/family": {Role.CITIZEN},
    "POST /v1/my/family": {Role.CITIZEN},
    "POST /v1/my/family/invitations": {Role.CITIZEN},
    "POST /v1/my/family/consents": {Role.CITIZEN},
    "DELETE /v1/my/family/{bond_id}": {Role.CITIZEN},
    "GET /v1/status": {Role.OPERATOR},
    "GET /v1/alarms": {Role.OPERATOR},
    "GET /v1/credentials": {Role.OPERATOR},
    "POST /v1/credentials": {Role.OPERATOR},
    "DELETE /v1/credentials/{key_id}": {Role.OPERATOR},
    "POST /v1/pairings": {Role.OPERATOR},
    "GET /v1/directory": {Role.OPERATOR},
    "POST /v1/bundles": {Role.OPERATOR},
    "POST /v1/rule-trials": {Role.OPERATOR},
    "POST /v1/rule-readings": {Role.OPERATOR},
    "POST /v1/rule-proposals": {Role.OPERATOR},
    "GET /v1/rule-proposals": {Role.OPERATOR},
    "GET /v1/rule-proposals/{proposal_id}": {Role.OPERATOR},
    "POST /v1/rule-proposals/{proposal_id}/approval": {Role.OPERATOR},
    "POST /v1/rule-proposals/{proposal_id}/rejection": {Role.OPERATOR},
    "POST /v1/profiles": {Role.OPERATOR},
    "POST /v1/foreign-trust": {Role.OPERATOR},
    "POST /v1/risk-lists": {Role.OPERATOR},
    "POST /v1/risk-level-tables": {Role.OPERATOR},
    **{
        f"POST /v1/directory-records/{{region}}/{change}": {Role.OPERATOR}
        for change in ("suspension", "resumption", "departure")
    },
    "POST /v1/directory-records": {Role.OPERATOR},
    "POST /v1/subject-keys": {Role.GATEWAY, Role.SOURCE},
    "GET /v1/key-rotation": {Role.OPERATOR},
    "GET /v1/look-counts": {Role.OPERATOR},
    "POST /v1/newer-subject-keys": {Role.GATEWAY},
    "POST /v1/reports": {Role.GATEWAY},
    "POST /v1/report-sums": {Role.GATEWAY},
    "POST /v1/reconciliations": {Role.OPERATOR},
    "PUT /v1/datasets/{dataset}/batches/{number}": {Role.GATEWAY, Role.SOURCE},
    "GET /v1/datasets/{dataset}/batches/{number}": {Role.GATEWAY, Role.SOURCE},
    "GET /v1/datasets/{dataset}/batches/{number}/set-aside": {Role.GATEWAY, Role.SOURCE},
    "POST /v1/datasets/{dataset}/watermark": {Role.GATEWAY, Role.SOURCE},
    "GET /v1/datasets/{dataset}/watermark": {Role.GATEWAY, Role.SOURCE},
    "POST /v1/datasets/{dataset}/sums": {Role.SOURCE},
    "POST /v1/report-queries": {Role.GATEWAY},
    "POST /v1/person-queries": {Role.GATEWAY},
    "POST /v1/consultations": {Role.GATEWAY},
    "POST /v1/national-codes": {Role.GATEWAY},
    "POST /v1/declarations": {Role.GATEWAY},
    "POST /v1/federation-explanations": {Role.GATEWAY},
    "POST /v1/evidence": {Role.OPERATOR},
    "POST /v1/passage-counts": {Role.GATEWAY},
    "GET /v1/statistics": {Role.OPERATOR},
    "GET /v1/dataset-directory": {Role.OPERATOR},
    "GET /v1/deletion-reports": {Role.OPERATOR},
    "GET /v1/statistics/{table}": {Role.OPERATOR},
    "POST /v1/carried-digests": {Role.GATEWAY},
    "POST /gb38963/health-declaration": {Role.BACK_END},
    "POST /gb38963/trip-declaration": {Role.BACK_END},
    "POST /gb38963/health-query": {Role.BACK_END, Role.DEVICE},
    "POST /gb38963/call-application": {Role.BACK_END, Role.DEVICE},
    "POST /gb38963/code-making": {Role.BACK_END},
    "POST /gb38963/code-verification": {Role.DEVICE},
    "POST /gb38963/error-correction": {Role.BACK_END},
}


def named(row: RouteRow[Any]) -> str:
    return f"{row.method} {row.path}"


def id_of(value: object) -> str:
    return named(value) if isinstance(value, RouteRow) else str(value)


def target_of(row: RouteRow[Any]) -> str:
    ids = dict.fromkeys(("conversion_id", "bond_id", "pass_id", "proposal_id", "link_id"), "00" * 16)
    return row.path.format(
        ref="abcdefgh", key_id="00" * 8, number="1", dataset="reports", table="levels", region="99", **ids
    )


def body_of(row: RouteRow[Any]) -> bytes:
    return b"{}" if row.body_max_bytes else b""


@pytest.fixture(params=["gateway", "hub"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def node_of(kind: str, request: pytest.FixtureRequest) -> CallableNode:
    node: CallableNode = request.getfixturevalue(kind)
    return node


def problem_of(answer: httpx.Response) -> str:
    if answer.url.path.startswith("/gb38963/"):
        assert answer.headers["content-type"] == "application/json"
        return str(answer.json()["problem"])
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    slug: str = answer.json()["type"].removeprefix("urn:tongxing:problem:")
    return slug


async def call(node: CallableNode, caller: TestCaller | None, row: RouteRow[Any], **how: Any) -> httpx.Response:
    return await node.call(caller, row.method, target_of(row), body_of(row), **how)


def test_the_table_says_what_was_decided() -> None:
    assert {named(row): set(row.roles) for _, row in ALL_GUARDED} == ALLOWED


@pytest.mark.parametrize("kind", TABLES)
def test_only_what_tells_nothing_of_a_person_is_public(kind: str) -> None:
    assert {row.path for row in TABLES[kind] if row.roles == PUBLIC} == PUBLIC_PATHS[kind]
    by_secret = {"/v1/pairings/redeemed"}
    assert all(row.method == "GET" or row.path in by_secret for row in TABLES[kind] if row.roles == PUBLIC)


async def test_no_role_may_use_a_route_that_does_not_name_it(gateway: CallableNode, hub: CallableNode) -> None:
    nodes = {"gateway": gateway, "hub": hub}
    told = {}
    for kind, row, role in FORBIDDEN:
        answer = await call(nodes[kind], CALLERS[role], row)
        told[kind, named(row), role] = (answer.status_code, problem_of(answer))
    assert len(told) == len(FORBIDDEN) > 60
    assert set(told.values()) == {(403, "forbidden")}


def own_target_of(row: RouteRow[Any], role: Role) -> str:
    """Return the target that a caller of the role may name: a source has no reports to hand in, only its dataset."""
    return target_of(row).replace("/reports/", "/tests/") if role is Role.SOURCE else target_of(row)


async def test_every_role_that_a_route_names_passes_the_gate(gateway: CallableNode, hub: CallableNode) -> None:
    nodes = {"gateway": gateway, "hub": hub}
    stopped = []
    for kind, row in GUARDED:
        for role in row.roles:
            answer = await nodes[kind].call(CALLERS[role], row.method, own_target_of(row, role), body_of(row))
            if answer.status_code in (401, 403) and "/citizen" not in row.path:
                stopped.append((kind, named(row), role, answer.status_code))
    assert stopped == []


def without(*names: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda headers: {name: value for name, value in headers.items() if name not in names}


def broken_signature(headers: dict[str, str]) -> dict[str, str]:
    signature = headers["signature"]
    place = signature.index(":") + 5
    return {
        **headers,
        "signature": signature[:place] + ("B" if signature[place] == "A" else "A") + signature[place + 1 :],
    }


NOBODIES: dict[str, tuple[Callable[[dict[str, str]], dict[str, str]], str]] = {
    "unsigned": (without("signature", "signature-input", "content-digest"), "unauthenticated"),
    "without its signature": (without("signature"), "unauthenticated"),
    "with a broken signature": (broken_signature, "signature-invalid"),
    "with an unknown token": (lambda _headers: {"authorization": "Bearer " + "A" * 43}, "session-ended"),
    "with another scheme": (lambda _headers: {"authorization": "Basic YTpi"}, "unauthenticated"),
}


@pytest.mark.parametrize("nobody", NOBODIES)
async def test_every_guarded_route_refuses_a_request(nobody: str, gateway: CallableNode, hub: CallableNode) -> None:
    nodes = {"gateway": gateway, "hub": hub}
    change, problem = NOBODIES[nobody]
    for kind, row in GUARDED:
        answer = await call(nodes[kind], CALLERS[next(iter(row.roles))], row, change=change)
        assert (answer.status_code, problem_of(answer)) == (401, problem), named(row)
        assert "www-authenticate" in answer.headers


async def test_every_guarded_route_refuses_an_unknown_key(gateway: CallableNode, hub: CallableNode) -> None:
    nodes = {"gateway": gateway, "hub": hub}
    for kind, row in GUARDED:
        stranger = TestCaller(insecure_test_key("STRANGER"), next(iter(row.roles)))
        answer = await call(nodes[kind], stranger, row)
        assert (answer.status_code, problem_of(answer)) == (401, "unauthenticated"), named(row)


async def test_every_guarded_route_refuses_a_replay(gateway: CallableNode, hub: CallableNode) -> None:
    nodes = {"gateway": gateway, "hub": hub}
    for index, (kind, row) in enumerate(GUARDED):
        caller = CALLERS[next(iter(row.roles))]
        nonce = f"replayed-{index:016d}"
        await call(nodes[kind], caller, row, nonce=nonce)
        answer = await call(nodes[kind], caller, row, nonce=nonce)
        assert (answer.status_code, problem_of(answer)) == (401, "nonce-replayed"), named(row)


@pytest.mark.parametrize(
    "off", [REQUEST_SIGNATURE_LIFE + CLOCK_SKEW + timedelta(seconds=1), -CLOCK_SKEW - timedelta(seconds=1)], ids=str
)
async def test_every_guarded_route_refuses_another_time(
    off: timedelta, gateway: CallableNode, hub: CallableNode
) -> None:
    nodes = {"gateway": gateway, "hub": hub}
    for kind, row in GUARDED:
        node = nodes[kind]

        def wait(headers: dict[str, str], node: CallableNode = node) -> dict[str, str]:
            node.clock.move(off)
            return headers

        answer = await call(node, CALLERS[next(iter(row.roles))], row, change=wait)
        node.clock.move(-off)
        assert (answer.status_code, problem_of(answer)) == (401, "clock-skew"), named(row)


async def test_every_guarded_route_refuses_a_changed_body(gateway: CallableNode, hub: CallableNode) -> None:
    nodes = {"gateway": gateway, "hub": hub}
    for kind, row in GUARDED:
        if not row.body_max_bytes:
            continue
        caller = CALLERS[next(iter(row.roles))]
        signed = caller.sign(
            row.method,
            "http://node.example:8000" + target_of(row),
            created=nodes[kind].clock.now(),
            nonce="changed-body-0123456789",
            headers={"content-type": "application/json"},
            body=b"{}",
        )
        answer = await nodes[kind].client.request(row.method, target_of(row), content=b'{"a":1}', headers=signed)
        assert (answer.status_code, problem_of(answer)) == (401, "signature-invalid"), named(row)


async def test_every_guarded_route_refuses_a_request_made_for_another_node(
    gateway: CallableNode, hub: CallableNode
) -> None:
    nodes = {"gateway": gateway, "hub": hub}
    for kind, row in GUARDED:
        caller = CALLERS[next(iter(row.roles))]
        signed = caller.sign(
            row.method,
            "http://other.example:8000" + target_of(row),
            created=nodes[kind].clock.now(),
            nonce="for-another-node-01234567",
            headers={"content-type": "application/json", "host": "other.example:8000"},
            body=body_of(row),
        )
        answer = await nodes[kind].client.request(row.method, target_of(row), content=body_of(row), headers=signed)
        assert (answer.status_code, problem_of(answer)) == (401, "signature-invalid"), named(row)


async def test_a_revoked_key_is_refused_on_every_route(gateway: CallableNode) -> None:
    operator, device = CALLERS[Role.OPERATOR], CALLERS[Role.DEVICE]
    session = await gateway.open_session()
    answer = await gateway.call(operator, "DELETE", f"/v1/credentials/{device.key_id}")
    assert answer.status_code == 204
    for row in GATEWAY_ROUTES:
        if Role.DEVICE in row.roles:
            assert problem_of(await call(gateway, device, row)) == "unauthenticated"
            answer = await gateway.client.request(row.method, row.path, content=b"{}", headers=session)
            assert problem_of(answer) == "session-ended"


async def test_an_ended_session_is_refused(gateway: CallableNode) -> None:
    session = await gateway.open_session()
    gateway.clock.move(SESSION_LIFE)
    answer = await gateway.client.post("/v1/verifications", content=b"{}", headers=session)
    assert (answer.status_code, problem_of(answer)) == (401, "session-ended")


async def test_a_session_opens_nothing_but_scanning(gateway: CallableNode) -> None:
    session = await gateway.open_session()
    for row in GATEWAY_ROUTES:
        if row.roles and not row.by_session:
            answer = await gateway.client.request(row.method, target_of(row), content=body_of(row), headers=session)
            assert (answer.status_code, problem_of(answer)) == (401, "unauthenticated"), named(row)
