"""Making national codes: a ticket makes one, what is not confirmed makes none, two codes share nothing."""

import asyncio

import pytest

from tests.unit.services.desks import Desks, synthetic_document
from tests.world import AT, GUANGXI, HUBEI, World, decide, origin, report_of
from tongxing.core.causes import Cause
from tongxing.core.errors import Refused
from tongxing.core.levels import Level, Standing
from tongxing.core.limits import NATIONAL_CODE_LIFE, TICKET_LIFE
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Report
from tongxing.core.verdicts import Outcome
from tongxing.crypto.digests import sha256
from tongxing.services.making_tickets import IssuedTicket
from tongxing.services.minting import MadeCode
from tongxing.services.ports import SubjectReport, Ticket, TicketPurpose
from tongxing.wire.national_code import NationalCodeClaims, parse_national_code
from tongxing.wire.statement import parse_statement

pytestmark = pytest.mark.anyio

NAME = "王小明"
KNOWLEDGE = World().knowledge()


async def report(hubei: Desks, *reports: Report) -> None:
    ((subject,),) = await hubei.hub.derive_subject_keys([synthetic_document()])
    await hubei.stores.reports.put_reports([SubjectReport(subject, each, origin()) for each in reports])


async def make(hubei: Desks, ticket: IssuedTicket | None = None) -> MadeCode:
    ticket = ticket or await hubei.codes.tickets.issue()
    return await hubei.codes.make_code(ticket.serial, bytes.fromhex(ticket.random), synthetic_document(), NAME)


async def problem_of(hubei: Desks, ticket: IssuedTicket | None = None) -> tuple[ProblemId, str]:
    with pytest.raises(Refused) as refused:
        await make(hubei, ticket)
    return refused.value.problem, refused.value.detail


def claims_of(code: MadeCode) -> NationalCodeClaims:
    return parse_national_code(code.qr_text).claims_after(World().code_key(HUBEI).public.verify)


async def test_a_made_code_passes_in_another_region_from_the_bundle_alone(hubei: Desks) -> None:
    await report(hubei, report_of())
    code = await make(hubei)
    verdict = decide(KNOWLEDGE, code.qr_text)
    assert (verdict.outcome, verdict.masked_hint, verdict.origin) == (Outcome.PASS, "王**", origin())
    assert code.expires_at == AT + NATIONAL_CODE_LIFE


async def test_a_made_code_ends_after_a_minute(hubei: Desks) -> None:
    await report(hubei, report_of())
    code = await make(hubei)
    assert decide(KNOWLEDGE, code.qr_text, at=code.expires_at).reason is ReasonId.CODE_EXPIRED


async def test_the_level_in_the_code_is_that_of_the_cause(hubei: Desks) -> None:
    await report(hubei, report_of(Cause.CLOSE_CONTACT))
    verdict = decide(KNOWLEDGE, (await make(hubei)).qr_text, answer=lambda _: World().statement(report_of()))
    assert verdict.outcome is Outcome.STOP


async def test_two_codes_made_for_one_person_share_no_stable_bytes(hubei: Desks) -> None:
    """Law 8: two scans of one person cannot be joined by what the codes hold."""
    await report(hubei, report_of())
    first, second = [claims_of(await make(hubei)) for _ in range(2)]
    for ours, theirs in (
        (first.credential_id, second.credential_id),
        (first.extension_token, second.extension_token),
        (first.sealed, second.sealed),
    ):
        pieces = {ours[at : at + 4] for at in range(len(ours) - 3)}
        assert not pieces & {theirs[at : at + 4] for at in range(len(theirs) - 3)}


async def test_a_code_holds_nothing_that_names_the_person(hubei: Desks) -> None:
    await report(hubei, report_of())
    ((subject,),) = await hubei.hub.derive_subject_keys([synthetic_document()])
    digits = (await make(hubei)).qr_text.removeprefix("99861")
    data = int(digits).to_bytes(220, "big")
    for trace in (subject, subject[1:17], NAME.encode(), synthetic_document().number.encode()):
        assert trace not in data


async def test_a_ticket_makes_one_code(hubei: Desks) -> None:
    await report(hubei, report_of())
    ticket = await hubei.codes.tickets.issue()
    await make(hubei, ticket)
    assert (await problem_of(hubei, ticket))[0] is ProblemId.TICKET_UNUSABLE


async def test_a_ticket_used_many_times_at_the_same_moment_makes_one_code(hubei: Desks) -> None:
    await report(hubei, report_of())
    ticket = await hubei.codes.tickets.issue()
    told = await asyncio.gather(*(make(hubei, ticket) for _ in range(5)), return_exceptions=True)
    assert len([each for each in told if isinstance(each, MadeCode)]) == 1
    assert [each.problem for each in told if isinstance(each, Refused)] == [ProblemId.TICKET_UNUSABLE] * 4


async def test_a_wrong_random_number_makes_no_code_and_uses_nothing_up(hubei: Desks) -> None:
    await report(hubei, report_of())
    ticket = await hubei.codes.tickets.issue()
    guessed = IssuedTicket(ticket.serial, "00" * 16, ticket.expires_at)
    assert (await problem_of(hubei, guessed))[0] is ProblemId.TICKET_UNUSABLE
    await make(hubei, ticket)


async def test_a_ticket_ends(hubei: Desks) -> None:
    await report(hubei, report_of())
    ticket = await hubei.codes.tickets.issue()
    hubei.clock.move(TICKET_LIFE)
    assert (await problem_of(hubei, ticket))[0] is ProblemId.TICKET_UNUSABLE


async def test_an_unknown_ticket_makes_no_code(hubei: Desks) -> None:
    await report(hubei, report_of())
    assert (await problem_of(hubei, IssuedTicket("ab" * 16, "00" * 16, AT)))[0] is ProblemId.TICKET_UNUSABLE


async def test_a_ticket_for_something_else_makes_no_code(hubei: Desks) -> None:
    await report(hubei, report_of())
    random = b"r" * 16
    other = Ticket("cd" * 16, sha256(random), TicketPurpose.VERIFY, None, AT + TICKET_LIFE)
    await hubei.stores.tickets.issue(other)
    ticket = IssuedTicket(other.serial, random.hex(), other.expires_at)
    assert (await problem_of(hubei, ticket))[0] is ProblemId.TICKET_UNUSABLE


async def test_only_the_digest_of_a_tickets_random_number_is_kept(hubei: Desks) -> None:
    ticket = await hubei.codes.tickets.issue()
    held = await hubei.stores.tickets.find_ticket(ticket.serial)
    assert held is not None
    assert held.secret_digest == sha256(bytes.fromhex(ticket.random))


def unusable(standing: Standing) -> Report:
    return report_of(standing=standing, level=None, causes=())


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ((), "no_record"),
        ((report_of(issuer=GUANGXI),), "no_record"),
        ((report_of(retracted=True),), "no_record"),
        ((unusable(Standing.NO_RECORD),), "no_record"),
        ((unusable(Standing.PENDING),), "report_pending"),
        ((unusable(Standing.MISMATCH),), "identity_mismatch"),
        ((unusable(Standing.EXPIRED),), "report_expired"),
        ((report_of(valid_until=AT),), "report_expired"),
        (
            (report_of(), report_of(Cause.CLOSE_CONTACT, issuer=GUANGXI, valid_until=AT)),
            "earlier_report_unresolved",
        ),
    ],
    ids=["nothing", "anothers", "retracted", "no record", "pending", "mismatch", "expired", "ran out", "unresolved"],
)
async def test_without_a_current_report_no_code_is_made_and_the_reason_is_told(
    hubei: Desks, held: tuple[Report, ...], reason: str
) -> None:
    """Law 2: no standing but a current one ever becomes a code."""
    await report(hubei, *held)
    assert await problem_of(hubei) == (ProblemId.CODE_NOT_CONFIRMED, reason)


async def test_a_worse_report_of_another_region_held_here_is_in_the_code(hubei: Desks) -> None:
    await report(hubei, report_of(), report_of(Cause.CLOSE_CONTACT, issuer=GUANGXI))
    verdict = decide(KNOWLEDGE, (await make(hubei)).qr_text, answer=lambda _: World().statement(report_of()))
    assert verdict.outcome is Outcome.STOP


async def test_without_the_key_service_no_code_is_made(hubei: Desks) -> None:
    await report(hubei, report_of())
    hubei.hub.away = True
    assert (await problem_of(hubei))[0] is ProblemId.UPSTREAM_AWAY


async def test_a_displayed_codes_token_is_exchanged_for_its_detail(hubei: Desks) -> None:
    await report(hubei, report_of(Cause.CLOSE_CONTACT))
    claims = claims_of(await make(hubei))
    data = await hubei.statements.answer(GUANGXI, b"q" * 16, None, claims.extension_token)
    verify = World().statement_key(HUBEI).public.verify
    statement = parse_statement(data).statement_after(verify)
    assert statement.report.has_cause(Cause.CLOSE_CONTACT)
    assert statement.report.level is Level.HIGH
