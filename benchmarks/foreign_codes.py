"""Foreign codes, from text to facts on one core, beside bare signature checks of the same algorithm.

Schema, key usage, times and the look-up in a trust list of 500 signers are included. Each code is verified once and
nothing of it is kept. The baseline is the library's own call on the same bytes, made ready beforehand; short rounds of
both alternate, and each figure is the median of the rounds.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from benchmarks.figures import Figure, Result, Scale, quartiles
from benchmarks.machine import pinned_to, server_core
from benchmarks.pictures import PIXELS_A_MODULE
from tests.dcc_issuer import AT, RECOVERY, TEST, VACCINATION, DccIssuer, content, ec_key
from tests.foreign_issuers import (
    KEY,
    NOT_BEFORE,
    did_document,
    immunization,
    jwk_of,
    jwks_of,
    make_card,
    make_pass,
    pass_claims,
)
from tongxing.crypto.key_material import thumbprint
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.suites import SuiteId
from tongxing.trust.dcc import verify_dcc
from tongxing.trust.dcc_signers import DccSigners, load_dcc_signers
from tongxing.trust.nzcp import load_nzcp_issuers, verify_nzcp
from tongxing.trust.shc import load_shc_issuers, verify_shc
from tongxing.trust.trust_material import sort_material
from tongxing.wire.dcc import parse_dcc
from tongxing.wire.nzcp import parse_nzcp
from tongxing.wire.qr import encode_qr_png, read_picture
from tongxing.wire.shc import parse_shc

WANTED: Final = "at least 0.5 of bare checks"
_LEAD_IN: Final = 5
_ROUNDS_OF_CODES: Final = 4
"""Codes are made for a quarter of the rounds: none is met again before a hundred others."""

_SIGNERS: Final = 500
ISSUED: Final = datetime.fromtimestamp(NOT_BEFORE + 86_400, UTC)

_Call = Callable[[], object]


def measure_foreign_codes(scale: Scale) -> Result:
    """Measure each format and algorithm, and a picture to its answer."""
    issuers = {
        "DCC, ES256": DccIssuer(),
        "DCC, PS256 of 2048 bits": DccIssuer(rsa.generate_private_key(65537, 2048)),
        "DCC, PS256 of 3072 bits": DccIssuer(rsa.generate_private_key(65537, 3072)),
    }
    others = [DccIssuer(ec_key(number)).listed() for number in range(2, _SIGNERS if scale.rounds > 1 else 3)]
    signers = load_dcc_signers([*others, *(issuer.listed() for issuer in issuers.values())])
    with pinned_to(server_core()):
        figures = [_measure_dcc(name, issuer, signers, scale) for name, issuer in issuers.items()]
        figures.append(_measure_cards(scale))
        figures.append(_measure_passes(scale))
        figures.append(_measure_picture(issuers["DCC, ES256"], signers, scale))
    setting: dict[str, str | int | float] = {
        "rounds": scale.rounds,
        "codes a round": scale.codes_a_round,
        "signers": len(signers.signers),
    }
    return Result("foreign_codes", tuple(figures), setting)


def _measure_dcc(name: str, issuer: DccIssuer, signers: DccSigners, scale: Scale) -> Figure:
    codes = _make_codes(issuer, _codes_made(scale))
    bare: list[_Call] = [_bare_check(issuer, qr_text) for qr_text in codes]
    return _measure_beside(name, bare, [partial(verify_dcc, qr_text, signers, AT) for qr_text in codes], scale)


def _measure_cards(scale: Scale) -> Figure:
    """Measure cards of a person with two doses, by an issuer among many, with a revocation list."""
    dose: dict[str, Any] = {"lotNumber": "0000001", "performer": [{"actor": {"display": "ABC General Hospital"}}]}
    codes = [
        make_card(
            *(immunization(day, patient={"reference": "resource:0"}, **dose) for day in ("2021-01-01", "2021-01-29")),
            rid=f"card-{number:010}",
        )
        for number in range(_codes_made(scale))
    ]
    others = [{"issuer": f"https://{number}.example", "keys": [jwk_of(_key(number))]} for number in range(_SIGNERS)]
    revoked = {"kid": thumbprint(KEY.public), "ctr": 1, "rids": [f"gone-{number:010}" for number in range(10_000)]}
    issuers = load_shc_issuers(sort_material(others if scale.rounds > 1 else [], jwks_of(), revoked))
    unverified = [parse_shc([text]) for text in codes]
    bare = [_bare_es256(each.to_be_signed, each.signature) for each in unverified]
    return _measure_beside(
        "SMART Health Card", bare, [partial(verify_shc, (text,), issuers, ISSUED) for text in codes], scale
    )


def _measure_passes(scale: Scale) -> Figure:
    issuers = load_nzcp_issuers(sort_material(did_document()))
    codes = [make_pass({**pass_claims(), 7: number.to_bytes(16, "big")}) for number in range(_codes_made(scale))]
    unverified = [parse_nzcp(text) for text in codes]
    bare = [_bare_es256(each.to_be_signed, each.signature) for each in unverified]
    return _measure_beside(
        "NZ COVID Pass", bare, [partial(verify_nzcp, text, issuers, ISSUED) for text in codes], scale
    )


def _codes_made(scale: Scale) -> int:
    return max(1, scale.rounds // _ROUNDS_OF_CODES) * scale.codes_a_round


def _key(number: int) -> SigningKey:
    return SigningKey.from_seed(SuiteId.ES256, b"INSECURE_TEST_foreign_" + number.to_bytes(10, "big"))


def _bare_es256(message: bytes, signature: bytes) -> _Call:
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), KEY.public.raw)
    r, s = (int.from_bytes(number, "big") for number in (signature[:32], signature[32:]))
    encoded, ecdsa = encode_dss_signature(r, s), ec.ECDSA(hashes.SHA256())
    return lambda: public.verify(encoded, message, ecdsa)


def _measure_beside(name: str, calls: Sequence[_Call], verifying: Sequence[_Call], scale: Scale) -> Figure:
    """Measure verifying in rounds that alternate with the bare checks ``calls`` of the same codes."""
    bare, whole = [], []
    for number in range(scale.rounds):
        begin = number * scale.codes_a_round % len(verifying)
        bare.append(_seconds_of(calls[begin : begin + scale.codes_a_round]))
        whole.append(_seconds_of(verifying[begin : begin + scale.codes_a_round]))
    one, check = statistics.median(whole), statistics.median(bare)
    low, high = quartiles([1 / each for each in whole])
    return Figure(
        f"verified with schema, {name}", 1 / one, "1/s", "bare signature checks", 1 / check, WANTED, (low, high)
    )


def _make_codes(issuer: DccIssuer, count: int) -> list[str]:
    """Return codes of the three kinds in turn, each with an id of its own."""
    kinds = (("v", VACCINATION), ("t", TEST), ("r", RECOVERY))
    chosen = [(*kinds[number % len(kinds)], f"URN:UVCI:01:SE:EHM/{number:010}#9") for number in range(count)]
    return [issuer.make(content(**{kind: [entry | {"ci": name}]})) for kind, entry, name in chosen]


def _bare_check(issuer: DccIssuer, qr_text: str) -> _Call:
    unverified = parse_dcc(qr_text)
    message, signature = unverified.to_be_signed, unverified.signature
    if isinstance(issuer.key, rsa.RSAPrivateKey):
        public = issuer.key.public_key()
        digest = hashes.SHA256()
        pss = padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH)
        return lambda: public.verify(signature, message, pss, digest)
    half = len(signature) // 2
    r, s = (int.from_bytes(number, "big") for number in (signature[:half], signature[half:]))
    point, encoded, ecdsa = issuer.key.public_key(), encode_dss_signature(r, s), ec.ECDSA(hashes.SHA256())
    return lambda: point.verify(encoded, message, ecdsa)


def _seconds_of(calls: Sequence[_Call]) -> float:
    """Return the seconds that each call takes, once the first ones have warmed the caches up."""
    for call in calls[:_LEAD_IN]:
        call()
    counted = calls[_LEAD_IN:] or calls
    started = time.perf_counter()
    for call in counted:
        call()
    return (time.perf_counter() - started) / len(counted)


def _measure_picture(issuer: DccIssuer, signers: DccSigners, scale: Scale) -> Figure:
    files = [encode_qr_png(qr_text, PIXELS_A_MODULE) for qr_text in _make_codes(issuer, scale.pictures)]
    whole, reading = [], []
    for file in files:
        begun = time.perf_counter()
        qr_text = read_picture(file)
        read = time.perf_counter()
        assert verify_dcc(qr_text, signers, AT).proofs
        whole.append(1000 * (time.perf_counter() - begun))
        reading.append(1000 * (read - begun))
    picture = statistics.median(reading)
    return Figure("QR picture to facts, DCC, median", statistics.median(whole), "ms", "reading the picture", picture)
