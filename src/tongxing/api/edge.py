"""The edge: around everything, the one place where every error becomes an answer.

What no row of the table expected is a fault of ours: it is logged by its type and place, never by
its message, and the caller learns only that it was ours. One log line and one count for each
request, made when the event loop has run what was ready: one after the other they cost half of what
they would among the requests. The log holds the route's template, never the address as asked.
"""

import asyncio
import time
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tongxing.api.access import CHALLENGE
from tongxing.api.bodies import CallerGone
from tongxing.api.calls import IS_WHOLE, PROBLEM_FORM, FailureForm, Trace
from tongxing.api.doors import send_response
from tongxing.api.metrics import Metrics
from tongxing.api.priorities import priority_of
from tongxing.api.problems import Failure, describe_failure
from tongxing.api.turning_away import TOO_MANY, retry_after
from tongxing.app.logs import EACH, describe_error, describe_trail
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import impersonal_slug
from tongxing.regions.families.reading import is_told_flaw
from tongxing.services.admission import Admission, Priority
from tongxing.services.observing import Stretch

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNAUTHORIZED: Final = 401
_CALLER_GONE: Final = 499
_UNAVAILABLE: Final = 503
_CLOSING: Final = frozenset(
    {ProblemId.BODY_TOO_LARGE, ProblemId.REQUEST_TOO_SLOW, ProblemId.UNAUTHENTICATED, ProblemId.OVERLOADED}
)
"""After these the rest of the body may still be coming: the connection is closed rather than read on."""


_BODILESS: Final = frozenset({"GET", "HEAD"})


class _Visit:
    """One request's place: counted while it is worked on, and apart as long as its body is still coming."""

    def __init__(self, admission: Admission, priority: Priority, scope: Scope, receive: Receive) -> None:
        self._admission = admission
        self._priority = priority
        self._receive = receive
        self._is_coming = self._is_in = False
        self._entered = 0.0
        self._is_whole = scope.get(IS_WHOLE, False) or scope["method"] in _BODILESS
        self.receive: Receive = receive if self._is_whole else self._receive_rest

    def begin(self) -> None:
        """Take a place. Raises ``Refused(OVERLOADED)``."""
        if self._is_whole:
            self._enter()
            return
        self._is_coming = self._admission.await_body(self._priority)
        if not self._is_coming:
            raise Refused(ProblemId.OVERLOADED, TOO_MANY)

    def end(self) -> None:
        """Give the place back."""
        if self._is_coming:
            self._admission.body_ended()
        elif self._is_in:
            self._admission.leave(self._priority, time.perf_counter() - self._entered)

    async def _receive_rest(self) -> Message:
        message = await self._receive()
        if self._is_coming and message["type"] == "http.request" and not message.get("more_body", False):
            self._admission.body_ended()
            self._is_coming = False
            self._enter()
        return message

    def _enter(self) -> None:
        self._entered = time.perf_counter()
        self._is_in = self._admission.enter(self._priority)
        if not self._is_in:
            raise Refused(ProblemId.OVERLOADED, TOO_MANY)


class Edge:
    """Wraps the paths. ``admission`` says whom to let in; whom not is answered at once, with nothing read."""

    def __init__(self, paths: ASGIApp, metrics: Metrics, admission: Admission) -> None:
        self._paths = paths
        self._metrics = metrics
        self._admission = admission
        self._untold: list[tuple[str, Trace, float]] = []
        self._log = structlog.get_logger().bind()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; nothing but a cancellation leaves here as an error."""
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        trace = scope["trace"] = Trace()
        visit = _Visit(self._admission, priority_of(scope["raw_path"]), scope, receive)
        try:
            visit.begin()
            await self._paths(scope, visit.receive, send)
        except CallerGone:
            trace.status = _CALLER_GONE
        except Exception as error:  # noqa: BLE001 - the edge: whatever comes here must be answered
            await self._answer_failure(error, trace, scope, send)
        finally:
            visit.end()
            self._tell_soon(scope["method"], trace, time.perf_counter() - started)

    async def _answer_failure(self, error: Exception, trace: Trace, scope: Scope, send: Send) -> None:
        failure = describe_failure(error)
        trace.problem, trace.reason = failure.problem, failure.reason
        if failure.reason is not None and is_told_flaw(failure.detail):
            trace.flaw = failure.detail
        self._metrics.problem_told(failure.problem)
        if failure.problem in {ProblemId.FAULT, ProblemId.STORE_FULL}:
            self._log.error("fault", route=trace.route, **describe_error(error))
        if trace.status:
            # The answer had begun: it cannot be taken back, and the server closes the connection.
            return
        form: FailureForm = scope.get("fails_as", PROBLEM_FORM)
        headers = _headers_of(failure, scope)
        await send_response(send, trace, failure.status, form.encode(failure), form.media_type, headers)

    def _tell_soon(self, method: str, trace: Trace, seconds: float) -> None:
        if not self._untold:
            asyncio.get_running_loop().call_soon(self._tell_all)
        self._untold.append((method, trace, seconds))

    def _tell_all(self) -> None:
        untold, self._untold = self._untold, []
        self._log.info("request", **{EACH: [self._tell(*request) for request in untold]})

    def _tell(self, method: str, trace: Trace, seconds: float) -> dict[str, object]:
        """Count one request and return what the log says of it."""
        self._metrics.request_answered(trace.route, trace.status, seconds)
        fields: dict[str, object] = {
            "route": trace.route,
            "method": method if method in _METHODS else "other",
            "status": trace.status,
            "ms": round(seconds * 1000, 3),
            "role": trace.role or ("public" if trace.problem is None else "unknown"),
        }
        verdict = trace.verdict
        if verdict is not None:
            slug = impersonal_slug(verdict.reason)
            self._metrics.verdict_given(verdict.outcome, slug)
            self._metrics.stretch_took(Stretch.VERIFY, trace.verdict_seconds)
            fields["outcome"] = verdict.outcome
            fields["reason"] = slug
            fields["trail"] = describe_trail(verdict.trail)
        if trace.problem is not None:
            fields["problem"] = trace.problem
        if trace.reason is not None:
            fields["reason"] = trace.reason
        if trace.flaw:
            fields["flaw"] = trace.flaw
        return fields


def _headers_of(failure: Failure, scope: Scope) -> list[tuple[bytes, bytes]]:
    headers = []
    if failure.status == _UNAUTHORIZED:
        headers.append(CHALLENGE)
    if failure.problem is ProblemId.METHOD_NOT_ALLOWED:
        headers.append((b"allow", scope.get("allow", "").encode()))
    if failure.status == _UNAVAILABLE:
        headers.append((b"retry-after", b"%d" % retry_after()))
    if failure.problem in _CLOSING:
        headers.append((b"connection", b"close"))
    return headers
