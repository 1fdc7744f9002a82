"""What every ``RetentionStore`` promises: what has ended goes, what is held is counted, reports form a chain."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.contract.implementations import Stores
from tests.contract.samples import AT, passage, row, subject
from tests.world import ROOT
from tongxing.core.reasons import ReasonId
from tongxing.core.retention import ALARM_KEPT, KEPT_THINGS
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.services.ingest_ports import BatchName, RowAside
from tongxing.services.ports import Alarm
from tongxing.services.retention import KeptReport, RetentionDesk
from tongxing.stores.schema import METADATA
from tongxing.wire.deletion_report import FIRST, Occasion, parse_deletion_report

pytestmark = pytest.mark.anyio


class _Clock:
    def __init__(self) -> None:
        self.at = AT

    def now(self) -> datetime:
        return self.at


def desk(stores: Stores, clock: _Clock) -> RetentionDesk:
    return RetentionDesk(RegionId("45"), stores.retention, ROOT, clock)


def test_every_table_of_the_record_says_what_it_is_kept_for_and_how_long() -> None:
    assert set(KEPT_THINGS) == set(METADATA.tables)
    for table, thing in KEPT_THINGS.items():
        assert thing.ends_column is None or thing.ends_column in METADATA.tables[table].columns
        assert thing.purpose.zh
        assert thing.purpose.en


async def test_a_report_that_speaks_of_too_early_a_moment_is_erased_and_a_later_one_stays(stores: Stores) -> None:
    await stores.reports.put_reports([row(number) for number in range(450)])
    assert await stores.retention.forget_reports(AT - timedelta(days=1)) == 0
    assert (await stores.retention.count_held())["reports"] == 450
    assert await stores.retention.forget_reports(AT + timedelta(days=1)) == 450
    assert (await stores.retention.count_held())["reports"] == 0


async def test_alarms_and_batches_end_with_what_belongs_to_them(stores: Stores) -> None:
    await stores.alarms.raise_alarm(Alarm(AT, ReasonId.SIGNATURE_INVALID, None, "old"))
    batch = await stores.ingest.begin(BatchName(RegionId("45"), "reports", 1), b"d" * 32, AT)
    await stores.ingest.finish(replace(batch, taken_at=AT), [RowAside(1, "wrong")])
    later = AT + timedelta(seconds=1)
    assert await stores.retention.forget_alarms(later) == 1
    assert await stores.retention.forget_batches(later) == 1
    held = await stores.retention.count_held()
    assert (held["alarms"], held["ingest_batches"], held["ingest_set_aside"]) == (0, 0, 0)


async def test_what_is_past_its_end_is_counted_until_it_is_deleted(stores: Stores) -> None:
    await stores.passages.record(passage("p1", kept=timedelta(days=1)))
    assert (await stores.retention.count_overdue(AT))["passages"] == 0
    later = AT + timedelta(days=2)
    assert (await stores.retention.count_overdue(later))["passages"] == 1
    await stores.passages.purge_passages(later)
    assert (await stores.retention.count_overdue(later))["passages"] == 0


async def test_daily_reports_follow_one_another_and_say_what_was_deleted_and_is_held(stores: Stores) -> None:
    clock = _Clock()
    told = desk(stores, clock)
    await stores.alarms.raise_alarm(Alarm(AT - ALARM_KEPT, ReasonId.SIGNATURE_INVALID, None, "old"))
    await stores.reports.put_reports([row(1), row(2)])
    first = await told.report_daily()
    assert await told.report_daily() is None
    clock.at += timedelta(days=1)
    second = await told.report_daily()
    assert first is not None
    assert second is not None
    assert [kept.number for kept in await stores.retention.reports(10)] == [2, 1]
    told_first, told_second = (
        parse_deletion_report(kept.signed).report_after(ROOT.public.verify) for kept in (first, second)
    )
    assert (told_first.before, told_second.before) == (FIRST, sha256(first.signed))
    rows = {each.table: each for each in told_first.rows}
    assert (rows["alarms"].deleted, rows["alarms"].held, rows["reports"].held) == (1, 0, 2)
    assert all(each.overdue == 0 for each in told_second.rows)


async def test_a_shutdown_erases_everything_and_keeps_the_report_of_it(stores: Stores) -> None:
    await stores.reports.put_reports([row(1), row(2)])
    await stores.passages.record(passage("p1"))
    kept = await desk(stores, _Clock()).shut_down()
    report = parse_deletion_report(kept.signed).report_after(ROOT.public.verify)
    assert report.occasion is Occasion.SHUTDOWN
    assert {each.table: each.deleted for each in report.rows if each.deleted} == {"reports": 2, "passages": 1}
    held = await stores.retention.count_held()
    assert {table for table, count in held.items() if count} == {"deletion_reports"}
    assert await stores.reports.reports_of(subject(1)) == ()


async def test_where_the_report_cannot_be_made_nothing_is_erased(stores: Stores) -> None:
    await stores.reports.put_reports([row(1)])

    def fail(_before: KeptReport | None, _erased: Mapping[str, int]) -> bytes:
        raise OverflowError

    with pytest.raises(OverflowError):
        await stores.retention.erase_all(AT, fail)
    assert (await stores.retention.count_held())["reports"] == 1
