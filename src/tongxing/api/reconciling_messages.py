"""What is said of sums of reports over HTTP."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from tongxing.api.messages import Message
from tongxing.services.reconciling import Resend

AfterHex = Annotated[
    str, Meta(pattern="^([0-9a-f]{66})?$", description="the last subject key before; empty is the beginning")
]


class StretchMessage(Message, frozen=True):
    """Which stretch of subjects a gateway asks for: behind ``after``, up to and with ``until`` or to the end."""

    after: AfterHex = ""
    until: AfterHex = ""


class DayAnswer(msgspec.Struct, frozen=True):
    """One day: how many reports, and the order-free digest of them."""

    day: date
    count: int
    digest_hex: str


class StretchAnswer(msgspec.Struct, frozen=True):
    """The sums of a stretch; ``next_after`` is empty at its end."""

    days: list[DayAnswer]
    next_after: str


class ReconciliationMessage(Message, frozen=True):
    """Which stretch is compared, and what of it is queued again for the hub."""

    after: AfterHex = ""
    resend: Resend = Resend.NOTHING


class ReconciliationAnswer(msgspec.Struct, frozen=True):
    """Both sides of a stretch, by day; ``waiting`` is what the outbox holds besides, which the hub cannot have yet."""

    here: list[DayAnswer]
    there: list[DayAnswer]
    queued: int
    waiting: int
    next_after: str
