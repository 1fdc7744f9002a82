"""Base45: the RFC's examples, the same as a kept package, and what no bytes stand for."""

import base45
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.limits import SCAN_MAX_CHARACTERS
from tongxing.wire.base45 import decode_base45
from tongxing.wire.cbor import WireError

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


@pytest.mark.parametrize(
    ("text", "data"),
    [("BB8", b"AB"), ("%69 VD92EX0", b"Hello!!"), ("UJCLQE7W581", b"base-45"), ("QED8WEX0", b"ietf!"), ("", b"")],
)
def test_the_examples_of_the_rfc_are_read(text: str, data: bytes) -> None:
    assert decode_base45(text) == data


@given(st.binary(max_size=1500))
def test_what_a_kept_package_encodes_is_read_back(data: bytes) -> None:
    assert decode_base45(base45.b45encode(data).decode()) == data


@given(st.text(ALPHABET, max_size=12))
def test_any_text_of_the_alphabet_is_read_as_a_kept_package_reads_it(text: str) -> None:
    try:
        expected = base45.b45decode(text)
    except ValueError:
        with pytest.raises(WireError):
            decode_base45(text)
    else:
        assert decode_base45(text) == expected
        assert base45.b45encode(expected).decode() == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A", "left over"),
        ("BB8A", "left over"),
        ("::", "left over"),
        (":::", "beyond two bytes"),
        ("BB8:::", "beyond two bytes"),
        ("GGW", "beyond two bytes"),
        ("bb8", "a character"),
        ("BB8\n", "a character"),
        ("BB8_", "a character"),
        ("B\u0410B", "a character"),
        ("BB\uff18", "a character"),
        ("B" * (SCAN_MAX_CHARACTERS + 1), "more characters"),
    ],
)
def test_what_stands_for_no_bytes_is_refused(text: str, words: str) -> None:
    with pytest.raises(WireError, match=words):
        decode_base45(text)


def test_the_largest_number_of_two_bytes_and_the_longest_text_are_read() -> None:
    assert decode_base45("FGW") == b"\xff\xff"
    assert decode_base45("FGW" * (SCAN_MAX_CHARACTERS // 3)) == b"\xff" * (SCAN_MAX_CHARACTERS // 3 * 2)
