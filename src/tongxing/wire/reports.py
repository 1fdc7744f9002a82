"""Reports and origins as plain values: what CBOR and JSON can carry, and stores keep.

Every word is one of a closed list, every time a whole number of unix seconds, and every list and text
is bounded. Parsing is strict: an unknown or missing field is refused, so that both sides know when
they speak different versions. Optional fields that say nothing are left out.

Spec: domain sheet, *Report* and *Origin*.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, TypeVar

from tongxing.core.causes import Cause, HeldCause
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.words import RegionId
from tongxing.wire.cbor import WireError

CAUSES_MAX: Final = 16
SOURCES_MAX: Final = 16
SOURCE_MAX_CHARACTERS: Final = 32
REVISION_MAX: Final = (1 << 53) - 1
"""The largest whole number that every JSON reader keeps exact. Spec: RFC 8259, section 6."""

LATEST_SECONDS: Final = 253_402_300_799
"""The last second of 9999: later ones are no ``datetime``."""

_REPORT_NEEDED: Final = frozenset({"issuer", "standing", "revision", "as_of_seconds"})
_REPORT_FIELDS: Final = _REPORT_NEEDED | {
    "level",
    "causes",
    "valid_until_seconds",
    "sources_checked",
    "derived_from",
    "colour_only",
    "retracted",
}

_Word = TypeVar("_Word", bound=StrEnum)


def encode_seconds(at: datetime) -> int:
    """Return unix seconds of an aware time; fractions are cut off. Raises ``WireError`` for a naive time."""
    if at.tzinfo is None:
        raise WireError("a time without a zone")
    return int(at.timestamp() // 1)


def moment_of(seconds: int) -> datetime:
    """Return the aware UTC time of unix seconds that are known to be from 1970 to 9999."""
    return datetime.fromtimestamp(seconds, UTC)


def parse_seconds(value: object) -> datetime:
    """Return the aware UTC time of unix seconds from 1970 to 9999."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LATEST_SECONDS:
        raise WireError("a time is a whole number of unix seconds")
    return moment_of(value)


def parse_region(value: object) -> RegionId:
    """Return a region number of two or four digits; whether it exists is the directory's to say."""
    if not isinstance(value, str) or len(value) not in (2, 4) or not value.isascii() or not value.isdecimal():
        raise WireError("a region is a number of two or four digits")
    return RegionId(value)


def encode_report(report: Report) -> dict[str, Any]:
    """Return a report as a plain map; ``parse_report`` gives it back, times cut to seconds."""
    value: dict[str, Any] = {
        "issuer": str(report.issuer),
        "standing": report.standing.value,
        "revision": report.revision,
        "as_of_seconds": encode_seconds(report.as_of),
    }
    if report.level is not None:
        value["level"] = report.level.value
    if report.causes:
        value["causes"] = [_encode_cause(held) for held in report.causes]
    if report.valid_until is not None:
        value["valid_until_seconds"] = encode_seconds(report.valid_until)
    if report.sources_checked:
        value["sources_checked"] = list(report.sources_checked)
    if report.derived_from is not None:
        value["derived_from"] = str(report.derived_from)
    for flag in ("colour_only", "retracted"):
        if getattr(report, flag):
            value[flag] = True
    return value


def parse_report(value: object) -> Report:
    """Read a report from a plain map; raises ``WireError`` for anything ``encode_report`` could not have made."""
    fields = _parse_map(value, _REPORT_NEEDED, _REPORT_FIELDS)
    revision = fields["revision"]
    if not isinstance(revision, int) or isinstance(revision, bool) or not 0 <= revision <= REVISION_MAX:
        raise WireError("a revision is a whole number")
    try:
        return Report(
            issuer=parse_region(fields["issuer"]),
            standing=_parse_word(Standing, fields["standing"]),
            level=_parse_word(Level, fields["level"]) if "level" in fields else None,
            causes=tuple(_parse_cause(item) for item in _parse_list(fields, "causes", CAUSES_MAX)),
            revision=revision,
            as_of=parse_seconds(fields["as_of_seconds"]),
            valid_until=parse_seconds(fields["valid_until_seconds"]) if "valid_until_seconds" in fields else None,
            sources_checked=tuple(parse_source(item) for item in _parse_list(fields, "sources_checked", SOURCES_MAX)),
            derived_from=parse_region(fields["derived_from"]) if "derived_from" in fields else None,
            colour_only=_parse_flag(fields, "colour_only"),
            retracted=_parse_flag(fields, "retracted"),
        )
    except WireError:
        raise
    except ValueError as error:
        raise WireError(str(error)) from error


def encode_origin(origin: Origin) -> dict[str, Any]:
    """Return an origin as a plain map."""
    value = {"precision": origin.precision.value, "basis": origin.basis.value}
    if origin.division is not None:
        value["division"] = origin.division
    return value


def parse_origin(value: object) -> Origin:
    """Read an origin; a division has 2, 4 or 6 digits. Raises ``WireError``."""
    fields = _parse_map(value, frozenset({"precision", "basis"}), frozenset({"precision", "basis", "division"}))
    division = parse_division(fields["division"]) if "division" in fields else None
    return Origin(division, _parse_word(Precision, fields["precision"]), _parse_word(OriginBasis, fields["basis"]))


def parse_division(value: object) -> str:
    """Return a GB/T 2260 division of 2, 4 or 6 digits; whether there is such a one is not looked at."""
    if not isinstance(value, str) or len(value) not in (2, 4, 6) or not value.isascii() or not value.isdecimal():
        raise WireError("a division has 2, 4 or 6 digits")
    return value


@lru_cache(maxsize=4_096)
def known_region(value: str) -> RegionId:
    """As ``parse_region``, for a text: the same few come with every row, and what was found good is good again."""
    return parse_region(value)


@lru_cache(maxsize=8_192)
def known_division(value: str) -> str:
    """As ``parse_division``, for a text that comes again and again."""
    return parse_division(value)


@lru_cache(maxsize=4_096)
def known_source(value: str) -> str:
    """As ``parse_source``, for a text that comes again and again."""
    return parse_source(value)


def _encode_cause(held: HeldCause) -> dict[str, Any]:
    value: dict[str, Any] = {"cause": held.cause.value, "since_seconds": encode_seconds(held.since)}
    if held.until is not None:
        value["until_seconds"] = encode_seconds(held.until)
    return value


def _parse_cause(value: object) -> HeldCause:
    needed = frozenset({"cause", "since_seconds"})
    fields = _parse_map(value, needed, needed | {"until_seconds"})
    until = parse_seconds(fields["until_seconds"]) if "until_seconds" in fields else None
    return HeldCause(_parse_word(Cause, fields["cause"]), parse_seconds(fields["since_seconds"]), until)


def _parse_map(value: object, needed: frozenset[str], known: frozenset[str]) -> Mapping[str, object]:
    if not isinstance(value, dict) or not needed <= value.keys() <= known:
        raise WireError(f"a map with {', '.join(sorted(needed))} is expected, and nothing unknown in it")
    return value


def _parse_word(words: type[_Word], value: object) -> _Word:
    try:
        if isinstance(value, str):
            return words(value)
    except ValueError as error:
        raise WireError(f"not a known {words.__name__}") from error
    raise WireError(f"a {words.__name__} is a text")


def _parse_list(fields: Mapping[str, object], name: str, longest: int) -> list[object]:
    if name not in fields:
        return []
    value = fields[name]
    if not isinstance(value, list) or not 0 < len(value) <= longest:
        raise WireError(f"{name} is a list of 1 to {longest} items")
    return value


def parse_source(value: object) -> str:
    """Return the name of a source: 1 to ``SOURCE_MAX_CHARACTERS`` characters that can be printed."""
    if not isinstance(value, str) or not 0 < len(value) <= SOURCE_MAX_CHARACTERS or not value.isprintable():
        raise WireError(f"a source is a name of 1 to {SOURCE_MAX_CHARACTERS} characters")
    return value


def _parse_flag(fields: Mapping[str, object], name: str) -> bool:
    if name in fields and fields[name] is not True:
        raise WireError(f"{name} is true or absent")
    return name in fields
