"""Identity documents: which there are, what their numbers look like, and the one form of each.

What is typed at a gate or sent by a region's back end becomes one form, so that the same document has the
same subject key everywhere. Each fault is told by itself and never repeats the number.

``NUMBER_FORMS`` is the grammar: each form says which part of the number stays. A permit of Hong Kong,
Macao or Taiwan residents keeps a lifelong number while what follows it counts the renewals, so only the former
stays. A passport's number is unique only within its country: a foreign one is ``USA:912345678``.

Synthetic documents, of nobody: numbers that name a place take a division that does not exist: 99xxxx for
residents, 8199xx, 8299xx or 8399xx for the residence permit, 999 and the nationality for permanent residence.

Specs: GB 11643-1999 (ISO 7064, MOD 11-2); ISO 3166-1; ICAO 9303-3, section 5, for codes that are no country's.
Forms marked *assumed* are as commonly known: no specification of them was at hand.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import iso3166

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.provinces import PROVINCE_NAMES
from tongxing.core.subjects import Document, DocumentType
from tongxing.core.words import Sentence

NUMBER_MAX_CHARACTERS: Final = 32

DOCUMENT_WORDS: Final[Mapping[DocumentType, Sentence]] = MappingProxyType(
    {
        DocumentType.RESIDENT_ID: Sentence("居民身份证", "resident identity card"),
        DocumentType.HONG_KONG_MACAO_PERMIT: Sentence(
            "港澳居民来往内地通行证", "permit of Hong Kong and Macao residents"
        ),
        DocumentType.TAIWAN_PERMIT: Sentence("台湾居民来往大陆通行证", "permit of Taiwan residents"),
        DocumentType.ONE_TIME_TAIWAN_PERMIT: Sentence(
            "一次有效台湾居民来往大陆通行证", "permit of Taiwan residents for one journey"
        ),
        DocumentType.RESIDENCE_PERMIT: Sentence(
            "港澳台居民居住证", "residence permit of Hong Kong, Macao and Taiwan residents"
        ),
        DocumentType.PASSPORT: Sentence("护照", "passport"),
        DocumentType.FOREIGN_PERMANENT_RESIDENCE: Sentence(
            "外国人永久居留身份证", "foreigners' permanent residence card"
        ),
    }
)


class DocumentFault(StrEnum):
    """What is wrong with a document as it was given. One reason each."""

    TYPE_UNKNOWN = "type_unknown"
    TYPE_UNEXPLAINED = "type_unexplained"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    CHARACTERS = "characters"
    LENGTH = "length"
    FIRST_GENERATION = "first_generation"
    FORM = "form"
    PLACE = "place"
    BIRTHDAY = "birthday"
    CHECK_DIGIT = "check_digit"
    COUNTRY_MISSING = "country_missing"
    COUNTRY_UNKNOWN = "country_unknown"
    PERMIT_NEEDED = "permit_needed"


FAULT_WORDS: Final[Mapping[DocumentFault, Sentence]] = MappingProxyType(
    {
        DocumentFault.TYPE_UNKNOWN: Sentence("没有这种证件类型", "an unknown document type"),
        DocumentFault.TYPE_UNEXPLAINED: Sentence(
            "这个证件类型代码的含义不明，请改用其他证件类型", "a document type whose meaning is not known; name another"
        ),
        DocumentFault.EMPTY: Sentence("没有填证件号码", "the document number is missing"),
        DocumentFault.TOO_LONG: Sentence("证件号码过长", "the document number is too long"),
        DocumentFault.CHARACTERS: Sentence("证件号码只有字母和数字", "the document number has letters and digits only"),
        DocumentFault.LENGTH: Sentence("号码应为18位", "the number has 18 characters"),
        DocumentFault.FIRST_GENERATION: Sentence(
            "15位的一代证号码已停用，请填18位号码", "numbers of 15 digits ended in 2013; give the one of 18"
        ),
        DocumentFault.FORM: Sentence("号码不是这种证件的格式", "the number is not of the form that this document has"),
        DocumentFault.PLACE: Sentence("号码开头的地区不存在", "the number begins with a place that does not exist"),
        DocumentFault.BIRTHDAY: Sentence("号码中的出生日期不存在", "the birthday in the number does not exist"),
        DocumentFault.CHECK_DIGIT: Sentence(
            "号码有误：校验码不符", "a digit of the number is wrong: its check digit does not fit"
        ),
        DocumentFault.COUNTRY_MISSING: Sentence(
            "不是中国护照的号码；外国护照请在号码前写国家代码和冒号，如 USA:912345678",
            "not the number of a Chinese passport; before that of a foreign one write its country, as USA:912345678",
        ),
        DocumentFault.COUNTRY_UNKNOWN: Sentence("没有这个国家代码", "there is no country of that code"),
        DocumentFault.PERMIT_NEEDED: Sentence(
            "港澳台居民请使用来往内地（大陆）通行证或居住证",
            "residents of Hong Kong, Macao and Taiwan use their permit or residence permit",
        ),
    }
)  # fmt: skip


class DocumentRefused(Refused):
    """A document that is none, for ``fault``. The detail says so in words and never repeats the number."""

    def __init__(self, fault: DocumentFault) -> None:
        said = FAULT_WORDS[fault]
        super().__init__(ProblemId.BAD_REQUEST, f"{said.en} ({said.zh})")
        self.fault = fault


DOCUMENT_TYPE_NAMES: Final[Mapping[str, DocumentType | None]] = MappingProxyType(
    {
        **{each.value: each for each in DocumentType},
        "99": None,  # "other": a number of no known kind names nobody
        # A second vendor of gates; only the meaning of HMT was told, what stands here is what the letters say.
        "NI": DocumentType.RESIDENT_ID,
        "PP": DocumentType.PASSPORT,
        "PPOCR": DocumentType.PASSPORT,
        "HM": DocumentType.HONG_KONG_MACAO_PERMIT,
        "FR": DocumentType.FOREIGN_PERMANENT_RESIDENCE,
        "TP": None,
        "TW": None,
        "TB": None,
        "ID": None,
    }
)
"""What vendors call the types (facts, B). None: a name that is in use and whose meaning was not found."""

_CHECK_CHARACTERS: Final = "10X98765432"
_WEIGHTS: Final = tuple(pow(2, 17 - place, 11) for place in range(17))
_RESIDENT_CHARACTERS: Final = 18
_FIRST_GENERATION_CHARACTERS: Final = 15

_Check = Callable[[str], DocumentFault | None]


def _check_resident(number: str) -> DocumentFault | None:
    if len(number) == _FIRST_GENERATION_CHARACTERS and number.isdecimal():
        return DocumentFault.FIRST_GENERATION
    if len(number) != _RESIDENT_CHARACTERS:
        return DocumentFault.LENGTH
    if not number[:17].isdecimal() or number[17] not in _CHECK_CHARACTERS:
        return DocumentFault.FORM
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return DocumentFault.BIRTHDAY
    return None if number[17] == resident_check_character(number[:17]) else DocumentFault.CHECK_DIGIT


def _check_resident_id(number: str) -> DocumentFault | None:
    is_place = number[:2] in PROVINCE_NAMES or number.startswith("99")
    return _check_resident(number) or (None if is_place else DocumentFault.PLACE)


def _check_residence_permit(number: str) -> DocumentFault | None:
    is_place = re.match(r"8[123](?:0000|99[0-9]{2})", number) is not None
    return _check_resident(number) or (None if is_place else DocumentFault.PLACE)


def _check_permanent_residence(number: str) -> DocumentFault | None:
    if number[:1].isalpha():
        return None if is_country(number[:3]) else DocumentFault.COUNTRY_UNKNOWN
    if number[:1] != "9":
        return DocumentFault.FORM
    if fault := _check_resident(number):
        return fault
    if number[1:3] not in PROVINCE_NAMES and number[1:3] != "99":
        return DocumentFault.PLACE
    return None if number[3:6] in iso3166.countries_by_numeric else DocumentFault.COUNTRY_UNKNOWN


@dataclass(frozen=True, slots=True)
class NumberForm:
    """What a kind of number looks like: the group ``kept`` stays. ``check`` tells what a pattern cannot."""

    pattern: re.Pattern[str]
    check: _Check | None = None

    def read(self, number: str) -> str:
        """Return what stays of a number of capitals and digits. Raises ``DocumentRefused``."""
        fault = self.check(number) if self.check else None
        if fault:
            raise DocumentRefused(fault)
        found = self.pattern.fullmatch(number)
        if found is None:
            raise DocumentRefused(DocumentFault.FORM)
        return found["kept"]


_GB_11643: Final = re.compile(r"(?P<kept>[0-9]{17}[0-9X])")

NUMBER_FORMS: Final[Mapping[DocumentType, NumberForm]] = MappingProxyType(
    {
        DocumentType.RESIDENT_ID: NumberForm(_GB_11643, _check_resident_id),
        # Assumed: the lifelong number, then on cards before 2013 two digits that count the issues.
        DocumentType.HONG_KONG_MACAO_PERMIT: NumberForm(re.compile(r"(?P<kept>[HM][0-9]{8})(?:[0-9]{2})?")),
        # Assumed: the lifelong number, then in booklets before 2015 two digits that count the issues and a letter.
        DocumentType.TAIWAN_PERMIT: NumberForm(re.compile(r"(?P<kept>[0-9]{8})(?:[0-9]{2}[A-Z]?)?")),
        DocumentType.ONE_TIME_TAIWAN_PERMIT: NumberForm(re.compile(r"(?P<kept>[A-Z0-9]{8,12})")),  # assumed
        DocumentType.RESIDENCE_PERMIT: NumberForm(_GB_11643, _check_residence_permit),
        # Assumed, as for the card before 2023: nationality and twelve digits. Since then GB 11643 after a 9.
        DocumentType.FOREIGN_PERMANENT_RESIDENCE: NumberForm(
            re.compile(r"(?P<kept>[A-Z]{3}[0-9]{12}|9[0-9]{16}[0-9X])"), _check_permanent_residence
        ),
    }
)
"""The grammar of all but passports (``_read_passport``)."""

_CHINESE_PASSPORT: Final = re.compile(r"[EG][0-9]{8}|E[A-HJ-NP-Z][0-9]{7}|[DSP]E?[0-9]{7,8}|1[45][0-9]{7}")
"""Assumed: ordinary ones (14, 15, G, E), and D, S, P for diplomatic, service and public affairs."""
_FOREIGN_PASSPORT: Final = re.compile(r"[A-Z0-9]{3,12}")
"""ICAO 9303 has room for nine in the document number's field; longer ones go on in another."""
_BRACKETS: Final = str.maketrans("", "", "()")

_HOME: Final = "CHN"
_PERMIT_HOLDERS: Final = frozenset({"HKG", "MAC", "TWN"})
_ICAO_NAMES: Final[Mapping[str, str]] = MappingProxyType({"D": "DEU", "RKS": "XKX"})
_ICAO_ONLY: Final = frozenset(
    # Britain's five other nationalities, organisations, the stateless, refugees, others, and unspecified.
    ["GBD", "GBN", "GBO", "GBP", "GBS", "UNO", "UNA", "UNK", "EUE", "XOM", "XPO", "XXA", "XXB", "XXC", "XXX"]
)


def is_country(name: str) -> bool:
    """True if ``name`` is an ISO 3166-1 alpha-3 code or one of those that ICAO 9303-3, section 5, adds."""
    return name in iso3166.countries_by_alpha3 or name in _ICAO_ONLY


def normalise_document(
    type_text: str, number_text: str, *, types: Mapping[str, DocumentType | None] = DOCUMENT_TYPE_NAMES
) -> Document:
    """Return the one form of a document: full-width made plain, spaces and hyphens out, capitals, what is lifelong.

    The number of a residence permit or of a permanent residence card that was given as a resident's is what
    it is: the number itself says so. Raises ``DocumentRefused`` with the first fault.
    """
    document_type = _read_type(type_text, types)
    number = _plain(number_text)
    if document_type is DocumentType.PASSPORT:
        return Document(document_type, _read_passport(number))
    if document_type is DocumentType.TAIWAN_PERMIT:
        number = number.translate(_BRACKETS)
    if not number.isalnum():
        raise DocumentRefused(DocumentFault.CHARACTERS)
    if document_type is DocumentType.RESIDENT_ID and len(number) == _RESIDENT_CHARACTERS:
        document_type = _type_by_number(number)
    return Document(document_type, NUMBER_FORMS[document_type].read(number))


def is_resident_number(number: str) -> bool:
    """True if 18 characters form a resident number with a real birthday and the right check digit."""
    return number.isascii() and _check_resident(number) is None


def resident_check_character(body: str) -> str:
    """Return the 18th character for the first 17 digits. Spec: GB 11643-1999, ISO 7064 MOD 11-2."""
    return _CHECK_CHARACTERS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True)) % 11]


def _read_type(text: str, types: Mapping[str, DocumentType | None]) -> DocumentType:
    if text not in types:
        raise DocumentRefused(DocumentFault.TYPE_UNKNOWN)
    document_type = types[text]
    if document_type is None:
        raise DocumentRefused(DocumentFault.TYPE_UNEXPLAINED)
    return document_type


def _plain(text: str) -> str:
    """Return ASCII capitals, digits, brackets and colons; what stands for a hyphen or a space is out."""
    if len(text) > 2 * NUMBER_MAX_CHARACTERS:
        raise DocumentRefused(DocumentFault.TOO_LONG)
    plain = unicodedata.normalize("NFKC", text).upper()
    number = "".join(each for each in plain if not each.isspace() and unicodedata.category(each) != "Pd")
    if not number:
        raise DocumentRefused(DocumentFault.EMPTY)
    if len(number) > NUMBER_MAX_CHARACTERS:
        raise DocumentRefused(DocumentFault.TOO_LONG)
    if not re.fullmatch(r"[A-Z0-9():]+", number):
        raise DocumentRefused(DocumentFault.CHARACTERS)
    return number


def _type_by_number(number: str) -> DocumentType:
    if number[:2] in {"81", "82", "83"}:
        return DocumentType.RESIDENCE_PERMIT
    if number[0] == "9" and number[1:3] in PROVINCE_NAMES:
        return DocumentType.FOREIGN_PERMANENT_RESIDENCE
    return DocumentType.RESIDENT_ID


def _read_passport(number: str) -> str:
    country, colon, own = number.rpartition(":")
    if not own.isalnum() or (colon and not country.isalnum()):
        raise DocumentRefused(DocumentFault.CHARACTERS)
    if colon:
        country = _find_country(country)
    if country in _PERMIT_HOLDERS:
        raise DocumentRefused(DocumentFault.PERMIT_NEEDED)
    if country in {"", _HOME}:
        if _CHINESE_PASSPORT.fullmatch(own):
            return own
        raise DocumentRefused(DocumentFault.FORM if country else DocumentFault.COUNTRY_MISSING)
    if not _FOREIGN_PASSPORT.fullmatch(own) or own.isalpha():
        raise DocumentRefused(DocumentFault.FORM)
    return f"{country}:{own}"


def _find_country(text: str) -> str:
    """Return the three letters of a country given by two or three."""
    name = _ICAO_NAMES.get(text, text)
    if name in iso3166.countries_by_alpha2:
        name = iso3166.countries_by_alpha2[name].alpha3
    if not is_country(name):
        raise DocumentRefused(DocumentFault.COUNTRY_UNKNOWN)
    return name
