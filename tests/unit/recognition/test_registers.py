"""What registers hold reaches the rules as bands; of each kind only what decides is told, whatever the order."""

from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world import AT
from tongxing.core.causes import Cause
from tongxing.core.evidence import PROOF_KINDS, RESULTS, Evidence, EvidenceKind, ProofResult
from tongxing.core.proofs import IsolationBand, ProofBasis, ProofKind, RecoveryBand, TestBand, VaccinationBand, bands_of
from tongxing.recognition.registers import proofs_of

EVERY_KIND = frozenset(ProofKind)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def a_test(ref: str, ago: timedelta, result: ProofResult = ProofResult.NEGATIVE, **changes: bool) -> Evidence:
    return Evidence(EvidenceKind.TEST, ref, 0, AT - ago, result=result, retracted=changes.get("retracted", False))


def bands(*evidence: Evidence, at: datetime = AT, asked: frozenset[ProofKind] = EVERY_KIND) -> object:
    return bands_of(proofs_of(evidence, asked, at=at), frozenset(), at)


@pytest.mark.parametrize(
    ("evidence", "name", "band"),
    [
        ([a_test("1", 30 * HOUR), a_test("2", 10 * HOUR)], "test", TestBand.WITHIN_24_H),
        ([a_test("1", 10 * HOUR), a_test("2", 30 * HOUR, ProofResult.POSITIVE)], "test", TestBand.WITHIN_24_H),
        ([a_test("1", 10 * HOUR), a_test("2", 10 * HOUR, ProofResult.POSITIVE)], "test", TestBand.POSITIVE),
        ([a_test("1", 10 * HOUR, retracted=True), a_test("2", 60 * HOUR)], "test", TestBand.WITHIN_72_H),
        ([a_test("1", -HOUR)], "test", TestBand.UNKNOWN),
        (
            [
                Evidence(EvidenceKind.VACCINATION, "1", 0, AT - 9 * DAY, result=ProofResult.BOOSTED),
                Evidence(EvidenceKind.VACCINATION, "2", 0, AT - DAY, result=ProofResult.PARTIAL),
                Evidence(EvidenceKind.VACCINATION, "3", 0, AT - 2 * DAY, result=ProofResult.COMPLETE),
            ],
            "vaccination",
            VaccinationBand.BOOSTED,
        ),
        ([Evidence(EvidenceKind.RECOVERY, "1", 0, AT - 15 * DAY)], "recovery", RecoveryBand.FROM_14_DAYS),
        ([Evidence(EvidenceKind.ISOLATION, "1", 0, AT - DAY)], "isolation", IsolationBand.UNDER_WAY),
        (
            [Evidence(EvidenceKind.ISOLATION, "1", 0, AT - 9 * DAY, AT - DAY)],
            "isolation",
            IsolationBand.ENDED_WITHIN_7_DAYS,
        ),
        ([], "test", TestBand.UNKNOWN),
    ],
)
def test_evidence_becomes_the_band_that_rules_see(evidence: list[Evidence], name: str, band: object) -> None:
    for order in permutations(evidence):
        assert getattr(bands(*order), name) is band


def test_what_nobody_asks_for_is_not_told() -> None:
    evidence = [a_test("1", HOUR), Evidence(EvidenceKind.RECOVERY, "1", 0, AT - 15 * DAY)]
    told = proofs_of(evidence, frozenset({ProofKind.TEST}), at=AT)
    assert [(proof.kind, proof.basis) for proof in told] == [(ProofKind.TEST, ProofBasis.REGISTER)]


def test_cases_and_contacts_prove_nothing() -> None:
    case = Evidence(EvidenceKind.CASE, "1", 0, AT, cause=Cause.CONFIRMED_CASE)
    assert proofs_of([case, Evidence(EvidenceKind.CONTACT, "1", 0, AT)], EVERY_KIND, at=AT) == ()


pieces = st.sampled_from(sorted(PROOF_KINDS)).flatmap(
    lambda kind: st.builds(
        lambda days, result: Evidence(EvidenceKind(kind), f"{days}{result}", 0, AT - days * DAY, result=result),
        st.integers(-2, 30),
        st.sampled_from(sorted(RESULTS[kind])) if kind in RESULTS else st.none(),
    )
)


@given(st.lists(pieces, max_size=8), st.randoms())
def test_at_most_one_of_each_kind_is_told_in_any_order(evidence: list[Evidence], random: object) -> None:
    told = proofs_of(evidence, EVERY_KIND, at=AT)
    random.shuffle(evidence)  # type: ignore[attr-defined]
    assert proofs_of(evidence, EVERY_KIND, at=AT) == told
    assert len({proof.kind for proof in told}) == len(told)
