"""The calls about retention: what is kept and how long, for all; the signed reports of deletion, for operators."""

from datetime import datetime
from typing import Annotated

import msgspec

from tongxing.api.calls import Call, NoQuery
from tongxing.app.nodes import Node
from tongxing.core.retention import KEPT_THINGS
from tongxing.recognition.view_words import Words, words_of
from tongxing.services.retention import REPORTS_TOLD_MAX


class KeptThingAnswer(msgspec.Struct, frozen=True):
    """One kind of thing. ``kept_days`` after its own end (0: at it), null where it goes with what it belongs to."""

    table: str
    purpose: Words
    personal: bool
    kept_days: int | None


class RetentionAnswer(msgspec.Struct, frozen=True):
    """Everything that a node keeps."""

    kept: list[KeptThingAnswer]


class DeletionReportsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many reports are told at most, the latest first."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=REPORTS_TOLD_MAX)] = 31


class DeletionReportAnswer(msgspec.Struct, frozen=True):
    """One report: the signed bytes are the proof (``tongxing retention verify``)."""

    number: int
    at: datetime
    signed_hex: str


class DeletionReportsAnswer(msgspec.Struct, frozen=True):
    """The reports, the latest first."""

    reports: list[DeletionReportAnswer]


async def tell_retention(_node: Node, _call: Call[None, NoQuery]) -> RetentionAnswer:
    """Tell everybody what this node keeps, what for and how long."""
    return RetentionAnswer(
        [
            KeptThingAnswer(
                table, words_of(thing.purpose), thing.personal, None if thing.kept is None else thing.kept.days
            )
            for table, thing in KEPT_THINGS.items()
        ]
    )


async def list_deletion_reports(node: Node, call: Call[None, DeletionReportsQuery]) -> DeletionReportsAnswer:
    """Hand an operator, and through them an auditor, the signed reports of what was deleted."""
    kept = await node.core.stores.retention.reports(call.query.limit)
    return DeletionReportsAnswer([DeletionReportAnswer(each.number, each.at, each.signed.hex()) for each in kept])
