"""Reading what a request brings: headers, query and body, each bounded.

A body is counted while it comes, whether its length was declared or it is chunked (RFC 9112,
section 7.1); that it comes at all is seen to by the server's protocol. JSON is read by msgspec into
closed structs: unknown members, wrong types, invalid UTF-8 and nesting that the struct does not have
are refused with the place where they stand; so is a name given twice in one object.
"""

import json
import re
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Receive, Scope

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId

StructT = TypeVar("StructT", bound=msgspec.Struct)

_QUERY_FIELDS_MAX: Final = 8
_PATH_PART = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class CallerGone(Exception):
    """The caller closed the connection before the request was whole: nobody is left to answer."""


async def read_body(scope: Scope, receive: Receive, max_bytes: int) -> bytes:
    """Return the whole body.

    Raises Refused(BODY_TOO_LARGE), whether its length was declared or counted; or ``CallerGone``.
    """
    declared = find_header(scope, b"content-length")
    if declared is not None and (not declared.isdigit() or int(declared[:20]) > max_bytes):
        raise Refused(ProblemId.BODY_TOO_LARGE, f"at most {max_bytes} bytes")
    message = await receive()
    chunk: bytes = message.get("body", b"")
    if message["type"] == "http.request" and not message.get("more_body", False) and len(chunk) <= max_bytes:
        return chunk
    return await _read_rest(message, receive, max_bytes)


async def _read_rest(message: MutableMapping[str, Any], receive: Receive, max_bytes: int) -> bytes:
    body = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise CallerGone
        body += message.get("body", b"")
        if len(body) > max_bytes:
            raise Refused(ProblemId.BODY_TOO_LARGE, f"at most {max_bytes} bytes")
        if not message.get("more_body", False):
            return bytes(body)
        message = await receive()


def decode_json(decoder: "msgspec.json.Decoder[Any]", body: bytes) -> Any:  # noqa: ANN401 - as the decoder's type
    """Return the decoded body. Raises Refused(BAD_REQUEST) saying where what is wrong."""
    try:
        decoded = decoder.decode(body)
        _check_names(body.decode())
    except (msgspec.DecodeError, ValueError) as wrong:
        raise Refused(ProblemId.BAD_REQUEST, str(wrong)) from wrong
    except RecursionError as deep:
        raise Refused(ProblemId.BAD_REQUEST, "the JSON is nested too deeply") from deep
    return decoded


def _object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refused(ProblemId.BAD_REQUEST, "a name is given twice in one JSON object")
    return found


_check_names: Final = json.JSONDecoder(object_pairs_hook=_object_of, parse_int=str, parse_float=str).decode
"""Refuses a name given twice, of which readers take one or the other: some microseconds for a scan."""


def parse_query(scope: Scope, query_type: type[StructT]) -> StructT:
    """Return the query string as a closed struct. Raises Refused(BAD_REQUEST), also for a name given twice."""
    try:
        pairs = parse_qsl(
            scope["query_string"].decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(scope["query_string"]),
            errors="strict",
            max_num_fields=_QUERY_FIELDS_MAX,
        )
        if len(dict(pairs)) != len(pairs):
            raise Refused(ProblemId.BAD_REQUEST, "a query parameter is given twice")
        return msgspec.convert(dict(pairs), query_type, strict=False)
    except (ValueError, msgspec.ValidationError) as wrong:
        raise Refused(ProblemId.BAD_REQUEST, f"query: {wrong}") from wrong


def check_path(parts: Mapping[str, str]) -> None:
    """Check the variable parts of a path. Raises Refused(NOT_FOUND): nothing has such a name."""
    for part in parts.values():
        if _PATH_PART.fullmatch(part) is None:
            raise Refused(ProblemId.NOT_FOUND)


def find_header(scope: Scope, name: bytes) -> bytes | None:
    """Return the first header field of a (lower-case) name."""
    for field, value in scope["headers"]:
        if field == name:
            found: bytes = value
            return found
    return None


def join_headers(scope: Scope) -> dict[str, str]:
    """Return all fields by lower-case name, several of one name joined (RFC 9421, section 2.1)."""
    joined: dict[str, str] = {}
    for field, value in scope["headers"]:
        name, text = field.decode("latin-1"), value.decode("latin-1").strip(" \t")
        joined[name] = f"{joined[name]}, {text}" if name in joined else text
    return joined


def check_media_type(scope: Scope, accepted: tuple[str, ...]) -> None:
    """Check the Content-Type. Raises Refused(UNSUPPORTED_MEDIA_TYPE)."""
    given = (find_header(scope, b"content-type") or b"").decode("latin-1")
    if given not in accepted and given.partition(";")[0].strip().lower() not in accepted:
        raise Refused(ProblemId.UNSUPPORTED_MEDIA_TYPE, f"send one of: {', '.join(accepted)}")
