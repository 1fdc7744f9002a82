"""Verifying an EU Digital COVID Certificate: the stages in their order, on one screen.

(1) read: prefix, base45, zlib, COSE_Sign1 (``wire.dcc``); (2) authenticate: every signer of the list that the key id
names, then whether it may sign this kind; (3) time: issued, not before, expiry; last the content against its schema,
which is never spent on what nobody signed.
Spec: EU eHealth Network, *Guidelines on Technical Specifications for DCC*, volumes 1, 3 and 4.

Departures of issuers from that are borne by name (``core.departures``) as far as the profile bears them.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from tongxing.core.departures import TOLERANT, Departure
from tongxing.core.errors import Rejected
from tongxing.core.foreign_codes import ALL_CHECKS, ForeignCheck, ForeignCode, ForeignFormat, ForeignName
from tongxing.core.limits import CLOCK_SKEW
from tongxing.core.proofs import Proof
from tongxing.core.reasons import ReasonId
from tongxing.crypto.foreign_signers import AlgorithmMismatch, ForeignSigner, ForeignUsage
from tongxing.crypto.suites import SignatureMismatch
from tongxing.trust.dcc_signers import DccSigners
from tongxing.wire.cbor import WireError
from tongxing.wire.dcc import DccClaims, UnverifiedDcc, parse_dcc
from tongxing.wire.dcc_schema import DccFacts, entry_kinds, parse_dcc_facts

_SIGNERS_WITHOUT_KID_MAX: Final = 16
"""So many signers are tried for a certificate that names none; more would make one scan cost as much as hundreds."""

_LATEST: Final = 1 << 33
"""The year 2242, in seconds since 1970. Later times are milliseconds, or nothing at all."""

_DAY: Final = timedelta(days=1)
"""A date is a day somewhere on earth, so it may be tomorrow here."""

_USAGE_OF: Final[Mapping[str, ForeignUsage]] = {
    "v": ForeignUsage.VACCINATION,
    "t": ForeignUsage.TEST,
    "r": ForeignUsage.RECOVERY,
}
_NEED_A_SIGNER: Final = frozenset({ForeignCheck.VERIFY, ForeignCheck.KEYUSAGE})
_MOST_TELLING: Final = (
    ReasonId.KEY_USAGE_REFUSED,
    ReasonId.SIGNATURE_INVALID,
    ReasonId.ALGORITHM_REFUSED,
    ReasonId.UNKNOWN_KEY,
)
"""Of several signers with one key id, which refusal is told: one that came further says more."""

_SKEW_SECONDS: Final = CLOCK_SKEW.total_seconds()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def verify_dcc(
    qr_text: str,
    signers: DccSigners,
    at: datetime,
    checks: frozenset[ForeignCheck] = ALL_CHECKS,
    bearing: frozenset[Departure] = TOLERANT,
) -> ForeignCode:
    """Return what a certificate says, or raise ``Rejected`` with the first reason why it is not used.

    ``checks`` leaves out what a test case does not label; what is shown is verified with all of them. ``bearing`` is
    the profile: a departure outside it rejects the certificate, as ``FOREIGN_CONTENT``.
    """
    unverified = parse_dcc(qr_text)
    departures = set(unverified.departures)
    if checks.isdisjoint(_NEED_A_SIGNER):
        signer, claims = None, unverified.claims_after(_unsafe_unverified)
    else:
        signer, claims = _authenticate(unverified, signers, checks, departures)
    departures |= claims.departures
    if ForeignCheck.EXPIRATIONCHECK in checks:
        _check_time(claims, at)
    if signer is not None and claims.issued_at is not None and not _is_within(signer, claims.issued_at):
        departures.add(Departure.SIGNER_OUT_OF_TIME)
    facts = _read_facts(claims, checks, departures)
    if facts is not None and facts.proof.at > at + _DAY:
        if checks == ALL_CHECKS:
            raise Rejected(ReasonId.TIME_IMPLAUSIBLE, "what it proves lies in the future")
        departures.add(Departure.DATE_IN_FUTURE)
    _check_borne(departures, bearing)
    return _foreign_code(unverified.kid, claims, facts, departures)


def _unsafe_unverified(message: bytes, signature: bytes) -> None:
    """Verify nothing: only for test cases that say nothing of the signature."""


def _authenticate(
    unverified: UnverifiedDcc, signers: DccSigners, checks: frozenset[ForeignCheck], borne: set[Departure]
) -> tuple[ForeignSigner, DccClaims]:
    """Try every signer that the key id names; one that verifies and may sign this kind is enough."""
    refusals: dict[ReasonId, str] = {ReasonId.UNKNOWN_KEY: "no signer of the trust list has this key id"}
    for signer in _candidates(unverified.kid, signers):
        found: set[Departure] = set()
        try:
            claims = unverified.claims_after(partial(_verify_with, signer, unverified.alg, found))
        except AlgorithmMismatch as error:
            refusals[ReasonId.ALGORITHM_REFUSED] = str(error)
            continue
        except SignatureMismatch as error:
            refusals[ReasonId.SIGNATURE_INVALID] = str(error)
            continue
        unfit = [kind for kind in entry_kinds(claims.content) if not signer.may_sign(_USAGE_OF[kind])]
        if unfit and ForeignCheck.KEYUSAGE in checks:
            refusals[ReasonId.KEY_USAGE_REFUSED] = f"the signer may not sign entries of {unfit[0]}"
            continue
        borne |= found | signer.departures
        if unverified.kid is not None and unverified.kid != signer.kids[0]:
            borne.add(Departure.KID_OF_OTHER_KIND)
        return signer, claims
    reason = next(reason for reason in _MOST_TELLING if reason in refusals)
    raise Rejected(reason, refusals[reason])


def _candidates(kid: bytes | None, signers: DccSigners) -> tuple[ForeignSigner, ...]:
    if kid is not None:
        return signers.find(kid)
    return signers.signers if len(signers.signers) <= _SIGNERS_WITHOUT_KID_MAX else ()


def _verify_with(
    signer: ForeignSigner, alg: int | None, found: set[Departure], message: bytes, signature: bytes
) -> None:
    found |= signer.verify(alg, message, signature)


def _check_time(claims: DccClaims, at: datetime) -> None:
    """Raise ``Rejected`` unless issued before and not expired ``at``; what is not told cannot be over."""
    for told in (claims.issued_at, claims.not_before, claims.expires_at):
        if told is not None and not -_LATEST < told < _LATEST:
            raise Rejected(ReasonId.TIME_IMPLAUSIBLE, "a time that is no seconds since 1970; milliseconds?")
    now = at.timestamp()
    for begin in (claims.issued_at, claims.not_before):
        if begin is not None and begin > now + _SKEW_SECONDS:
            raise Rejected(ReasonId.FOREIGN_NOT_ACTIVE, f"counts only from {_moment(begin)}")
    if claims.expires_at is not None and claims.expires_at < now:
        raise Rejected(ReasonId.FOREIGN_EXPIRED, f"expired {_moment(claims.expires_at)}")


def _read_facts(claims: DccClaims, checks: frozenset[ForeignCheck], borne: set[Departure]) -> DccFacts | None:
    """Return what the content proves; None where it is not as its schema says and nobody asked for that."""
    try:
        facts, found = parse_dcc_facts(claims.content)
    except WireError as error:
        if ForeignCheck.SCHEMAVALIDATION in checks:
            raise Rejected(ReasonId.FOREIGN_CONTENT, str(error)) from error
        return None
    borne |= found
    return facts


def _check_borne(departures: AbstractSet[Departure], bearing: frozenset[Departure]) -> None:
    beyond = sorted(departures - bearing)
    if beyond:
        raise Rejected(ReasonId.FOREIGN_CONTENT, f"the profile does not bear {', '.join(beyond)}")


def _foreign_code(
    kid: bytes | None, claims: DccClaims, facts: DccFacts | None, departures: AbstractSet[Departure]
) -> ForeignCode:
    proofs: tuple[Proof, ...] = ()
    names: tuple[ForeignName, ...] = ()
    birth_date, until = "", _moment(claims.expires_at)
    if facts is not None:
        # What lies in the future proves nothing yet, and a positive test is never left out.
        if Departure.DATE_IN_FUTURE not in departures or facts.proof.positive is True:
            proofs = (facts.proof,)
        names, birth_date = (facts.name,), facts.birth_date
        if facts.until is not None and (until is None or facts.until < until):
            until = facts.until
    return ForeignCode(
        format=ForeignFormat.DCC,
        issuer=claims.issuer,
        kid=kid.hex() if kid is not None else "",
        proofs=proofs,
        names=names,
        birth_date=birth_date,
        valid_from=_moment(claims.issued_at if claims.not_before is None else claims.not_before),
        valid_until=until,
        departures=tuple(sorted(departures)) if departures else (),
    )


def _is_within(signer: ForeignSigner, issued_at: float) -> bool:
    issued = _moment(issued_at)
    return issued is None or signer.is_within(issued)


def _moment(seconds: float | None) -> datetime | None:
    """Return the moment of a claim; None where there is none that a calendar has."""
    if seconds is None or not -_LATEST < seconds < _LATEST:
        return None
    return _EPOCH + timedelta(seconds=seconds)
