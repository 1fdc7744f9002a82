"""Lines of reports: read by their form or taken apart, they say the same; what is wrong is said the same way."""

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.samples import WUHAN, report, row, subject
from tests.unit.wire.test_reports import origins, reports
from tongxing.core.reports import Origin, Report
from tongxing.core.subjects import SubjectKey
from tongxing.wire import report_lines
from tongxing.wire.cbor import WireError
from tongxing.wire.report_bodies import keep_report
from tongxing.wire.report_lines import LINE_MAX_BYTES, encode_report_line, keep_report_line, parse_report_line
from tongxing.wire.reports import encode_origin, encode_report, parse_origin, parse_report
from tongxing.wire.strict_json import parse_strict_json

LINE = encode_report_line(subject(1), report(), WUHAN)
PLAIN: dict[str, Any] = json.loads(LINE)
REPORT: dict[str, Any] = PLAIN["report"]
ORIGIN: dict[str, Any] = PLAIN["origin"]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def by_parts(line: bytes) -> tuple[SubjectKey, Report, Origin | None]:
    """Read a line by the readers of its parts alone, which know nothing of its form as a whole."""
    told = parse_strict_json(line, LINE_MAX_BYTES)
    if not isinstance(told, dict) or not {"subject", "report"} <= told.keys() <= {"subject", "report", "origin"}:
        raise WireError("a row has subject and report, perhaps origin, and nothing else")
    hexadecimal = told["subject"]
    if not isinstance(hexadecimal, str) or not re.fullmatch("[0-9a-fA-F]{66}", hexadecimal):
        raise WireError("a subject key")
    origin = told.get("origin")
    return (
        SubjectKey(bytes.fromhex(hexadecimal)),
        parse_report(told["report"]),
        None if origin is None else parse_origin(origin),
    )


def read(reader: Any, line: bytes) -> object:
    try:
        return reader(line)
    except WireError:
        return None


@given(reports, st.none() | origins)
def test_a_line_says_what_its_parts_say_in_one_order(given_report: Report, origin: Origin | None) -> None:
    line = encode_report_line(subject(7), given_report, origin)
    plain: dict[str, object] = {"subject": subject(7).hex(), "report": encode_report(given_report)}
    if origin is not None:
        plain["origin"] = encode_origin(origin)
    assert line == msgspec.json.encode(plain)
    assert parse_report_line(line) == by_parts(line) == (subject(7), given_report, origin)
    assert keep_report_line(line) == keep_report(subject(7), given_report, origin)


@given(reports, st.none() | origins, st.randoms(use_true_random=False))
def test_order_blanks_and_escapes_change_nothing(given_report: Report, origin: Origin | None, source: Any) -> None:
    told = json.loads(encode_report_line(subject(7), given_report, origin))
    told["report"] = dict(source.sample(sorted(told["report"].items()), len(told["report"])))
    mixed = dict(source.sample(sorted(told.items()), len(told)))
    assert parse_report_line(json.dumps(mixed, indent=source.choice([None, 1])).encode()) == (
        subject(7),
        given_report,
        origin,
    )


@given(st.sampled_from(["row", "report", "origin", "cause"]), st.data())
def test_whatever_one_member_is_both_readers_take_or_refuse_the_line(where: str, data: st.DataObject) -> None:
    parts: dict[str, dict[str, Any]] = {
        "row": dict(PLAIN),
        "report": dict(REPORT),
        "origin": dict(ORIGIN),
        "cause": dict(REPORT["causes"][0]),
    }
    part = parts[where]
    name = data.draw(
        st.sampled_from(sorted({*part, "level", "derived_from", "colour_only", "retracted"})) | st.text(max_size=3)
    )
    if data.draw(st.booleans()):
        part.pop(name, None)
    else:
        part[name] = data.draw(anything | st.sampled_from([True, False, None, "42", "00", 1, 1 << 53, "current"]))
    if where == "cause":
        parts["report"]["causes"] = [part]
    line = parts["row"] | ({} if where == "row" else {"report": parts["report"], "origin": parts["origin"]})
    written = json.dumps(line).encode()
    assert read(parse_report_line, written) == read(by_parts, written)


@given(st.integers(0, len(LINE) - 1), st.binary(max_size=3))
def test_wherever_a_line_is_broken_both_readers_take_or_refuse_it(place: int, put: bytes) -> None:
    for broken in (LINE[:place] + put + LINE[place:], LINE[:place] + put + LINE[place + 1 :], LINE[:place]):
        assert read(parse_report_line, broken) == read(by_parts, broken)


@pytest.mark.parametrize(
    "line",
    [
        LINE.replace(b'"revision":1', b'"revision":1,"revision":1'),
        LINE.replace(b'"revision":1', b'"revision":1,"revision":2'),
        LINE.replace(b'"precision"', b'"precision":"city","precision"'),
        LINE.replace(b'"cases"', b'"\\u003a"').replace(b'"revision":1', b'"revision":1,"revision":1'),
        LINE.replace(b'"cases"', b'"a\\":"').replace(b'"subject"', b'"subject":"x","subject"'),
        LINE[:-1] + b',"report":' + json.dumps(REPORT).encode() + b"}",
    ],
    ids=range(6),
)
def test_a_name_twice_is_refused_however_it_is_hidden(line: bytes) -> None:
    with pytest.raises(WireError, match="twice"):
        parse_report_line(line)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{}", "a row has subject and report"),
        (b"[]", "a row has subject and report"),
        (b"{", "not JSON"),
        (b"[" * 10_000, "nested too deep"),
        (LINE + b" " * LINE_MAX_BYTES, "at most 16384 are allowed"),
        (LINE.replace(b'"01', b'"0'), "a subject key is 33 bytes in hexadecimal"),
        (LINE.replace(b'"01', b'"0x'), "a subject key is hexadecimal"),
        (LINE.replace(b'"standing":"current"', b'"standing":"well"'), "not a known Standing"),
        (LINE.replace(b'"revision":1', b'"revision":1.0'), "a revision is a whole number"),
        (LINE.replace(b'"420100"', b'"4201x0"'), "a division has 2, 4 or 6 digits"),
        (LINE.replace(b'"cases"', b'""'), "a source is a name"),
        (LINE.replace(b'"cases"', b'"a\\nb"'), "a source is a name"),
        (LINE.replace(b'"issuer":"42"', b'"issuer":"4x"'), "a region is a number"),
        (LINE.replace(b'"level"', b'"derived_from":"x","level"'), "a region is a number"),
        (LINE.replace(b',"level":"00"', b""), "a current report has a level"),
        (LINE.replace(b',"level":"00"', b',"level":"00","retracted":false'), "retracted is true or absent"),
    ],
    ids=range(16),
)
def test_the_reason_says_what_is_wrong(line: bytes, reason: str) -> None:
    for reader in (keep_report_line, parse_report_line):
        with pytest.raises(WireError, match=reason):
            reader(line)


def test_a_good_line_is_never_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking apart is for telling what is wrong: four times the time for each row of a nation."""

    def fail(_line: bytes) -> None:
        raise AssertionError("taken apart")

    monkeypatch.setattr(report_lines, "_take_apart", fail)
    assert parse_report_line(LINE) == (row().subject, row().report, row().origin)
    assert parse_report_line(json.dumps(PLAIN).encode()) == (row().subject, row().report, row().origin)
