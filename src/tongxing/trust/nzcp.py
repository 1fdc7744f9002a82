"""Verifying an NZ COVID Pass: the stages in their order, on one screen.

(1) read: base32, COSE_Sign1, claims (``wire.nzcp``); (2) authenticate: the issuer's DID document names the key;
(3) time: not active and expired are different answers, and neither is a failure of the signature.
Spec: New Zealand COVID Pass, version 1, section 2.1 (*Verifying*); W3C DID Core 1.0, section 5.3.2 (assertions).

A pass proves whose it is and until when. It tells neither which vaccine nor when, and was also given to people who
are exempt, so no vaccination is taken from it: what is not told is unknown (law 2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tongxing.core.errors import Rejected
from tongxing.core.foreign_codes import ALL_CHECKS, ForeignCheck, ForeignCode, ForeignFormat
from tongxing.core.reasons import ReasonId
from tongxing.crypto.suites import SignatureMismatch
from tongxing.trust.published_keys import PublishedKey, read_documents, read_entries, read_jwks
from tongxing.trust.trust_material import MaterialFinding, TrustMaterial
from tongxing.trust.unix_times import check_times, moment_of
from tongxing.wire.nzcp import NzcpClaims, UnverifiedNzcp, parse_nzcp

_UNNAMED_MAX: Final = 16
"""So many keys are tried for a pass that none of them names; more would make one scan cost as much as hundreds."""


@dataclass(frozen=True, slots=True)
class NzcpIssuers:
    """The keys of all trusted issuers by their names; ``unnamed`` are tried for every pass."""

    keys: Mapping[str, tuple[PublishedKey, ...]]
    unnamed: tuple[PublishedKey, ...] = ()
    findings: tuple[MaterialFinding, ...] = ()


def load_nzcp_issuers(material: TrustMaterial) -> NzcpIssuers:
    """Return what of some trust material counts for passes. Never raises for what it holds."""
    findings = list(material.findings)
    keys: dict[str, list[PublishedKey]] = {}
    unnamed = []
    readers = (read_documents, read_jwks, read_entries)
    for key in (each for read in readers for each in read(material, findings)):
        if not key.is_named:
            unnamed.append(key)
        for kid in key.kids:
            keys.setdefault(kid, []).append(key)
    return NzcpIssuers(
        {kid: tuple(named) for kid, named in keys.items()}, tuple(unnamed[:_UNNAMED_MAX]), tuple(findings)
    )


def verify_nzcp(
    qr_text: str, issuers: NzcpIssuers, at: datetime, checks: frozenset[ForeignCheck] = ALL_CHECKS
) -> ForeignCode:
    """Return what a pass says, or raise ``Rejected`` with the first reason why it is not used."""
    unverified = parse_nzcp(qr_text)
    claims = _authenticate(unverified, issuers) if ForeignCheck.VERIFY in checks else unverified.unsafe_claims()
    if ForeignCheck.EXPIRATIONCHECK in checks:
        check_times(claims.not_before, claims.expires_at, at)
    return ForeignCode(
        format=ForeignFormat.NZCP,
        issuer=claims.issuer,
        kid=unverified.kid,
        proofs=(),
        names=(claims.name,),
        birth_date=claims.subject.birth_date,
        valid_from=moment_of(claims.not_before),
        valid_until=moment_of(claims.expires_at),
    )


def _authenticate(unverified: UnverifiedNzcp, issuers: NzcpIssuers) -> NzcpClaims:
    """Try every key that the pass may name, of its issuer or of a list that names none."""
    named = issuers.keys.get(unverified.kid, ()) + issuers.unnamed
    known = [key for key in named if key.issuer in {"", unverified.issuer_claimed}]
    if not known:
        if any(key.issuer for key in named):
            raise Rejected(ReasonId.UNKNOWN_ISSUER, "no trusted issuer of this name")
        raise Rejected(ReasonId.UNKNOWN_KEY, "no trusted issuer has a key of this name")
    refusal = Rejected(ReasonId.SIGNATURE_INVALID)
    for key in known:
        try:
            return unverified.claims_after(key.key.verify)
        except SignatureMismatch as mismatch:
            refusal = Rejected(ReasonId.SIGNATURE_INVALID, str(mismatch))
    raise refusal
