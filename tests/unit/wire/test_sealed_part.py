import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.errors import Rejected
from tongxing.core.levels import Level
from tongxing.core.masking import mask_name
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Origin, OriginBasis, Precision
from tongxing.core.words import RegionId
from tongxing.wire.cbor import WireError
from tongxing.wire.national_code import NationalCodeClaims
from tongxing.wire.sealed_part import (
    CONTENT_BYTES,
    HINT_MAX_BYTES,
    SealedContent,
    encode_sealed_content,
    fit_hint,
    open_content,
    parse_sealed_content,
    seal_content,
)

divisions = st.none() | st.from_regex(r"([0-9]{2}){1,3}", fullmatch=True)
origins = st.none() | st.builds(Origin, divisions, st.sampled_from(Precision), st.sampled_from(OriginBasis))
contents = st.builds(SealedContent, st.sampled_from(Level), st.booleans(), origins, st.text(max_size=30), st.booleans())
CLAIMS = NationalCodeClaims(RegionId("42"), bytes(range(16)), 1_586_505_600, 1_586_505_660, bytes(16), b"")


@given(contents)
def test_a_content_is_parsed_back_with_its_hint_cut_to_size(content: SealedContent) -> None:
    parsed = parse_sealed_content(encode_sealed_content(content))
    assert parsed == SealedContent(
        content.level, content.colour_only, content.origin, fit_hint(content.masked_hint), content.others_consulted
    )


@given(contents)
def test_every_content_has_the_same_length(content: SealedContent) -> None:
    assert len(encode_sealed_content(content)) == CONTENT_BYTES


@given(st.binary(min_size=CONTENT_BYTES, max_size=CONTENT_BYTES))
def test_whatever_is_accepted_has_only_this_encoding(data: bytes) -> None:
    try:
        content = parse_sealed_content(data)
    except Rejected:
        return
    assert encode_sealed_content(content) == data


@given(contents, st.integers(0, 8 * CONTENT_BYTES - 1))
def test_a_flipped_bit_is_refused_or_means_something_else(content: SealedContent, bit: int) -> None:
    data = bytearray(encode_sealed_content(content))
    data[bit // 8] ^= 1 << bit % 8
    try:
        other = parse_sealed_content(bytes(data))
    except Rejected:
        return
    assert other != parse_sealed_content(encode_sealed_content(content))


@pytest.mark.parametrize("length", [0, 1, CONTENT_BYTES - 1, CONTENT_BYTES + 1, 1_000])
def test_another_length_is_refused(length: int) -> None:
    with pytest.raises(Rejected) as refused:
        parse_sealed_content(bytes(length))
    assert refused.value.reason is ReasonId.SEALED_PART_UNREADABLE


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param(0, 0xC0, id="a fourth level"),
        pytest.param(0, 0x0C, id="a precision without a basis"),
        pytest.param(3, 0x01, id="a division without a basis"),
        pytest.param(4, 20, id="a hint longer than its place"),
        pytest.param(4, 255, id="a hint longer than everything"),
        pytest.param(4, 1, id="a hint of a zero byte"),
        pytest.param(23, 1, id="a filling that says something"),
    ],
)
def test_what_no_encoder_writes_is_refused(place: int, value: int) -> None:
    data = bytearray(CONTENT_BYTES)
    data[place] = value
    with pytest.raises(Rejected):
        parse_sealed_content(bytes(data))


def test_a_hint_of_nine_characters_is_refused() -> None:
    data = (bytes(4) + b"\x09" + b"a" * 9).ljust(CONTENT_BYTES, b"\0")
    with pytest.raises(Rejected):
        parse_sealed_content(data)


def test_a_hint_is_cut_at_a_whole_character() -> None:
    assert fit_hint("张**") == "张**"
    assert fit_hint("张三李四王五赵六") == "张三李四王五"
    assert fit_hint("𠮷" * 8) == "𠮷" * 4
    assert fit_hint("a" * 9) == "a" * 8


@given(st.text(max_size=40))
def test_a_fitted_hint_fits_and_stays(hint: str) -> None:
    fitted = fit_hint(hint)
    assert len(fitted.encode()) <= HINT_MAX_BYTES
    assert fitted.isprintable()
    assert fit_hint(fitted) == fitted


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40))
def test_a_masked_name_always_fits(name: str) -> None:
    assert fit_hint(mask_name(name)) == mask_name(name)


@pytest.mark.parametrize("hint", ["\x00", "\u202e张", "张\n三", "\ud800"])
def test_a_hint_never_carries_what_cannot_be_shown(hint: str) -> None:
    assert fit_hint(hint).isprintable()
    encode_sealed_content(
        SealedContent(Level.LOW, colour_only=False, origin=None, masked_hint=hint, others_consulted=True)
    )


@pytest.mark.parametrize("division", ["", "4", "421", "42118", "4211811", "4x", "４２"])
def test_an_origin_whose_division_is_none_cannot_be_encoded(division: str) -> None:
    origin = Origin(division, Precision.EXACT, OriginBasis.DECLARED_STAY)
    with pytest.raises(WireError):
        encode_sealed_content(
            SealedContent(Level.LOW, colour_only=False, origin=origin, masked_hint="", others_consulted=True)
        )


def test_sealing_binds_the_content_to_the_claims_around_it() -> None:
    seen: list[tuple[bytes, bytes, bytes]] = []

    def seal(nonce: bytes, data: bytes, additional_data: bytes) -> bytes:
        seen.append((nonce, data, additional_data))
        return data.ljust(40, b"\0")

    def unseal(nonce: bytes, data: bytes, additional_data: bytes) -> bytes:
        seen.append((nonce, data, additional_data))
        return data[:CONTENT_BYTES]

    content = SealedContent(Level.LOW, colour_only=False, origin=None, masked_hint="张**", others_consulted=True)
    sealed = seal_content(CLAIMS, content, seal)
    assert open_content(sealed, unseal) == content
    assert seen[0][0] == seen[1][0] == CLAIMS.credential_id[:12]
    assert seen[0][2] == seen[1][2]
    for part in (b"42", CLAIMS.credential_id, CLAIMS.extension_token, CLAIMS.issued_at.to_bytes(4, "big")):
        assert part in seen[0][2]
    assert len(seen[0][2]) == 64
