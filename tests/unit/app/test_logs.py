"""Only named, known-safe fields are ever written to a log; whatever else is passed is withheld and counted."""

import ast
import io
import logging
import warnings
from collections.abc import Iterator

import msgspec
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.access_stores import SPRING, HandSetClock
from tests.house.tree import PACKAGE, source_modules, syntax_of
from tests.silence import log_nowhere
from tongxing.app.logs import LOGGED_FIELDS, configure_logs, describe_error, keep_known_fields
from tongxing.core.causes import CAUSES, Cause
from tongxing.core.levels import Level, Standing
from tongxing.core.reasons import REASONS, ReasonId, Stage, impersonal_slug

NUMBER = "990101199001011239"
COLOURS = ("red", "yellow", "green", "红", "黄码", "绿")
PERSONAL: list[object] = [
    *(NUMBER, int(NUMBER), "王小明", "wang xiaoming", "13800138000", 13800138000, bytes(33), bytes(33).hex()),
    *("HBJKM." + "A" * 43, "https://example.org/?code=1", "192.0.2.1", "a@example.org", {"name": "x"}, ["x"], None),
]


@pytest.fixture
def sink() -> Iterator[io.BytesIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    written = io.BytesIO()
    configure_logs(HandSetClock(), written)
    yield written
    root.handlers, root.level = handlers, level
    log_nowhere()


def takers_of(value: object) -> set[str]:
    """Return the fields that take a value, alone or in a list."""
    return {name for name in LOGGED_FIELDS for each in (value, [value]) if name in keep_known_fields({name: each})}


def lines(sink: io.BytesIO) -> list[dict[str, object]]:
    return [msgspec.json.decode(line) for line in sink.getvalue().splitlines()]


def test_a_line_is_json_with_the_time_of_the_clock_and_a_severity(sink: io.BytesIO) -> None:
    structlog.get_logger().info("request", status=200, route="/v1/verifications")
    (line,) = lines(sink)
    assert line == {
        "at": SPRING.isoformat(timespec="milliseconds"),
        "severity": "info",
        "event": "request",
        "status": 200,
        "route": "/v1/verifications",
    }


@pytest.mark.parametrize("value", PERSONAL, ids=repr)
def test_no_field_takes_anything_personal(value: object) -> None:
    assert takers_of(value) == set()


@pytest.mark.parametrize("value", [*Level, *Standing, *Cause, *COLOURS, *(CAUSES[cause].name.en for cause in Cause)])
def test_no_field_takes_a_level_a_standing_a_cause_or_a_colour(value: str) -> None:
    """Some standings are also reasons of a verdict, which name nobody; a library's name can be any word."""
    allowed = {"logger"} | ({"reason"} if value in ReasonId.__members__.values() else set())
    assert takers_of(value) <= allowed


@given(st.dictionaries(st.text(max_size=20), st.one_of(st.text(max_size=40), st.integers(), st.binary(max_size=9))))
def test_what_is_not_listed_is_withheld_and_counted(fields: dict[str, object]) -> None:
    kept = keep_known_fields(fields)
    assert set(kept) <= {*LOGGED_FIELDS, "withheld"}
    assert kept.get("withheld", 0) == len(set(fields) - set(kept))


def test_neither_the_name_nor_the_value_of_a_withheld_field_is_written(sink: io.BytesIO) -> None:
    structlog.get_logger().info("request", qr_text=NUMBER, name="王小明", status=NUMBER)
    assert lines(sink)[0]["withheld"] == 3
    written = sink.getvalue().decode()
    assert "qr_text" not in written
    assert NUMBER not in written


def test_an_event_that_is_a_sentence_is_withheld(sink: io.BytesIO) -> None:
    structlog.get_logger().info(f"could not read {NUMBER}")
    assert NUMBER not in sink.getvalue().decode()


def test_of_a_librarys_message_only_that_there_was_one_is_written(sink: io.BytesIO) -> None:
    try:
        raise ValueError(NUMBER)
    except ValueError:
        logging.getLogger("httpx").exception("GET http://back-end.example/?code=%s", NUMBER)
    logging.getLogger("some.library").warning(NUMBER)
    logging.getLogger("some.library").info("quiet")
    logging.getLogger("odd level").log(35, NUMBER)
    written = lines(sink)
    assert [(line["event"], line["logger"], line["severity"]) for line in written] == [
        ("library_message", "httpx", "error"),
        ("library_message", "some.library", "warning"),
        ("library_message", "odd_level", "warning"),
    ]
    assert written[0]["error_type"] == "ValueError"
    assert NUMBER not in sink.getvalue().decode()


def test_a_warning_of_python_is_no_way_around(sink: io.BytesIO) -> None:
    logging.captureWarnings(capture=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn(NUMBER, stacklevel=1)
    finally:
        logging.captureWarnings(capture=False)
    assert lines(sink)[0]["event"] == "library_message"
    assert NUMBER not in sink.getvalue().decode()


def test_an_error_is_described_by_where_it_came_through() -> None:
    def inner() -> None:
        raise KeyError(NUMBER)

    with pytest.raises(KeyError) as raised:
        inner()
    described = describe_error(raised.value)
    assert described["error_type"] == "KeyError"
    assert isinstance(described["frames"], list)
    assert len(described["frames"]) == 2
    assert LOGGED_FIELDS["frames"](described["frames"])


def test_every_event_that_the_code_names_can_be_written() -> None:
    """An event that nobody listed would come out as a line without one."""
    named = {
        node.args[0].value
        for path in source_modules()
        if path.relative_to(PACKAGE).parts[0] in ("app", "api")
        for node in ast.walk(syntax_of(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in ("info", "warning", "error", "log", "_try", "_has_ended")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert {"request", "fault", "listening", "bundle_not_refreshed"} <= named
    assert {event for event in named if not LOGGED_FIELDS["event"](event)} == set()


@pytest.mark.parametrize("reason", [reason for reason in ReasonId if REASONS[reason].stage is Stage.DECIDE])
def test_what_a_row_decided_on_is_never_logged(reason: ReasonId) -> None:
    assert keep_known_fields({"reason": reason.value}) == {"withheld": 1}
    assert keep_known_fields({"reason": impersonal_slug(reason)}) == {"reason": "decided_by_row"}
