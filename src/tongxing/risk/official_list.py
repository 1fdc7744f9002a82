"""The platform's risk-list answer as values: read strictly, nothing dropped, nothing guessed.

The form (facts, section I): JSON with ``data.end_update_time`` ("2022-04-15 11时", Beijing time), the
stated counts ``hcount``, ``mcount``, ``lcount``, and ``highlist``, ``middlelist``, ``lowlist`` of
``{type, province, city, county, area_name, communitys[]}``. Keys that are not named here are ignored:
the form is another body's and grows. An *entry* is one community, or a whole unit where
``communitys`` is empty. What the names mean is not decided here but in ``tongxing.risk.placing``.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from tongxing.core.calendar import BEIJING
from tongxing.core.errors import Refused
from tongxing.core.limits import CLOCK_SKEW, RISK_LIST_MAX_BYTES
from tongxing.core.problems import ProblemId

ENTRIES_MAX: Final = 200_000
NAME_MAX_CHARACTERS: Final = 64
HOURS_OF_A_DAY: Final = 24
YEAR_MIN: Final = 2019
YEAR_MAX: Final = 2099
COMMUNITY_MAX_CHARACTERS: Final = 2_000
"""The longest seen has about 500: one entry can name a dozen buildings left out."""


class AreaLevel(StrEnum):
    """The level of an area in the list. Not a person's level: that one is ``core.levels.Level``."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 for low, 1 for medium, 2 for high."""
        return _RANK[self]


_RANK = {AreaLevel.LOW: 0, AreaLevel.MEDIUM: 1, AreaLevel.HIGH: 2}

_LISTS: Final = (
    (AreaLevel.HIGH, "highlist", "hcount", True),
    (AreaLevel.MEDIUM, "middlelist", "mcount", True),
    (AreaLevel.LOW, "lowlist", "lcount", False),
)
"""Level, key of its list, key of its stated count, and whether the list must be there."""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One community of a row, or, with ``community`` None, the whole unit that the row names.

    ``row`` is the place in its list, counted from one: with the level it finds the entry in the file.
    """

    level: AreaLevel
    row: int
    province: str
    city: str
    county: str
    area_name: str
    community: str | None


@dataclass(frozen=True, slots=True)
class OfficialList:
    """One answer: the hour it speaks of (aware UTC), every entry, and the counts that it states."""

    as_of: datetime
    entries: tuple[ListEntry, ...]
    stated_counts: Mapping[AreaLevel, int]


def parse_official_list(data: bytes, *, at: datetime) -> OfficialList:
    """Return the list in an answer of at most ``RISK_LIST_MAX_BYTES`` bytes, received at ``at``.

    Raises ``Refused(RISK_LIST_REFUSED)`` saying what is wrong and where: too large, not UTF-8, not
    JSON or truncated, nested too deeply, a key twice, another shape, an answer that reports an error,
    an impossible hour, or an hour after ``at``.
    """
    if len(data) > RISK_LIST_MAX_BYTES:
        raise refused(f"the file has {len(data)} bytes, at most {RISK_LIST_MAX_BYTES} are allowed")
    answer = _typed(_read_json(data), dict, "the answer")
    if answer.get("code", 0) not in (0, "0"):
        raise refused(f"the answer reports an error: code {answer['code']!r}")
    content = _typed(answer.get("data"), dict, "data")
    as_of = _read_hour(_typed(content.get("end_update_time"), str, "data.end_update_time"))
    if as_of > at + CLOCK_SKEW:
        raise refused(f"the list is of {as_of.isoformat()}, which is in the future")
    entries: list[ListEntry] = []
    stated: dict[AreaLevel, int] = {}
    for level, list_key, count_key, is_needed in _LISTS:
        if count_key in content:
            stated[level] = _read_count(content[count_key], f"data.{count_key}")
        if list_key not in content and not is_needed:
            continue
        for number, row in enumerate(_typed(content.get(list_key), list, f"data.{list_key}"), 1):
            entries.extend(_read_row(level, number, row, f"data.{list_key}[{number}]"))
            if len(entries) > ENTRIES_MAX:
                raise refused(f"more than {ENTRIES_MAX} entries")
    return OfficialList(as_of, tuple(entries), stated)


def refused(detail: str) -> Refused:
    """Return the error for a risk list that is not taken."""
    return Refused(ProblemId.RISK_LIST_REFUSED, detail)


def _read_json(data: bytes) -> object:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refused(f"not UTF-8: {error}") from error
    try:
        return json.loads(text, object_pairs_hook=_read_object, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise refused("nested too deeply") from error
    except ValueError as error:  # also an over-long number, which is no JSONDecodeError
        raise refused(f"not JSON, or cut short: {error}") from error


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise refused(f"the key {name[:NAME_MAX_CHARACTERS]!r} stands twice")
    return read


def _refuse_constant(word: str) -> object:
    raise refused(f"{word} is no JSON number")


_Kind = TypeVar("_Kind")


def _typed(value: object, kind: type[_Kind], where: str) -> _Kind:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise refused(f"{where} is missing or not a {kind.__name__}")
    return value


def _read_count(value: object, where: str) -> int:
    count = _typed(value, int, where)
    if count < 0:
        raise refused(f"{where} is negative")
    return count


_HOUR = re.compile(r"(\d{4})-(\d{2})-(\d{2}) (\d{1,2})时", re.ASCII)


def _read_hour(text: str) -> datetime:
    """``2022-04-15 11时`` → that hour in Beijing. ``24时`` is the midnight that ends the day."""
    match = _HOUR.fullmatch(text.strip())
    if match is None:
        raise refused("data.end_update_time is not like '2022-04-15 11时'")
    year, month, day, hour = map(int, match.groups())
    try:
        midnight = datetime(year, month, day, tzinfo=BEIJING)
    except ValueError as error:
        raise refused(f"data.end_update_time is no day: {error}") from error
    if hour > HOURS_OF_A_DAY or not YEAR_MIN <= year <= YEAR_MAX:
        raise refused("data.end_update_time is no possible hour")
    return (midnight + timedelta(hours=hour)).astimezone(UTC)


def _read_row(level: AreaLevel, number: int, row: object, where: str) -> list[ListEntry]:
    fields = _typed(row, dict, where)
    province, city, county = (_read_name(fields.get(key), f"{where}.{key}") for key in ("province", "city", "county"))
    area_name = _clean(_typed(fields.get("area_name", ""), str, f"{where}.area_name"))
    communities = _typed(fields.get("communitys"), list, f"{where}.communitys")
    names = [_read_community(name, f"{where}.communitys") for name in communities] or [None]
    return [ListEntry(level, number, province, city, county, area_name[:200], name) for name in names]


def _read_name(value: object, where: str) -> str:
    name = _clean(_typed(value, str, where))
    if len(name) > NAME_MAX_CHARACTERS:
        raise refused(f"{where} is longer than {NAME_MAX_CHARACTERS} characters")
    return name


def _read_community(value: object, where: str) -> str | None:
    name = _clean(_typed(value, str, where))
    if not name:
        raise refused(f"{where} holds an empty name")
    if len(name) > COMMUNITY_MAX_CHARACTERS:
        raise refused(f"{where} holds a name longer than {COMMUNITY_MAX_CHARACTERS} characters")
    return name


def _clean(text: str) -> str:
    """Return the text in one line of printable characters: tabs and invisible marks do occur in the lists."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
