"""Law 8: the guard learns what to do and a masked hint of whom; the auditor learns nothing of a person."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world import World
from tongxing.core.causes import CAUSES, Cause, HeldCause, level_of
from tongxing.core.levels import Standing
from tongxing.core.reasons import REASONS, ReasonId, Stage
from tongxing.core.reports import Origin, OriginBasis, OriginRisk, Precision, Report
from tongxing.core.verdicts import Measure, Note, Outcome, TrailStep, Verdict
from tongxing.core.words import PlaceKind, RegionId
from tongxing.recognition.views import auditor_view, citizen_view, guard_view

AT = datetime(2020, 3, 21, 4, 0, tzinfo=UTC)
KNOWLEDGE = World().knowledge()
COLOURS = ("红", "黄", "绿", "灰", "橙", "red", "yellow", "green", "grey", "orange")

causes = st.sets(st.sampled_from([cause for cause in Cause if cause is not Cause.NOTHING_FOUND]), min_size=1)


def verdict_on(told: set[Cause], outcome: Outcome, reason: ReasonId) -> Verdict:
    """Return a verdict on a Hubei report with these causes."""
    report = Report(
        issuer=RegionId("42"),
        standing=Standing.CURRENT,
        level=level_of(told, AT),
        causes=tuple(HeldCause(cause, AT - timedelta(days=2)) for cause in sorted(told)),
        revision=7,
        as_of=AT,
        valid_until=None,
        sources_checked=("close_contacts",),
    )
    return Verdict(
        outcome=outcome,
        reason=reason,
        at=AT,
        host=RegionId("45"),
        place_kind=PlaceKind.TRAFFIC_GATE,
        trail=(TrailStep(Stage.DECIDE),),
        bundle_number=3,
        bundle_as_of=AT - timedelta(hours=1),
        measures=tuple(Measure),
        notes=tuple(Note),
        row="00/floor/level_high",
        family="make_validate",
        issuer=RegionId("42"),
        report=report,
        origin=Origin("421182", Precision.EXACT, OriginBasis.DECLARED_STAY),
        origin_risk=OriginRisk.MEDIUM,
        masked_hint="王**",
        subject_handle="c0ffee.c0ffee",
        detail="technical",
    )


@given(told=causes, outcome=st.sampled_from(list(Outcome)), reason=st.sampled_from(list(ReasonId)))
def test_the_guards_answer_holds_no_cause_no_colour_and_no_source(
    told: set[Cause], outcome: Outcome, reason: ReasonId
) -> None:
    """Byte for byte, whatever the causes: two people with the same outcome get the same answer."""
    answer = msgspec.json.encode(guard_view(verdict_on(told, outcome, reason), "ref"))
    assert answer == msgspec.json.encode(guard_view(verdict_on({Cause.CONFIRMED_CASE}, outcome, reason), "ref"))
    text = answer.decode()
    words = [word for cause in told for word in (cause, CAUSES[cause].name.zh, CAUSES[cause].name.en)]
    assert not [word for word in words if word in text]
    assert not [
        word for word in ("42", "湖北", "Hubei", "421182", "make_validate", "c0ffee", "guangxi") if word in text
    ]


@pytest.mark.parametrize("reason", list(ReasonId))
def test_no_sentence_for_the_guard_names_a_colour(reason: ReasonId) -> None:
    """Neither what is said nor the next step."""
    row = REASONS[reason]
    said = f"{row.guard.zh} {row.guard.en} {row.next_step.guard.zh} {row.next_step.guard.en}".lower().split()
    assert not [colour for colour in COLOURS if any(colour == word.strip(".,;:") for word in said)]
    assert not [colour for colour in COLOURS[:5] if colour in "".join(said)]


@pytest.mark.parametrize("reason", [reason for reason in ReasonId if REASONS[reason].stage is Stage.DECIDE])
def test_what_a_row_decided_on_is_not_told_to_the_guard_by_its_slug(reason: ReasonId) -> None:
    """A slug such as level_high would tell the level."""
    assert guard_view(verdict_on({Cause.CLOSE_CONTACT}, Outcome.STOP, reason), "ref").reason is None


@given(told=causes)
def test_the_auditors_view_holds_nothing_of_the_person(told: set[Cause]) -> None:
    """No hint, no handle, no origin, no cause."""
    text = msgspec.json.encode(
        auditor_view(verdict_on(told, Outcome.STOP, ReasonId.LEVEL_HIGH), "ref", KNOWLEDGE)
    ).decode()
    assert not [word for word in (*told, "王", "c0ffee", "421182") if word in text]


def test_a_verdict_is_never_a_bool() -> None:
    """Whoever writes ``if verdict`` is stopped at once."""
    with pytest.raises(TypeError):
        bool(verdict_on({Cause.CLOSE_CONTACT}, Outcome.PASS, ReasonId.LOW_LEVEL_LOW_ORIGIN))


@pytest.mark.parametrize("reason", list(ReasonId))
def test_the_citizen_is_told_the_step_that_is_theirs_and_no_gap_is_left_in_a_sentence(reason: ReasonId) -> None:
    view = citizen_view(verdict_on({Cause.CLOSE_CONTACT}, Outcome.REFER, reason), "ref", KNOWLEDGE)
    step = REASONS[reason].next_step
    assert (view.next_step.zh, view.next_step.en) == (step.citizen.zh, step.citizen.en)
    assert step.citizen != step.guard
    assert not set("{}") & set(view.sentence.zh + view.sentence.en + view.next_step.zh + view.next_step.en)
