"""Reconciliation: both sides agree by count and digest of each day, or it is said where not, and mended."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.contract.implementations import Stores, open_sqlite
from tests.contract.samples import GUANGXI, HUBEI, row
from tests.fakes.outside import HubNearby
from tongxing.core.calendar import beijing_day
from tongxing.core.levels import Level
from tongxing.core.limits import REPORTS_PER_BATCH_MAX
from tongxing.services.hub_desk import ReportDesk
from tongxing.services.person_documents import DocumentBook
from tongxing.services.ports import SubjectReport
from tongxing.services.reconciling import Compared, ReconcilingDesk, Resend
from tongxing.services.report_sums import STRETCH_ROWS, add_days, differing_days, sum_by_day
from tongxing.wire.report_lines import parse_report_line

pytestmark = pytest.mark.anyio


def on_day(number: int, day: int, level: Level = Level.LOW) -> SubjectReport:
    made = row(number, level=level)
    return SubjectReport(made.subject, replace(made.report, as_of=made.report.as_of + timedelta(days=day)), made.origin)


@dataclass
class Sides:
    """A gateway's store and a hub's."""

    here: Stores
    there: Stores

    async def compare(self, resend: Resend = Resend.NOTHING) -> Compared:
        """Compare all stretches, added up."""
        hub = HubNearby(HUBEI, ReportDesk(self.there.reports, DocumentBook(self.there.links, self.there.person_links)))
        desk = ReconcilingDesk(region=HUBEI, reports=self.here.reports, outbox=self.here.outbox, hub=hub)
        whole, after = Compared({}, {}, 0, None), b""
        while True:
            told = await desk.compare(after, resend)
            here, there = add_days(whole.here, told.here), add_days(whole.there, told.there)
            whole = Compared(here, there, whole.queued + told.queued, None)
            if told.next_after is None:
                return whole
            after = told.next_after

    async def send(self) -> None:
        while (batch := await self.here.outbox.next_batch()) is not None:
            rows = [SubjectReport(*parse_report_line(line)) for line in batch.body.splitlines()]
            for start in range(0, len(rows), REPORTS_PER_BATCH_MAX):
                await self.there.reports.put_reports(rows[start : start + REPORTS_PER_BATCH_MAX])
            await self.here.outbox.acknowledged(batch.number)


@pytest.fixture
async def sides(tmp_path: Path) -> AsyncIterator[Sides]:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    made = Sides(await open_sqlite(tmp_path / "here"), await open_sqlite(tmp_path / "there"))
    yield made
    await made.here.aclose()
    await made.there.aclose()


async def test_sides_that_hold_the_same_agree_whatever_else_the_hub_holds(sides: Sides) -> None:
    rows = [on_day(number, number % 3) for number in range(1, 40)]
    await sides.here.reports.put_reports(rows)
    await sides.there.reports.put_reports([*rows[::-1], row(1, issuer=GUANGXI), row(99, issuer=GUANGXI)])
    compared = await sides.compare()
    assert compared.here == compared.there
    assert sorted(each.count for each in compared.here.values()) == [13, 13, 13]


async def test_a_day_on_which_one_report_differs_is_told_and_no_other(sides: Sides) -> None:
    rows = [on_day(number, number % 3) for number in range(1, 40)]
    await sides.here.reports.put_reports(rows)
    await sides.there.reports.put_reports([*rows[:-1], on_day(39, 0, Level.HIGH)])
    compared = await sides.compare()
    assert differing_days(compared.here, compared.there) == {beijing_day(on_day(39, 0).report.as_of)}
    assert compared.queued == 0


@pytest.mark.parametrize(("resend", "queued"), [(Resend.DIFFERING, 13), (Resend.ALL, 39)])
async def test_what_differs_is_sent_again_and_then_both_sides_agree(sides: Sides, resend: Resend, queued: int) -> None:
    rows = [on_day(number, number % 3) for number in range(1, 40)]
    await sides.here.reports.put_reports(rows)
    await sides.there.reports.put_reports(rows[:-1])
    assert (await sides.compare(resend)).queued == queued
    await sides.send()
    compared = await sides.compare()
    assert compared.here == compared.there


async def test_more_than_one_stretch_is_gone_through_whole_and_a_hub_that_holds_more_is_told(sides: Sides) -> None:
    count = STRETCH_ROWS + 700
    rows = [on_day(number, 0) for number in range(1, 2 * count)]
    ours = rows[::2]
    for side, held in ((sides.here, ours), (sides.there, rows)):
        for start in range(0, len(held), REPORTS_PER_BATCH_MAX):
            await side.reports.put_reports(held[start : start + REPORTS_PER_BATCH_MAX])
    compared = await sides.compare()
    ((_, here),), ((_, there),) = compared.here.items(), compared.there.items()
    assert (here.count, there.count) == (len(ours), len(rows))
    assert [here] == list(sum_by_day(ours).values())
    assert [there] == list(sum_by_day(rows).values())


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 3)), unique=True), st.integers(0, 500))
def test_sums_have_no_order_and_parts_of_them_add_up(told: list[tuple[int, int]], cut: int) -> None:
    rows = [on_day(number, day) for number, day in told]
    assert add_days(sum_by_day(rows[:cut]), sum_by_day(rows[cut:])) == sum_by_day(rows[::-1])
