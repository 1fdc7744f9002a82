"""The client keeps step with the OpenAPI document: same operations, same paths, parameters, bodies and answers."""

import inspect
import re
import typing
from typing import Any

import msgspec
import pytest

from tests.house.tree import ROOT, page
from tongxing.client.calling import Calls
from tongxing.client.node_client import NodeClient
from tongxing.client.writing import FOLDER, write_client

DOCUMENT = msgspec.json.decode(page("docs/openapi.json"))
OF_BROWSERS = {"begin_sign_in", "finish_sign_in"}
"""Redirects, which no program follows."""

DESCRIBED: dict[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


class Recording(NodeClient):
    """A client that sends nothing and remembers what it would have."""

    def __init__(self) -> None:
        super().__init__(None, "")  # type: ignore[arg-type]  # nobody is called
        self.sent: tuple[Any, ...] = ()

    async def fetch(self, kind: Any, method: str, path: str, **told: Any) -> Any:
        self.sent = (kind, method, path, told)

    async def fetch_bytes(self, method: str, path: str, **told: Any) -> bytes:
        self.sent = (None, method, path, told)
        return b""


def methods_of(kind: type) -> dict[str, Any]:
    return dict(inspect.getmembers(kind, inspect.iscoroutinefunction))


def schema_of(kind: Any) -> str:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
    return str(schema.get("$ref", schema))


def content_of(part: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = part.get("content", {})
    return content


def test_every_operation_has_a_method_and_every_method_is_an_operation() -> None:
    assert set(methods_of(NodeClient)) - set(methods_of(Calls)) == set(DESCRIBED) - OF_BROWSERS


def test_the_methods_are_those_that_are_written() -> None:
    """When this fails: make docs."""
    written = write_client()
    there = {str(path.relative_to(ROOT)) for path in (ROOT / FOLDER / "calls").glob("*.py")}
    assert there | {f"{FOLDER}node_client.py"} == set(written)
    assert [name for name, text in written.items() if page(name) != text] == []


@pytest.mark.anyio
@pytest.mark.parametrize("name", sorted(set(DESCRIBED) - OF_BROWSERS))
async def test_a_method_sends_what_the_document_says_and_reads_what_it_says(name: str) -> None:
    method, path, operation = DESCRIBED[name]
    client = Recording()
    call = getattr(client, name)
    hints = typing.get_type_hints(getattr(NodeClient, name))
    variables = re.findall(r"{(\w+)}", path)
    given: dict[str, Any] = dict.fromkeys(variables, "a b")
    if "requestBody" in operation:
        given["body"] = b""
    asked = {each["name"] for each in operation["parameters"] if each["in"] == "query"}
    if asked:
        given["query"] = None
    await call(**given)
    kind, sent_method, sent_path, told = client.sent
    assert (sent_method, sent_path) == (method, re.sub(r"{\w+}", "a%20b", path))
    assert set(told) - {"media_type"} == {*(["body"] if "body" in given else []), *(["query"] if asked else [])}
    if asked:
        (query, *_) = [each for each in (*typing.get_args(hints["query"]), hints["query"]) if each is not type(None)]
        assert {field.encode_name for field in msgspec.structs.fields(query)} == asked
    bodies = content_of(operation.get("requestBody", {}))
    if bodies and hints["body"] is not bytes:
        assert bodies["application/json"]["schema"]["$ref"] == schema_of(hints["body"])
    elif bodies:
        assert told.get("media_type", "application/json") == next(iter(bodies))
    (answer,) = [content_of(part) for status, part in operation["responses"].items() if status.startswith("2")]
    if kind is not None:
        assert answer["application/json"]["schema"]["$ref"] == schema_of(kind)
        msgspec.json.Decoder(kind)
