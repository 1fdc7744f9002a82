import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.limits import CBOR_MAX_DEPTH
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.integers(-(2**64), 2**64 - 1) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


def depth_of(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max((depth_of(item) for item in value.values()), default=0)
    return 1 + max((depth_of(item) for item in value), default=0) if isinstance(value, list) else 0


@given(plain.filter(lambda value: depth_of(value) <= CBOR_MAX_DEPTH))
def test_what_was_encoded_is_parsed_back(value: object) -> None:
    assert parse_canonical(encode_canonical(value), 1 << 16) == value


@given(st.binary(max_size=80))
def test_whatever_is_accepted_has_only_this_encoding(data: bytes) -> None:
    try:
        value = parse_canonical(data, 80)
    except WireError:
        return
    assert encode_canonical(value) == data


@given(plain.filter(lambda value: depth_of(value) <= CBOR_MAX_DEPTH), st.data())
def test_a_flipped_bit_is_refused_or_means_something_else(value: object, data: st.DataObject) -> None:
    encoded = bytearray(encode_canonical(value))
    place = data.draw(st.integers(0, 8 * len(encoded) - 1))
    encoded[place // 8] ^= 1 << place % 8
    try:
        other = parse_canonical(bytes(encoded), 1 << 16)
    except WireError:
        return
    assert encode_canonical(other) == encoded != encode_canonical(value)


def test_map_keys_are_in_the_order_of_rfc_8949() -> None:
    """Section 4.2.1: bytewise by their encodings, unlike the order of RFC 7049, where -1 comes before 100."""
    value = {"aa": 5, "z": 4, -1: 3, 100: 2, 10: 1}
    assert encode_canonical(value).hex() == "a50a01186402200361" + "7a04" + "626161" + "05"
    assert encode_canonical(dict(reversed(value.items()))) == encode_canonical(value)


@pytest.mark.parametrize(
    ("encoded", "fault"),
    [
        ("", "nothing"),
        ("1817", "a head longer than needed"),
        ("190001", "a head longer than needed"),
        ("1b0000000000000001", "a head longer than needed"),
        ("5801ff", "a length longer than needed"),
        ("5f41014102ff", "an indefinite byte string"),
        ("7f61616162ff", "an indefinite text"),
        ("9f01ff", "an indefinite array"),
        ("bf0101ff", "an indefinite map"),
        ("a201010102", "a duplicate key"),
        ("a202010102", "keys in another order"),
        ("a2200018640" + "0", "keys in the order of RFC 7049"),
        ("a1f600", "null as a key"),
        ("a1f500", "true as a key"),
        ("a1410000", "bytes as a key"),
        ("a18000", "an array as a key"),
        ("a1a000", "a map as a key"),
        ("0000", "a trailing byte"),
        ("8101" + "00", "a trailing byte"),
        ("81", "a missing item"),
        ("a101", "a missing value"),
        ("42ff", "a missing byte"),
        ("9b7fffffffffffffff", "an array longer than memory"),
        ("5b7fffffffffffffff", "a byte string longer than memory"),
        ("bb7fffffffffffffff", "a map longer than memory"),
        ("62c328", "a text that is not UTF-8"),
        ("f93c00", "a float"),
        ("fb3ff0000000000000", "a float"),
        ("f97e00", "not a number"),
        ("f7", "undefined"),
        ("e0", "an unassigned simple value"),
        ("f8ff", "an unassigned simple value"),
        ("1c", "a reserved head"),
        ("ff", "a break without a beginning"),
        ("c249010000000000000000", "a large number"),
        ("c11a5e900000", "a tagged time"),
        ("c074323032302d30342d31305430383a30303a32305a", "a tagged date"),
        ("d82367285b612d5d2b29", "a tagged pattern"),
        ("d81c00", "a tagged share"),
        ("d9010380", "a tag without a meaning here"),
        ("d90104447f000001", "a tagged address"),
        ("c48221196ab3", "a tagged decimal"),
        ("d2844043a10126a0" + "4040", "a tagged envelope"),
    ],
)  # fmt: skip
def test_what_is_not_in_deterministic_form_is_refused(encoded: str, fault: str) -> None:
    with pytest.raises(WireError):
        parse_canonical(bytes.fromhex(encoded), 1 << 16)
    assert fault


def test_nesting_is_bounded() -> None:
    deepest: object = 1
    for _ in range(CBOR_MAX_DEPTH):
        deepest = [deepest]
    assert parse_canonical(encode_canonical(deepest), 100) == deepest
    with pytest.raises(WireError):
        encode_canonical([deepest])
    with pytest.raises(WireError):
        parse_canonical(cbor2.dumps([deepest]), 100)
    with pytest.raises(WireError):
        parse_canonical(b"\x81" * 100_000 + b"\0", 1 << 20)


def test_length_is_bounded_before_anything_is_read() -> None:
    with pytest.raises(WireError, match="at most 3"):
        parse_canonical(b"\x83\x01\x02\x03", 3)


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        2**64,
        -(2**64) - 1,
        {1, 2},
        object(),
        {b"key": 1},
        {None: 1},
        {True: 1},
        "\ud800",
        {"\ud800": 1},
        bytearray(b"x"),
    ],
)
def test_what_has_no_place_cannot_be_encoded(value: object) -> None:
    with pytest.raises(WireError):
        encode_canonical(value)
