"""NZ COVID Passes: what is verified, and that failed, expired and not active are three answers."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest

from tests.foreign_issuers import (
    DID,
    EXPIRES_AT,
    KEY,
    NOT_BEFORE,
    OTHER_KEY,
    as_base32,
    did_document,
    jwk_of,
    make_pass,
    pass_claims,
    sign_pass,
)
from tongxing.core.errors import Rejected
from tongxing.core.foreign_codes import ForeignCheck
from tongxing.core.limits import CLOCK_SKEW
from tongxing.core.reasons import ReasonId
from tongxing.trust.nzcp import NzcpIssuers, load_nzcp_issuers, verify_nzcp
from tongxing.trust.trust_material import MaterialFault, sort_material
from tongxing.wire.nzcp import PREFIX

AT = datetime.fromtimestamp(NOT_BEFORE, UTC) + timedelta(days=1)
ISSUERS = load_nzcp_issuers(sort_material(did_document()))
PAYLOAD = cbor2.dumps(pass_claims())


def refusal_of(text: str, issuers: NzcpIssuers = ISSUERS, at: datetime = AT) -> ReasonId:
    with pytest.raises(Rejected) as refused:
        verify_nzcp(text, issuers, at)
    return refused.value.reason


def changed(claim: int | str, value: object) -> str:
    claims = pass_claims()
    if value is None:
        del claims[claim]
    else:
        claims[claim] = value
    return make_pass(claims)


def test_a_pass_names_its_holder_and_claims_no_vaccination() -> None:
    told = verify_nzcp(make_pass(), ISSUERS, AT)
    assert (told.names[0].family, told.names[0].given, told.birth_date) == ("Müller", "Anna", "1990-01-02")
    assert (told.issuer, told.kid, told.proofs) == (DID, "key-1", ())
    assert told.valid_until == datetime.fromtimestamp(EXPIRES_AT, UTC)


def test_failed_expired_and_not_active_are_three_answers() -> None:
    begins, ends = datetime.fromtimestamp(NOT_BEFORE, UTC), datetime.fromtimestamp(EXPIRES_AT, UTC)
    assert refusal_of(make_pass(key=OTHER_KEY)) is ReasonId.SIGNATURE_INVALID
    assert refusal_of(make_pass(), at=ends) is ReasonId.FOREIGN_EXPIRED
    assert refusal_of(make_pass(), at=begins - CLOCK_SKEW - timedelta(seconds=1)) is ReasonId.FOREIGN_NOT_ACTIVE


def test_a_forged_pass_that_has_also_expired_is_forged() -> None:
    assert refusal_of(make_pass(key=OTHER_KEY), at=datetime(2030, 1, 1, tzinfo=UTC)) is ReasonId.SIGNATURE_INVALID


def test_only_the_document_of_the_issuer_that_the_pass_names_counts() -> None:
    another = load_nzcp_issuers(sort_material(did_document(did="did:web:another.example")))
    assert refusal_of(make_pass(), another) is ReasonId.UNKNOWN_ISSUER
    both = load_nzcp_issuers(sort_material(did_document(OTHER_KEY, "did:web:another.example"), did_document()))
    assert verify_nzcp(make_pass(), both, AT).issuer == DID
    assert refusal_of(make_pass(), load_nzcp_issuers(sort_material(None))) is ReasonId.UNKNOWN_KEY


def test_a_key_counts_only_where_its_document_says_that_it_is_for_assertions() -> None:
    issuers = load_nzcp_issuers(sort_material({**did_document(), "assertionMethod": []}))
    assert refusal_of(make_pass(), issuers) is ReasonId.UNKNOWN_KEY
    assert [finding.fault for finding in issuers.findings] == [MaterialFault.NOT_FOR_ASSERTIONS]


def test_a_list_that_names_its_keys_by_digests_is_tried_as_it_stands() -> None:
    point = base64.b64encode(KEY.public.raw).decode()
    listed = load_nzcp_issuers(sort_material([{"kid_b64": "3q2+7wAAAAA=", "cert_b64": point}]))
    assert verify_nzcp(make_pass(), listed, AT).kid == "key-1"
    nameless = {name: value for name, value in jwk_of(KEY).items() if name != "kid"}
    assert verify_nzcp(make_pass(), load_nzcp_issuers(sort_material(nameless)), AT).kid == "key-1"
    named_otherwise = load_nzcp_issuers(sort_material([{"kid_b64": "a2V5LTI=", "cert_b64": point}]))
    assert refusal_of(make_pass(), named_otherwise) is ReasonId.UNKNOWN_KEY


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({4: b"key-1", 1: -8}, ReasonId.ALGORITHM_REFUSED),
        ({4: b"key-1", 1: 5}, ReasonId.ALGORITHM_REFUSED),
        ({4: b"key-1"}, ReasonId.ALGORITHM_REFUSED),
        ({1: -7}, ReasonId.MALFORMED_CODE),
        ({4: "key-1", 1: -7}, ReasonId.MALFORMED_CODE),
        ({4: b"key-2", 1: -7}, ReasonId.UNKNOWN_KEY),
    ],
)
def test_the_header_chooses_no_algorithm(header: dict[int, object], reason: ReasonId) -> None:
    assert refusal_of(sign_pass(PAYLOAD, header=header)) is reason


@pytest.mark.parametrize(
    ("claim", "value", "reason"),
    [
        (5, NOT_BEFORE * 1000, ReasonId.TIME_IMPLAUSIBLE),
        (4, EXPIRES_AT * 1000, ReasonId.TIME_IMPLAUSIBLE),
        (5, -1, ReasonId.TIME_IMPLAUSIBLE),
        (5, "1650000000", ReasonId.FOREIGN_CONTENT),
        (5, None, ReasonId.FOREIGN_CONTENT),
        (4, None, ReasonId.FOREIGN_CONTENT),
        (4, True, ReasonId.FOREIGN_CONTENT),
        (7, b"short", ReasonId.FOREIGN_CONTENT),
        (1, None, ReasonId.MALFORMED_CODE),
        (1, 7, ReasonId.MALFORMED_CODE),
        ("vc", None, ReasonId.FOREIGN_CONTENT),
        ("vc", [], ReasonId.FOREIGN_CONTENT),
    ],
)
def test_each_fault_of_the_claims_has_its_reason(claim: int | str, value: object, reason: ReasonId) -> None:
    assert refusal_of(changed(claim, value)) is reason


@pytest.mark.parametrize(
    "more",
    [
        {"version": "2.0.0"},
        {"type": ["VerifiableCredential"]},
        {"type": ["PublicCovidPass"]},
        {"@context": ["https://nzcp.example/contexts/v1"]},
        {"credentialSubject": {"givenName": "Anna"}},
        {"credentialSubject": {"givenName": "A" * 300, "dob": "1990-01-02"}},
    ],
)
def test_a_credential_of_another_kind_is_no_pass(more: dict[str, Any]) -> None:
    assert refusal_of(make_pass(pass_claims(**more))) is ReasonId.FOREIGN_CONTENT


def test_a_family_name_need_not_be() -> None:
    one_name = pass_claims(credentialSubject={"givenName": "Anna", "dob": "1990-01-02"})
    assert verify_nzcp(make_pass(one_name), ISSUERS, AT).names[0].family == ""


NOT_SHORTEST = b"\xb8" + bytes((PAYLOAD[0] & 0x1F,)) + PAYLOAD[1:]
NAME_TWICE = b"\xa2\x01\x61a\x01\x61b"


@pytest.mark.parametrize(
    "text",
    [
        PREFIX,
        make_pass() + "=",
        make_pass() + "A",
        make_pass()[:-1],
        make_pass().lower(),
        make_pass().replace("NZCP:/1/", "nzcp:/1/"),
        make_pass().replace("NZCP:/1/", "NZCP:/x/"),
        PREFIX + "1" * 8,
        PREFIX + "Ä" * 8,
        sign_pass(NOT_SHORTEST),
        sign_pass(NAME_TWICE),
        sign_pass(PAYLOAD + b"\0"),
        sign_pass(b"\x9f" * 500),
        sign_pass(b"\xbf\xff"),
        sign_pass(cbor2.dumps({1: DID, 5: cbor2.CBORTag(1, 5)})),
        sign_pass(PAYLOAD, tag=61),
        PREFIX + as_base32(b"\xd2\x84"),
        PREFIX + as_base32(cbor2.dumps(cbor2.CBORTag(18, [b"", {}, b""]))),
        PREFIX + as_base32(cbor2.dumps(cbor2.CBORTag(18, [b"\xa0", {}, PAYLOAD, b"short"]))),
    ],
)
def test_whatever_is_not_in_its_one_form_is_malformed(text: str) -> None:
    assert refusal_of(text) is ReasonId.MALFORMED_CODE


def test_another_version_and_a_text_beyond_any_code_have_their_own_reasons() -> None:
    assert refusal_of("NZCP:/2/AAAA") is ReasonId.UNSUPPORTED_VERSION
    assert refusal_of(PREFIX + "A" * 5_000) is ReasonId.SCAN_TOO_LONG


def test_what_is_not_asked_is_not_checked() -> None:
    forged = make_pass(key=OTHER_KEY)
    assert verify_nzcp(forged, ISSUERS, AT, frozenset({ForeignCheck.EXPIRATIONCHECK})).issuer == DID
    late = datetime(2030, 1, 1, tzinfo=UTC)
    assert verify_nzcp(make_pass(), ISSUERS, late, frozenset({ForeignCheck.VERIFY})).issuer == DID


def test_a_published_private_key_is_believed_no_more() -> None:
    document = did_document()
    document["verificationMethod"][0]["publicKeyJwk"] = jwk_of(KEY, d="AAAA")
    issuers = load_nzcp_issuers(sort_material(document))
    assert refusal_of(make_pass(), issuers) is ReasonId.UNKNOWN_KEY
    assert [finding.fault for finding in issuers.findings] == [MaterialFault.PRIVATE_KEY]
