"""Foreign signers: any writing of a certificate is read, what no proof is signed with is refused, the key decides."""

import base64
import contextlib
import json
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from tests.dcc_issuer import DccIssuer, Key, ec_key
from tongxing.core.departures import Departure
from tongxing.crypto.digests import sha256
from tongxing.crypto.foreign_signers import AlgorithmMismatch, ForeignSigner, ForeignUsage, load_foreign_signer
from tongxing.crypto.lenient_certificates import CERTIFICATE_MAX_BYTES, CertificateRefused, read_certificate
from tongxing.crypto.suites import SignatureMismatch

ES256, ES384, PS256, RS256, EDDSA = -7, -35, -37, -257, -8
TEST_OID, VACCINATION_OID, RECOVERY_OID = (f"1.3.6.1.4.1.1847.2021.1.{number}" for number in (1, 2, 3))
OLD_TEST_OID = "1.3.6.1.4.1.0.1847.2021.1.1"
MESSAGE = b"to be signed"

RSA_KEY = rsa.generate_private_key(65537, 2048)
ISSUER = DccIssuer()
RSA_ISSUER = DccIssuer(RSA_KEY)
DER = ISSUER.certificate


def as_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def load(data: bytes) -> ForeignSigner:
    return load_foreign_signer(as_text(data))


def key_info(key: Key) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


PEM = x509.load_der_x509_certificate(DER).public_bytes(serialization.Encoding.PEM).decode()
TEXTS: dict[str, str] = {
    "base64": as_text(DER),
    "without padding": as_text(DER).rstrip("="),
    "url alphabet": base64.urlsafe_b64encode(DER).decode(),
    "in lines": base64.encodebytes(DER).decode(),
    "PEM": PEM,
    "PEM after what it is": f"subject=CN = A\r\n{PEM}",
    "PEM in one line": PEM.replace("\n", ""),
    "PEM with line ends written out": json.dumps(PEM).strip('"'),
    "quoted": json.dumps(as_text(DER)),
    "PEM in base64": as_text(PEM.encode()),
    "base64 in base64": as_text(as_text(DER).encode()),
    "hexadecimal": DER.hex(),
    "hexadecimal in capitals": DER.hex(" ", 32).upper(),
    "with spaces around": f"  {as_text(DER)}\r\n",
}


@pytest.mark.parametrize("written", TEXTS)
def test_every_writing_of_a_certificate_is_read(written: str) -> None:
    signer = load_foreign_signer(TEXTS[written])
    assert signer.kids[0] == sha256(DER)[:8]
    assert signer.verify(ES256, MESSAGE, ISSUER.sign(MESSAGE)) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "30xx",
        "308",
        "MII",
        "hello world",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE",
        "-----BEGIN X-----\n!!\n-----END X-----",
        "é" * 9,
        "A" * (3 * CERTIFICATE_MAX_BYTES),
        as_text(b"hello"),
        as_text(b"\xff" * 99),
        as_text(b"\x30"),
        as_text(b"\x30\x03\x02\x01\x01"),
        as_text(b"\x30\x84\xff\xff\xff\xff"),
        as_text(b"\x30\x80" * 5_000),
        as_text(b"\x30" * (CERTIFICATE_MAX_BYTES + 1)),
    ],
)
def test_what_is_no_certificate_is_refused(text: str) -> None:
    with pytest.raises(CertificateRefused):
        load_foreign_signer(text)


@pytest.mark.parametrize(
    "key",
    [
        ec_key(curve=ec.SECP256K1()),
        ec_key(curve=ec.SECP224R1()),
        ec_key(curve=ec.SECP521R1()),
        rsa.generate_private_key(65537, 1024),  # noqa: S505 - refused because it is weak
    ],
    ids=["secp256k1", "P-224", "P-521", "RSA 1024"],
)
def test_a_key_with_which_no_proof_is_signed_is_refused(key: Key) -> None:
    with pytest.raises(CertificateRefused):
        load(key_info(key))


def test_an_ed25519_key_is_refused() -> None:
    raw = ed25519.Ed25519PrivateKey.generate().public_key()
    data = raw.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(CertificateRefused):
        load(data)


def test_a_point_off_the_curve_is_refused() -> None:
    data = bytearray(key_info(ISSUER.key))
    data[-1] ^= 1
    with pytest.raises(CertificateRefused):
        load(bytes(data))


def test_a_bare_key_is_borne_by_name_and_limits_nothing() -> None:
    signer = load(key_info(ISSUER.key))
    assert signer.departures == {Departure.CERTIFICATE_IS_A_KEY}
    assert all(map(signer.may_sign, ForeignUsage))
    assert signer.is_within(datetime(1990, 1, 1, tzinfo=UTC))


def test_key_ids_that_issuers_use_in_place_of_the_right_one_find_the_signer_too() -> None:
    signer = load(DER)
    assert {sha256(DER)[:8], sha256(DER), sha256(key_info(ISSUER.key))[:8]} <= set(signer.kids)


@pytest.mark.parametrize(
    ("usages", "allowed"),
    [
        ((), set(ForeignUsage)),
        (("1.3.6.1.5.5.7.3.2",), set(ForeignUsage)),
        ((TEST_OID,), {ForeignUsage.TEST}),
        ((OLD_TEST_OID,), {ForeignUsage.TEST}),
        ((VACCINATION_OID, RECOVERY_OID), {ForeignUsage.VACCINATION, ForeignUsage.RECOVERY}),
        ((VACCINATION_OID, "1.3.6.1.5.5.7.3.2"), {ForeignUsage.VACCINATION}),
        (("1.3.6.1.4.1.1847.2021.1.4",), set(ForeignUsage)),
    ],
)
def test_usages_limit_only_where_one_is_of_proofs(usages: tuple[str, ...], allowed: set[ForeignUsage]) -> None:
    signer = load(DccIssuer(usages=usages).certificate)
    assert {usage for usage in ForeignUsage if signer.may_sign(usage)} == allowed


def test_the_certificate_says_when_it_was_valid() -> None:
    signer = load(DER)
    assert [signer.is_within(datetime(year, 6, 1, tzinfo=UTC)) for year in (2020, 2021, 2022, 2023)] == [
        False,
        True,
        True,
        False,
    ]


P384 = DccIssuer(ec_key(curve=ec.SECP384R1()))
P384_SHA384 = DccIssuer(ec_key(curve=ec.SECP384R1()), digest=hashes.SHA384())
BRAINPOOL = DccIssuer(ec_key(curve=ec.BrainpoolP256R1()))
LONG_SALT = DccIssuer(RSA_KEY, salt=64)
OTHER_CURVE = {Departure.CURVE_OF_OTHER_ALGORITHM}


@pytest.mark.parametrize(
    ("issuer", "alg", "departures"),
    [
        (ISSUER, ES256, set()),
        (ISSUER, None, set()),
        (RSA_ISSUER, PS256, set()),
        (RSA_ISSUER, None, set()),
        (LONG_SALT, PS256, {Departure.SALT_OF_OTHER_LENGTH}),
        (P384, ES256, OTHER_CURVE),
        (P384_SHA384, ES256, OTHER_CURVE),
        (P384_SHA384, ES384, OTHER_CURVE),
        (BRAINPOOL, ES256, OTHER_CURVE),
    ],
    ids=["ES256", "none", "PS256", "none, RSA", "long salt", "P-384", "P-384, SHA-384", "ES384", "brainpool"],
)
def test_the_key_decides_how_is_verified(issuer: DccIssuer, alg: int | None, departures: set[Departure]) -> None:
    signer = load(issuer.certificate)
    signature = issuer.sign(MESSAGE)
    assert signer.verify(alg, MESSAGE, signature) == departures
    for wrong in (
        signature[:-1],
        signature + b"\0",
        b"",
        bytes(len(signature)),
        b"\xff" * len(signature),
        signature[::-1],
    ):
        with pytest.raises(SignatureMismatch):
            signer.verify(alg, MESSAGE, wrong)
    with pytest.raises(SignatureMismatch):
        signer.verify(alg, MESSAGE + b"!", signature)


@pytest.mark.parametrize(
    ("issuer", "alg"),
    [
        (ISSUER, PS256),
        (ISSUER, ES384),
        (ISSUER, EDDSA),
        (ISSUER, 5),
        (RSA_ISSUER, ES256),
        (RSA_ISSUER, RS256),
        (P384, PS256),
    ],
)
def test_another_algorithm_than_the_keys_is_refused_whatever_the_signature(issuer: DccIssuer, alg: int) -> None:
    with pytest.raises(AlgorithmMismatch):
        load(issuer.certificate).verify(alg, MESSAGE, issuer.sign(MESSAGE))


# The certificate is 30 82 xx xx, and what it signs 30 81 xx, a0 03 02 01 02 (version 3), 02 01 07 (serial number).
SIGNED_AT, VERSION_BYTES, SERIAL_BYTES = 4, 5, 3


def with_serial(serial: bytes) -> bytes:
    """Return the certificate with another element in place of its serial number, all lengths right."""
    begin = SIGNED_AT + 3
    end = begin + DER[SIGNED_AT + 2]
    signed = DER[begin : begin + VERSION_BYTES] + serial + DER[begin + VERSION_BYTES + SERIAL_BYTES : end]
    inner = b"\x30\x81" + bytes((len(signed),)) + signed + DER[end:]
    return b"\x30\x82" + len(inner).to_bytes(2, "big") + inner


def test_the_certificate_is_taken_apart_where_it_should_be() -> None:
    assert with_serial(b"\x02\x01\x07") == DER


def indefinite(data: bytes) -> bytes:
    """Return the certificate with no length in its outermost head."""
    return b"\x30\x80" + data[4:] + b"\0\0"


def indefinite_inside() -> bytes:
    """Return the certificate with no length at what is signed, which more follows."""
    begin = SIGNED_AT + 3
    end = begin + DER[SIGNED_AT + 2]
    inner = b"\x30\x80" + DER[begin:end] + b"\0\0" + DER[end:]
    return b"\x30\x82" + len(inner).to_bytes(2, "big") + inner


USAGE = DccIssuer(usages=(TEST_OID,)).certificate
NOT_QUITE_DER: dict[str, bytes] = {
    "a serial number with a needless byte": with_serial(b"\x02\x02\x00\x07"),
    "a length in more bytes than needed": with_serial(b"\x02\x81\x01\x07"),
    "lengths of no bytes": indefinite(DER),
    "lengths of no bytes inside": indefinite_inside(),
    "bytes after it": DER + b"\0",
}


@pytest.mark.parametrize("fault", NOT_QUITE_DER)
def test_a_certificate_that_is_not_quite_der_is_borne_by_name(fault: str) -> None:
    signer = load(NOT_QUITE_DER[fault])
    assert signer.departures == {Departure.CERTIFICATE_NOT_DER}
    assert signer.kids[0] == sha256(NOT_QUITE_DER[fault])[:8]
    assert signer.verify(ES256, MESSAGE, ISSUER.sign(MESSAGE)) == frozenset()


def test_an_empty_list_of_usages_limits_nothing_and_is_borne_by_name() -> None:
    signer = load(DccIssuer(usages=("",)).certificate)
    assert signer.departures == {Departure.CERTIFICATE_NOT_DER}
    assert all(map(signer.may_sign, ForeignUsage))


def test_usages_of_a_certificate_that_is_not_quite_der_limit_too() -> None:
    signer = load(indefinite(USAGE))
    assert signer.departures == {Departure.CERTIFICATE_NOT_DER}
    assert [signer.may_sign(usage) for usage in ForeignUsage] == [True, False, False]


def test_a_changed_bit_of_a_certificate_is_read_or_refused() -> None:
    for at in range(len(USAGE)):
        for bit in range(8):
            data = USAGE[:at] + bytes((USAGE[at] ^ 1 << bit,)) + USAGE[at + 1 :]
            with contextlib.suppress(CertificateRefused):
                assert load(data).kids[0] == sha256(data)[:8]


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: b"\x30\x80\x30\x80" + tail))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(CertificateRefused):
        read_certificate(data)
