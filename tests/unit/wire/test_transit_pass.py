"""The transit pass's bytes: what comes out, when, and what has no place in it."""

import cbor2
import msgspec
import pytest

from tongxing.core.errors import Rejected
from tongxing.core.limits import TRANSIT_PASS_MAX_BYTES, TRANSIT_ROUTE_MAX
from tongxing.core.reasons import ReasonId
from tongxing.core.transit import Plate
from tongxing.core.words import RegionId
from tongxing.wire.cbor import WireError, encode_canonical
from tongxing.wire.national_code import parse_national_code
from tongxing.wire.qr import qr_version
from tongxing.wire.transit_pass import TransitPassClaims, encode_transit_pass, is_transit_pass, parse_transit_pass

KID = bytes(range(8))
CLAIMS = TransitPassClaims(
    RegionId("42"),
    bytes(range(16)),
    1_586_505_600,
    1_586_509_200,
    1_586_592_000,
    bytes(range(16, 32)),
    Plate("鄂A12345"),
    ("4201", "43", "450100"),
)
LONGEST = msgspec.structs.replace(
    CLAIMS, issuer=RegionId("4201"), plate="鄂A1234挂", route=tuple(f"4501{n:02d}" for n in range(TRANSIT_ROUTE_MAX))
)


def encoded(claims: TransitPassClaims = CLAIMS, *, signature: bytes = bytes(64)) -> str:
    return encode_transit_pass(claims, alg=-8, kid=KID, sign=lambda _: signature)


def reason_of(qr_text: str) -> ReasonId:
    with pytest.raises(Rejected) as refused:
        parse_transit_pass(qr_text)
    return refused.value.reason


@pytest.mark.parametrize("claims", [CLAIMS, LONGEST])
def test_claims_come_out_only_after_the_check(claims: TransitPassClaims) -> None:
    seen: list[tuple[bytes, bytes]] = []
    read = parse_transit_pass(encoded(claims))
    assert (read.issuer_claimed, read.kid, read.alg) == (claims.issuer, KID, -8)
    assert read.claims_after(lambda message, signature: seen.append((message, signature))) == claims
    assert seen == [(read.to_be_signed, bytes(64))]


def test_a_check_that_fails_keeps_the_claims_in() -> None:
    def refuse(_message: bytes, _signature: bytes) -> None:
        raise Rejected(ReasonId.SIGNATURE_INVALID)

    with pytest.raises(Rejected):
        parse_transit_pass(encoded()).claims_after(refuse)


def test_the_payload_is_deterministic_cbor_of_exactly_these_claims() -> None:
    number = int(encoded()[5:])
    header, _, payload, _ = cbor2.loads(number.to_bytes((number.bit_length() + 7) // 8, "big")).value
    decoded = cbor2.loads(payload)
    assert cbor2.loads(header)[16] == "tongxing-transit-pass"
    assert payload == encode_canonical(dict(decoded))
    assert decoded == {
        1: "42",
        4: CLAIMS.expires_at,
        5: CLAIMS.valid_from,
        6: CLAIMS.issued_at,
        7: CLAIMS.pass_id,
        -65537: CLAIMS.extension_token,
        -65552: "鄂A12345",
        -65553: ["4201", "43", "450100"],
    }


def test_the_longest_pass_fits_qr_version_13_and_the_bound() -> None:
    text = encoded(LONGEST, signature=b"\xff" * 64)
    assert qr_version(text) == 13
    assert int(text[5:]).bit_length() <= 8 * TRANSIT_PASS_MAX_BYTES
    with pytest.raises(WireError, match="at most 320"):
        encoded(LONGEST, signature=b"\xff" * 80)


def test_a_pass_is_no_national_code_and_a_national_code_no_pass() -> None:
    with pytest.raises(Rejected):
        parse_national_code(encoded())
    assert is_transit_pass(encoded())
    assert not is_transit_pass("99861" + encoded()[5:])
    assert reason_of("99861" + encoded()[5:]) is ReasonId.MALFORMED_CODE


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": ""},
        {"issuer": "420"},
        {"issued_at": 0},
        {"issued_at": CLAIMS.valid_from + 1},
        {"valid_from": CLAIMS.expires_at},
        {"expires_at": 1 << 32},
        {"pass_id": bytes(15)},
        {"extension_token": b""},
        {"plate": ""},
        {"plate": "A12345"},
        {"plate": "鄂I12345"},
        {"plate": "鄂AO2345"},
        {"plate": "鄂A1234"},
        {"plate": "鄂A1234567"},
        {"plate": "鄂A１2345"},
        {"plate": "鄂A12345\n"},
        {"route": ()},
        {"route": ("42", "42")},
        {"route": ("420",)},
        {"route": ("4２",)},
        {"route": tuple(f"{n:02d}" for n in range(11, 28))},
    ],
    ids=repr,
)
def test_claims_that_have_no_place_cannot_be_encoded(change: dict[str, object]) -> None:
    with pytest.raises(WireError):
        encoded(msgspec.structs.replace(CLAIMS, **change))


@pytest.mark.parametrize("plate", ["鄂A12345", "粤BD12345", "桂A1234挂", "藏A00001", "沪AF12345"])
def test_plates_of_lorries_trailers_and_electric_vehicles_have_a_place(plate: str) -> None:
    claims = msgspec.structs.replace(CLAIMS, plate=plate)
    assert parse_transit_pass(encoded(claims)).claims_after(lambda *_: None).transit.plate == plate


@pytest.mark.parametrize("version", "023456789")
def test_other_versions_are_told_as_such(version: str) -> None:
    assert reason_of(f"9987{version}{encoded()[5:]}") is ReasonId.UNSUPPORTED_VERSION


@pytest.mark.parametrize(
    "text", ["", "9", "9987", "9987a1", "9987１", "99871", "998710", "99871x", "99871" + "9" * 5_000_000]
)
def test_a_text_without_version_or_number_is_malformed(text: str) -> None:
    assert reason_of(text) is ReasonId.MALFORMED_CODE
