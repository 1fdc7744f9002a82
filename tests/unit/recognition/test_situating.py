"""Stage (7): every input of the tables comes from the scan, the report or the bundle, and from nowhere else."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.world import AT, GUANGXI, HUBEI, HUBEI_CODE, World, origin, report_of
from tongxing.core.causes import Cause
from tongxing.core.groups import Credential, Group
from tongxing.core.levels import Level, Standing
from tongxing.core.proofs import Proof, ProofBasis, ProofKind, RecoveryBand, TestBand
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import OriginRisk, Precision
from tongxing.core.verdicts import Outcome, Verdict
from tongxing.core.words import PlaceKind
from tongxing.recognition.by_document import decide_by_document
from tongxing.recognition.pipeline import decide_passage
from tongxing.recognition.recognising import KnownReport
from tongxing.recognition.situating import place_risk, situate
from tongxing.recognition.stages import Scan, StatementFetched, Status
from tongxing.rules.book import parse_rule_book
from tongxing.rules.situations import Situation, is_possible
from tongxing.wire.printed_code import encode_printed_code

WORLD = World()
KNOWLEDGE = WORLD.knowledge()
GATE = Scan(HUBEI_CODE, PlaceKind.TRAFFIC_GATE, GUANGXI)
HEAD = """
[table]
region = "45"
id = "trial"
name = { zh = "试验", en = "trial" }
first_day = 2020-03-18
"""


def status_of(**changes: Any) -> Status:
    values: dict[str, Any] = {"others_consulted": True, **changes}
    report = values.pop("report", report_of())
    where = values.pop("origin", origin())
    return Status("random_text", HUBEI, report, where, None, None, **values)


def situation_at(scan: Scan = GATE, **changes: Any) -> Situation:
    status = status_of(**changes)
    situation = situate(scan, KNOWLEDGE, status, status.report, AT)
    assert is_possible(situation, AT.date())
    return situation


def row_of(row_id: str, when: str, rest: str) -> str:
    return f'[[row]]\nid = "{row_id}"\nwhen = {{ {when} }}\nlegal_basis = "试验"\nevidence = "assumed"\n{rest}\n'


def knowledge_with(name: str, table: str) -> Any:
    rules = parse_rule_book({"national.toml": WORLD.rules["national.toml"], name: table.encode()})
    return replace(KNOWLEDGE, rules=rules, _compiled={})


def passage(knowledge: Any, scan: Scan, **changes: Any) -> Verdict:
    deciding = decide_passage(scan, knowledge, at=AT)
    try:
        needed = next(deciding)
        assert needed is not None
        deciding.send(
            StatementFetched(WORLD.statement(changes.pop("report", report_of()), **changes), bytes(range(16)))
        )
    except StopIteration as decided:
        verdict: Verdict = decided.value
        return verdict
    raise LookupError("more was asked for")


def test_the_causes_are_those_of_the_report_and_of_a_mere_colour_none() -> None:
    contact = report_of(Cause.CLOSE_CONTACT)
    assert situation_at(report=contact).causes == {Cause.CLOSE_CONTACT}
    assert situation_at(report=structs.replace(contact, colour_only=True)).causes == frozenset()


def test_a_low_level_without_its_detail_says_that_nothing_was_found_and_a_higher_one_says_nothing() -> None:
    bare = structs.replace(report_of(), causes=())
    assert situation_at(report=bare).causes == {Cause.NOTHING_FOUND}
    assert situation_at(report=structs.replace(bare, level=Level.MEDIUM)).causes == frozenset()


def test_a_place_of_unknown_risk_has_no_precision_either() -> None:
    known = situation_at()
    assert (known.origin_risk, known.origin_precision) == (OriginRisk.LOW, Precision.EXACT)
    for where in (None, origin("999999")):
        unknown = situation_at(origin=where)
        assert (unknown.origin_risk, unknown.origin_precision) == (OriginRisk.UNKNOWN, Precision.NONE)


@pytest.mark.parametrize(
    ("text", "credential"),
    [
        (HUBEI_CODE, Credential.CODE),
        (encode_printed_code(HUBEI, bytes(16)), Credential.PAPER),
        ("", Credential.DOCUMENT),
    ],
)
def test_how_the_person_identified_is_seen_from_what_was_shown(text: str, credential: Credential) -> None:
    assert situation_at(structs.replace(GATE, qr_text=text)).credential is credential


def test_proofs_of_the_guard_and_of_registers_stand_together_and_only_what_was_asked_can_be_none() -> None:
    shown = Proof(ProofKind.TEST, AT - timedelta(hours=60), ProofBasis.SHOWN, positive=False)
    told = Proof(ProofKind.TEST, AT - timedelta(hours=30), ProofBasis.REGISTER, positive=False)
    scan = structs.replace(GATE, proofs=(shown,), groups=frozenset({Group.DISABLED}))
    situation = situation_at(
        scan, proofs=(told,), asked=frozenset({ProofKind.RECOVERY}), groups=frozenset({Group.FREIGHT})
    )
    assert (situation.test, situation.recovery) == (TestBand.WITHIN_48_H, RecoveryBand.NONE)
    assert situation.vaccination.value == "unknown"
    assert situation.groups == {Group.DISABLED, Group.FREIGHT}


def test_the_places_own_risk_is_that_of_its_division_as_far_as_it_is_told() -> None:
    risks = {division: place_risk(structs.replace(GATE, division=division), KNOWLEDGE) for division in ("", "450103")}
    assert risks == {"": KNOWLEDGE.risk.risk_of_division("45"), "450103": OriginRisk.LOW}


def test_a_site_with_a_table_decides_by_it_first_and_leaves_the_rest_to_those_above() -> None:
    declare = row_of(
        "declare",
        'level = ["low"], origin_risk = ["low"], others_consulted = false',
        'outcome = "PASS_WITH_MEASURES"\nmeasures = ["declare_stay"]\nreason = "local_measures"',
    )
    knowledge = knowledge_with("45-station.toml", HEAD + 'site = "station"\n' + declare)
    rows = {site: passage(knowledge, structs.replace(GATE, site=site)).row for site in ("station", "port", "")}
    assert rows == {
        "station": "45/trial/declare",
        "port": "00/floor/low_level_low_origin",
        "": "00/floor/low_level_low_origin",
    }
    contact = passage(knowledge, structs.replace(GATE, site="station"), report=report_of(Cause.CLOSE_CONTACT))
    assert (contact.outcome, contact.row) == (Outcome.STOP, "00/floor/level_high")


def test_a_report_that_is_not_current_is_referred_and_the_row_that_speaks_of_it_is_named() -> None:
    expired = row_of("expired", 'standing = ["expired"]', 'outcome = "REFER"\nreason = "report_expired"')
    knowledge = knowledge_with("45.toml", HEAD + expired)
    report = structs.replace(report_of(), valid_until=AT)
    verdict = passage(knowledge, GATE, report=report)
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.REPORT_EXPIRED)
    assert (verdict.row, verdict.situation.standing) == ("45/trial/expired", Standing.EXPIRED)
    assert passage(KNOWLEDGE, GATE, report=report).row is None


def test_a_person_without_a_phone_is_seen_by_their_document() -> None:
    known = [KnownReport(report_of(), origin())]
    scan = structs.replace(GATE, qr_text="")
    verdict = decide_by_document(scan, KNOWLEDGE, known, others_consulted=True, subject_handle=None, at=AT)
    assert verdict.situation.credential is Credential.DOCUMENT
    assert verdict.outcome is Outcome.PASS
