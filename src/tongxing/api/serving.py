"""Serves a node from its settings until it is told to stop: what ``tongxing serve`` and the sandbox start."""

import gc
import socket
from typing import Final

import structlog
import uvloop

from tongxing.api.application import build_app
from tongxing.api.metrics import Metrics
from tongxing.api.server import bind, serve_app
from tongxing.api.turning_away import keep_admission
from tongxing.app.background import running
from tongxing.app.logs import configure_logs
from tongxing.app.nodes import Surroundings, open_gateway, open_hub
from tongxing.app.pages import Page
from tongxing.app.settings import NodeKind, NodeSettings
from tongxing.app.system import SystemClock, system_entropy
from tongxing.services.ports import Clock

COLLECT_AFTER_ALLOCATIONS: Final = 20_000
"""Requests in flight hold some 100 objects each until they are answered: no garbage, so looking is in vain."""


def run_node(
    settings: NodeSettings,
    *,
    clock: Clock | None = None,
    bound: socket.socket | None = None,
    pages: tuple[Page, ...] = (),
) -> None:
    """Run ``serve_node`` in an event loop of its own: all that this process does."""
    spare_what_stays()
    uvloop.run(serve_node(settings, clock=clock, bound=bound, pages=pages))


def spare_what_stays() -> None:
    """Let the collector of cyclic garbage pass over what was loaded at the start, and look less often.

    A request leaves no cycles behind; going through all modules again and again took a twentieth of the
    time of each.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_ALLOCATIONS, 10, 10)


async def serve_node(
    settings: NodeSettings,
    *,
    clock: Clock | None = None,
    bound: socket.socket | None = None,
    pages: tuple[Page, ...] = (),
) -> None:
    """Open the node, serve it and its pages until SIGINT or SIGTERM, and close it with nothing half-written.

    ``bound`` is a socket that listens already, if there is one. Takes over this process's logs.
    Raises ``Fault`` or ``Refused`` with a sentence for the operator.
    """
    clock = clock or SystemClock()
    configure_logs(clock)
    metrics = Metrics()
    around = Surroundings(clock, system_entropy, metrics)
    listener = bound or bind(settings.listen_host, settings.listen_port)
    log = structlog.get_logger().bind(node=settings.node)
    if settings.node is NodeKind.GATEWAY:
        log = log.bind(region=settings.region)
    opening = open_gateway if settings.node is NodeKind.GATEWAY else open_hub
    with listener:
        async with opening(settings, around) as node, running(keep_admission(node.core.admission, metrics)):
            await serve_app(
                build_app(node, metrics, pages),
                listener,
                listening=lambda: log.info("listening", port=listener.getsockname()[1]),
                admission=node.core.admission,
            )
            log.info("stopping")
    log.info("stopped")
