"""What some faults do to an answer on its way out, and to a request on its way in.

Times and names of fields are looked for wherever they stand in an answer, in JSON texts inside it too, so that one
fault strikes every dialect alike.
"""

import json
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qs

from starlette.types import Message, Receive, Scope

from tongxing.core.calendar import BEIJING
from tongxing.simulation.backends.fault_kinds import FaultKind

_DEPTH: Final = 10_000
_UTC_IS_BEHIND: Final = timedelta(hours=8)
_ONE_DAY: Final = timedelta(days=1)
_LOCAL_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_REFS: Final = frozenset({"personId", "personRef", "PersonId"})
"""Under which names the dialects tell their own id of a person."""

_ECHOES: Final = frozenset(
    {"qrCode", "qrText", "code_content", "codeId", "certificateNo", "key", "Key", "bizExtData", "desensitizeCardId"}
)
"""By what an answer shows that it is about whoever was asked for."""

_FORM: Final = b"biz_content"

Value = Callable[[str, object], object]
"""Takes a field's name and value and returns what is told instead."""


def spoil(kind: FaultKind) -> Callable[[bytes], bytes] | None:
    """Return what a fault does to the bytes of an answer; None for one that does nothing to them."""
    return _SPOILING.get(kind)


def as_posted(scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
    """Return a request by GET as if its query had been posted; any other as it is."""
    if scope["method"] != "GET":
        return scope, receive
    query: bytes = scope["query_string"]
    asked = {name: values[0] for name, values in parse_qs(query.decode()).items()}
    body = query if _FORM in query else json.dumps(asked).encode()

    async def receive_body() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return {**scope, "method": "POST"}, receive_body


def _twice(body: bytes) -> bytes:
    """Return a JSON object with its first name once more, and nothing behind it."""
    name = next(iter(json.loads(body)))
    return _with(f'"{name}": null'.encode(), body)


def _with(part: bytes, body: bytes) -> bytes:
    """Return a JSON object with one part more."""
    return body.rstrip().removesuffix(b"}") + b", " + part + b"}"


def _rewrite(value_of: Value, body: bytes) -> bytes:
    return json.dumps(_walk(value_of, "", json.loads(body)), ensure_ascii=False).encode()


def _walk(value_of: Value, name: str, value: object) -> object:
    if isinstance(value, dict):
        return {each: _walk(value_of, each, inner) for each, inner in value.items()}
    if isinstance(value, list):
        return [_walk(value_of, name, inner) for inner in value]
    if isinstance(value, str) and value.startswith("{"):
        return _rewrite(value_of, value.encode()).decode()
    return value_of(name, value)


def _time(of_moment: Callable[[datetime], object]) -> Callable[[bytes], bytes]:
    """Return what tells each local time as ``of_moment`` does."""

    def value_of(_name: str, value: object) -> object:
        if not isinstance(value, str) or not _LOCAL_TIME.fullmatch(value):
            return value
        return of_moment(datetime.fromisoformat(value).replace(tzinfo=BEIJING))

    return partial(_rewrite, value_of)


def _shifted(by: timedelta) -> Callable[[bytes], bytes]:
    return _time(lambda moment: (moment + by).strftime("%Y-%m-%d %H:%M:%S"))


def _named(names: frozenset[str], told: Callable[[], object]) -> Callable[[bytes], bytes]:
    """Return what tells something else under some names, wherever something is told there."""
    return partial(_rewrite, lambda name, value: told() if name in names and value else value)


_SPOILING: Final[Mapping[FaultKind, Callable[[bytes], bytes]]] = MappingProxyType(
    {
        FaultKind.GBK: lambda body: body.decode().encode("gbk"),
        FaultKind.TRUNCATED: lambda body: body[: len(body) // 2],
        FaultKind.DUPLICATE_KEYS: _twice,
        FaultKind.NESTED: partial(_with, b'"more": ' + b"[" * _DEPTH + b"]" * _DEPTH),
        FaultKind.BOM: lambda body: b"\xef\xbb\xbf" + body,
        FaultKind.CHARSET: lambda body: body,
        FaultKind.LISTED: lambda body: b"[" + body + b"]",
        FaultKind.NOT_A_NUMBER: partial(_with, b'"score": NaN'),
        FaultKind.UTC: _shifted(-_UTC_IS_BEHIND),
        FaultKind.AHEAD: _shifted(_ONE_DAY),
        FaultKind.EPOCH: _time(lambda moment: int(moment.timestamp() * 1000)),
        FaultKind.TIMELESS: _time(lambda _moment: ""),
        FaultKind.NO_ECHO: _named(_ECHOES, lambda: None),
        FaultKind.CHANGING_REF: _named(_REFS, lambda: secrets.token_hex(16)),
        FaultKind.SHARED_REF: _named(_REFS, lambda: "0" * 32),
    }
)
"""The faults that let the back end answer, and spoil what it says."""
