"""What is wrong with the shape of a rule table, told to whoever wrote it: in which row, and what could stand there.

The sentence of the reader of shapes says what is wrong and at which place of the file; here the row's own id is
added to the place, and to an unknown word or key the known ones.
"""

import re
from typing import Any, Final

import msgspec

from tongxing.rules.rows import CLAIMS
from tongxing.rules.table_file import TableFile

WORDS_TOLD_MAX: Final = 40
_PLACE: Final = re.compile(r"^(?P<what>.*) - at `\$(?P<path>[^`]*)`$", re.DOTALL)
_STEP: Final = re.compile(r"\.([a-z_]+)|\[([0-9]+)\]")
_PARTS: Final = frozenset({"row", "exception", "not_checked", "ceiling"})


def tell_fault(content: object, told: str) -> str:
    """Return what the reader of shapes told of a file's ``content``, with the row's id and the words that are known."""
    place = _PLACE.match(told)
    path = "" if place is None else place["path"]
    steps = [name or int(number) for name, number in _STEP.findall(path)]
    row_id = _find_row_id(content, steps)
    known = _find_known(steps, told)
    row = f" (row {row_id!r})" if row_id else ""
    return f"{told}{row}{'; known are: ' if known else ''}{', '.join(known[:WORDS_TOLD_MAX])}"


def _find_row_id(content: object, steps: list[str | int]) -> str:
    """Return the id of the row in which a place lies, as it stands in the file; empty where it has none."""
    match steps:
        case [str(part), int(position), *_] if part in _PARTS and isinstance(content, dict):
            rows = content.get(part)
            row = rows[position] if isinstance(rows, list) and position < len(rows) else None
            row_id = row.get("id") if isinstance(row, dict) else None
            return row_id[:48] if isinstance(row_id, str) else ""
        case _:
            return ""


def _find_known(steps: list[str | int], told: str) -> list[str]:
    """Return the words or keys that are known at a place, if one that is not known was found there."""
    here = _type_at(steps)
    if steps[-1:] == ["reason"]:
        return sorted(CLAIMS)
    if told.startswith("Invalid enum value") and isinstance(here, msgspec.inspect.EnumType):
        return sorted(str(each.value) for each in here.cls)
    if told.startswith("Object contains unknown field") and isinstance(here, msgspec.inspect.StructType):
        return [field.encode_name for field in here.fields]
    return []


def _type_at(steps: list[str | int]) -> Any:  # noqa: ANN401 - of any kind that a shape is made of
    here: Any = msgspec.inspect.type_info(TableFile)
    for step in steps:
        here = _bare(here)
        if isinstance(step, int):
            here = getattr(here, "item_type", None)
        else:
            fields = {field.encode_name: field.type for field in getattr(here, "fields", ())}
            here = fields.get(step)
    return _bare(here)


def _bare(here: Any) -> Any:  # noqa: ANN401 - likewise
    """Return a type without what is written about it, and without that it may be absent."""
    while isinstance(here, msgspec.inspect.Metadata):
        here = here.type
    if isinstance(here, msgspec.inspect.UnionType):
        return next((each for each in here.types if not isinstance(each, msgspec.inspect.NoneType)), None)
    return here
