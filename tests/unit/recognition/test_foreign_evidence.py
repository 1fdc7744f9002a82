"""Foreign codes beside a health code: facts and nothing more, of the person who stands there, with why not if not."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.foreign_issuers import OTHER_KEY, did_document, immunization, jwks_of, make_card, make_pass, observation
from tests.world import AT, World, decide, origin, report_of
from tongxing.core.causes import Cause
from tongxing.core.entered import Entered
from tongxing.core.foreign_codes import ForeignCode, ForeignFormat, ForeignName
from tongxing.core.names import NameMatch
from tongxing.core.proofs import TestBand, VaccinationBand
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import FOREIGN_NOTE_WORDS, Note, Outcome, Verdict
from tongxing.core.words import PlaceKind
from tongxing.recognition.by_document import decide_by_document
from tongxing.recognition.foreign_codes import NOBODY_OUTSIDE, parse_foreign_trust
from tongxing.recognition.foreign_evidence import group_texts, match_name
from tongxing.recognition.recognising import KnownReport
from tongxing.recognition.stages import Scan
from tongxing.recognition.views import auditor_view, guard_view

WORLD = World()
TRUST = json.dumps([jwks_of(), did_document()]).encode()
KNOWLEDGE = replace(WORLD.knowledge(), foreign=parse_foreign_trust(TRUST))
BEGINS, ENDS = int(AT.timestamp()) - 86_400 * 30, int(AT.timestamp()) + 86_400 * 30
TIMES: dict[str, Any] = {"nbf": BEGINS, "exp": ENDS}
CARD = make_card(immunization("2020-03-01", "212"), **TIMES)
TESTED = make_card(observation((AT - timedelta(hours=5)).isoformat(), finding="260415000"), **TIMES)


def shown(*texts: str, name: str = "Anna Müller") -> Verdict:
    return decide(KNOWLEDGE, WORLD.national_code(), entered=Entered(foreign_texts=texts, document_name=name))


def foreign_notes(verdict: Verdict) -> tuple[Note, ...]:
    return tuple(note for note in verdict.notes if note in FOREIGN_NOTE_WORDS)


def test_several_foreign_codes_of_one_person_are_facts_in_one_verdict() -> None:
    verdict = shown(CARD, TESTED)
    assert verdict.situation.vaccination is VaccinationBand.COMPLETE
    assert verdict.situation.test is TestBand.WITHIN_24_H
    assert foreign_notes(verdict) == (Note.FOREIGN_USED,)


def test_what_a_foreign_code_says_changes_the_proofs_alone() -> None:
    without = decide(KNOWLEDGE, WORLD.national_code())
    with_card = shown(CARD)
    changed = {
        name for name in without.situation.__struct_fields__
        if getattr(without.situation, name) != getattr(with_card.situation, name)
    }  # fmt: skip
    assert changed == {"vaccination"}
    assert (with_card.outcome, with_card.report) == (without.outcome, without.report)


@pytest.mark.parametrize(
    ("name", "note", "is_used"),
    [
        ("Müller Anna", Note.FOREIGN_USED, True),
        ("MUELLER ANNA", Note.FOREIGN_USED_NAME_LIKELY, True),
        ("anna müller", Note.FOREIGN_USED, True),
        ("Müller, Anna", Note.FOREIGN_USED, True),
        ("Anna Miller", Note.FOREIGN_NAME_DIFFERS, False),
        ("安娜", Note.FOREIGN_NAME_OTHER_SCRIPT, False),
        ("", Note.FOREIGN_NAME_NEEDED, False),
        ("12345", Note.FOREIGN_NAME_DIFFERS, False),
    ],
)
def test_facts_count_only_of_the_person_whose_document_the_guard_read(name: str, note: Note, is_used: bool) -> None:
    verdict = shown(CARD, name=name)
    assert (verdict.situation.vaccination is VaccinationBand.COMPLETE) is is_used
    assert foreign_notes(verdict) == (note,)


def test_the_transliteration_that_a_code_brings_is_compared_too() -> None:
    code = ForeignCode(
        format=ForeignFormat.DCC, issuer="XX", kid="", proofs=(), birth_date="", valid_from=None, valid_until=None,
        names=(ForeignName("Мюллер", "Анна", "MUELLER<LUEDENSCHEIDT", "ANNA"),),
    )  # fmt: skip
    assert match_name(code, "Anna Müller-Lüdenscheidt") is NameMatch.LIKELY
    assert match_name(code, "Анна Мюллер") is NameMatch.SAME
    assert match_name(code, "安娜") is NameMatch.OTHER_SCRIPT


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (make_card(immunization("2020-03-01", "212"), nbf=BEGINS, exp=BEGINS + 5), Note.FOREIGN_EXPIRED),
        (make_card(immunization("2020-03-01", "212"), nbf=ENDS), Note.FOREIGN_NOT_ACTIVE),
        (make_card(key=OTHER_KEY, **TIMES), Note.FOREIGN_SIGNER_UNKNOWN),
        (make_pass(key=OTHER_KEY), Note.FOREIGN_FORGED),
        (make_pass(), Note.FOREIGN_NOT_ACTIVE),
        ("shc:/1/2/5676", Note.FOREIGN_INCOMPLETE),
        ("HC1:X", Note.FOREIGN_UNREADABLE),
        ("https://example.org", Note.FOREIGN_UNREADABLE),
        ("", Note.FOREIGN_UNREADABLE),
    ],
)
def test_a_code_that_is_not_used_says_why_and_never_changes_the_outcome(text: str, note: Note) -> None:
    without, verdict = decide(KNOWLEDGE, WORLD.national_code()), shown(text)
    assert foreign_notes(verdict) == (note,)
    assert (verdict.outcome, verdict.reason, verdict.situation) == (without.outcome, without.reason, without.situation)


def test_one_bad_code_leaves_the_others_their_worth_and_each_is_said() -> None:
    verdict = shown("HC1:X", CARD)
    assert foreign_notes(verdict) == (Note.FOREIGN_UNREADABLE, Note.FOREIGN_USED)
    assert verdict.situation.vaccination is VaccinationBand.COMPLETE


def test_a_fact_of_the_future_is_none() -> None:
    verdict = shown(make_card(observation("2020-05-01T08:00:00Z", finding="260415000"), **TIMES))
    assert verdict.situation.test is TestBand.UNKNOWN


def test_nobody_outside_is_believed_where_the_bundle_says_nothing() -> None:
    nobody = replace(KNOWLEDGE, foreign=NOBODY_OUTSIDE)
    verdict = decide(nobody, WORLD.national_code(), entered=Entered(foreign_texts=(CARD,), document_name="Anna Müller"))
    assert foreign_notes(verdict) == (Note.FOREIGN_SIGNER_UNKNOWN,)


@pytest.mark.parametrize("text", [CARD, make_pass(), "HC1:6BF", "shc:/1/2/00", "NZCP:/9/"])
def test_a_foreign_code_alone_is_no_health_code(text: str) -> None:
    verdict = decide(KNOWLEDGE, text)
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.FOREIGN_CODE_ALONE)


def test_a_refused_health_code_is_refused_for_its_own_reason_and_the_foreign_one_is_said() -> None:
    verdict = decide(KNOWLEDGE, "garbage", entered=Entered(foreign_texts=(CARD,), document_name="Anna Müller"))
    assert (verdict.reason, foreign_notes(verdict)) == (ReasonId.NOT_A_CODE, (Note.FOREIGN_USED,))


def test_the_guard_is_told_what_became_of_what_was_scanned_and_no_fact() -> None:
    view = guard_view(shown(CARD), "ref")
    assert [line.en for line in view.notes] == [FOREIGN_NOTE_WORDS[Note.FOREIGN_USED].en]


def test_the_auditor_reads_by_slugs_what_was_borne_and_what_was_refused() -> None:
    odd = make_card({"resourceType": "Immunization"}, **TIMES)
    assert auditor_view(shown(odd, make_pass()), "ref", KNOWLEDGE).detail == (
        "shc verified resource_unreadable; foreign code: foreign_not_active"
    )
    verdict = decide(KNOWLEDGE, "HC1:X", entered=Entered(foreign_texts=("HC1:X",)))
    assert auditor_view(verdict, "ref", KNOWLEDGE).detail == "foreign code: malformed_code"


def test_all_chunks_are_one_card_and_every_other_text_is_its_own() -> None:
    assert list(group_texts(["HC1:A", "shc:/2/2/1", "shc:/00", "shc:/1/2/2"])) == [
        ("HC1:A",),
        ("shc:/00",),
        ("shc:/2/2/1", "shc:/1/2/2"),
    ]


def test_facts_count_beside_a_typed_document_too() -> None:
    scan = Scan("", PlaceKind.TRAFFIC_GATE, KNOWLEDGE.host, foreign_texts=(CARD,), document_name="Anna Müller")
    known = [KnownReport(report_of(Cause.NOTHING_FOUND), origin())]
    verdict = decide_by_document(scan, KNOWLEDGE, known, others_consulted=True, subject_handle=None, at=AT)
    assert verdict.situation.vaccination is VaccinationBand.COMPLETE
    assert foreign_notes(verdict) == (Note.FOREIGN_USED,)
