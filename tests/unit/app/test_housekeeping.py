"""What has ended is forgotten by the node itself, without anybody's doing."""

import asyncio
import contextlib
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.samples import AT, ending, passage
from tests.fakes.access_stores import HandSetClock
from tongxing.app.background import keep_house
from tongxing.services.ports import PassageRecord
from tongxing.stores.sqlite.stores import open_stores

pytestmark = pytest.mark.anyio


async def kept_house(path: Path, at: timedelta) -> PassageRecord | None:
    """Record a passage, keep house at a moment after it, and return what is left of the passage."""
    stores = open_stores(path)
    await stores.passages.record(passage("p1", kept=timedelta(days=14)))
    await stores.passages.record_ending(ending("p1"))
    await stores.tickets.claim(b"last", AT + timedelta(microseconds=1), AT)
    keeping = asyncio.create_task(keep_house(stores, HandSetClock(AT + at)))
    for _ in range(1_000):
        if await stores.writer.run(lambda held: held.execute("SELECT count(*) FROM claims").fetchone()) == (0,):
            break
        await asyncio.sleep(0.01)
    left = await stores.passages.find("p1")
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping
    await stores.aclose()
    return left


async def test_a_passage_loses_its_views_first_and_is_erased_in_the_end(tmp_path: Path) -> None:
    """The claim that ended is forgotten after the passages were looked at: so it tells when that was done."""
    after_a_day = await kept_house(tmp_path / "day.db", timedelta(days=1))
    assert after_a_day is not None
    assert after_a_day.views is None
    assert await kept_house(tmp_path / "fortnight.db", timedelta(days=14)) is None
