"""What is tried in the place of a code is nearly that code, and never the code itself."""

from hypothesis import given
from hypothesis import strategies as st

from tongxing.conformance.refusing import neighbours_of

HEXADECIMAL = "0123456789abcdef"


@given(st.text(HEXADECIMAL, min_size=2, max_size=8))
def test_no_neighbour_of_a_code_is_the_code(token: str) -> None:
    assert token not in {text for _, text in neighbours_of(token, HEXADECIMAL)}


def test_a_code_whose_first_character_follows_its_last_has_neighbours_too() -> None:
    """A back end that is right about ``7…6`` would have failed."""
    assert [text for _, text in neighbours_of("76", HEXADECIMAL)] == ["77", "86", "760", "7"]
