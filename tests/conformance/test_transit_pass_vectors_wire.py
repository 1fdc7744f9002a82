"""The vectors of the transit pass through ``wire`` and ``crypto`` alone, and a second opinion on the right ones.

What the pipeline says of them in every door: ``test_same_everywhere``.
"""

import json
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tongxing.core.errors import Rejected
from tongxing.core.reasons import REASONS, ReasonId
from tongxing.wire.qr import qr_version
from tongxing.wire.transit_pass import parse_transit_pass
from vectors.regenerate_transit_pass import files

FOLDER = Path(__file__).parent.parent.parent / "vectors" / "transit-pass"
VECTORS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))
}
ACCEPTED = {name: vector for name, vector in VECTORS.items() if "claims" in vector["expected"]}
READ_STAGE = sorted(name for name, vector in VECTORS.items() if vector["expected"]["stage"] == 1)


@pytest.mark.parametrize("name", READ_STAGE)
def test_what_cannot_be_read_is_refused_before_anything_else(name: str) -> None:
    with pytest.raises(Rejected) as refused:
        parse_transit_pass(VECTORS[name]["input"]["qr_text"])
    assert refused.value.reason == VECTORS[name]["expected"]["reason"]


@pytest.mark.parametrize("name", sorted(VECTORS.keys() - set(READ_STAGE)))
def test_everything_else_has_the_right_form(name: str) -> None:
    parse_transit_pass(VECTORS[name]["input"]["qr_text"])


@pytest.mark.parametrize("name", sorted(ACCEPTED))
def test_a_generic_reader_of_cbor_and_cose_reads_what_was_meant(name: str) -> None:
    vector = ACCEPTED[name]
    told = vector["expected"]["claims"]
    number = int(vector["input"]["qr_text"].removeprefix("99871"))
    envelope = cbor2.loads(number.to_bytes((number.bit_length() + 7) // 8, "big"))
    protected, unprotected, payload, signature = envelope.value
    header = cbor2.loads(protected)
    (key,) = [
        row for record in vector["bundle"]["directory"] for row in record["keys"] if row["kid_hex"] == header[4].hex()
    ]
    message, public = cbor2.dumps(["Signature1", protected, b"", payload]), bytes.fromhex(key["public_hex"])
    if key["suite"] == "EdDSA":
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    else:
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        curve_key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        curve_key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    assert (envelope.tag, unprotected) == (18, {})
    assert header == {1: {"EdDSA": -8, "ES256": -7}[key["suite"]], 4: header[4], 16: "tongxing-transit-pass"}
    assert cbor2.loads(payload) == {
        1: told["issuer"],
        4: told["expires_at_seconds"],
        5: told["valid_from_seconds"],
        6: told["issued_at_seconds"],
        7: bytes.fromhex(told["pass_id_hex"]),
        -65537: bytes.fromhex(told["extension_token_hex"]),
        -65552: told["plate"],
        -65553: told["route"],
    }


@pytest.mark.parametrize("name", sorted(ACCEPTED))
def test_a_pass_is_small_enough_for_its_qr(name: str) -> None:
    assert qr_version(ACCEPTED[name]["input"]["qr_text"]) <= 13


def test_every_reason_of_a_transit_pass_that_needs_no_network_has_a_vector() -> None:
    covered = {vector["expected"]["reason"] for vector in VECTORS.values()}
    own = {reason for reason in ReasonId if reason.startswith("transit_")} - {ReasonId.TRANSIT_WITHDRAWN}
    shared = {"malformed_code", "unsupported_version", "unknown_issuer", "unknown_key", "signature_invalid"}
    assert own | shared <= covered


def test_the_committed_vectors_are_the_ones_that_the_script_writes() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    assert committed == files()


def test_every_vector_says_whether_an_alarm_is_due() -> None:
    for vector in VECTORS.values():
        assert vector["expected"]["alarm"] is REASONS[ReasonId(vector["expected"]["reason"])].alarm
