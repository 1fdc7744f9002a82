"""Reports: whatever arrives, in whatever order and however often, what is held is the same (laws 4 and 7)."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.contract.samples import GUANGXI, HUBEI, row, subject
from tongxing.core.levels import Level
from tongxing.core.words import RegionId
from tongxing.services.ports import SubjectReport
from tongxing.stores.sql.stores import NodeStores
from tongxing.stores.sqlite.stores import open_stores

SUBJECTS = range(1, 4)
Held = dict[tuple[bytes, RegionId], SubjectReport]
Result = TypeVar("Result")

rows = st.builds(
    row,
    number=st.sampled_from(SUBJECTS),
    issuer=st.sampled_from([HUBEI, GUANGXI]),
    revision=st.integers(min_value=0, max_value=4),
    level=st.sampled_from(Level),
    retracted=st.booleans(),
    origin=st.sampled_from([None, row().origin]),
)


def in_new_stores(use: Callable[[NodeStores], Awaitable[Result]]) -> Result:
    async def run(folder: str) -> Result:
        stores = open_stores(Path(folder) / "node.db")
        try:
            return await use(stores)
        finally:
            await stores.aclose()

    with TemporaryDirectory() as folder:
        return asyncio.run(run(folder))


async def held_by(stores: NodeStores) -> Held:
    found: Held = {}
    for number in SUBJECTS:
        for each in await stores.reports.reports_of(subject(number), with_retracted=True):
            found[each.subject, each.report.issuer] = each
    return found


def put_all(portions: Sequence[Sequence[SubjectReport]]) -> Held:
    async def use(stores: NodeStores) -> Held:
        for portion in portions:
            await stores.reports.put_reports(portion)
        return await held_by(stores)

    return in_new_stores(use)


def put_all_at_once(portions: Sequence[Sequence[SubjectReport]]) -> Held:
    async def use(stores: NodeStores) -> Held:
        await asyncio.gather(*map(stores.reports.put_reports, portions))
        return await held_by(stores)

    return in_new_stores(use)


def cut(items: list[SubjectReport], source: random.Random) -> list[list[SubjectReport]]:
    portions: list[list[SubjectReport]] = [[]]
    for item in items:
        if source.random() < 0.4:
            portions.append([])
        portions[-1].append(item)
    return portions


@settings(max_examples=25)
@given(st.lists(rows, max_size=12), st.randoms(use_true_random=False))
def test_neither_order_nor_portions_nor_repetition_change_what_is_held(
    arrived: list[SubjectReport], source: random.Random
) -> None:
    repeated = [*arrived, *(each for each in arrived if source.random() < 0.5)]
    source.shuffle(repeated)
    expected = put_all([arrived])
    assert put_all(cut(repeated, source)) == expected
    assert put_all_at_once(cut(repeated, source)) == expected


@settings(max_examples=25)
@given(st.lists(rows, min_size=1, max_size=12))
def test_the_highest_revision_of_each_issuer_is_held_and_nothing_else(arrived: list[SubjectReport]) -> None:
    held = put_all([arrived])
    assert held.keys() == {(each.subject, each.report.issuer) for each in arrived}
    for key, kept in held.items():
        rivals = [each for each in arrived if (each.subject, each.report.issuer) == key]
        assert kept in rivals
        highest = max(each.report.revision for each in rivals)
        assert kept.report.revision == highest
        of_highest = [each for each in rivals if each.report.revision == highest]
        assert kept.report.retracted == any(each.report.retracted for each in of_highest)


class ReportStoreModel(RuleBasedStateMachine):
    """The store beside a dictionary, through puts, retractions, repetitions and restarts."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.sent: list[SubjectReport] = []
        self.model: Held = {}
        self.stores = self.open()

    def open(self) -> NodeStores:
        return open_stores(Path(self.folder.name) / "node.db")

    @rule(number=st.sampled_from(SUBJECTS), issuer=st.sampled_from([HUBEI, GUANGXI]), level=st.sampled_from(Level))
    def report_anew(self, number: int, issuer: RegionId, level: Level) -> None:
        self.put(row(number, issuer, self.next_revision(number, issuer), level=level))

    @rule(number=st.sampled_from(SUBJECTS), issuer=st.sampled_from([HUBEI, GUANGXI]))
    def retract(self, number: int, issuer: RegionId) -> None:
        self.put(row(number, issuer, self.next_revision(number, issuer), retracted=True))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def send_something_again(self, data: st.DataObject) -> None:
        again = data.draw(st.lists(st.sampled_from(self.sent), max_size=5))
        count = self.loop.run_until_complete(self.stores.reports.put_reports(again))
        assert count.stored == 0
        assert count.same + count.older == len(again)

    @rule()
    def restart(self) -> None:
        self.loop.run_until_complete(self.stores.aclose())
        self.stores = self.open()

    @invariant()
    def the_store_holds_what_the_model_holds(self) -> None:
        assert self.loop.run_until_complete(held_by(self.stores)) == self.model

    @invariant()
    def what_was_retracted_is_not_told(self) -> None:
        for number in SUBJECTS:
            told = self.loop.run_until_complete(self.stores.reports.reports_of(subject(number)))
            live = [each for each in self.model.values() if each.subject == subject(number)]
            assert set(told) == {each for each in live if not each.report.retracted}

    def put(self, new: SubjectReport) -> None:
        count = self.loop.run_until_complete(self.stores.reports.put_reports([new]))
        assert count.stored == 1
        self.sent.append(new)
        self.model[new.subject, new.report.issuer] = new

    def next_revision(self, number: int, issuer: RegionId) -> int:
        held = self.model.get((subject(number), issuer))
        return 0 if held is None else held.report.revision + 1

    def teardown(self) -> None:
        self.loop.run_until_complete(self.stores.aclose())
        self.loop.close()
        self.folder.cleanup()


ReportStoreModel.TestCase.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
TestReportStoreAgainstModel = ReportStoreModel.TestCase
