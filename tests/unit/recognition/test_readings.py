"""A temperature measured here: it may ask for more by a row, it never condemns, and unconfirmed it decides nothing."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.world import AT, HUBEI_CODE, World, decide, report_of
from tongxing.core.causes import Cause, level_of
from tongxing.core.checkpoints import Temperature
from tongxing.core.errors import Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.reasons import ReasonId, Stage
from tongxing.core.reports import Report
from tongxing.core.verdicts import FOREIGN_NOTE_WORDS, Direction, Ending, Measure, Note, Outcome, Seen, Verdict
from tongxing.core.words import PlaceKind
from tongxing.recognition.views import OBJECT_AT_HOST, auditor_view, citizen_view, ending_view, guard_view

WORLD = World()
KNOWLEDGE = WORLD.knowledge()
NONE, NORMAL, FEVER = None, Temperature(368, confirmed=True), Temperature(373, confirmed=True)
UNCONFIRMED = Temperature(395, confirmed=False)
STRICTNESS = {Outcome.PASS: 0, Outcome.PASS_WITH_MEASURES: 1, Outcome.REFER: 2, Outcome.STOP: 3}

places = st.sampled_from(list(PlaceKind))
reports = st.builds(
    lambda causes, standing: structs.replace(
        report_of(*causes), standing=standing, level=level_of(causes, AT) if standing is Standing.CURRENT else None
    ),
    st.sets(st.sampled_from(list(Cause)), min_size=1),
    st.sampled_from(list(Standing)),
)


def pass_by(
    qr_text: str,
    temperature: Temperature | None,
    *,
    place: PlaceKind = PlaceKind.TRAFFIC_GATE,
    direction: Direction | None = None,
    report: Report | None = None,
) -> Verdict:
    """Decide on a passage; without a report the issuer cannot be reached."""

    def answer(_: object) -> bytes | Undecidable:
        return Undecidable(ReasonId.GATEWAY_AWAY) if report is None else WORLD.statement(report)

    return decide(KNOWLEDGE, qr_text, place=place, direction=direction, temperature=temperature, answer=answer)


def test_a_fever_sends_a_green_person_to_the_manual_lane_with_a_reason_of_its_own() -> None:
    green = WORLD.national_code()
    assert pass_by(green, NONE).outcome is pass_by(green, NORMAL).outcome is Outcome.PASS
    verdict = pass_by(green, FEVER)
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.FEVER_MEASURED_HERE)
    assert (verdict.row, verdict.notes[-1]) == ("00/floor/fever_measured_here", Note.FEVER_READING)
    assert verdict.trail[-1].stage is Stage.DECIDE


def test_a_fever_does_not_lift_a_stop() -> None:
    red = WORLD.national_code(Level.HIGH)
    assert pass_by(red, FEVER).outcome is pass_by(red, NONE).outcome is Outcome.STOP


def test_an_unconfirmed_reading_decides_nothing_and_is_told_to_have_decided_nothing() -> None:
    green = WORLD.national_code()
    without, unconfirmed = pass_by(green, NONE), pass_by(green, UNCONFIRMED)
    assert structs.replace(unconfirmed, notes=without.notes) == without
    assert unconfirmed.notes == (*without.notes, Note.TEMPERATURE_NOT_CONFIRMED)


@settings(max_examples=150)
@given(report=reports, place=places, reading=st.integers(300, 450))
def test_a_reading_never_helps_never_condemns_and_without_confirmation_does_nothing(
    report: Report, place: PlaceKind, reading: int
) -> None:
    """Over every report and place: what a reading may change is PASS, and only towards more being asked."""
    without = pass_by(HUBEI_CODE, NONE, place=place, report=report)
    confirmed = pass_by(HUBEI_CODE, Temperature(reading, confirmed=True), place=place, report=report)
    unconfirmed = pass_by(HUBEI_CODE, Temperature(reading, confirmed=False), place=place, report=report)
    assert STRICTNESS[without.outcome] <= STRICTNESS[confirmed.outcome]
    assert (without.outcome is Outcome.STOP) is (confirmed.outcome is Outcome.STOP)
    assert (unconfirmed.outcome, unconfirmed.reason) == (without.outcome, without.reason)
    if reading < 373:
        assert (confirmed.outcome, confirmed.reason) == (without.outcome, without.reason)


@pytest.mark.parametrize("text", ["", "绿码", "HBJKM.short", HUBEI_CODE])
def test_a_refused_code_keeps_its_own_reason_and_the_fever_is_not_lost(text: str) -> None:
    without, fever = pass_by(text, NONE), pass_by(text, FEVER)
    assert (fever.outcome, fever.reason) == (Outcome.REFER, without.reason)
    assert fever.notes == (Note.FEVER_READING,)


def test_where_nothing_is_checked_the_code_of_whoever_has_a_fever_is_read_all_the_same() -> None:
    world = World()
    world.rules["45.toml"] += """
[[not_checked]]
id = "offices"
place_kind = ["public_institution"]
legal_basis = "国办发〔2020〕45号"
evidence = "doc"
first_day = 2020-03-18
""".encode()
    knowledge, office = world.knowledge(), PlaceKind.PUBLIC_INSTITUTION
    for temperature in (NONE, NORMAL, UNCONFIRMED):
        verdict = decide(knowledge, "no code", place=office, temperature=temperature)
        assert (verdict.outcome, verdict.reason) == (Outcome.PASS, ReasonId.NOT_CHECKED_HERE)
    assert decide(knowledge, "no code", place=office, temperature=FEVER).reason is ReasonId.NOT_A_CODE
    verdict = decide(knowledge, world.national_code(), place=office, temperature=FEVER)
    assert verdict.reason is ReasonId.FEVER_MEASURED_HERE


@pytest.mark.parametrize("direction", [None, *Direction])
def test_the_direction_is_told_to_citizen_and_auditor_and_decides_nothing(direction: Direction | None) -> None:
    for text in (WORLD.national_code(), "no code"):
        verdict = pass_by(text, NONE, direction=direction)
        assert verdict.direction is direction
        assert structs.replace(verdict, direction=None) == pass_by(text, NONE)
        assert auditor_view(verdict, "ref", KNOWLEDGE).direction is direction
        assert (citizen_view(verdict, "ref", KNOWLEDGE).direction is None) is (direction is None)


def test_the_guard_is_told_of_the_reading_and_of_foreign_codes_and_of_no_other_note() -> None:
    notes = {
        temperature: [note.en for note in guard_view(pass_by(WORLD.national_code(), temperature), "r").notes]
        for temperature in (NONE, NORMAL, FEVER, UNCONFIRMED)
    }
    assert notes[NONE] == notes[NORMAL] == []
    assert [len(notes[temperature]) for temperature in (FEVER, UNCONFIRMED)] == [1, 1]
    told = guard_view(structs.replace(pass_by(WORLD.national_code(), FEVER), notes=tuple(Note)), "r")
    assert len(told.notes) == 3 + len(FOREIGN_NOTE_WORDS), "of the temperature: a fever, not confirmed, taken"


def test_a_citizen_with_a_fever_learns_what_settles_it_and_objects_where_it_was_measured() -> None:
    view = citizen_view(pass_by(WORLD.national_code(), FEVER), "ref", KNOWLEDGE)
    assert "normal reading" in view.sentence.en
    assert view.row == "00/floor/fever_measured_here"
    assert (view.object_at.zh, view.object_at.en) == (OBJECT_AT_HOST.zh, OBJECT_AT_HOST.en)


@pytest.mark.parametrize("seen", Seen)
@pytest.mark.parametrize("outcome", Ending)
def test_the_auditor_reads_how_a_referral_ended_in_both_languages(seen: Seen, outcome: Ending) -> None:
    verdict = pass_by("no code", NONE)
    assert auditor_view(verdict, "ref", KNOWLEDGE).ending is None
    view = auditor_view(verdict, "ref", KNOWLEDGE, ending_view(AT, "0011", seen, outcome)).ending
    assert view is not None
    told = msgspec.to_builtins(view)
    assert (told["seen"], told["outcome"], told["device_id"]) == (seen, outcome, "0011")
    assert all(told[words][language] for words in ("words", "seen_words") for language in ("zh", "en"))


def test_a_temperature_that_was_just_taken_and_is_normal_is_not_asked_for_again() -> None:
    """Guangxi's row for a medium level asks for it; a reading that nobody confirmed does not count."""
    medium = report_of(Cause.FROM_MEDIUM_RISK_AREA)
    untold, taken = (pass_by(HUBEI_CODE, each, report=medium) for each in (NONE, NORMAL))
    assert Measure.TAKE_TEMPERATURE in untold.measures
    assert (taken.outcome, taken.reason, taken.row) == (untold.outcome, untold.reason, untold.row)
    assert taken.measures == tuple(each for each in untold.measures if each is not Measure.TAKE_TEMPERATURE)
    assert Note.TEMPERATURE_TAKEN in taken.notes
    said = [note.en for note in guard_view(taken, "ref").notes]
    assert said == ["The temperature was taken and is normal: that measure is done."]
    unconfirmed = pass_by(HUBEI_CODE, UNCONFIRMED, report=medium)
    assert Measure.TAKE_TEMPERATURE in unconfirmed.measures
    assert Note.TEMPERATURE_TAKEN not in (*untold.notes, *unconfirmed.notes)
