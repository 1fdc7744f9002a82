"""The words between the table of routes and the door that serves each of its rows."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

import msgspec

from tongxing.core.limits import REQUEST_BODY_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import Verdict
from tongxing.services.access import Caller
from tongxing.services.ports import Role

NodeT = TypeVar("NodeT")
BodyT = TypeVar("BodyT")
QueryT = TypeVar("QueryT")

JSON: Final = "application/json"
PUBLIC: frozenset[Role] = frozenset()
"""No role at all is asked for: whoever reaches the node may call."""


class NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of a route that takes none."""


@dataclass(slots=True)
class Trace:
    """What is told of one request in the log and the metrics: nothing of its content."""

    route: str = "/unknown"
    role: Role | None = None
    status: int = 0
    verdict: Verdict | None = None
    problem: ProblemId | None = None
    reason: ReasonId | None = None


@dataclass(frozen=True, slots=True)
class Call(Generic[BodyT, QueryT]):
    """One request that has passed the gate, its parts parsed.

    ``path`` holds the path's variable parts, each 1 to 64 letters, digits, ``_``, ``.`` or ``-``.
    """

    caller: Caller | None
    body: BodyT
    query: QueryT
    path: Mapping[str, str]
    trace: Trace

    @property
    def known_caller(self) -> Caller:
        """The caller of a route that is not public."""
        if self.caller is None:
            raise LookupError("a public route has no caller")
        return self.caller


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is not JSON with the row's own status."""

    body: bytes
    content_type: str = JSON
    status: int = 200


@dataclass(frozen=True, slots=True)
class RawBody:
    """A body that is handed on as bytes, of one of these media types."""

    media_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RouteRow(Generic[NodeT]):
    """One row of the table: who may call what, with what, and what comes back.

    ``takes`` is a msgspec struct (JSON), raw bytes, or None for no body; ``gives`` a msgspec type
    (JSON), a media type, or None for no content. ``by_session`` lets a device's session stand for
    its signature.
    """

    method: str
    path: str
    roles: frozenset[Role]
    handler: Callable[[NodeT, Call[Any, Any]], Awaitable[object]]
    says: str
    takes: type[Any] | RawBody | None = None
    gives: type[Any] | str | None = None
    query: type[msgspec.Struct] = NoQuery
    status: int = 200
    body_max_bytes: int = REQUEST_BODY_MAX_BYTES
    by_session: bool = False
    problems: tuple[ProblemId, ...] = field(default=())

    @property
    def name(self) -> str:
        """The row's name in the OpenAPI document: the handler's."""
        return self.handler.__name__
