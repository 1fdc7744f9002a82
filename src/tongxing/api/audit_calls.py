"""The calls of auditors: who has looked at people, and what for, without anything of those people."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tongxing.api.calls import Call
from tongxing.app.nodes import Node
from tongxing.core.limits import LOOK_KEPT
from tongxing.core.looks import PURPOSE_WORDS, Ground, LookCount, Purpose
from tongxing.recognition.view_words import Words, words_of

ROWS_MAX: Final = 1_000


class LookCountsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of how many days, counted back from now."""

    days: Annotated[int, Meta(ge=1, le=LOOK_KEPT.days)] = 7


class LookCountAnswer(msgspec.Struct, frozen=True):
    """How often one key looked, for one purpose and on one ground; at how many people, and when last."""

    region: str
    looker: str
    purpose: Purpose
    purpose_words: Words
    ground: Ground
    looks: int
    people: int
    last_at: datetime


class LookCountsAnswer(msgspec.Struct, frozen=True):
    """Counts of a time, the most looks first, at most 1,000 rows; ``is_whole`` is false where there are more."""

    since: datetime
    until: datetime
    is_whole: bool
    counts: list[LookCountAnswer]


async def tell_look_counts(node: Node, call: Call[None, LookCountsQuery]) -> LookCountsAnswer:
    """Tell who has looked, how often and what for: at the hub all regions' looks, at a gateway its own."""
    until = node.core.clock.now().astimezone(UTC)
    since = until - timedelta(days=call.query.days)
    counts = await node.core.stores.looks.count_looks(since, until, ROWS_MAX)
    return LookCountsAnswer(since, until, len(counts) < ROWS_MAX, [_describe(count) for count in counts])


def _describe(count: LookCount) -> LookCountAnswer:
    words = words_of(PURPOSE_WORDS[count.purpose])
    said = (count.region, count.looker, count.purpose, words, count.ground)
    return LookCountAnswer(*said, count.looks, count.people, count.last_at)
