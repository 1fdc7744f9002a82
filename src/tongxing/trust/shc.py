"""Verifying a SMART Health Card: the stages in their order, on one screen.

(1) read: digits, chunks, JWS (``wire.shc``); (2) authenticate: every key of that id, then whether it is the issuer's
whom the card names; (3) time: not before, expiry; (4) status: the issuer's revocation list.
Spec: SMART Health Cards Framework 1.4, *Health cards are encoded as compact JWS* and *Revocation*.

Nothing is unpacked before its signature was checked. Left out on purpose: certificate chains of issuers' keys
(``x5c``), since a key is believed because it stands on a list that the caller trusts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tongxing.core.departures import TOLERANT, Departure
from tongxing.core.errors import Rejected
from tongxing.core.foreign_codes import ALL_CHECKS, ForeignCheck, ForeignCode, ForeignFormat
from tongxing.core.reasons import ReasonId
from tongxing.crypto.suites import SignatureMismatch
from tongxing.trust.published_keys import (
    PublishedKey,
    RevocationList,
    read_documents,
    read_entries,
    read_jwks,
    read_revocations,
)
from tongxing.trust.trust_material import MaterialFinding, TrustMaterial
from tongxing.trust.unix_times import check_times, moment_of
from tongxing.wire.fhir_facts import Facts, read_facts
from tongxing.wire.shc import ShcClaims, UnverifiedShc, parse_shc


@dataclass(frozen=True, slots=True)
class ShcIssuers:
    """The keys of all trusted issuers by key id, and their revocation lists; ``findings`` is what was not used."""

    keys: Mapping[str, tuple[PublishedKey, ...]]
    revocations: Mapping[str, RevocationList]
    findings: tuple[MaterialFinding, ...] = ()


def load_shc_issuers(material: TrustMaterial) -> ShcIssuers:
    """Return what of some trust material counts for health cards. Never raises for what it holds."""
    findings = list(material.findings)
    keys: dict[str, list[PublishedKey]] = {}
    readers = (read_jwks, read_documents, read_entries)
    for key in (each for read in readers for each in read(material, findings)):
        for kid in key.kids:
            keys.setdefault(kid, []).append(key)
    revocations = read_revocations(material, findings)
    return ShcIssuers({kid: tuple(named) for kid, named in keys.items()}, revocations, tuple(findings))


def verify_shc(
    texts: Sequence[str],
    issuers: ShcIssuers,
    at: datetime,
    checks: frozenset[ForeignCheck] = ALL_CHECKS,
    bearing: frozenset[Departure] = TOLERANT,
) -> ForeignCode:
    """Return what a card says, or raise ``Rejected`` with the first reason why it is not used.

    ``texts`` is one text or all chunks of one card. ``checks`` leaves out what a test case does not label; what is
    shown is verified with all of them. A departure outside ``bearing`` rejects the card as ``FOREIGN_CONTENT``.
    """
    unverified = parse_shc(texts)
    if ForeignCheck.VERIFY in checks:
        claims, key = _authenticate(unverified, issuers)
    else:
        claims, key = unverified.unsafe_claims(), None
    if ForeignCheck.EXPIRATIONCHECK in checks:
        check_times(claims.not_before, claims.expires_at, at)
    departures = _check_revocation(unverified.kid, claims, key, issuers)
    facts = read_facts(claims.entries)
    departures |= facts.departures
    if not departures <= bearing:
        raise Rejected(ReasonId.FOREIGN_CONTENT, ", ".join(sorted(departures - bearing)))
    return _foreign_code(unverified.kid, claims, facts, departures)


def _authenticate(unverified: UnverifiedShc, issuers: ShcIssuers) -> tuple[ShcClaims, PublishedKey]:
    """Try every key of the card's key id; its issuer must be who the card says."""
    refusal = Rejected(ReasonId.UNKNOWN_KEY, "no trusted issuer has a key of this id")
    for key in issuers.keys.get(unverified.kid, ()):
        try:
            claims = unverified.claims_after(key.key.verify)
        except SignatureMismatch as mismatch:
            refusal = Rejected(ReasonId.SIGNATURE_INVALID, str(mismatch))
            continue
        if key.issuer.rstrip("/") in {"", claims.issuer.rstrip("/")}:
            return claims, key
        refusal = Rejected(ReasonId.UNKNOWN_ISSUER, "signed with a key of another issuer than the card names")
    raise refusal


def _check_revocation(
    kid: str, claims: ShcClaims, key: PublishedKey | None, issuers: ShcIssuers
) -> frozenset[Departure]:
    """Raise ``Rejected(FOREIGN_REVOKED)`` for a card that was taken back; a list that is not here is a departure."""
    if claims.rid is None:
        return frozenset()
    names = {kid} | (key.kids if key is not None else frozenset())
    held = [issuers.revocations[name] for name in names if name in issuers.revocations]
    if any(revoked.has(claims.rid, claims.not_before) for revoked in held):
        raise Rejected(ReasonId.FOREIGN_REVOKED)
    newest = max((revoked.counter for revoked in held), default=0)
    is_old = key is not None and newest < key.list_counter
    return frozenset({Departure.REVOCATION_UNCHECKED}) if is_old else frozenset()


def _foreign_code(kid: str, claims: ShcClaims, facts: Facts, departures: frozenset[Departure]) -> ForeignCode:
    return ForeignCode(
        format=ForeignFormat.SHC,
        issuer=claims.issuer,
        kid=kid,
        proofs=facts.proofs,
        names=facts.names,
        birth_date=facts.birth_date,
        valid_from=moment_of(claims.not_before),
        valid_until=moment_of(claims.expires_at),
        departures=tuple(sorted(departures)),
    )
