"""How many requests are worked on at once is found by how long what is ready waits; who is turned away, by priority."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.limits import REQUESTS_IN_FLIGHT_MIN
from tongxing.services.admission import HEALTH_AT_ONCE_MAX, SAMPLES_A_WINDOW, SHARES, Admission, Priority

TARGET = 0.02
QUEUE, NONE = 2 * TARGET, 0.0


def admission(most: int = 400) -> Admission:
    return Admission(most, TARGET)


def wait(one: Admission, *seconds: float, windows: int = 1) -> None:
    for _ in range(windows):
        for each in range(SAMPLES_A_WINDOW):
            one.note_waited(seconds[each % len(seconds)])


def fill(one: Admission, priority: Priority) -> int:
    """Let in as many as there is room for, and return how many."""
    count = 0
    while one.enter(priority):
        count += 1
    return count


def test_the_bound_falls_below_what_was_in_flight_while_a_queue_stands_and_rises_again_when_it_has_gone() -> None:
    one = admission()
    for _ in range(100):
        one.enter(Priority.VERDICT)
    wait(one, QUEUE)
    assert one.bound == 80
    assert not one.enter(Priority.VERDICT)
    wait(one, NONE)
    assert one.bound > 80
    wait(one, NONE, windows=400)
    assert one.bound == 400


def test_a_burst_that_passes_moves_nothing() -> None:
    one = admission()
    fill(one, Priority.VERDICT)
    wait(one, 5.0, 5.0, NONE)
    assert one.bound == 400


def test_a_late_timer_while_nobody_asks_is_no_queue() -> None:
    one = admission()
    wait(one, 5.0, windows=50)
    assert one.bound == 400


def test_the_bound_never_falls_below_the_least() -> None:
    one = admission()
    fill(one, Priority.VERDICT)
    wait(one, QUEUE, windows=100)
    assert one.bound == REQUESTS_IN_FLIGHT_MIN


def test_pages_are_turned_away_first_then_queries_then_verdicts_and_health_is_apart() -> None:
    one = admission(100)
    assert fill(one, Priority.PAGE) == 50
    assert fill(one, Priority.QUERY) == 25
    assert fill(one, Priority.VERDICT) == 25
    assert fill(one, Priority.HEALTH) == HEALTH_AT_ONCE_MAX
    assert one.turned_away == dict.fromkeys(Priority, 1)


def test_details_have_room_for_fewer_than_the_queries_they_belong_to() -> None:
    one = admission(100)
    assert one.details_at_once_max < fill(one, Priority.QUERY)


def test_who_is_in_leaves_and_makes_room() -> None:
    one = admission(1)
    assert one.enter(Priority.VERDICT)
    assert one.is_pressed
    assert not one.has_room(Priority.VERDICT)
    one.leave(Priority.VERDICT)
    assert one.enter(Priority.PAGE)


@given(
    st.lists(
        st.one_of(st.sampled_from(Priority), st.floats(0, 1), st.none()),
        max_size=200,
    ),
    st.integers(1, 50),
)
def test_whatever_comes_the_urgent_have_room_where_others_have_and_the_bound_keeps_its_range(
    steps: list[Priority | float | None], most: int
) -> None:
    one, inside = admission(most), list[Priority]()
    for step in steps:
        match step:
            case Priority():
                if one.enter(step):
                    inside.append(step)
            case float():
                wait(one, step)
            case None if inside:
                one.leave(inside.pop())
        assert min(most, REQUESTS_IN_FLIGHT_MIN) <= one.bound <= most
        assert one.in_flight == sum(each is not Priority.HEALTH for each in inside) <= most
        rooms = [one.has_room(priority) for priority in SHARES]
        assert rooms == sorted(rooms, reverse=True)
        assert one.is_pressed == (not all(rooms))


@pytest.mark.parametrize("priority", Priority)
def test_every_priority_has_room_at_ease(priority: Priority) -> None:
    assert admission(1).has_room(priority)
