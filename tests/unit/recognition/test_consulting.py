"""Stage (6): others' reports count where the hub itself told them to this host now; else the verdict says so."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.world import AT, GUANGXI, HUBEI, HUBEI_CODE, World, decide, insecure_test_key, report_of
from tongxing.core.causes import Cause
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.proofs import Proof, ProofBasis, ProofKind, TestBand
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.verdicts import Note, Outcome, Verdict
from tongxing.core.words import FEDERATION, RegionId
from tongxing.recognition.situating import kinds_looked_at
from tongxing.recognition.stages import Needed, OthersNeeded, StatementNeeded
from tongxing.recognition.views import auditor_view, citizen_view, guard_view
from tongxing.wire.statement import SealedBy

ANHUI = RegionId("34")
GUANGXI_CODE = "GXJKM:" + "0123456789abcdef" * 2
SEALED = bytes(100)
WORLD = World(has_federation=True)
KNOWLEDGE = WORLD.knowledge()
NOT_CONSULTED = Note.OTHER_REGIONS_NOT_CONSULTED


def verdict_on(presented: Report, told: bytes | Rejected | Undecidable, *, at: Any = AT) -> Verdict:
    """Decide on a Hubei code whose statement can be consulted on; ``told`` is what the hub says."""

    def answer(needed: Needed) -> bytes | Rejected | Undecidable:
        return WORLD.statement(presented, consultation=SEALED) if isinstance(needed, StatementNeeded) else told

    return decide(KNOWLEDGE, HUBEI_CODE, answer=answer, at=at)


def test_the_hub_is_asked_for_this_query_and_only_where_the_statement_lets_it() -> None:
    asked: list[Needed] = []

    def answer(needed: Needed) -> bytes:
        asked.append(needed)
        with_it = WORLD.statement(report_of(), consultation=SEALED)
        return with_it if isinstance(needed, StatementNeeded) else WORLD.consultation_answer()

    verdict = decide(KNOWLEDGE, HUBEI_CODE, answer=answer)
    kinds = kinds_looked_at(KNOWLEDGE.find_rules(AT))
    assert asked[1:] == [OthersNeeded(HUBEI, bytes(range(16)), SEALED, kinds)]
    assert NOT_CONSULTED not in verdict.notes
    asked.clear()
    verdict = decide(KNOWLEDGE, HUBEI_CODE, answer=lambda _: WORLD.statement(report_of()))
    assert NOT_CONSULTED in verdict.notes


def test_what_a_converted_codes_source_sealed_is_handed_on_by_the_hosts_own_gateway_alone() -> None:
    """Another region's gateway could only have taken it from where it was meant for this host."""
    sealed_by, own = SealedBy(ANHUI, bytes(16)), {"issuer": GUANGXI, "key": WORLD.statement_key(GUANGXI)}
    asked: list[Needed] = []

    def answer(needed: Needed) -> bytes | Undecidable:
        asked.append(needed)
        if isinstance(needed, OthersNeeded):
            return WORLD.consultation_answer(report_of(Cause.CLOSE_CONTACT, issuer=ANHUI), query_id=bytes(16))
        issuer = needed.issuer
        changes: Any = own if issuer == GUANGXI else {}
        report = report_of(issuer=issuer, derived_from=ANHUI)
        return WORLD.statement(report, consultation=SEALED, sealed_by=sealed_by, **changes)

    verdict = decide(KNOWLEDGE, GUANGXI_CODE, answer=answer)
    assert asked[1:] == [OthersNeeded(ANHUI, bytes(16), SEALED, kinds_looked_at(KNOWLEDGE.find_rules(AT)))]
    assert verdict.outcome is Outcome.STOP
    asked.clear()
    verdict = decide(KNOWLEDGE, HUBEI_CODE, answer=answer)
    assert len(asked) == 1
    assert NOT_CONSULTED in verdict.notes


def test_nobody_else_having_reported_changes_nothing() -> None:
    verdict = verdict_on(report_of(), WORLD.consultation_answer())
    assert (verdict.outcome, verdict.notes) == (Outcome.PASS, ())


def test_another_regions_current_close_contact_stops_who_is_green_at_home() -> None:
    """The worst current report counts, with who said it."""
    anhui = report_of(Cause.CLOSE_CONTACT, issuer=ANHUI)
    verdict = verdict_on(report_of(), WORLD.consultation_answer(anhui))
    assert (verdict.outcome, verdict.report, verdict.issuer) == (Outcome.STOP, anhui, HUBEI)
    view = citizen_view(verdict, "ref", KNOWLEDGE)
    assert [cause.cause for cause in view.causes] == [Cause.CLOSE_CONTACT]
    assert view.home_status is None, "Hubei shows no such thing at home"


def test_another_regions_green_does_not_outweigh_the_issuers_red() -> None:
    verdict = verdict_on(report_of(Cause.CLOSE_CONTACT), WORLD.consultation_answer(report_of(issuer=ANHUI)))
    assert (verdict.outcome, verdict.report and verdict.report.issuer) == (Outcome.STOP, HUBEI)


def test_an_expired_red_does_not_vanish_behind_the_issuers_green() -> None:
    expired = report_of(Cause.CLOSE_CONTACT, issuer=ANHUI, valid_until=AT - timedelta(days=1))
    verdict = verdict_on(report_of(), WORLD.consultation_answer(expired))
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.EARLIER_REPORT_UNRESOLVED)


@pytest.mark.parametrize(("cause", "word"), [(Cause.CLOSE_CONTACT, "high"), (Cause.FROM_MEDIUM_RISK_AREA, "medium")])
def test_the_citizen_is_told_of_the_region_whose_report_decided_and_not_of_their_own(cause: Cause, word: str) -> None:
    ours = citizen_view(verdict_on(report_of(cause), WORLD.consultation_answer()), "ref", KNOWLEDGE)
    other = report_of(cause, issuer=FEDERATION)
    theirs = citizen_view(verdict_on(report_of(), WORLD.consultation_answer(other)), "ref", KNOWLEDGE)
    assert (ours.sentence.zh.startswith("湖北省的报告"), ours.source and ours.source.en) == (True, "Hubei")
    assert theirs.source is not None
    assert theirs.sentence.zh.startswith(f"{theirs.source.zh}的报告")
    assert theirs.sentence.en.startswith(f"The report of {theirs.source.en} has the {word} level")
    assert "Hubei" not in theirs.sentence.en
    unknown = report_of(cause, issuer=ANHUI)
    nobodys = citizen_view(verdict_on(report_of(), WORLD.consultation_answer(unknown)), "ref", KNOWLEDGE)
    assert nobodys.sentence.en.startswith("The report of a region")


def test_the_citizen_is_told_which_report_was_never_resolved() -> None:
    """It is the one that ran out, with its causes; not the green that was shown."""
    expired = report_of(Cause.CLOSE_CONTACT, issuer=FEDERATION, valid_until=AT - timedelta(days=1))
    view = citizen_view(verdict_on(report_of(), WORLD.consultation_answer(expired)), "ref", KNOWLEDGE)
    assert view.source is not None
    assert view.source.en in view.sentence.en
    assert ([cause.cause for cause in view.causes], view.standing) == ([Cause.CLOSE_CONTACT], Standing.EXPIRED)
    assert view.valid_until == expired.valid_until
    assert view.home_status is None
    assert view.next_step.en.startswith("Go to the manual lane")


def test_a_relayed_report_is_no_second_opinion() -> None:
    relayed = report_of(Cause.CLOSE_CONTACT, issuer=ANHUI, derived_from=FEDERATION)
    verdict = verdict_on(report_of(), WORLD.consultation_answer(relayed))
    assert verdict.outcome is Outcome.PASS


def test_what_the_issuer_says_of_another_document_of_the_person_counts() -> None:
    """What it said before of the same document the hub leaves out; red by passport is never green by permit."""
    of_passport = report_of(Cause.CLOSE_CONTACT, issuer=HUBEI)
    assert verdict_on(report_of(), WORLD.consultation_answer(of_passport)).outcome is Outcome.STOP


def test_a_level_that_another_region_told_lower_than_its_causes_is_raised_to_them() -> None:
    slip = structs.replace(report_of(Cause.CLOSE_CONTACT, issuer=ANHUI), level=Level.LOW)
    assert verdict_on(report_of(), WORLD.consultation_answer(slip)).outcome is Outcome.STOP


def test_another_regions_current_red_stops_though_the_issuers_own_report_expired() -> None:
    lapsed = structs.replace(report_of(), valid_until=AT)
    verdict = verdict_on(lapsed, WORLD.consultation_answer(report_of(Cause.CLOSE_CONTACT, issuer=ANHUI)))
    assert verdict.outcome is Outcome.STOP


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (Standing.EXPIRED, ReasonId.REPORT_EXPIRED),
        (Standing.PENDING, ReasonId.REPORT_PENDING),
        (Standing.NO_RECORD, ReasonId.NO_RECORD),
    ],
)
@pytest.mark.parametrize("others", [(), (report_of(issuer=ANHUI),)], ids=["nobody", "green elsewhere"])
def test_what_is_not_current_stays_what_it_is_whatever_green_others_say(
    standing: Standing, reason: ReasonId, others: tuple[Report, ...]
) -> None:
    report = structs.replace(report_of(), standing=standing, level=None, causes=())
    verdict = verdict_on(report, WORLD.consultation_answer(*others))
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, reason)


@pytest.mark.parametrize(
    "told",
    [
        Undecidable(ReasonId.GATEWAY_AWAY),
        Undecidable(ReasonId.GATEWAY_SLOW),
        b"",
        b"not an answer",
        WORLD.statement(report_of(Cause.CLOSE_CONTACT)),
        WORLD.consultation_answer(report_of(Cause.CLOSE_CONTACT, issuer=ANHUI), key=insecure_test_key("thief")),
        WORLD.consultation_answer(report_of(Cause.CLOSE_CONTACT, issuer=ANHUI), key=WORLD.statement_key(HUBEI)),
        WORLD.consultation_answer(report_of(Cause.CLOSE_CONTACT, issuer=ANHUI), key=WORLD.code_key(FEDERATION)),
        WORLD.consultation_answer(report_of(Cause.CLOSE_CONTACT, issuer=ANHUI), audience=HUBEI),
        WORLD.consultation_answer(report_of(Cause.CLOSE_CONTACT, issuer=ANHUI), query_id=bytes(16)),
        WORLD.consultation_answer(report_of(Cause.CLOSE_CONTACT, issuer=ANHUI), answered_at=AT - timedelta(minutes=2)),
        WORLD.consultation_answer(report_of(Cause.CLOSE_CONTACT, issuer=ANHUI), answered_at=AT + timedelta(minutes=2)),
        WORLD.consultation_answer(report_of(Cause.CLOSE_CONTACT, issuer=ANHUI))[:-1] + b"\0",
    ],
    ids=[
        "away", "slow", "empty", "no answer", "a statement", "a thief's", "a region's", "another use's",
        "another host's", "another query's", "of before", "of later", "changed",
    ],
)  # fmt: skip
def test_what_is_not_the_hubs_own_answer_is_not_counted_and_said(told: bytes | Undecidable) -> None:
    """STOP comes only from what is authentic; a host without the hub decides by the statement alone."""
    verdict = verdict_on(report_of(), told)
    assert (verdict.outcome, verdict.notes) == (Outcome.PASS, (NOT_CONSULTED,))


def test_a_directory_without_the_federation_believes_no_hub() -> None:
    knowledge = World().knowledge()

    def answer(needed: Needed) -> bytes:
        if isinstance(needed, StatementNeeded):
            return WORLD.statement(report_of(), consultation=SEALED)
        return WORLD.consultation_answer(report_of(Cause.CLOSE_CONTACT, issuer=ANHUI))

    verdict = decide(knowledge, HUBEI_CODE, answer=answer)
    assert (verdict.outcome, verdict.notes) == (Outcome.PASS, (NOT_CONSULTED,))


def test_the_federations_own_code_is_decided_like_a_regions() -> None:
    text = WORLD.national_code(issuer=FEDERATION)
    verdict = decide(KNOWLEDGE, text)
    assert (verdict.outcome, verdict.issuer) == (Outcome.PASS, FEDERATION)


def test_a_host_region_is_told_of_its_own_report_too() -> None:
    """Guangxi's own back end may know more of a Hubei traveller than Hubei does."""
    own = report_of(Cause.FROM_MEDIUM_RISK_AREA, issuer=GUANGXI)
    verdict = verdict_on(report_of(), WORLD.consultation_answer(own))
    assert verdict.report == own
    assert verdict.outcome is Outcome.PASS_WITH_MEASURES


TESTED = b"""
[[row]]
id = "tested"
when = { level = ["low"], origin_risk = ["low"], test = ["within_24_h", "within_48_h"] }
outcome = "PASS_WITH_MEASURES"
measures = ["take_temperature"]
reason = "local_measures"
legal_basis = "test"
evidence = "assumed"
"""
TESTING = World(has_federation=True)
TESTING.rules["45.toml"] += TESTED
COUNTY = Origin("421182", Precision.EXACT, OriginBasis.DECLARED_STAY)


def decided_with(*proofs: Proof, world: World = TESTING) -> tuple[Verdict, list[Needed]]:
    asked: list[Needed] = []

    def answer(needed: Needed) -> bytes:
        asked.append(needed)
        if isinstance(needed, StatementNeeded):
            return world.statement(report_of(), consultation=SEALED, origin=COUNTY)
        return world.consultation_answer(proofs=proofs)

    return decide(world.knowledge(), HUBEI_CODE, answer=answer), asked


def test_a_register_that_knows_a_test_spares_the_paper() -> None:
    proof = Proof(ProofKind.TEST, AT - timedelta(hours=30), ProofBasis.REGISTER, positive=False)
    verdict, asked = decided_with(proof)
    assert verdict.row == "45/guangxi/tested"
    assert isinstance(asked[1], OthersNeeded)
    assert asked[1].asked >= {ProofKind.TEST}
    older = structs.replace(proof, at=AT - timedelta(hours=60))
    assert decided_with(older)[0].row != verdict.row
    assert decided_with()[0].situation.test is TestBand.UNKNOWN


def test_registers_are_asked_for_nothing_that_the_hosts_rules_do_not_look_at() -> None:
    """And what was not asked for does not count, even if the hub tells it."""
    rules = b"""
[table]
region = "00"
id = "floor"
name = { zh = "\xe8\xaf\x95\xe9\xaa\x8c", en = "trial" }
first_day = 2020-03-18
[[row]]
id = "stop"
when = { level = ["high"] }
outcome = "STOP"
reason = "level_high"
legal_basis = "test"
evidence = "assumed"
[[row]]
id = "pass"
when = { level = ["low"] }
outcome = "PASS"
reason = "low_level"
legal_basis = "test"
evidence = "assumed"
"""
    world = World(has_federation=True)
    world.rules.clear()
    world.rules["national.toml"] = rules
    proof = Proof(ProofKind.TEST, AT, ProofBasis.REGISTER, positive=False)
    verdict, asked = decided_with(proof, world=world)
    assert isinstance(asked[1], OthersNeeded)
    assert asked[1].asked == frozenset()
    assert verdict.situation.test is TestBand.UNKNOWN


def test_how_old_the_others_may_be_is_told_to_the_person_and_the_auditor_and_never_to_the_guard() -> None:
    """That there is such an age says that others report; and it decides nothing."""
    seven_hours = 7 * 3_600
    answers = [
        WORLD.consultation_answer(report_of(issuer=ANHUI), whole_until=until)
        for until in (AT - timedelta(seconds=seven_hours), None)
    ]
    old, unsaid = (verdict_on(report_of(), answer) for answer in answers)
    assert (old.outcome, old.reason, old.row) == (unsaid.outcome, unsaid.reason, unsaid.row)
    for verdict, age in ((old, seven_hours), (unsaid, None)):
        assert citizen_view(verdict, "ref", KNOWLEDGE).others_age_seconds == age
        assert auditor_view(verdict, "ref", KNOWLEDGE).others_age_seconds == age
    assert guard_view(old, "ref") == guard_view(unsaid, "ref")
