"""Finding a person whom a given row decides: by steering an example around the rows that stand before it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from tongxing.rules.deciding import CompiledRules
from tongxing.rules.fitting import find_example
from tongxing.rules.inputs import INPUT
from tongxing.rules.rows import Conditions
from tongxing.rules.situations import Situation


def find_decided(rules: CompiledRules, position: int, on: date) -> Situation | None:
    """Return a possible situation that the row at ``position`` decides; None if there is none."""
    return _search(rules, position, rules.rows[position].conditions, on)


def _search(rules: CompiledRules, position: int, wanted: Conditions, on: date) -> Situation | None:
    example = find_example(wanted, on)
    if example is None:
        return None
    hit = rules.find_row(example)
    assert hit is not None
    if hit == position:
        return example
    for narrowed in _around(wanted, rules.rows[hit].conditions):
        found = _search(rules, position, narrowed, on)
        if found is not None:
            return found
    return None


def _around(wanted: Conditions, other: Conditions) -> Iterator[Conditions]:
    """Yield ``wanted`` without those who fit ``other``, one input at a time."""
    for name in other.named_inputs:
        entry = INPUT[name]
        if not entry.many:
            left: frozenset[Any] = getattr(wanted, name) - getattr(other, name)
            if left:
                yield replace(wanted, **{name: left})
            continue
        some, none = entry.keys
        if getattr(other, some):
            yield replace(wanted, **{none: getattr(wanted, none) | getattr(other, some)})
        for value in getattr(other, none) - getattr(wanted, none):
            if not getattr(wanted, some) or value in getattr(wanted, some):
                yield replace(wanted, **{some: frozenset({value})})
