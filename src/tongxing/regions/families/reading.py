"""Reading a back end's answer: foreign bytes in, bounded values out, or a reason.

Accepted is HTTP 200 with one JSON object (RFC 8259) in UTF-8, of at most ``BACK_END_ANSWER_MAX_BYTES``,
nested at most ``JSON_MAX_DEPTH`` deep, without a name twice in one object (RFC 8259 section 4 leaves
open which one counts) and without NaN. Anything else, such as a page of HTML, GBK, a redirect or
half an answer, is told apart from an outage and never guessed at; ``Flaw`` says which it was.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from tongxing.core.calendar import BEIJING
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.limits import BACK_END_ANSWER_MAX_BYTES, JSON_MAX_DEPTH
from tongxing.core.reasons import ReasonId
from tongxing.core.words import RegionId
from tongxing.regions.answers import BackEndAnswer, SourceAnswer
from tongxing.wire.cbor import WireError
from tongxing.wire.reports import parse_region

FIELD_MAX_CHARACTERS: Final = 1_024
REF_MAX_CHARACTERS: Final = 128

_OK: Final = 200
_CLIENT_ERRORS: Final = range(400, 500)
_SERVER_ERRORS: Final = range(500, 600)
_TOO_MANY_REQUESTS: Final = 429
_YEARS: Final = range(2000, 2100)
_LOCAL_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_CHARSET: Final = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_UTF8_CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_TICKET_REASONS: Final = frozenset({ReasonId.TICKET_UNKNOWN, ReasonId.TICKET_EXPIRED, ReasonId.TICKET_USED})


class Flaw(StrEnum):
    """What was wrong with an answer as a whole, in the words that an operator reads. A closed list."""

    HTML = "a page of HTML"
    OTHER_CHARSET = "not said to be UTF-8"
    NOT_UTF8 = "not UTF-8"
    TOO_LONG = "too long"
    TOO_DEEP = "nested too deep"
    FIELD_TWICE = "a field twice"
    CUT_SHORT = "cut short"
    NOT_JSON = "not JSON"
    NOT_AN_OBJECT = "not a JSON object"
    NO_RECORD_BEHIND = "a status with no record behind it"
    CONTRADICTION = "it contradicts itself"


_TOLD: Final = re.compile(
    "|".join(
        (
            *(re.escape(flaw.value) for flaw in Flaw),
            # what connectors say
            "a compressed answer, which nobody asked for",
            "[0-9]{1,20} bytes are announced",
            "a length that is no number",
            "more than [0-9]{1,9} bytes",
            "no answer in [0-9.]{1,6} s",
            "status 3[0-9]{2}",
            "HTTP [0-9]{3}",
            "(?:Connect|Read|Write|Close|Network|(?:Remote|Local)?Protocol|Proxy|Decoding)Error",
            "InvalidURL|UnsupportedProtocol",
            # what families say
            "field [A-Za-z_]{1,64}(?: or [A-Za-z_]{1,64})?",
            "return code (?:not listed|[A-Z0-9_-]{1,8})",
            "flag false, an? (?:listed error|error that is not listed)",
            "(?:QR text|key|code content|code id|certificate number|token or masked document number) differs",
            "(?:NaN|-?Infinity) is not JSON",
            "travel number -?[0-9]",
            "one province reports twice",
            "this gateway has no credential [a-z_]{1,32}",
            "the secret given for the call has run out",
            "the national code has no back end to ask",
            "the text tells a report that the back end has not",
            "a newer report took the place of the text's",
            "withdrawn, or past its end",
            # what translation says
            "region [0-9]{2,4}: (?:a reason word that is not|status not in force) in its profile",
            "a report that is said to be derived from itself",
            "no refresh time where the status needs one",
            "a time in the future",
            "a division that is no GB/T 2260 number",
        )
    )
)


def is_told_flaw(detail: str) -> bool:
    """True if ``detail`` is one of the ways in which connectors, families and translation say what was wrong.

    None of them holds a value of the answer, so that a log and another region's auditor may read them.
    """
    return _TOLD.fullmatch(detail) is not None


def refusal(reason: ReasonId, detail: str) -> Rejected | Undecidable:
    """Return the error for ``reason``: the code is at fault where it is the code's, else the source is."""
    return Rejected(reason, detail) if reason in _TICKET_REASONS else Undecidable(reason, detail)


class AnswerObject:
    """A JSON object of an answer; each method raises Undecidable(SOURCE_UNREADABLE) naming the field."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def word(self, field: str) -> str:
        """Return a printable text that is not empty, or a whole number as its digits."""
        value = self._values.get(field)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str) or not value or len(value) > FIELD_MAX_CHARACTERS or not value.isprintable():
            raise unreadable(f"field {field}")
        return value

    def find_word(self, field: str) -> str | None:
        """Return a word, or None where the field is absent, null or empty."""
        return None if self._values.get(field) in (None, "") else self.word(field)

    def find_words(self, field: str, separator: str, most: int) -> tuple[str, ...]:
        """Return the words that ``separator`` joins, at most ``most``; none where the field is absent or empty."""
        words = tuple(word for word in (self.find_word(field) or "").split(separator) if word)
        if len(words) > most:
            raise unreadable(f"field {field}")
        return words

    def word_or_empty(self, field: str) -> str:
        """Return a word, or an empty text where just that is said; a field that is not there is not empty."""
        return "" if self._values.get(field) == "" else self.word(field)

    def text(self, field: str) -> str:
        """Return a printable text, which may be empty; a number is none."""
        value = self._values.get(field)
        if not isinstance(value, str):
            raise unreadable(f"field {field}")
        return self.word(field) if value else ""

    def flag(self, field: str) -> bool:
        """Return a boolean."""
        value = self._values.get(field)
        if not isinstance(value, bool):
            raise unreadable(f"field {field}")
        return value

    def find_ref(self, field: str) -> str | None:
        """Return an opaque id of at most ``REF_MAX_CHARACTERS``, or None where there is none."""
        ref = self.find_word(field)
        if ref is not None and len(ref) > REF_MAX_CHARACTERS:
            raise unreadable(f"field {field}")
        return ref

    def find_region(self, field: str) -> RegionId | None:
        """Return a region's number, or None where there is none."""
        text = self.find_word(field)
        try:
            return None if text is None else parse_region(text)
        except WireError as error:
            raise unreadable(f"field {field}") from error

    def find_name(self, field: str) -> str | None:
        """Return a name for people to read; None where there is none that can be shown."""
        value = self._values.get(field)
        if not isinstance(value, str) or len(value) > FIELD_MAX_CHARACTERS or not value.isprintable():
            return None
        return value.strip() or None

    def find_local_time(self, field: str) -> datetime | None:
        """Return a Beijing time ``YYYY-MM-DD hh:mm:ss`` of 2000 to 2099 as UTC; None where it is absent or empty."""
        text = self.find_word(field)
        if text is None:
            return None
        try:
            if _LOCAL_TIME.fullmatch(text) and int(text[:4]) in _YEARS:
                return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)
        except ValueError as error:
            raise unreadable(f"field {field}") from error
        raise unreadable(f"field {field}")

    def object(self, field: str) -> "AnswerObject":
        """Return the object under ``field``."""
        value = self._values.get(field)
        if not isinstance(value, dict):
            raise unreadable(f"field {field}")
        return AnswerObject(value)

    def objects(self, field: str, most: int) -> tuple["AnswerObject", ...]:
        """Return the objects of the list under ``field``, at most ``most``."""
        items = self._values.get(field)
        if not isinstance(items, list) or len(items) > most or not all(isinstance(item, dict) for item in items):
            raise unreadable(f"field {field}")
        return tuple(AnswerObject(item) for item in items)

    def json_text(self, field: str) -> "AnswerObject":
        """Return the object that is written as a JSON text under ``field``."""
        value = self._values.get(field)
        if not isinstance(value, str):
            raise unreadable(f"field {field}")
        return _parse_object(value)


def parse_answer(answer: BackEndAnswer) -> AnswerObject:
    """Read an answer as one JSON object.

    Raises Undecidable: SOURCE_AWAY for 5xx and 429, SOURCE_REFUSED for another 4xx, SOURCE_UNREADABLE
    for anything else that is not such an object.
    """
    if answer.status in _SERVER_ERRORS or answer.status == _TOO_MANY_REQUESTS:
        raise Undecidable(ReasonId.SOURCE_AWAY, f"HTTP {answer.status}")
    if answer.status in _CLIENT_ERRORS:
        raise Undecidable(ReasonId.SOURCE_REFUSED, f"HTTP {answer.status}")
    if answer.status != _OK:
        raise unreadable(f"HTTP {answer.status}")
    if len(answer.body) > BACK_END_ANSWER_MAX_BYTES:
        raise unreadable(Flaw.TOO_LONG)
    charset = _CHARSET.search(answer.content_type)
    if charset is not None and charset[1].lower() not in _UTF8_CHARSETS:
        raise unreadable(Flaw.OTHER_CHARSET)
    try:
        text = answer.body.decode()
    except UnicodeDecodeError as error:
        raise unreadable(Flaw.CUT_SHORT if error.reason == "unexpected end of data" else Flaw.NOT_UTF8) from error
    if text.lstrip().startswith("<"):
        raise unreadable(Flaw.HTML)
    return _parse_object(text)


def check_return_code(reply: AnswerObject, field: str, all_is_well: str, reasons: Mapping[str, ReasonId]) -> None:
    """Check that the return code under ``field`` is ``all_is_well``.

    Raises the reason that ``reasons`` has for any other, SOURCE_REFUSED for one that it has not; only
    a code of the closed list is repeated in what is said of it.
    """
    return_code = reply.word(field)
    if return_code != all_is_well:
        told = return_code if return_code in reasons else "not listed"
        raise refusal(reasons.get(return_code, ReasonId.SOURCE_REFUSED), f"return code {told}")


def check_record_behind(told: SourceAnswer) -> SourceAnswer:
    """Return ``told`` if anything in it comes from a person's record: a name, an id or a moment.

    A status without any of them is what a back end answers whose records are away: a default, which would
    admit or condemn whoever shows a code. Raises Undecidable(SOURCE_UNREADABLE).
    """
    if told.status and not (told.masked_name or told.person_ref or told.refreshed_at or told.since):
        raise unreadable(Flaw.NO_RECORD_BEHIND)
    return told


def unreadable(detail: str) -> Undecidable:
    """Return the error for an answer that cannot be read. ``detail`` holds nothing of the answer's values."""
    return Undecidable(ReasonId.SOURCE_UNREADABLE, detail)


def _parse_object(text: str) -> AnswerObject:
    try:
        value = json.loads(text, object_pairs_hook=_object_of_pairs, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise unreadable(Flaw.TOO_DEEP) from error
    except ValueError as error:
        begun = text.lstrip().startswith("{") and not text.rstrip().endswith("}")
        raise unreadable(Flaw.CUT_SHORT if begun else Flaw.NOT_JSON) from error
    if not isinstance(value, dict):
        raise unreadable(Flaw.NOT_AN_OBJECT)
    _check_depth(value)
    return AnswerObject(value)


def _object_of_pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise unreadable(Flaw.FIELD_TWICE)
    return values


def _refuse_constant(constant: str) -> None:
    raise unreadable(f"{constant} is not JSON")


def _check_depth(value: object) -> None:
    level: list[object] = [value]
    for _ in range(JSON_MAX_DEPTH):
        inner: list[object] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        if not inner:
            return
        level = inner
    raise unreadable(Flaw.TOO_DEEP)
