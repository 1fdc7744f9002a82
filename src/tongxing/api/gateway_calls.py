"""The calls that a gateway answers: its devices', its back end's, its operators' and other gateways'."""

import time
from dataclasses import replace
from typing import Any, Final

from tongxing.api.calls import Call, NoQuery, Reply
from tongxing.api.guard_words import PictureMessage, ScanMessage, has_entered, read_entered
from tongxing.api.messages import (
    CodeAnswer,
    CodeMessage,
    DockedReportsMessage,
    EndingMessage,
    ExplanationMessage,
    SessionAnswer,
    TicketAnswer,
)
from tongxing.app.nodes import Gateway
from tongxing.core.checkpoints import Temperature
from tongxing.core.documents import normalise_document
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.verdicts import Direction
from tongxing.core.words import PlaceKind, RegionId
from tongxing.recognition.views import AuditorView, CitizenView, EndingView, GuardView
from tongxing.services.access import Caller
from tongxing.services.docking import Docked
from tongxing.services.peers import SharedVerdict, StatementRequest
from tongxing.services.ports import Role
from tongxing.services.verification import Passing, Verified

COSE: Final = "application/cose"
_QUERY_ID_BYTES = 16


async def open_session(node: Gateway, call: Call[None, NoQuery]) -> SessionAnswer:
    """Open a session for a device that has just proven its key."""
    opened = await node.core.access.open_session(call.known_caller)
    life = opened.ends_at - node.core.clock.now()
    return SessionAnswer(opened.token, opened.ends_at, int(life.total_seconds()))


async def verify_scan(node: Gateway, call: Call[ScanMessage, NoQuery]) -> GuardView:
    """Decide on what was scanned; answered once the passage is on disk."""
    started = time.perf_counter()
    message, told = call.body, call.body.temperature
    temperature = None if told is None else Temperature(told.decicelsius, told.confirmed)
    passing = _passing(call.known_caller, message.place_kind, message.direction, temperature)
    if has_entered(message):
        passing = replace(passing, entered=read_entered(message, node.core.clock.now()))
    verified = await node.verification.verify(message.qr_text, passing)
    return _answer_guard(call, verified, started)


async def verify_picture(node: Gateway, call: Call[PictureMessage, NoQuery]) -> GuardView:
    """Decide on the QR code in a picture file."""
    started = time.perf_counter()
    message, told = call.body, call.body.temperature
    temperature = None if told is None else Temperature(told.decicelsius, told.confirmed)
    passing = _passing(call.known_caller, message.place_kind, message.direction, temperature)
    if has_entered(message):
        passing = replace(passing, entered=read_entered(message, node.core.clock.now()))
    verified = await node.verification.verify_picture(message.picture, passing)
    return _answer_guard(call, verified, started)


async def end_referral(node: Gateway, call: Call[EndingMessage, NoQuery]) -> EndingView:
    """Record how a REFER ended in the manual lane, once; answered once it is on disk."""
    ended = call.body
    return await node.verification.end_referral(call.path["ref"], ended.seen, ended.outcome, call.known_caller.key_id)


async def tell_citizen_view(node: Gateway, call: Call[None, NoQuery]) -> SharedVerdict:
    """Share the citizen's view with the gateway of whoever issued the code; with an operator if nobody did."""
    caller = call.known_caller
    asking = None if caller.role is Role.OPERATOR else caller.region
    return await node.verification.shared_verdict(call.path["ref"], asking)


async def tell_trail(node: Gateway, call: Call[None, NoQuery]) -> AuditorView:
    """Return the trail of stages of a verdict, without identity."""
    return await node.verification.trail(call.path["ref"])


async def explain_verdict(node: Gateway, call: Call[ExplanationMessage, NoQuery]) -> CitizenView:
    """Explain a verdict given anywhere to the citizen whose code it was given on."""
    message = call.body
    return await node.explanations.explain(RegionId(message.host), message.ref, message.qr_text)


async def make_statement(node: Gateway, call: Call[StatementRequest, NoQuery]) -> Reply:
    """State what this region says of whoever shows a code, for the asking region and this query only."""
    request = call.body
    query_id = _parse_hex(request.query_id_hex, "query_id_hex")
    if len(query_id) != _QUERY_ID_BYTES:
        raise Refused(ProblemId.BAD_REQUEST, f"query_id_hex: {_QUERY_ID_BYTES} bytes are needed")
    if (request.qr_text is None) == (request.extension_token_hex is None):
        raise Refused(ProblemId.BAD_REQUEST, "give either qr_text or extension_token_hex")
    token = None
    if request.extension_token_hex is not None:
        token = _parse_hex(request.extension_token_hex, "extension_token_hex")
    statement = await node.statements.answer(call.known_caller.region, query_id, request.qr_text, token)
    return Reply(statement, COSE)


async def issue_ticket(node: Gateway, _call: Call[None, NoQuery]) -> TicketAnswer:
    """Issue a ticket for making one national code or one transit pass."""
    ticket = await node.code_desk.tickets.issue()
    life = ticket.expires_at - node.core.clock.now()
    return TicketAnswer(ticket.serial, ticket.random, ticket.expires_at, int(life.total_seconds()))


async def make_code(node: Gateway, call: Call[CodeMessage, NoQuery]) -> CodeAnswer:
    """Make a national code for one of this region's people, shown for about a minute."""
    message = call.body
    document = normalise_document(message.document.type, message.document.number)
    made = await node.code_desk.make_code(message.serial, bytes.fromhex(message.random), document, message.name)
    return CodeAnswer(made.qr_text, made.expires_at)


async def dock_reports(node: Gateway, call: Call[DockedReportsMessage, NoQuery]) -> Docked:
    """Take in a batch of the back end's rows; acknowledged once durable here and at the hub."""
    return await node.docking.dock(call.body.rows)


def _passing(
    caller: Caller, place_kind: PlaceKind, direction: Direction | None, temperature: Temperature | None
) -> Passing:
    return Passing(caller.key_id, caller.site, place_kind, direction, temperature, division=caller.division)


def _answer_guard(call: Call[Any, Any], verified: Verified, started: float) -> GuardView:
    call.trace.verdict, call.trace.verdict_seconds = verified.verdict, time.perf_counter() - started
    return verified.guard


def _parse_hex(text: str, name: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as wrong:
        raise Refused(ProblemId.BAD_REQUEST, f"{name}: not hexadecimal") from wrong
