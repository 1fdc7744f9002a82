"""The words between the table of routes and the door that serves each of its rows."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from tongxing.api.metrics import Metrics
from tongxing.api.problems import Failure, ProblemDocument
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import Verdict
from tongxing.services.access import Caller
from tongxing.services.citizens import Citizen, CitizenSession
from tongxing.services.ports import Role

NodeT = TypeVar("NodeT")
OfNodeT = TypeVar("OfNodeT", contravariant=True)
BodyT = TypeVar("BodyT")
QueryT = TypeVar("QueryT")

JSON: Final = "application/json"
IS_WHOLE: Final = "is_whole"
"""Stands in the scope of a request of which all has come."""

PUBLIC: frozenset[Role] = frozenset()
"""No role at all is asked for: whoever reaches the node may call."""


encode_json: Final = msgspec.json.Encoder().encode
"""Encodes answers: structs, StrEnums as their words, times in RFC 3339."""


class NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of a route that takes none."""


@dataclass(slots=True)
class Trace:
    """What is told of one request in the log and the metrics: nothing of its content."""

    route: str = "/unknown"
    role: Role | None = None
    status: int = 0
    verdict: Verdict | None = None
    verdict_seconds: float = 0.0
    problem: ProblemId | None = None
    reason: ReasonId | None = None
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """What the application serves of itself: its metrics, and its OpenAPI document, made when first asked for."""

    metrics: Metrics
    document: Callable[[], bytes]


class Call(msgspec.Struct, Generic[BodyT, QueryT], frozen=True):
    """One request that has passed the gate, its parts parsed.

    ``path`` holds the path's variable parts, each 1 to 64 letters, digits, ``_``, ``.`` or ``-``; ``cookies``
    what the browser sent.
    """

    caller: Caller | None
    body: BodyT
    query: QueryT
    path: Mapping[str, str]
    trace: Trace
    served: Served
    cookies: Mapping[str, str]

    @property
    def known_caller(self) -> Caller:
        """The caller of a route that is not public."""
        if self.caller is None:
            raise LookupError("a public route has no caller")
        return self.caller

    @property
    def citizen(self) -> Citizen:
        """The signed-in person of a citizens' route: everything that is asked is about nobody else."""
        return self.citizen_session.citizen

    @property
    def citizen_session(self) -> CitizenSession:
        """The session of a citizens' route."""
        session = self.known_caller.citizen_session
        if session is None:
            raise LookupError("only a citizens' route has a citizen")
        return session


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is not a struct to be sent as JSON with the row's own status."""

    body: bytes
    content_type: str = JSON
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class FailureForm:
    """How a row tells that a call failed: the body's type, its struct, and what encodes it."""

    media_type: str
    struct: type[msgspec.Struct]
    encode: Callable[[Failure], bytes]


PROBLEM_FORM: Final = FailureForm("application/problem+json", ProblemDocument, Failure.encode)
"""A problem of RFC 9457: every row's form but those of another standard's face."""


@dataclass(frozen=True, slots=True)
class RouteRow(Generic[OfNodeT]):
    """One row of the table: who may call what, and within which bounds.

    What a call takes and gives is said by its handler's annotations: ``Call[body, query]``, where the
    body is a struct (JSON), ``bytes`` of one of ``media_types``, or None; and the answer, a struct (JSON),
    ``Reply`` of the type ``gives``, or None. ``by_session`` lets a device's session stand for its
    signature. ``problems`` are those that not every row has; ``fails_as`` is the form in which they are told.
    ``across_border`` opens a row to gateways over the border that personal data do not cross (``core.border``).
    """

    method: str
    path: str
    roles: frozenset[Role]
    handler: Callable[[OfNodeT, Call[Any, Any]], Awaitable[object]]
    body_max_bytes: int = 0
    status: int = 200
    by_session: bool = False
    media_types: tuple[str, ...] = (JSON,)
    gives: str = JSON
    problems: tuple[ProblemId, ...] = ()
    fails_as: FailureForm = PROBLEM_FORM
    across_border: bool = False

    @property
    def name(self) -> str:
        """The row's name in the OpenAPI document: the handler's."""
        return self.handler.__name__


@dataclass(frozen=True, slots=True)
class Types:
    """What a row takes and gives, read from its handler's annotations; ``answer`` is None for no content."""

    body: Any
    query: type[msgspec.Struct]
    answer: Any


def types_of(row: RouteRow[Any]) -> Types:
    """Return the types of a row. Raises ``TypeError`` for a handler that is not annotated as a row's must be."""
    hints = get_type_hints(row.handler)
    answer = hints.pop("return", None)
    call = next((hint for hint in hints.values() if get_origin(hint) is Call), None)
    if call is None:
        raise TypeError(f"{row.name} takes no Call[body, query]")
    body, query = get_args(call)
    return Types(None if body is type(None) else body, query, None if answer is type(None) else answer)
