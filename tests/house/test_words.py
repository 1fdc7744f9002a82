"""The closed tables: whole, in both languages, used; and what the guard reads tells nothing of the person's state."""

import ast
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import pytest

from tests.house.tree import PACKAGE, source_modules, syntax_of
from tongxing.core.causes import CAUSES, Cause
from tongxing.core.problems import PROBLEMS, ProblemId
from tongxing.core.reasons import REASONS, RETIRED, ReasonId, Stage
from tongxing.core.verdicts import (
    DIRECTION_WORDS,
    ENDING_WORDS,
    MEASURE_WORDS,
    NOTE_WORDS,
    OUTCOME_WORDS,
    SEEN_WORDS,
    Direction,
    Ending,
    Measure,
    Note,
    Outcome,
    Seen,
)
from tongxing.core.words import Sentence

TABLES: tuple[tuple[type[StrEnum], Mapping[Any, object]], ...] = (
    (ReasonId, REASONS),
    (ProblemId, PROBLEMS),
    (Cause, CAUSES),
    (Outcome, OUTCOME_WORDS),
    (Measure, MEASURE_WORDS),
    (Note, NOTE_WORDS),
    (Direction, DIRECTION_WORDS),
    (Ending, ENDING_WORDS),
    (Seen, SEEN_WORDS),
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2}")
COLOURS = re.compile(r"\b(red|yellow|green|orange|grey|gray|amber)\b|[红黄绿橙灰]色?码?", re.IGNORECASE)


def sentences() -> Iterator[tuple[str, Sentence]]:
    for slug, reason in REASONS.items():
        yield f"{slug} guard", reason.guard
        yield f"{slug} citizen", reason.citizen
        yield f"{slug} next step of the guard", reason.next_step.guard
        yield f"{slug} next step of the citizen", reason.next_step.citizen
    for problem_id, problem in PROBLEMS.items():
        yield problem_id, problem.title
    for cause, entry in CAUSES.items():
        yield cause, entry.name
        yield f"{cause} clears", entry.clears
    for words in (OUTCOME_WORDS, MEASURE_WORDS, NOTE_WORDS, DIRECTION_WORDS, ENDING_WORDS, SEEN_WORDS):
        yield from words.items()


@pytest.mark.parametrize(("words", "table"), TABLES, ids=lambda value: getattr(value, "__name__", ""))
def test_every_word_has_its_row(words: type[StrEnum], table: Mapping[Any, object]) -> None:
    assert set(table) == set(words)


def test_every_sentence_is_there_in_both_languages() -> None:
    found = [
        where
        for where, sentence in sentences()
        if not CHINESE.search(sentence.zh)
        or CHINESE.search(sentence.en)
        or not re.search(r"[a-z]", sentence.en, re.IGNORECASE)
    ]
    assert found == []


def test_what_the_guard_reads_names_no_colour_and_no_cause() -> None:
    causes = [text for entry in CAUSES.values() for text in (entry.name.zh, entry.name.en)]
    found = [
        slug
        for slug, reason in REASONS.items()
        for sentence in (reason.guard, reason.next_step.guard)
        for text in (sentence.zh, sentence.en)
        if COLOURS.search(text) or any(cause in text for cause in causes)
    ]
    assert found == []


ABOUT_THE_PERSON = re.compile(r"来人|其健康码|公开其信息|\b(the person|they|tell nobody)\b", re.IGNORECASE)


def test_what_the_citizen_reads_speaks_to_them_and_not_of_them() -> None:
    found = [
        slug
        for slug, reason in REASONS.items()
        for sentence in (reason.citizen, reason.next_step.citizen)
        for text in (sentence.zh, sentence.en)
        if ABOUT_THE_PERSON.search(text) or sentence == reason.next_step.guard
    ]
    assert found == []


def test_no_retired_slug_is_used_again() -> None:
    assert not RETIRED & {str(reason) for reason in ReasonId}


def test_every_stage_but_the_last_can_refuse() -> None:
    """Recording a passage can only fail by our own fault, which is no verdict."""
    assert {reason.stage for reason in REASONS.values()} == set(Stage) - {Stage.RECORD}


def used_members(words: type[StrEnum]) -> set[str]:
    """Return the members of an enumeration that the package names outside its own table, in code or as data."""
    used = set()
    for path in source_modules():
        if path.parent == PACKAGE / "core":
            continue
        for node in ast.walk(syntax_of(path)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == words.__name__:
                used.add(node.attr)
    data = "\n".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "data").rglob("*.toml"))
    return used | {member.name for member in words if re.search(rf'"{re.escape(member)}"', data)}


@pytest.mark.parametrize("words", [ReasonId, ProblemId, Measure, Note])
def test_no_word_stands_in_a_table_that_nothing_uses(words: type[StrEnum]) -> None:
    assert {member.name for member in words} - used_members(words) == set()
