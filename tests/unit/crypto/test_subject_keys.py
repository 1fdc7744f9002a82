import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SUBJECT_KEY_BYTES, Document, DocumentType
from tongxing.crypto.subject_keys import (
    SubjectSecret,
    derive_subject_key,
    derive_subject_keys,
    is_resident_number,
    normalise_document,
    resident_check_character,
)
from tongxing.crypto.suites import KeyRefused

SECRET = SubjectSecret(1, bytes(range(32)))
BODY = "99010119900307101"
RESIDENT = BODY + resident_check_character(BODY)


def test_a_subject_key_is_its_version_and_an_hmac_over_type_and_number() -> None:
    key = derive_subject_key(SECRET, Document(DocumentType.PASSPORT, "E99000001"))
    message = b"\x00\x14tongxing subject key\x00\x0220\x00\x09E99000001"
    assert key == b"\x01" + hmac.digest(SECRET.raw, message, hashlib.sha256)
    assert len(key) == SUBJECT_KEY_BYTES


def test_type_number_secret_and_version_each_change_the_subject_key() -> None:
    document = Document(DocumentType.PASSPORT, "E99000001")
    keys = {
        derive_subject_key(SECRET, document),
        derive_subject_key(SubjectSecret(2, SECRET.raw), document),
        derive_subject_key(SubjectSecret(1, bytes(32)), document),
        derive_subject_key(SECRET, Document(DocumentType.TAIWAN_PERMIT, "E99000001")),
        derive_subject_key(SECRET, Document(DocumentType.PASSPORT, "E99000002")),
    }
    assert len(keys) == 5


@pytest.mark.parametrize(("version", "length"), [(0, 32), (256, 32), (-1, 32), (1, 31), (1, 0)])
def test_a_secret_out_of_bounds_is_refused(version: int, length: int) -> None:
    with pytest.raises(KeyRefused):
        SubjectSecret(version, bytes(length))


def test_a_secret_does_not_show_itself() -> None:
    assert repr(SECRET.raw) not in repr(SECRET)


@pytest.mark.parametrize(
    "typed",
    [
        RESIDENT,
        f"  {RESIDENT}\n",
        f"{RESIDENT[:6]} {RESIDENT[6:14]} {RESIDENT[14:]}",
        f"{RESIDENT[:6]}-{RESIDENT[6:14]}-{RESIDENT[14:]}",
        RESIDENT.lower(),
        "".join(chr(ord(character) + 0xFEE0) for character in RESIDENT),
    ],
)
def test_one_document_has_one_form_however_it_was_typed(typed: str) -> None:
    assert normalise_document("10", typed) == Document(DocumentType.RESIDENT_ID, RESIDENT)


@pytest.mark.parametrize(
    ("type_text", "number"),
    [
        pytest.param("10", RESIDENT[:-1] + ("1" if RESIDENT[-1] != "1" else "2"), id="wrong check digit"),
        pytest.param("10", RESIDENT[:-1], id="17 digits"),
        pytest.param("10", RESIDENT + "0", id="19 digits"),
        pytest.param("10", "990101199013071" + "01X", id="month 13"),
        pytest.param("10", "99010119900230101" + resident_check_character("99010119900230101"), id="30 February"),
        pytest.param("10", "9901011990030710X5", id="X inside"),
        pytest.param("99", RESIDENT, id="unknown type"),
        pytest.param("", RESIDENT, id="no type"),
        pytest.param("20", "", id="empty"),
        pytest.param("20", "   ", id="spaces"),
        pytest.param("20", "E99", id="too short"),
        pytest.param("20", "E" * 33, id="too long"),
        pytest.param("20", "E" * 1_000_000, id="far too long"),
        pytest.param("20", "E9900;DROP", id="punctuation"),
        pytest.param("20", "张三0001", id="not Latin"),
        pytest.param("20", "٣٣٣٣٣٣", id="digits of another script"),
        pytest.param("20", "E99\x000001", id="a control character"),
    ],
)
def test_what_is_no_document_is_refused_without_repeating_it(type_text: str, number: str) -> None:
    with pytest.raises(Refused) as refused:
        normalise_document(type_text, number)
    assert refused.value.problem is ProblemId.BAD_REQUEST
    assert number.strip() == "" or number not in str(refused.value)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_normalised_for_good_or_refused(type_text: str, number: str) -> None:
    try:
        document = normalise_document(type_text, number)
    except Refused:
        return
    assert normalise_document(document.type.value, document.number) == document


@given(st.from_regex(r"99[0-9]{4}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[0-9]{3}", fullmatch=True))
def test_the_check_character_makes_the_weighted_sum_one_modulo_eleven(body: str) -> None:
    check = resident_check_character(body)
    digits = [*(int(digit) for digit in body), 10 if check == "X" else int(check)]
    assert sum(digit * 2 ** (17 - place) for place, digit in enumerate(digits)) % 11 == 1
    assert is_resident_number(body + check)


@given(st.integers(0, 16), st.integers(1, 9))
def test_no_single_wrong_digit_passes_the_check(place: int, shift: int) -> None:
    wrong = str((int(RESIDENT[place]) + shift) % 10)
    assert not is_resident_number(RESIDENT[:place] + wrong + RESIDENT[place + 1 :])


def test_each_version_that_counts_gives_a_key_of_its_own_in_the_given_order() -> None:
    newer, document = SubjectSecret(2, bytes(range(1, 33))), Document(DocumentType.PASSPORT, "E99000001")
    keys = derive_subject_keys((newer, SECRET), document)
    assert keys == (derive_subject_key(newer, document), derive_subject_key(SECRET, document))
    assert [key[0] for key in keys] == [2, 1]
    assert derive_subject_keys((), document) == ()
