"""Deciding by a stack: the first row that fits, sets of causes and groups, and the inputs on which it rests."""

from datetime import date

import pytest

from tests.unit.rules.tables import HEAD, LOW_LOW, MEASURES, REST, STOP_HIGH, row, situation_of, table
from tongxing.core.causes import Cause
from tongxing.core.errors import Undecidable
from tongxing.core.groups import Group
from tongxing.core.levels import Level, Standing
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import OriginRisk
from tongxing.core.words import PlaceKind
from tongxing.rules.deciding import compile_stack
from tongxing.rules.rows import STANDING_CLAIMS

ON = date(2020, 4, 1)
LOW = situation_of(Level.LOW, False, OriginRisk.LOW, True, PlaceKind.FACTORY)
LOCAL = HEAD.replace('"99"', '"9901"').replace('"trial"', '"local"', 1)
UNCHECKED = """
[[not_checked]]
id = "{row_id}"
place_kind = [{kinds}]
legal_basis = "试验"
evidence = "assumed"
first_day = 2020-03-18
"""


def local_row(row_id: str, when: str, more: str = "") -> str:
    return row(row_id, when, "PASS_WITH_MEASURES", "local_measures", f"{MEASURES}\n{more}")


@pytest.mark.parametrize(
    ("causes", "decided"),
    [
        ((), "last"),
        ((Cause.CLOSE_CONTACT,), "contacts"),
        ((Cause.CLOSE_CONTACT, Cause.FEVER_CASE), "last"),
        ((Cause.SUSPECTED_CASE, Cause.CLOSE_CONTACT), "contacts"),
        ((Cause.FEVER_CASE,), "last"),
    ],
)
def test_a_row_asks_for_one_of_some_causes_and_for_none_of_others(causes: tuple[Cause, ...], decided: str) -> None:
    when = 'level = ["high"], cause_any = ["close_contact", "suspected_case"], cause_none = ["fever_case"]'
    rules = compile_stack((table(HEAD, local_row("contacts", when), local_row("last", "")),), ON)
    situation = LOW.changed(level=Level.HIGH, causes=frozenset(causes))
    assert rules.decide(situation).row == f"99/trial/{decided}"
    assert rules.decide(situation).row == f"99/trial/{decided}"


def test_somebody_of_several_groups_fits_a_row_for_one_of_them_unless_another_is_excluded() -> None:
    when = 'group_any = ["freight", "rescuer"], group_none = ["child"]'
    rules = compile_stack((table(HEAD, local_row("some", when), local_row("last", "")),), ON)
    decided = {
        groups: rules.decide(LOW.changed(groups=frozenset(groups))).row.rpartition("/")[2]
        for groups in ((), (Group.FREIGHT,), (Group.FREIGHT, Group.DISABLED), (Group.RESCUER, Group.CHILD))
    }
    assert list(decided.values()) == ["last", "some", "some", "last"]


def test_a_decision_names_the_inputs_of_its_row_and_those_that_passed_earlier_rows_over() -> None:
    rules = compile_stack(
        (
            table(
                HEAD,
                STOP_HIGH,
                local_row("drivers", 'level = ["low"], group_any = ["freight"]'),
                local_row("gates", 'level = ["medium"], place_kind = ["traffic_gate"]'),
                LOW_LOW,
                REST,
            ),
        ),
        ON,
    )
    assert rules.decide(LOW).inputs_used == ("level", "origin_risk", "group")
    assert rules.decide(LOW.changed(groups=frozenset({Group.FREIGHT}))).inputs_used == ("level", "group")
    assert rules.decide(LOW.changed(level=Level.MEDIUM)).inputs_used == ("level", "origin_risk", "place_kind")
    assert rules.decide(LOW.changed(level=Level.HIGH)).inputs_used == ("level",)
    assert rules.inputs_asked == {"level", "group", "place_kind", "origin_risk"}


def test_a_local_table_speaks_first_and_its_exceptions_before_its_rows() -> None:
    exception = """
[[exception]]
id = "outbreak"
when = { level = ["low"], origin_risk = ["low"], place_kind = ["factory"] }
measures = ["declare_stay"]
why = { zh = "试验", en = "trial" }
registrar = { zh = "试验", en = "trial" }
legal_basis = "某文件"
evidence = "assumed"
first_day = 2020-03-18
last_day = 2020-04-07
"""
    local = table(LOCAL, exception, local_row("low", 'level = ["low"], origin_risk = ["low"]'))
    stack = (local, table(HEAD, STOP_HIGH, LOW_LOW, REST))
    decision = compile_stack(stack, ON).decide(LOW)
    assert (decision.row, decision.legal_basis) == ("9901/local/outbreak", "某文件")
    assert decision.exception == local.exceptions[0]
    assert compile_stack(stack, date(2020, 4, 8)).decide(LOW).row == "9901/local/low"
    assert compile_stack(stack, ON).decide(LOW.changed(origin_risk=OriginRisk.MIXED)).row == "99/trial/mixed"


def test_where_several_tables_free_a_place_the_most_local_one_is_named() -> None:
    local = table(LOCAL, STOP_HIGH, UNCHECKED.format(row_id="here", kinds='"factory"'))
    above = table(HEAD, STOP_HIGH, UNCHECKED.format(row_id="above", kinds='"factory", "traffic_gate"'))
    rules = compile_stack((local, above), ON)
    decided = {kind: rules.decide_unchecked(kind) for kind in PlaceKind}
    assert {kind: decision.row for kind, decision in decided.items() if decision is not None} == {
        PlaceKind.FACTORY: "9901/local/here",
        PlaceKind.TRAFFIC_GATE: "99/trial/above",
    }


@pytest.mark.parametrize("standing", STANDING_CLAIMS)
def test_a_report_that_is_not_current_is_undecided_with_its_own_reason_unless_a_row_speaks_of_it(
    standing: Standing,
) -> None:
    unusable = LOW.changed(level=None, standing=standing)
    with pytest.raises(Undecidable) as undecidable:
        compile_stack((table(HEAD, STOP_HIGH, LOW_LOW, REST),), ON).decide(unusable)
    assert undecidable.value.reason is STANDING_CLAIMS[standing] is not ReasonId.NO_RULE_IN_FORCE
    own = row("own", f'standing = ["{standing.value}"]', "REFER", STANDING_CLAIMS[standing].value)
    assert compile_stack((table(HEAD, STOP_HIGH, own),), ON).decide(unusable).row == "99/trial/own"
