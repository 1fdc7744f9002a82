"""A diff names everybody who is treated differently, and nobody else; each example shows it when it is run."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.rules_made import possible_situations
from tests.unit.rules.tables import SHIPPED
from tongxing.core.reports import OriginRisk
from tongxing.core.words import FEDERATION, PlaceKind, RegionId
from tongxing.rules.book import RuleBook, parse_rule_book
from tongxing.rules.deciding import compile_stack
from tongxing.rules.differences import Difference, UncheckedPlace, first_day
from tongxing.rules.diffing import diff_books
from tongxing.rules.notice import EXAMPLES_MAX, write_notice
from tongxing.rules.situations import Situation, is_possible
from tongxing.rules.tables import parse_rule_table

FILES = {path.name: path.read_bytes() for path in sorted(SHIPPED.glob("*.toml"))}
BOOK = parse_rule_book(FILES)
SPRING = date(2020, 3, 19)
_POSTPONED = FILES["national.toml"].replace(b"2021-03-23", b"2021-04-23").replace(b"2021-03-22", b"2021-04-22")
LATER = {**FILES, "national.toml": _POSTPONED}
UNREAD = b"""
[[not_checked]]
id = "trial_places"
place_kind = ["factory"]
place_risk = ["low"]
legal_basis = "test"
evidence = "assumed"
first_day = 2020-05-01
"""


def without(name: str) -> RuleBook:
    return parse_rule_book({other: data for other, data in FILES.items() if other != name})


def diff(before: RuleBook, after: RuleBook, since: date = SPRING) -> tuple[Difference, ...]:
    return diff_books(before, after, since, 1_000)


def answer_of(book: RuleBook, difference: Difference) -> tuple[object, ...]:
    stack = book.stack_on(difference.region, difference.day, difference.site)
    assert isinstance(difference.example, Situation)
    decision = compile_stack(stack, difference.day).decide(difference.example)
    return decision.row, decision.outcome, decision.measures


def test_each_example_is_somebody_and_is_told_what_the_difference_says() -> None:
    for name in FILES:
        if name == "national.toml":
            continue
        told = [each for each in diff(without(name), BOOK) if isinstance(each.example, Situation)]
        assert told
        for each in told:
            assert is_possible(each.example, each.day)  # type: ignore[arg-type]
            assert each.before is not None
            assert each.after is not None
            assert answer_of(without(name), each) == (each.before.row, each.before.outcome, each.before.measures)
            assert answer_of(BOOK, each) == (each.after.row, each.after.outcome, each.after.measures)
            assert (each.before.outcome, set(each.before.measures)) != (each.after.outcome, set(each.after.measures))


@settings(max_examples=300)
@given(
    person=possible_situations(), days=st.integers(0, 1_100), name=st.sampled_from(["42.toml", "11.toml", "45.toml"])
)
def test_nobody_who_is_treated_differently_is_left_out(person: Situation, days: int, name: str) -> None:
    day, region = SPRING + timedelta(days=days), RegionId(name[:2])
    if not is_possible(person, day):
        return
    stacks = [book.stack_on(region, day) for book in (without(name), BOOK)]
    before, after = (compile_stack(stack, day) for stack in stacks)
    rows = [rules.find_row(person) for rules in (before, after)]
    if rows[0] is None or rows[1] is None:
        return
    then, now = before.decision_of(rows[0]), after.decision_of(rows[1])
    if (then.outcome, set(then.measures)) == (now.outcome, set(now.measures)):
        return
    told = {(each.before and each.before.row, each.after and each.after.row) for each in _DIFFS[name]}
    assert (then.row, now.row) in told


_DIFFS = {name: diff(without(name), BOOK) for name in ("42.toml", "11.toml", "45.toml")}


def test_words_comments_and_ids_make_no_difference() -> None:
    changed = FILES["42.toml"].replace("湖北省查验规则".encode(), "湖北省的查验规则".encode()) + b"\n# again\n"
    assert changed != FILES["42.toml"]
    assert diff(BOOK, parse_rule_book({**FILES, "42.toml": changed})) == ()
    assert diff(BOOK, BOOK) == ()


def test_a_change_of_the_national_table_is_told_once_and_not_for_each_region_that_follows() -> None:
    told = diff(BOOK, parse_rule_book(LATER))
    assert first_day(told) == date(2021, 3, 23)
    names = [(each.day, each.before, each.after) for each in told]
    assert len(set(names)) == len(names)
    assert FEDERATION in {each.region for each in told}


def test_what_was_before_the_day_that_is_asked_for_is_left_out() -> None:
    assert diff(BOOK, parse_rule_book(LATER), date(2021, 4, 23)) == ()
    assert first_day(diff(without("42.toml"), BOOK, date(2020, 4, 1))) == date(2020, 4, 1)
    assert diff(without("42.toml"), BOOK, date(2030, 1, 1)) == ()


def test_where_codes_begin_or_cease_to_be_read_is_told_by_place_and_its_risk() -> None:
    after = parse_rule_book({**FILES, "45.toml": FILES["45.toml"] + UNREAD})
    told = diff(BOOK, after)
    assert [(each.day, each.example) for each in told] == [
        (date(2020, 5, 1), UncheckedPlace(PlaceKind.FACTORY, OriginRisk.LOW))
    ]
    assert "no longer read at a factory in a low-risk area" in told[0].sentence.en
    (back,) = diff(after, BOOK)
    assert "查验健康码" in back.sentence.zh
    assert "不再" not in back.sentence.zh


def test_no_more_is_told_than_was_asked_for() -> None:
    assert len(diff_books(without("11.toml"), BOOK, SPRING, 3)) == 3


def test_the_notice_says_for_whom_and_from_when_and_how_many_more() -> None:
    told = diff(without("11.toml"), BOOK)
    table = parse_rule_table(FILES["11.toml"])
    notice = write_notice(table, told * 3)
    assert SPRING.isoformat() in notice.zh
    assert told[0].sentence.zh in notice.zh
    assert f"And {3 * len(told) - EXAMPLES_MAX} more cases change." in notice.en
    assert all(entry.registrar.zh in notice.zh and entry.why.en in notice.en for entry in table.exceptions)
    assert "不改变" in write_notice(table, ()).zh


def test_the_notice_of_a_change_below_a_region_names_that_region() -> None:
    told = diff(BOOK, parse_rule_book(LATER))
    elsewhere = [each for each in told if each.region != FEDERATION]
    notice = write_notice(parse_rule_table(FILES["national.toml"]), told[:1] + tuple(elsewhere[:1]))
    assert all(f"(region {each.region})" in notice.en for each in elsewhere[:1])
    assert "(region 00)" not in notice.en
