"""The envelope of an EU certificate: every way in which issuers write it, and each broken layer refused by name."""

import io
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import cbor2
import pytest

from tests.dcc_issuer import EXPIRES, ISSUED, DccIssuer, content, unwrap, wrap, wrap_compressed
from tongxing.core.departures import Departure
from tongxing.core.errors import Rejected
from tongxing.core.reasons import ReasonId
from tongxing.wire.dcc import ENVELOPE_MAX_BYTES, DccClaims, is_dcc, parse_dcc

ISSUER = DccIssuer()
GOOD = ISSUER.make(content())


def claims_of(qr_text: str) -> DccClaims:
    return parse_dcc(qr_text).claims_after(lambda _message, _signature: None)


def refused(qr_text: str) -> Rejected:
    with pytest.raises(Rejected) as refusal:
        claims_of(qr_text)
    return refusal.value


def test_a_certificate_is_taken_apart_layer_by_layer() -> None:
    unverified = parse_dcc(GOOD)
    assert (unverified.alg, len(unverified.signature), unverified.departures) == (-7, 64, frozenset())
    claims = claims_of(GOOD)
    assert (claims.issuer, claims.issued_at, claims.expires_at) == ("SE", ISSUED, EXPIRES)
    assert claims.content == content()
    assert claims.departures == frozenset()


def test_what_was_signed_is_told_only_after_the_signature_was_looked_at() -> None:
    seen: list[tuple[bytes, bytes]] = []

    def refuse(message: bytes, signature: bytes) -> None:
        seen.append((message, signature))
        raise KeyError("not verified")

    unverified = parse_dcc(GOOD)
    with pytest.raises(KeyError):
        unverified.claims_after(refuse)
    assert seen == [(unverified.to_be_signed, unverified.signature)]
    context, protected, external, payload = cbor2.loads(unverified.to_be_signed)
    assert (context, external) == ("Signature1", b"")
    assert cbor2.loads(protected)[1] == -7
    assert cbor2.loads(payload)[1] == "SE"


@pytest.mark.parametrize("prefix", ["HC0:", "HC2:", "HC9:"])
def test_another_version_is_named_as_that(prefix: str) -> None:
    text = prefix + GOOD[4:]
    assert is_dcc(text)
    assert refused(text).reason is ReasonId.UNSUPPORTED_VERSION


@pytest.mark.parametrize("text", ["", "HC1", "HL0:" + GOOD[4:], GOOD[4:], "hc1:" + GOOD[4:], "HC:" + GOOD[4:]])
def test_what_has_no_prefix_is_none(text: str) -> None:
    assert not is_dcc(text)
    assert refused(text).reason is ReasonId.MALFORMED_CODE


@pytest.mark.parametrize("around", ["{}\n", "{}\r\n", "{}\t", "{}\0"])
def test_line_ends_that_scanners_add_are_no_part_of_it(around: str) -> None:
    assert claims_of(around.format(GOOD)).content == content()


DATA = unwrap(GOOD)
TAGGED: dict[str, bytes] = {
    "CWT and COSE_Sign1": b"\xd8\x3d" + DATA,
    "none": DATA[1:],
    "in a longer head": b"\xd8\x12" + DATA[1:],
    "self-described": b"\xd9\xd9\xf7" + DATA,
}


@pytest.mark.parametrize("tags", TAGGED, ids=str)
def test_all_tags_that_are_met_are_borne_by_name(tags: str) -> None:
    unverified = parse_dcc(wrap(TAGGED[tags]))
    assert unverified.departures == {Departure.COSE_TAGS}
    assert unverified.to_be_signed == parse_dcc(GOOD).to_be_signed


def test_another_tag_is_refused() -> None:
    assert "tag" in refused(wrap(b"\xd1" + DATA[1:])).detail


HEADERS: list[tuple[dict[Any, Any], dict[Any, Any], bytes | None, int | None, set[Departure]]] = [
    ({1: -7, 4: b"right123"}, {}, b"right123", -7, set()),
    ({4: b"right123", 1: -7}, {4: b"other"}, b"right123", -7, set()),
    ({1: -7}, {4: b"right123"}, b"right123", -7, set()),
    ({}, {1: -7, 4: b"right123"}, b"right123", -7, {Departure.ALGORITHM_UNPROTECTED}),
    ({4: b"right123"}, {1: -7}, b"right123", -7, {Departure.ALGORITHM_UNPROTECTED}),
    ({1: -7}, {}, None, -7, {Departure.KID_MISSING}),
    ({1: -7, 4: b""}, {}, None, -7, {Departure.KID_MISSING}),
    ({}, {}, None, None, {Departure.KID_MISSING, Departure.ALGORITHM_MISSING}),
    ({1: -7, 4: "cmlnaHQxMjM="}, {}, b"right123", -7, {Departure.KID_NOT_BYTES}),
    ({1: -37, 4: b"right123", 3: "x", "y": [1]}, {99: None}, b"right123", -37, set()),
]


@pytest.mark.parametrize(("protected", "unprotected", "kid", "alg", "departures"), HEADERS)
def test_the_protected_header_counts_first(
    protected: dict[Any, Any],
    unprotected: dict[Any, Any],
    kid: bytes | None,
    alg: int | None,
    departures: set[Departure],
) -> None:
    unverified = parse_dcc(ISSUER.make(content(), protected=protected, unprotected=unprotected))
    assert (unverified.kid, unverified.alg, unverified.departures) == (kid, alg, frozenset(departures))


@pytest.mark.parametrize(
    "protected", [{4: 5}, {4: ["x"]}, {4: "\u00e9"}, {4: "not base64"}, {1: "ES256", 4: b"x"}, {1: True}, {1: 1.5}]
)
def test_a_header_of_other_types_is_refused(protected: dict[Any, Any]) -> None:
    assert refused(ISSUER.make(content(), protected=protected)).reason is ReasonId.MALFORMED_CODE


def test_definite_or_not_and_in_any_order_the_same_is_read() -> None:
    payload = io.BytesIO()
    cbor2.CBOREncoder(payload, indefinite_containers=True).encode(
        {-260: {1: content()}, 6: ISSUED, 4: EXPIRES, 1: "SE"}
    )
    assert claims_of(wrap(ISSUER.envelope(payload.getvalue()))).content == content()


@pytest.mark.parametrize(
    ("told", "read", "departures"),
    [
        (1_620_324_000, 1_620_324_000, set()),
        (1_620_324_000.5, 1_620_324_000.5, {Departure.TIME_NOT_A_NUMBER}),
        ("1620324000", 1_620_324_000, {Departure.TIME_NOT_A_NUMBER}),
        (cbor2.CBORTag(1, 1_620_324_000), 1_620_324_000, set()),
        ("2021-05-06T18:00:00Z", 1_620_324_000, {Departure.TIME_NOT_A_NUMBER}),
        (cbor2.CBORTag(0, "2021-05-06T20:00:00+02:00"), 1_620_324_000, {Departure.TIME_NOT_A_NUMBER}),
    ],
)
def test_times_are_read_however_numbers_are_written(told: object, read: float, departures: set[Departure]) -> None:
    claims = claims_of(ISSUER.make(content(), {6: told}))
    assert (claims.issued_at, claims.departures) == (read, frozenset(departures))


@pytest.mark.parametrize(
    "told", [True, [], {}, b"1", "soon", "2021-05-06T18:00:00", "9" * 36, float("nan"), float("inf"), 1e300, "\u0661"]
)
def test_a_time_that_is_none_is_refused(told: object) -> None:
    assert refused(ISSUER.make(content(), {4: told})).reason is ReasonId.MALFORMED_CODE


def test_what_is_not_told_is_named() -> None:
    claims = claims_of(ISSUER.make(content(), {1: None, 4: None, 6: None}))
    assert claims.departures == {Departure.ISSUER_MISSING, Departure.EXPIRY_MISSING, Departure.ISSUE_TIME_MISSING}
    assert (claims.issuer, claims.issued_at, claims.not_before, claims.expires_at) == ("", None, None, None)


def payload_of(change: Callable[[bytes], bytes]) -> str:
    payload = cbor2.dumps({1: "SE", 4: EXPIRES, 6: ISSUED, -260: {1: content()}})
    return wrap(ISSUER.envelope(change(payload)))


def test_the_maker_of_payloads_makes_good_ones() -> None:
    assert claims_of(payload_of(lambda payload: payload)).content == content()


DEEP = b"\x81" * 2000 + b"\0"
BROKEN: dict[str, str] = {
    "bytes after the stream": wrap_compressed(zlib.compress(DATA) + b"\0"),
    "two streams": wrap_compressed(zlib.compress(DATA) * 2),
    "a stream cut off": wrap_compressed(zlib.compress(DATA)[:-1]),
    "a wrong check sum": wrap_compressed(zlib.compress(DATA)[:-1] + b"\xff"),
    "not compressed": wrap_compressed(DATA),
    "nothing": "HC1:",
    "an empty stream": wrap(b""),
    "two segments": GOOD + GOOD,
    "bytes after the envelope": wrap(DATA + b"\0"),
    "an envelope cut off": wrap(DATA[:-1]),
    "three parts": wrap(b"\xd2\x83" + DATA[2:]),
    "a map": wrap(cbor2.dumps({1: 2})),
    "parts of other types": wrap(cbor2.dumps(cbor2.CBORTag(18, ["", {}, b"", b""]))),
    "a detached payload": wrap(cbor2.dumps(cbor2.CBORTag(18, [b"", {}, None, b""]))),
    "a header that is a list": wrap(cbor2.dumps(cbor2.CBORTag(18, [b"\x80", {}, b"", b""]))),
    "a header in clear": wrap(cbor2.dumps(cbor2.CBORTag(18, [{}, {}, b"", b""]))),
    "a header with a key twice": wrap(cbor2.dumps(cbor2.CBORTag(18, [b"\xa2\x01\x26\x01\x26", {}, b"", b""]))),
    "deep nesting": wrap(DEEP),
    "deep nesting inside": payload_of(lambda _: DEEP),
    "claims that are a list": payload_of(lambda _: b"\x80"),
    "claims with a key twice": payload_of(lambda payload: bytes((payload[0] + 1,)) + payload[1:] + b"\x01\x62SE"),
    "bytes after the claims": payload_of(lambda payload: payload + b"\0"),
    "claims cut off": payload_of(lambda payload: payload[:-1]),
    "no certificate": ISSUER.make(content(), {-260: None}),
    "a certificate of another version": ISSUER.make(content(), {-260: {2: content()}}),
    "a certificate that is bytes": ISSUER.make(content(), {-260: {1: b"x"}}),
    "a text that is not UTF-8": payload_of(lambda payload: payload.replace(b"SE", b"\xff\xfe", 1)),
    "a big number": ISSUER.make(content(v=[{"dn": 1 << 70}])),
    "a pattern": ISSUER.make(content(v=cbor2.CBORTag(35, "(a+)+$"))),
    "a shared value": payload_of(lambda _: b"\xd8\x1c\x81\xd8\x1d\x00"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_each_layer_that_is_broken_is_refused_as_malformed(fault: str) -> None:
    refusal = refused(BROKEN[fault])
    assert refusal.reason is ReasonId.MALFORMED_CODE
    assert refusal.detail


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = wrap_compressed(zlib.compress(b"\0" * 2_500_000, 9))
    assert len(bomb) < 4_296
    tracemalloc.start()
    assert "too large" in refused(bomb).detail
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 * ENVELOPE_MAX_BYTES


def test_more_than_a_qr_code_holds_is_not_looked_at() -> None:
    assert refused("HC1:" + "A" * 4_293).reason is ReasonId.SCAN_TOO_LONG
