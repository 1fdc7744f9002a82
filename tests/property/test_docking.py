"""Docking: neither the order of rows nor of batches nor how long they were on their way changes what is held."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.services.desks import open_desks, synthetic_document, synthetic_number
from tests.world import AT, HUBEI
from tongxing.core.levels import Level
from tongxing.services.docking import OLDER_RECORD
from tongxing.services.ports import SubjectReport

PEOPLE = (1, 2)
FINDINGS: dict[Level, tuple[str, list[str]]] = {Level.LOW: ("green", ["wjyc"]), Level.HIGH: ("yellow", ["mqjcz"])}
SENT_FROM = int(AT.timestamp()) - 5 * 86_400
"""A day more than is drawn: a record of the future is set aside, and the clock may step back."""

Row = dict[str, object]
Batches = Sequence[Sequence[Row]]


def make_row(person: int, level: Level, day: int, division: str) -> Row:
    status, told = FINDINGS[level]
    return {
        "document": {"type": "10", "number": synthetic_number(person)},
        "name": "王小明",
        "status": status,
        "told": told,
        "since_seconds": SENT_FROM,
        "refreshed_at_seconds": SENT_FROM + day * 86_400,
        "division": division,
    }


rows = st.builds(
    make_row,
    person=st.sampled_from(PEOPLE),
    level=st.sampled_from(list(FINDINGS)),
    day=st.integers(min_value=0, max_value=4),
    division=st.sampled_from(["420106", "420111"]),
)
batches = st.lists(st.lists(rows, min_size=1, max_size=4), min_size=1, max_size=4)


async def dock_all(sent: Batches, steps: Sequence[int]) -> list[SubjectReport]:
    """Dock batches, the clock moved by each step (minutes) in between; return what gateway and hub hold."""
    with TemporaryDirectory() as folder:
        async with open_desks(HUBEI, Path(folder) / "desks") as hubei:
            for batch, step in zip(sent, steps, strict=True):
                docked = await hubei.docking.dock(batch)
                assert docked.stored + docked.unchanged + len(docked.set_aside) == len(batch)
                assert {each.reason for each in docked.set_aside} <= {OLDER_RECORD}
                hubei.clock.move(timedelta(minutes=step))
            told = await hubei.hub.derive_subject_keys([synthetic_document(person) for person in PEOPLE])
            subjects = [keys[0] for keys in told]
            here = [each for subject in subjects for each in await hubei.stores.reports.reports_of(subject)]
            there = [each for subject in subjects for each in await hubei.hub_stores.reports.reports_of(subject)]
            assert here == there
            return here


@settings(max_examples=20, deadline=None)
@given(batches, st.data())
def test_the_order_of_arrival_changes_nothing(sent: list[list[Row]], data: st.DataObject) -> None:
    again = data.draw(st.permutations([*sent, *data.draw(st.lists(st.sampled_from(sent), max_size=2))]))
    shuffled = [data.draw(st.permutations(batch)) for batch in again]
    steps = data.draw(st.lists(st.integers(-30, 2_880), min_size=len(shuffled), max_size=len(shuffled)))
    expected = asyncio.run(dock_all(sent, [0] * len(sent)))
    assert asyncio.run(dock_all(shuffled, steps)) == expected


@settings(max_examples=20, deadline=None)
@given(batches)
def test_what_is_held_is_the_newest_and_of_one_time_the_worse(sent: list[list[Row]]) -> None:
    held = asyncio.run(dock_all(sent, [0] * len(sent)))
    expected = []
    for person in PEOPLE:
        told = [
            (row["refreshed_at_seconds"], row["status"] == "yellow")
            for batch in sent
            for row in batch
            if row["document"] == {"type": "10", "number": synthetic_number(person)}
        ]
        expected += [Level.HIGH if max(told)[1] else Level.LOW] if told else []
    assert [each.report.level for each in held] == expected
