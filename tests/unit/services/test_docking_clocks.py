"""A region's own clock was ahead: what it said by it, and what it says by the right one."""

from datetime import timedelta

import pytest

from tests.unit.services.desks import Desks
from tests.unit.services.test_docking import CONTACT, held_at_hub, held_here, refreshed, row
from tests.world import AT
from tongxing.core.levels import Level
from tongxing.services.docking import OLDER_RECORD, Docked, SetAside

pytestmark = pytest.mark.anyio


async def test_what_is_said_by_the_right_clock_counts_over_what_was_said_while_the_clock_was_ahead(
    hubei: Desks,
) -> None:
    """The region says green by a clock five hours ahead; then the person turns red, and green, by the right one."""
    ahead = timedelta(hours=5)
    hubei.clock.move(ahead)
    assert await hubei.docking.dock([row(1, refreshed(int(ahead.total_seconds())))]) == Docked(1, 0, ())
    hubei.clock.move(-ahead)
    red = row(1, {**CONTACT, **refreshed(10)})
    for batch, expected, level in (
        ([red], Docked(1, 0, ()), Level.HIGH),
        ([red], Docked(0, 1, ()), Level.HIGH),
        ([row(1, refreshed(5))], Docked(0, 0, (SetAside(0, OLDER_RECORD),)), Level.HIGH),
        ([row(1, refreshed(20))], Docked(1, 0, ()), Level.LOW),
        ([red], Docked(0, 0, (SetAside(0, OLDER_RECORD),)), Level.LOW),
        ([row(1, {**CONTACT, **refreshed(20)})], Docked(1, 0, ()), Level.HIGH),
    ):
        assert await hubei.docking.dock(batch) == expected
        (here,), (there,) = await held_here(hubei), await held_at_hub(hubei)
        assert (here.report.level, there.report.level) == (level, level)


@pytest.mark.parametrize("age", [timedelta(days=7), timedelta(minutes=10)])
async def test_an_old_green_that_comes_late_never_hides_a_red_that_was_said_while_the_clock_was_ahead(
    hubei: Desks, age: timedelta
) -> None:
    """When the red was really said nobody knows, so only what is said as of now clears it."""
    ahead = timedelta(hours=5)
    hubei.clock.move(ahead)
    assert await hubei.docking.dock([row(1, {**CONTACT, **refreshed(int(ahead.total_seconds()))})]) == Docked(1, 0, ())
    hubei.clock.move(-ahead)
    old = row(1, refreshed_at_seconds=int((AT - age).timestamp()))
    assert await hubei.docking.dock([old]) == Docked(0, 0, (SetAside(0, OLDER_RECORD),))
    (here,), (there,) = await held_here(hubei), await held_at_hub(hubei)
    assert (here.report.level, there.report.level) == (Level.HIGH, Level.HIGH)
    assert await hubei.docking.dock([row(1, refreshed_at_seconds=int(AT.timestamp()))]) == Docked(1, 0, ())
    (here,), (there,) = await held_here(hubei), await held_at_hub(hubei)
    assert (here.report.level, there.report.level) == (Level.LOW, Level.LOW)


@pytest.mark.parametrize("newer_first", [False, True])
async def test_of_one_batch_after_the_clock_was_ahead_the_newest_record_is_held(
    hubei: Desks, *, newer_first: bool
) -> None:
    ahead = timedelta(hours=5)
    hubei.clock.move(ahead)
    await hubei.docking.dock([row(1, refreshed(int(ahead.total_seconds())))])
    hubei.clock.move(-ahead)
    batch = [row(1, {**CONTACT, **refreshed(10)}), row(1, refreshed(20))]
    if newer_first:
        batch.reverse()
    assert await hubei.docking.dock(batch) == Docked(1, 0, (SetAside(int(newer_first), OLDER_RECORD),))
    (here,), (there,) = await held_here(hubei), await held_at_hub(hubei)
    assert (here.report.level, there.report.level) == (Level.LOW, Level.LOW)
