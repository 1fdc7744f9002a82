"""Conversion statements and renewal tokens at the wire: round trips, every form that is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.causes import Cause, HeldCause
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.limits import RENEWAL_TOKEN_MAX_BYTES, STATEMENT_MAX_BYTES
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import RegionId
from tongxing.crypto.sealing import SealBroken, SymmetricKey
from tongxing.wire.cbor import WireError
from tongxing.wire.consultation import CONSULTATION_MAX_BYTES, CONSULTATION_MIN_BYTES
from tongxing.wire.conversion_statement import (
    ConversionStatement,
    StatementKind,
    encode_conversion_statement,
    parse_conversion_statement,
)
from tongxing.wire.cose import encode_sign1
from tongxing.wire.renewal import NONCE_BYTES, Renewal, encode_renewal, parse_renewal

AT = datetime(2020, 4, 10, 8, 0, tzinfo=UTC)
KID, NONCE = bytes(range(8)), bytes(range(NONCE_BYTES))
HUBEI, GUANGXI = RegionId("42"), RegionId("45")
KEY = SymmetricKey(b"INSECURE_TEST_renewal".ljust(32, b"."))
REPORT = Report(
    issuer=HUBEI,
    standing=Standing.CURRENT,
    level=Level.HIGH,
    causes=(HeldCause(Cause.CLOSE_CONTACT, AT - timedelta(days=2)),),
    revision=3,
    as_of=AT,
    valid_until=AT + timedelta(days=3),
)
ASKED = ConversionStatement(
    kind=StatementKind.ASKED,
    issuer=HUBEI,
    audience=GUANGXI,
    statement_id=bytes(range(16)),
    issued_at=AT,
    expires_at=AT + timedelta(seconds=30),
    report=REPORT,
    origin=Origin("421181", Precision.EXACT, OriginBasis.DECLARED_STAY),
    masked_hint="张**",
    renewal_token=b"token",
)
CARRIED = replace(ASKED, kind=StatementKind.CARRIED, renewal_token=None, binding=bytes(16))
ACROSS = replace(CARRIED, kind=StatementKind.ACROSS)


def signed(message: bytes) -> bytes:
    return message[-64:].rjust(64, b"\0")


def encoded(statement: ConversionStatement) -> bytes:
    return encode_conversion_statement(statement, alg=-8, kid=KID, sign=signed)


def check(message: bytes, signature: bytes) -> None:
    if signature != signed(message):
        raise Rejected(ReasonId.STATEMENT_FORGED)


def of_claims(changes: dict[int, object], statement: ConversionStatement = ASKED) -> bytes:
    payload = {**cbor2.loads(cbor2.loads(encoded(statement)).value[2]), **changes}
    payload = {name: value for name, value in payload.items() if value is not None}
    return encode_sign1(
        cbor2.dumps(payload, canonical=True), alg=-8, kid=KID, content_type=statement.kind.value, sign=signed
    )


@pytest.mark.parametrize(
    "statement",
    [
        ASKED,
        CARRIED,
        ACROSS,
        replace(ASKED, origin=None, masked_hint=None, renewal_token=None),
        replace(CARRIED, origin=None),
        replace(ASKED, consultation=bytes(CONSULTATION_MAX_BYTES)),
    ],
)
def test_a_statement_comes_back_as_it_was(statement: ConversionStatement) -> None:
    unverified = parse_conversion_statement(encoded(statement), statement.kind)
    assert (unverified.issuer_claimed, unverified.kid) == (HUBEI, KID)
    assert unverified.statement_after(check) == statement


def test_the_content_is_told_only_after_the_signature_was_checked() -> None:
    unverified = parse_conversion_statement(encoded(ASKED)[:-1] + b"\1", StatementKind.ASKED)
    with pytest.raises(Rejected):
        unverified.statement_after(check)


@pytest.mark.parametrize("other", StatementKind)
@pytest.mark.parametrize("statement", [ASKED, CARRIED, ACROSS])
def test_no_kind_is_taken_for_another(statement: ConversionStatement, other: StatementKind) -> None:
    if other is statement.kind:
        return
    with pytest.raises(Undecidable) as refused:
        parse_conversion_statement(encoded(statement), other)
    assert refused.value.reason is ReasonId.SOURCE_UNREADABLE


@pytest.mark.parametrize(
    "data",
    [
        of_claims({-65551: bytes(16)}),
        of_claims({-65551: None}, CARRIED),
        of_claims({-65551: bytes(15)}, CARRIED),
        of_claims({7: bytes(15)}),
        of_claims({7: None}),
        of_claims({-65550: b""}),
        of_claims({-65550: bytes(RENEWAL_TOKEN_MAX_BYTES + 1)}),
        of_claims({-65541: "九个字符的提示太长了"}),
        of_claims({-65541: "a\nb"}),
        of_claims({-65543: bytes(CONSULTATION_MIN_BYTES - 1)}),
        of_claims({-65543: bytes(CONSULTATION_MAX_BYTES + 1)}),
        of_claims({-65543: bytes(CONSULTATION_MIN_BYTES)}, CARRIED),
        of_claims({-65600: 1}),
        of_claims({4: int(AT.timestamp())}),
        of_claims({1: "4"}),
        bytes(STATEMENT_MAX_BYTES + 1),
        b"",
    ],
    ids=str,
)
def test_what_could_not_have_been_made_is_refused(data: bytes) -> None:
    for kind in StatementKind:
        with pytest.raises(Undecidable) as refused:
            parse_conversion_statement(data, kind)
        assert refused.value.reason is ReasonId.SOURCE_UNREADABLE


@pytest.mark.parametrize(
    "statement",
    [
        replace(ASKED, binding=bytes(16)),
        replace(CARRIED, binding=None),
        replace(ACROSS, binding=None),
        replace(ACROSS, renewal_token=b"x"),
        replace(CARRIED, consultation=bytes(CONSULTATION_MIN_BYTES)),
    ],
)
def test_what_would_be_refused_is_not_made(statement: ConversionStatement) -> None:
    with pytest.raises(WireError):
        encoded(statement)


RENEWALS = st.builds(
    Renewal,
    st.sampled_from([HUBEI, GUANGXI, RegionId("4401")]),
    st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.text(min_size=1, max_size=400).filter(str.isprintable),
) | st.builds(
    Renewal,
    st.just(HUBEI),
    st.just(AT),
    st.none(),
    st.lists(st.binary(min_size=33, max_size=33).map(SubjectKey), min_size=1, max_size=4).map(tuple),
)


@given(RENEWALS)
def test_a_renewal_token_comes_back_to_whoever_sealed_it(renewal: Renewal) -> None:
    token = encode_renewal(renewal, nonce=NONCE, seal=KEY.seal)
    assert token is not None
    assert parse_renewal(token, open_sealed=KEY.open) == renewal


@given(RENEWALS, st.data())
def test_no_altered_byte_of_a_token_is_taken(renewal: Renewal, data: st.DataObject) -> None:
    token = encode_renewal(renewal, nonce=NONCE, seal=KEY.seal)
    assert token is not None
    place = data.draw(st.integers(0, len(token) - 1))
    altered = bytes([*token[:place], token[place] ^ data.draw(st.integers(1, 255)), *token[place + 1 :]])
    with pytest.raises(SealBroken):
        parse_renewal(altered, open_sealed=KEY.open)


def test_a_text_too_long_for_a_token_gets_none() -> None:
    assert encode_renewal(Renewal(HUBEI, AT, "x" * RENEWAL_TOKEN_MAX_BYTES), nonce=NONCE, seal=KEY.seal) is None


@pytest.mark.parametrize(
    "content",
    [
        {1: "42", 2: 0},
        {1: "42", 2: 0, 3: "x", 4: [bytes(33)]},
        {1: "42", 2: 0, 3: ""},
        {1: "42", 2: 0, 4: []},
        {1: "42", 2: 0, 4: [bytes(32)]},
        {1: "42", 2: 0, 4: "x"},
        [],
    ],
    ids=str,
)
def test_a_token_with_other_content_is_refused_even_if_it_opens(content: object) -> None:
    token = NONCE + cbor2.dumps(content, canonical=True)
    with pytest.raises(WireError):
        parse_renewal(token, open_sealed=lambda _nonce, sealed, _aad: sealed)
    with pytest.raises(WireError):
        parse_renewal(b"short", open_sealed=KEY.open)
