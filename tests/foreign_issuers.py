"""Issuers of SMART Health Cards and NZ COVID Passes for tests: what they sign, and how they publish their keys.

Nobody real: the persons, the issuers and their keys are synthetic.
"""

import base64
import json
import zlib
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec

from tongxing.crypto.key_material import thumbprint
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.suites import SuiteId
from tongxing.wire.cose import to_be_signed
from tongxing.wire.nzcp import PREFIX as NZCP_PREFIX
from tongxing.wire.shc import CARD_TYPE
from tongxing.wire.strict_json import encode_base64url

SHC_ISSUER = "https://cards.example/issuer"
DID = "did:web:passes.example"
KEY = SigningKey.from_seed(SuiteId.ES256, b"INSECURE_TEST_foreign_issuer_001")
OTHER_KEY = SigningKey.from_seed(SuiteId.ES256, b"INSECURE_TEST_foreign_issuer_002")
NOT_BEFORE = 1_650_000_000
EXPIRES_AT = 1_660_000_000


def jwk_of(key: SigningKey, **more: object) -> dict[str, object]:
    """Return the public JWK of a key."""
    numbers = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key.public.raw).public_numbers()
    x, y = (encode_base64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "kid": thumbprint(key.public), "use": "sig", "x": x, "y": y, **more}


def jwks_of(key: SigningKey = KEY, **more: object) -> dict[str, object]:
    """Return the set of one key as an issuer publishes it."""
    return {"issuer": SHC_ISSUER, "keys": [jwk_of(key, **more)]}


def did_document(key: SigningKey = KEY, did: str = DID) -> dict[str, Any]:
    """Return the DID document of an issuer with one key."""
    jwk = {name: value for name, value in jwk_of(key).items() if name in {"kty", "crv", "x", "y"}}
    method = {"id": f"{did}#key-1", "controller": did, "type": "JsonWebKey2020", "publicKeyJwk": jwk}
    return {"id": did, "verificationMethod": [method], "assertionMethod": [f"{did}#key-1"]}


def immunization(day: str, vaccine: str = "208", **more: Any) -> dict[str, object]:
    """Return one dose."""
    coding = [{"system": "http://hl7.org/fhir/sid/cvx", "code": vaccine}]
    return {"resourceType": "Immunization", "status": "completed", "vaccineCode": {"coding": coding}} | {
        "occurrenceDateTime": day,
        **more,
    }


def observation(taken: str, loinc: str = "94500-6", finding: str = "260373001") -> dict[str, object]:
    """Return one result of a test."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": finding}]},
        "effectiveDateTime": taken,
    }


PATIENT: dict[str, object] = {
    "resourceType": "Patient",
    "name": [{"family": "Müller", "given": ["Anna"]}],
    "birthDate": "1990-01-02",
}


def card_payload(*resources: dict[str, object], **more: object) -> dict[str, object]:
    """Return the payload of a card with some resources; ``more`` overrides claims, ``rid`` goes into the credential."""
    entries = [{"fullUrl": f"resource:{place}", "resource": each} for place, each in enumerate((PATIENT, *resources))]
    rid = {"rid": more.pop("rid")} if "rid" in more else {}
    subject = {"fhirVersion": "4.0.1", "fhirBundle": {"resourceType": "Bundle", "type": "collection", "entry": entries}}
    return {
        "iss": SHC_ISSUER,
        "nbf": NOT_BEFORE,
        "exp": EXPIRES_AT,
        "vc": {"type": [CARD_TYPE], "credentialSubject": subject, **rid},
        **more,
    }


def deflate(data: bytes) -> bytes:
    """Return raw DEFLATE."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def sign_jws(payload: bytes, key: SigningKey = KEY, **header: Any) -> str:
    """Return a compact JWS around packed bytes as they are; ``header`` overrides its fields."""
    head = {"alg": "ES256", "zip": "DEF", "kid": thumbprint(key.public), **header}
    signed = f"{encode_base64url(json.dumps(head, separators=(',', ':')).encode())}.{encode_base64url(payload)}"
    return f"{signed}.{encode_base64url(key.sign(signed.encode()))}"


def as_digits(jws: str) -> str:
    """Return the digits of a card's characters."""
    return "".join(f"{ord(each) - 45:02}" for each in jws)


def make_card(*resources: dict[str, object], key: SigningKey = KEY, **more: Any) -> str:
    """Return the QR text of a card."""
    payload = json.dumps(card_payload(*resources, **more), separators=(",", ":"), ensure_ascii=False).encode()
    return "shc:/" + as_digits(sign_jws(deflate(payload), key))


def pass_claims(**more: object) -> dict[Any, Any]:
    """Return the claims of a pass; ``more`` overrides the credential's fields."""
    credential = {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://nzcp.example/contexts/v1"],
        "version": "1.0.0",
        "type": ["VerifiableCredential", "PublicCovidPass"],
        "credentialSubject": {"givenName": "Anna", "familyName": "Müller", "dob": "1990-01-02"},
        **more,
    }
    return {1: DID, 5: NOT_BEFORE, 4: EXPIRES_AT, "vc": credential, 7: bytes(16)}


def as_base32(data: bytes) -> str:
    """Return base32 without padding."""
    return base64.b32encode(data).rstrip(b"=").decode()


def sign_pass(payload: bytes, key: SigningKey = KEY, header: dict[int, object] | None = None, tag: int = 18) -> str:
    """Return the QR text of a pass around claims as they are."""
    protected = cbor2.dumps({4: b"key-1", 1: -7} if header is None else header)
    signature = key.sign(to_be_signed(protected, payload))
    return NZCP_PREFIX + as_base32(cbor2.dumps(cbor2.CBORTag(tag, [protected, {}, payload, signature])))


def make_pass(claims: dict[Any, Any] | None = None, key: SigningKey = KEY) -> str:
    """Return the QR text of a pass."""
    return sign_pass(cbor2.dumps(pass_claims() if claims is None else claims), key)
