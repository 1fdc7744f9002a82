"""Joins the use cases behind the calls of GB/T 38963-2020 to a gateway's parts."""

from tongxing.app.ways import Minting
from tongxing.services.call_applications import CallApplications
from tongxing.services.codes import CodeDesk
from tongxing.services.declaring import DeclaringDesk
from tongxing.services.interface_desk import InterfaceDesk
from tongxing.services.verification import Verification


def join_interface(minting: Minting, code_desk: CodeDesk, verification: Verification) -> InterfaceDesk:
    """Join the use cases."""
    parts = minting.parts
    tickets = parts.stores.tickets
    return InterfaceDesk(
        region=parts.region,
        reference=parts.reference,
        applications=CallApplications(tickets, parts.clock, parts.entropy),
        declaring=DeclaringDesk(parts.region, parts.reference, parts.hub, parts.stores.limits, parts.clock),
        code_desk=code_desk,
        hub=parts.hub,
        verification=verification,
        subject_keys=parts.subject_keys,
        looks=minting.looks,
        known=minting.known,
        tickets=tickets,
        tokens=parts.sealed_for("exchange tokens"),
        clock=parts.clock,
    )
