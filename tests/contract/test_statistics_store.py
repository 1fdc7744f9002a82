"""What every ``StatisticsStore`` promises: a day's counts as they were counted last, by all or by one region."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from msgspec.structs import replace as alter

from tests.contract.implementations import Stores
from tests.contract.samples import AT, GUANGXI, HUBEI, passage, row, subject
from tongxing.core.statistics import CountedDay, CountKind, DayCount
from tongxing.core.verdicts import Outcome
from tongxing.services.ports import SubjectReport
from tongxing.services.statistics import PassageCount

pytestmark = pytest.mark.anyio

DAY = date(2020, 4, 1)
LOW = DayCount(CountKind.LEVELS, HUBEI, "low", 12)
HIGH = DayCount(CountKind.LEVELS, GUANGXI, "high", 3)
FROM_HUBEI = DayCount(CountKind.ORIGINS, GUANGXI, HUBEI, 40)
FROM_NOWHERE = DayCount(CountKind.ORIGINS, HUBEI, "", 7)


async def test_a_days_counts_take_the_place_of_those_before_of_the_same_kinds(stores: Stores) -> None:
    await stores.statistics.put_day(DAY, [CountKind.LEVELS], None, [LOW, HIGH], AT)
    await stores.statistics.put_day(DAY, [CountKind.ORIGINS], HUBEI, [FROM_NOWHERE], AT)
    await stores.statistics.put_day(DAY, [CountKind.LEVELS], None, [replace(LOW, number=13)], AT)
    assert await stores.statistics.counts_of(DAY) == (replace(LOW, number=13), FROM_NOWHERE)


async def test_a_region_replaces_its_own_counts_alone(stores: Stores) -> None:
    await stores.statistics.put_day(DAY, [CountKind.ORIGINS], HUBEI, [FROM_NOWHERE], AT)
    await stores.statistics.put_day(DAY, [CountKind.ORIGINS], GUANGXI, [FROM_HUBEI], AT)
    await stores.statistics.put_day(DAY, [CountKind.ORIGINS], GUANGXI, [], AT)
    assert await stores.statistics.counts_of(DAY) == (FROM_NOWHERE,)


async def test_the_days_that_were_counted_are_told_the_latest_first_and_forgotten_in_the_end(stores: Stores) -> None:
    later = AT + timedelta(days=1)
    await stores.statistics.put_day(DAY, [CountKind.LEVELS], None, [LOW], AT)
    await stores.statistics.put_day(later.date(), [CountKind.LEVELS], None, [LOW, HIGH], later)
    told = (CountedDay(later.date(), later), CountedDay(DAY, AT))
    assert await stores.statistics.days(10) == told
    assert await stores.statistics.days(1) == told[:1]
    assert await stores.statistics.forget_before(later.date()) == 1
    assert await stores.statistics.days(10) == told[:1]


async def test_passages_are_counted_by_issuer_outcome_and_reason_from_a_moment_to_before_another(
    stores: Stores,
) -> None:
    first = passage("p1")
    again, unknown = alter(first, ref="p2"), alter(first, ref="p3", issuer=None, outcome=Outcome.REFER)
    outside = [alter(first, ref="p4", at=AT + timedelta(days=1)), alter(first, ref="p5", at=AT - timedelta(days=1))]
    await stores.passages.record(first, again, unknown, *outside)
    counted = await stores.statistics.count_passages(AT, AT + timedelta(days=1))
    assert set(counted) == {
        PassageCount(first.issuer or "", first.outcome, first.reason, 2),
        PassageCount("", Outcome.REFER, first.reason, 1),
    }


async def test_reports_that_count_are_read_page_by_page_without_those_taken_back(stores: Stores) -> None:
    kept = [row(1), row(2, HUBEI), row(2, GUANGXI), row(3)]
    await stores.reports.put_reports([*kept, row(4, retracted=True)])
    read: list[SubjectReport] = []
    subject_, issuer = b"", ""
    while page := await stores.statistics.reports_after(subject_, issuer, 2):
        read += page
        subject_, issuer = page[-1].subject, page[-1].report.issuer
    assert [(each.subject, each.report.issuer) for each in read] == [
        (each.subject, each.report.issuer) for each in kept
    ]


async def test_a_subject_with_two_keys_counts_once(stores: Stores) -> None:
    older, newer = subject(1), subject(2)
    await stores.links.link([(newer, older)])
    await stores.reports.put_reports([row(1), row(2), row(1, GUANGXI)])
    read = await stores.statistics.reports_after(b"", "", 10)
    assert sorted((each.subject, each.report.issuer) for each in read) == [(older, GUANGXI), (newer, HUBEI)]
