"""Doors: one for each row of the table of routes. Admits, parses, calls the use case, answers.

A door is an ASGI application that is called directly. It lets every error through:
the edge around the router answers them all.
"""

from collections.abc import Awaitable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, Generic

import msgspec
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from tongxing.api.access import Gate
from tongxing.api.bodies import check_media_type, check_path, decode_json, parse_query, read_body
from tongxing.api.calls import JSON, Call, NodeT, NoQuery, Reply, RouteRow, Served, Trace, encode_json, types_of
from tongxing.api.cookies import parse_cookies
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId

_NO_QUERY: Final = NoQuery()
_NO_CONTENT: Final = 204

SAFETY_HEADERS: Final = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]


class Door(Generic[NodeT]):
    """Serves one row."""

    def __init__(self, row: RouteRow[NodeT], node: NodeT, gate: Gate, served: Served) -> None:
        self._row = row
        self._node = node
        self._gate = gate
        self._served = served
        types = types_of(row)
        self._takes_body = types.body is not None
        self._query_type = types.query
        takes_json = self._takes_body and types.body is not bytes
        self._decoder = msgspec.json.Decoder(types.body, strict=True) if takes_json else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        row = self._row
        trace: Trace = scope["trace"]
        trace.route = row.path
        scope["fails_as"] = row.fails_as
        if row.roles:
            caller, body = await self._gate.admit(scope, receive, row, trace)
        else:
            caller, body = None, await read_body(scope, receive, row.body_max_bytes)
        path = scope["path_params"]
        if path:
            check_path(path)
        query = self._parse_query(scope)
        call = Call(caller, self._parse_body(scope, body), query, path, trace, self._served, parse_cookies(scope))
        answer = await row.handler(self._node, call)
        if isinstance(answer, Reply):
            await send_response(send, trace, answer.status, answer.body, answer.content_type, answer.headers)
        else:
            await send_response(send, trace, row.status, b"" if answer is None else encode_json(answer), JSON)

    def _parse_body(self, scope: Scope, body: bytes) -> object:
        if not self._takes_body:
            return None
        check_media_type(scope, self._row.media_types)
        return body if self._decoder is None else decode_json(self._decoder, body)

    def _parse_query(self, scope: Scope) -> msgspec.Struct:
        if self._query_type is NoQuery and not scope["query_string"]:
            return _NO_QUERY
        return parse_query(scope, self._query_type)


class PathDoor:
    """Sends the methods of one path to their doors; says which there are if the method is another."""

    def __init__(self, path: str, doors: Mapping[str, Door[Any]]) -> None:
        self._path = path
        self._doors = dict(doors)
        if "GET" in doors:
            self._doors["HEAD"] = doors["GET"]
        self.allow = ", ".join(sorted(self._doors))

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Return the door's serving of one request, or raise Refused(METHOD_NOT_ALLOWED)."""
        door = self._doors.get(scope["method"])
        if door is None:
            scope["trace"].route = self._path
            scope["allow"] = self.allow
            raise Refused(ProblemId.METHOD_NOT_ALLOWED, f"allowed: {self.allow}")
        return door(scope, receive, send)


class Paths:
    """Sends each path to its door. A path without variable parts is looked up; Starlette matches the others.

    What is no path of the table raises Refused(NOT_FOUND).
    """

    def __init__(self, doors: Mapping[str, ASGIApp]) -> None:
        self._plain = {path: door for path, door in doors.items() if "{" not in path}
        routes = [Route(path, door) for path, door in doors.items()]
        self._router = Router(routes, redirect_slashes=False, default=_refuse_path)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Return the serving of one request."""
        door = self._plain.get(scope["path"])
        if door is None:
            return self._router(scope, receive, send)
        scope["path_params"] = {}
        return door(scope, receive, send)


async def _refuse_path(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise Refused(ProblemId.NOT_FOUND, "no such path")


def build_paths(
    rows: Iterable[RouteRow[NodeT]],
    node: NodeT,
    gate: Gate,
    served: Served,
    pages: Mapping[str, ASGIApp] = MappingProxyType({}),
) -> Paths:
    """Return the doors of a table by its paths, and beside them those of ``pages``."""
    by_path: dict[str, dict[str, Door[Any]]] = {}
    for row in rows:
        methods = by_path.setdefault(row.path, {})
        if row.method in methods:
            raise ValueError(f"{row.method} {row.path} stands twice in the table of routes")
        methods[row.method] = Door(row, node, gate, served)
    return Paths({**pages, **{path: PathDoor(path, doors) for path, doors in by_path.items()}})


async def send_response(
    send: Send, trace: Trace, status: int, body: bytes, content_type: str, headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    """Send a whole response; the trace learns its status."""
    fields = [*SAFETY_HEADERS, *headers]
    if status != _NO_CONTENT:
        fields += [(b"content-type", content_type.encode()), (b"content-length", b"%d" % len(body))]
    trace.status = status
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})
