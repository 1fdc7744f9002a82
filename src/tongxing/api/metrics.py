"""Metrics for Prometheus: of bounded cardinality, and with nothing personal in a label.

Every label value comes from a closed list or a table of routes; what is not in it counts as
``other``. The recording methods are what services, stores and connectors are handed as their
``Observer``, so that none of them knows of Prometheus.
"""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from tongxing.core.problems import ProblemId
from tongxing.core.verdicts import Outcome
from tongxing.services.admission import Priority
from tongxing.services.observing import Stretch, Upstream, UpstreamResult

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
_SECONDS: Final = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 2.0, 5.0)
_ROWS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class Metrics:
    """The metrics of one node, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter("tongxing_requests", "Requests answered", ["route", "status"], registry=self.registry)
        self._request_seconds = Histogram(
            "tongxing_request_seconds", "Time to answer", ["route"], buckets=_SECONDS, registry=self.registry
        )
        self._problems = Counter("tongxing_problems", "Problems told", ["problem"], registry=self.registry)
        self._verdicts = Counter("tongxing_verdicts", "Verdicts", ["outcome", "reason"], registry=self.registry)
        self._stretch_seconds = Histogram(
            "tongxing_stage_seconds",
            "Time of a stretch of deciding",
            ["stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._upstream_seconds = Histogram(
            "tongxing_upstream_seconds",
            "Time of calls to other systems, by what came of them",
            ["upstream", "result"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._commit_rows = Histogram(
            "tongxing_commit_rows", "Writes that shared one commit", buckets=_ROWS, registry=self.registry
        )
        self._turned_away = Counter(
            "tongxing_turned_away",
            "Requests told 503 since too many were worked on",
            ["priority"],
            registry=self.registry,
        )
        for priority in Priority:
            self._turned_away.labels(priority.value)
        # Looking a label up costs more than counting: each child is looked up once.
        self._request_children: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._verdict_children: dict[tuple[Outcome, str], Counter] = {}
        self._stretch_children = {stretch: self._stretch_seconds.labels(stretch.value) for stretch in Stretch}

    def watch_gauge(self, name: str, says: str, read: Callable[[], float]) -> None:
        """Add a gauge that is read whenever the metrics are asked for."""
        Gauge(name, says, registry=self.registry).set_function(read)

    def request_answered(self, route: str, status: int, seconds: float) -> None:
        """Count a request. ``route`` is a template of the table of routes."""
        children = self._request_children.get((route, status))
        if children is None:
            children = (self._requests.labels(route, str(status)), self._request_seconds.labels(route))
            self._request_children[route, status] = children
        children[0].inc()
        children[1].observe(seconds)

    def problem_told(self, problem: ProblemId) -> None:
        """Count a problem."""
        self._problems.labels(problem.value).inc()

    def requests_turned_away(self, priority: Priority, count: int) -> None:
        """Count requests that were turned away."""
        self._turned_away.labels(priority.value).inc(count)

    def verdict_given(self, outcome: Outcome, reason: str) -> None:
        """Count a verdict; ``reason`` is an impersonal slug (``core.reasons.impersonal_slug``)."""
        child = self._verdict_children.get((outcome, reason))
        if child is None:
            child = self._verdict_children[outcome, reason] = self._verdicts.labels(outcome.value, reason)
        child.inc()

    def stretch_took(self, stretch: Stretch, seconds: float) -> None:
        """As ``Observer``."""
        self._stretch_children[stretch].observe(seconds)

    def upstream_answered(self, upstream: Upstream, result: UpstreamResult, seconds: float) -> None:
        """As ``Observer``."""
        self._upstream_seconds.labels(upstream.value, result.value).observe(seconds)

    def committed(self, rows: int) -> None:
        """As ``Observer``."""
        self._commit_rows.observe(rows)

    def encode(self) -> bytes:
        """Return the metrics in Prometheus' text format 0.0.4."""
        return generate_latest(self.registry)
