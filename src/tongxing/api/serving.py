"""Serves a node from its settings: opens it, joins it to its application, closes it when told to end."""

import socket
from collections.abc import Callable

from tongxing.api.application import build_app
from tongxing.api.metrics import Metrics
from tongxing.api.server import bind, serve_app
from tongxing.app.nodes import Surroundings, open_gateway, open_hub
from tongxing.app.settings import NodeKind, NodeSettings
from tongxing.services.ports import Clock, Entropy


async def serve_node(
    settings: NodeSettings,
    clock: Clock,
    entropy: Entropy,
    *,
    bound: socket.socket | None = None,
    listening: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGINT or SIGTERM, then close the node with nothing half-written.

    Listens on ``bound`` if given, else where the settings say. Raises ``Fault`` naming what cannot be
    used: a key file, the database, the port.
    """
    listener = bound if bound is not None else bind(settings.listen_host, settings.listen_port)
    metrics = Metrics()
    around = Surroundings(clock, entropy, metrics)
    if settings.node is NodeKind.HUB:
        async with open_hub(settings, around) as hub:
            await serve_app(build_app(hub, metrics), listener, listening=listening)
    else:
        async with open_gateway(settings, around) as gateway:
            await serve_app(build_app(gateway, metrics), listener, listening=listening)
