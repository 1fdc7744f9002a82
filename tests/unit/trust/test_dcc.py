"""Verifying EU certificates: every reason why one is not used, in its order, and what is borne."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.dcc_issuer import AT, EXPIRES, ISSUED, RECOVERY, TEST, VACCINATION, DccIssuer, content, ec_key, unwrap, wrap
from tongxing.core.departures import STRICT, Departure
from tongxing.core.errors import Rejected
from tongxing.core.foreign_codes import ALL_CHECKS, ForeignCheck, ForeignCode, ForeignFormat, ForeignName
from tongxing.core.limits import CLOCK_SKEW
from tongxing.core.proofs import Proof, ProofBasis, ProofKind
from tongxing.core.reasons import ReasonId
from tongxing.crypto.digests import sha256
from tongxing.trust.dcc import verify_dcc
from tongxing.trust.dcc_signers import DccSigners, load_dcc_signers

TEST_OID, VACCINATION_OID, RECOVERY_OID = (f"1.3.6.1.4.1.1847.2021.1.{number}" for number in (1, 2, 3))
ISSUER = DccIssuer()
OTHER = DccIssuer(ec_key(2))
RSA_ISSUER = DccIssuer(rsa.generate_private_key(65537, 2048))
SIGNERS = load_dcc_signers([ISSUER.listed(), OTHER.listed(), RSA_ISSUER.listed()])
KID = sha256(ISSUER.certificate)[:8]
GOOD = ISSUER.make(content())


def refused(
    qr_text: str,
    signers: DccSigners = SIGNERS,
    at: datetime = AT,
    checks: frozenset[ForeignCheck] = ALL_CHECKS,
    bearing: frozenset[Departure] = frozenset(Departure),
) -> ReasonId:
    with pytest.raises(Rejected) as refusal:
        verify_dcc(qr_text, signers, at, checks, bearing)
    return refusal.value.reason


def test_a_certificate_that_is_as_it_should_be_tells_its_facts_in_the_strict_profile_too() -> None:
    verified = verify_dcc(GOOD, SIGNERS, AT, bearing=STRICT)
    assert verified == ForeignCode(
        format=ForeignFormat.DCC,
        issuer="SE",
        kid=KID.hex(),
        proofs=(Proof(ProofKind.VACCINATION, datetime(2021, 5, 18, tzinfo=UTC), ProofBasis.SIGNED, complete=True),),
        names=(ForeignName("Lövström", "Oscar", "LOEVSTROEM", "OSCAR"),),
        birth_date="1958-11-11",
        valid_from=datetime.fromtimestamp(ISSUED, UTC),
        valid_until=datetime.fromtimestamp(EXPIRES, UTC),
        departures=(),
    )


def test_ps256_is_verified_as_well() -> None:
    assert verify_dcc(RSA_ISSUER.make(content()), SIGNERS, AT, bearing=STRICT).issuer == "SE"


def test_a_recovery_ends_with_the_earlier_of_its_own_end_and_the_codes() -> None:
    assert verify_dcc(ISSUER.make(content(r=[RECOVERY])), SIGNERS, AT).valid_until == datetime(2021, 9, 29, tzinfo=UTC)
    early = ISSUER.make(content(r=[RECOVERY]), {4: ISSUED + 864_000})
    assert verify_dcc(early, SIGNERS, AT).valid_until == datetime(2021, 6, 25, tzinfo=UTC)


# (2) Authenticate.


def test_a_signer_who_is_not_on_the_list_is_unknown() -> None:
    assert refused(DccIssuer(ec_key(9)).make(content())) is ReasonId.UNKNOWN_KEY
    assert refused(GOOD, load_dcc_signers([])) is ReasonId.UNKNOWN_KEY


def test_a_wrong_key_id_in_the_protected_header_is_not_mended_by_the_other() -> None:
    assert refused(ISSUER.make(content(), protected={1: -7, 4: b"foo"}, unprotected={4: KID})) is ReasonId.UNKNOWN_KEY


def test_another_signers_key_id_does_not_verify() -> None:
    code = ISSUER.make(content(), protected={1: -7, 4: sha256(OTHER.certificate)[:8]})
    assert refused(code) is ReasonId.SIGNATURE_INVALID


def test_every_signer_that_shares_a_key_id_is_tried() -> None:
    signers = load_dcc_signers([issuer.listed(b"sharedid") for issuer in (RSA_ISSUER, OTHER, ISSUER)])
    for issuer, alg in ((ISSUER, -7), (OTHER, -7), (RSA_ISSUER, -37)):
        code = issuer.make(content(), protected={1: alg, 4: b"sharedid"})
        assert verify_dcc(code, signers, AT).departures == (Departure.KID_OF_OTHER_KIND,)
    stranger = DccIssuer(ec_key(9)).make(content(), protected={1: -7, 4: b"sharedid"})
    assert refused(stranger, signers) is ReasonId.SIGNATURE_INVALID


def test_without_a_key_id_the_signers_of_a_short_list_are_tried() -> None:
    code = ISSUER.make(content(), protected={1: -7})
    assert verify_dcc(code, SIGNERS, AT).departures == (Departure.KID_MISSING,)
    assert refused(DccIssuer(ec_key(9)).make(content(), protected={1: -7})) is ReasonId.SIGNATURE_INVALID
    long_list = load_dcc_signers([ISSUER.listed()] * 17)
    assert refused(code, long_list) is ReasonId.UNKNOWN_KEY


@pytest.mark.parametrize(
    ("issuer", "alg"), [(ISSUER, -37), (ISSUER, -8), (ISSUER, 5), (RSA_ISSUER, -7), (RSA_ISSUER, -257)]
)
def test_an_algorithm_that_is_not_the_keys_is_refused(issuer: DccIssuer, alg: int) -> None:
    code = issuer.make(content(), protected={1: alg, 4: sha256(issuer.certificate)[:8]})
    assert refused(code) is ReasonId.ALGORITHM_REFUSED


def test_a_changed_content_is_forged() -> None:
    assert refused(wrap(unwrap(GOOD).replace(b"Oscar", b"Oskar", 1))) is ReasonId.SIGNATURE_INVALID


def test_p384_declared_es256_is_borne_by_name() -> None:
    issuer = DccIssuer(ec_key(3, ec.SECP384R1()))
    verified = verify_dcc(issuer.make(content()), load_dcc_signers([issuer.listed()]), AT)
    assert verified.departures == (Departure.CURVE_OF_OTHER_ALGORITHM,)


ENTRIES = {"t": TEST, "v": VACCINATION, "r": RECOVERY}


@pytest.mark.parametrize(("oid", "allowed"), [(TEST_OID, "t"), (VACCINATION_OID, "v"), (RECOVERY_OID, "r")])
@pytest.mark.parametrize("kind", ENTRIES)
def test_a_signer_signs_only_what_its_usages_name(oid: str, allowed: str, kind: str) -> None:
    issuer = DccIssuer(usages=(oid,))
    signers = load_dcc_signers([issuer.listed()])
    code = issuer.make(content(**{kind: [ENTRIES[kind]]}))
    if kind == allowed:
        assert verify_dcc(code, signers, AT).proofs
    else:
        assert refused(code, signers) is ReasonId.KEY_USAGE_REFUSED
        assert verify_dcc(code, signers, AT, ALL_CHECKS - {ForeignCheck.KEYUSAGE}).proofs


def test_of_two_certificates_of_one_key_the_one_that_may_sign_counts() -> None:
    narrow, wide = DccIssuer(usages=(TEST_OID,)), DccIssuer(usages=(VACCINATION_OID,))
    signers = load_dcc_signers([narrow.listed(b"sharedid"), wide.listed(b"sharedid")])
    assert verify_dcc(wide.make(content(), protected={1: -7, 4: b"sharedid"}), signers, AT).proofs


# (3) Time.


def test_it_counts_from_its_issue_to_its_expiry_and_a_clock_may_be_a_little_slow() -> None:
    issued, expires = (datetime.fromtimestamp(each, UTC) for each in (ISSUED, EXPIRES))
    second = timedelta(seconds=1)
    for at in (issued, expires, issued - CLOCK_SKEW):
        assert verify_dcc(GOOD, SIGNERS, at).proofs
    assert refused(GOOD, at=expires + second) is ReasonId.FOREIGN_EXPIRED
    assert refused(GOOD, at=issued - CLOCK_SKEW - second) is ReasonId.FOREIGN_NOT_ACTIVE
    later = ISSUER.make(content(), {5: ISSUED + 864_000})
    assert refused(later) is ReasonId.FOREIGN_NOT_ACTIVE
    assert verify_dcc(later, SIGNERS, AT + timedelta(days=10)).valid_from == issued + timedelta(days=10)


@pytest.mark.parametrize(
    "claims", [{4: EXPIRES * 1000}, {6: ISSUED * 1000}, {5: 1 << 62}, {6: -(1 << 62)}, {4: 1 << 63}, {6: 1e18}]
)
def test_milliseconds_for_seconds_are_no_time(claims: dict[int, Any]) -> None:
    assert refused(ISSUER.make(content(), claims)) is ReasonId.TIME_IMPLAUSIBLE


def test_what_is_not_told_cannot_be_over_and_is_named() -> None:
    verified = verify_dcc(ISSUER.make(content(), {4: None, 6: None, 1: None}), SIGNERS, AT)
    assert verified.departures == (Departure.EXPIRY_MISSING, Departure.ISSUE_TIME_MISSING, Departure.ISSUER_MISSING)
    assert (verified.valid_from, verified.valid_until) == (None, None)


def test_a_signer_that_was_not_valid_when_it_signed_is_named() -> None:
    issuer = DccIssuer(year=2015)
    verified = verify_dcc(issuer.make(content()), load_dcc_signers([issuer.listed()]), AT)
    assert verified.departures == (Departure.SIGNER_OUT_OF_TIME,)


# The content.


def test_content_that_is_not_as_its_schema_says_is_refused_after_the_signature() -> None:
    code = ISSUER.make({"ver": "1.3.0", "nam": {}})
    assert refused(code) is ReasonId.FOREIGN_CONTENT
    assert refused(code, load_dcc_signers([OTHER.listed(KID)])) is ReasonId.SIGNATURE_INVALID
    without = verify_dcc(code, SIGNERS, AT, ALL_CHECKS - {ForeignCheck.SCHEMAVALIDATION})
    assert (without.proofs, without.names, without.birth_date) == ((), (), "")


def test_what_it_proves_does_not_lie_in_the_future() -> None:
    tomorrow, later = ((AT + timedelta(hours=hours)).isoformat() for hours in (23, 25))
    assert verify_dcc(ISSUER.make(content(t=[TEST | {"sc": tomorrow}])), SIGNERS, AT).proofs
    code = ISSUER.make(content(t=[TEST | {"sc": later}]))
    assert refused(code) is ReasonId.TIME_IMPLAUSIBLE
    some = verify_dcc(code, SIGNERS, AT, frozenset({ForeignCheck.VERIFY}))
    assert (some.proofs, some.departures) == ((), (Departure.DATE_IN_FUTURE,))
    positive = ISSUER.make(content(t=[TEST | {"sc": later, "tr": "260373001"}]))
    assert verify_dcc(positive, SIGNERS, AT, frozenset({ForeignCheck.VERIFY})).proofs


# Checks and profiles.


@pytest.mark.parametrize(
    ("code", "check"),
    [
        (DccIssuer(ec_key(9)).make(content()), ForeignCheck.VERIFY),
        (ISSUER.make(content(), {4: ISSUED + 1}), ForeignCheck.EXPIRATIONCHECK),
        (ISSUER.make(content(v=[])), ForeignCheck.SCHEMAVALIDATION),
    ],
    ids=["signature", "time", "schema"],
)
def test_each_check_refuses_alone_and_nothing_refuses_without_it(code: str, check: ForeignCheck) -> None:
    refused(code, checks=frozenset({check}))
    independent = {ForeignCheck.VERIFY, ForeignCheck.EXPIRATIONCHECK, ForeignCheck.SCHEMAVALIDATION} - {check}
    for other in independent:
        assert verify_dcc(code, SIGNERS, AT, frozenset({other})).format is ForeignFormat.DCC


@pytest.mark.parametrize("check", ForeignCheck)
def test_what_cannot_be_read_is_refused_whatever_is_asked(check: ForeignCheck) -> None:
    for code in ("HC2:" + GOOD[4:], "HC1:a", "HC1:" + GOOD[5:], wrap(b"\xd2\x80"), ISSUER.make(b"")):
        refused(code, checks=frozenset({check}))


@pytest.mark.parametrize(
    "code",
    [
        ISSUER.make(content(t=None, v=[VACCINATION])),
        ISSUER.make(content(), protected={1: -7}),
        ISSUER.make(content(), {4: None}),
        wrap(unwrap(GOOD)[1:]),
    ],
    ids=["nulls", "no key id", "no expiry", "no tag"],
)
def test_the_strict_profile_bears_no_departure_and_the_tolerant_one_names_it(code: str) -> None:
    verified = verify_dcc(code, SIGNERS, AT)
    assert len(verified.departures) == 1
    assert refused(code, bearing=STRICT) is ReasonId.FOREIGN_CONTENT
    assert verify_dcc(code, SIGNERS, AT, bearing=frozenset(map(Departure, verified.departures))) == verified
