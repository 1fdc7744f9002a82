"""The federation's assessor: what follows from which evidence, from when until when, and what nobody knows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.recognition.evidence import (
    AT,
    HIGH,
    LOW,
    MEDIUM,
    MIXED,
    UNKNOWN,
    case,
    contact,
    days,
    declaration,
    entry,
    flight,
    stay,
)
from tests.world import report_of, risk_section
from tongxing.core.causes import Cause, HeldCause
from tongxing.core.evidence import HEALTH_KINDS, JOURNEY_KINDS, PROOF_KINDS, Evidence, EvidenceKind
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Origin, OriginBasis, OriginRisk, Precision
from tongxing.core.words import FEDERATION
from tongxing.recognition.assessing import SOURCES, Assessed, assess
from tongxing.recognition.combining import Unresolved, combine_reports
from tongxing.risk.risk_map import RiskMap, parse_risk_section
from tongxing.wire.reports import encode_report, parse_report

RISK = parse_risk_section(risk_section())
SECOND = timedelta(seconds=1)


def assessed(*evidence: Evidence, at_days: float = 0, risk: RiskMap = RISK) -> Assessed:
    return assess(evidence, risk, at=AT + days(at_days))


def causes_of(*evidence: Evidence, at_days: float = 0) -> list[Cause]:
    return [held.cause for held in assessed(*evidence, at_days=at_days).report.causes]


def test_the_divisions_of_these_tests_have_the_risks_that_they_are_named_after() -> None:
    risks = [RISK.risk_of_division(division) for division in (HIGH, MEDIUM, LOW, MIXED, UNKNOWN)]
    assert risks == [OriginRisk.HIGH, OriginRisk.MEDIUM, OriginRisk.LOW, OriginRisk.MIXED, OriginRisk.UNKNOWN]


def test_of_whom_nothing_is_known_there_is_no_record_and_no_level() -> None:
    """Unknown is never green: nobody was asked where the person has been."""
    report = assessed().report
    assert (report.issuer, report.standing, report.level, report.causes) == (FEDERATION, Standing.NO_RECORD, None, ())


def test_stays_without_a_declaration_are_no_record_either() -> None:
    assert assessed(stay()).report.standing is Standing.NO_RECORD


def test_nothing_found_says_which_sources_were_asked_and_as_of_when() -> None:
    told = assessed(declaration(), stay())
    report = told.report
    assert (report.standing, report.level, report.as_of) == (Standing.CURRENT, Level.LOW, AT)
    assert [held.cause for held in report.causes] == [Cause.NOTHING_FOUND]
    assert report.sources_checked == SOURCES
    assert report.valid_until == AT + days(1)
    assert told.origin == Origin(LOW, Precision.EXACT, OriginBasis.DECLARED_STAY)
    assert not report.colour_only
    assert report.derived_from is None


def test_nothing_found_ends_with_the_declaration_it_rests_on() -> None:
    report = assessed(declaration(-13.5), stay()).report
    assert (report.standing, report.valid_until) == (Standing.CURRENT, AT + days(0.5))
    lapsed = assessed(declaration(-14), stay()).report
    assert (lapsed.standing, lapsed.standing_at(AT)) == (Standing.EXPIRED, Standing.EXPIRED)


@pytest.mark.parametrize(
    ("evidence", "cause", "level"),
    [
        (case(), Cause.CONFIRMED_CASE, Level.HIGH),
        (case(cause=Cause.SUSPECTED_CASE), Cause.SUSPECTED_CASE, Level.HIGH),
        (case(cause=Cause.ASYMPTOMATIC_CASE), Cause.ASYMPTOMATIC_CASE, Level.HIGH),
        (case(cause=Cause.FEVER_CASE), Cause.FEVER_CASE, Level.HIGH),
        (case(-30, -3), Cause.RECOVERED_UNDER_OBSERVATION, Level.MEDIUM),
        (contact(), Cause.CLOSE_CONTACT, Level.HIGH),
        (entry(), Cause.ENTERED_FROM_ABROAD, Level.HIGH),
        (stay(HIGH), Cause.FROM_HIGH_RISK_AREA, Level.HIGH),
        (stay(MEDIUM), Cause.FROM_MEDIUM_RISK_AREA, Level.MEDIUM),
    ],
)
def test_each_kind_of_evidence_is_a_cause_with_or_without_a_declaration(
    evidence: Evidence, cause: Cause, level: Level
) -> None:
    for declared in ((), (declaration(),)):
        report = assessed(evidence, *declared).report
        assert (report.standing, [held.cause for held in report.causes], report.level) == (
            Standing.CURRENT,
            [cause],
            level,
        )


@pytest.mark.parametrize("division", [LOW, MIXED, UNKNOWN])
def test_a_stay_that_is_not_known_to_be_at_risk_is_told_as_the_origin_and_no_cause(division: str) -> None:
    """What mixed and unknown mean is the host's table's to say."""
    told = assessed(declaration(), stay(division))
    assert [held.cause for held in told.report.causes] == [Cause.NOTHING_FOUND]
    assert told.origin is not None
    assert told.origin.division == division


@pytest.mark.parametrize(
    ("evidence", "last_day"),
    [
        (case(-30, -10), 4),
        (entry(-3), 11),
        (entry(-3, 5), 5),
        (stay(HIGH, -9, -2), 12),
        (contact(-3, 6), 6),
    ],
)
def test_a_cause_ends_by_itself_at_its_second_and_not_before(evidence: Evidence, last_day: float) -> None:
    ends = AT + days(last_day)
    held = [declaration(last_day - 1), evidence]
    before = assess(held, RISK, at=ends - SECOND).report
    assert before.level is not Level.LOW
    assert [cause.until for cause in before.causes] == [ends]
    assert assess(held, RISK, at=ends).report.level is Level.LOW


@pytest.mark.parametrize("at_days", [0, 20, 400])
def test_a_close_contact_and_a_case_end_only_by_being_ended(at_days: float) -> None:
    """A declaration or the time alone clears neither."""
    held = (case(), contact(), declaration(at_days - 1))
    assert causes_of(*held, at_days=at_days) == [Cause.CLOSE_CONTACT, Cause.CONFIRMED_CASE]


def test_an_excluded_suspicion_leaves_nothing_behind() -> None:
    assert causes_of(declaration(), case(-10, -1, Cause.SUSPECTED_CASE)) == [Cause.NOTHING_FOUND]


def test_who_left_a_risk_area_for_another_place_is_cleared_after_fourteen_days() -> None:
    """An open stay ends where the next one begins."""
    held = [declaration(), stay(HIGH, -30), stay(LOW, -13)]
    assert causes_of(*held) == [Cause.FROM_HIGH_RISK_AREA]
    assert causes_of(*held, at_days=1) == [Cause.NOTHING_FOUND]
    still_there = [declaration(), stay(HIGH, -30)]
    assert causes_of(*still_there) == [Cause.FROM_HIGH_RISK_AREA]


def test_of_several_stays_the_one_to_be_weighed_most_is_the_origin() -> None:
    for divisions, expected in [((LOW, MIXED), MIXED), ((MIXED, UNKNOWN), UNKNOWN), ((LOW, MEDIUM, HIGH), HIGH)]:
        pieces = [stay(division, -6 + place, -5 + place) for place, division in enumerate(divisions)]
        told = assessed(declaration(), *pieces)
        assert told.origin is not None
        assert told.origin.division == expected


def test_a_stay_of_more_than_fourteen_days_ago_is_no_origin_and_no_cause() -> None:
    told = assessed(declaration(), stay(HIGH, -40, -15), stay(LOW, -15))
    assert [held.cause for held in told.report.causes] == [Cause.NOTHING_FOUND]
    assert told.origin is not None
    assert told.origin.division == LOW


def test_without_a_risk_list_no_stay_is_a_cause_and_none_is_low() -> None:
    told = assessed(declaration(), stay(HIGH), risk=RiskMap.empty())
    assert [held.cause for held in told.report.causes] == [Cause.NOTHING_FOUND]
    assert told.origin is not None
    assert RiskMap.empty().risk_of(told.origin) is OriginRisk.UNKNOWN


def test_a_cause_from_two_pieces_is_held_once_for_as_long_as_either() -> None:
    report = assessed(contact(-3, 6), contact(-9, 1)).report
    assert report.causes == (HeldCause(Cause.CLOSE_CONTACT, AT - days(9), AT + days(6)),)
    report = assessed(contact(-3, 6), contact(-1)).report
    assert report.causes == (HeldCause(Cause.CLOSE_CONTACT, AT - days(3), None),)


def test_what_was_retracted_or_begins_later_is_left_out() -> None:
    assert assessed(replace(case(), retracted=True), contact(1)).report.standing is Standing.NO_RECORD


def test_a_report_of_everything_at_once_can_be_carried_and_read_back() -> None:
    everything = [
        case(),
        case(-9, cause=Cause.SUSPECTED_CASE),
        case(-8, cause=Cause.ASYMPTOMATIC_CASE),
        case(-7, cause=Cause.FEVER_CASE),
        case(-30, -3),
        contact(),
        entry(),
        stay(HIGH, -5, -4),
        stay(MEDIUM, -4, -3),
        declaration(),
    ]
    report = assessed(*everything).report
    assert len(report.causes) == 9
    assert parse_report(encode_report(report)) == report


def test_every_kind_of_evidence_has_its_place_here() -> None:
    """A new kind must be weighed before it can be taken in; what only proves something is read by its register."""
    weighed = {piece.kind for piece in (case(), contact(), entry(), declaration(), stay())}
    weighed_below = HEALTH_KINDS | JOURNEY_KINDS
    assert weighed | weighed_below == set(EvidenceKind) - PROOF_KINDS


@pytest.mark.parametrize("kind", sorted(JOURNEY_KINDS))
def test_who_boarded_in_a_risk_area_has_been_there_whatever_they_declared(kind: EvidenceKind) -> None:
    boarded = flight(HIGH, -5, kind)
    told = assessed(declaration(), stay(LOW, -10), boarded)
    assert [held.cause for held in told.report.causes] == [Cause.FROM_HIGH_RISK_AREA]
    assert told.report.causes[0].until == boarded.since + days(14)
    assert told.origin == Origin(HIGH, Precision.EXACT, OriginBasis.TRAVEL_DATA)


def test_a_journey_counts_for_fourteen_days_from_boarding_and_proves_no_absence() -> None:
    assert causes_of(declaration(), flight(HIGH, -14)) == [Cause.NOTHING_FOUND]
    assert assessed(flight(LOW)).report.standing is Standing.NO_RECORD


def test_a_journey_ends_no_declared_stay() -> None:
    """Whoever said that they are still in Wuhan, and boarded in Nanning since, may have gone back."""
    (cause,) = assessed(declaration(), stay(HIGH, -10), flight(LOW, -5)).report.causes
    assert (cause.cause, cause.until) == (Cause.FROM_HIGH_RISK_AREA, None)


def health(kind: EvidenceKind, since: float = -1) -> Evidence:
    return Evidence(kind, f"h{since}", 0, AT + days(since))


def test_a_declared_concern_is_neither_green_nor_red() -> None:
    report = assessed(declaration(), stay(), health(EvidenceKind.CONCERN)).report
    assert (report.standing, report.level, report.causes) == (Standing.PENDING, Level.MEDIUM, ())
    with pytest.raises(Unresolved):
        combine_reports(report_of(), [report], at=AT)
    worse = report_of(Cause.CLOSE_CONTACT)
    assert combine_reports(worse, [report], at=AT) is worse
    assert parse_report(encode_report(report)) == report


def test_a_later_declaration_without_a_concern_clears_it_and_an_earlier_one_does_not() -> None:
    concern = health(EvidenceKind.CONCERN, -1)
    for since, standing in ((-0.5, Standing.CURRENT), (-2, Standing.PENDING)):
        pieces = (declaration(), stay(), concern, health(EvidenceKind.HEALTH, since))
        assert assessed(*pieces).report.standing is standing


def test_of_two_declarations_of_one_moment_the_concern_counts() -> None:
    pieces = (declaration(), stay(), health(EvidenceKind.HEALTH), health(EvidenceKind.CONCERN))
    assert assessed(*pieces).report.standing is Standing.PENDING


def test_a_concern_counts_for_fourteen_days() -> None:
    concern = health(EvidenceKind.CONCERN, -14)
    assert assessed(concern).report.standing is Standing.NO_RECORD
    assert assessed(concern, at_days=-0.001).report.standing is Standing.PENDING


def test_being_well_says_nothing_of_where_somebody_was() -> None:
    assert assessed(health(EvidenceKind.HEALTH)).report.standing is Standing.NO_RECORD


def test_a_declared_contact_is_a_contact_until_the_observation_is_over_whatever_is_declared_later() -> None:
    pieces = (health(EvidenceKind.DECLARED_CONTACT, -3), health(EvidenceKind.HEALTH, -1), declaration(), stay())
    held = assessed(*pieces).report.causes
    assert held == (HeldCause(Cause.CLOSE_CONTACT, AT - days(3), AT + days(11)),)
    assert causes_of(*pieces, at_days=11) == [Cause.NOTHING_FOUND]


def test_what_an_authority_says_counts_beside_a_concern() -> None:
    report = assessed(case(), health(EvidenceKind.CONCERN)).report
    assert (report.standing, report.level) == (Standing.CURRENT, Level.HIGH)
