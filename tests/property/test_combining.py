"""Law 4: every region speaks for itself; the worst current report decides, and nothing vanishes behind a green."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.errors import Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Report
from tongxing.core.words import RegionId
from tongxing.recognition.combining import combine_reports

AT = datetime(2020, 3, 21, 4, 0, tzinfo=UTC)
HUBEI, GUANGXI, BEIJING = RegionId("42"), RegionId("45"), RegionId("11")


def report(issuer: RegionId, level: Level | None, standing: Standing = Standing.CURRENT, **more: object) -> Report:
    """Return a report made an hour ago."""
    values: dict[str, object] = {
        "issuer": issuer,
        "standing": standing,
        "level": level,
        "causes": (),
        "revision": 1,
        "as_of": AT - timedelta(hours=1),
        "valid_until": None,
    }
    return Report(**{**values, **more})  # type: ignore[arg-type]


levels = st.sampled_from(list(Level))
others = st.lists(
    st.builds(
        report,
        st.sampled_from([GUANGXI, BEIJING]),
        levels,
        st.sampled_from([Standing.CURRENT, Standing.EXPIRED, Standing.SOURCE_AWAY]),
    ),
    max_size=4,
)


@given(presented=levels, others=others, order=st.randoms())
def test_the_order_of_the_reports_never_matters(presented: Level, others: list[Report], order: object) -> None:
    """Shuffling what other regions say gives the same level or the same reason."""
    shuffled = list(others)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert outcome(report(HUBEI, presented), others) == outcome(report(HUBEI, presented), shuffled)


@given(presented=levels, others=others)
def test_the_result_is_never_better_than_any_report_that_was_not_cleared(
    presented: Level, others: list[Report]
) -> None:
    """Neither a current nor an expired or unreachable report can be outshone by another region's green."""
    result = outcome(report(HUBEI, presented), others)
    if isinstance(result, Level):
        assert result.rank >= presented.rank
        assert all(result.rank >= (one.level or Level.LOW).rank for one in others)


@given(presented=levels, others=others)
def test_a_relayed_report_is_no_second_opinion(presented: Level, others: list[Report]) -> None:
    """Adding what only relays another's report changes nothing."""
    relayed = report(BEIJING, Level.HIGH, derived_from=HUBEI)
    assert outcome(report(HUBEI, presented), [*others, relayed]) == outcome(report(HUBEI, presented), others)


def test_an_expired_red_of_one_region_does_not_vanish_behind_anothers_green() -> None:
    """The result is undecidable with a reason of its own, not green."""
    expired_red = report(GUANGXI, Level.HIGH, valid_until=AT - timedelta(days=1))
    assert outcome(report(HUBEI, Level.LOW), [expired_red]) is ReasonId.EARLIER_REPORT_UNRESOLVED


def test_a_retracted_red_is_cleared() -> None:
    """A tombstone says that its issuer took back what it said."""
    assert outcome(report(HUBEI, Level.LOW), [report(GUANGXI, Level.HIGH, retracted=True)]) is Level.LOW


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (Standing.EXPIRED, ReasonId.REPORT_EXPIRED),
        (Standing.PENDING, ReasonId.REPORT_PENDING),
        (Standing.NO_RECORD, ReasonId.NO_RECORD),
        (Standing.MISMATCH, ReasonId.IDENTITY_MISMATCH),
        (Standing.SOURCE_AWAY, ReasonId.SOURCE_AWAY),
    ],
)
def test_each_standing_that_cannot_be_used_keeps_a_reason_of_its_own(standing: Standing, reason: ReasonId) -> None:
    """Unknown is never green and never red, also if every other region says green (law 2)."""
    assert outcome(report(HUBEI, None, standing), []) is reason
    assert outcome(report(HUBEI, None, standing), [report(BEIJING, Level.LOW)]) is reason


def test_another_regions_current_red_counts_though_the_presented_code_is_green() -> None:
    """The worst current report decides, and says who made it."""
    combined = combine_reports(report(HUBEI, Level.LOW), [report(GUANGXI, Level.HIGH)], at=AT)
    assert (combined.issuer, combined.level) == (GUANGXI, Level.HIGH)


def outcome(presented: Report, others: list[Report]) -> Level | ReasonId:
    """Return the level that decides, or the reason why none does."""
    try:
        combined = combine_reports(presented, others, at=AT)
    except Undecidable as why:
        return why.reason
    assert combined.level is not None
    return combined.level
