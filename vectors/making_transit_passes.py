"""Transit passes whose parts may be wrong: what ``vectors/transit-pass`` is made of. Keys: ``making_codes``."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from tongxing.core.reasons import ReasonId
from tongxing.core.transit import Plate, Route
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.crypto.keys import SigningKey
from tongxing.wire.transit_pass import CONTENT_TYPE, PREFIX, TransitPassClaims, encode_transit_pass
from vectors.making_codes import CLOCK, GUANGXI, HUBEI, HUBEI_KEY, show
from vectors.making_tokens import TokenMaker, encode_changed

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
    return encode_changed(values, changes, without)


PASSES = TokenMaker(PREFIX, CONTENT_TYPE, HUBEI_KEY, pass_payload())
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
    claims = None
    if told is not None:
        claims = {
            "issuer": told.issuer,
            "pass_id_hex": told.pass_id.hex(),
            "issued_at_seconds": told.issued_at,
            "valid_from_seconds": told.valid_from,
            "expires_at_seconds": told.expires_at,
            "extension_token_hex": told.extension_token.hex(),
            "plate": told.plate,
            "route": list(told.route),
        }
    shown = show(qr_text, reason, at=at, host=host, bundle=bundle, claims=claims)
    return {"title": title, "spec": "docs/specs/transit-pass.md, version 1", **shown}
