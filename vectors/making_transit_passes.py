"""Transit passes whose parts may be wrong: what ``vectors/transit-pass`` is made of. Keys: ``making_codes``."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from tongxing.core.reasons import REASONS, ReasonId, Stage
from tongxing.core.transit import Plate, Route
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.crypto.keys import SigningKey
from tongxing.wire.cbor import encode_canonical
from tongxing.wire.cose import encode_protected, to_be_signed
from tongxing.wire.transit_pass import CONTENT_TYPE, PREFIX, TransitPassClaims, encode_transit_pass
from vectors.making_codes import (
    CLOCK,
    GUANGXI,
    HUBEI,
    HUBEI_KEY,
    INSECURE_TEST_VERIFIER_KEYS,
    make_directory,
    seconds_of,
)

ISSUED = int(CLOCK.timestamp()) - 20
HOUR = 3_600
ROUTE: Route = ("4201", "43", "450100")


def pass_claims(
    *,
    issuer: RegionId = HUBEI,
    issued_at: int = ISSUED,
    valid_from: int | None = None,
    life: int = 48 * HOUR,
    plate: str = "鄂A12345",
    route: Route = ROUTE,
) -> TransitPassClaims:
    """Return claims that are right but for what is given."""
    return TransitPassClaims(
        issuer=issuer,
        pass_id=sha256(b"pass id")[:16],
        issued_at=issued_at,
        valid_from=issued_at if valid_from is None else valid_from,
        expires_at=issued_at + life,
        extension_token=sha256(b"extension token of a pass")[:16],
        plate=Plate(plate),
        route=route,
    )


def pass_text(claims: TransitPassClaims, key: SigningKey = HUBEI_KEY) -> str:
    """Return the text of a pass that is rightly encoded and signed."""
    return encode_transit_pass(claims, alg=key.public.cose_alg, kid=key.public.kid, sign=key.sign)


def pass_bytes(qr_text: str) -> bytes:
    """Return the bytes behind the text of a pass."""
    number = int(qr_text.removeprefix(PREFIX))
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def pass_digits(data: bytes) -> str:
    """Return the text for any bytes that do not begin with zero."""
    return PREFIX + str(int.from_bytes(data, "big"))


def make_pass(
    *,
    protected: bytes | None = None,
    payload: bytes | None = None,
    unprotected: bytes = b"\xa0",
    key: SigningKey = HUBEI_KEY,
    alter: Callable[[bytes], bytes] = lambda signature: signature,
) -> str:
    """Return the text of a pass whose parts may be wrong, rightly signed over what it says."""
    header = encode_protected(key.public.cose_alg, key.public.kid, CONTENT_TYPE) if protected is None else protected
    claims = pass_payload() if payload is None else payload
    signature = alter(key.sign(to_be_signed(header, claims)))
    parts = (encode_canonical(header), unprotected, encode_canonical(claims), encode_canonical(signature))
    return pass_digits(b"\xd2\x84" + b"".join(parts))


def pass_payload(changes: Mapping[int, object] | None = None, without: int | None = None) -> bytes:
    """Return claims that may be wrong, in deterministic CBOR."""
    claims = pass_claims()
    values: dict[int, object] = {
        1: str(claims.issuer),
        4: claims.expires_at,
        5: claims.valid_from,
        6: claims.issued_at,
        7: claims.pass_id,
        -65537: claims.extension_token,
        -65552: str(claims.plate),
        -65553: list(claims.route),
    }
    values.update(changes or {})
    if without is not None:
        del values[without]
    return encode_canonical(values)


def pass_with_bit_flipped(qr_text: str, bit_from_end: int) -> str:
    """Return the pass with one bit flipped; bit 0 is the lowest of the last byte."""
    data = pass_bytes(qr_text)
    return pass_digits((int.from_bytes(data, "big") ^ 1 << bit_from_end).to_bytes(len(data), "big"))


GOOD_PASS = pass_text(pass_claims())
OTHER_PASS = pass_text(msgspec.structs.replace(pass_claims(), pass_id=sha256(b"another pass id")[:16]))


def pass_vector(
    title: str,
    qr_text: str,
    reason: ReasonId,
    *,
    at: datetime = CLOCK,
    host: RegionId = GUANGXI,
    bundle: Mapping[str, Any] | None = None,
    told: TransitPassClaims | None = None,
) -> dict[str, Any]:
    """Return one vector; ``told`` is what a verifier reads in a pass whose driver it then asks for."""
    row = REASONS[reason]
    vector: dict[str, Any] = {
        "title": title,
        "spec": "docs/specs/transit-pass.md, version 1",
        "input": {"qr_text": qr_text, "host": host, "place_kind": "traffic_gate"},
        "clock": at.isoformat(),
        "clock_seconds": int(at.timestamp()),
        "bundle": {
            "number": 7,
            "issued_at_seconds": seconds_of("2020-04-09"),
            "expires_at_seconds": seconds_of("2020-04-16"),
            "directory": make_directory(),
            "INSECURE_TEST_verifier_keys_hex": {day: key.hex() for day, key in INSECURE_TEST_VERIFIER_KEYS.items()},
            "areas_above_low": [],
            **(bundle or {}),
        },
        "expected": {
            "stage": int(row.stage),
            "stage_name": Stage(row.stage).name.lower(),
            "outcome": "REFER",
            "reason": reason.value,
            "alarm": row.alarm,
        },
    }
    if told is not None:
        vector["expected"]["claims"] = {
            "issuer": told.issuer,
            "pass_id_hex": told.pass_id.hex(),
            "issued_at_seconds": told.issued_at,
            "valid_from_seconds": told.valid_from,
            "expires_at_seconds": told.expires_at,
            "extension_token_hex": told.extension_token.hex(),
            "plate": told.plate,
            "route": list(told.route),
        }
    return vector
