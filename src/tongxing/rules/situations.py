"""Situations: everything that a rule table may look at, as one closed value.

A situation is one person at one kind of checkpoint. Its fields are the inputs of ``tongxing.rules.inputs``, in
words that files share: ``encode_situation`` makes a runnable input of it, ``parse_situation`` reads one.
Not every combination can occur; ``is_possible`` is the one place that says which can.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import msgspec

from tongxing.core.causes import CAUSES, Cause
from tongxing.core.checkpoints import Fever
from tongxing.core.errors import Refused
from tongxing.core.groups import Credential, Group
from tongxing.core.levels import Level, Standing, worst_level
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import AntigenBand, IsolationBand, RecoveryBand, TestBand, VaccinationBand
from tongxing.core.reports import OriginRisk, Precision
from tongxing.core.words import PlaceKind, Sentence
from tongxing.rules.inputs import INPUT, INPUTS, Value, word_of

_NO_CAUSES: Final[frozenset[Cause]] = frozenset()
_NO_GROUPS: Final[frozenset[Group]] = frozenset()


class Situation(msgspec.Struct, frozen=True, gc=False):
    """One person at one kind of checkpoint, as a rule table sees it.

    ``level`` is None if and only if the report is not current. ``causes`` is empty where none were told, as
    behind a colour or when the detail of a national code could not be fetched. A struct, because one is made for
    every verdict.
    """

    level: Level | None
    colour_only: bool
    origin_risk: OriginRisk
    others_consulted: bool
    place_kind: PlaceKind
    fever: Fever = Fever.NOT_MEASURED
    standing: Standing = Standing.CURRENT
    causes: frozenset[Cause] = _NO_CAUSES
    origin_precision: Precision = Precision.EXACT
    credential: Credential = Credential.CODE
    groups: frozenset[Group] = _NO_GROUPS
    test: TestBand = TestBand.UNKNOWN
    antigen: AntigenBand = AntigenBand.UNKNOWN
    vaccination: VaccinationBand = VaccinationBand.UNKNOWN
    recovery: RecoveryBand = RecoveryBand.UNKNOWN
    isolation: IsolationBand = IsolationBand.UNKNOWN

    def changed(self, **values: Any) -> "Situation":  # noqa: ANN401 - the fields have many types
        """Return the situation with other values in some fields."""
        return msgspec.structs.replace(self, **values)

    def value(self, name: str) -> Value:
        """Return what a single-valued input holds, by its name in files."""
        held: Value = getattr(self, name)
        return held

    def sentence(self) -> Sentence:
        """Say the situation in words, for the counter-examples that publishers are shown.

        What is as usual (a current report with causes, other regions consulted, no temperature taken, a code
        on a phone, no proof asked for) is left out, and what goes without saying of an unknown origin.
        """
        zh: list[str] = []
        en: list[str] = []
        for entry in INPUTS:
            if entry.name == "place_kind":
                continue
            held = getattr(self, entry.attribute)
            if entry.many:
                told = [entry.values[value] for value in sorted(held)]
            elif held is None or self._goes_without_saying(entry.name, held):
                told = []
            else:
                told = [entry.values[held]]
            zh.extend(words.zh for words in told)
            en.extend(words.en for words in told)
        place = INPUT["place_kind"].values[self.place_kind]
        return Sentence(f"在{place.zh}的人（{'、'.join(zh)}）", f"a person at a {place.en} ({', '.join(en)})")

    def _goes_without_saying(self, name: str, held: Value) -> bool:
        if name == "origin_precision" and self.origin_risk is OriginRisk.UNKNOWN:
            return True
        return name in _USUAL and held == _USUAL[name]


_USUAL: Final[Mapping[str, Value]] = {
    "standing": Standing.CURRENT,
    "colour_only": False,
    "origin_precision": Precision.EXACT,
    "others_consulted": True,
    "fever": Fever.NOT_MEASURED,
    "credential": Credential.CODE,
    "test": TestBand.UNKNOWN,
    "antigen": AntigenBand.UNKNOWN,
    "vaccination": VaccinationBand.UNKNOWN,
    "recovery": RecoveryBand.UNKNOWN,
    "isolation": IsolationBand.UNKNOWN,
}


def is_possible(situation: Situation, on: date) -> bool:
    """True if somebody can be in this situation on a Beijing day.

    - The level is known if and only if the report is current, and is never below that of a cause it holds.
    - Of a report that is not current nothing else is told: no cause, no mere colour.
    - A mere colour tells no cause.
    - Nothing is known of the origin's place if and only if its risk is unknown.
    - Nobody is a child and elderly.
    """
    if (situation.level is None) is (situation.standing is Standing.CURRENT):
        return False
    if situation.causes and (situation.colour_only or situation.level is None):
        return False
    if situation.level is None and situation.colour_only:
        return False
    if situation.level is not None and situation.causes:
        least = worst_level(CAUSES[cause].level_on(on) for cause in situation.causes)
        if situation.level.rank < least.rank:
            return False
    if (situation.origin_precision is Precision.NONE) is not (situation.origin_risk is OriginRisk.UNKNOWN):
        return False
    return not {Group.CHILD, Group.ELDERLY_WITHOUT_PHONE} <= situation.groups


def encode_situation(situation: Situation) -> dict[str, Any]:
    """Return a situation as JSON can hold it, with the words of the files: a runnable input."""
    content: dict[str, Any] = {}
    for entry in INPUTS:
        held = getattr(situation, entry.attribute)
        content[entry.attribute] = sorted(word_of(value) for value in held) if entry.many else word_of(held)
    return content


def parse_situation(content: object) -> Situation:
    """Return the situation in a runnable input. What is absent is as usual; the five first inputs are needed.

    Raises ``Refused(RULES_REFUSED)`` naming the input: an unknown name or word, or one of the wrong shape.
    Whether somebody can be in it on a day is for ``is_possible``.
    """
    if not isinstance(content, dict):
        raise _refused("a situation is an object of inputs")
    by_attribute = {entry.attribute: entry for entry in INPUTS}
    for name in content:
        if name not in by_attribute:
            raise _refused(f"unknown input {str(name)[:40]!r}")
    fields: dict[str, Any] = {}
    for attribute, entry in by_attribute.items():
        if attribute not in content:
            continue
        words = {word_of(value): value for value in entry.values}
        if entry.name == "level":
            words[None] = None
        told = content[attribute]
        if entry.many:
            if not isinstance(told, list) or len(told) > len(words):
                raise _refused(f"{attribute} is a list of words")
            fields[attribute] = frozenset(_read_word(attribute, word, words) for word in told)
        else:
            fields[attribute] = _read_word(attribute, told, words)
    try:
        return Situation(**fields)
    except TypeError as error:
        needed = ", ".join(field for field in Situation.__struct_fields__[:5] if field not in fields)
        raise _refused(f"a situation needs {needed}") from error


def _read_word(attribute: str, word: object, words: Mapping[Any, Value]) -> Value:
    if not isinstance(word, str | bool | None) or word not in words:
        raise _refused(f"{attribute} has no value {str(word)[:40]!r}")
    return words[word]


def _refused(detail: str) -> Refused:
    return Refused(ProblemId.RULES_REFUSED, detail)
