"""Proofs become bands: the newest test counts, positive never helps, and nothing asked is not nothing there."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.proofs import (
    BAND_WORDS,
    FAVOURABLE,
    NOTHING_ASKED,
    AntigenBand,
    Bands,
    IsolationBand,
    Proof,
    ProofBasis,
    ProofKind,
    RecoveryBand,
    TestBand,
    VaccinationBand,
    bands_of,
)

AT = datetime(2022, 4, 20, 4, tzinfo=UTC)
EVERYTHING = frozenset(ProofKind)
hours = st.integers(0, 400).map(lambda count: timedelta(hours=count))


def sampled(age: timedelta, *, positive: bool = False, kind: ProofKind = ProofKind.TEST) -> Proof:
    return Proof(kind, AT - age, ProofBasis.SHOWN, positive=positive)


@pytest.mark.parametrize(
    ("hours_ago", "band"),
    [
        (0, TestBand.WITHIN_24_H),
        (24, TestBand.WITHIN_24_H),
        (25, TestBand.WITHIN_48_H),
        (48, TestBand.WITHIN_48_H),
        (49, TestBand.WITHIN_72_H),
        (72, TestBand.WITHIN_72_H),
        (73, TestBand.WITHIN_7_DAYS),
        (7 * 24, TestBand.WITHIN_7_DAYS),
        (7 * 24 + 1, TestBand.OLDER),
    ],
)
def test_a_negative_test_counts_to_the_last_minute_of_its_band(hours_ago: int, band: TestBand) -> None:
    assert bands_of([sampled(timedelta(hours=hours_ago))], frozenset(), AT).test is band


@given(ages=st.lists(st.tuples(hours, st.booleans()), min_size=1, max_size=5))
def test_only_the_newest_test_counts_in_whatever_order_they_are_told(ages: list[tuple[timedelta, bool]]) -> None:
    proofs = [sampled(age, positive=positive) for age, positive in ages]
    newest = min(age for age, _ in ages)
    told = bands_of(proofs, frozenset(), AT).test
    assert told is bands_of(proofs[::-1], frozenset(), AT).test
    if any(positive for age, positive in ages if age == newest):
        assert told is TestBand.POSITIVE
    else:
        assert told is bands_of([sampled(newest)], frozenset(), AT).test


@given(age=hours, newer=hours)
def test_a_newer_negative_test_is_never_a_worse_band(age: timedelta, newer: timedelta) -> None:
    order = FAVOURABLE[ProofKind.TEST]
    before = bands_of([sampled(age)], frozenset(), AT).test
    after = bands_of([sampled(age), sampled(min(age, newer))], frozenset(), AT).test
    assert order.index(after) >= order.index(before)


def test_nothing_is_none_only_where_somebody_asked() -> None:
    assert bands_of([], frozenset(), AT) == NOTHING_ASKED == Bands()
    asked = bands_of([], EVERYTHING, AT)
    assert [getattr(asked, kind.value).value for kind in ProofKind] == ["none"] * len(ProofKind)
    some = bands_of([sampled(timedelta(hours=1))], frozenset({ProofKind.RECOVERY}), AT)
    assert (some.test, some.recovery) == (TestBand.WITHIN_24_H, RecoveryBand.NONE)
    assert some.vaccination is VaccinationBand.UNKNOWN


def test_an_antigen_test_counts_for_a_day() -> None:
    old = sampled(timedelta(hours=25), kind=ProofKind.ANTIGEN)
    fresh = sampled(timedelta(hours=24), kind=ProofKind.ANTIGEN)
    positive = sampled(timedelta(days=3), kind=ProofKind.ANTIGEN, positive=True)
    assert bands_of([old], frozenset(), AT).antigen is AntigenBand.NONE
    assert bands_of([fresh, positive], frozenset(), AT).antigen is AntigenBand.NEGATIVE_24_H
    assert bands_of([positive], frozenset(), AT).antigen is AntigenBand.POSITIVE


def test_the_other_kinds_go_by_the_last_dose_the_last_recovery_and_the_end_of_the_last_isolation() -> None:
    def of(kind: ProofKind, days_ago: int, **more: bool) -> Proof:
        return Proof(kind, AT - timedelta(days=days_ago), ProofBasis.REGISTER, **more)

    first = of(ProofKind.VACCINATION, 90, complete=False)
    second = of(ProofKind.VACCINATION, 60, complete=True)
    booster = of(ProofKind.VACCINATION, 5, complete=True, boosted=True)
    assert bands_of([first], frozenset(), AT).vaccination is VaccinationBand.PARTIAL
    assert bands_of([second, first], frozenset(), AT).vaccination is VaccinationBand.COMPLETE
    assert bands_of([booster, first], frozenset(), AT).vaccination is VaccinationBand.BOOSTED
    earlier, later = of(ProofKind.RECOVERY, 200), of(ProofKind.RECOVERY, 13)
    assert bands_of([earlier], frozenset(), AT).recovery is RecoveryBand.FROM_14_DAYS
    assert bands_of([earlier, later], frozenset(), AT).recovery is RecoveryBand.WITHIN_14_DAYS
    for days, band in (
        (-3, IsolationBand.UNDER_WAY),
        (0, IsolationBand.ENDED_WITHIN_7_DAYS),
        (7, IsolationBand.ENDED_7_DAYS_AGO),
    ):
        assert bands_of([of(ProofKind.ISOLATION, days)], frozenset(), AT).isolation is band


@pytest.mark.parametrize(
    ("kind", "more", "told"),
    [
        (ProofKind.TEST, {}, "positive or negative"),
        (ProofKind.ANTIGEN, {}, "positive or negative"),
        (ProofKind.RECOVERY, {"positive": False}, "positive or negative"),
        (ProofKind.VACCINATION, {}, "complete or not"),
        (ProofKind.TEST, {"positive": False, "complete": True}, "complete or not"),
        (ProofKind.VACCINATION, {"complete": False, "boosted": True}, "after a complete"),
    ],
)
def test_a_proof_says_what_its_kind_says_and_nothing_else(kind: ProofKind, more: dict[str, bool], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Proof(kind, AT, ProofBasis.SHOWN, **more)


def test_a_moment_without_a_time_zone_is_no_moment() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Proof(ProofKind.RECOVERY, AT.replace(tzinfo=None), ProofBasis.SHOWN)


def test_each_band_has_words_of_its_own() -> None:
    for kind in ProofKind:
        bands = type(next(iter(BAND_WORDS[kind])))
        assert list(BAND_WORDS[kind]) == list(bands)
        assert set(FAVOURABLE[kind]) <= set(bands)
    told = [words.zh for words_of in BAND_WORDS.values() for words in words_of.values()]
    assert len(told) == len(set(told))
