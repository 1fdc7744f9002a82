"""Transit passes at two gateways: made with a ticket, good on their route only, withdrawn when the report rises."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.unit.services.desks import Desks, synthetic_document, synthetic_number
from tests.world import AT, GUANGXI, HUBEI, World, origin, report_of
from tongxing.core.causes import Cause
from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.limits import TRANSIT_PASS_LIFE_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Report
from tongxing.core.transit import parse_plate, parse_route
from tongxing.core.verdicts import Outcome, Verdict
from tongxing.core.words import PlaceKind
from tongxing.recognition.views import auditor_view
from tongxing.services.making_tickets import IssuedTicket
from tongxing.services.ports import SubjectReport
from tongxing.services.transit_passes import Journey, MadePass
from tongxing.services.verification import Passing, Verified
from tongxing.wire.transit_pass import TransitPassClaims, parse_transit_pass

pytestmark = pytest.mark.anyio

NAME = "王小明"
GATE = Passing("device", "gate", PlaceKind.TRAFFIC_GATE)
JOURNEY = Journey(parse_plate("鄂A12345"), parse_route(["4201", "43", "450100"]), AT + timedelta(hours=48))
Both = tuple[Desks, Desks]


async def hold(hubei: Desks, *reports: Report) -> None:
    ((subject,),) = await hubei.hub.derive_subject_keys([synthetic_document()])
    await hubei.stores.reports.put_reports([SubjectReport(subject, each, origin("420116")) for each in reports])


async def make(hubei: Desks, journey: Journey = JOURNEY, ticket: IssuedTicket | None = None) -> MadePass:
    ticket = ticket or await hubei.transit_passes.tickets.issue()
    return await hubei.transit_passes.make(
        ticket.serial, bytes.fromhex(ticket.random), synthetic_document(), NAME, journey
    )


async def made(hubei: Desks, journey: Journey = JOURNEY) -> MadePass:
    await hold(hubei, report_of())
    return await make(hubei, journey)


async def problem_of(hubei: Desks, journey: Journey = JOURNEY) -> tuple[ProblemId, str]:
    with pytest.raises(Refused) as refused:
        await make(hubei, journey)
    return refused.value.problem, refused.value.detail


async def scan(host: Desks, qr_text: str) -> Verified:
    return await host.verification.verify(qr_text, GATE)


async def verdict_at(host: Desks, qr_text: str) -> Verdict:
    return (await scan(host, qr_text)).verdict


def claims_of(made_pass: MadePass) -> TransitPassClaims:
    return parse_transit_pass(made_pass.qr_text).claims_after(World().code_key(HUBEI).public.verify)


async def dock(hubei: Desks, status: str, word: str, seconds_ago: int) -> None:
    row = {
        "document": {"type": "10", "number": synthetic_number()},
        "name": NAME,
        "status": status,
        "told": [word],
        "refreshed_at_seconds": int(hubei.clock.now().timestamp()) - seconds_ago,
        "division": "420116",
    }
    docked = await hubei.docking.dock([row])
    assert docked.stored == 1, docked


async def test_a_pass_lets_the_driver_through_on_its_route_and_shows_what_to_compare(both: Both) -> None:
    hubei, guangxi = both
    verified = await scan(guangxi, (await made(hubei)).qr_text)
    assert (verified.verdict.outcome, verified.verdict.family) == (Outcome.PASS, "transit_pass")
    vehicle = verified.guard.vehicle
    assert vehicle is not None
    assert (vehicle.plate, [words.en for words in vehicle.route]) == (
        "鄂A12345",
        ["Hubei 4201", "Hunan", "Guangxi 450100"],
    )
    assert (verified.guard.hint, vehicle.valid_until) == ("王**", AT + timedelta(hours=48))


async def test_the_auditor_sees_no_plate(both: Both) -> None:
    hubei, guangxi = both
    verdict = await verdict_at(guangxi, (await made(hubei)).qr_text)
    assert "鄂A12345" not in str(auditor_view(verdict, "ref", guangxi.reference.knowledge))


async def test_two_gates_may_scan_one_pass(both: Both) -> None:
    """Unlike a one-time code: a lorry is stopped more than once on its way."""
    hubei, guangxi = both
    qr_text = (await made(hubei)).qr_text
    outcomes = [(await verdict_at(host, qr_text)).outcome for host in (guangxi, hubei, guangxi)]
    assert not {Outcome.REFER, Outcome.STOP} & set(outcomes)
    assert await guangxi.alarms() == ()


async def test_off_its_route_a_pass_is_referred_and_the_issuer_is_not_asked(both: Both) -> None:
    hubei, guangxi = both
    made_pass = await made(hubei, replace(JOURNEY, route=parse_route(["42", "43", "44"])))
    guangxi.peers.fails = AssertionError("the issuer was asked")
    verified = await scan(guangxi, made_pass.qr_text)
    assert (verified.verdict.outcome, verified.verdict.reason) == (Outcome.REFER, ReasonId.TRANSIT_OFF_ROUTE)
    assert verified.guard.vehicle is not None
    assert verified.verdict.report is None


async def test_a_region_off_the_route_is_told_nothing_of_the_driver(hubei: Desks) -> None:
    """Whatever that region's gateway thinks of the route."""
    token = claims_of(await made(hubei, replace(JOURNEY, route=parse_route(["42", "44"])))).extension_token
    with pytest.raises(Rejected) as rejected:
        await hubei.statements.answer(GUANGXI, bytes(16), None, token)
    assert rejected.value.reason is ReasonId.TRANSIT_OFF_ROUTE


@pytest.mark.parametrize(
    ("after", "outcome", "reason"),
    [
        (timedelta(hours=-1), Outcome.REFER, ReasonId.TRANSIT_NOT_YET_VALID),
        (timedelta(0), Outcome.PASS, ReasonId.LOW_LEVEL_LOW_ORIGIN),
        (timedelta(hours=24, seconds=-1), Outcome.PASS, ReasonId.LOW_LEVEL_LOW_ORIGIN),
        (timedelta(hours=24), Outcome.REFER, ReasonId.TRANSIT_EXPIRED),
    ],
)
async def test_a_pass_is_good_from_its_beginning_to_its_end(
    both: Both, after: timedelta, outcome: Outcome, reason: ReasonId
) -> None:
    hubei, guangxi = both
    begins = AT + timedelta(hours=24)
    made_pass = await made(hubei, replace(JOURNEY, valid_from=begins, valid_until=begins + timedelta(hours=24)))
    hubei.clock.at = guangxi.clock.at = begins + after
    verdict = await verdict_at(guangxi, made_pass.qr_text)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


async def test_a_withdrawn_pass_is_told_as_that(both: Both) -> None:
    hubei, guangxi = both
    made_pass = await made(hubei)
    await hubei.transit_passes.withdraw(made_pass.pass_id)
    await hubei.transit_passes.withdraw(made_pass.pass_id)
    verdict = await verdict_at(guangxi, made_pass.qr_text)
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.TRANSIT_WITHDRAWN)
    assert verdict.transit is not None


async def test_an_unknown_pass_cannot_be_withdrawn(hubei: Desks) -> None:
    with pytest.raises(Refused) as refused:
        await hubei.transit_passes.withdraw("00" * 16)
    assert refused.value.problem is ProblemId.NOT_FOUND


async def test_a_driver_who_turns_is_stopped_by_a_row_and_the_pass_never_comes_back(both: Both) -> None:
    hubei, guangxi = both
    await dock(hubei, "green", "wjyc", 600)
    made_pass = await make(hubei)
    assert (await verdict_at(guangxi, made_pass.qr_text)).outcome is Outcome.PASS
    await dock(hubei, "yellow", "mqjcz", 300)
    stopped = await verdict_at(guangxi, made_pass.qr_text)
    assert (stopped.outcome, stopped.reason) == (Outcome.STOP, ReasonId.LEVEL_HIGH)
    await dock(hubei, "green", "wjyc", 60)
    cleared = await verdict_at(guangxi, made_pass.qr_text)
    assert (cleared.outcome, cleared.reason) == (Outcome.REFER, ReasonId.TRANSIT_WITHDRAWN)
    assert (await verdict_at(guangxi, (await make(hubei)).qr_text)).outcome is Outcome.PASS


async def test_a_withdrawal_never_hides_that_a_driver_is_to_be_stopped(both: Both) -> None:
    hubei, guangxi = both
    made_pass = await made(hubei)
    await hubei.transit_passes.withdraw(made_pass.pass_id)
    await hold(hubei, report_of(Cause.CLOSE_CONTACT, revision=2))
    assert (await verdict_at(guangxi, made_pass.qr_text)).outcome is Outcome.STOP


async def test_without_its_issuer_a_pass_is_referred(both: Both) -> None:
    """It carries no status: neither green nor red follows from the paper alone."""
    hubei, guangxi = both
    made_pass = await made(hubei)
    guangxi.peers.fails = Undecidable(ReasonId.GATEWAY_AWAY)
    verdict = await verdict_at(guangxi, made_pass.qr_text)
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.GATEWAY_AWAY)


async def test_a_forged_pass_raises_an_alarm(both: Both) -> None:
    hubei, guangxi = both
    good = (await made(hubei)).qr_text
    verdict = await verdict_at(guangxi, good[:-1] + ("1" if good[-1] != "1" else "2"))
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.SIGNATURE_INVALID)
    assert [alarm.reason for alarm in await guangxi.alarms()] == [ReasonId.SIGNATURE_INVALID]
    assert verdict.transit is None


@pytest.mark.parametrize("plate", ["鄂A12345", "粤B12345", "桂A12345", "藏A1234挂", "沪AF12345"])
async def test_where_a_vehicle_is_registered_changes_nothing(both: Both, plate: str) -> None:
    hubei, guangxi = both
    verdict = await verdict_at(guangxi, (await made(hubei, replace(JOURNEY, plate=parse_plate(plate)))).qr_text)
    assert (verdict.outcome, verdict.reason, verdict.measures) == (Outcome.PASS, ReasonId.LOW_LEVEL_LOW_ORIGIN, ())


async def test_a_ticket_makes_one_thing_a_pass_or_a_code(hubei: Desks) -> None:
    await hold(hubei, report_of())
    ticket = await hubei.codes.tickets.issue()
    await make(hubei, ticket=ticket)
    with pytest.raises(Refused) as again:
        await make(hubei, ticket=ticket)
    with pytest.raises(Refused) as code:
        await hubei.codes.make_code(ticket.serial, bytes.fromhex(ticket.random), synthetic_document(), NAME)
    assert {again.value.problem, code.value.problem} == {ProblemId.TICKET_UNUSABLE}


@pytest.mark.parametrize(
    ("report", "why"),
    [
        (None, "no_record"),
        (report_of(Cause.CLOSE_CONTACT), "above low"),
        (report_of(Cause.FROM_MEDIUM_RISK_AREA), "above low"),
        (report_of(valid_until=AT), "report_expired"),
        (report_of(standing=Standing.PENDING, level=None, causes=()), "report_pending"),
    ],
)
async def test_only_a_driver_with_a_current_report_of_the_low_level_gets_a_pass(
    hubei: Desks, report: Report | None, why: str
) -> None:
    if report is not None:
        await hold(hubei, report)
    problem, detail = await problem_of(hubei)
    assert problem is ProblemId.CODE_NOT_CONFIRMED
    assert why in detail


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "why"),
    [
        (AT - timedelta(hours=1), AT + timedelta(hours=1), "begin in the past"),
        (AT + timedelta(hours=2), AT + timedelta(hours=2), "ends before it begins"),
        (None, AT, "ends before it begins"),
        (None, AT + TRANSIT_PASS_LIFE_MAX + timedelta(seconds=1), "72 hours"),
        (AT + timedelta(hours=71), AT + timedelta(hours=73), "72 hours"),
    ],
)
async def test_a_journey_of_another_time_is_refused_and_uses_no_ticket(
    hubei: Desks, valid_from: datetime | None, valid_until: datetime, why: str
) -> None:
    await hold(hubei, report_of())
    ticket = await hubei.codes.tickets.issue()
    with pytest.raises(Refused, match=why):
        await make(hubei, replace(JOURNEY, valid_from=valid_from, valid_until=valid_until), ticket)
    assert (await make(hubei, ticket=ticket)).valid_from == AT


async def test_the_driver_is_told_why_and_nobody_else(both: Both) -> None:
    hubei, guangxi = both
    made_pass, other = await made(hubei), await make(hubei)
    ref = (await scan(guangxi, made_pass.qr_text)).ref
    view = await hubei.explanations.explain(GUANGXI, ref, made_pass.qr_text)
    assert (view.level, view.vehicle and view.vehicle.plate) == (Level.LOW, "鄂A12345")
    with pytest.raises(Refused) as refused:
        await hubei.explanations.explain(GUANGXI, ref, other.qr_text)
    assert refused.value.problem is ProblemId.FORBIDDEN


async def test_two_passes_of_one_driver_share_no_id_and_no_token(hubei: Desks) -> None:
    first, second = claims_of(await made(hubei)), claims_of(await make(hubei))
    assert first.pass_id != second.pass_id
    assert first.extension_token != second.extension_token
