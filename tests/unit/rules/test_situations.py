"""Situations: which can be, how they are told, and what a runnable input may hold."""

from datetime import date
from typing import Any

import pytest

from tests.unit.rules.tables import situation_of
from tongxing.core.causes import Cause
from tongxing.core.errors import Refused
from tongxing.core.groups import Group
from tongxing.core.levels import Level, Standing
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import TestBand
from tongxing.core.reports import OriginRisk, Precision
from tongxing.core.words import PlaceKind
from tongxing.rules.inputs import INPUTS
from tongxing.rules.rows import Conditions
from tongxing.rules.situations import Situation, encode_situation, is_possible, parse_situation

ON = date(2020, 4, 1)
LOW = situation_of(Level.LOW, False, OriginRisk.LOW, True, PlaceKind.FACTORY)
UNUSABLE = LOW.changed(level=None, standing=Standing.EXPIRED)
CONTACT = frozenset({Cause.CLOSE_CONTACT})


@pytest.mark.parametrize(
    "situation",
    [
        LOW,
        LOW.changed(causes=frozenset({Cause.NOTHING_FOUND})),
        LOW.changed(colour_only=True),
        LOW.changed(level=Level.HIGH, causes=CONTACT),
        LOW.changed(level=Level.HIGH, causes=frozenset({Cause.NOTHING_FOUND})),
        LOW.changed(origin_risk=OriginRisk.UNKNOWN, origin_precision=Precision.NONE),
        LOW.changed(groups=frozenset({Group.CHILD, Group.DISABLED})),
        UNUSABLE,
    ],
)
def test_what_can_be_is_possible(situation: Situation) -> None:
    assert is_possible(situation, ON)


@pytest.mark.parametrize(
    "situation",
    [
        LOW.changed(level=None),
        LOW.changed(standing=Standing.EXPIRED),
        LOW.changed(causes=CONTACT),
        LOW.changed(level=Level.HIGH, causes=CONTACT, colour_only=True),
        UNUSABLE.changed(causes=CONTACT),
        UNUSABLE.changed(colour_only=True),
        LOW.changed(origin_risk=OriginRisk.UNKNOWN),
        LOW.changed(origin_precision=Precision.NONE),
        LOW.changed(groups=frozenset({Group.CHILD, Group.ELDERLY_WITHOUT_PHONE})),
    ],
    ids=lambda situation: situation.sentence().en,
)
def test_what_cannot_be_is_impossible(situation: Situation) -> None:
    assert not is_possible(situation, ON)


def test_a_sentence_tells_what_is_unusual_and_leaves_out_the_rest() -> None:
    assert LOW.sentence().en == "a person at a factory (low level, from a low-risk area)"
    driver = LOW.changed(groups=frozenset({Group.FREIGHT}), test=TestBand.WITHIN_48_H)
    assert driver.sentence().en.endswith(
        "(low level, from a low-risk area, a driver or crew of goods, a negative nucleic acid test not older than 48 h)"
    )
    assert driver.sentence().zh == "在厂矿企业的人（等级低、来自低风险地区、货运司乘人员、48小时内核酸阴性）"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"age": 70}, "unknown input 'age'"),
        ({"level": "00"}, "level has no value '00'"),
        ({"level": 0}, "level has no value '0'"),
        ({"level": ["low"]}, "level has no value"),
        ({"colour_only": "yes"}, "colour_only has no value 'yes'"),
        ({"colour_only": 1}, "colour_only has no value '1'"),
        ({"causes": "close_contact"}, "causes is a list of words"),
        ({"causes": ["bad luck"]}, "causes has no value 'bad luck'"),
        ({"groups": ["child"] * 7}, "groups is a list of words"),
        ({"test": "within_1_h"}, "test has no value 'within_1_h'"),
        ({"test": {"age": 3}}, "test has no value"),
    ],
)
def test_a_runnable_input_that_is_none_is_refused_by_the_name_of_the_input(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_situation({**encode_situation(LOW), **changes})
    assert refused.value.problem is ProblemId.RULES_REFUSED
    assert told in refused.value.detail


@pytest.mark.parametrize("content", [None, [], "low", 3])
def test_what_is_no_object_is_no_situation(content: object) -> None:
    with pytest.raises(Refused, match="an object of inputs"):
        parse_situation(content)


def test_the_five_first_inputs_are_needed_and_the_others_are_as_usual() -> None:
    with pytest.raises(Refused, match="a situation needs colour_only, others_consulted"):
        parse_situation({"level": "low", "origin_risk": "low", "place_kind": "factory"})
    told = {"level": "low", "colour_only": False, "origin_risk": "low", "others_consulted": True}
    assert parse_situation({**told, "place_kind": "factory"}) == LOW


def test_the_inputs_are_the_fields_of_situations_and_of_conditions_and_each_value_has_words() -> None:
    assert {entry.attribute for entry in INPUTS} == set(Situation.__struct_fields__)
    assert [key for entry in INPUTS for key in entry.keys] == list(Conditions.__dataclass_fields__)
    for entry in INPUTS:
        assert all(words.zh and words.en for words in (entry.words, *entry.values.values()))
        assert entry.unknown is None or entry.unknown in entry.values


def test_of_an_unknown_origin_its_precision_goes_without_saying() -> None:
    unknown = situation_of(Level.LOW, False, OriginRisk.UNKNOWN, True, PlaceKind.FACTORY)
    told = unknown.changed(origin_precision=Precision.NONE).sentence()
    assert told.en == "a person at a factory (low level, from an unknown place)"
    assert told.zh == "在厂矿企业的人（等级低、来处不明）"
