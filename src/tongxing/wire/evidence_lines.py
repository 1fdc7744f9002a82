"""A piece of a dataset on one line of JSON, as its owner's batches carry it.

``{"subject": "01…", "kind": "test", "ref": "T-1", "revision": 1, "since_seconds": …, "result": "negative"}``: whom by
subject key in hexadecimal, never by document; times in whole unix seconds; a part that is not there is left out.
Which parts a dataset's rows have is not told here but by ``core.datasets``. ``encode_evidence_line`` writes the members
in one order, so that the same piece is always the same line; a name is not part of the piece.
"""

from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec

from tongxing.core.causes import Cause
from tongxing.core.evidence import Evidence, EvidenceKind, ProofResult
from tongxing.core.subjects import SUBJECT_KEY_BYTES, SubjectKey
from tongxing.wire.cbor import WireError
from tongxing.wire.reports import REVISION_MAX, encode_seconds, parse_seconds
from tongxing.wire.strict_json import parse_strict_json

LINE_MAX_BYTES: Final = 4 * 1024
REF_MAX_CHARACTERS: Final = 64
NAME_MAX_CHARACTERS: Final = 128
NUMBERS: Final = "a row names its person by subject key; document numbers stand beside no status"
"""Why a row with a document is not taken: its sender asks the key service first, as ``tongxing ingest`` does."""

_NEEDED: Final = frozenset({"subject", "kind", "ref", "revision", "since_seconds"})
_KNOWN: Final = _NEEDED | {"until_seconds", "division", "cause", "result", "retracted", "name"}
_DIVISION_DIGITS: Final = (2, 4, 6)

_encode = msgspec.json.Encoder().encode
_Word = TypeVar("_Word", bound=StrEnum)


def encode_evidence_line(subject: SubjectKey, piece: Evidence) -> bytes:
    """Return the line of a piece, without its end; times are cut to seconds."""
    row: dict[str, object] = {
        "subject": subject.hex(),
        "kind": piece.kind.value,
        "ref": piece.ref,
        "revision": piece.revision,
        "since_seconds": encode_seconds(piece.since),
    }
    if piece.until is not None:
        row["until_seconds"] = encode_seconds(piece.until)
    for part in ("division", "cause", "result"):
        if (said := getattr(piece, part)) is not None:
            row[part] = said
    if piece.retracted:
        row["retracted"] = True
    return _encode(row)


def parse_evidence_line(line: bytes) -> tuple[SubjectKey, Evidence, str]:
    """Read a line of at most ``LINE_MAX_BYTES`` bytes: whose piece, the piece, and a name, empty where none is given.

    Raises ``WireError``, whose sentence quotes nothing of it.
    """
    row = parse_strict_json(line, LINE_MAX_BYTES)
    if not isinstance(row, dict):
        raise WireError("a row is an object")
    if "document" in row:
        raise WireError(NUMBERS)
    if not _NEEDED <= row.keys() <= _KNOWN:
        raise WireError(f"a row has {', '.join(sorted(_NEEDED))}, and nothing unknown")
    piece = Evidence(
        kind=_parse_word(EvidenceKind, row["kind"]),
        ref=_parse_text("ref", row["ref"], REF_MAX_CHARACTERS),
        revision=_parse_revision(row["revision"]),
        since=parse_seconds(row["since_seconds"]),
        until=parse_seconds(row["until_seconds"]) if "until_seconds" in row else None,
        division=_parse_division(row["division"]) if "division" in row else None,
        cause=_parse_word(Cause, row["cause"]) if "cause" in row else None,
        retracted=_parse_flag(row),
        result=_parse_word(ProofResult, row["result"]) if "result" in row else None,
    )
    name = _parse_text("name", row["name"], NAME_MAX_CHARACTERS) if "name" in row else ""
    return _parse_subject(row["subject"]), piece, name


def _parse_subject(value: object) -> SubjectKey:
    try:
        if isinstance(value, str) and value.isalnum():  # what fromhex reads may hold spaces
            subject = bytes.fromhex(value)
            if len(subject) == SUBJECT_KEY_BYTES:
                return SubjectKey(subject)
    except ValueError as wrong:
        raise WireError("a subject key is hexadecimal") from wrong
    raise WireError(f"a subject key is {SUBJECT_KEY_BYTES} bytes in hexadecimal")


def _parse_word(words: type[_Word], value: object) -> _Word:
    try:
        if isinstance(value, str):
            return words(value)
    except ValueError as error:
        raise WireError(f"not a known {words.__name__}") from error
    raise WireError(f"a {words.__name__} is a text")


def _parse_text(name: str, value: object, longest: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
        raise WireError(f"a {name} is a text of 1 to {longest} printable characters")
    return value


def _parse_revision(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= REVISION_MAX:
        raise WireError("a revision is a whole number")
    return value


def _parse_division(value: object) -> str:
    if not isinstance(value, str) or len(value) not in _DIVISION_DIGITS or not value.isascii() or not value.isdecimal():
        raise WireError("a division has 2, 4 or 6 digits")
    return value


def _parse_flag(row: dict[str, Any]) -> bool:
    said = row.get("retracted", False)
    if not isinstance(said, bool):  # false, too: a file of columns has one for every row
        raise WireError("retracted is true or false")
    return said
