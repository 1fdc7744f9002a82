"""The hub as the federation, through its whole application and the gateway's own client of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.fakes.callers import CALLERS, TestCaller, insecure_test_key
from tests.unit.api.federation_callers import ANHUI, NANNING, TRAVELLER, WORLD, WUHAN_HIGH, Callers
from tests.unit.api.nodes import CallableNode
from tests.world import AT, FEDERATION_PAIR, GUANGXI, HUBEI, HUBEI_CODE, QUERY_ID, decide, report_of
from tongxing.core.causes import Cause
from tongxing.core.errors import Refused, Rejected
from tongxing.core.levels import Level, Standing
from tongxing.core.limits import NATIONAL_CODE_LIFE, STATEMENT_LIFE
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import ProofKind
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Report
from tongxing.core.verdicts import Note, Outcome
from tongxing.core.words import FEDERATION, RegionId
from tongxing.crypto.sealing import seal_to
from tongxing.recognition.stages import Needed, StatementNeeded
from tongxing.services.ports import Role
from tongxing.wire.consultation import (
    Consultation,
    consultation_info,
    encode_consultation,
    parse_consultation,
    parse_consultation_answer,
)
from tongxing.wire.statement import parse_statement

pytestmark = pytest.mark.anyio


@pytest.fixture
def at(hub: CallableNode) -> Callers:
    return Callers(hub)


def problem(refused: pytest.ExceptionInfo[Refused]) -> ProblemId:
    return refused.value.problem


# Way 3: the federation's own code


async def test_whoever_declared_and_was_found_nowhere_gets_a_code_that_passes(at: Callers) -> None:
    """A traveller whose region has no code of its own."""
    await at.declare()
    made = await at.guangxi.make_national_code(await at.keys(), "扎**")
    verdict = await at.verdict(made.qr_text)
    assert (verdict.outcome, verdict.issuer, verdict.notes) == (Outcome.PASS, FEDERATION, ())
    assert (verdict.masked_hint, verdict.origin and verdict.origin.division) == ("扎**", NANNING)
    assert made.expires_at == AT + NATIONAL_CODE_LIFE


async def test_whoever_declared_nothing_gets_no_code_and_is_told_why(at: Callers) -> None:
    with pytest.raises(Refused) as refused:
        await at.guangxi.make_national_code(await at.keys(), "扎**")
    assert problem(refused) is ProblemId.CODE_NOT_CONFIRMED
    assert "no_record" in refused.value.detail


async def test_a_stay_in_a_high_risk_area_shows_in_the_code_and_behind_it(at: Callers) -> None:
    await at.declare(WUHAN_HIGH)
    made = await at.guangxi.make_national_code(await at.keys(), "王**")
    verdict = await at.verdict(made.qr_text)
    assert verdict.outcome is Outcome.STOP
    assert verdict.report is not None
    assert verdict.report.has_cause(Cause.FROM_HIGH_RISK_AREA)
    assert (verdict.report.issuer, verdict.report.derived_from) == (FEDERATION, None)


async def test_a_regions_worse_report_shows_in_the_federations_code_and_is_named_as_its_source(at: Callers) -> None:
    await at.declare()
    await at.report(report_of(Cause.CLOSE_CONTACT, issuer=ANHUI), report_of(issuer=HUBEI))
    made = await at.guangxi.make_national_code(await at.keys(), "王**")
    verdict = await at.verdict(made.qr_text)
    assert verdict.outcome is Outcome.STOP
    assert verdict.report is not None
    assert (verdict.report.issuer, verdict.report.derived_from) == (FEDERATION, ANHUI)
    assert Note.OTHER_REGIONS_NOT_CONSULTED not in verdict.notes


async def test_a_regions_green_is_enough_for_a_code_and_stays_when_the_declaration_lapses(at: Callers) -> None:
    """One code is enough: whom a region vouches for today need not declare once more."""
    await at.report(structs.replace(report_of(issuer=HUBEI), valid_until=None))
    assert (await at.guangxi.make_national_code(await at.keys(), "王**")).qr_text
    await at.declare()
    at.hub.clock.move(timedelta(days=15))
    assert (await at.issuers())[FEDERATION].standing is Standing.EXPIRED
    assert (await at.guangxi.make_national_code(await at.keys(), "王**")).qr_text


async def test_what_is_only_relayed_makes_no_code(at: Callers) -> None:
    """Anhui repeats what the federation once said; the federation does not take its own word from there."""
    await at.report(report_of(issuer=ANHUI, derived_from=FEDERATION))
    with pytest.raises(Refused) as refused:
        await at.guangxi.make_national_code(await at.keys(), "王**")
    assert "no_record" in refused.value.detail


async def test_an_unresolved_red_anywhere_means_no_code(at: Callers) -> None:
    await at.declare()
    await at.report(report_of(Cause.CLOSE_CONTACT, issuer=ANHUI, valid_until=AT - timedelta(days=1)))
    with pytest.raises(Refused) as refused:
        await at.guangxi.make_national_code(await at.keys(), "王**")
    assert "earlier_report_unresolved" in refused.value.detail


async def test_the_token_of_a_code_that_is_shown_at_several_gates_is_exchanged_at_each(at: Callers) -> None:
    await at.declare(WUHAN_HIGH)
    made = await at.guangxi.make_national_code(await at.keys(), "王**")
    (token,) = at.tokens_of(made.qr_text)
    statement = parse_statement(await at.exchange(token)).statement_after(WORLD.statement_key(FEDERATION).public.verify)
    assert (statement.issuer, statement.audience, statement.query_id) == (FEDERATION, GUANGXI, QUERY_ID)
    again = parse_statement(await at.exchange(token)).statement_after(WORLD.statement_key(FEDERATION).public.verify)
    assert again.report == statement.report
    assert await at.hub.node.core.stores.alarms.recent(10) == ()


async def test_the_federation_answers_for_no_regions_code_and_for_no_stranger_token(at: Callers) -> None:
    with pytest.raises(Rejected) as unknown:
        await at.exchange(bytes(16))
    assert unknown.value.reason is ReasonId.TICKET_UNKNOWN
    for body in (
        {"query_id_hex": QUERY_ID.hex(), "qr_text": HUBEI_CODE},
        {"query_id_hex": QUERY_ID.hex()},
        {"query_id_hex": "00", "extension_token_hex": "00" * 16},
        {"query_id_hex": "x" * 32, "extension_token_hex": "00" * 16},
        {"query_id_hex": QUERY_ID.hex(), "extension_token_hex": "00"},
    ):
        answer = await at.hub.call(CALLERS[Role.GATEWAY], "POST", "/v1/statements", body)
        assert answer.status_code == 400


# Evidence and declarations


async def test_a_case_handed_in_by_document_is_told_by_subject_key(at: Callers) -> None:
    answer = await at.evidence("case", cause="confirmed_case")
    assert answer.json() == {"stored": 1, "same": 0, "older": 0}
    report = (await at.issuers())[FEDERATION]
    assert (report.level, report.has_cause(Cause.CONFIRMED_CASE)) == (Level.HIGH, True)
    again = await at.evidence("case", cause="confirmed_case")
    assert again.json() == {"stored": 0, "same": 1, "older": 0}


async def test_a_retraction_takes_back_what_was_said_in_any_order(at: Callers) -> None:
    await at.evidence("contact", revision=2, retracted=True)
    assert (await at.evidence("contact")).json() == {"stored": 0, "same": 0, "older": 1}
    assert FEDERATION not in await at.issuers()


async def test_evidence_after_the_declaration_turns_the_code(at: Callers) -> None:
    await at.declare()
    assert (await at.issuers())[FEDERATION].level is Level.LOW
    await at.evidence("contact")
    assert (await at.issuers())[FEDERATION].level is Level.HIGH
    await at.evidence("contact", revision=2, until=AT - timedelta(hours=1))
    assert (await at.issuers())[FEDERATION].level is Level.LOW


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("stay", {}),
        ("declaration", {}),
        ("rumour", {}),
        ("case", {}),
        ("case", {"cause": "close_contact"}),
        ("contact", {"cause": "confirmed_case"}),
        ("contact", {"since": AT + timedelta(days=1)}),
        ("contact", {"until": AT - timedelta(days=3)}),
        ("contact", {"ref": ""}),
        ("contact", {"revision": -1}),
        ("contact", {"document": {"type": "10", "number": "990101199001011231"}}),
        ("contact", {"level": "00"}),
        ("contact", {"result": "negative"}),
        ("test", {}),
        ("test", {"result": "complete"}),
        ("vaccination", {"result": "positive"}),
        ("recovery", {"result": "negative"}),
    ],
)
async def test_what_no_authority_can_say_is_refused(at: Callers, kind: str, changes: dict[str, Any]) -> None:
    """An operator never speaks in a person's place, and nobody hands in a level."""
    answer = await at.evidence(kind, **changes)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:tongxing:problem:bad-request")
    assert FEDERATION not in await at.issuers()


async def test_a_declaration_sent_again_counts_once_from_its_first_moment(at: Callers) -> None:
    first = await at.declare()
    at.hub.clock.move(timedelta(days=10))
    assert await at.declare() == first == AT
    at.hub.clock.move(timedelta(days=4))
    assert (await at.issuers())[FEDERATION].standing is Standing.EXPIRED
    assert await at.declare(ref="2") == AT + timedelta(days=14)
    assert (await at.issuers())[FEDERATION].standing is Standing.CURRENT


async def test_declaring_anew_does_not_undo_a_stay_that_was_declared(at: Callers) -> None:
    await at.declare(WUHAN_HIGH, "1", since_days=3)
    await at.declare(NANNING, "2", since_days=1)
    assert (await at.issuers())[FEDERATION].has_cause(Cause.FROM_HIGH_RISK_AREA)


@pytest.mark.parametrize(
    "stays",
    [
        [],
        [{"division": "4501", "since": AT + timedelta(days=1)}],
        [{"division": "4501", "since": AT, "until": AT - timedelta(days=1)}],
        [{"division": "45010", "since": AT}],
        [{"division": "045010", "since": AT}],
        [{"division": "四二", "since": AT}],
        [{"division": "99", "since": AT}],
        [{"division": "45", "since": AT}] * 33,
    ],
)
async def test_a_declaration_that_cannot_be_is_refused(at: Callers, stays: list[Any]) -> None:
    body = {"subject_keys": [key.hex() for key in await at.keys()], "ref": "1", "stays": stays}
    answer = await at.hub.call(CALLERS[Role.GATEWAY], "POST", "/v1/declarations", body)
    assert answer.status_code == 400
    assert FEDERATION not in await at.issuers()


# Consultations


async def sealed_for(at: Callers, made_at: datetime = AT, audience: RegionId = GUANGXI) -> bytes:
    info = consultation_info(HUBEI, audience, QUERY_ID)
    return seal_to(FEDERATION_PAIR.public, encode_consultation(await at.keys(), made_at), info)


async def told(at: Callers, sealed: bytes) -> tuple[Report, ...]:
    data = await at.guangxi.consult(HUBEI, QUERY_ID, sealed, frozenset(), timeout_seconds=5)
    answer = parse_consultation_answer(data).answer_after(WORLD.statement_key(FEDERATION).public.verify)
    assert (answer.audience, answer.query_id, answer.answered_at) == (GUANGXI, QUERY_ID, AT)
    return answer.reports


async def test_a_consultation_tells_what_others_say_and_not_what_the_issuer_said(at: Callers) -> None:
    anhui = report_of(Cause.CLOSE_CONTACT, issuer=ANHUI)
    guangxi = report_of(issuer=GUANGXI)
    await at.report(anhui, guangxi, report_of(issuer=HUBEI))
    await at.evidence("entry")
    reports = await told(at, await sealed_for(at))
    assert [report.issuer for report in reports] == [FEDERATION, ANHUI, GUANGXI]


async def test_a_consultation_tells_what_is_unresolved_and_leaves_out_what_decides_nothing(at: Callers) -> None:
    over = {"valid_until": AT - timedelta(days=1)}
    unresolved = report_of(Cause.CLOSE_CONTACT, issuer=ANHUI, **over)
    relayed = report_of(Cause.CLOSE_CONTACT, issuer=RegionId("11"), derived_from=FEDERATION)
    await at.report(unresolved, report_of(issuer=GUANGXI, **over), relayed)
    assert await told(at, await sealed_for(at)) == (unresolved,)


async def whole_until(at: Callers) -> datetime | None:
    data = await at.guangxi.consult(HUBEI, QUERY_ID, await sealed_for(at), frozenset(), timeout_seconds=5)
    answer = parse_consultation_answer(data).answer_after(WORLD.statement_key(FEDERATION).public.verify)
    at.hub.clock.move(timedelta(seconds=1))  # what is known of senders is a second old at most
    return answer.whole_until


async def test_a_consultation_tells_until_when_those_who_report_are_whole(at: Callers) -> None:
    """Of the regions that report the person, and of no others; nothing where one of them never said so."""
    ingest, earlier = at.node.core.stores.ingest, AT - timedelta(hours=3)
    assert await whole_until(at) is None
    await at.report(report_of(issuer=ANHUI), report_of(issuer=GUANGXI), report_of(issuer=HUBEI))
    await ingest.say_complete(ANHUI, "reports", earlier, AT)
    await ingest.say_complete(RegionId("11"), "reports", AT - timedelta(days=9), AT)
    await ingest.say_complete(HUBEI, "reports", AT - timedelta(days=9), AT)
    assert await whole_until(at) is None
    await ingest.say_complete(GUANGXI, "reports", AT, AT)
    assert await whole_until(at) == earlier


async def test_a_host_decides_with_what_the_hub_told_it(at: Callers) -> None:
    """From the sealed keys to the verdict, and no subject key on the host's side."""
    await at.report(report_of(Cause.CLOSE_CONTACT, issuer=ANHUI))
    sealed = await sealed_for(at)
    answer = await at.guangxi.consult(HUBEI, QUERY_ID, sealed, frozenset(), timeout_seconds=5)
    for key in await at.keys():
        assert bytes(key) not in answer + sealed
        assert bytes(key)[1:] not in answer + sealed

    def wire(needed: Needed) -> bytes:
        return WORLD.statement(report_of(), consultation=sealed) if isinstance(needed, StatementNeeded) else answer

    verdict = decide(WORLD.knowledge(), HUBEI_CODE, answer=wire)
    assert (verdict.outcome, verdict.report and verdict.report.issuer) == (Outcome.STOP, ANHUI)


@pytest.mark.parametrize("seconds", [-STATEMENT_LIFE.total_seconds() - 31, 31])
async def test_a_consultation_of_another_time_is_refused(at: Callers, seconds: float) -> None:
    """So that no host can look somebody up for ever by one scan."""
    with pytest.raises(Refused) as refused:
        await told(at, await sealed_for(at, AT + timedelta(seconds=seconds)))
    assert problem(refused) is ProblemId.BAD_REQUEST


async def test_a_consultation_is_of_use_to_its_audience_issuer_and_query_only(at: Callers) -> None:
    sealed = await sealed_for(at)
    attempts = [
        (HUBEI, QUERY_ID, await sealed_for(at, audience=ANHUI)),
        (ANHUI, QUERY_ID, sealed),
        (HUBEI, bytes(16), sealed),
        (HUBEI, QUERY_ID, sealed[:-1] + bytes((sealed[-1] ^ 1,))),
        (HUBEI, QUERY_ID, bytes(48)),
    ]
    for issuer, query_id, attempt in attempts:
        with pytest.raises(Refused) as refused:
            await at.guangxi.consult(issuer, query_id, attempt, frozenset(), timeout_seconds=5)
        assert problem(refused) is ProblemId.BAD_REQUEST


async def test_what_is_sealed_are_the_keys_and_the_moment_and_nothing_else(at: Callers) -> None:
    opened = FEDERATION_PAIR.open(await sealed_for(at), consultation_info(HUBEI, GUANGXI, QUERY_ID))
    assert parse_consultation(opened) == Consultation(await at.keys(), AT)


async def test_nobody_reported_is_an_empty_answer_and_no_refusal(at: Callers) -> None:
    assert await told(at, await sealed_for(at)) == ()


# Explanations


async def test_a_verdict_on_a_federations_code_is_asked_of_the_host_and_only_for_its_very_code(at: Callers) -> None:
    """Hubei's gateway is away here; which of the two failed is told apart."""
    await at.declare()
    made = await at.guangxi.make_national_code(await at.keys(), "王**")
    for qr_text, expected in ((made.qr_text, ProblemId.UPSTREAM_AWAY), (HUBEI_CODE, ProblemId.FORBIDDEN)):
        with pytest.raises(Refused) as refused:
            await at.guangxi.explain(HUBEI, "abcdef01", [qr_text])
        assert problem(refused) is expected


# What is never written down


async def test_neither_documents_nor_names_nor_keys_are_in_the_log(at: Callers) -> None:
    await at.evidence("contact")
    await at.declare()
    await at.issuers()
    await told(at, await sealed_for(at))
    logged = at.hub.logged.getvalue()
    for secret in (TRAVELLER.number.encode(), *(key.hex().encode() for key in await at.keys())):
        assert secret not in logged


async def test_a_strange_gateway_is_told_nothing(at: Callers) -> None:
    stranger = TestCaller(insecure_test_key("STRANGER"), Role.GATEWAY)
    for path in ("/v1/consultations", "/v1/report-queries", "/v1/national-codes", "/v1/declarations"):
        answer = await at.hub.call(stranger, "POST", path, {})
        assert answer.status_code == 401


async def test_registers_answer_the_kinds_that_are_asked_for_and_no_others(at: Callers) -> None:
    taken = await at.evidence("test", result="negative", ref="t-1")
    assert taken.json() == {"stored": 1, "same": 0, "older": 0}
    await at.evidence("vaccination", result="boosted", ref="v-1")
    verify = WORLD.statement_key(FEDERATION).public.verify
    for asked in (frozenset({ProofKind.TEST}), frozenset(ProofKind), frozenset()):
        sealed = await sealed_for(at)
        data = await at.guangxi.consult(HUBEI, QUERY_ID, sealed, asked, timeout_seconds=5)
        answer = parse_consultation_answer(data).answer_after(verify)
        assert {proof.kind for proof in answer.proofs} == asked & {ProofKind.TEST, ProofKind.VACCINATION}
        assert answer.reports == ()
    assert FEDERATION not in await at.issuers()


# Datasets


async def test_a_carriers_journey_from_a_risk_area_reaches_every_gate(at: Callers) -> None:
    await at.declare()
    answer = await at.evidence("train", division=WUHAN_HIGH, until=AT - timedelta(days=1))
    assert answer.json() == {"stored": 1, "same": 0, "older": 0}
    told = (await at.issuers())[FEDERATION]
    assert told.has_cause(Cause.FROM_HIGH_RISK_AREA)


@pytest.mark.parametrize(
    ("kind", "changes", "part"),
    [
        ("flight", {"until": AT}, "division"),
        ("flight", {"division": NANNING}, "until"),
        ("test", {"result": "negative", "division": NANNING}, "division"),
        ("vaccination", {"result": "complete", "until": AT}, "until"),
    ],
)
async def test_a_row_that_its_dataset_does_not_provide_for_is_refused_by_its_part(
    at: Callers, kind: str, changes: dict[str, Any], part: str
) -> None:
    answer = await at.evidence(kind, **changes)
    assert (answer.status_code, answer.json()["type"]) == (400, f"urn:tongxing:problem:{ProblemId.BAD_REQUEST}")
    assert answer.json()["detail"].endswith(part)


async def test_everything_has_an_end_but_an_observation_that_nobody_closed(at: Callers) -> None:
    """Each dataset has a time to live, and what still stands against a person is never forgotten into a green."""
    kinds: dict[str, dict[str, Any]] = {
        "contact": {},
        "vaccination": {"result": "complete"},
        "recovery": {},
        "test": {"result": "negative"},
        "flight": {"division": NANNING, "until": AT},
    }
    for kind, changes in kinds.items():
        assert (await at.evidence(kind, **changes)).status_code == 200
    evidence = at.hub.node.core.stores.evidence
    await evidence.forget_ended(AT + timedelta(days=3 * 366 + 30))
    (left,) = await evidence.evidence_of((await at.keys())[0])
    assert left.evidence.kind == "contact"
