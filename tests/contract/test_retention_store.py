"""What every ``RetentionStore`` promises: what has ended goes, what is held is counted, reports form a chain."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.contract.implementations import Stores
from tests.contract.samples import AT, GUANGXI, HUBEI, passage, row, subject
from tests.world import ROOT
from tongxing.core.errors import Refused
from tongxing.core.person_links import LinkGround, PersonLink
from tongxing.core.reasons import ReasonId
from tongxing.core.retention import ALARM_KEPT, KEPT_THINGS, REPORT_KEPT
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.services.ingest_ports import BatchName, RowAside
from tongxing.services.persons import Person
from tongxing.services.ports import Alarm
from tongxing.services.retention import Backup, KeptReport, RetentionDesk
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


async def test_reports_that_should_be_gone_are_counted_though_nothing_deletes_them(stores: Stores) -> None:
    await stores.reports.put_reports([row(1), row(2, HUBEI)])
    assert (await stores.retention.count_overdue(AT + REPORT_KEPT - timedelta(days=1)))["reports"] == 0
    late = AT + REPORT_KEPT + timedelta(days=1)
    assert (await stores.retention.count_overdue(late))["reports"] == 2
    await stores.retention.forget_reports(late - REPORT_KEPT)
    assert (await stores.retention.count_overdue(late))["reports"] == 0


async def test_whom_an_id_means_is_forgotten_so_long_after_it_was_last_said(stores: Stores) -> None:
    said = int(AT.timestamp() * 1000)
    old, new = Person(b"o" * 32, (subject(1),), said - 1), Person(b"n" * 32, (subject(2),), said + 1)
    await stores.persons.put_persons([old, new])
    assert (await stores.retention.count_overdue(AT + REPORT_KEPT))["persons"] == 1
    assert await stores.retention.forget_persons(AT) == 1
    assert await stores.persons.find_person(old.ref_digest) is None
    assert await stores.persons.find_person(new.ref_digest) == new


async def test_links_go_once_nothing_is_held_under_either_end_and_stay_while_something_is(stores: Stores) -> None:
    await stores.links.link([(subject(2), subject(1)), (subject(4), subject(3))])
    for one, other in ((5, 6), (7, 8)):
        said = PersonLink(subject(one), subject(other), RegionId("45"), LinkGround.REGISTER, AT, 1)
        await stores.person_links.put_links([said])
    await stores.reports.put_reports([row(1), row(6)])
    late = AT + REPORT_KEPT
    overdue = await stores.retention.count_overdue(late)
    assert (overdue["subject_links"], overdue["person_links"]) == (1, 2)
    assert dict(await stores.retention.forget_links(AT)) == {"subject_links": 1, "person_links": 2}
    held = await stores.retention.count_held()
    assert (held["subject_links"], held["person_links"]) == (1, 2)
    assert set(await stores.links.linked((subject(1),))) == {subject(1), subject(2)}
    assert dict(await stores.retention.forget_links(AT - timedelta(days=1))) == {"subject_links": 0, "person_links": 0}


async def test_all_that_a_region_handed_in_is_erased_and_nothing_of_others(stores: Stores) -> None:
    await stores.reports.put_reports([*(row(number, GUANGXI) for number in range(450)), row(1, HUBEI)])
    batch = await stores.ingest.begin(BatchName(GUANGXI, "reports", 1), b"d" * 32, AT)
    await stores.ingest.finish(replace(batch, taken_at=AT), [RowAside(1, "wrong")])
    other = await stores.ingest.begin(BatchName(HUBEI, "reports", 1), b"d" * 32, AT)
    await stores.ingest.finish(replace(other, taken_at=AT), [])
    said = PersonLink(subject(1), subject(2), GUANGXI, LinkGround.REGISTER, AT, 1)
    await stores.person_links.put_links([said, replace(said, region=HUBEI)])
    erased = await stores.retention.forget_region(GUANGXI)
    marks = {"ingest_batches": 1, "ingest_set_aside": 1, "ingest_watermarks": 1}
    assert dict(erased) == {"reports": 450, "person_links": 2, **marks}
    assert not any((await stores.retention.count_of_region(GUANGXI)).values())
    kept = await stores.retention.count_of_region(HUBEI)
    assert (kept["reports"], kept["person_links"], kept["ingest_batches"]) == (1, 2, 1)


async def test_what_a_region_that_left_had_handed_in_is_reported_once_and_by_name(stores: Stores) -> None:
    clock = _Clock()
    told = desk(stores, clock)
    await told.note("tickets", 3)
    await stores.reports.put_reports([row(1, GUANGXI), row(2, HUBEI)])
    left = await told.forget_region(GUANGXI)
    assert left is not None
    report = parse_deletion_report(left.signed).report_after(ROOT.public.verify)
    assert (report.occasion, report.of) == (Occasion.LEAVING, GUANGXI)
    assert {each.table: (each.deleted, each.held) for each in report.rows}["reports"] == (1, 0)
    assert await told.forget_region(GUANGXI) is None
    clock.at += timedelta(days=1)
    daily = await told.report_daily()
    assert daily is not None
    following = parse_deletion_report(daily.signed).report_after(ROOT.public.verify)
    assert (following.before, {each.table: each.deleted for each in following.rows}["tickets"]) == (
        sha256(left.signed),
        3,
    )


async def test_what_one_process_deleted_stands_in_the_next_report_whoever_makes_it(stores: Stores) -> None:
    clock = _Clock()
    await desk(stores, clock).note("tickets", 2)
    await desk(stores, clock).note("tickets", 3)
    first = await desk(stores, clock).report_daily()
    clock.at += timedelta(days=1)
    second = await desk(stores, clock).report_daily()
    assert first is not None
    assert second is not None
    told = [parse_deletion_report(kept.signed).report_after(ROOT.public.verify) for kept in (first, second)]
    assert [{each.table: each.deleted for each in report.rows}["tickets"] for report in told] == [5, 0]
    assert told[1].since == told[0].at


async def test_backups_are_listed_until_they_are_erased_and_are_overdue_past_their_end(stores: Stores) -> None:
    tape, file = (Backup(place, AT, AT + timedelta(days=days)) for place, days in (("tape 7", 30), ("/b/1", 2)))
    await stores.retention.note_backup(tape)
    await stores.retention.note_backup(file)
    with pytest.raises(Refused):
        await stores.retention.note_backup(replace(tape, ends_at=AT))
    assert await stores.retention.backups() == (file, tape)
    assert (await stores.retention.count_overdue(AT + timedelta(days=3)))["backups"] == 1
    assert await stores.retention.forget_backup(file.place)
    assert not await stores.retention.forget_backup(file.place)
    assert await stores.retention.backups() == (tape,)


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
