"""SMART Health Cards: what is verified, in which order, and what each fault is called."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.foreign_issuers import (
    EXPIRES_AT,
    KEY,
    NOT_BEFORE,
    OTHER_KEY,
    SHC_ISSUER,
    as_digits,
    card_payload,
    deflate,
    immunization,
    jwk_of,
    jwks_of,
    make_card,
    observation,
    sign_jws,
)
from tongxing.core.departures import STRICT, Departure
from tongxing.core.errors import Rejected
from tongxing.core.foreign_codes import ForeignCheck, ForeignCode
from tongxing.core.limits import CLOCK_SKEW, SHC_PAYLOAD_MAX_BYTES
from tongxing.core.proofs import Proof, ProofBasis, ProofKind
from tongxing.core.reasons import ReasonId
from tongxing.crypto.key_material import thumbprint
from tongxing.trust.shc import ShcIssuers, load_shc_issuers, verify_shc
from tongxing.trust.trust_material import MaterialFault, sort_material

AT = datetime.fromtimestamp(NOT_BEFORE, UTC) + timedelta(days=1)
ISSUERS = load_shc_issuers(sort_material(jwks_of()))
PAYLOAD = json.dumps(card_payload(immunization("2022-01-05")), separators=(",", ":")).encode()


def issuers_of(*material: object) -> ShcIssuers:
    return load_shc_issuers(sort_material(*material))


def refusal_of(*texts: str, issuers: ShcIssuers = ISSUERS, at: datetime = AT) -> ReasonId:
    with pytest.raises(Rejected) as refused:
        verify_shc(texts, issuers, at)
    return refused.value.reason


def verified(*texts: str, issuers: ShcIssuers = ISSUERS) -> ForeignCode:
    return verify_shc(texts, issuers, AT)


def test_a_card_proves_its_doses_and_names_the_person() -> None:
    told = verified(make_card(immunization("2021-03-01"), immunization("2021-03-29")))
    expected = Proof(ProofKind.VACCINATION, datetime(2021, 3, 29, tzinfo=UTC), ProofBasis.SIGNED, complete=True)
    assert told.proofs == (expected,)
    assert (told.names[0].family, told.names[0].given, told.birth_date) == ("Müller", "Anna", "1990-01-02")
    assert (told.issuer, told.kid, told.departures) == (SHC_ISSUER, thumbprint(KEY.public), ())


def test_a_bare_jws_and_its_digits_are_one_card() -> None:
    jws = sign_jws(deflate(PAYLOAD))
    assert verified(jws) == verified("shc:/" + as_digits(jws))


def test_chunks_are_one_card_in_any_order_and_a_chunk_scanned_twice_counts_once() -> None:
    jws = sign_jws(deflate(PAYLOAD))
    thirds = [jws[at : at + len(jws) // 3 + 1] for at in range(0, len(jws), len(jws) // 3 + 1)]
    chunks = [f"shc:/{place}/3/{as_digits(part)}" for place, part in enumerate(thirds, start=1)]
    assert verified(chunks[2], chunks[0], chunks[1], chunks[0]) == verified(jws)
    assert refusal_of(chunks[0], chunks[2]) is ReasonId.CHUNKS_MISSING
    assert refusal_of(chunks[0]) is ReasonId.CHUNKS_MISSING


def test_chunks_of_two_cards_are_never_joined() -> None:
    one, other = (as_digits(sign_jws(deflate(PAYLOAD), key)) for key in (KEY, OTHER_KEY))
    half = len(one) // 4 * 2
    assert refusal_of(f"shc:/1/2/{one[:half]}", f"shc:/1/2/{other[:half]}") is ReasonId.MALFORMED_CODE
    assert refusal_of(f"shc:/1/2/{one[:half]}", f"shc:/2/3/{one[half:]}") is ReasonId.MALFORMED_CODE
    joined = refusal_of(f"shc:/1/2/{one[:half]}", f"shc:/2/2/{other[half:]}")
    assert joined in {ReasonId.MALFORMED_CODE, ReasonId.SIGNATURE_INVALID}


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"alg": "none"}, ReasonId.ALGORITHM_REFUSED),
        ({"alg": "HS256"}, ReasonId.ALGORITHM_REFUSED),
        ({"alg": "ES384"}, ReasonId.ALGORITHM_REFUSED),
        ({"zip": None}, ReasonId.MALFORMED_CODE),
        ({"crit": ["b64"], "b64": False}, ReasonId.MALFORMED_CODE),
        ({"kid": 7}, ReasonId.MALFORMED_CODE),
        ({"kid": "of nobody"}, ReasonId.UNKNOWN_KEY),
    ],
)
def test_the_header_chooses_no_algorithm_and_brings_no_key(header: dict[str, Any], reason: ReasonId) -> None:
    assert refusal_of(sign_jws(deflate(PAYLOAD), **header)) is reason


def test_a_key_that_the_card_itself_brings_is_never_looked_at() -> None:
    forged = sign_jws(deflate(PAYLOAD), OTHER_KEY, kid=thumbprint(KEY.public), jwk=jwk_of(OTHER_KEY))
    assert refusal_of(forged) is ReasonId.SIGNATURE_INVALID


def test_a_trusted_issuer_cannot_sign_in_anothers_name() -> None:
    assert refusal_of(make_card(iss="https://another.example")) is ReasonId.UNKNOWN_ISSUER
    assert verified(make_card(iss=f"{SHC_ISSUER}/")).issuer == f"{SHC_ISSUER}/"


def test_two_issuers_that_share_a_key_are_both_tried() -> None:
    shared = issuers_of([{**jwks_of(), "issuer": "https://first.example"}, jwks_of()])
    assert verified(make_card(), issuers=shared).issuer == SHC_ISSUER


def test_of_two_keys_with_one_id_the_right_one_is_found() -> None:
    clash = {"keys": [jwk_of(OTHER_KEY, kid=thumbprint(KEY.public)), jwk_of(KEY)]}
    assert verified(make_card(), issuers=issuers_of(clash)).kid == thumbprint(KEY.public)


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ({"nbf": NOT_BEFORE * 1000}, ReasonId.TIME_IMPLAUSIBLE),
        ({"exp": EXPIRES_AT * 1000}, ReasonId.TIME_IMPLAUSIBLE),
        ({"nbf": -1}, ReasonId.TIME_IMPLAUSIBLE),
        ({"nbf": 1e300}, ReasonId.TIME_IMPLAUSIBLE),
        ({"nbf": NOT_BEFORE + 200_000}, ReasonId.FOREIGN_NOT_ACTIVE),
        ({"exp": NOT_BEFORE + 1}, ReasonId.FOREIGN_EXPIRED),
        ({"nbf": "1650000000"}, ReasonId.FOREIGN_CONTENT),
    ],
)
def test_each_fault_of_the_times_has_its_own_reason(times: dict[str, Any], reason: ReasonId) -> None:
    assert refusal_of(make_card(**times)) is reason


def test_two_honest_clocks_may_differ_a_little_and_the_end_is_the_end() -> None:
    card = make_card()
    begins, ends = datetime.fromtimestamp(NOT_BEFORE, UTC), datetime.fromtimestamp(EXPIRES_AT, UTC)
    assert verify_shc((card,), ISSUERS, begins - CLOCK_SKEW).valid_from == begins
    assert verify_shc((card,), ISSUERS, ends - timedelta(seconds=1)).valid_until == ends
    assert refusal_of(card, at=begins - CLOCK_SKEW - timedelta(seconds=1)) is ReasonId.FOREIGN_NOT_ACTIVE
    assert refusal_of(card, at=ends) is ReasonId.FOREIGN_EXPIRED


@pytest.mark.parametrize(
    ("rid", "is_revoked"),
    [
        ("taken-back", True),
        ("another", False),
        (f"taken-back.{NOT_BEFORE + 1}", True),
        (f"taken-back.{NOT_BEFORE}", False),
    ],
)
def test_a_revocation_with_a_time_takes_back_only_what_was_valid_before(rid: str, is_revoked: bool) -> None:
    revoked = {"kid": thumbprint(KEY.public), "method": "rid", "ctr": 1, "rids": [rid]}
    card, issuers = make_card(rid="taken-back"), issuers_of(jwks_of(), revoked)
    if is_revoked:
        assert refusal_of(card, issuers=issuers) is ReasonId.FOREIGN_REVOKED
    else:
        assert verified(card, issuers=issuers).departures == ()


@pytest.mark.parametrize(
    "beside", ["crl", "crls", "revocation", "revoked", "status", "keyed"], ids=lambda name: f"as {name}"
)
def test_what_was_taken_back_counts_under_whatever_name_it_stands_beside_the_keys(beside: str) -> None:
    revoked = {"kid": thumbprint(KEY.public), "ctr": 1, "rids": ["taken-back"]}
    held: object = {thumbprint(KEY.public): revoked} if beside == "keyed" else revoked
    for told in (held, [held]):
        keys = {"keys": [jwk_of(KEY)], beside: told if beside != "keyed" else held}
        for material in (keys, {"jwks": {"keys": [jwk_of(KEY)]}, beside: held}):
            assert refusal_of(make_card(rid="taken-back"), issuers=issuers_of(material)) is ReasonId.FOREIGN_REVOKED


def test_a_key_beside_the_keys_is_not_believed_and_that_is_said() -> None:
    issuers = issuers_of({"keys": [], "withdrawn": [jwk_of(KEY)]})
    assert refusal_of(make_card(), issuers=issuers) is ReasonId.UNKNOWN_KEY
    assert [(each.place, each.fault) for each in issuers.findings] == [(".withdrawn", MaterialFault.UNKNOWN_SHAPE)]


@pytest.mark.parametrize("beside", [7, "another.1e9", "another.1650000001000"])
def test_one_bad_row_of_a_revocation_list_lets_nobody_through(beside: object) -> None:
    rows = ["taken-back", beside]
    issuers = issuers_of(jwks_of(), {"kid": thumbprint(KEY.public), "ctr": 1, "rids": rows})
    assert refusal_of(make_card(rid="taken-back"), issuers=issuers) is ReasonId.FOREIGN_REVOKED
    if isinstance(beside, str):
        assert refusal_of(make_card(rid="another"), issuers=issuers) is ReasonId.FOREIGN_REVOKED
    else:
        assert [each.fault for each in issuers.findings] == [MaterialFault.LIST_UNREADABLE]


def test_two_lists_of_one_counter_both_count() -> None:
    rows = (["first", f"third.{NOT_BEFORE}"], ["second", f"third.{NOT_BEFORE + 1}"])
    issuers = issuers_of(jwks_of(), [{"kid": thumbprint(KEY.public), "rids": rids} for rids in rows])
    for rid in ("first", "second", "third"):
        assert refusal_of(make_card(rid=rid), issuers=issuers) is ReasonId.FOREIGN_REVOKED


def test_the_newest_revocation_list_counts_and_an_older_one_than_announced_is_said() -> None:
    lists = [
        {"kid": thumbprint(KEY.public), "ctr": 2, "rids": []},
        {"kid": thumbprint(KEY.public), "ctr": 1, "rids": ["r"]},
    ]
    assert verified(make_card(rid="r"), issuers=issuers_of(jwks_of(crlVersion=2), lists)).departures == ()
    old = issuers_of(jwks_of(crlVersion=3), lists)
    assert verified(make_card(rid="r"), issuers=old).departures == (Departure.REVOCATION_UNCHECKED,)
    with pytest.raises(Rejected):
        verify_shc((make_card(rid="r"),), old, AT, bearing=STRICT)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = deflate(b'{"iss":"' + b"A" * (4 * SHC_PAYLOAD_MAX_BYTES) + b'"}')
    with pytest.raises(Rejected, match="malformed_code: the compression is cut off, too large") as refused:
        verified(sign_jws(bomb))
    assert refused.value.reason is ReasonId.MALFORMED_CODE


@pytest.mark.parametrize(
    "packed",
    [
        deflate(PAYLOAD)[:-4],
        deflate(PAYLOAD) + b"\0",
        PAYLOAD,
        deflate(b'{"iss":"a","iss":"b"}'),
        deflate(b'{"a":' + b"[" * 100_000),
        deflate(b"\xff\xfe"),
        deflate(b'{"nbf":NaN}'),
        b"",
    ],
    ids=["cut off", "more follows", "not packed", "a name twice", "deep", "not UTF-8", "NaN", "empty"],
)
def test_what_is_signed_and_broken_is_malformed(packed: bytes) -> None:
    assert refusal_of(sign_jws(packed)) is ReasonId.MALFORMED_CODE


def test_what_is_no_card_is_told_by_its_content() -> None:
    without_type = {**card_payload(), "vc": {"type": ["x"], "credentialSubject": {"fhirBundle": {}}}}
    values: list[object] = [[], {}, {"iss": SHC_ISSUER}, without_type, card_payload(rid="r" * 25)]
    for value in [*values, card_payload(iss="")]:
        assert refusal_of(sign_jws(deflate(json.dumps(value).encode()))) is ReasonId.FOREIGN_CONTENT


@pytest.mark.parametrize(
    "spoil",
    [
        lambda jws: jws + ".",
        lambda jws: jws.rpartition(".")[0],
        lambda jws: jws + "=",
        lambda jws: jws.replace(".", ".A", 1),
        lambda jws: jws[:-2],
        lambda jws: f" {jws}",
        lambda jws: f"{jws}.{jws}",
    ],
)
def test_a_text_has_one_form(spoil: object) -> None:
    assert callable(spoil)
    assert refusal_of(spoil(sign_jws(deflate(PAYLOAD)))) is ReasonId.MALFORMED_CODE


@pytest.mark.parametrize("digits", ["", "5", "99", "567", "56 6", "５６", "5x", "7" * 10_000])
def test_digits_that_stand_for_nothing_are_malformed_or_too_long(digits: str) -> None:
    assert refusal_of(f"shc:/{digits}") in {ReasonId.MALFORMED_CODE, ReasonId.SCAN_TOO_LONG}


def test_what_is_not_asked_is_not_checked() -> None:
    unsigned = make_card(key=OTHER_KEY, nbf=1)
    only_time = verify_shc((unsigned,), ISSUERS, AT, frozenset({ForeignCheck.EXPIRATIONCHECK}))
    assert only_time.issuer == SHC_ISSUER
    only_signature = verify_shc((make_card(exp=1),), ISSUERS, AT, frozenset({ForeignCheck.VERIFY}))
    assert only_signature.valid_until == datetime.fromtimestamp(1, UTC)


@pytest.mark.parametrize(
    ("doses", "expected"),
    [
        ((("208", "2021-03-01"),), (False, False)),
        ((("212", "2021-03-01"),), (True, False)),
        ((("212", "2021-03-01"), ("207", "2021-09-01")), (True, True)),
        ((("208", "2021-03-01"), ("208", "2021-03-01")), (False, False)),
        ((("208", "2021-03-01"), ("208", "2021-03-29"), ("300", "2022-09-05")), (True, True)),
    ],
)
def test_doses_are_counted_by_what_the_first_product_takes(
    doses: tuple[tuple[str, str], ...], expected: tuple[bool, bool]
) -> None:
    told = verified(make_card(*(immunization(day, vaccine) for vaccine, day in doses)))
    assert [(proof.complete, proof.boosted) for proof in told.proofs] == [expected]


def test_the_number_of_a_dose_counts_where_only_the_last_is_shown() -> None:
    told = verified(make_card(immunization("2021-03-29", protocolApplied=[{"doseNumberPositiveInt": 2}])))
    assert told.proofs[0].complete is True


def test_results_are_read_by_kind_and_finding_and_nothing_else_is_a_result() -> None:
    told = verified(
        make_card(
            observation("2022-04-15T08:00:00+12:00"),
            observation("2022-04-15T08:00:00Z", "94558-4", "260415000"),
            observation("2022-04-15T08:00:00Z", finding="419984006"),
            observation("2022-04-15T08:00:00Z", loinc="2339-0"),
            immunization("2021-01-01", "140"),
            {**immunization("2021-01-01"), "status": "not-done"},
            {"resourceType": "Organization", "name": "Lab"},
        )
    )
    at = datetime(2022, 4, 15, 8, tzinfo=UTC)
    assert told.proofs == (
        Proof(ProofKind.TEST, at - timedelta(hours=12), ProofBasis.SIGNED, positive=True),
        Proof(ProofKind.ANTIGEN, at, ProofBasis.SIGNED, positive=False),
    )
    assert told.departures == ()


@pytest.mark.parametrize(
    "resource",
    [
        immunization("2021"),
        immunization("2021-02-30"),
        immunization("2021-03-01T10:00:00"),
        {"resourceType": "Patient", "name": [None]},
        {"resourceType": "Patient", "name": [{"family": "A" * 300}]},
        {"resourceType": "Immunization"},
        {"resourceType": 5},
    ],
)
def test_an_unreadable_resource_is_left_out_and_said(resource: dict[str, object]) -> None:
    told = verified(make_card(resource, immunization("2021-03-01", "212")))
    assert told.departures == (Departure.RESOURCE_UNREADABLE,)
    assert len(told.proofs) == 1
