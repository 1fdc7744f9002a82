"""Printed codes: their one form, and every other that is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.errors import Rejected
from tongxing.core.reasons import ReasonId
from tongxing.core.words import RegionId
from tongxing.wire.printed_code import encode_printed_code, is_printed_code, parse_printed_code

HUBEI = RegionId("42")
GOOD = encode_printed_code(HUBEI, bytes(range(16)))
ALPHANUMERIC = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


@given(st.sampled_from([HUBEI, RegionId("4401")]), st.binary(min_size=16, max_size=16))
def test_a_printed_code_names_its_issuer_and_needs_the_alphanumeric_mode_only(issuer: RegionId, random: bytes) -> None:
    text = encode_printed_code(issuer, random)
    assert is_printed_code(text)
    assert parse_printed_code(text) == issuer
    assert set(text) <= ALPHANUMERIC


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (GOOD.replace("TXP1", "TXP2"), ReasonId.UNSUPPORTED_VERSION),
        (GOOD[:-1], ReasonId.MALFORMED_CODE),
        (GOOD + "A", ReasonId.MALFORMED_CODE),
        (GOOD.replace(".42.", ".4.")[: len(GOOD)], ReasonId.MALFORMED_CODE),
        (GOOD.replace(".42.", ".４２."), ReasonId.MALFORMED_CODE),
        (GOOD.replace("AAAQ", "aaaq"), ReasonId.MALFORMED_CODE),
        (GOOD[:-1] + "1", ReasonId.MALFORMED_CODE),
        (GOOD[:-1] + "张", ReasonId.MALFORMED_CODE),
        (GOOD[:-1] + "H", ReasonId.MALFORMED_CODE),
        ("TXP1.", ReasonId.MALFORMED_CODE),
    ],
)
def test_any_other_form_is_refused(text: str, reason: ReasonId) -> None:
    with pytest.raises(Rejected) as refused:
        parse_printed_code(text)
    assert refused.value.reason is reason


@pytest.mark.parametrize("text", ["", "TXP", "TXPX.", "HBJKM." + "A" * 43, "txp1.42.AAAA"])
def test_other_texts_do_not_claim_to_be_one(text: str) -> None:
    assert not is_printed_code(text)


@pytest.mark.parametrize("random", [b"", bytes(15), bytes(17)])
def test_a_code_is_made_of_sixteen_bytes(random: bytes) -> None:
    with pytest.raises(ValueError, match="16 random bytes"):
        encode_printed_code(HUBEI, random)
