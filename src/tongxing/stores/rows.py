"""What every SQL store does to values on their way into columns and back: bounds and moments."""

from datetime import UTC, datetime, timedelta
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SUBJECT_KEY_BYTES, SUBJECT_KEYS_MAX, SubjectKeys

TEXT_MAX_CHARACTERS: Final = 1_024

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_A_DAY: Final = 86_400


def check_text(name: str, value: str, max_characters: int = TEXT_MAX_CHARACTERS) -> None:
    """Raise Refused(BAD_REQUEST) for a text that is too long, or holds a lone surrogate or U+0000."""
    if len(value) > max_characters:
        raise Refused(ProblemId.BAD_REQUEST, f"{name} has {len(value)} characters, at most {max_characters} are kept")
    if "\0" in value:
        raise Refused(ProblemId.BAD_REQUEST, f"{name} holds a U+0000, which not every store can keep")
    if value.isascii():
        return
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Refused(ProblemId.BAD_REQUEST, f"{name} is not Unicode") from error


def check_bytes(name: str, value: bytes, min_bytes: int, max_bytes: int) -> None:
    """Raise Refused(BAD_REQUEST) unless ``value`` has from ``min_bytes`` to ``max_bytes`` bytes."""
    if not min_bytes <= len(value) <= max_bytes:
        raise Refused(ProblemId.BAD_REQUEST, f"{name} has {len(value)} bytes, from {min_bytes} to {max_bytes} are kept")


def check_subject(value: bytes) -> None:
    """Raise Refused(BAD_REQUEST) unless ``value`` has the length of a subject key."""
    check_bytes("the subject key", value, SUBJECT_KEY_BYTES, SUBJECT_KEY_BYTES)


def check_subject_keys(keys: SubjectKeys) -> None:
    """Raise Refused(BAD_REQUEST) unless ``keys`` are one to ``SUBJECT_KEYS_MAX`` subject keys."""
    if not 0 < len(keys) <= SUBJECT_KEYS_MAX:
        raise Refused(ProblemId.BAD_REQUEST, f"a subject has 1 to {SUBJECT_KEYS_MAX} keys")
    for key in keys:
        check_subject(key)


def encode_moment(moment: datetime) -> int:
    """Return microseconds since 1970-01-01 UTC; a naive moment is a programming error (TypeError)."""
    since = moment - _EPOCH  # put together by hand: to divide by a microsecond takes twice as long
    return (since.days * _SECONDS_A_DAY + since.seconds) * 1_000_000 + since.microseconds


def parse_moment(microseconds: int) -> datetime:
    """Return the moment as aware UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)
