"""What a back end sends and gets for transit passes. As in ``api.messages``: closed structs, bounded texts."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tongxing.api.messages import DocumentMessage, Hex16Bytes, Message, Moment, ShortText
from tongxing.core.limits import TRANSIT_ROUTE_MAX
from tongxing.recognition.view_words import Words

PlateText = Annotated[str, Meta(min_length=1, max_length=16, description="a licence plate, as 鄂A12345")]
DivisionNumber = Annotated[str, Meta(pattern=r"^([0-9]{2}){1,3}\Z", description="a GB/T 2260 division")]
RouteDivisions = Annotated[list[DivisionNumber], Meta(min_length=1, max_length=TRANSIT_ROUTE_MAX)]


class TransitPassMessage(Message, frozen=True):
    """A ticket, used up by this; the driver; the vehicle; the divisions of the journey in their order; and when.

    ``valid_from`` is now if it is left out. ``valid_until`` is at most 72 hours from now.
    """

    serial: Hex16Bytes
    random: Hex16Bytes
    document: DocumentMessage
    name: ShortText
    plate: PlateText
    route: RouteDivisions
    valid_until: Moment
    valid_from: Moment | None = None


class TransitPassAnswer(msgspec.Struct, frozen=True):
    """The text to draw or print as a QR code; ``pass_id`` names the pass for withdrawing it."""

    qr_text: str
    pass_id: str
    plate: str
    route: list[Words]
    valid_from: datetime
    valid_until: datetime
