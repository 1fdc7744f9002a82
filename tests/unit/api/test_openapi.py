"""The OpenAPI document is what the table of routes says: current, whole, and every error a problem."""

from typing import Any

import msgspec
import pytest

from tests.house.tree import ROOT
from tests.unit.api.nodes import CallableNode
from tongxing.api.calls import RouteRow, types_of
from tongxing.api.openapi import PATH, describe_api, encode_document
from tongxing.api.routes import GATEWAY_ROUTES, HUB_ROUTES

ALL_ROWS: tuple[RouteRow[Any], ...] = (*GATEWAY_ROUTES, *HUB_ROUTES)
DOCUMENT = describe_api(ALL_ROWS)


def id_of(row: RouteRow[Any]) -> str:
    return f"{row.method} {row.path}"


def described(row: RouteRow[Any]) -> dict[str, Any]:
    operation: dict[str, Any] = DOCUMENT["paths"][row.path][row.method.lower()]
    return operation


def test_the_committed_document_is_current() -> None:
    """When this fails: python -m tongxing.api.openapi."""
    assert (ROOT / PATH).read_bytes() == encode_document(ALL_ROWS)


def test_nothing_is_described_that_is_not_served() -> None:
    served = {(row.path, row.method.lower()) for row in ALL_ROWS}
    assert {(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods} == served


def test_every_operation_has_a_name_of_its_own() -> None:
    rows = dict.fromkeys(ALL_ROWS)
    assert len({row.name for row in rows}) == len(rows)


@pytest.mark.parametrize("row", ALL_ROWS, ids=id_of)
def test_every_route_is_described(row: RouteRow[Any]) -> None:
    operation = described(row)
    assert operation["summary"].endswith((".", ")"))
    assert str(row.status) in operation["responses"]
    assert ("requestBody" in operation) == (types_of(row).body is not None) == (row.body_max_bytes > 0)
    assert ("security" in operation) == bool(row.roles)
    assert operation.get("x-roles", []) == sorted(row.roles)


@pytest.mark.parametrize("row", ALL_ROWS, ids=id_of)
def test_every_error_is_a_problem_or_a_return_code(row: RouteRow[Any]) -> None:
    responses = described(row)["responses"]
    errors = {status: told for status, told in responses.items() if int(status) >= 400}
    assert {"400", "413", "500", "503"} <= set(errors)
    assert {"401", "403"} <= set(errors) or not row.roles
    for told in errors.values():
        assert list(told["content"]) == [row.fails_as.media_type]
        assert told["content"][row.fails_as.media_type]["schema"]["$ref"].endswith(f"/{row.fails_as.struct.__name__}")


def test_every_reference_leads_somewhere() -> None:
    def references(value: object) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [found for part in value.values() for found in references(part)]
        return [found for part in value for found in references(part)] if isinstance(value, list) else []

    found = references(DOCUMENT)
    assert found
    assert {name.rpartition("/")[2] for name in found} <= set(DOCUMENT["components"]["schemas"])


def test_what_the_guard_is_told_has_no_member_for_cause_level_source_or_rule() -> None:
    members = DOCUMENT["components"]["schemas"]["GuardView"]["properties"]
    assert not {"causes", "level", "issuer", "source", "row", "home_status", "origin_risk"} & set(members)


@pytest.mark.anyio
async def test_a_node_serves_the_document_of_its_own_kind(gateway: CallableNode, hub: CallableNode) -> None:
    for node, rows in ((gateway, GATEWAY_ROUTES), (hub, HUB_ROUTES)):
        answer = await node.call(None, "GET", "/openapi.json")
        assert answer.headers["content-type"] == "application/json"
        assert msgspec.json.decode(answer.content) == msgspec.json.decode(encode_document(rows))
