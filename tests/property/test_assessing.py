"""Assessing by its directions (domain sheet, *What must be monotone*), over evidence of all kinds."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.recognition.evidence import AT, HIGH, LOW, MEDIUM, MIXED, UNKNOWN, declaration
from tests.world import risk_section
from tongxing.core.causes import Cause, level_of
from tongxing.core.evidence import CASE_CAUSES, JOURNEY_KINDS, Evidence, EvidenceKind
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import OriginRisk, Report
from tongxing.recognition.assessing import assess
from tongxing.risk.risk_map import RiskMap, parse_risk_section
from tongxing.wire.reports import encode_report, parse_report

RISK = parse_risk_section(risk_section())
WORSE: dict[OriginRisk, int] = {
    OriginRisk.LOW: 0,
    OriginRisk.MEDIUM: 1,
    OriginRisk.HIGH: 2,
    OriginRisk.MIXED: 3,
    OriginRisk.UNKNOWN: 4,
}
hours = st.integers(-24 * 40, 24 * 5)


@st.composite
def pieces(draw: st.DrawFn, *, ended_stays_only: bool = False) -> Evidence:
    """Draw a piece that begins within forty days and ends, if at all, after it began."""
    kind = draw(st.sampled_from(EvidenceKind))
    since = AT + timedelta(hours=draw(hours))
    length = timedelta(hours=draw(st.integers(0, 24 * 20)))
    has_end = draw(st.booleans()) or (ended_stays_only and kind is EvidenceKind.STAY)
    return Evidence(
        kind,
        draw(st.text("abcdef", min_size=8, max_size=8)),
        draw(st.integers(0, 3)),
        since,
        since + length if has_end and kind is not EvidenceKind.DECLARATION else None,
        draw(st.sampled_from([HIGH, MEDIUM, LOW, MIXED, UNKNOWN]))
        if kind in {EvidenceKind.STAY, *JOURNEY_KINDS}
        else None,
        draw(st.sampled_from(sorted(CASE_CAUSES))) if kind is EvidenceKind.CASE else None,
        draw(st.booleans()) and draw(st.booleans()),
    )


evidence = st.lists(pieces(), max_size=8)


def report_of(held: list[Evidence], at: datetime = AT, risk: RiskMap = RISK) -> Report:
    return assess(held, risk, at=at).report


def rank(report: Report) -> int:
    """Order by what it can cost: what is unknown is on no line and counts as least here."""
    return -1 if report.level is None else report.level.rank


@given(evidence, st.randoms())
def test_the_order_of_the_evidence_changes_nothing(held: list[Evidence], random: object) -> None:
    shuffled = list(held)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert assess(shuffled, RISK, at=AT) == assess(held, RISK, at=AT)


@given(evidence, pieces(ended_stays_only=True))
def test_another_piece_never_lowers_the_level(held: list[Evidence], another: Evidence) -> None:
    """Another case, contact, entry or ended stay; a declaration turns no record to nothing found at most.

    A new stay may end an open one, from when it began; so it is drawn with its own end, and those
    before it are ended too.
    """
    ended = [
        replace(piece, until=AT) if piece.kind is EvidenceKind.STAY and piece.until is None else piece for piece in held
    ]
    assert rank(report_of([*ended, another])) >= rank(report_of(ended))


@given(evidence, st.data())
def test_an_earlier_end_never_raises_the_level(held: list[Evidence], data: st.DataObject) -> None:
    open_ends = [piece for piece in held if piece.kind is not EvidenceKind.STAY]
    if not open_ends:
        return
    piece = data.draw(st.sampled_from(open_ends))
    if piece.kind is EvidenceKind.DECLARATION:
        return
    # An entry without an end is observed for as long as an observation takes.
    most_hours = 24 * (14 if piece.kind is EvidenceKind.ENTRY else 30)
    longer = piece.since + timedelta(hours=data.draw(st.integers(0, most_hours)))
    until = longer if piece.until is None else min(piece.until, longer)
    others = [other for other in held if other is not piece]
    assert _adverse([*others, replace(piece, until=until)]) <= _adverse(held)


def _adverse(held: list[Evidence]) -> int:
    """Return the rank of the level, with a declaration so that something is always known."""
    return rank(report_of([*held, declaration()]))


@given(evidence)
def test_green_is_only_who_declared_and_was_found_in_no_source(held: list[Evidence]) -> None:
    report = report_of(held)
    if report.standing is not Standing.CURRENT or report.level is not Level.LOW:
        return
    counted = [piece for piece in held if not piece.retracted and piece.since <= AT]
    assert any(piece.kind is EvidenceKind.DECLARATION for piece in counted)
    assert [cause.cause for cause in report.causes] == [Cause.NOTHING_FOUND]
    assert not any(piece.kind is EvidenceKind.CONTACT and piece.until is None for piece in counted)
    assert not any(piece.kind is EvidenceKind.CASE and piece.until is None for piece in counted)


@given(evidence)
def test_a_retracted_piece_is_as_if_it_had_never_been(held: list[Evidence]) -> None:
    assert assess(held, RISK, at=AT) == assess([piece for piece in held if not piece.retracted], RISK, at=AT)


@given(evidence)
def test_the_level_follows_from_the_causes_and_the_report_can_be_carried(held: list[Evidence]) -> None:
    report = report_of(held)
    assert parse_report(encode_report(report)) == report
    if report.causes:
        assert report.level is level_of((cause.cause for cause in report.causes), AT)
    for cause in report.causes:
        assert cause.since <= AT
        assert cause.until is None or cause.until > AT


@given(evidence)
def test_the_origin_is_where_a_person_stayed_or_boarded_and_none_weighs_more(held: list[Evidence]) -> None:
    origin = assess(held, RISK, at=AT).origin
    stays = [
        piece
        for piece in held
        if piece.kind is EvidenceKind.STAY
        and not piece.retracted
        and piece.since <= AT
        and (piece.until is None or piece.until + timedelta(days=14) > AT)
    ] + [
        replace(piece, until=piece.since)
        for piece in held
        if piece.kind in JOURNEY_KINDS and not piece.retracted and AT - timedelta(days=14) < piece.since <= AT
    ]
    if origin is None:
        return
    assert origin.division in {piece.division for piece in stays}
    ended = [piece for piece in stays if piece.until is not None]
    weight = WORSE[RISK.risk_of(origin)]
    assert all(WORSE[RISK.risk_of_division(piece.division or "")] <= weight for piece in ended)


@given(evidence)
def test_without_a_risk_list_nobody_is_from_a_risk_area_and_no_level_is_higher(held: list[Evidence]) -> None:
    """Knowing less of places takes causes away and makes every origin unknown, which tables refer."""
    blind = assess(held, RiskMap.empty(), at=AT)
    assert rank(blind.report) <= max(rank(report_of(held)), 0)
    assert not {cause.cause for cause in blind.report.causes} & {Cause.FROM_HIGH_RISK_AREA, Cause.FROM_MEDIUM_RISK_AREA}
    if blind.origin is not None:
        assert RiskMap.empty().risk_of(blind.origin) is OriginRisk.UNKNOWN
