"""A file that is no rule table is refused by name, whatever it is; a good one reads as it is written."""

import json
from datetime import date

import pytest

from tests.unit.rules.tables import (
    EVERY_SITUATION,
    FLOOR,
    GUANGXI,
    HEAD,
    HEAD_UNTIL_2021,
    LOW_LOW,
    MEASURES,
    REST,
    SHIPPED,
    STOP_HIGH,
    decide,
    row,
    table,
)
from tongxing.core.causes import Cause
from tongxing.core.checkpoints import Fever
from tongxing.core.errors import Refused, Undecidable
from tongxing.core.groups import Group
from tongxing.core.levels import Level
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import REASONS, ReasonId, Stage
from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import Measure, Outcome
from tongxing.core.words import PlaceKind
from tongxing.rules.book import parse_named_table
from tongxing.rules.deciding import Decision, compile_stack
from tongxing.rules.inputs import INPUTS, word_of
from tongxing.rules.proof import find_all
from tongxing.rules.rows import CLAIMS, FORBIDDEN_MEASURES, STANDING_CLAIMS, Conditions, Demand
from tongxing.rules.situations import parse_situation
from tongxing.rules.tables import RULE_TABLE_MAX_BYTES, parse_rule_table

GOOD = HEAD + STOP_HIGH
EXCEPTION = """
[[exception]]
id = "local"
when = { level = ["low"] }
measures = ["take_temperature"]
why = { zh = "试验", en = "trial" }
registrar = { zh = "试验", en = "trial" }
legal_basis = "试验"
evidence = "assumed"
first_day = 2020-03-20
last_day = 2020-04-07
"""


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\xb9\xe3\xce\xf7", "not UTF-8"),
        ("region = '45'".encode("utf-16"), "not UTF-8"),
        (b"", "missing required field `table`"),
        (b"<html>busy</html>", "not TOML"),
        (b"a = " + b"1" * 5000, "not TOML"),
        (b"a = " + b"[" * 5000, "nested too deeply"),
        (b"# " + b"x" * RULE_TABLE_MAX_BYTES, "at most 262144"),
        (GOOD.replace("STOP", "ADMIT"), "Invalid enum value 'ADMIT'"),
        (GOOD.replace('["high"]', '["highest"]'), "Invalid enum value 'highest'"),
        (GOOD.replace('reason = "level_high"', 'reason = "because"'), "Invalid enum value 'because'"),
        (GOOD.replace("evidence =", "evidense ="), "unknown field `evidense`"),
        (GOOD.replace('level = ["high"]', 'age = ["old"]'), "unknown field `age`"),
        (GOOD.replace('region = "99"', 'region = "Hubei"'), "region"),
        (GOOD.replace('id = "level_high"', 'id = "Level High"'), "id"),
        (GOOD.replace('legal_basis = "试验"\n', ""), "missing required field `legal_basis`"),
        (GOOD.replace("2020-03-18", "2020-02-30"), "not TOML"),
        (GOOD.replace("2020-03-18", "2020-03-18T00:00:00Z"), "Expected `date`"),
        (GOOD.replace("2020-03-18", '"2020-03-18"'), "Expected `date`"),
        (GOOD.replace("2020-03-18", "1820-03-18"), "days lie from 2019 to 2099"),
        (GOOD.replace('level = ["high"]', "level = []"), "level is empty or names a value twice"),
        (GOOD.replace('["high"]', '["high", "high"]'), "level is empty or names a value twice"),
        (GOOD + "last_day = 2020-03-17\n", "ends on 2020-03-17, before it begins on 2020-03-18"),
        (GOOD + STOP_HIGH, "the id 'level_high' is used twice"),
        (GOOD + EXCEPTION.replace('"local"', '"level_high"'), "the id 'level_high' is used twice"),
        (GOOD + 'overrides = ["nowhere"]\n', "overrides 'nowhere', which is no later row"),
        (GOOD + 'overrides = ["level_high"]\n', "overrides go in a circle: level_high > level_high"),
        (GOOD + 'measures = ["take_temperature"]\n', "measures belong to PASS_WITH_MEASURES"),
        (GOOD + EXCEPTION.replace("last_day = 2020-04-07\n", ""), "missing required field `last_day`"),
        (GOOD + EXCEPTION.replace("why =", "what ="), "unknown field `what`"),
        (GOOD + EXCEPTION.replace('["take_temperature"]', "[]"), "measures belong to PASS_WITH_MEASURES"),
        (GOOD + EXCEPTION.replace('["take_temperature"]', '["pay_a_fee"]'), "Invalid enum value 'pay_a_fee'"),
        (GOOD + EXCEPTION.replace('zh = "试验", ', ""), "missing required field `zh`"),
    ],
)
def test_a_bad_file_is_refused_and_the_refusal_names_what_is_wrong(data: str | bytes, told: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_rule_table(data if isinstance(data, bytes) else data.encode())
    assert refused.value.problem is ProblemId.RULES_REFUSED
    assert told in refused.value.detail


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD.replace("STOP", "ADMIT"), "(row 'level_high'); known are: PASS, PASS_WITH_MEASURES, REFER, STOP"),
        (GOOD.replace('["high"]', '["highest"]'), "(row 'level_high'); known are: high, low, medium"),
        (
            GOOD.replace('level = ["high"]', 'age = ["old"]'),
            "(row 'level_high'); known are: standing, level, cause_any,",
        ),
        (GOOD + EXCEPTION.replace("why =", "what ="), "(row 'local'); known are: id, when, why, registrar,"),
        (GOOD.replace('reason = "level_high"', 'reason = "because"'), "known are: fever_measured_here, group_rule,"),
        (GOOD.replace('legal_basis = "试验"\n', ""), "(row 'level_high')"),
        (HEAD + "colour = 1\n", "known are: region, id, name, first_day, last_day, site, version, urgent"),
        ("[[row]]\nid = 5\n" + GOOD, "- at `$.row[0].id`"),
        ("row = 1\n", "- at `$.row`"),
    ],
)
def test_a_fault_names_the_row_and_what_could_stand_there(text: str, told: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_rule_table(text.encode())
    assert told in refused.value.detail
    assert len(refused.value.detail) < 1000


CIRCLE = (
    STOP_HIGH
    + 'overrides = ["second"]\n'
    + row("second", 'level = ["low"]', "PASS", "low_level", 'overrides = ["third"]')
    + row(
        "third", 'level = ["medium"]', "PASS_WITH_MEASURES", "level_medium", MEASURES + '\noverrides = ["level_high"]'
    )
)
NATIONAL = HEAD.replace('"99"', '"00"')
CEILING = """
[[ceiling]]
id = "no_second_code"
demand = "second_code"
legal_basis = "试验"
evidence = "doc"
first_day = 2022-06-24
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + CIRCLE, "overrides go in a circle: level_high > second > third > level_high"),
        (HEAD, "the table has no row"),
        (NATIONAL + EXCEPTION, "the table has no row"),
        (HEAD + STOP_HIGH + CEILING, "only the national table has ceilings"),
        (NATIONAL + STOP_HIGH + CEILING.replace("second_code", "bribe"), "Invalid enum value"),
        (NATIONAL + STOP_HIGH + CEILING.replace('"no_second_code"', '"level_high"'), "is used twice"),
        (NATIONAL + 'site = "port"\n' + STOP_HIGH, "the national table is no site's"),
        (HEAD + 'site = "North Station"\n' + STOP_HIGH, "site"),
        (HEAD + "version = 0\n" + STOP_HIGH, "version"),
        (HEAD + "urgent = true\n" + STOP_HIGH, "urgent"),
        (HEAD + STOP_HIGH + EXCEPTION.replace("registrar", "register"), "unknown field `register`"),
        (HEAD + EXCEPTION.replace('measures = ["take_temperature"]', 'outcome = "STOP"'), "local_condition says"),
        (HEAD + EXCEPTION.replace('measures = ["take_temperature"]', 'outcome = "REFER"'), "reaches further than"),
    ],
)
def test_what_the_parts_of_a_table_cannot_say_is_refused_by_name(text: str, told: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_rule_table(text.encode())
    assert refused.value.problem is ProblemId.RULES_REFUSED
    assert told in refused.value.detail


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ('level = ["low"], cause_any = ["close_contact"]', "no level that it accepts is as high as that of a cause"),
        ('cause_any = ["close_contact"], cause_none = ["close_contact"]', "it asks for what it excludes"),
        ('group_any = ["child"], group_none = ["child", "disabled"]', "it asks for what it excludes"),
        ('cause_any = ["close_contact"], colour_only = true', "a mere colour tells no cause"),
        ('origin_risk = ["unknown"], origin_precision = ["exact"]', "nothing is known of an origin's place"),
        ('origin_risk = ["low"], origin_precision = ["none"]', "nothing is known of an origin's place"),
        ('standing = ["expired"], level = ["low"]', "nothing but its standing is known"),
        ('standing = ["expired", "pending"]', "each standing has rows of its own"),
    ],
)
def test_conditions_that_fit_nobody_are_refused_with_the_reason(when: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        table(HEAD, row("nobody", when, "REFER", "group_rule"))
    assert "its `when` fits nobody" in refused.value.detail
    assert why in refused.value.detail


@pytest.mark.parametrize(
    ("when", "outcome", "reason"),
    [
        ('level = ["low"]', "PASS_WITH_MEASURES", "local_condition"),
        ('standing = ["expired"]', "PASS", "low_level"),
        ('standing = ["expired"]', "REFER", "report_pending"),
        ('standing = ["expired"]', "STOP", "report_expired"),
        ('standing = ["current"]', "REFER", "report_expired"),
        ('level = ["low"]', "PASS", "proof_shown"),
        ('level = ["low"], test = ["positive"]', "PASS", "proof_shown"),
        ('level = ["low"], test = ["none"]', "REFER", "positive_proof"),
        ('level = ["low"]', "REFER", "proof_asked"),
        ('level = ["low"]', "REFER", "group_rule"),
    ],
)
def test_a_row_on_a_standing_a_proof_or_a_group_gives_only_the_reason_that_is_true_of_it(
    when: str, outcome: str, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        table(HEAD, row("untrue", when, outcome, reason))


def test_every_input_can_be_named_and_what_is_named_is_read() -> None:
    named = {entry.name: [word_of(value) for value in list(entry.values)[:1]] for entry in INPUTS if not entry.many}
    named |= {"level": ["high"], "origin_precision": ["city"]}
    when = ", ".join(
        f"{name} = {str(words[0]).lower() if isinstance(words[0], bool) else json.dumps(words)}"
        for name, words in named.items()
    )
    sets = (
        'cause_any = ["close_contact"], cause_none = ["fever_case"], group_any = ["child"], group_none = ["disabled"]'
    )
    (read,) = table(HEAD, row("all", f"{when}, {sets}", "REFER", "group_rule")).rows
    assert read.conditions.named_inputs == tuple(entry.name for entry in INPUTS if entry.name != "standing")
    assert read.conditions.cause_none == {Cause.FEVER_CASE}
    assert read.conditions.group_any == {Group.CHILD}


def test_a_ceiling_says_what_may_not_be_demanded_where_and_from_when() -> None:
    more = CEILING.replace("no_second_code", "no_application").replace('"second_code"', '"second_application"')
    national = table(NATIONAL, STOP_HIGH, CEILING, more + 'place_kind = ["traffic_gate"]\nlast_day = 2022-07-01\n')
    everywhere, gates = national.ceilings_in_force(date(2022, 7, 1))
    assert FORBIDDEN_MEASURES[everywhere.demand] is Measure.SHOW_SECOND_CODE
    assert everywhere.place_kinds == frozenset(PlaceKind)
    assert (gates.demand, set(gates.place_kinds)) == (Demand.SECOND_APPLICATION, {PlaceKind.TRAFFIC_GATE})
    assert national.ceilings_in_force(date(2022, 6, 23)) == ()
    assert national.ceilings_in_force(date(2022, 7, 2)) == (everywhere,)


def test_codes_are_not_read_only_where_the_places_own_risk_is_named() -> None:
    unchecked = """
[[not_checked]]
id = "low_risk"
place_kind = ["factory"]
place_risk = ["low"]
legal_basis = "国办发〔2020〕45号"
evidence = "doc"
first_day = 2020-11-24
"""
    compiled = compile_stack((table(HEAD, STOP_HIGH, unchecked),), date(2020, 12, 1))
    decided = {risk: compiled.decide_unchecked(PlaceKind.FACTORY, place_risk=risk) for risk in OriginRisk}
    assert [risk for risk, decision in decided.items() if decision is not None] == [OriginRisk.LOW]
    assert compiled.decide_unchecked(PlaceKind.FACTORY, Fever.FEVER, OriginRisk.LOW) is None


def test_an_exception_may_refer_whoever_lacks_a_proof() -> None:
    refers = EXCEPTION.replace('measures = ["take_temperature"]', 'outcome = "REFER"')
    refers = refers.replace('level = ["low"]', 'level = ["low"], test = ["none", "unknown"]')
    (entry,) = table(HEAD, refers).exceptions
    assert (entry.row.outcome, entry.row.reason) == (Outcome.REFER, ReasonId.PROOF_ASKED)
    assert entry.registrar.en == "trial"


def test_ten_thousand_rows_are_refused() -> None:
    rows = "".join(f"\n[[row]]\nid = 'r{n}'\n" for n in range(10_000))
    with pytest.raises(Refused) as refused:
        parse_rule_table((HEAD + rows).encode()[:RULE_TABLE_MAX_BYTES].rsplit(b"[[row]]", 1)[0])
    assert "of length <= 64" in refused.value.detail
    with pytest.raises(Refused):
        parse_rule_table((HEAD + STOP_HIGH * 10_000).encode())


def test_rows_that_begin_and_end_on_too_many_days_are_refused() -> None:
    spans = [f"first_day = 2020-{n % 12 + 1:02}-{n % 28 + 1:02}\nlast_day = 2021-01-{n % 31 + 1:02}" for n in range(60)]
    days = "".join(row(f"r{n}", 'level = ["high"]', "STOP", "level_high", span) for n, span in enumerate(spans))
    with pytest.raises(Refused, match="more than 64 different days"):
        parse_rule_table((HEAD + days).encode())


@pytest.mark.parametrize(
    ("reason", "outcome", "when"),
    [
        ("low_level_low_origin", "STOP", 'level = ["low"], origin_risk = ["low"]'),
        ("level_high", "PASS", 'level = ["high"]'),
        ("level_high", "STOP", 'level = ["medium", "high"]'),
        ("low_level", "PASS", ""),
        ("origin_mixed", "REFER", 'origin_risk = ["mixed", "high"]'),
        ("code_expired", "REFER", 'level = ["low"]'),
        ("not_checked_here", "PASS", 'level = ["low"]'),
        ("no_rule_in_force", "REFER", 'level = ["low"]'),
    ],
)
def test_a_row_may_not_give_a_reason_whose_sentence_would_be_untrue(reason: str, outcome: str, when: str) -> None:
    with pytest.raises(Refused) as refused:
        table(HEAD, row("untrue", when, outcome, reason))
    assert reason in refused.value.detail


def test_every_reason_of_the_deciding_stage_is_claimed_or_belongs_to_no_row() -> None:
    deciding = {reason for reason, entry in REASONS.items() if entry.stage is Stage.DECIDE}
    assert deciding - CLAIMS.keys() == {ReasonId.NOT_CHECKED_HERE, ReasonId.NO_RULE_IN_FORCE}
    assert CLAIMS.keys() - deciding == set(STANDING_CLAIMS.values())


def test_an_input_that_a_row_does_not_name_may_be_anything() -> None:
    (read,) = table(HEAD, STOP_HIGH).rows
    assert read.conditions == Conditions(level=frozenset({Level.HIGH}))
    assert read.conditions.named_inputs == ("level",)
    assert sum(read.conditions.fit(situation) for situation in EVERY_SITUATION) == 240


def test_a_row_without_days_is_in_force_as_long_as_its_table() -> None:
    read = table(HEAD_UNTIL_2021, STOP_HIGH)
    assert read.rows[0].days == read.days


def test_a_day_outside_the_table_is_undecidable_and_never_a_pass() -> None:
    whole = table(HEAD_UNTIL_2021, STOP_HIGH, LOW_LOW, REST)
    for day in (date(2020, 3, 17), date(2021, 3, 23)):
        with pytest.raises(Undecidable) as undecidable:
            compile_stack((whole,), day)
        assert undecidable.value.reason is ReasonId.NO_RULE_IN_FORCE
    assert compile_stack((whole,), date(2021, 3, 22)).on == date(2021, 3, 22)


def test_a_place_where_nothing_is_checked_is_decided_before_any_code_and_only_on_its_days() -> None:
    text = (
        (SHIPPED / "national.toml").read_text(encoding="utf-8")
        + """
[[not_checked]]
id = "low_risk_offices"
place_kind = ["public_institution"]
legal_basis = "国办发〔2020〕45号"
evidence = "doc"
first_day = 2020-11-24
"""
    )
    read = parse_rule_table(text.encode())
    assert compile_stack((read,), date(2020, 11, 23)).decide_unchecked(PlaceKind.PUBLIC_INSTITUTION) is None
    compiled = compile_stack((read,), date(2020, 11, 24))
    assert compiled.decide_unchecked(PlaceKind.TRAFFIC_GATE) is None
    assert compiled.decide_unchecked(PlaceKind.PUBLIC_INSTITUTION) == Decision(
        "00/floor/low_risk_offices",
        Outcome.PASS,
        ReasonId.NOT_CHECKED_HERE,
        legal_basis="国办发〔2020〕45号",
        inputs_used=("place_kind",),
    )


def test_measures_keep_the_order_in_which_the_table_names_them() -> None:
    decision = decide(FLOOR, date(2020, 4, 1), Level.MEDIUM, True, OriginRisk.LOW, False, PlaceKind.FACTORY)
    assert decision.measures == (
        Measure.TAKE_TEMPERATURE,
        Measure.REPORT_TO_COMMUNITY,
        Measure.OBSERVE_HEALTH_14_DAYS,
    )


def test_the_specification_names_every_key_and_every_word_and_its_example_is_proven() -> None:
    page = (SHIPPED.parents[3] / "docs" / "specs" / "rule-table.md").read_text(encoding="utf-8")
    told = {row.split("|")[1].strip(): row.split("|")[2].strip() for row in page.splitlines() if row.startswith("| `")}
    expected = {
        ", ".join(f"`{key}`" for key in entry.keys): {json.dumps(word_of(value)).strip('"') for value in entry.values}
        for entry in INPUTS
    }
    assert {keys: set(words.replace("`", "").split(", ")) for keys, words in told.items()} == expected
    example = parse_named_table("45-north_station.toml", page.split("```toml")[1].split("```")[0].encode())
    assert len(example.rows) == len(example.exceptions) + 1 == 2
    assert find_all(example, below=(GUANGXI, FLOOR), floor=FLOOR) == ()
    assert parse_situation(json.loads(page.split("```json")[1].split("```")[0])).groups == {Group.FREIGHT}
