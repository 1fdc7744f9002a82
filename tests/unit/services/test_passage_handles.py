"""Handles of passages by document: whose they are is told by the subject's key, also by the one before a rotation."""

from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.subjects import SubjectKey
from tongxing.services.passage_handles import NONCE_BYTES, is_handle_of, make_handle

NEW, OLD, OTHER = (
    SubjectKey(bytes([version]) + bytes(31) + bytes([number])) for version, number in ((2, 1), (1, 1), (1, 2))
)


def test_a_passage_of_before_the_rotation_is_still_ones_own_while_both_keys_count() -> None:
    handle = make_handle(OLD, bytes(NONCE_BYTES))
    assert is_handle_of(handle, (NEW, OLD))
    assert not is_handle_of(handle, (NEW,))
    assert not is_handle_of(handle, (OTHER,))


def test_two_passages_of_one_person_share_no_handle() -> None:
    first, second = make_handle(OLD, bytes(NONCE_BYTES)), make_handle(OLD, bytes([1]) * NONCE_BYTES)
    assert not set(first.split(".")) & set(second.split("."))


@given(st.text(max_size=80))
def test_no_other_text_is_anybodys_handle(text: str) -> None:
    assert not is_handle_of(text, (NEW, OLD))
