"""Circuit breakers: who keeps failing is left alone, and comes back by one trial."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tongxing.services.circuits import FAILURES_MAX, PAUSE, Circuit

AT = datetime(2020, 3, 21, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def opened() -> Circuit:
    circuit = Circuit()
    for _ in range(FAILURES_MAX):
        assert circuit.may_ask(AT)
        circuit.failed(AT)
    return circuit


def test_a_source_that_keeps_failing_is_not_asked_for_a_while() -> None:
    circuit = opened()
    assert not circuit.may_ask(AT)
    assert not circuit.may_ask(AT + PAUSE - SECOND)


def test_after_the_pause_one_caller_tries_and_the_others_wait_for_what_comes_of_it() -> None:
    circuit = opened()
    assert [circuit.may_ask(AT + PAUSE) for _ in range(3)] == [True, False, False]
    circuit.succeeded()
    assert [circuit.may_ask(AT + PAUSE) for _ in range(3)] == [True, True, True]


def test_a_trial_that_fails_opens_the_circuit_for_another_pause() -> None:
    circuit = opened()
    assert circuit.may_ask(AT + PAUSE)
    circuit.failed(AT + PAUSE)
    assert not circuit.may_ask(AT + 2 * PAUSE - SECOND)
    assert circuit.may_ask(AT + 2 * PAUSE)


def test_a_trial_that_nobody_ended_is_tried_again() -> None:
    circuit = opened()
    assert circuit.may_ask(AT + PAUSE)
    assert circuit.may_ask(AT + 2 * PAUSE)


def test_failures_count_only_in_a_row() -> None:
    circuit = Circuit()
    for _ in range(3 * FAILURES_MAX):
        circuit.failed(AT)
        circuit.succeeded()
        assert circuit.may_ask(AT)


@given(st.lists(st.tuples(st.integers(0, 15), st.sampled_from(["ask", "fail", "succeed"])), max_size=60))
def test_while_it_is_open_it_is_asked_at_most_once_a_pause(steps: list[tuple[int, str]]) -> None:
    circuit, at, asked = opened(), AT, [AT]
    for seconds, step in steps:
        at += seconds * SECOND
        if step == "ask" and circuit.may_ask(at):
            assert at - asked[-1] >= PAUSE
            asked.append(at)
            circuit.failed(at)
        elif step == "fail":
            asked.append(at)
            circuit.failed(at)
