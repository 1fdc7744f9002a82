"""The OpenAPI document, written from the table of routes: what is not in the table is not described.

Spec: OpenAPI 3.1.0; schemas by msgspec from the structs that the doors decode and encode with, so
that the document cannot say anything else than the code. ``python -m tongxing.api.openapi`` writes
``docs/openapi.json``, which holds the routes of both kinds of node.
"""

import re
import sys
from collections.abc import Iterable, Sequence
from inspect import getdoc
from pathlib import Path
from typing import Any, Final

import msgspec

from tongxing.api.calls import JSON, NoQuery, Reply, RouteRow, Types, types_of
from tongxing.api.routes import GATEWAY_ROUTES, HUB_ROUTES
from tongxing.core.problems import PROBLEMS, ProblemId
from tongxing.services.ports import Role

PATH: Final = Path("docs/openapi.json")

_REF: Final = "#/components/schemas/{name}"
_VARIABLE: Final = re.compile(r"{(\w+)}")
_OF_EVERY_ROW: Final = (
    ProblemId.BAD_REQUEST,
    ProblemId.REQUEST_TOO_SLOW,
    ProblemId.BODY_TOO_LARGE,
    ProblemId.HEADERS_TOO_LARGE,
    ProblemId.OVERLOADED,
    ProblemId.STORE_FULL,
    ProblemId.FAULT,
)
_OF_GUARDED_ROWS: Final = (
    ProblemId.UNAUTHENTICATED,
    ProblemId.SIGNATURE_INVALID,
    ProblemId.CLOCK_SKEW,
    ProblemId.NONCE_REPLAYED,
    ProblemId.FORBIDDEN,
)

Json = dict[str, Any]


def describe_api(rows: Iterable[RouteRow[Any]]) -> Json:
    """Return the document of a table."""
    rows = tuple(dict.fromkeys(rows))
    structs = [row.fails_as.struct for row in rows] + [each for row in rows for each in _structs_of(types_of(row))]
    _, components = msgspec.json.schema_components(structs, ref_template=_REF)
    paths: dict[str, Json] = {}
    for row in rows:
        # Of a call that both kinds of node answer, a document of both describes the first: the gateway's.
        paths.setdefault(row.path, {}).setdefault(row.method.lower(), _describe_row(row))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tongxing",
            "version": "1",
            "description": "Mutual recognition of regional health codes. Every error is a problem (RFC 9457).",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Signature",
                    "description": "RFC 9421, over @method, @authority, @path, @query and the body's digest",
                },
                "citizen": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "tongxing-session",
                    "description": "The cookie of GET /v1/my/sign-in; `__Host-tongxing-session` where there is https",
                },
                "csrf": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-CSRF-Token",
                    "description": "The token that GET /v1/my/identity tells",
                },
                "session": {"type": "http", "scheme": "bearer", "description": "A token of POST /v1/sessions"},
            },
        },
    }


def encode_document(rows: Iterable[RouteRow[Any]]) -> bytes:
    """Return the document as JSON."""
    document = _in_dialect(msgspec.to_builtins(describe_api(rows)))
    return msgspec.json.format(msgspec.json.encode(document)) + b"\n"


def _in_dialect(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return patterns in the dialect of JSON Schema (ECMA 262), in which the end of a text is ``$``."""
    if isinstance(value, list):
        return [_in_dialect(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: each.replace(r"\Z", "$") if name == "pattern" and isinstance(each, str) else _in_dialect(each)
        for name, each in value.items()
    }


def _structs_of(types: Types) -> Sequence[Any]:
    return [part for part in (types.body, types.query, types.answer) if part not in (None, bytes, NoQuery, Reply)]


def _describe_row(row: RouteRow[Any]) -> Json:
    types = types_of(row)
    summary, _, rest = (getdoc(row.handler) or "").partition("\n\n")
    described: Json = {
        "operationId": row.name,
        "tags": [kind_of_call(row)],
        "summary": summary,
        "parameters": [*_path_parameters(row), *_query_parameters(types)],
        "responses": {str(row.status): _answer(row, types), **_problems(row)},
    }
    if rest:
        described["description"] = rest
    if row.roles:
        described["x-roles"] = sorted(row.roles)
        described["security"] = _security(row)
    if types.body is not None:
        described["requestBody"] = {"required": True, "content": _content(types.body, row.media_types)}
    return described


def kind_of_call(row: RouteRow[Any]) -> str:
    """Return the kind of call: its module's name, or that of the standard whose face it belongs to."""
    room, _, module = row.handler.__module__.rpartition(".")
    return room.rpartition(".")[2] if module == "calls" else module.removesuffix("_calls")


def _security(row: RouteRow[Any]) -> list[Json]:
    if Role.CITIZEN in row.roles:
        return [{"citizen": []} if row.method == "GET" else {"citizen": [], "csrf": []}]
    return [{"signature": []}, *([{"session": []}] if row.by_session else [])]


def _path_parameters(row: RouteRow[Any]) -> list[Json]:
    schema = {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$"}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in _VARIABLE.findall(row.path)]


def _query_parameters(types: Types) -> list[Json]:
    (schema,), components = msgspec.json.schema_components([types.query], ref_template=_REF)
    described = components[schema["$ref"].rpartition("/")[2]]
    needed = described.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": of}
        for name, of in described["properties"].items()
    ]


def _answer(row: RouteRow[Any], types: Types) -> Json:
    if types.answer is None:
        return {"description": "done; no content"}
    if types.answer is Reply:
        return {"description": "done", "content": _content(bytes, (row.gives,))}
    return {"description": "done", "content": _content(types.answer, (JSON,))}


def _content(kind: Any, media_types: Sequence[str]) -> Json:  # noqa: ANN401 - any type that msgspec knows
    if kind is bytes:
        schema: Json = {} if media_types == (JSON,) else {"type": "string", "format": "binary"}
    else:
        (schema,), _ = msgspec.json.schema_components([kind], ref_template=_REF)
    return {media_type: {"schema": schema} for media_type in media_types}


def _problems(row: RouteRow[Any]) -> Json:
    known = [*_OF_EVERY_ROW, *row.problems]
    if row.roles:
        known += _OF_GUARDED_ROWS
    if Role.CITIZEN in row.roles and row.method != "GET":
        known.append(ProblemId.CROSS_SITE)
    if row.by_session or Role.CITIZEN in row.roles:
        known.append(ProblemId.SESSION_ENDED)
    if types_of(row).body is not None:
        known.append(ProblemId.UNSUPPORTED_MEDIA_TYPE)
    by_status: dict[str, list[ProblemId]] = {}
    for problem in sorted(set(known), key=lambda problem: (PROBLEMS[problem].status, problem)):
        by_status.setdefault(str(PROBLEMS[problem].status), []).append(problem)
    return {
        status: {
            "description": "; ".join(f"`{problem}`: {PROBLEMS[problem].title.en}" for problem in problems),
            "content": {row.fails_as.media_type: {"schema": {"$ref": _REF.format(name=row.fails_as.struct.__name__)}}},
        }
        for status, problems in by_status.items()
    }


if __name__ == "__main__":
    PATH.write_bytes(encode_document([*GATEWAY_ROUTES, *HUB_ROUTES]))
    sys.stdout.write(f"wrote {PATH}\n")
