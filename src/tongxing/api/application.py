"""Joins a node, the table of routes, the gate and the edge to one ASGI application."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache, partial
from math import nan
from typing import Any

from starlette.types import ASGIApp

from tongxing.api.access import Gate
from tongxing.api.calls import RouteRow, Served
from tongxing.api.doors import build_paths
from tongxing.api.edge import Edge
from tongxing.api.metrics import Metrics
from tongxing.api.openapi import encode_document
from tongxing.api.page_doors import page_doors
from tongxing.api.routes import GATEWAY_ROUTES, HUB_ROUTES
from tongxing.app.nodes import Gateway, Node
from tongxing.app.pages import Page


def rows_of(node: Node) -> Sequence[RouteRow[Any]]:
    """Return the table of a node's kind."""
    return GATEWAY_ROUTES if isinstance(node, Gateway) else HUB_ROUTES


def build_app(node: Node, metrics: Metrics, pages: tuple[Page, ...] = ()) -> ASGIApp:
    """Return the application that serves a node, and pages with it."""
    rows = rows_of(node)
    _watch_node(node, metrics)
    citizens = node.citizens.sessions if isinstance(node, Gateway) else None
    gate = Gate(node.core.access, node.core.settings.public_urls, node.core.settings.region_id, citizens)
    served = Served(metrics, cache(partial(encode_document, rows)))
    paths = build_paths(rows, node, gate, served, page_doors(pages))
    return Edge(paths, metrics, node.core.admission)


def _watch_node(node: Node, metrics: Metrics) -> None:
    def bundle_age_seconds() -> float:
        bundle = node.bundle_in_force()
        return nan if bundle is None else _seconds(node.core.clock.now(), bundle.issued_at)

    def bundle_number() -> float:
        bundle = node.bundle_in_force()
        return 0 if bundle is None else bundle.number

    metrics.watch_gauge("tongxing_bundle_age_seconds", "Age of the bundle in force", bundle_age_seconds)
    metrics.watch_gauge("tongxing_bundle_number", "Number of the bundle in force", bundle_number)
    admission = node.core.admission
    metrics.watch_gauge("tongxing_in_flight", "Requests worked on", lambda: admission.in_flight)
    metrics.watch_gauge("tongxing_in_flight_bound", "So many may be worked on at once", lambda: admission.bound)
    metrics.watch_gauge("tongxing_sessions", "Open sessions", lambda: len(node.core.sessions))


def _seconds(now: datetime, before: datetime) -> float:
    return (now - before).total_seconds()
