from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cbor2
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.causes import Cause, HeldCause
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.limits import STATEMENT_LIFE, STATEMENT_MAX_BYTES
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.words import RegionId
from tongxing.wire.cbor import WireError, encode_canonical
from tongxing.wire.cose import encode_sign1
from tongxing.wire.reports import CAUSES_MAX, SOURCE_MAX_CHARACTERS, SOURCES_MAX
from tongxing.wire.statement import HANDLE_MAX_CHARACTERS, SealedBy, Statement, encode_statement, parse_statement

AT = datetime(2020, 4, 10, 8, 0, 20, tzinfo=UTC)
KID = bytes(range(8))
REPORT = Report(
    issuer=RegionId("42"),
    standing=Standing.CURRENT,
    level=Level.HIGH,
    causes=(HeldCause(Cause.CLOSE_CONTACT, AT - timedelta(days=2), AT + timedelta(days=12)),),
    revision=3,
    as_of=AT,
    valid_until=AT + timedelta(days=3),
)
STATEMENT = Statement(
    issuer=RegionId("42"),
    audience=RegionId("45"),
    query_id=bytes(range(16)),
    issued_at=AT,
    expires_at=AT + STATEMENT_LIFE,
    report=REPORT,
    origin=Origin("421181", Precision.EXACT, OriginBasis.DECLARED_STAY),
    masked_hint="张**",
    subject_handle="handle-1",
)


def signed(message: bytes) -> bytes:
    return cbor2.dumps(message)[-64:].rjust(64, b"\0")


def encoded(statement: Statement = STATEMENT) -> bytes:
    return encode_statement(statement, alg=-8, kid=KID, sign=signed)


def check(message: bytes, signature: bytes) -> None:
    if signature != signed(message):
        raise Rejected(ReasonId.STATEMENT_FORGED)


def of_claims(changes: dict[int, object], content_type: str = "tongxing-statement") -> bytes:
    payload = {**cbor2.loads(cbor2.loads(encoded()).value[2]), **changes}
    plain = {label: value for label, value in payload.items() if value is not ...}
    return encode_sign1(encode_canonical(plain_of(plain)), alg=-8, kid=KID, content_type=content_type, sign=signed)


def plain_of(value: object) -> object:
    if isinstance(value, dict):
        return {key: plain_of(item) for key, item in value.items()}
    return [plain_of(item) for item in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize(
    "statement",
    [
        STATEMENT,
        replace(STATEMENT, origin=None, masked_hint=None),
        replace(STATEMENT, masked_hint=""),
        replace(STATEMENT, consultation=bytes(100)),
        replace(STATEMENT, consultation=bytes(100), sealed_by=SealedBy(RegionId("34"), bytes(16))),
    ],
)
def test_a_statement_comes_out_only_after_the_check(statement: Statement) -> None:
    unverified = parse_statement(encoded(statement))
    assert (unverified.issuer_claimed, unverified.kid, unverified.alg) == ("42", KID, -8)
    assert unverified.statement_after(check) == statement


def test_a_check_that_fails_keeps_the_statement_in() -> None:
    data = bytearray(encoded())
    data[-70] ^= 1
    with pytest.raises((Rejected, Undecidable)):
        parse_statement(bytes(data)).statement_after(check)


def test_no_flipped_bit_is_accepted() -> None:
    """The check stands in for a signature over the last bytes only: so flips before them must change the form."""
    good = encoded()
    parsed = parse_statement(good)
    for bit in range(8 * len(good)):
        data = bytearray(good)
        data[bit // 8] ^= 1 << bit % 8
        try:
            other = parse_statement(bytes(data))
        except Undecidable as unreadable:
            assert unreadable.reason is ReasonId.SOURCE_UNREADABLE  # noqa: PT017 - most flips are no error at all
            continue
        assert (other.to_be_signed, other.signature) != (parsed.to_be_signed, parsed.signature)


@pytest.mark.parametrize(
    "changes",
    [
        {1: "421"},
        {1: 42},
        {3: ...},
        {3: None},
        {4: "soon"},
        {4: int(AT.timestamp())},
        {6: -1},
        {7: bytes(15)},
        {7: "0123456789abcdef"},
        {-65539: {}},
        {-65539: ...},
        {-65540: {"precision": "exact"}},
        {-65541: "x" * 9},
        {-65541: "\x00"},
        {-65541: 5},
        {-65542: ""},
        {-65542: "x" * (HANDLE_MAX_CHARACTERS + 1)},
        {-65542: ...},
        {5: 1},
        {-65543: "more"},
        {-65554: ["34", bytes(16)]},
        {-65543: bytes(100), -65554: ["34", bytes(15)]},
        {-65543: bytes(100), -65554: ["3", bytes(16)]},
        {-65543: bytes(100), -65554: ["34"]},
        {-65543: bytes(100), -65554: "34"},
    ],
    ids=repr,
)
def test_a_statement_in_any_other_form_is_unreadable(changes: dict[int, object]) -> None:
    with pytest.raises(Undecidable) as refused:
        parse_statement(of_claims(changes))
    assert refused.value.reason is ReasonId.SOURCE_UNREADABLE


@pytest.mark.parametrize("content_type", ["tongxing-code", "tongxing-bundle", ""])
def test_another_signed_thing_is_no_statement(content_type: str) -> None:
    parse_statement(of_claims({}))
    with pytest.raises(Undecidable):
        parse_statement(of_claims({}, content_type))


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_without_a_crash(data: bytes) -> None:
    for opening in (b"", encoded()[:60]):
        with pytest.raises(Undecidable):
            parse_statement(opening + data[:200])


def test_size_is_bounded() -> None:
    with pytest.raises(Undecidable, match=str(STATEMENT_MAX_BYTES)):
        parse_statement(encoded() + bytes(STATEMENT_MAX_BYTES))
    with pytest.raises(WireError, match=str(STATEMENT_MAX_BYTES)):
        encode_statement(STATEMENT, alg=-8, kid=KID, sign=lambda _: bytes(STATEMENT_MAX_BYTES))


def test_the_longest_report_fits() -> None:
    longest = msgspec.structs.replace(
        REPORT, sources_checked=("源" * SOURCE_MAX_CHARACTERS,) * SOURCES_MAX, causes=REPORT.causes * CAUSES_MAX
    )
    assert parse_statement(encoded(replace(STATEMENT, report=longest))).statement_after(check).report == longest


@pytest.mark.parametrize(
    "change",
    [
        {"query_id": b""},
        {"subject_handle": ""},
        {"masked_hint": "x" * 9},
        {"expires_at": AT},
        {"audience": RegionId("x")},
    ],
    ids=repr,
)
def test_what_nobody_would_accept_cannot_be_encoded(change: dict[str, object]) -> None:
    with pytest.raises(WireError):
        encoded(replace(STATEMENT, **change))  # type: ignore[arg-type] # one wrong value each
