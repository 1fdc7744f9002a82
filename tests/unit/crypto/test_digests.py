from tongxing.crypto.digests import hmac_sha256, is_same_secret, sha256, unsafe_md5


def test_sha256_is_that_of_fips_180() -> None:
    assert sha256(b"abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_md5_is_that_of_rfc_1321() -> None:
    assert unsafe_md5(b"").hex() == "d41d8cd98f00b204e9800998ecf8427e"
    assert unsafe_md5(b"message digest").hex() == "f96b697d7cb7938d525a2f31aaf161d0"


def test_hmac_is_that_of_rfc_4231() -> None:
    """Test case 2."""
    assert hmac_sha256(b"Jefe", b"what do ya want for nothing?").hex() == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_secrets_are_compared_whole() -> None:
    assert is_same_secret(b"secret", b"secret")
    assert not is_same_secret(b"secret", b"secre")
    assert not is_same_secret(b"secret", b"Secret")
