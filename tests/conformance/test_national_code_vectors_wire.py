"""The vectors of the national code, replayed through ``wire`` and ``crypto`` alone: stages (1) to (4).

What a vector expects beyond them (translate, combine, decide) is replayed by the tests of the pipeline and its
doors. For the accepted ones there is a second opinion: a reading with generic CBOR, COSE and Ed25519
or ECDSA parts that share no code with ours.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tongxing.core.errors import Rejected
from tongxing.core.foreign_reasons import FOREIGN_REASONS
from tongxing.core.limits import CLOCK_SKEW, NATIONAL_CODE_LIFE_MAX, NATIONAL_CODE_MAX_BYTES
from tongxing.core.reasons import REASONS, ReasonId, Stage
from tongxing.crypto.keys import PublicKey
from tongxing.crypto.sealing import SealBroken, SymmetricKey
from tongxing.crypto.suites import SignatureMismatch, SuiteId
from tongxing.wire.national_code import NationalCodeClaims, UnverifiedNationalCode, parse_national_code
from tongxing.wire.qr import qr_version
from tongxing.wire.sealed_part import SealedContent, encode_sealed_content, open_content
from vectors.regenerate_national_code import files

FOLDER = Path(__file__).parent.parent.parent / "vectors" / "national-code"
VECTORS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))
}
ACCEPTED = {name: vector for name, vector in VECTORS.items() if "claims" in vector["expected"]}


def find_key(code: UnverifiedNationalCode, bundle: dict[str, Any], now: int) -> PublicKey:
    record = next((row for row in bundle["directory"] if row["region"] == code.issuer_claimed), None)
    if record is None:
        raise Rejected(ReasonId.UNKNOWN_ISSUER)
    if record["suspended"]:
        raise Rejected(ReasonId.ISSUER_SUSPENDED)
    for row in record["keys"]:
        ends = row["valid_until_seconds"]
        in_force = row["valid_from_seconds"] <= now and (ends is None or now < ends)
        if row["kid_hex"] == code.kid.hex() and row["use"] == "national_code" and in_force:
            return PublicKey(SuiteId(row["suite"]), bytes.fromhex(row["public_hex"]))
    raise Rejected(ReasonId.UNKNOWN_KEY)


def check_time(claims: NationalCodeClaims, bundle: dict[str, Any], now: int) -> None:
    if now >= bundle["expires_at_seconds"]:
        raise Rejected(ReasonId.BUNDLE_TOO_OLD)
    if bundle["issued_at_seconds"] > now + CLOCK_SKEW.total_seconds():
        raise Rejected(ReasonId.BUNDLE_FROM_THE_FUTURE)
    if claims.expires_at - claims.issued_at > NATIONAL_CODE_LIFE_MAX.total_seconds():
        raise Rejected(ReasonId.CODE_LIFE_TOO_LONG)
    if now >= claims.expires_at:
        raise Rejected(ReasonId.CODE_EXPIRED)
    if timedelta(seconds=claims.issued_at - now) > CLOCK_SKEW:
        raise Rejected(ReasonId.CODE_NOT_YET_VALID)


def open_sealed_part(claims: NationalCodeClaims, bundle: dict[str, Any]) -> SealedContent:
    key = bundle["INSECURE_TEST_verifier_keys_hex"].get(claims.sealed_on.isoformat())
    if key is None:
        raise Rejected(ReasonId.VERIFIER_KEY_MISSING)
    try:
        return open_content(claims, SymmetricKey(bytes.fromhex(key)).open)
    except SealBroken as broken:
        raise Rejected(ReasonId.SEALED_PART_UNREADABLE) from broken


def replay(vector: dict[str, Any]) -> tuple[NationalCodeClaims, SealedContent]:
    """Run stages (1) to (4) in order."""
    bundle, now = vector["bundle"], vector["clock_seconds"]
    code = parse_national_code(vector["input"]["qr_text"])
    key = find_key(code, bundle, now)
    if key.cose_alg != code.alg:
        raise Rejected(ReasonId.ALGORITHM_REFUSED)
    try:
        claims = code.claims_after(key.verify)
    except SignatureMismatch as mismatch:
        raise Rejected(ReasonId.SIGNATURE_INVALID) from mismatch
    check_time(claims, bundle, now)
    return claims, open_sealed_part(claims, bundle)


@pytest.mark.parametrize("name", sorted(VECTORS.keys() - ACCEPTED.keys()))
def test_what_is_wrong_is_refused_at_its_stage_with_its_own_reason(name: str) -> None:
    expected = VECTORS[name]["expected"]
    with pytest.raises(Rejected) as refused:
        replay(VECTORS[name])
    assert refused.value.reason == expected["reason"]
    assert REASONS[refused.value.reason].stage == expected["stage"]
    assert expected["outcome"] == "REFER"


@pytest.mark.parametrize("name", sorted(ACCEPTED))
def test_what_is_right_is_read_as_it_was_meant(name: str) -> None:
    told = VECTORS[name]["expected"]["claims"]
    claims, content = replay(VECTORS[name])
    assert (claims.issuer, claims.issued_at, claims.expires_at) == (
        told["issuer"],
        told["issued_at_seconds"],
        told["expires_at_seconds"],
    )
    assert claims.credential_id.hex() == told["credential_id_hex"]
    assert claims.extension_token.hex() == told["extension_token_hex"]
    assert claims.sealed.hex() == told["sealed_hex"]
    assert encode_sealed_content(content).hex() == told["content_hex"]
    assert (content.level, content.colour_only, content.others_consulted, content.masked_hint) == (
        told["level"],
        told["colour_only"],
        told["others_consulted"],
        told["masked_hint"],
    )
    origin = content.origin
    assert told["origin"] == (
        origin and {"division": origin.division, "precision": origin.precision, "basis": origin.basis}
    )


def generic_verify(suite: str, public: bytes, signature: bytes, message: bytes) -> None:
    if suite == "EdDSA":
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        return
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("name", sorted(ACCEPTED))
def test_a_generic_reader_of_cbor_and_cose_reads_the_same(name: str) -> None:
    vector = ACCEPTED[name]
    told = vector["expected"]["claims"]
    number = int(vector["input"]["qr_text"].removeprefix("99861"))
    envelope = cbor2.loads(number.to_bytes((number.bit_length() + 7) // 8, "big"))
    assert envelope.tag == 18
    protected, unprotected, payload, signature = envelope.value
    header, claims = cbor2.loads(protected), cbor2.loads(payload)
    (key,) = [
        row for record in vector["bundle"]["directory"] for row in record["keys"] if row["kid_hex"] == header[4].hex()
    ]
    generic_verify(
        key["suite"],
        bytes.fromhex(key["public_hex"]),
        signature,
        cbor2.dumps(["Signature1", protected, b"", payload]),
    )
    assert unprotected == {}
    assert header == {1: {"EdDSA": -8, "ES256": -7}[key["suite"]], 4: header[4], 16: "tongxing-code"}
    assert claims == {
        1: told["issuer"],
        4: told["expires_at_seconds"],
        6: told["issued_at_seconds"],
        7: bytes.fromhex(told["credential_id_hex"]),
        -65537: bytes.fromhex(told["extension_token_hex"]),
        -65538: bytes.fromhex(told["sealed_hex"]),
    }
    day = datetime.fromtimestamp(claims[6], UTC).date().isoformat()
    cipher = AESGCM(bytes.fromhex(vector["bundle"]["INSECURE_TEST_verifier_keys_hex"][day]))
    assert cipher.decrypt(claims[7][:12], claims[-65538], payload[:-40]).hex() == told["content_hex"]


@pytest.mark.parametrize("name", sorted(ACCEPTED))
def test_a_code_is_small_enough_for_its_qr(name: str) -> None:
    qr_text = ACCEPTED[name]["input"]["qr_text"]
    assert qr_version(qr_text) <= 11
    assert int(qr_text[5:]).bit_length() <= 8 * NATIONAL_CODE_MAX_BYTES


def test_every_reason_that_a_national_code_can_meet_has_a_vector() -> None:
    """What is left out is told by pictures and other kinds of code, foreign ones among them, or needs the network."""
    covered = {vector["expected"]["reason"] for vector in VECTORS.values()}
    wanted = {slug for slug, row in REASONS.items() if row.stage in {Stage.AUTHENTICATE, Stage.TIME}}
    wanted -= {slug for slug in wanted if slug.startswith("transit_") or slug in FOREIGN_REASONS}
    assert wanted | {"malformed_code", "unsupported_version", "sealed_part_unreadable"} <= covered


def test_the_committed_vectors_are_the_ones_that_the_script_writes() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    assert committed == files()


def test_every_vector_says_whether_an_alarm_is_due() -> None:
    for vector in VECTORS.values():
        assert vector["expected"]["alarm"] is REASONS[ReasonId(vector["expected"]["reason"])].alarm
