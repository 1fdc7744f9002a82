"""People's names: one form to compare, and what comparing two of them can say.

Two registers rarely write a name alike: capitals, spaces, hyphens, accents, the order of surname and
given name, the dot in minorities' names. What only differs in writing is ``SAME``; what becomes the same by
transliteration or in another order is ``LIKELY``: a person decides, never this room. A name in Chinese
characters and one in Latin letters are ``OTHER_SCRIPT``: many names are read alike, so nothing is said.

Traditional and simplified characters are not folded: they are two characters of two registers, and folding
would make different names one. A character of the private use areas shows whatever a system drew for it, so
such a name is refused with that reason.

Specs: Unicode NFC, NFKC and NFKD; ICAO 9303-3, section 6, table A (Latin letters).
"""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import Sentence

NAME_MAX_CHARACTERS: Final = 128
NAME_DOT: Final = "·"
"""U+00B7, the one form of the dot between the parts of a name."""

_DOTS: Final = str.maketrans(dict.fromkeys("•・‧∙⋅●", NAME_DOT))
_APOSTROPHES: Final = str.maketrans(dict.fromkeys("’‘ʼʻ`´", "'"))
_IDEOGRAPHIC_ZERO: Final = "〇"
_IDEOGRAPHIC_PLANES: Final = range(0x20000, 0x40000)
_CJK: Final = "CJK"
_COMBINING: Final = frozenset({"Mn", "Mc", "Me"})


class NameFault(StrEnum):
    """Why a text is not taken as a name. One reason each."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    PRIVATE_CHARACTER = "private_character"
    CHARACTERS = "characters"


NAME_FAULT_WORDS: Final[Mapping[NameFault, Sentence]] = MappingProxyType(
    {
        NameFault.EMPTY: Sentence("没有填姓名", "the name is missing"),
        NameFault.TOO_LONG: Sentence("姓名过长", "the name is too long"),
        NameFault.PRIVATE_CHARACTER: Sentence(
            "姓名中有自造字，各系统显示不同；请用标准字符",
            "the name has a character of a system's own, which others cannot read; use the standard one",
        ),
        NameFault.CHARACTERS: Sentence(
            "姓名只有文字、空格、连字符和间隔号", "a name has letters, spaces, hyphens, apostrophes and dots only"
        ),
    }
)


class NameRefused(Refused):
    """A text that is no name, for ``fault``. The detail never repeats it."""

    def __init__(self, fault: NameFault) -> None:
        said = NAME_FAULT_WORDS[fault]
        super().__init__(ProblemId.BAD_REQUEST, f"{said.en} ({said.zh})")
        self.fault = fault


class NameMatch(StrEnum):
    """What comparing two names says. Only ``SAME`` is the same; never a bool: compare it."""

    SAME = "same"
    LIKELY = "likely"
    OTHER_SCRIPT = "other_script"
    DIFFERS = "differs"


MATCH_WORDS: Final[Mapping[NameMatch, Sentence]] = MappingProxyType(
    {
        NameMatch.SAME: Sentence("姓名一致", "the names are the same"),
        NameMatch.LIKELY: Sentence(
            "姓名写法不同，可能是同一人，请人工核对",
            "the names are written differently and may be one; look at the document",
        ),
        NameMatch.OTHER_SCRIPT: Sentence(
            "一处为汉字、一处为其他文字，无法自动比对，请人工核对",
            "the names are in two scripts and cannot be compared; look at the document",
        ),
        NameMatch.DIFFERS: Sentence("姓名不一致", "the names differ"),
    }
)  # fmt: skip

ICAO_LETTERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "Ä": ("AE", "A"),
        "Å": ("AA", "A"),
        "Æ": ("AE",),
        "Ð": ("D",),
        "Đ": ("D",),
        "Ħ": ("H",),
        "Ł": ("L",),
        "Ñ": ("N", "NXX"),
        "Ŋ": ("N",),
        "Ö": ("OE", "O"),
        "Ø": ("OE",),
        "Œ": ("OE",),
        "Þ": ("TH",),
        "Ŧ": ("T",),
        "Ü": ("UE", "UXX", "U"),
        "ẞ": ("SS",),
    }
)
"""How passports write letters beyond A to Z in the lines that machines read. Spec: ICAO 9303-3, 6A."""


_WAYS_OF_WRITING: Final = 3
"""The most ways that ``ICAO_LETTERS`` has for one letter; a name is written in one way throughout."""


def normalise_name(text: str) -> str:
    """Return a name in its one form; case, accents and order stay. Raises ``NameRefused`` with the first fault.

    Full-width letters are made plain, all dots one dot, all hyphens one, spaces single and none beside a dot or
    between Chinese characters.
    """
    if len(text) > NAME_MAX_CHARACTERS:
        raise NameRefused(NameFault.TOO_LONG)
    plain = unicodedata.normalize("NFKC", text.translate(_DOTS).translate(_APOSTROPHES)).translate(_DOTS)
    if len(plain) > NAME_MAX_CHARACTERS:
        raise NameRefused(NameFault.TOO_LONG)
    parts = [_read_character(each) for each in plain]
    spaced = " ".join(_dot_among_ideographs("".join(parts)).split())
    spaced = re.sub(rf" ?({NAME_DOT}) ?", r"\1", spaced)
    name = "".join(each for place, each in enumerate(spaced) if not _is_needless_space(spaced, place))
    if not any(map(_is_letter, name)):
        raise NameRefused(NameFault.EMPTY)
    return name


def compare_names(left: str, right: str) -> NameMatch:
    """Say whether two names are one, may be, differ, or cannot be compared. Raises ``NameRefused`` for either."""
    names = (normalise_name(left), normalise_name(right))
    one, other = map(_as_written, names)
    if one == other:
        return NameMatch.SAME
    scripts, other_scripts = map(_scripts_of, names)
    if scripts != other_scripts:
        return NameMatch.OTHER_SCRIPT
    if _transliterations(names[0]) & _transliterations(names[1]):
        return NameMatch.LIKELY
    return NameMatch.DIFFERS


def _read_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Co":
        raise NameRefused(NameFault.PRIVATE_CHARACTER)
    if character.isspace() or character == ",":
        return " "
    if category == "Pd":
        return "-"
    if _is_letter(character) or category in _COMBINING or character in {NAME_DOT, ".", "'"}:
        return character
    raise NameRefused(NameFault.CHARACTERS)


def _is_letter(character: str) -> bool:
    return unicodedata.category(character).startswith("L") or _is_ideograph(character)


def _is_ideograph(character: str) -> bool:
    if character == _IDEOGRAPHIC_ZERO or unicodedata.name(character, "").startswith(_CJK):
        return True
    # Planes 2 and 3 are set aside for ideographs; Python may be older than the newest of them.
    is_character = ord(character) & 0xFFFE != 0xFFFE  # noqa: PLR2004 - the last two of each plane are none
    return is_character and ord(character) in _IDEOGRAPHIC_PLANES and unicodedata.category(character) == "Cn"


def _dot_among_ideographs(text: str) -> str:
    """Turn a full stop between Chinese characters into the dot of a name, any other into a space."""

    def is_between(place: int) -> bool:
        around = text[place - 1 : place] + text[place + 1 : place + 2]
        return len(around) > 1 and all(map(_is_ideograph, around))

    return "".join(each if each != "." else (NAME_DOT if is_between(place) else " ") for place, each in enumerate(text))


def _is_needless_space(text: str, place: int) -> bool:
    return text[place] == " " and _is_ideograph(text[place - 1]) and _is_ideograph(text[place + 1])


def _scripts_of(name: str) -> frozenset[str]:
    letters = filter(_is_letter, name)
    return frozenset(_CJK if _is_ideograph(each) else unicodedata.name(each).split()[0] for each in letters)


def _as_written(name: str) -> str:
    """Return what is the same however a name was written: no case, a hyphen as a space, no apostrophe."""
    return unicodedata.normalize("NFC", name.casefold()).replace("-", " ").replace("'", "")


def _transliterations(name: str) -> frozenset[tuple[str, ...]]:
    """Return each way of writing a name in bare letters: its parts sorted, and all of them in one."""
    ways = set()
    for way in range(_WAYS_OF_WRITING):
        bare = "".join(_bare(each, way) for each in unicodedata.normalize("NFC", name.upper()))
        parts = [part for part in re.split(rf"[ \-{NAME_DOT}]+", bare.replace("'", "")) if part]
        ways |= {tuple(sorted(parts)), ("".join(parts),)}
    return frozenset(ways)


def _bare(character: str, way: int) -> str:
    ways = ICAO_LETTERS.get(character)
    if ways is not None:
        return ways[min(way, len(ways) - 1)]
    decomposed = unicodedata.normalize("NFKD", character)
    return "".join(each for each in decomposed if unicodedata.category(each) not in _COMBINING)
