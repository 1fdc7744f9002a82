"""What has ended is forgotten by the node itself, without anybody's doing."""

import asyncio
import contextlib
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.samples import AT, ending, passage, row, subject
from tests.fakes.access_stores import HandSetClock
from tests.world import GUANGXI, HUBEI, ROOT
from tongxing.app.housekeeping import keep_house
from tongxing.core.words import FEDERATION
from tongxing.services.ports import PassageRecord
from tongxing.stores.sqlite.stores import open_stores
from tongxing.wire.deletion_report import DeletionReport, Occasion, parse_deletion_report

pytestmark = pytest.mark.anyio


async def kept_house(path: Path, at: timedelta) -> PassageRecord | None:
    """Record a passage, keep house at a moment after it, and return what is left of the passage."""
    stores = open_stores(path)
    await stores.passages.record(passage("p1", kept=timedelta(days=14)))
    await stores.passages.record_ending(ending("p1"))
    await stores.tickets.claim(b"last", AT + timedelta(microseconds=1), AT)
    keeping = asyncio.create_task(keep_house(stores, GUANGXI, ROOT, HandSetClock(AT + at)))
    for _ in range(1_000):
        if await stores.writer.run(lambda held: held.execute("SELECT count(*) FROM claims").fetchone()) == (0,):
            break
        await asyncio.sleep(0.01)
    left = await stores.passages.find("p1")
    for _ in range(1_000):
        if await stores.retention.reports(1):
            break
        await asyncio.sleep(0.01)
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


async def test_each_day_a_signed_report_says_what_was_deleted_and_that_nothing_is_overdue(tmp_path: Path) -> None:
    path = tmp_path / "day.db"
    await kept_house(path, timedelta(days=14))
    stores = open_stores(path)
    (only,) = await stores.retention.reports(10)
    await stores.aclose()
    report = parse_deletion_report(only.signed).report_after(ROOT.public.verify)
    assert (report.region, report.number, report.occasion) == (GUANGXI, 1, Occasion.DAILY)
    assert all(row.overdue == 0 for row in report.rows)
    assert {row.table: row.deleted for row in report.rows}["passages"] == 1


async def test_what_a_region_that_left_had_handed_in_goes_in_the_next_round_and_is_reported(tmp_path: Path) -> None:
    stores = open_stores(tmp_path / "hub.db")
    await stores.reports.put_reports([row(1, GUANGXI), row(1, HUBEI), row(2, GUANGXI)])
    gone = frozenset({GUANGXI})
    keeping = asyncio.create_task(keep_house(stores, FEDERATION, ROOT, HandSetClock(AT), lambda _at: gone))
    told: list[DeletionReport] = []
    for _ in range(1_000):
        kept = await stores.retention.reports(10)
        told = [parse_deletion_report(each.signed).report_after(ROOT.public.verify) for each in kept]
        if any(report.occasion is Occasion.LEAVING for report in told):
            break
        await asyncio.sleep(0.01)
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping
    assert await stores.reports.reports_of(subject(1)) == (row(1, HUBEI),)
    assert await stores.reports.reports_of(subject(2)) == ()
    await stores.aclose()
    (left,) = [report for report in told if report.occasion is Occasion.LEAVING]
    assert (left.of, {each.table: each.deleted for each in left.rows}["reports"]) == (GUANGXI, 2)
