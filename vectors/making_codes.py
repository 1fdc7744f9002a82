"""Codes whose parts may be wrong, and the world in which they are shown: what the vectors are made of.

Every key follows from a seed that says that it is insecure; persons and times are invented.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from tongxing.core.levels import Level
from tongxing.core.limits import NATIONAL_CODE_LIFE
from tongxing.core.reasons import REASONS, ReasonId, Stage
from tongxing.core.reports import Origin, OriginBasis, Precision
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.crypto.keys import PublicKey, SigningKey
from tongxing.crypto.sealing import SymmetricKey
from tongxing.crypto.suites import SuiteId
from tongxing.wire.cbor import encode_canonical
from tongxing.wire.national_code import CONTENT_TYPE, PREFIX, NationalCodeClaims, encode_national_code
from tongxing.wire.sealed_part import SealedContent, encode_sealed_content, open_content, seal_content
from vectors.making_tokens import TokenMaker, encode_changed

INSECURE_TEST_SEEDS: Mapping[str, bytes] = {
    name: sha256(f"INSECURE TEST seed of {name}".encode())
    for name in (
        "hubei eddsa",
        "hubei es256",
        "hubei statements",
        "hubei old",
        "hubei next",
        "wuhan",
        "guangxi",
        "hunan",
    )
}
INSECURE_TEST_VERIFIER_KEYS: Mapping[str, bytes] = {
    day: sha256(f"INSECURE TEST verifier key of {day}".encode()) for day in ("2020-04-09", "2020-04-10", "2020-04-11")
}

HUBEI, WUHAN, GUANGXI, HUNAN = (RegionId(number) for number in ("42", "4201", "45", "43"))
CLOCK = datetime(2020, 4, 10, 8, 0, 20, tzinfo=UTC)
ISSUED = int(CLOCK.timestamp()) - 20
LIFE = int(NATIONAL_CODE_LIFE.total_seconds())
ED25519_ORDER = (1 << 252) + 27742317777372353535851937790883648493

FROM_A_LOW_RISK_COUNTY = SealedContent(
    level=Level.LOW,
    colour_only=False,
    origin=Origin("421181", Precision.EXACT, OriginBasis.DECLARED_STAY),
    masked_hint="张**",
    others_consulted=True,
)


def signing_key(name: str, suite: SuiteId = SuiteId.EDDSA) -> SigningKey:
    """Return the signing key of a name in ``INSECURE_TEST_SEEDS``."""
    return SigningKey.from_seed(suite, INSECURE_TEST_SEEDS[name])


HUBEI_KEY = signing_key("hubei eddsa")
HUBEI_ES256 = signing_key("hubei es256", SuiteId.ES256)
TODAY = SymmetricKey(INSECURE_TEST_VERIFIER_KEYS["2020-04-10"])


def claims_of(
    *,
    issuer: RegionId = HUBEI,
    issued_at: int = ISSUED,
    life: int = LIFE,
    content: SealedContent = FROM_A_LOW_RISK_COUNTY,
    key: SymmetricKey = TODAY,
) -> NationalCodeClaims:
    """Return claims that are right but for what is given."""
    unsealed = NationalCodeClaims(
        issuer=issuer,
        credential_id=sha256(b"credential id")[:16],
        issued_at=issued_at,
        expires_at=issued_at + life,
        extension_token=sha256(b"extension token")[:16],
        sealed=b"",
    )
    return seal_content(unsealed, content, key.seal)


def text_of(claims: NationalCodeClaims, key: SigningKey = HUBEI_KEY) -> str:
    """Return the text of a code that is rightly encoded and signed."""
    return encode_national_code(claims, alg=key.public.cose_alg, kid=key.public.kid, sign=key.sign)


def make_payload(changes: Mapping[int, object] | None = None, without: int | None = None) -> bytes:
    """Return claims that may be wrong, in deterministic CBOR."""
    claims = claims_of()
    values: dict[int, object] = {
        1: str(claims.issuer),
        4: claims.expires_at,
        6: claims.issued_at,
        7: claims.credential_id,
        -65537: claims.extension_token,
        -65538: claims.sealed,
    }
    return encode_changed(values, changes, without)


CODES = TokenMaker(PREFIX, CONTENT_TYPE, HUBEI_KEY, make_payload())


def make_header(**changes: object) -> bytes:
    """Return a protected header that may be wrong, in deterministic CBOR."""
    labels = {"alg": 1, "kid": 4, "typ": 16, "content_type": 3}
    values: dict[int, object] = {1: HUBEI_KEY.public.cose_alg, 4: HUBEI_KEY.public.kid, 16: CONTENT_TYPE}
    values.update({labels[name]: value for name, value in changes.items()})
    return encode_canonical(values)


def claims_with_content(content: bytes) -> NationalCodeClaims:
    """Return claims whose sealed part holds bytes that may be wrong."""
    claims = claims_of()
    sealed = TODAY.seal(claims.seal_nonce, content, claims.seal_additional_data)
    return msgspec.structs.replace(claims, sealed=sealed)


def with_order_added(signature: bytes) -> bytes:
    """Return an Ed25519 signature with ``S + L`` in the place of ``S``."""
    s = int.from_bytes(signature[32:], "little") + ED25519_ORDER
    return signature[:32] + s.to_bytes(32, "little")


GOOD = text_of(claims_of())
CONTENT = encode_sealed_content(FROM_A_LOW_RISK_COUNTY)
OTHER = seal_content(
    msgspec.structs.replace(claims_of(), credential_id=sha256(b"another credential id")[:16]),
    FROM_A_LOW_RISK_COUNTY,
    TODAY.seal,
)


def record_of(region: RegionId, *keys: dict[str, Any], suspended: bool = False) -> dict[str, Any]:
    """Return a region's record of the directory."""
    return {"region": region, "suspended": suspended, "keys": list(keys)}


def key_entry(
    key: SigningKey, use: str = "national_code", since: str = "2020-02-01", until: str | None = None
) -> dict[str, Any]:
    """Return a key's entry in a record; days begin at midnight UTC."""
    public: PublicKey = key.public
    return {
        "use": use,
        "suite": public.suite.value,
        "public_hex": public.raw.hex(),
        "kid_hex": public.kid.hex(),
        "valid_from_seconds": seconds_of(since),
        "valid_until_seconds": None if until is None else seconds_of(until),
    }


def seconds_of(day: str) -> int:
    """Return unix seconds of a day's beginning in UTC."""
    return int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp())


def make_directory(*, hubei_suspended: bool = False) -> list[dict[str, Any]]:
    """Return the directory in which most codes are shown."""
    return [
        record_of(
            HUBEI,
            key_entry(HUBEI_KEY),
            key_entry(HUBEI_ES256),
            key_entry(signing_key("hubei statements"), use="statement"),
            key_entry(signing_key("hubei old"), until="2020-04-01"),
            key_entry(signing_key("hubei next"), since="2020-05-01"),
            suspended=hubei_suspended,
        ),
        record_of(WUHAN, key_entry(signing_key("wuhan"))),
        record_of(GUANGXI, key_entry(signing_key("guangxi"))),
    ]


def make_vector(
    title: str,
    qr_text: str,
    reason: ReasonId,
    outcome: str = "REFER",
    *,
    at: datetime = CLOCK,
    bundle: Mapping[str, Any] | None = None,
    told: NationalCodeClaims | None = None,
) -> dict[str, Any]:
    """Return one vector; ``told`` is what a verifier reads in a code that is accepted."""
    claims = None if told is None else told_by(told)
    shown = show(qr_text, reason, outcome, at=at, bundle=bundle, claims=claims)
    return {"title": title, "spec": "docs/specs/national-code.md, version 1", **shown}


def show(
    qr_text: str,
    reason: ReasonId,
    outcome: str = "REFER",
    *,
    at: datetime = CLOCK,
    host: RegionId = GUANGXI,
    bundle: Mapping[str, Any] | None = None,
    claims: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a vector's parts but for its title: any token, shown at a traffic gate; ``claims`` where it was read."""
    row = REASONS[reason]
    vector: dict[str, Any] = {
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
            "outcome": outcome,
            "reason": reason.value,
            "alarm": row.alarm,
        },
    }
    if claims is not None:
        vector["expected"]["claims"] = claims
    return vector


def told_by(claims: NationalCodeClaims) -> dict[str, Any]:
    """Return what a verifier reads in a code that is accepted."""
    key = SymmetricKey(INSECURE_TEST_VERIFIER_KEYS[claims.sealed_on.isoformat()])
    content = open_content(claims, key.open)
    origin = content.origin
    return {
        "issuer": claims.issuer,
        "issued_at_seconds": claims.issued_at,
        "expires_at_seconds": claims.expires_at,
        "credential_id_hex": claims.credential_id.hex(),
        "extension_token_hex": claims.extension_token.hex(),
        "sealed_hex": claims.sealed.hex(),
        "content_hex": encode_sealed_content(content).hex(),
        "level": content.level.value,
        "colour_only": content.colour_only,
        "others_consulted": content.others_consulted,
        "origin": origin and {"division": origin.division, "precision": origin.precision, "basis": origin.basis},
        "masked_hint": content.masked_hint,
    }
