"""How many requests are worked on at once is found by what a queue does; who is turned away is said by priority."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.limits import REQUESTS_IN_FLIGHT_MIN
from tongxing.services.admission import (
    ANSWERS_A_WINDOW,
    HEALTH_AT_ONCE_MAX,
    SAMPLES_A_WINDOW,
    SAMPLES_A_WINDOW_MAX,
    SHARES,
    Admission,
    Priority,
)

TARGET = 0.1
SLOW, QUICK = 2 * TARGET, TARGET / 2
LATE, AT_ONCE = 0.01, 0.0


def admission(most: int = 400) -> Admission:
    return Admission(most, TARGET)


def let_pass(one: Admission, late: float, took: float, windows: int = 1, answers: int = ANSWERS_A_WINDOW) -> None:
    """Let windows pass in which so many were answered, each after ``took``, while timers came so late."""
    for _ in range(windows):
        for _ in range(answers):
            one.leave(Priority.VERDICT, took)
            assert one.enter(Priority.VERDICT) or one.bound <= one.in_flight
        for _ in range(SAMPLES_A_WINDOW):
            one.note_late(late)


def fill(one: Admission, priority: Priority) -> int:
    """Let in as many as there is room for, and return how many."""
    count = 0
    while one.enter(priority):
        count += 1
    return count


def begun(count: int, most: int = 400) -> Admission:
    """Return an admission with so many in flight."""
    one = admission(most)
    for _ in range(count):
        assert one.enter(Priority.VERDICT)
    return one


def test_the_bound_falls_below_what_was_in_flight_while_a_queue_stands_and_rises_again_when_it_has_gone() -> None:
    one = begun(100)
    let_pass(one, LATE, SLOW)
    assert one.bound == 80
    assert not one.enter(Priority.VERDICT)
    let_pass(one, AT_ONCE, QUICK)
    assert one.bound > 80
    let_pass(one, AT_ONCE, QUICK, windows=400)
    assert one.bound == 400


@pytest.mark.parametrize(("late", "took"), [(AT_ONCE, SLOW), (LATE, QUICK)])
def test_slow_answers_alone_are_others_fault_and_a_busy_process_alone_is_well_used(late: float, took: float) -> None:
    one = begun(100)
    let_pass(one, late, took, windows=20)
    assert one.bound == 400


def test_some_who_wait_for_others_while_the_process_is_busy_are_no_queue() -> None:
    one = begun(100)
    for number in range(400):
        one.leave(Priority.VERDICT, SLOW if number % 2 else QUICK)
        one.enter(Priority.VERDICT)
        one.note_late(LATE)
    assert one.bound == 400


def test_a_process_that_answers_nobody_at_all_takes_in_less_too() -> None:
    one = begun(100)
    for _ in range(SAMPLES_A_WINDOW_MAX):
        one.note_late(LATE)
    assert one.bound == 80


def test_a_late_timer_while_nobody_asks_is_no_queue() -> None:
    one = admission()
    for _ in range(10 * SAMPLES_A_WINDOW_MAX):
        one.note_late(5.0)
    assert one.bound == 400


def test_the_bound_never_falls_below_the_least() -> None:
    one = begun(100)
    let_pass(one, LATE, SLOW, windows=100)
    assert one.bound < 100
    for _ in range(100 - REQUESTS_IN_FLIGHT_MIN):
        one.leave(Priority.VERDICT, SLOW)
    let_pass(one, LATE, SLOW, windows=100)
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
    one.leave(Priority.VERDICT, QUICK)
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
                for _ in range(SAMPLES_A_WINDOW_MAX):
                    one.note_late(step)
            case None if inside:
                one.leave(inside.pop(), SLOW)
        assert min(most, REQUESTS_IN_FLIGHT_MIN) <= one.bound <= most
        assert one.in_flight == sum(each is not Priority.HEALTH for each in inside) <= most
        rooms = [one.has_room(priority) for priority in SHARES]
        assert rooms == sorted(rooms, reverse=True)
        assert one.is_pressed == (not all(rooms))


@pytest.mark.parametrize("priority", Priority)
def test_every_priority_has_room_at_ease(priority: Priority) -> None:
    assert admission(1).has_room(priority)
