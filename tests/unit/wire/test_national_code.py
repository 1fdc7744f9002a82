from datetime import date

import cbor2
import msgspec
import pytest

from tongxing.core.errors import Rejected
from tongxing.core.limits import NATIONAL_CODE_MAX_BYTES
from tongxing.core.reasons import ReasonId
from tongxing.core.words import RegionId
from tongxing.wire.cbor import WireError, encode_canonical
from tongxing.wire.national_code import NationalCodeClaims, encode_national_code, parse_national_code
from tongxing.wire.qr import qr_version

KID = bytes(range(8))
CLAIMS = NationalCodeClaims(
    RegionId("42"), bytes(range(16)), 1_586_505_600, 1_586_505_660, bytes(range(16, 32)), bytes(range(40))
)
CITY = msgspec.structs.replace(CLAIMS, issuer=RegionId("4201"))


def encoded(claims: NationalCodeClaims = CLAIMS, *, alg: int = -8, signature: bytes = bytes(64)) -> str:
    return encode_national_code(claims, alg=alg, kid=KID, sign=lambda _: signature)


def reason_of(qr_text: str) -> ReasonId:
    with pytest.raises(Rejected) as refused:
        parse_national_code(qr_text)
    return refused.value.reason


@pytest.mark.parametrize("claims", [CLAIMS, CITY])
def test_claims_come_out_only_after_the_check(claims: NationalCodeClaims) -> None:
    seen: list[tuple[bytes, bytes]] = []
    code = parse_national_code(encoded(claims))
    assert (code.issuer_claimed, code.kid, code.alg) == (claims.issuer, KID, -8)
    assert code.claims_after(lambda message, signature: seen.append((message, signature))) == claims
    assert seen == [(code.to_be_signed, bytes(64))]


def test_a_check_that_fails_keeps_the_claims_in() -> None:
    def refuse(message: bytes, signature: bytes) -> None:
        raise Rejected(ReasonId.SIGNATURE_INVALID, f"{len(message)} and {len(signature)} bytes")

    with pytest.raises(Rejected):
        parse_national_code(encoded()).claims_after(refuse)


@pytest.mark.parametrize("claims", [CLAIMS, CITY])
def test_the_layout_is_deterministic_cbor_of_the_claims(claims: NationalCodeClaims) -> None:
    number = int(encoded(claims)[5:])
    payload = cbor2.loads(number.to_bytes((number.bit_length() + 7) // 8, "big")).value[2]
    decoded = cbor2.loads(payload)
    assert payload == encode_canonical(dict(decoded))
    assert payload.startswith(claims.seal_additional_data)
    assert decoded == {
        1: claims.issuer,
        4: claims.expires_at,
        6: claims.issued_at,
        7: claims.credential_id,
        -65537: claims.extension_token,
        -65538: claims.sealed,
    }


@pytest.mark.parametrize("claims", [CLAIMS, CITY])
def test_a_code_of_64_bytes_of_signature_fits_qr_version_10(claims: NationalCodeClaims) -> None:
    assert qr_version(encoded(claims, signature=b"\xff" * 64)) == 10


def test_the_largest_code_fits_qr_version_11() -> None:
    room = NATIONAL_CODE_MAX_BYTES - 207
    largest = encoded(CITY, signature=b"\xff" * (64 + room))
    assert int(largest[5:]).bit_length() == 8 * NATIONAL_CODE_MAX_BYTES
    assert qr_version(largest) == 11
    with pytest.raises(WireError, match="221 bytes"):
        encoded(CITY, signature=b"\xff" * (65 + room))


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": ""},
        {"issuer": "420"},
        {"issuer": "4x"},
        {"issuer": "４２"},
        {"issued_at": 0},
        {"issued_at": 65_535},
        {"issued_at": -1},
        {"expires_at": CLAIMS.issued_at},
        {"expires_at": CLAIMS.issued_at - 1},
        {"expires_at": 1 << 32},
        {"credential_id": bytes(15)},
        {"credential_id": bytes(17)},
        {"extension_token": b""},
        {"sealed": b""},
        {"sealed": bytes(41)},
    ],
    ids=repr,
)
def test_claims_that_have_no_place_cannot_be_encoded(change: dict[str, object]) -> None:
    with pytest.raises(WireError):
        encoded(msgspec.structs.replace(CLAIMS, **change))


@pytest.mark.parametrize("version", "023456789")
def test_other_versions_are_told_as_such(version: str) -> None:
    assert reason_of(f"9986{version}{encoded()[5:]}") is ReasonId.UNSUPPORTED_VERSION
    assert reason_of(f"9986{version}") is ReasonId.UNSUPPORTED_VERSION


@pytest.mark.parametrize("text", ["", "9", "9986", "9986a1", "9986１", "9985140", "HBJKM.", "99861"])
def test_a_text_without_version_or_number_is_malformed(text: str) -> None:
    assert reason_of(text) is ReasonId.MALFORMED_CODE


@pytest.mark.parametrize(
    "digits",
    ["0", "1", "00", "-1", "+1", "1_0", " 1", "1 ", "1\n", "1.0", "1e9", "0x1", "١", "１", "²", "\ud800", "\x00"],
)
def test_what_some_number_reader_would_take_is_malformed(digits: str) -> None:
    assert reason_of("99861" + digits) is ReasonId.MALFORMED_CODE
    assert reason_of(encoded() + digits) is ReasonId.MALFORMED_CODE


@pytest.mark.parametrize("length", [526, 5_000, 100_000, 5_000_000])
def test_length_is_bounded_before_the_number_is_read(length: int) -> None:
    assert reason_of("99861" + "9" * length) is ReasonId.MALFORMED_CODE


def test_no_number_of_allowed_length_has_more_bytes_than_a_code() -> None:
    assert reason_of("99861" + "9" * 530) is ReasonId.MALFORMED_CODE
    assert reason_of("99861" + str(1 << 8 * NATIONAL_CODE_MAX_BYTES)) is ReasonId.MALFORMED_CODE


@pytest.mark.parametrize(
    ("seconds", "day"),
    [(1_586_476_799, date(2020, 4, 9)), (1_586_476_800, date(2020, 4, 10)), (1_586_563_199, date(2020, 4, 10))],
)
def test_the_sealed_part_belongs_to_the_day_of_issue_in_utc(seconds: int, day: date) -> None:
    assert msgspec.structs.replace(CLAIMS, issued_at=seconds, expires_at=seconds + 60).sealed_on == day


def test_claims_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        CLAIMS.issuer = RegionId("45")  # type: ignore[misc]
