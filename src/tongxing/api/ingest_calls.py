"""The calls by which regions, and owners of datasets, hand in numbered batches at the hub and read what became of them.

A gateway sends its region's reports, a source the datasets that its key is enrolled for, and nobody anything else. All
of a dataset's keys are one owner's, so that a new key goes on with the numbers of the old one.
"""

from typing import Any, Final

from tongxing.api.calls import Call, NoQuery
from tongxing.api.ingest_messages import (
    AsideAnswer,
    AsideQuery,
    AsideRow,
    BatchAnswer,
    BatchQuery,
    CompleteMessage,
    WatermarkAnswer,
)
from tongxing.app.nodes import Hub
from tongxing.core.datasets import DATASETS
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.services.dataset_sink import OWNERS_ALONE
from tongxing.services.ingest_ports import BatchName, IngestedBatch
from tongxing.services.ports import Role

MEDIA_TYPES: Final = (
    "application/x-ndjson",
    "application/vnd.apache.arrow.stream",
    "application/vnd.apache.arrow.file",
    "application/vnd.apache.parquet",
    "application/octet-stream",
)
ASIDE_PER_ANSWER: Final = 1_000
_NUMBER_MAX_DIGITS: Final = 15


async def take_in_batch(node: Hub, call: Call[bytes, BatchQuery]) -> BatchAnswer:
    """Take in a numbered batch of a dataset's rows; acknowledged once durable, the same again counts once."""
    return _describe(await node.ingest.take_in(_name(call), call.body, call.query.packing, call.query.form))


async def tell_batch(node: Hub, call: Call[None, NoQuery]) -> BatchAnswer:
    """Return what became of a batch of the caller's."""
    return _describe(await node.ingest.find(_name(call)))


async def tell_set_aside(node: Hub, call: Call[None, AsideQuery]) -> AsideAnswer:
    """Return the rows of a batch of the caller's that were set aside, each with its reason."""
    rows = await node.ingest.set_aside(_name(call), call.query.after, ASIDE_PER_ANSWER)
    return AsideAnswer([AsideRow(row.line, row.reason) for row in rows])


async def say_complete(node: Hub, call: Call[CompleteMessage, NoQuery]) -> WatermarkAnswer:
    """Take a sender's word that everything which it held at a moment has been sent."""
    if call.body.as_of.tzinfo is None:
        raise Refused(ProblemId.BAD_REQUEST, "as_of: a time without a zone")
    mark = await node.ingest.say_complete(call.known_caller.region, check_own_dataset(call), call.body.as_of)
    return WatermarkAnswer(mark.number, mark.as_of)


async def tell_watermark(node: Hub, call: Call[None, NoQuery]) -> WatermarkAnswer:
    """Return how far the caller is by what the hub holds."""
    mark = await node.ingest.watermark(call.known_caller.region, check_own_dataset(call))
    return WatermarkAnswer(0, None) if mark is None else WatermarkAnswer(mark.number, mark.as_of)


def _name(call: Call[Any, Any]) -> BatchName:
    number = call.path["number"]
    if not number.isdecimal() or not number.isascii() or len(number) > _NUMBER_MAX_DIGITS:
        raise Refused(ProblemId.NOT_FOUND, "a batch has a number")
    return BatchName(call.known_caller.region, check_own_dataset(call), int(number))


def check_own_dataset(call: Call[Any, Any]) -> str:
    """Return the dataset that a call names. Raises ``Refused(FORBIDDEN)`` where it is not the caller's own."""
    caller, dataset = call.known_caller, call.path["dataset"]
    if caller.role is Role.SOURCE and dataset not in caller.datasets:
        raise Refused(ProblemId.FORBIDDEN, "a source hands in the datasets that it is enrolled for")
    if caller.role is Role.GATEWAY and dataset in DATASETS:
        raise Refused(ProblemId.FORBIDDEN, OWNERS_ALONE)
    return dataset


def _describe(batch: IngestedBatch) -> BatchAnswer:
    return BatchAnswer(
        batch.name.dataset,
        batch.name.number,
        batch.digest.hex(),
        batch.received_at,
        batch.taken_at,
        batch.rows,
        batch.stored,
        batch.unchanged,
        batch.outranked,
        batch.set_aside,
    )
