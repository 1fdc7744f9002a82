"""The words of the pages: whole in both languages, all said somewhere, none hidden by a name of Jinja's."""

import json
import re
from importlib import resources

import pytest

from tongxing.core.verdicts import Measure
from tongxing.core.words import Language, Sentence
from tongxing.rules.findings import FindingKind
from tongxing.rules.inputs import INPUT
from tongxing.rules.rows import CLAIMS, Demand, Evidence
from tongxing.web.rule_words import encode_form
from tongxing.web.words import CHOICES, ICONS, WORDS

ROOM = resources.files("tongxing.web")
TEXTS = {
    file.name: file.read_text("utf-8")
    for folder in ("templates", "static")
    for file in ROOM.joinpath(folder).iterdir()
    if not file.is_dir()
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAYS_THE_OTHER_LANGUAGE = {"language"}


def test_every_word_is_there_in_both_languages() -> None:
    said = {**WORDS, **{f"{name} {value}": words for name, of in CHOICES.items() for value, words in of.items()}}
    found = [
        name
        for name, words in said.items()
        if name not in SAYS_THE_OTHER_LANGUAGE and (not CHINESE.search(words.zh) or CHINESE.search(words.en))
    ]
    assert found == []


def test_no_word_has_the_name_of_something_that_a_mapping_has() -> None:
    """Jinja would take ``words.keys`` for the method."""
    assert [name for name in WORDS if hasattr(dict, name)] == []


def test_every_word_is_said_and_nothing_else_is_asked_for() -> None:
    said = set()
    for name, text in TEXTS.items():
        said |= set(re.findall(r"words\.([a-z_]+)" if name.endswith(".html") else r"\bsay\.([a-z_]+)", text))
    pages = {"checkpoint", "my", "operator", "map", "rules", "editor", "costs", "statistics", "joining", "reference"}
    by_name = {"online", "offline", "not_ready", "days", "hours", "minutes", "seconds"} | pages
    assert said - WORDS.keys() == set()
    assert WORDS.keys() - said - by_name == set()


def test_no_template_and_no_script_has_a_sentence_of_its_own() -> None:
    assert [name for name, text in TEXTS.items() if CHINESE.search(text)] == []


@pytest.mark.parametrize("name", [name for name in TEXTS if name.endswith((".js", ".html"))])
def test_nothing_of_the_api_is_ever_read_as_markup(name: str) -> None:
    assert (
        re.findall(r"innerHTML\s*=|outerHTML\s*=|insertAdjacentHTML|document\.write|eval\(|\|\s*safe", TEXTS[name])
        == []
    )


def test_shapes_differ_where_colours_may_not_be_seen() -> None:
    assert len(set(ICONS.values())) == len(ICONS) == 4
    assert all(isinstance(words, Sentence) for words in WORDS.values())


def test_a_form_offers_exactly_what_a_table_may_say() -> None:
    for language in Language:
        form = json.loads(encode_form(language))
        assert {entry["name"] for entry in form["inputs"]} == INPUT.keys()
        assert set(form["reasons"]) == {str(reason) for reason in CLAIMS}
        assert set(form["measures"]) == {str(measure) for measure in Measure}
        assert set(form["findings"]) == {str(kind) for kind in FindingKind}
        assert set(form["evidence"]) == {str(each) for each in Evidence}
        assert set(form["demands"]) == {str(each) for each in Demand}
