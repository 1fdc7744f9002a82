"""Joins what a gateway tells the hub of its own accord: its outbox, who sends it, and comparing both sides."""

from dataclasses import dataclass

from tongxing.app.ways import WayParts
from tongxing.services.docking import DockingOutbox
from tongxing.services.outbox import OutboxSender
from tongxing.services.reconciling import ReconcilingDesk


@dataclass(frozen=True, slots=True)
class GatewayOutbox:
    """A gateway's way of telling the hub."""

    sender: OutboxSender
    docking: DockingOutbox
    reconciling: ReconcilingDesk


def join_outbox(parts: WayParts) -> GatewayOutbox:
    """Join it."""
    stores = parts.stores
    sender = OutboxSender(store=stores.outbox, hub=parts.hub, clock=parts.clock)
    return GatewayOutbox(
        sender,
        DockingOutbox(stores.outbox, sender, parts.sealed_for("waiting rows"), stores.alarms),
        ReconcilingDesk(region=parts.region, reports=stores.reports, outbox=stores.outbox, hub=parts.hub),
    )
