import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tongxing.core.documents import (
    DOCUMENT_TYPE_NAMES,
    DOCUMENT_WORDS,
    FAULT_WORDS,
    DocumentFault,
    DocumentRefused,
    is_resident_number,
    normalise_document,
    resident_check_character,
)
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document, DocumentType


def checked(body: str) -> str:
    return body + resident_check_character(body)


RESIDENT = checked("99010119900307901")
RESIDENCE_PERMIT = checked("81990019900307101")
NEW_CARD = checked("99984019900307101")


@pytest.mark.parametrize(
    "typed",
    [
        RESIDENT,
        f"  {RESIDENT}\n",
        f"{RESIDENT[:6]} {RESIDENT[6:14]} {RESIDENT[14:]}",
        f"{RESIDENT[:6]}-{RESIDENT[6:14]}-{RESIDENT[14:]}",
        f"{RESIDENT[:6]}‐{RESIDENT[6:14]}–{RESIDENT[14:]}",
        f"{RESIDENT[:6]}\u3000{RESIDENT[6:14]}－{RESIDENT[14:]}",
        RESIDENT.lower(),
        "".join(chr(ord(character) + 0xFEE0) for character in RESIDENT),
        "".join(chr(ord(character) + 0xFEE0) for character in RESIDENT.lower()),
    ],
)
def test_one_document_has_one_form_however_it_was_typed(typed: str) -> None:
    assert RESIDENT.endswith("X")
    assert normalise_document("10", typed) == Document(DocumentType.RESIDENT_ID, RESIDENT)


@pytest.mark.parametrize(
    ("type_text", "given", "kind", "number"),
    [
        pytest.param("14", "h9900 0001", DocumentType.HONG_KONG_MACAO_PERMIT, "H99000001", id="Hong Kong"),
        pytest.param("14", "M99000001", DocumentType.HONG_KONG_MACAO_PERMIT, "M99000001", id="Macao"),
        pytest.param("14", "H9900000102", DocumentType.HONG_KONG_MACAO_PERMIT, "H99000001", id="renewed twice"),
        pytest.param("15", "99000001", DocumentType.TAIWAN_PERMIT, "99000001", id="Taiwan card"),
        pytest.param("15", "9900000103（b）", DocumentType.TAIWAN_PERMIT, "99000001", id="Taiwan booklet"),
        pytest.param("16", "T99000001", DocumentType.ONE_TIME_TAIWAN_PERMIT, "T99000001", id="one journey"),
        pytest.param("HMT", RESIDENCE_PERMIT, DocumentType.RESIDENCE_PERMIT, RESIDENCE_PERMIT, id="residence"),
        pytest.param("10", RESIDENCE_PERMIT, DocumentType.RESIDENCE_PERMIT, RESIDENCE_PERMIT, id="residence as 10"),
        pytest.param("34", "usa990199030101", DocumentType.FOREIGN_PERMANENT_RESIDENCE, "USA990199030101", id="old"),
        pytest.param("34", NEW_CARD, DocumentType.FOREIGN_PERMANENT_RESIDENCE, NEW_CARD, id="new"),
        pytest.param("20", "e99000001", DocumentType.PASSPORT, "E99000001", id="Chinese passport"),
        pytest.param("20", "EA9900001", DocumentType.PASSPORT, "EA9900001", id="with a second letter"),
        pytest.param("20", "CHN:E99000001", DocumentType.PASSPORT, "E99000001", id="its country named"),
        pytest.param("20", "cn：E99000001", DocumentType.PASSPORT, "E99000001", id="in two letters, full width"),
        pytest.param("20", "USA:990000001", DocumentType.PASSPORT, "USA:990000001", id="foreign passport"),
        pytest.param("20", "us: 9900-00001", DocumentType.PASSPORT, "USA:990000001", id="foreign, typed otherwise"),
        pytest.param("20", "D:C990000X1", DocumentType.PASSPORT, "DEU:C990000X1", id="Germany as passports name it"),
        pytest.param("20", "XXA:990001", DocumentType.PASSPORT, "XXA:990001", id="a stateless person"),
        pytest.param("NI", RESIDENT, DocumentType.RESIDENT_ID, RESIDENT, id="another vendor's name"),
        pytest.param("PP", "E99000001", DocumentType.PASSPORT, "E99000001", id="another vendor's passport"),
    ],
)
def test_each_kind_of_document_has_its_form(type_text: str, given: str, kind: DocumentType, number: str) -> None:
    assert normalise_document(type_text, given) == Document(kind, number)


def test_the_permanent_residence_card_is_told_from_a_residents_by_its_number() -> None:
    # Of nobody as well: province 71 gives no such cards, and 999 is no country. The type is read, the rest refused.
    with pytest.raises(DocumentRefused) as refused:
        normalise_document("10", checked("97199919900307101"))
    assert refused.value.fault is DocumentFault.COUNTRY_UNKNOWN


def test_the_same_number_of_two_countries_is_two_documents() -> None:
    numbers = {normalise_document("20", f"{country}:E99000001").number for country in ("CHN", "USA", "SGP", "XXB")}
    assert len(numbers) == 4


@pytest.mark.parametrize(
    ("type_text", "number", "fault"),
    [
        pytest.param("10", RESIDENT[:-1] + "1", DocumentFault.CHECK_DIGIT, id="wrong check digit"),
        pytest.param("10", RESIDENT[:-1], DocumentFault.LENGTH, id="17 digits"),
        pytest.param("10", RESIDENT + "0", DocumentFault.LENGTH, id="19 digits"),
        pytest.param("10", "990101900307101", DocumentFault.FIRST_GENERATION, id="15 digits"),
        pytest.param("10", "990101199013071" + "01X", DocumentFault.BIRTHDAY, id="month 13"),
        pytest.param("10", checked("99010119900230101"), DocumentFault.BIRTHDAY, id="30 February"),
        pytest.param("10", "9901011990030710X5", DocumentFault.FORM, id="X inside"),
        pytest.param("10", "99010119900307101Y", DocumentFault.FORM, id="Y at the end"),
        pytest.param("10", checked("00010119900307101"), DocumentFault.PLACE, id="no such province"),
        pytest.param("HMT", checked("81010119900307101"), DocumentFault.PLACE, id="a residence permit by division"),
        pytest.param("HMT", RESIDENT, DocumentFault.PLACE, id="a resident number as residence permit"),
        pytest.param("14", "C99000001", DocumentFault.FORM, id="another letter"),
        pytest.param("14", "H9900000", DocumentFault.FORM, id="a digit short"),
        pytest.param("14", "H990000010", DocumentFault.FORM, id="one digit of the renewals"),
        pytest.param("15", "T99000001", DocumentFault.FORM, id="a letter first"),
        pytest.param("16", "T99", DocumentFault.FORM, id="one journey, too short"),
        pytest.param("34", "QQQ990199030101", DocumentFault.COUNTRY_UNKNOWN, id="old card, no country"),
        pytest.param("34", checked("99999919900307101"), DocumentFault.COUNTRY_UNKNOWN, id="new card, no country"),
        pytest.param("34", checked("98884019900307101"), DocumentFault.PLACE, id="new card, no province"),
        pytest.param("34", checked("81990019900307101"), DocumentFault.FORM, id="another's first digit"),
        pytest.param("34", NEW_CARD[:-1] + "0", DocumentFault.CHECK_DIGIT, id="new card, wrong check digit"),
        pytest.param("34", "USA99019903010", DocumentFault.FORM, id="old card, a digit short"),
        pytest.param("20", "990000001", DocumentFault.COUNTRY_MISSING, id="foreign without its country"),
        pytest.param("20", "CHN:990000001", DocumentFault.FORM, id="no Chinese number"),
        pytest.param("20", "QQQ:990000001", DocumentFault.COUNTRY_UNKNOWN, id="no such country"),
        pytest.param("20", "QQ:990000001", DocumentFault.COUNTRY_UNKNOWN, id="nor in two letters"),
        pytest.param("20", "USA:ABCDEF", DocumentFault.FORM, id="no digit at all"),
        pytest.param("20", "USA:9900000019901", DocumentFault.FORM, id="foreign, too long"),
        pytest.param("20", "USA:GBR:9900001", DocumentFault.CHARACTERS, id="two countries"),
        pytest.param("20", "USA:", DocumentFault.CHARACTERS, id="a country and nothing"),
        pytest.param("20", ":E99000001", DocumentFault.CHARACTERS, id="a colon and no country"),
        pytest.param("20", "HKG:K99000001", DocumentFault.PERMIT_NEEDED, id="Hong Kong"),
        pytest.param("20", "TWN:990000001", DocumentFault.PERMIT_NEEDED, id="Taiwan"),
        pytest.param("99", RESIDENT, DocumentFault.TYPE_UNEXPLAINED, id="other"),
        pytest.param("TP", RESIDENT, DocumentFault.TYPE_UNEXPLAINED, id="a vendor's name of unknown meaning"),
        pytest.param("11", RESIDENT, DocumentFault.TYPE_UNKNOWN, id="unknown type"),
        pytest.param("", RESIDENT, DocumentFault.TYPE_UNKNOWN, id="no type"),
        pytest.param("20", "", DocumentFault.EMPTY, id="empty"),
        pytest.param("20", "   -", DocumentFault.EMPTY, id="spaces"),
        pytest.param("20", "E" * 33, DocumentFault.TOO_LONG, id="too long"),
        pytest.param("20", "E" * 1_000_000, DocumentFault.TOO_LONG, id="far too long"),
        pytest.param("16", "\ufdfa" * 9, DocumentFault.TOO_LONG, id="one character that becomes eighteen"),
        pytest.param("20", "E9900;DROP", DocumentFault.CHARACTERS, id="punctuation"),
        pytest.param("20", "张三0001", DocumentFault.CHARACTERS, id="not Latin"),
        pytest.param("20", "٣٣٣٣٣٣", DocumentFault.CHARACTERS, id="digits of another script"),
        pytest.param("20", "E99\x000001", DocumentFault.CHARACTERS, id="a control character"),
        pytest.param("14", "H9900\u200b0001", DocumentFault.CHARACTERS, id="a space without width"),
        pytest.param("14", "H99000001(A)", DocumentFault.CHARACTERS, id="brackets where none belong"),
    ],
)
def test_each_fault_is_told_by_itself_and_without_the_number(type_text: str, number: str, fault: DocumentFault) -> None:
    with pytest.raises(DocumentRefused) as refused:
        normalise_document(type_text, number)
    assert refused.value.fault is fault
    assert refused.value.problem is ProblemId.BAD_REQUEST
    assert not number.strip(" -") or number not in str(refused.value)


def test_every_fault_every_type_and_every_kind_has_its_words() -> None:
    assert FAULT_WORDS.keys() == set(DocumentFault)
    assert DOCUMENT_WORDS.keys() == set(DocumentType)
    assert len({said.en for said in FAULT_WORDS.values()}) == len({said.zh for said in FAULT_WORDS.values()})
    assert len({said.en for said in FAULT_WORDS.values()}) == len(DocumentFault)


def test_what_vendors_call_the_types_can_be_replaced_as_a_table() -> None:
    assert normalise_document("passport", "E99000001", types={"passport": DocumentType.PASSPORT}).number == "E99000001"
    with pytest.raises(DocumentRefused):
        normalise_document("20", "E99000001", types={"passport": DocumentType.PASSPORT})


DAYS = "(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])"
PERMITS = st.from_regex(r"[HM][0-9]{8}", fullmatch=True)
NUMBERS = st.one_of(
    st.text(max_size=80),
    st.text(alphabet=string.ascii_letters + string.digits + " -:()：（）ＥＨ０１", max_size=24),
    st.from_regex(r"[HMhm][0-9]{8}([0-9]{2})?|[0-9]{8}([0-9]{2}(\([A-Z]\))?)?", fullmatch=True),
    st.from_regex(r"(USA|us|D|QQQ|CHN):[A-Z0-9]{3,13}|[EGDSP][A-Z]?[0-9]{7,8}", fullmatch=True),
    st.from_regex(rf"(99|81|82|83|9[1-6])[0-9]{{4}}{DAYS}[0-9]{{3}}", fullmatch=True).map(checked),
)


@given(st.one_of(st.sampled_from(sorted(DOCUMENT_TYPE_NAMES)), st.text(max_size=5)), NUMBERS)
def test_any_text_is_normalised_for_good_or_refused(type_text: str, number: str) -> None:
    try:
        document = normalise_document(type_text, number)
    except DocumentRefused:
        return
    assert normalise_document(document.type.value, document.number) == document


@given(PERMITS)
def test_the_renewals_of_a_permit_are_one_document(number: str) -> None:
    whole = normalise_document("14", number)
    assert {normalise_document("14", f"{number}{issue:02}") for issue in range(100)} == {whole}


@given(st.from_regex(rf"99[0-9]{{4}}{DAYS}[0-9]{{3}}", fullmatch=True))
def test_the_check_character_makes_the_weighted_sum_one_modulo_eleven(body: str) -> None:
    check = resident_check_character(body)
    digits = [*(int(digit) for digit in body), 10 if check == "X" else int(check)]
    assert sum(digit * 2 ** (17 - place) for place, digit in enumerate(digits)) % 11 == 1
    assert is_resident_number(body + check)


@given(st.integers(0, 16), st.integers(1, 9))
def test_no_single_wrong_digit_passes_the_check(place: int, shift: int) -> None:
    wrong = str((int(RESIDENT[place]) + shift) % 10)
    assert not is_resident_number(RESIDENT[:place] + wrong + RESIDENT[place + 1 :])


@given(st.integers(0, 15))
def test_no_two_neighbours_that_changed_places_pass_the_check(place: int) -> None:
    left, right = RESIDENT[place], RESIDENT[place + 1]
    assume(left != right)
    assert not is_resident_number(RESIDENT[:place] + right + left + RESIDENT[place + 2 :])
