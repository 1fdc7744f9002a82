"""What is borne in the content of EU Digital COVID Certificates, each by its name.

Issuers wrote nulls for what they did not know, lists with nothing in them, times of day after dates, numbers as texts.
Here such content becomes what its schema (``wire.dcc_schema``) asks for, and each kind of mending is told. What a fact
rests on is never made up: a date, a result or a dose that is missing stays missing, and the schema refuses the content.
Spec: EU eHealth Network, *DCC JSON schema* 1.3.0; ADR 35.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from tongxing.core.departures import Departure

ENTRY_KINDS: Final = ("v", "t", "r")
"""Vaccination, test, recovery, as the content calls them."""

TEXT_MAX_CHARACTERS: Final = 80
_NUMBER_MAX_CHARACTERS: Final = 4
_MOMENT_MAX_CHARACTERS: Final = 40
_EPOCH_MAX: Final = 1 << 32
_UNKNOWN_COUNTRY: Final = "ZZ"
_UNKNOWN_VERSION: Final = "0.0.0"

_VERSION: Final = re.compile(r"\d{1,4}\.\d{1,4}\.\d{1,4}")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_BIRTH: Final = re.compile(r"(?:19|20)\d\d(?:-\d\d){0,2}")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)")
_COUNTRY: Final = re.compile("[A-Z]{1,10}")
_SPACES: Final = re.compile("[ \\-]+")
_NOT_ICAO: Final = re.compile("[^A-Z<]")

Borne = set[Departure]

_FILLED_IN: Final[Mapping[str, Mapping[str, str]]] = {
    "v": {"vp": "", "mp": "", "ma": "", "is": "", "ci": "", "co": _UNKNOWN_COUNTRY},
    "t": {"is": "", "ci": "", "co": _UNKNOWN_COUNTRY},
    "r": {"is": "", "ci": "", "co": _UNKNOWN_COUNTRY},
}
"""Required fields on which no fact rests, and what stands for them."""


def mend_content(content: Mapping[object, object], borne: Borne) -> dict[str, object]:
    """Return content that its schema may take, and add to ``borne`` what was mended."""
    mended: dict[str, object] = {
        "ver": _mend_version(content.get("ver"), borne),
        "nam": _mend_name(content.get("nam"), borne),
        "dob": _mend_birth_date(content.get("dob"), borne),
    }
    for kind in ENTRY_KINDS:
        if kind in content:
            listed = _mend_list(content[kind], borne)
            told = [entry for entry in listed if entry]
            if told:
                mended[kind] = [_mend_entry(kind, entry, borne) for entry in told]
            if len(told) < len(listed) or not told:
                borne.add(Departure.EMPTY_ENTRIES)
    return mended


def _mend_list(entries: object, borne: Borne) -> list[object]:
    if isinstance(entries, list):
        return entries
    if entries:
        borne.add(Departure.FIELD_FORM)
    return [entries]


def _mend_version(value: object, borne: Borne) -> str:
    if isinstance(value, str) and _VERSION.fullmatch(value):
        return value
    borne.add(Departure.FIELD_MISSING if value is None else Departure.FIELD_FORM)
    return _UNKNOWN_VERSION


def _mend_name(value: object, borne: Borne) -> object:
    if not isinstance(value, dict):
        return value
    texts = {field: _mend_text(value.get(field), borne) for field in ("fn", "gn", "fnt", "gnt") if field in value}
    for field in ("fnt", "gnt"):
        written = texts.get(field)
        if isinstance(written, str) and _NOT_ICAO.search(written):
            borne.add(Departure.FIELD_FORM)
            texts[field] = _NOT_ICAO.sub("", _SPACES.sub("<", written.strip().upper()))
    if "fnt" not in texts:
        borne.add(Departure.FIELD_MISSING)
    return {"fnt": ""} | texts


def _mend_birth_date(value: object, borne: Borne) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        borne.add(Departure.FIELD_FORM)
        return ""
    read = _BIRTH.match(value)
    if read is None or read[0] != value:
        is_dated = read is not None and value[read.end()] in "T "
        borne.add(Departure.DATE_WITH_TIME if is_dated else Departure.FIELD_FORM)
    return read[0] if read is not None else ""


def _mend_entry(kind: str, entry: object, borne: Borne) -> object:
    if not isinstance(entry, dict):
        return entry
    fields: dict[str, object] = {}
    for field, value in entry.items():
        if value is None:
            borne.add(Departure.NULL_FIELD)
        elif isinstance(field, str):
            fields[field] = _MENDERS.get(field, _mend_text)(value, borne)
    for field, value in _FILLED_IN[kind].items():
        if field not in fields:
            borne.add(Departure.FIELD_MISSING)
            fields[field] = value
    return fields


def _mend_text(value: object, borne: Borne) -> object:
    if value is None:
        borne.add(Departure.NULL_FIELD)
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _EPOCH_MAX:
        borne.add(Departure.FIELD_FORM)
        return str(value)
    if isinstance(value, str) and (len(value) > TEXT_MAX_CHARACTERS or value.strip() != value):
        borne.add(Departure.FIELD_FORM)
        return value.strip()[:TEXT_MAX_CHARACTERS]
    return value


def _mend_number(value: object, borne: Borne) -> object:
    if isinstance(value, float) and value.is_integer():
        borne.add(Departure.FIELD_FORM)
        return int(value)
    if (
        isinstance(value, str)
        and len(value) <= _NUMBER_MAX_CHARACTERS
        and value.isascii()
        and value.strip().isdecimal()
    ):
        borne.add(Departure.NUMBER_AS_TEXT)
        return int(value)
    return value


def _mend_country(value: object, borne: Borne) -> str:
    if isinstance(value, str) and _COUNTRY.fullmatch(value):
        return value
    borne.add(Departure.FIELD_FORM)
    upper = value.strip().upper() if isinstance(value, str) else ""
    return upper if _COUNTRY.fullmatch(upper) else _UNKNOWN_COUNTRY


def _mend_day(value: object, borne: Borne) -> object:
    moment = _from_epoch(value, borne)
    if moment is not None:
        return moment.date()
    if isinstance(value, str) and (read := _DAY.match(value.lstrip())) and read[0] != value:
        borne.add(Departure.DATE_WITH_TIME)
        return read[0]
    return value


def _mend_moment(value: object, borne: Borne) -> object:
    moment = _from_epoch(value, borne)
    if moment is not None:
        return moment
    if not isinstance(value, str) or len(value) > _MOMENT_MAX_CHARACTERS or _MOMENT.fullmatch(value):
        return value
    try:
        read = datetime.fromisoformat(value.strip())
    except ValueError:
        return value
    if read.tzinfo is None:
        borne.add(Departure.TIME_WITHOUT_ZONE)
        return read.replace(tzinfo=UTC)
    borne.add(Departure.FIELD_FORM)
    return read


def _from_epoch(value: object, borne: Borne) -> datetime | None:
    """Return the moment of a number of seconds since 1970, which is what a tagged time may be."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _EPOCH_MAX:
        return None
    borne.add(Departure.FIELD_FORM)
    return datetime.fromtimestamp(value, UTC)


_MENDERS: Final[Mapping[str, Callable[[object, Borne], object]]] = {
    "dn": _mend_number,
    "sd": _mend_number,
    "co": _mend_country,
    "dt": _mend_day,
    "fr": _mend_day,
    "df": _mend_day,
    "du": _mend_day,
    "sc": _mend_moment,
}
