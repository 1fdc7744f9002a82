"""The book of rules: whose table holds where and on which day, and which sets of files are none."""

from datetime import date

import pytest

from tests.unit.rules.tables import LOW_LOW, REST, SHIPPED, STOP_HIGH
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import FEDERATION, RegionId
from tongxing.rules.book import TABLES_MAX, RuleBook, file_name_of, parse_rule_book
from tongxing.rules.tables import parse_rule_table

GUANGXI, NANNING, HENAN = RegionId("45"), RegionId("4501"), RegionId("41")
SPRING, SUMMER = date(2020, 4, 1), date(2022, 7, 1)
EXCEPTION = """
[[exception]]
id = "local"
when = { level = ["low"], origin_risk = ["low"] }
measures = ["take_temperature"]
why = { zh = "试验", en = "trial" }
registrar = { zh = "试验", en = "trial" }
legal_basis = "试验"
evidence = "assumed"
first_day = 2020-03-20
last_day = 2020-04-07
"""


def file_of(region: str, first_day: str = "2020-03-18", more: str = "", rows: str = "") -> bytes:
    table_id = "trial_of_a_site" if "site =" in more else "trial"
    head = f"""
[table]
region = "{region}"
id = "{table_id}"
name = {{ zh = "试验", en = "trial" }}
first_day = {first_day}
{more}
"""
    return (head + (rows or STOP_HIGH + LOW_LOW + REST)).encode()


FILES = {
    "national.toml": file_of("00"),
    "45.toml": file_of("45"),
    "45@2021-03-23.toml": file_of("45", "2021-03-23", "version = 2"),
    "4501.toml": file_of("4501", "2020-03-20", "last_day = 2020-12-31"),
    "4501-north_station.toml": file_of("4501", "2020-03-18", 'site = "north_station"'),
    "45-airport.toml": file_of("45", "2020-03-18", 'site = "airport"', EXCEPTION),
}
BOOK = parse_rule_book(FILES)


def names(book: RuleBook, region: RegionId, on: date, site: str = "") -> list[tuple[str, str, int]]:
    return [(table.region, table.site, table.version) for table in book.stack_on(region, on, site)]


def test_the_most_local_table_stands_first_and_the_national_one_last() -> None:
    assert names(BOOK, NANNING, SPRING, "north_station") == [
        ("4501", "north_station", 1),
        ("4501", "", 1),
        ("45", "", 1),
        ("00", "", 1),
    ]
    assert names(BOOK, NANNING, SPRING, "airport") == names(BOOK, NANNING, SPRING)
    assert names(BOOK, GUANGXI, SPRING, "airport") == [("45", "airport", 1), ("45", "", 1), ("00", "", 1)]
    assert names(BOOK, FEDERATION, SPRING) == [("00", "", 1)]


def test_a_region_without_a_table_has_the_national_one() -> None:
    assert names(BOOK, HENAN, SPRING) == [("00", "", 1)]
    assert names(BOOK, RegionId("4101"), SPRING, "north_station") == [("00", "", 1)]


def test_a_later_version_replaces_the_earlier_one_from_its_first_day_on() -> None:
    assert BOOK.table_on(GUANGXI, "", date(2020, 3, 17)) is None
    assert names(BOOK, GUANGXI, date(2021, 3, 22))[0] == ("45", "", 1)
    assert names(BOOK, GUANGXI, date(2021, 3, 23))[0] == ("45", "", 2)


def test_a_table_that_has_ended_leaves_the_place_to_those_above() -> None:
    assert names(BOOK, NANNING, date(2020, 12, 31))[0] == ("4501", "", 1)
    assert names(BOOK, NANNING, SUMMER) == [("45", "", 2), ("00", "", 1)]


def test_a_version_that_was_replaced_does_not_come_back_when_its_successor_ends() -> None:
    book = parse_rule_book(
        {
            "45.toml": file_of("45"),
            "45@2021-01-01.toml": file_of("45", "2021-01-01", "version = 2\nlast_day = 2021-06-30"),
        }
    )
    assert book.table_on(GUANGXI, "", date(2021, 6, 30)) is not None
    assert book.table_on(GUANGXI, "", date(2021, 7, 1)) is None


def test_the_register_names_each_exception_in_force_with_its_table_and_stops_by_itself() -> None:
    ((table, entry),) = BOOK.exceptions_on(date(2020, 4, 7))
    assert (table.region, table.site, entry.row.id) == ("45", "airport", "local")
    assert BOOK.exceptions_on(date(2020, 3, 19)) == BOOK.exceptions_on(date(2020, 4, 8)) == ()


def test_a_version_goes_under_the_name_of_the_one_that_it_replaces_or_under_its_day() -> None:
    again = parse_rule_table(FILES["45.toml"])
    assert file_name_of(BOOK, again) == "45.toml"
    assert file_name_of(BOOK, parse_rule_table(file_of("45", "2022-01-01"))) == "45@2022-01-01.toml"
    assert file_name_of(BOOK, parse_rule_table(file_of("41"))) == "41.toml"
    assert file_name_of(BOOK, parse_rule_table(file_of("00", "2021-01-01"))) == "national@2021-01-01.toml"
    site = parse_rule_table(file_of("45", "2021-01-01", 'site = "airport"'))
    assert file_name_of(BOOK, site) == "45-airport@2021-01-01.toml"


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("guangxi.toml", file_of("45"), "'guangxi.toml' is no name of a rule table"),
        ("../45.toml", file_of("45"), "is no name of a rule table"),
        ("450.toml", file_of("45"), "is no name of a rule table"),
        ("45@2021-03-23", file_of("45"), "is no name of a rule table"),
        ("44.toml", file_of("45"), "44.toml holds the table of region 45"),
        ("45-port.toml", file_of("45"), "45-port.toml holds the table of region 45"),
        ("41.toml", file_of("41", more='site = "port"'), "41.toml holds the table of site port of region 41"),
        (
            "national@2020-03-18.toml",
            file_of("00"),
            "national.toml and national@2020-03-18.toml are both in force from 2020-03-18 on",
        ),
        ("45@2021-03-24.toml", file_of("45", "2021-03-25"), "45@2021-03-24.toml holds a table from 2021-03-25 on"),
        ("45@2020-03-18.toml", file_of("45"), "45.toml and 45@2020-03-18.toml are both in force from 2020-03-18 on"),
        (
            "4501@2020-12-31.toml",
            file_of("4501", "2020-12-31", "version = 2"),
            "4501.toml is in force until 2020-12-31, 4501@2020-12-31.toml from 2020-12-31 on: the days overlap",
        ),
        (
            "45@2021-04-01.toml",
            file_of("45", "2021-04-01", "version = 2"),
            "45@2021-04-01.toml is version 2, and 45@2021-03-23.toml before it version 2",
        ),
        (
            "45-port.toml",
            file_of("45", more='site = "port"').replace(b"trial_of_a_site", b"trial"),
            "45-port.toml and 45.toml are tables of two places with one id, 'trial'",
        ),
        ("41.toml", b"<html>", "41.toml: not TOML"),
        ("41.toml", file_of("41").replace(b'"low"', b'"lowest"', 1), "41.toml: not a rule table: Invalid enum value"),
    ],
)
def test_a_set_of_files_that_is_no_book_is_refused_by_the_file_and_what_is_wrong(
    name: str, data: bytes, told: str
) -> None:
    with pytest.raises(Refused) as refused:
        parse_rule_book({**FILES, name: data})
    assert refused.value.problem is ProblemId.RULES_REFUSED
    assert told in refused.value.detail


def test_more_tables_than_a_book_holds_are_refused_before_any_is_read() -> None:
    with pytest.raises(Refused, match=f"at most {TABLES_MAX}"):
        parse_rule_book({f"{number}.toml": b"" for number in range(TABLES_MAX + 1)})


def test_the_shipped_tables_are_a_book() -> None:
    book = parse_rule_book({path.name: path.read_bytes() for path in SHIPPED.glob("*.toml")})
    assert book.table_on(FEDERATION, "", SPRING) is not None
    assert len(book.tables) == len(list(SHIPPED.glob("*.toml")))
