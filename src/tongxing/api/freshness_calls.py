"""The calls about how fresh datasets are: in full for operators, in short for everybody."""

from datetime import datetime

import msgspec

from tongxing.api.calls import Call, NoQuery
from tongxing.app.nodes import Hub
from tongxing.core.words import RegionId
from tongxing.recognition.view_words import Words, words_of
from tongxing.services.freshness import FRESHNESS_WORDS, DatasetState, Freshness, FreshnessDesk


class LastBatchAnswer(msgspec.Struct, frozen=True):
    """The last batch of a sender: its counts add up to ``rows``."""

    number: int
    received_at: datetime
    taken_at: datetime | None
    rows: int
    stored: int
    unchanged: int
    outranked: int
    set_aside: int


class DatasetStateAnswer(msgspec.Struct, frozen=True):
    """One dataset of a region, or of a national source (``region`` is null).

    ``lag_seconds`` from the moment up to which nothing is missing; null where nothing has come.
    """

    dataset: str
    title: Words
    region: RegionId | None
    owner: Words
    fresh_for_seconds: int
    freshness: Freshness
    freshness_words: Words
    as_of: datetime | None
    lag_seconds: int | None


class DatasetDirectoryRow(msgspec.Struct, frozen=True):
    """The same with what operators see besides."""

    state: DatasetStateAnswer
    heard_at: datetime | None
    last_batch: LastBatchAnswer | None


class DatasetDirectoryAnswer(msgspec.Struct, frozen=True):
    """Every dataset that is expected here."""

    now: datetime
    datasets: list[DatasetDirectoryRow]


class FederationStatusAnswer(msgspec.Struct, frozen=True):
    """How fresh everything is; nothing of how much has come, since a batch of one row is of one person."""

    now: datetime
    datasets: list[DatasetStateAnswer]


async def tell_dataset_directory(node: Hub, _call: Call[None, NoQuery]) -> DatasetDirectoryAnswer:
    """Tell an operator of each dataset its owner, promise, lag and last batch with its counts."""
    now = node.core.clock.now()
    return DatasetDirectoryAnswer(
        now,
        [
            DatasetDirectoryRow(_state(state, now), state.heard_at, _last_batch(state))
            for state in await _desk(node).states()
        ],
    )


async def tell_federation_status(node: Hub, _call: Call[None, NoQuery]) -> FederationStatusAnswer:
    """Tell everybody which dataset keeps its promise of freshness."""
    now = node.core.clock.now()
    return FederationStatusAnswer(now, [_state(state, now) for state in await _desk(node).states()])


def _desk(node: Hub) -> FreshnessDesk:
    stores = node.core.stores
    return FreshnessDesk(stores.ingest, stores.dataset_marks, node.published, node.core.clock)


def _state(state: DatasetState, now: datetime) -> DatasetStateAnswer:
    return DatasetStateAnswer(
        dataset=state.dataset,
        title=words_of(state.title),
        region=state.region,
        owner=words_of(state.owner),
        fresh_for_seconds=int(state.fresh_for.total_seconds()),
        freshness=state.freshness,
        freshness_words=words_of(FRESHNESS_WORDS[state.freshness]),
        as_of=state.as_of,
        lag_seconds=None if state.as_of is None else max(0, int((now - state.as_of).total_seconds())),
    )


def _last_batch(state: DatasetState) -> LastBatchAnswer | None:
    last = state.last_batch
    if last is None:
        return None
    counts = (last.rows, last.stored, last.unchanged, last.outranked, last.set_aside)
    return LastBatchAnswer(last.name.number, last.received_at, last.taken_at, *counts)
