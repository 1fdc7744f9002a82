"""Masking: what of a name or document may be shown (facts, A: surname only; first and last two of the number)."""

import unicodedata
from typing import Final

HINT_MAX_CHARACTERS = 8
MASKED_WHOLE_BELOW_CHARACTERS = 6

_DRAWN_WITH_ANOTHER: Final = frozenset({"Mn", "Mc", "Me", "Cf"})


def mask_name(name: str) -> str:
    """Keep the first character and say how many follow: ``张三丰`` → ``张**``; at most eight characters.

    An accent belongs to its letter, in whichever form it came. Of a first character of a system's own, which others
    cannot draw, nothing is kept.
    """
    drawn = [each for each in unicodedata.normalize("NFC", name.strip()) if not _is_drawn_with_another(each)]
    if not drawn:
        return ""
    first = "*" if unicodedata.category(drawn[0]) in {"Co", "Cs", "Cc"} else drawn[0]
    return (first + "*" * (len(drawn) - 1))[:HINT_MAX_CHARACTERS]


def _is_drawn_with_another(character: str) -> bool:
    return unicodedata.category(character) in _DRAWN_WITH_ANOTHER


def mask_document_number(number: str) -> str:
    """Keep the first and last two characters of a number of at least six; mask shorter ones whole."""
    if len(number) < MASKED_WHOLE_BELOW_CHARACTERS:
        return "*" * len(number)
    return f"{number[:2]}{'*' * (len(number) - 4)}{number[-2:]}"
