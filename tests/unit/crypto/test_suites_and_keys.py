import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from tongxing.crypto.keys import PublicKey, SigningKey, verify_many
from tongxing.crypto.suites import SUITES, KeyRefused, SignatureMismatch, SuiteId, encode_ecdsa_der, verify_one_by_one

SEED = bytes(range(32))
ED25519_ORDER = (1 << 252) + 27742317777372353535851937790883648493
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1

RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595b"
            "be24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430"
            "2aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716e"
            "d28dc027beceea1ec40a"
        ),
    ),
]
"""RFC 8032, section 7.1, tests 1 to 3: seed, public key, message, signature."""

RFC_6979_SEED = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"
RFC_6979_PUBLIC = "0360FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
RFC_6979 = [
    (
        b"sample",
        (
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
            "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
        ),
    ),
    (
        b"test",
        (
            "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367"
            "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"
        ),
    ),
]
"""RFC 6979, appendix A.2.5, with SHA-256: message, then r and s."""

SMALL_ORDER_POINTS = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]


def key_of(suite: SuiteId, seed: bytes = SEED) -> SigningKey:
    return SigningKey.from_seed(suite, seed)


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_eddsa_signs_as_rfc_8032_says(seed: str, public: str, message: str, signature: str) -> None:
    key = key_of(SuiteId.EDDSA, bytes.fromhex(seed))
    assert key.public.raw.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    key.public.verify(bytes.fromhex(message), bytes.fromhex(signature))


@pytest.mark.parametrize(("message", "signature"), RFC_6979)
def test_es256_signs_as_rfc_6979_says(message: bytes, signature: str) -> None:
    key = key_of(SuiteId.ES256, bytes.fromhex(RFC_6979_SEED))
    assert key.public.raw == bytes.fromhex(RFC_6979_PUBLIC)
    assert key.sign(message) == bytes.fromhex(signature)
    key.public.verify(message, bytes.fromhex(signature))


def test_eddsa_gives_the_signature_of_the_example_request_of_rfc_9421() -> None:
    """RFC 9421, appendix B.2.6."""
    private = base64.b64decode("MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF")
    signed = (
        '"date": Tue, 20 Apr 2021 02:07:55 GMT\n"@method": POST\n"@path": /foo\n"@authority": example.com\n'
        '"content-type": application/json\n"content-length": 18\n"@signature-params": ("date" "@method" "@path" '
        '"@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"'
    )
    signature = key_of(SuiteId.EDDSA, private[-32:]).sign(signed.encode())
    assert base64.b64encode(signature) == (
        b"wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    )


@pytest.mark.parametrize("suite", SuiteId)
def test_a_flipped_bit_of_message_or_signature_is_a_mismatch(suite: SuiteId) -> None:
    key = key_of(suite)
    message, signature = b"\x00 a message \xff", key.sign(b"\x00 a message \xff")
    for bit in range(8 * len(signature)):
        altered = bytearray(signature)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SignatureMismatch):
            key.public.verify(message, bytes(altered))
    for bit in range(8 * len(message)):
        other = bytearray(message)
        other[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SignatureMismatch):
            key.public.verify(bytes(other), signature)


@pytest.mark.parametrize("suite", SuiteId)
@pytest.mark.parametrize("length", [0, 1, 32, 63, 65, 70, 72, 128])
def test_a_signature_of_another_length_is_a_mismatch(suite: SuiteId, length: int) -> None:
    key = key_of(suite)
    padded = (key.sign(b"message") + bytes(64))[:length]
    with pytest.raises(SignatureMismatch):
        key.public.verify(b"message", padded)


def test_bytes_cannot_move_between_an_ed25519_signature_and_its_message() -> None:
    key = key_of(SuiteId.EDDSA)
    signature = key.sign(b"message")
    with pytest.raises(SignatureMismatch):
        key.public.verify(b"essage", signature + b"m")


def test_ed25519_refuses_s_plus_the_order() -> None:
    key = key_of(SuiteId.EDDSA)
    signature = key.sign(b"message")
    s = int.from_bytes(signature[32:], "little") + ED25519_ORDER
    with pytest.raises(SignatureMismatch):
        key.public.verify(b"message", signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize("point", SMALL_ORDER_POINTS)
def test_ed25519_refuses_a_signature_whose_r_has_small_order_and_s_is_zero(point: str) -> None:
    with pytest.raises(SignatureMismatch):
        key_of(SuiteId.EDDSA).public.verify(b"message", bytes.fromhex(point) + bytes(32))


@pytest.mark.parametrize("point", SMALL_ORDER_POINTS)
def test_a_key_of_small_order_is_refused(point: str) -> None:
    with pytest.raises(KeyRefused):
        PublicKey(SuiteId.EDDSA, bytes.fromhex(point))


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(bytes(31), id="too short"),
        pytest.param(bytes(33), id="too long"),
        pytest.param(b"\xff" * 32, id="not canonical"),
        pytest.param((2).to_bytes(32, "little"), id="not on the curve"),
    ],
)
def test_bytes_that_are_no_ed25519_point_are_refused(raw: bytes) -> None:
    with pytest.raises(KeyRefused):
        PublicKey(SuiteId.EDDSA, raw)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x02" + bytes(31), id="too short"),
        pytest.param(b"\x04" + bytes(64), id="uncompressed"),
        pytest.param(b"\x02" + (1).to_bytes(32, "big"), id="not on the curve"),
        pytest.param(b"\x02" + P256_PRIME.to_bytes(32, "big"), id="beyond the field"),
        pytest.param(b"\x00" * 33, id="infinity"),
        pytest.param(b"\x05" + bytes.fromhex(RFC_6979_PUBLIC[2:]), id="an unknown form"),
    ],
)
def test_bytes_that_are_no_p256_point_are_refused(raw: bytes) -> None:
    with pytest.raises(KeyRefused):
        PublicKey(SuiteId.ES256, raw)


@pytest.mark.parametrize(
    ("r", "s"),
    [(0, 1), (1, 0), (0, 0), (P256_ORDER, 1), (1, P256_ORDER), (P256_ORDER + 1, 1), (2**256 - 1, 2**256 - 1)],
)
def test_es256_refuses_r_and_s_out_of_range(r: int, s: int) -> None:
    with pytest.raises(SignatureMismatch):
        key_of(SuiteId.ES256).public.verify(b"message", r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def test_es256_refuses_der() -> None:
    key = key_of(SuiteId.ES256)
    signature = key.sign(b"message")
    der = b"\x30\x44\x02\x20" + signature[:32] + b"\x02\x20" + signature[32:]
    with pytest.raises(SignatureMismatch):
        key.public.verify(b"message", der)


@pytest.mark.parametrize("suite", SuiteId)
@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_seed_of_another_length_is_refused(suite: SuiteId, length: int) -> None:
    with pytest.raises(KeyRefused):
        SigningKey.from_seed(suite, bytes(length))


@pytest.mark.parametrize("number", [0, P256_ORDER, 2**256 - 1])
def test_a_seed_out_of_the_range_of_p256_is_refused(number: int) -> None:
    with pytest.raises(KeyRefused):
        SigningKey.from_seed(SuiteId.ES256, number.to_bytes(32, "big"))


def test_every_suite_has_one_row_and_its_own_numbers() -> None:
    assert set(SUITES) == set(SuiteId)
    assert {suite: row.cose_alg for suite, row in SUITES.items()} == {SuiteId.EDDSA: -8, SuiteId.ES256: -7}
    assert len({row.http_alg for row in SUITES.values()}) == len(SUITES)


@pytest.mark.parametrize("suite", SuiteId)
def test_lengths_in_the_table_are_those_of_keys_and_signatures(suite: SuiteId) -> None:
    key = key_of(suite)
    assert len(key.public.raw) == SUITES[suite].public_bytes
    assert len(key.sign(b"")) == SUITES[suite].signature_bytes


def test_a_key_id_depends_on_the_suite_and_the_key() -> None:
    keys = [key_of(suite, bytes((n,)) * 32).public for suite in SuiteId for n in (1, 2)]
    assert len({key.kid for key in keys}) == len(keys)
    assert {len(key.kid) for key in keys} == {8}


def test_a_key_of_one_suite_never_verifies_with_another() -> None:
    """The algorithm is the key's: the same seed signs alike in name only."""
    eddsa, es256 = key_of(SuiteId.EDDSA), key_of(SuiteId.ES256)
    with pytest.raises(SignatureMismatch):
        eddsa.public.verify(b"message", es256.sign(b"message"))
    with pytest.raises(SignatureMismatch):
        es256.public.verify(b"message", eddsa.sign(b"message"))
    with pytest.raises(KeyRefused):
        PublicKey(SuiteId.ES256, eddsa.public.raw)
    with pytest.raises(KeyRefused):
        PublicKey(SuiteId.EDDSA, es256.public.raw)


@pytest.mark.parametrize("suite", SuiteId)
def test_secrets_are_not_in_what_a_key_shows_of_itself(suite: SuiteId) -> None:
    key = key_of(suite)
    shown = repr(key) + str(key)
    assert key.seed.hex() not in shown
    assert repr(key.seed) not in shown
    assert key.public.raw.hex() in shown or repr(key.public.raw) in shown


@pytest.mark.parametrize("suite", SuiteId)
def test_keys_are_equal_by_suite_and_bytes(suite: SuiteId) -> None:
    assert key_of(suite) == key_of(suite)
    assert len({key_of(suite).public, key_of(suite).public}) == 1


def test_verify_many_says_for_each_item_what_verify_says() -> None:
    keys = [key_of(suite, bytes((n,)) * 32) for n in (1, 2) for suite in SuiteId]
    items = [(key.public, b"message", key.sign(b"message" if n % 3 else b"another")) for n, key in enumerate(keys * 3)]
    results = verify_many(items)
    assert len(results) == len(items)
    for (key, message, signature), result in zip(items, results, strict=True):
        if result is None:
            key.verify(message, signature)
        else:
            with pytest.raises(SignatureMismatch):
                key.verify(message, signature)
    assert None in results
    assert any(isinstance(result, SignatureMismatch) for result in results)


def test_verify_many_of_nothing_is_nothing() -> None:
    assert verify_many([]) == ()
    assert verify_one_by_one([]) == ()


P256_NUMBERS = st.integers(1, P256_ORDER - 1) | st.integers(0, 255).map(lambda bits: max(1, (1 << bits) - 1))


@given(P256_NUMBERS, P256_NUMBERS)
def test_two_numbers_have_the_librarys_der_form(r: int, s: int) -> None:
    assert encode_ecdsa_der(r.to_bytes(32, "big"), s.to_bytes(32, "big")) == encode_dss_signature(r, s)
