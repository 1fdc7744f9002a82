import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.masking import HINT_MAX_CHARACTERS, mask_name
from tongxing.core.names import (
    MATCH_WORDS,
    NAME_FAULT_WORDS,
    NameFault,
    NameMatch,
    NameRefused,
    compare_names,
    normalise_name,
)
from tongxing.core.problems import ProblemId

EXTENSION_B, EXTENSION_H = "\U00020000", "\U00031350"
PRIVATE, PRIVATE_PLANE = "\ue815", "\U000f0000"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        pytest.param(" 张 三\u3000丰 ", "张三丰", id="spaces among characters"),
        *(pytest.param(f"阿依古丽{dot}买买提", "阿依古丽·买买提", id=f"dot {ord(dot):04X}") for dot in "·•・．･․‧∙⋅●."),
        pytest.param("阿依古丽 · 买买提", "阿依古丽·买买提", id="spaces beside the dot"),
        pytest.param("ＡＮＮＡ  Ｌｅｅ", "ANNA Lee", id="full width"),
        pytest.param("Anne‐Marie", "Anne-Marie", id="another hyphen"),
        pytest.param("O’Brien", "O'Brien", id="another apostrophe"),
        pytest.param("LEE, Anna J.", "LEE Anna J", id="comma and full stop"),
        pytest.param("Mu\u0308ller", "Müller", id="an accent by itself"),
        pytest.param("豈", "豈", id="a compatibility character"),
        pytest.param(f"王{EXTENSION_B}{EXTENSION_H}〇", f"王{EXTENSION_B}{EXTENSION_H}〇", id="rare characters"),
    ],
)
def test_a_name_has_one_form_however_it_was_typed(typed: str, name: str) -> None:
    assert normalise_name(typed) == name


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        pytest.param("", NameFault.EMPTY, id="empty"),
        pytest.param(" ·- ", NameFault.EMPTY, id="no letter"),
        pytest.param("王" * 129, NameFault.TOO_LONG, id="too long"),
        pytest.param("\ufdfa" * 100, NameFault.TOO_LONG, id="characters that become eighteen"),
        pytest.param(f"王{PRIVATE}", NameFault.PRIVATE_CHARACTER, id="private use"),
        pytest.param(f"王{PRIVATE_PLANE}", NameFault.PRIVATE_CHARACTER, id="a plane of private use"),
        pytest.param("王1", NameFault.CHARACTERS, id="a digit"),
        pytest.param("王<b>", NameFault.CHARACTERS, id="a sign"),
        pytest.param("王\u200b三", NameFault.CHARACTERS, id="an invisible character"),
        pytest.param("王\u202e三", NameFault.CHARACTERS, id="another direction of writing"),
        pytest.param("王\ud800", NameFault.CHARACTERS, id="half a character"),
        pytest.param("王\x00三", NameFault.CHARACTERS, id="a control character"),
        pytest.param("王?", NameFault.CHARACTERS, id="what a conversion could not write"),
        pytest.param("王\U0003fffe", NameFault.CHARACTERS, id="no character at all"),
    ],
)
def test_each_fault_of_a_name_is_told_by_itself_and_without_the_name(typed: str, fault: NameFault) -> None:
    with pytest.raises(NameRefused) as refused:
        normalise_name(typed)
    assert refused.value.fault is fault
    assert refused.value.problem is ProblemId.BAD_REQUEST
    assert not typed.strip() or typed not in str(refused.value)


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        pytest.param("张三", "张 三", NameMatch.SAME, id="spaces"),
        pytest.param("阿依古丽•买买提", "阿依古丽．买买提", NameMatch.SAME, id="dots"),
        pytest.param("ANNA LEE", "Anna Lee", NameMatch.SAME, id="case"),
        pytest.param("Anne-Marie", "ANNE MARIE", NameMatch.SAME, id="hyphen"),
        pytest.param("O'Brien", "OBRIEN", NameMatch.SAME, id="apostrophe"),
        pytest.param("Mu\u0308ller", "MÜLLER", NameMatch.SAME, id="forms of an accent"),
        pytest.param("Weiß", "WEISS", NameMatch.SAME, id="its capitals"),
        pytest.param("阿依古丽·买买提", "阿依古丽买买提", NameMatch.LIKELY, id="without the dot"),
        pytest.param("葛\U000e0100", "葛", NameMatch.LIKELY, id="a form of one character"),
        pytest.param("Anna Lee", "LEE, Anna", NameMatch.LIKELY, id="order"),
        pytest.param("Zhang Xiao Ming", "ZHANG XIAOMING", NameMatch.LIKELY, id="written as one"),
        pytest.param("Müller", "MUELLER", NameMatch.LIKELY, id="ICAO 9303"),
        pytest.param("Müller", "MUXXLLER", NameMatch.LIKELY, id="its second way"),
        pytest.param("Müller", "MULLER", NameMatch.LIKELY, id="accent left out"),
        pytest.param("Núñez", "NUNEZ", NameMatch.LIKELY, id="Spanish"),
        pytest.param("Øygård Þór", "OEYGAARD THOR", NameMatch.LIKELY, id="Nordic"),
        pytest.param("Nguyễn Văn Đức", "NGUYEN VAN DUC", NameMatch.LIKELY, id="Vietnamese"),
        pytest.param("Łukasz", "LUKASZ", NameMatch.LIKELY, id="Polish"),
        pytest.param("张三", "ZHANG SAN", NameMatch.OTHER_SCRIPT, id="two scripts"),
        pytest.param("Anna", "\u0410nna", NameMatch.OTHER_SCRIPT, id="a Cyrillic letter that looks Latin"),
        pytest.param("张三", "张山", NameMatch.DIFFERS, id="another character"),
        pytest.param("張三", "张三", NameMatch.DIFFERS, id="traditional and simplified"),
        pytest.param("张三", "三张", NameMatch.DIFFERS, id="characters in another order"),
        pytest.param("Anna Lee", "Anna Li", NameMatch.DIFFERS, id="another letter"),
        pytest.param("Anna", "Anna Lee", NameMatch.DIFFERS, id="a part is missing"),
        pytest.param("Lu", "Lü", NameMatch.LIKELY, id="pinyin without its dots"),
    ],
)
def test_comparing_says_same_only_of_what_differs_in_writing(one: str, other: str, match: NameMatch) -> None:
    assert compare_names(one, other) is match
    assert compare_names(other, one) is match


NAMES = st.one_of(
    st.text(max_size=20),
    st.text(alphabet="张三丰阿买提·•．. 〇張", min_size=1, max_size=8),
    st.text(alphabet="AaÄäNñØøLłßuÜ' -,.·\u0308", min_size=1, max_size=12),
)


@given(NAMES)
def test_a_name_in_its_form_stays_as_it_is_and_is_the_same_as_it_was(typed: str) -> None:
    try:
        name = normalise_name(typed)
    except NameRefused:
        return
    assert normalise_name(name) == name
    assert compare_names(typed, name) is NameMatch.SAME
    assert compare_names(name, name.upper()) in {NameMatch.SAME, NameMatch.LIKELY, NameMatch.OTHER_SCRIPT}


def letters_of(name: str) -> list[str]:
    return [each for each in unicodedata.normalize("NFKC", name).casefold() if each.isalpha()]


@given(NAMES, NAMES)
def test_names_of_other_letters_are_never_told_as_the_same(one: str, other: str) -> None:
    try:
        match = compare_names(one, other)
    except NameRefused:
        return
    assert compare_names(other, one) is match
    letters = [
        [each for each in unicodedata.normalize("NFKC", name).casefold() if each.isalpha()] for name in (one, other)
    ]
    if letters[0] != letters[1]:
        assert match is not NameMatch.SAME


def test_every_fault_and_every_match_has_its_words() -> None:
    assert NAME_FAULT_WORDS.keys() == set(NameFault)
    assert MATCH_WORDS.keys() == set(NameMatch)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        pytest.param("阿依古丽·买买提", "阿*******", id="a minority's name"),
        pytest.param(f"{EXTENSION_B}三", f"{EXTENSION_B}*", id="a rare surname"),
        pytest.param("Anna Lee", "A*******", id="Latin letters"),
        pytest.param("E\u0301va", "É**", id="an accent by itself"),
        pytest.param("葛\U000e0100三", "葛*", id="a form of one character"),
        pytest.param("\u200b张三", "张*", id="an invisible beginning"),
        pytest.param(f"{PRIVATE}三", "**", id="a character of a system's own"),
        pytest.param("\u0301", "", id="an accent alone"),
    ],
)
def test_any_kind_of_name_is_masked_to_its_first_character(name: str, hint: str) -> None:
    assert mask_name(name) == hint


@given(st.text(max_size=60))
def test_a_hint_holds_one_character_of_the_name_at_most(name: str) -> None:
    hint = mask_name(name)
    assert len(hint) <= HINT_MAX_CHARACTERS
    assert set(hint[1:]) <= {"*"}
