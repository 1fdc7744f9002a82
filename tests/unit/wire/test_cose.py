import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.wire.cbor import WireError, encode_canonical
from tongxing.wire.cose import Sign1Form, UnverifiedSign1, encode_protected, encode_sign1, parse_sign1, to_be_signed

KID = bytes(range(8))
ALGORITHMS = [-7, -8, -24, -25, -36, -257, -65540, 0, 5, 23, 24]
SIZES = [0, 1, 23, 24, 255, 256, 65_535, 65_536]


def sign(message: bytes) -> bytes:
    """A stand-in that depends on every byte."""
    return cbor2.dumps(message)[-64:].rjust(64, b"\0")


def envelope(payload: bytes = b"payload", *, alg: int = -8, content_type: str = "tongxing-code") -> bytes:
    return encode_sign1(payload, alg=alg, kid=KID, content_type=content_type, sign=sign)


@pytest.mark.parametrize("alg", ALGORITHMS)
@pytest.mark.parametrize("content_type", ["", "t", "tongxing-code", "x" * 23, "x" * 24, "x" * 70, "类型"])
def test_an_envelope_is_parsed_back(alg: int, content_type: str) -> None:
    parsed = parse_sign1(envelope(alg=alg, content_type=content_type))
    assert (parsed.alg, parsed.kid, parsed.content_type, parsed.payload) == (alg, KID, content_type, b"payload")


@pytest.mark.parametrize("size", SIZES)
def test_what_is_to_be_signed_is_the_structure_of_rfc_9052(size: int) -> None:
    payload = bytes(size)
    parsed = parse_sign1(envelope(payload))
    protected = encode_protected(-8, KID, "tongxing-code")
    assert parsed.payload == payload
    assert parsed.to_be_signed == to_be_signed(protected, payload)
    assert parsed.to_be_signed == cbor2.dumps(["Signature1", protected, b"", payload])
    assert parsed.signature == sign(parsed.to_be_signed)


def test_a_generic_decoder_reads_the_envelope() -> None:
    decoded = cbor2.loads(envelope())
    assert decoded.tag == 18
    assert cbor2.loads(decoded.value[0]) == {1: -8, 4: KID, 16: "tongxing-code"}
    assert list(decoded.value[1:3]) == [{}, b"payload"]


@pytest.mark.parametrize("content_type", ["tongxing-code", "x" * 40])
@pytest.mark.parametrize("alg", [-8, -65540])
def test_every_flipped_bit_changes_what_is_verified_or_is_refused(alg: int, content_type: str) -> None:
    good = envelope(alg=alg, content_type=content_type)
    parsed = parse_sign1(good)
    for bit in range(8 * len(good)):
        altered = bytearray(good)
        altered[bit // 8] ^= 1 << bit % 8
        try:
            other = parse_sign1(bytes(altered))
        except WireError:
            continue
        assert (other.to_be_signed, other.signature) != (parsed.to_be_signed, parsed.signature)


def test_every_cut_is_refused() -> None:
    good = envelope()
    for length in range(len(good)):
        with pytest.raises(WireError):
            parse_sign1(good[:length])
    with pytest.raises(WireError):
        parse_sign1(good + b"\0")


def raw(protected: bytes, payload: bytes = b"payload", unprotected: bytes = b"\xa0", tag: bytes = b"\xd2\x84") -> bytes:
    return tag + encode_canonical(protected) + unprotected + encode_canonical(payload) + encode_canonical(bytes(64))


PROTECTED = encode_protected(-8, KID, "tongxing-code")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(raw(PROTECTED, tag=b"\x84"), id="no tag"),
        pytest.param(raw(PROTECTED, tag=b"\xd1\x84"), id="another tag"),
        pytest.param(raw(PROTECTED, tag=b"\xd8\x12\x84"), id="a long tag"),
        pytest.param(raw(PROTECTED, tag=b"\xd2\x85"), id="five items"),
        pytest.param(raw(PROTECTED, unprotected=b"\xa1\x04\x40"), id="an unprotected header"),
        pytest.param(raw(PROTECTED, unprotected=b"\xbf\xff"), id="an indefinite unprotected header"),
        pytest.param(raw(PROTECTED).replace(b"\x47payload", b"\xf6"), id="a detached payload"),
        pytest.param(raw(PROTECTED).replace(b"\x47payload", b"\x58\x07payload"), id="a long head of one byte"),
        pytest.param(raw(PROTECTED).replace(b"\x47payload", b"\x59\x00\x07payload"), id="a long head of two bytes"),
        pytest.param(raw(PROTECTED).replace(b"\x47payload", b"\x5a\0\0\0\x07payload"), id="a long head of four bytes"),
        pytest.param(raw(PROTECTED).replace(b"\x47payload", b"\x5b\0\0\0\0\0\0\0\x07payload"), id="a length of 8"),
        pytest.param(raw(PROTECTED).replace(b"\x47payload", b"\x5f\x47payload\xff"), id="an indefinite payload"),
        pytest.param(raw(PROTECTED).replace(b"\x47payload", b"\x67payload"), id="a text as payload"),
        pytest.param(raw(b""), id="an empty protected header"),
        pytest.param(raw(b"\xa0"), id="a protected header without labels"),
        pytest.param(raw(encode_canonical({1: -8, 4: KID})), id="no typ"),
        pytest.param(raw(encode_canonical({1: -8, 16: "t"})), id="no kid"),
        pytest.param(raw(encode_canonical({4: KID, 16: "t"})), id="no alg"),
        pytest.param(raw(encode_canonical({1: -8, 2: [1], 4: KID, 16: "t"})), id="a critical label"),
        pytest.param(raw(encode_canonical({1: "EdDSA", 4: KID, 16: "t"})), id="alg as a text"),
        pytest.param(raw(encode_canonical({1: True, 4: KID, 16: "t"})), id="alg as true"),
        pytest.param(raw(encode_canonical({1: -8, 4: KID[:7], 16: "t"})), id="a short kid"),
        pytest.param(raw(encode_canonical({1: -8, 4: "01234567", 16: "t"})), id="kid as a text"),
        pytest.param(raw(encode_canonical({1: -8, 4: KID, 16: 61})), id="typ as a number"),
        pytest.param(raw(encode_canonical({1: -8, 4: KID, 16: b"tongxing-code"})), id="typ as bytes"),
        pytest.param(raw(PROTECTED[:1] + PROTECTED[13:] + PROTECTED[1:13]), id="labels in another order"),
        pytest.param(raw(PROTECTED.replace(b"\x6dtongxing", b"\x78\x0dtongxing")), id="a long head of typ"),
        pytest.param(raw(PROTECTED.replace(b"\x01\x27", b"\x01\x38\x07")), id="a long head of alg"),
        pytest.param(raw(PROTECTED + b"\0"), id="a byte after the labels"),
        pytest.param(raw(encode_protected(-8, KID, "x" * 24).replace(b"x", b"\xff")), id="typ that is not UTF-8"),
        pytest.param(raw(PROTECTED.replace(b"tongxing", b"tongx\xffng")), id="typ that is not ASCII"),
        pytest.param(raw(encode_canonical({1: -8, 4: KID, 16: "x" * 1_000})), id="a long protected header"),
    ],
)  # fmt: skip
def test_an_envelope_in_any_other_form_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        parse_sign1(data)


@given(st.binary(max_size=40), st.integers(0, 41))
def test_any_bytes_are_refused_or_are_what_an_encoder_writes(data: bytes, kept: int) -> None:
    presented = raw(PROTECTED)[:kept] + data
    try:
        parsed = parse_sign1(presented)
    except WireError:
        return
    again = encode_sign1(
        parsed.payload,
        alg=parsed.alg,
        kid=parsed.kid,
        content_type=parsed.content_type,
        sign=lambda _: parsed.signature,
    )
    assert again == presented


@pytest.mark.parametrize("length", [0, 7, 9])
def test_a_key_id_has_eight_bytes(length: int) -> None:
    with pytest.raises(WireError):
        encode_protected(-8, bytes(length), "tongxing-code")


def by_position(form: Sign1Form, data: bytes) -> UnverifiedSign1 | None:
    return form.parse(data) if len(data) == form.size else None


@pytest.mark.parametrize("size", [24, 104, 106, 255])
@pytest.mark.parametrize("alg", ALGORITHMS)
def test_an_envelope_read_by_position_is_read_as_in_the_general_way(size: int, alg: int) -> None:
    data = envelope(bytes(size), alg=alg)
    read = by_position(Sign1Form("tongxing-code", size), data)
    assert read == (parse_sign1(data) if -24 <= alg < 0 else None)


def test_no_changed_envelope_is_read_by_position_otherwise_than_in_the_general_way() -> None:
    good = envelope(bytes(range(104)))
    form = Sign1Form("tongxing-code", 104)
    for place in range(len(good)):
        for value in range(256):
            altered = good[:place] + bytes((value,)) + good[place + 1 :]
            read = form.parse(altered)
            if read is not None:
                assert read == parse_sign1(altered)


def test_what_is_of_another_type_or_length_is_not_read_by_position() -> None:
    form = Sign1Form("tongxing-code", 104)
    assert form.parse(envelope(bytes(104), content_type="tongxing-CODE")) is None
    assert by_position(form, envelope(bytes(103))) is None
