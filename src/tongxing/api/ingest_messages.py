"""What is said of numbered batches over HTTP."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tongxing.api.messages import Message
from tongxing.services.ingest_ports import RowForm
from tongxing.wire.packing import Packing


class BatchQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a batch is packed and how its rows are written."""

    packing: Packing = Packing.NONE
    form: RowForm = RowForm.JSON_LINES


class AsideQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From behind which line on."""

    after: Annotated[int, Meta(ge=0, le=2_147_483_647)] = 0


class BatchAnswer(msgspec.Struct, frozen=True):
    """What became of a batch: the four counts add up to ``rows``; ``taken_at`` is null while it is being taken in."""

    dataset: str
    number: int
    digest_hex: str
    received_at: datetime
    taken_at: datetime | None
    rows: int
    stored: int
    unchanged: int
    outranked: int
    set_aside: int


class AsideRow(msgspec.Struct, frozen=True):
    """A line that was set aside, from 1, and why."""

    line: int
    reason: str


class AsideAnswer(msgspec.Struct, frozen=True):
    """Lines that were set aside; ask again from behind the last one until there are none."""

    rows: list[AsideRow]


class CompleteMessage(Message, frozen=True):
    """That all which the sender held at a moment has been sent."""

    as_of: datetime


class WatermarkAnswer(msgspec.Struct, frozen=True):
    """How far a sender is: its highest batch that was taken in, and up to when nothing of its is missing."""

    number: int
    as_of: datetime | None
