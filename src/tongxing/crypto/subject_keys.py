"""Subject keys: keyed pseudonyms of documents.

A document number can be enumerated (a place, a birthday, four digits), so a plain hash of it would be the
number itself to anybody patient. A subject key is an HMAC under a secret that only the hub's key
service holds; its first byte tells the secret's version, so that two versions may live side by side
while a rotation lasts.

Specs: RFC 2104 with SHA-256; GB 11643-1999 (ISO 7064, MOD 11-2) for the resident number's check digit.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document, DocumentType, SubjectKey, SubjectKeys
from tongxing.crypto.digests import hmac_sha256
from tongxing.crypto.suites import KeyRefused

SECRET_MIN_BYTES: Final = 32
NUMBER_MAX_CHARACTERS: Final = 32

_VERSION_MAX: Final = 255
_DOMAIN: Final = b"tongxing subject key"
_NUMBER_MIN_CHARACTERS: Final = 4
_RESIDENT_CHARACTERS: Final = 18
_CHECK_CHARACTERS: Final = "10X98765432"
_WEIGHTS: Final = tuple(pow(2, 17 - place, 11) for place in range(17))


@dataclass(frozen=True, slots=True)
class SubjectSecret:
    """The key service's secret: a version of 1 to 255 and at least 32 bytes. Raises ``KeyRefused``."""

    version: int
    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.version <= _VERSION_MAX or len(self.raw) < SECRET_MIN_BYTES:
            raise KeyRefused("a subject secret has a version of 1 to 255 and at least 32 bytes")


def derive_subject_key(secret: SubjectSecret, document: Document) -> SubjectKey:
    """Return the subject key of a normalised document: one byte version, then 32 bytes of HMAC-SHA256."""
    parts = (_DOMAIN, document.type.value.encode(), document.number.encode())
    # Each part is preceded by its length, so that no two documents give the same bytes.
    message = b"".join(len(part).to_bytes(2, "big") + part for part in parts)
    return SubjectKey(bytes((secret.version,)) + hmac_sha256(secret.raw, message))


def derive_subject_keys(secrets: Sequence[SubjectSecret], document: Document) -> SubjectKeys:
    """Return the keys of a normalised document under each secret that counts, in their order."""
    return tuple(derive_subject_key(secret, document) for secret in secrets)


def normalise_document(type_text: str, number_text: str) -> Document:
    """Return the one form of a document: full-width digits made plain, spaces and hyphens out, capitals.

    Raises ``Refused(BAD_REQUEST)`` for an unknown type, a number that is not of 4 to 32 letters and
    digits, or a resident number whose birthday or check digit is wrong. The detail never repeats
    the number.
    """
    try:
        document_type = DocumentType(type_text)
    except ValueError as error:
        raise Refused(ProblemId.BAD_REQUEST, "an unknown document type") from error
    if len(number_text) > 2 * NUMBER_MAX_CHARACTERS:
        raise Refused(ProblemId.BAD_REQUEST, "the document number is too long")
    plain = unicodedata.normalize("NFKC", number_text).upper()
    number = "".join(character for character in plain if not character.isspace() and character != "-")
    if not _NUMBER_MIN_CHARACTERS <= len(number) <= NUMBER_MAX_CHARACTERS:
        raise Refused(ProblemId.BAD_REQUEST, "the document number has 4 to 32 characters")
    if not number.isascii() or not number.isalnum():
        raise Refused(ProblemId.BAD_REQUEST, "the document number has letters and digits only")
    if document_type is DocumentType.RESIDENT_ID and not is_resident_number(number):
        raise Refused(ProblemId.BAD_REQUEST, "not a resident number: its birthday or check digit is wrong")
    return Document(document_type, number)


def is_resident_number(number: str) -> bool:
    """True if 18 characters form a resident number with a real birthday and the right check digit."""
    body, check = number[:17], number[17:]
    if len(number) != _RESIDENT_CHARACTERS or not body.isascii() or not body.isdecimal():
        return False
    try:
        date(int(body[6:10]), int(body[10:12]), int(body[12:14]))
    except ValueError:
        return False
    return check == resident_check_character(body)


def resident_check_character(body: str) -> str:
    """Return the 18th character for the first 17 digits. Spec: GB 11643-1999, ISO 7064 MOD 11-2."""
    return _CHECK_CHARACTERS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True)) % 11]
