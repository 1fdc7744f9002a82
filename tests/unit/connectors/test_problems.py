"""What another node refused is read back: its counter-example too, and nothing that it garbles."""

from datetime import date
from typing import Any

import msgspec
import pytest

from tongxing.api.problems import Failure, describe_failure
from tongxing.connectors.http_exchange import HttpAnswer
from tongxing.connectors.problems import raise_problem, raise_upstream_problem
from tongxing.core.errors import Refused
from tongxing.core.levels import Level
from tongxing.core.problems import ProblemId
from tongxing.core.reports import OriginRisk
from tongxing.core.words import PlaceKind, Sentence
from tongxing.rules.findings import Finding, FindingKind, RulesRefused
from tongxing.rules.situations import Situation

PERSON = Situation(
    level=Level.LOW,
    colour_only=False,
    origin_risk=OriginRisk.LOW,
    others_consulted=True,
    place_kind=PlaceKind.FACTORY,
)
FINDING = Finding(
    FindingKind.LEVEL_NOT_MONOTONE,
    date(2020, 4, 1),
    PERSON,
    Sentence("一句话。" * 100, "a sentence " * 100),
    "45/guangxi",
    ("45/guangxi/one", "45/guangxi/other"),
    PERSON.changed(level=Level.HIGH),
)


def test_a_counter_example_comes_over_the_wire_whole() -> None:
    told = describe_failure(RulesRefused("45/guangxi", FINDING))
    with pytest.raises(RulesRefused) as refused:
        raise_problem(HttpAnswer(told.status, "", told.encode()), "the hub")
    assert refused.value.finding == FINDING
    assert FINDING.sentence.en in refused.value.detail


@pytest.mark.parametrize(
    "garbled",
    [
        {"kind": "nobody_knows"},
        {"day": "yesterday"},
        {"situation": {"level": "lowest"}},
        {"other": {"test": []}},
        {"sentence": None},
    ],
    ids=str,
)
def test_a_counter_example_that_cannot_be_read_leaves_the_refusal_as_it_is(garbled: dict[str, Any]) -> None:
    told = describe_failure(RulesRefused("45/guangxi", FINDING))
    body = msgspec.json.decode(told.encode())
    body["finding"] |= garbled
    with pytest.raises(Refused) as refused:
        raise_problem(HttpAnswer(told.status, "", msgspec.json.encode(body)), "the hub")
    assert type(refused.value) is Refused
    assert refused.value.problem is ProblemId.RULES_REFUSED
    assert "level_not_monotone" in refused.value.detail


@pytest.mark.parametrize("problem", [ProblemId.STORE_FULL, ProblemId.FAULT])
def test_that_an_upstream_is_full_or_fails_is_not_its_callers_fault(problem: ProblemId) -> None:
    """So that what waits for it is kept here, instead of being refused to whoever brought it."""
    told = Failure(problem)
    with pytest.raises(Refused) as refused:
        raise_upstream_problem(HttpAnswer(told.status, "", told.encode()), "the hub")
    assert refused.value.problem is ProblemId.UPSTREAM_AWAY
