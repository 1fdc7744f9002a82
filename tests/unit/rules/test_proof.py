"""A table that breaks a law is refused with a counter-example that a person can check and run."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.unit.rules.broken import EVERY_BREACH, FILES, LIGHT, Broken, exception, floor_on, run, with_first
from tests.unit.rules.tables import (
    FLOOR,
    FROM_MEDIUM,
    HEAD,
    HEAD_UNTIL_2021,
    LOW_LOW,
    MEASURES,
    REST,
    STOP_HIGH,
    row,
    table,
)
from tongxing.core.checkpoints import Fever
from tongxing.core.errors import Refused, Undecidable
from tongxing.core.groups import Credential
from tongxing.core.levels import Level, Standing
from tongxing.core.problems import ProblemId
from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import Measure, Outcome
from tongxing.core.words import RegionId
from tongxing.rules import encoding
from tongxing.rules.book import RuleBook, parse_rule_book
from tongxing.rules.breaches import Breaches
from tongxing.rules.comparing import FROM_LIGHT_TO_HEAVY, Answer, asks_at_most, is_better, is_treated_worse, keeps
from tongxing.rules.deciding import Decision
from tongxing.rules.findings import Finding, FindingKind, RulesRefused
from tongxing.rules.inputs import INPUTS
from tongxing.rules.proof import check_table, find_all, find_in_book, find_in_stack
from tongxing.rules.situations import Situation, is_possible
from tongxing.rules.stacks import Stack, Version, stacks_of, versions_of
from tongxing.rules.tables import RuleTable


def answer(decision: Decision) -> Answer:
    return Answer(decision.outcome, frozenset(decision.measures))


def _is_gap(book: RuleBook, finding: Finding) -> bool:
    with pytest.raises(Undecidable):
        run(book, finding, finding.situation)
    return finding.situation.standing is Standing.CURRENT


def _is_conflict(book: RuleBook, finding: Finding) -> bool:
    ours = next(each for each in book.tables if each.public_name("") == finding.rows[0].rpartition("/")[0] + "/")
    earlier, later = (next(row for row in ours.rows if name == ours.public_name(row.id)) for name in finding.rows)
    decided = run(book, finding, finding.situation)
    both_hold = all(row.days.holds(finding.day) and row.conditions.fit(finding.situation) for row in (earlier, later))
    return decided.row == finding.rows[0] and both_hold and earlier.outcome is not later.outcome


def _is_below_floor(book: RuleBook, finding: Finding) -> bool:
    decided, owed = run(book, finding, finding.situation), floor_on(book, finding.day, finding.situation)
    return (decided.row, owed.row) == finding.rows and owed.outcome is Outcome.PASS is not decided.outcome


def _is_needless(book: RuleBook, finding: Finding) -> bool:
    owed = floor_on(book, finding.day, finding.situation)
    return run(book, finding, finding.situation).by_exception and owed.outcome is not Outcome.PASS


def _is_above_ceiling(book: RuleBook, finding: Finding) -> bool:
    asked = run(book, finding, finding.situation)
    if finding.other is not None:
        credentials = (finding.situation.credential, finding.other.credential)
        worse = is_treated_worse(answer(asked), answer(run(book, finding, finding.other)))
        return credentials[0] is Credential.CODE is not credentials[1] and worse
    return bool({Measure.APPLY_FOR_LOCAL_CODE, Measure.SHOW_SECOND_CODE} & set(asked.measures))


def _pair(book: RuleBook, finding: Finding) -> tuple[Decision, Decision]:
    assert finding.other is not None
    return run(book, finding, finding.situation), run(book, finding, finding.other)


def _is_higher_level_better(book: RuleBook, finding: Finding) -> bool:
    low, high = _pair(book, finding)
    return is_better(answer(high), answer(low))


def _is_better_evidence_worse(book: RuleBook, finding: Finding) -> bool:
    worse, better = _pair(book, finding)
    return is_better(answer(worse), answer(better))


def _is_fever_out_of_order(book: RuleBook, finding: Finding) -> bool:
    assert finding.other is not None
    first, second = map(answer, _pair(book, finding))
    if finding.other.fever is Fever.NORMAL:
        return not asks_at_most(second, first)
    return not asks_at_most(first, second)


def _is_unknown_neither_kept_nor_referred(book: RuleBook, finding: Finding) -> bool:
    known, unknown = map(answer, _pair(book, finding))
    return unknown.outcome is not Outcome.REFER and not keeps(known, unknown)


def _is_stop_for_nothing(book: RuleBook, finding: Finding) -> bool:
    stopped = run(book, finding, finding.situation).outcome is Outcome.STOP
    return stopped and finding.situation.standing is not Standing.CURRENT


def _is_stop_for_credential(book: RuleBook, finding: Finding) -> bool:
    by_code, otherwise = _pair(book, finding)
    return otherwise.outcome is Outcome.STOP is not by_code.outcome


SHOWS: dict[FindingKind, Callable[[RuleBook, Finding], bool]] = {
    FindingKind.GAP: _is_gap,
    FindingKind.CONFLICT: _is_conflict,
    FindingKind.DEAD_ROW: lambda book, finding: run(book, finding, finding.situation).row != finding.rows[0],
    FindingKind.BELOW_FLOOR: _is_below_floor,
    FindingKind.NEEDLESS_EXCEPTION: _is_needless,
    FindingKind.ABOVE_CEILING: _is_above_ceiling,
    FindingKind.LEVEL_NOT_MONOTONE: _is_higher_level_better,
    FindingKind.EVIDENCE_NOT_MONOTONE: _is_better_evidence_worse,
    FindingKind.FEVER_NOT_MONOTONE: _is_fever_out_of_order,
    FindingKind.UNKNOWN_NOT_MONOTONE: _is_unknown_neither_kept_nor_referred,
    FindingKind.STOP_WITHOUT_REPORT: _is_stop_for_nothing,
    FindingKind.STOP_FOR_CREDENTIAL: _is_stop_for_credential,
}


def differing(one: Situation, other: Situation) -> set[str]:
    return {entry.name for entry in INPUTS if getattr(one, entry.attribute) != getattr(other, entry.attribute)}


def is_wanted(finding: Finding, broken: Broken) -> bool:
    found = set() if finding.other is None else differing(finding.situation, finding.other)
    return finding.kind is broken.kind and found == broken.differing


def test_the_shipped_rules_break_no_law() -> None:
    assert list(find_in_book(parse_rule_book(FILES))) == []


def test_every_kind_of_finding_has_a_breach_in_these_tests() -> None:
    assert {broken.kind for broken in EVERY_BREACH} == set(FindingKind) == set(SHOWS)


@pytest.mark.parametrize("broken", EVERY_BREACH, ids=lambda broken: broken.name)
def test_a_law_broken_in_a_copy_of_the_shipped_rules_is_found_and_its_counter_example_shows_it_when_run(
    broken: Broken,
) -> None:
    book = broken.book()
    found = [finding for finding in find_in_book(book) if is_wanted(finding, broken)]
    assert found
    for finding in found:
        assert is_possible(finding.situation, finding.day)
        assert finding.other is None or is_possible(finding.other, finding.day)
        assert SHOWS[finding.kind](book, finding)
        assert finding.sentence.en.startswith(f"on {finding.day.isoformat()} ")
        assert finding.sentence.zh.startswith(f"{finding.day.isoformat()}：")


def test_better_proofs_of_two_kinds_are_compared_though_each_alone_would_be_referred() -> None:
    """(d) is more than (b): no single step shows this breach."""
    (broken,) = (each for each in EVERY_BREACH if each.differing == {"test", "vaccination"})
    found = [one for one in find_in_book(broken.book()) if one.kind is FindingKind.EVIDENCE_NOT_MONOTONE]
    assert found
    assert all(one.other is not None and len(differing(one.situation, one.other)) > 1 for one in found)


def refusal(checked: RuleTable) -> Finding:
    with pytest.raises(RulesRefused) as refused:
        check_table(checked, floor=FLOOR)
    assert refused.value.problem is ProblemId.RULES_REFUSED
    assert refused.value.finding.sentence.en in refused.value.detail
    return refused.value.finding


def test_the_small_table_of_these_tests_breaks_no_law() -> None:
    check_table(table(HEAD_UNTIL_2021, STOP_HIGH, LOW_LOW, REST), floor=FLOOR)


def test_the_counter_example_is_the_plainest_one_and_the_same_every_time() -> None:
    finding = refusal(table(HEAD_UNTIL_2021, STOP_HIGH, REST))
    find_in_stack.cache_clear()
    assert refusal(table(HEAD_UNTIL_2021, STOP_HIGH, REST)) == finding
    assert finding.kind is FindingKind.GAP
    assert finding.situation == Situation(Level.LOW, False, OriginRisk.LOW, True, finding.situation.place_kind)
    assert "no row decides a person at a traffic gate" in finding.sentence.en
    assert "没有任何一行规则适用" in finding.sentence.zh


def test_a_table_is_total_with_what_it_falls_through_to() -> None:
    partial = table(HEAD, STOP_HIGH)
    assert [finding.kind for finding in find_all(partial, floor=FLOOR)] == [FindingKind.GAP]
    assert find_all(partial, below=[FLOOR], floor=FLOOR) == ()


@pytest.mark.parametrize(
    "only_there",
    ['place_kind = ["factory"]', "colour_only = true", "others_consulted = false", 'credential = ["document"]'],
)
def test_the_floor_is_proven_for_each_place_and_kind_of_evidence(only_there: str) -> None:
    when = f'level = ["low"], origin_risk = ["low"], {only_there}'
    hidden = row("hidden", when, "PASS_WITH_MEASURES", "local_measures", MEASURES + '\noverrides = ["low_low"]')
    assert refusal(table(HEAD_UNTIL_2021, STOP_HIGH, hidden, LOW_LOW, REST)).kind is FindingKind.BELOW_FLOOR


def test_a_table_that_falls_below_the_floor_of_a_later_day_is_refused_with_that_day() -> None:
    finding = refusal(table(HEAD, STOP_HIGH, LOW_LOW, REST))
    assert finding.kind is FindingKind.BELOW_FLOOR
    assert finding.day == date(2021, 3, 23)


def test_a_registered_exception_may_depart_from_the_floor_while_it_lasts_and_no_row_goes_on_after_it() -> None:
    low = 'level = ["low"], origin_risk = ["low"]'
    check_table(table(HEAD_UNTIL_2021, exception(low), STOP_HIGH, LOW_LOW, REST), floor=FLOOR)
    goes_on = row("low_low", low, "PASS_WITH_MEASURES", "local_measures", MEASURES)
    finding = refusal(table(HEAD_UNTIL_2021, exception(low), STOP_HIGH, REST, goes_on))
    assert (finding.kind, finding.day) == (FindingKind.BELOW_FLOOR, date(2020, 4, 8))


def test_where_a_symptom_is_measured_here_nothing_is_owed() -> None:
    fevered = row("fever", 'level = ["low"], fever = ["fever"]', "REFER", "fever_measured_here")
    overriding = fevered.replace('"assumed"', '"assumed"\noverrides = ["low_low", "from_medium", "from_high"]')
    check_table(table(HEAD_UNTIL_2021, STOP_HIGH, overriding, LOW_LOW, REST), floor=FLOOR)


@pytest.mark.parametrize(("place", "is_forbidden"), [("residential_compound", True), ("factory", False)])
def test_a_ceiling_holds_at_its_kinds_of_place_alone(place: str, is_forbidden: bool) -> None:
    """The notice of 2021-03-23 names compounds and not factories."""
    when = f'level = ["medium"], origin_risk = ["low"], place_kind = ["{place}"], fever = ["not_measured", "normal"]'
    apply_anew = 'measures = ["stay_at_observation_point", "apply_for_local_code"]'
    found = find_in_book(with_first(row("apply", when, "PASS_WITH_MEASURES", "level_medium", apply_anew))())
    assert (FindingKind.ABOVE_CEILING in {finding.kind for finding in found}) is is_forbidden


def test_an_earlier_row_conflicts_only_where_it_decides() -> None:
    """Whom a row before both takes, neither of them decides."""
    low = 'level = ["low"], origin_risk = ["medium"], test = ["unknown"]'
    both = row("first", low, "REFER", "proof_asked", 'overrides = ["second", "from_medium"]')
    second = row("second", low + ', fever = ["not_measured"]', "PASS", "low_level")
    kinds = [one.kind for one in find_all(table(HEAD_UNTIL_2021, both, second, STOP_HIGH, LOW_LOW, REST), floor=FLOOR)]
    assert FindingKind.CONFLICT not in kinds
    assert FindingKind.DEAD_ROW in kinds


def test_two_exceptions_conflict_unless_the_earlier_declares_it_and_an_exception_never_with_a_row() -> None:
    when = 'level = ["low"], origin_risk = ["low"], fever = ["not_measured", "normal"]'
    asking = exception(when)
    lacking = exception(f'{when}, test = ["unknown", "none", "positive"]').replace('"broken"', '"lacking"')
    lacking = lacking.replace(LIGHT, 'outcome = "REFER"')
    declared = lacking + '\noverrides = ["broken"]'
    for first, expected in ((lacking, {("lacking", "broken")}), (declared, set())):
        found = find_in_book(with_first(first + asking)())
        conflicts = {finding.rows for finding in found if finding.kind is FindingKind.CONFLICT}
        assert conflicts == {tuple(f"45/guangxi/{name}" for name in pair) for pair in expected}
    with pytest.raises(Refused, match="exception 'broken': overrides 'level_high', which is no later exception"):
        with_first(asking + '\noverrides = ["level_high"]')()


def test_a_heavier_measure_in_the_place_of_a_lighter_one_is_seen() -> None:
    assert len(FROM_LIGHT_TO_HEAVY) == len(Measure)
    assert set(FROM_LIGHT_TO_HEAVY) == set(Measure)
    swapped = FROM_MEDIUM.replace(MEASURES, 'measures = ["stay_at_observation_point"]')
    rest = REST.replace(FROM_MEDIUM, swapped)
    assert refusal(table(HEAD_UNTIL_2021, STOP_HIGH, LOW_LOW, rest)).kind is FindingKind.LEVEL_NOT_MONOTONE


def test_only_what_changed_and_whoever_stands_on_it_is_proven_again() -> None:
    proven = set(stacks_of(parse_rule_book(FILES)))

    def proven_anew(name: str, old: str, new: str) -> set[str]:
        changed = parse_rule_book({**FILES, name: FILES[name].decode().replace(old, new, 1).encode()})
        anew = (stack.own.name for stack in stacks_of(changed) if stack not in proven)
        return {name.partition("/")[0] for name in anew}

    everyone = {name.removesuffix(".toml").replace("national", "00") for name in FILES}
    assert proven_anew("national.toml", "\n[table]", "\n# A remark.\n[table]") == set()
    assert proven_anew("45.toml", 'en = "', 'en = "New ') == {"45"}
    assert proven_anew("44.toml", 'en = "', 'en = "New ') == {"44", "4401"}
    assert proven_anew("national.toml", 'en = "', 'en = "New ') == everyone


def test_a_later_version_ends_the_earlier_and_is_proven_for_its_own_days() -> None:
    later = FILES["45.toml"].decode().replace("first_day = 2020-03-18", "first_day = 2020-05-01\nversion = 2", 1)
    book = parse_rule_book({**FILES, "45@2020-05-01.toml": later.encode()})
    own = [stack.own.days for stack in stacks_of(book) if stack.own.table.region == "45"]
    assert [(days.first, days.last) for days in own] == [
        (date(2020, 3, 18), date(2020, 4, 30)),
        (date(2020, 5, 1), None),
    ]
    assert list(find_in_book(book)) == []


def test_a_row_that_a_later_version_cuts_off_is_not_dead() -> None:
    mixed = 'level = ["medium"], origin_risk = ["mixed"]'
    planned = with_first(row("planned", mixed, "REFER", "origin_mixed", "first_day = 2020-06-01"))()
    text = FILES["45.toml"].decode().replace("first_day = 2020-03-18", "first_day = 2020-05-01\nversion = 2", 1)
    later = parse_rule_book({**FILES, "45.toml": text.encode()})
    place = (RegionId("45"), "")
    book = RuleBook({**planned.versions, place: (*planned.versions[place], *later.versions[place])})
    assert [one for one in find_in_book(book) if one.kind is FindingKind.DEAD_ROW] == []


def test_a_table_beyond_the_bound_on_the_solvers_work_is_refused_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    find_in_stack.cache_clear()
    monkeypatch.setattr(encoding, "WORK_MAX", 1)
    with pytest.raises(Refused, match="45/guangxi is too large to be proven") as refused:
        list(find_in_book(parse_rule_book({name: FILES[name] for name in ("45.toml",)})))
    assert refused.value.problem is ProblemId.RULES_REFUSED


def test_what_was_found_within_the_bound_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    low, heavy = 'level = ["low"], origin_risk = ["low"]', 'measures = ["stay_at_observation_point"]'
    broken = table(HEAD_UNTIL_2021, STOP_HIGH, row("low", low, "PASS_WITH_MEASURES", "local_measures", heavy), REST)
    everything = find_all(broken, floor=FLOOR)
    looking = Breaches(Stack(Version(broken, broken.days), (), versions_of([FLOOR])))
    first = next(looking.find())
    find_in_stack.cache_clear()
    monkeypatch.setattr(encoding, "WORK_MAX", looking.work)
    assert find_all(broken, floor=FLOOR) == (first,) == everything[:1] != everything
    find_in_stack.cache_clear()
