import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tongxing.crypto.sealing import SealBroken, SealingPair, SymmetricKey, seal_to
from tongxing.crypto.suites import KeyRefused

KEY = SymmetricKey(bytes(range(32)))
NONCE = bytes(range(12))


def test_the_symmetric_seal_is_aes_256_gcm() -> None:
    """The GCM specification's test case 14."""
    sealed = SymmetricKey(bytes(32)).seal(bytes(12), bytes(16), b"")
    assert sealed.hex() == "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"


def test_what_was_sealed_opens_under_the_same_key_nonce_and_circumstances() -> None:
    assert KEY.open(NONCE, KEY.seal(NONCE, b"content", b"about"), b"about") == b"content"


def test_any_flipped_bit_breaks_the_seal() -> None:
    sealed = KEY.seal(NONCE, b"content", b"about")
    for bit in range(8 * len(sealed)):
        altered = bytearray(sealed)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            KEY.open(NONCE, bytes(altered), b"about")


@pytest.mark.parametrize("cut", range(24))
def test_a_cut_ciphertext_breaks_the_seal(cut: int) -> None:
    with pytest.raises(SealBroken):
        KEY.open(NONCE, KEY.seal(NONCE, b"content", b"about")[:cut][:22], b"about")


def test_another_key_nonce_or_circumstance_breaks_the_seal() -> None:
    sealed = KEY.seal(NONCE, b"content", b"about")
    with pytest.raises(SealBroken):
        SymmetricKey(bytes(32)).open(NONCE, sealed, b"about")
    with pytest.raises(SealBroken):
        KEY.open(bytes(12), sealed, b"about")
    with pytest.raises(SealBroken):
        KEY.open(NONCE, sealed, b"about another")


@pytest.mark.parametrize("length", [0, 8, 11, 13, 16])
def test_a_nonce_of_another_length_is_an_error_of_the_caller(length: int) -> None:
    with pytest.raises(ValueError, match="12 bytes"):
        KEY.seal(bytes(length), b"content", b"")
    with pytest.raises(ValueError, match="12 bytes"):
        KEY.open(bytes(length), bytes(32), b"")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(KeyRefused):
        SymmetricKey(bytes(length))
    with pytest.raises(KeyRefused):
        SealingPair.from_seed(bytes(length))


def test_secrets_are_not_in_what_keys_show_of_themselves() -> None:
    pair = SealingPair.from_seed(bytes(range(32)))
    for shown, secret in ((repr(KEY), KEY.raw), (repr(pair), pair.seed)):
        assert repr(secret) not in shown
        assert secret.hex() not in shown
    assert SymmetricKey(bytes(range(32))) == KEY


def test_the_seal_to_a_pair_is_the_hpke_suite_of_rfc_9180() -> None:
    """RFC 9180, appendix A.1.1: the key schedule's key and base nonce, at sequence number 0, without data beside."""
    pair = SealingPair.from_seed(bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"))
    encapsulated = bytes.fromhex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431")
    key = AESGCM(bytes.fromhex("4531685d41d65f03dc48f6b8302c05b0"))
    plaintext = b"Beauty is truth, truth beauty"
    ciphertext = key.encrypt(bytes.fromhex("56d890e5accaaf011cff4b7d"), plaintext, b"")
    assert pair.public.hex() == "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d"
    assert pair.open(encapsulated + ciphertext, b"Ode on a Grecian Urn") == plaintext


def test_what_is_sealed_to_a_pair_only_that_pair_opens() -> None:
    pair, other = SealingPair.from_seed(bytes(31) + b"\1"), SealingPair.from_seed(bytes(31) + b"\2")
    sealed = seal_to(pair.public, b"a key", b"verifier keys")
    assert pair.open(sealed, b"verifier keys") == b"a key"
    with pytest.raises(SealBroken):
        other.open(sealed, b"verifier keys")
    with pytest.raises(SealBroken):
        pair.open(sealed, b"another purpose")


def test_any_flipped_or_missing_byte_breaks_what_is_sealed_to_a_pair() -> None:
    pair = SealingPair.from_seed(bytes(31) + b"\1")
    sealed = seal_to(pair.public, b"a key", b"verifier keys")
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(SealBroken):
            pair.open(bytes(altered), b"verifier keys")
        with pytest.raises(SealBroken):
            pair.open(sealed[:place], b"verifier keys")


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(32), (1).to_bytes(32, "little")])
def test_nothing_is_sealed_to_a_key_that_anybody_could_open(public: bytes) -> None:
    with pytest.raises(KeyRefused):
        seal_to(public, b"a key", b"verifier keys")
