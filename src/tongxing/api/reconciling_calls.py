"""The calls by which both sides of a region's reports are summed and compared."""

from tongxing.api.calls import Call, NoQuery
from tongxing.api.ingest_calls import check_own_dataset
from tongxing.api.reconciling_messages import (
    DayAnswer,
    ReconciliationAnswer,
    ReconciliationMessage,
    StretchAnswer,
    StretchMessage,
)
from tongxing.app.nodes import Gateway, Hub
from tongxing.core.datasets import Dataset
from tongxing.services.evidence_sums import sum_dataset
from tongxing.services.report_sums import DaySums, sum_stretch


async def sum_reports(node: Hub, call: Call[StretchMessage, NoQuery]) -> StretchAnswer:
    """Return counts and digests by day of what the hub holds of the calling region, for a stretch of subjects."""
    until = bytes.fromhex(call.body.until) or None
    reports, region = node.core.stores.reports, call.known_caller.region
    stretch = await sum_stretch(reports, region, bytes.fromhex(call.body.after), until)
    return StretchAnswer(_describe(stretch.days), (stretch.next_after or b"").hex())


async def sum_own_dataset(node: Hub, call: Call[StretchMessage, NoQuery]) -> StretchAnswer:
    """Return counts and digests by day of what the hub holds of the calling owner's dataset, for a stretch of it."""
    dataset = Dataset(check_own_dataset(call))
    stretch = await sum_dataset(node.core.stores.evidence, dataset, bytes.fromhex(call.body.after))
    return StretchAnswer(_describe(stretch.days), (stretch.next_after or b"").hex())


async def reconcile(node: Gateway, call: Call[ReconciliationMessage, NoQuery]) -> ReconciliationAnswer:
    """Compare a stretch of what is held here with what the hub holds, and queue it again where that is asked."""
    compared = await node.outbox.reconciling.compare(bytes.fromhex(call.body.after), call.body.resend)
    state = await node.core.stores.outbox.state()
    return ReconciliationAnswer(
        _describe(compared.here),
        _describe(compared.there),
        compared.queued,
        state.queued + state.batches,
        (compared.next_after or b"").hex(),
    )


def _describe(days: DaySums) -> list[DayAnswer]:
    return [DayAnswer(day, each.count, f"{each.total:064x}") for day, each in sorted(days.items())]
