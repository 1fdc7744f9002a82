"""Consultations at the wire: what is sealed to the hub, and the hub's signed answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.proofs import Proof, ProofBasis, ProofKind
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Report
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import FEDERATION, RegionId
from tongxing.wire.cbor import WireError, encode_canonical
from tongxing.wire.consultation import (
    CONSULTATION_MAX_BYTES,
    REPORTS_MAX,
    Consultation,
    ConsultationAnswer,
    consultation_info,
    encode_consultation,
    encode_consultation_answer,
    parse_consultation,
    parse_consultation_answer,
)
from tongxing.wire.cose import encode_sign1

AT = datetime(2020, 4, 10, 8, 0, 20, tzinfo=UTC)
KID = bytes(8)
KEYS = tuple(SubjectKey(bytes((version,)) * 33) for version in (4, 3, 2, 1))
REPORT = Report(RegionId("34"), Standing.CURRENT, Level.HIGH, (), 3, AT, None)
ANSWER = ConsultationAnswer(RegionId("45"), bytes(range(16)), AT, (REPORT, REPORT))


def sign(message: bytes) -> bytes:
    return bytes(64 - 8) + message[:4] + message[-4:]


def check(message: bytes, signature: bytes) -> None:
    if signature != sign(message):
        raise Rejected(ReasonId.STATEMENT_FORGED)


def encoded(answer: ConsultationAnswer = ANSWER) -> bytes:
    return encode_consultation_answer(answer, alg=-8, kid=KID, sign=sign)


def of_payload(payload: object, content_type: str = "tongxing-consultation") -> bytes:
    return encode_sign1(encode_canonical(payload), alg=-8, kid=KID, content_type=content_type, sign=sign)


def test_what_was_sealed_is_read_back_and_fits_with_its_seal() -> None:
    content = encode_consultation(KEYS, AT)
    assert parse_consultation(content) == Consultation(KEYS, AT)
    assert len(content) + 48 <= CONSULTATION_MAX_BYTES


def test_that_goods_are_driven_is_said_or_left_out() -> None:
    content = encode_consultation(KEYS, AT, is_freight=True)
    assert parse_consultation(content) == Consultation(KEYS, AT, is_freight=True)
    assert len(content) + 48 <= CONSULTATION_MAX_BYTES


@pytest.mark.parametrize(
    "content",
    [
        b"",
        encode_canonical([]),
        encode_canonical({1: 5}),
        encode_canonical({1: 5, 2: []}),
        encode_canonical({1: 5, 2: [b"short"]}),
        encode_canonical({1: 5, 2: [bytes(33)] * 5}),
        encode_canonical({1: 5, 2: ["x" * 33]}),
        encode_canonical({1: -5, 2: [bytes(33)]}),
        encode_canonical({1: 5, 2: [bytes(33)], 3: 1}),
        encode_canonical({1: 5, 2: [bytes(33)], 3: False}),
        encode_canonical({1: 5, 2: [bytes(33)], 4: True}),
        encode_canonical({1: 5, 2: [bytes(33)]}) + b"\0",
    ],
)
def test_a_content_of_another_form_is_refused(content: bytes) -> None:
    with pytest.raises(WireError):
        parse_consultation(content)


def test_the_seal_is_bound_to_issuer_audience_and_query() -> None:
    issuer, audience = RegionId("42"), RegionId("45")
    infos = {
        consultation_info(issuer, audience, bytes(16)),
        consultation_info(audience, issuer, bytes(16)),
        consultation_info(issuer, FEDERATION, bytes(16)),
        consultation_info(issuer, audience, bytes(range(16))),
    }
    assert len(infos) == 4


PROOFS = (
    Proof(ProofKind.TEST, ANSWER.answered_at, ProofBasis.REGISTER, positive=False),
    Proof(ProofKind.ANTIGEN, ANSWER.answered_at, ProofBasis.REGISTER, positive=True),
    Proof(ProofKind.VACCINATION, ANSWER.answered_at, ProofBasis.REGISTER, complete=True, boosted=True),
    Proof(ProofKind.RECOVERY, ANSWER.answered_at, ProofBasis.REGISTER),
    Proof(ProofKind.ISOLATION, ANSWER.answered_at + timedelta(days=1), ProofBasis.REGISTER),
)
PARTIAL = Proof(ProofKind.VACCINATION, ANSWER.answered_at, ProofBasis.REGISTER, complete=False)


@pytest.mark.parametrize(
    "answer",
    [
        ANSWER,
        replace(ANSWER, reports=()),
        replace(ANSWER, proofs=PROOFS),
        replace(ANSWER, proofs=(PARTIAL,)),
        replace(ANSWER, whole_until=ANSWER.answered_at - timedelta(hours=7)),
    ],
)
def test_an_answer_comes_out_only_after_the_check(answer: ConsultationAnswer) -> None:
    unverified = parse_consultation_answer(encoded(answer))
    assert (unverified.kid, unverified.alg) == (KID, -8)
    assert unverified.answer_after(check) == answer
    with pytest.raises(Rejected):
        unverified.answer_after(lambda message, _: check(message, b""))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(70_000),
        of_payload({}),
        of_payload([]),
        of_payload({1: "45", 2: bytes(15), 3: 5, 4: []}),
        of_payload({1: "x", 2: bytes(16), 3: 5, 4: []}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: {}}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: [{}]}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: [], 5: 1}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: [], 5: []}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: [], 5: [["test", 5]]}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: [], 5: [["test", 5, ""]]}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: [], 5: [["test", 5, "complete"]]}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: [], 5: [["recovery", 5, "negative"]]}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: [], 5: [["rumour", 5, ""]]}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: [], 5: [["test", 5, []]]}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: [], 5: [["test", "x", "negative"]]}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: [], 5: [["test", 500, "negative"]]}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: [], 5: [["recovery", 5, ""]] * 2}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: [], 6: []}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: [], 6: -1}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: [], 7: 5}),
        of_payload({1: "45", 2: bytes(16), 3: 5, 4: []}, "tongxing-statement"),
    ],
)
def test_an_answer_of_another_form_is_unreadable(data: bytes) -> None:
    with pytest.raises(Undecidable) as undecidable:
        parse_consultation_answer(data)
    assert undecidable.value.reason is ReasonId.SOURCE_UNREADABLE


def test_more_reports_than_the_bound_are_not_encoded() -> None:
    with pytest.raises(WireError):
        encoded(replace(ANSWER, reports=(REPORT,) * (REPORTS_MAX + 1)))
    longest = replace(ANSWER, reports=(REPORT,) * REPORTS_MAX)
    assert parse_consultation_answer(encoded(longest)).answer_after(check) == longest


@given(st.binary(max_size=200))
def test_no_bytes_at_all_break_the_parsers_otherwise(data: bytes) -> None:
    with pytest.raises(WireError):
        parse_consultation(data + b"\xff")
    with pytest.raises(Undecidable):
        parse_consultation_answer(data)


@given(st.data())
def test_any_flipped_byte_of_an_answer_is_noticed(data: st.DataObject) -> None:
    good = encoded()
    place, bit = data.draw(st.integers(0, len(good) - 1)), data.draw(st.integers(0, 7))
    bad = bytearray(good)
    bad[place] ^= 1 << bit

    def check_against_the_good(message: bytes, signature: bytes) -> None:
        known = parse_consultation_answer(good)
        if (message, signature) != (known.to_be_signed, known.signature):
            raise Rejected(ReasonId.STATEMENT_FORGED)

    with pytest.raises((Undecidable, Rejected)):
        parse_consultation_answer(bytes(bad)).answer_after(check_against_the_good)


def test_the_examples_of_the_specification_are_what_is_made_here() -> None:
    text = (Path(__file__).parents[3] / "docs" / "specs" / "consultation.md").read_text(encoding="utf-8")
    query_id, at = bytes(range(16)), datetime(2020, 3, 21, 4, 0, tzinfo=UTC)
    assert consultation_info(RegionId("42"), RegionId("45"), query_id).hex() in text
    keys = (SubjectKey(b"\x02" + bytes(range(32))), SubjectKey(b"\x01" + bytes(range(32, 64))))
    assert encode_consultation(keys, at).hex().startswith("a2011a5e7591400282582102000102")
    for shown in ("a2 01 1a 5e759140", "5821 02000102…1e1f", "5821 01202122…3e3f", "a4 01 62 3435"):
        assert shown in text
