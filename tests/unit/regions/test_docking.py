"""Docking rows: read as they are or refused by the field, without repeating anybody's data."""

from datetime import UTC, datetime

import pytest

from tests.unit.regions.samples import AT, HUBEI
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.regions.docking import parse_dock_row
from tongxing.regions.translation import translate

ROW: dict[str, object] = {
    "document": {"type": "10", "number": "994200199211030037"},
    "name": "冯艳杰",
    "status": "yellow",
    "told": ["djdq"],
    "since_seconds": 1_584_504_000,
    "refreshed_at_seconds": 1_584_244_800,
    "division": "421002",
    "person_ref": "person-1",
}


def test_a_row_is_read_in_the_regions_own_words_and_its_name_masked() -> None:
    row = parse_dock_row(ROW, HUBEI)
    assert (row.document_type, row.document_number, row.name) == ("10", "994200199211030037", "冯艳杰")
    assert (row.answer.status, row.answer.told, row.answer.division) == ("yellow", ("djdq",), "421002")
    assert row.answer.refreshed_at == datetime.fromtimestamp(1_584_244_800, UTC)
    assert row.answer.masked_name == "冯**"
    assert row.person_ref == row.answer.person_ref == "person-1"
    assert row.answer.derived_from is None


def test_a_row_that_only_relays_says_whose_report_it_is() -> None:
    answer = parse_dock_row({**ROW, "derived_from": "00"}, HUBEI).answer
    assert answer.derived_from == "00"
    assert translate(answer, HUBEI, at=AT, revision=1).report.derived_from == "00"


def test_what_may_be_absent_may_be_absent() -> None:
    row = parse_dock_row({name: ROW[name] for name in ("document", "name")}, HUBEI)
    assert (row.answer.status, row.answer.told, row.answer.since, row.answer.division) == ("", (), None, None)
    assert (row.person_ref, row.answer.derived_from) == (None, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("document", None),
        ("document", {"type": "10"}),
        ("document", {"type": "10", "number": "99", "photo": "…"}),
        ("name", ""),
        ("name", "x" * 129),
        ("name", "a\nb"),
        ("status", 1),
        ("told", "djdq"),
        ("told", [7]),
        ("told", ["w"] * 17),
        ("since_seconds", "1584504000"),
        ("since_seconds", True),
        ("since_seconds", 1e9),
        ("refreshed_at_seconds", -1),
        ("refreshed_at_seconds", 10**18),
        ("division", 421002),
        ("person_ref", 7),
        ("person_ref", ""),
        ("person_ref", "p" * 129),
        ("derived_from", "4"),
        ("derived_from", "420106"),
        ("derived_from", "４２"),
        ("derived_from", 42),
        ("derived_from", ""),
    ],
)
def test_a_field_that_is_not_as_it_must_be_is_refused_by_its_name(name: str, value: object) -> None:
    with pytest.raises(Refused) as refused:
        parse_dock_row({**ROW, name: value}, HUBEI)
    assert refused.value.problem is ProblemId.BAD_REQUEST
    assert f"field {name}" in refused.value.detail or name == "document"


def test_a_field_that_rows_do_not_have_is_refused() -> None:
    with pytest.raises(Refused):
        parse_dock_row({**ROW, "phone": "13800000000"}, HUBEI)


def test_neither_a_refusal_nor_a_row_shows_the_person() -> None:
    row = parse_dock_row(ROW, HUBEI)
    assert "994200" not in repr(row)
    assert "person-1" not in repr(row)
    assert "冯艳杰" not in repr(row)
    with pytest.raises(Refused) as refused:
        parse_dock_row({**ROW, "name": "冯艳杰\n"}, HUBEI)
    assert "冯" not in str(refused.value)
