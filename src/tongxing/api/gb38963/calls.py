"""The calls of GB/T 38963-2020 at a gateway: from the standard's words to the use cases and back.

Who may call what is the table of routes' to say: a region's applications declare, query and make; its checkpoints
verify and query what they have verified. Nothing decides here.
"""

from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Final

from tongxing.api.calls import Call, NoQuery
from tongxing.api.gb38963 import messages as m
from tongxing.api.gb38963 import values
from tongxing.api.gb38963.return_codes import RETURN_CODES, ReturnCode, return_code_of_reason
from tongxing.app.nodes import Gateway
from tongxing.core.cases import (
    DECISION_WORDS,
    GROUND_WORDS,
    STATE_WORDS,
    Case,
    CaseKind,
    CaseOpener,
    StepKind,
    case_state,
)
from tongxing.core.checkpoints import Temperature
from tongxing.core.documents import normalise_document
from tongxing.core.errors import Refused
from tongxing.core.health_answers import HealthAnswers, weigh_answers
from tongxing.core.levels import Level, Standing
from tongxing.core.looks import Purpose
from tongxing.core.masking import mask_document_number
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document
from tongxing.core.words import RegionId
from tongxing.recognition.assessing import DECLARATION_COUNTS
from tongxing.recognition.recognising import KnownReport
from tongxing.recognition.views import GuardView
from tongxing.services.access import Caller
from tongxing.services.cases import CaseRequest
from tongxing.services.declarations import DeclaredStay
from tongxing.services.declaring import Declared
from tongxing.services.interface_desk import Application, HealthInformation
from tongxing.services.looks import Looker, ground_of
from tongxing.services.ports import Role, TicketPurpose
from tongxing.services.verification import Passing
from tongxing.wire.qr import encode_qr_modules

_PURPOSES: Final = {
    values.Application.MAKE: (TicketPurpose.MAKE, Role.BACK_END),
    values.Application.VERIFY: (TicketPurpose.VERIFY, Role.DEVICE),
}


async def declare_health(node: Gateway, call: Call[m.HealthDeclaration, NoQuery]) -> m.Answer[m.DeclarationData]:
    """(Call 1) Take in what a person declares of their own health; what follows goes to the federation's assessor."""
    told = call.body
    answers = HealthAnswers(
        values.parse_symptoms(told.symptoms),
        values.CONTACTS[told.contact],
        values.is_yes(told.been_in_risk_area),
        _temperature(told.temperature, told.confirmed),
    )
    _check_consent(told.consent)
    keys = await node.subject_keys.keys_of(_document(told.document_type, told.document_number))
    return _declared(await node.interface.declaring.declare(keys, (), weigh_answers(answers)))


async def declare_trips(node: Gateway, call: Call[m.TripDeclaration, NoQuery]) -> m.Answer[m.DeclarationData]:
    """(Call 2) Take in where a person was, for the federation's assessor."""
    told = call.body
    stays = [
        DeclaredStay(
            trip.division,
            values.parse_moment(trip.since),
            None if trip.until is None else values.parse_moment(trip.until),
        )
        for trip in told.trips
    ]
    _check_consent(told.consent)
    keys = await node.subject_keys.keys_of(_document(told.document_type, told.document_number))
    return _declared(await node.interface.declaring.declare(keys, stays))


async def query_health(node: Gateway, call: Call[m.HealthQuery, NoQuery]) -> m.Answer[m.HealthData]:
    """(Call 3) Tell a checkpoint what to do, by token or typed document; an authorised application what is reported."""
    told, caller, desk = call.body, call.known_caller, node.interface
    if told.exchange_token is not None:
        _check_role(caller, Role.DEVICE)
        if told.document_number is not None:
            raise Refused(ProblemId.BAD_REQUEST, "give a token or a document, not both")
        return _done(_guard_data(await desk.exchange(_token(told.exchange_token), caller.key_id)))
    if told.document_type is None or told.document_number is None:
        raise Refused(ProblemId.BAD_REQUEST, "give a token, or a document's type and number")
    document = _document(told.document_type, told.document_number)
    if caller.role is Role.DEVICE:
        return _done(_guard_data(await _verify_document(node, call, document)))
    ground = ground_of(consent=values.is_yes(told.consent), presence=False)
    looker = Looker(caller.key_id, caller.site or caller.key_id)
    return _done(_health_data(await desk.query(document, ground, looker), document))


async def apply_for_call(node: Gateway, call: Call[m.CallApplication, NoQuery]) -> m.Answer[m.ApplicationData]:
    """(Call 4) Issue the serial and random number of one making or one verifying, for the caller alone."""
    purpose, role = _PURPOSES[call.body.application]
    _check_role(call.known_caller, role)
    issued = await node.interface.applications.issue(purpose, call.known_caller.key_id)
    return _done(m.ApplicationData(issued.serial, issued.random, values.encode_moment(issued.expires_at)))


async def make_standard_code(node: Gateway, call: Call[m.CodeMaking, NoQuery]) -> m.Answer[m.CodeData]:
    """(Call 5) Make a code for one of this region's people, shown for about a minute."""
    told = call.body
    _check_consent(told.consent)
    document = _document(told.document_type, told.document_number)
    shown = Application(told.serial, bytes.fromhex(told.random), call.known_caller.key_id)
    made = await node.interface.make(shown, document, told.name)
    modules, width = encode_qr_modules(made.qr_text)
    return _done(m.CodeData(made.qr_text, b64encode(modules).decode(), width, values.encode_moment(made.expires_at)))


async def verify_standard_code(node: Gateway, call: Call[m.CodeVerification, NoQuery]) -> m.Answer[m.VerificationData]:
    """(Call 6) Verify what was scanned; answered once the passage is on disk, with the token of its result."""
    told, caller = call.body, call.known_caller
    shown = Application(told.serial, bytes.fromhex(told.random), caller.key_id)
    passing = _passing(caller, told.place_kind, _temperature(told.temperature, told.confirmed))
    found = await node.interface.verify(shown, told.qr_text, passing)
    verdict = found.verified.verdict
    call.trace.verdict = verdict
    token = urlsafe_b64encode(found.token).rstrip(b"=").decode()
    return _answer(return_code_of_reason(verdict.reason), m.VerificationData(token, found.verified.ref))


async def correct_error(node: Gateway, call: Call[m.ErrorCorrection, NoQuery]) -> m.Answer[m.CorrectionData]:
    """(Call 7) Take in what a person says is wrong, for the region that set it; or tell how a correction stands."""
    told, desk = call.body, node.cases.desk
    _check_consent(told.consent)
    document = _document(told.document_type, told.document_number)
    keys = await node.subject_keys.keys_of(document)
    match told:
        case m.ErrorCorrection(case_number=str(number), claim=None, reporter=None):
            case = await desk.find_case(number, keys)
        case m.ErrorCorrection(case_number=None, name=str(name), claim=values.ClaimValue() as claim, reporter=str(by)):
            said = values.CLAIMS[claim], RegionId(by), CaseOpener.BACK_END
            case = await desk.open_case(keys, CaseRequest(CaseKind.OBJECTION, *said, document, name))
        case _:
            raise Refused(
                ProblemId.BAD_REQUEST, "give a correction's number; or what is wrong, in whose word, and a name"
            )
    return _done(_correction_data(case, node.core.clock.now()))


def _correction_data(case: Case, at: datetime) -> m.CorrectionData:
    state, decided = case_state(case, at), case.step(StepKind.DECIDED)
    words = [STATE_WORDS[state]]
    if decided is not None and decided.decision is not None and decided.ground is not None:
        words += [DECISION_WORDS[decided.decision], GROUND_WORDS[decided.ground]]
    return m.CorrectionData(
        case_number=case.number,
        reporter=case.decider,
        state=state,
        opened_at=values.encode_moment(case.opened_at),
        decide_by=values.encode_moment(case.decide_by),
        limit_at=values.encode_moment(case.limit_at),
        messages=[each.zh for each in words],
        messages_en=[each.en for each in words],
        decision=None if decided is None else decided.decision,
    )


async def _verify_document(node: Gateway, call: Call[m.HealthQuery, NoQuery], document: Document) -> GuardView:
    told = call.body
    if not values.is_yes(told.presence):
        raise Refused(ProblemId.CONSENT_NEEDED, "a guard types a document in the person's presence only")
    if told.place_kind is None:
        raise Refused(ProblemId.BAD_REQUEST, "a checkpoint says its kind of place")
    passing = _passing(call.known_caller, told.place_kind, None)
    verified = await node.ways.documents.verify(document, Purpose.PASSAGE_WITHOUT_PHONE, passing)
    call.trace.verdict = verified.verdict
    return verified.guard


def _passing(caller: Caller, place: values.PlaceValue, temperature: Temperature | None) -> Passing:
    return Passing(caller.key_id, caller.site, values.PLACES[place], None, temperature, division=caller.division)


def _guard_data(guard: GuardView) -> m.HealthData:
    told = (guard.headline, guard.sentence, guard.next_step, *guard.measures, *guard.notes)
    return m.HealthData(
        messages=[words.zh for words in told],
        messages_en=[words.en for words in told],
        verdict_ref=guard.ref,
        outcome=guard.outcome,
        measures=[words.zh for words in guard.measures],
        data_age_seconds=guard.data_age_seconds,
        person=None if guard.hint is None else m.PersonData(masked_name=guard.hint),
    )


def _health_data(told: HealthInformation, document: Document) -> m.HealthData:
    together, at = told.together, told.decided_at
    words = (together.sentence, together.next_step)
    return m.HealthData(
        messages=[each.zh for each in words],
        messages_en=[each.en for each in words],
        person=m.PersonData(masked_number=mask_document_number(document.number)),
        overall_level=None if together.level is None or together.reason is not None else Level(together.level),
        standing=None if together.standing is None else Standing(together.standing),
        reports=[_report_data(row, at) for row in told.reports if row.report.derived_from is None],
        others_consulted=values.YesNo.YES if together.others_consulted else values.YesNo.NO,
    )


def _report_data(known: KnownReport, at: datetime) -> m.ReportData:
    report = known.report
    standing = report.standing_at(at)
    return m.ReportData(
        reporter=report.issuer,
        standing=standing,
        as_of=values.encode_moment(report.as_of),
        level=report.level if standing is Standing.CURRENT else None,
        valid_until=None if report.valid_until is None else values.encode_moment(report.valid_until),
    )


def _declared(declared: Declared) -> m.Answer[m.DeclarationData]:
    at, ends_at = declared.declared_at, declared.declared_at + DECLARATION_COUNTS
    return _done(m.DeclarationData(declared.number, values.encode_moment(at), values.encode_moment(ends_at)))


def _done(data: m.DataT) -> m.Answer[m.DataT]:
    return _answer(ReturnCode.OK, data)


def _answer(number: ReturnCode, data: m.DataT) -> m.Answer[m.DataT]:
    words = RETURN_CODES[number].words
    return m.Answer(number, words.zh, words.en, data)


def _check_consent(said: values.YesNo) -> None:
    if not values.is_yes(said):
        raise Refused(ProblemId.CONSENT_NEEDED, "the person has not consented")


def _check_role(caller: Caller, role: Role) -> None:
    if caller.role is not role:
        raise Refused(ProblemId.FORBIDDEN, f"the role {caller.role} may not ask for this")


def _document(type_name: str, number: str) -> Document:
    return normalise_document(type_name, number)


def _temperature(text: str | None, confirmed: values.YesNo | None) -> Temperature | None:
    return None if text is None else values.parse_temperature(text, confirmed=values.is_yes(confirmed))


def _token(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as wrong:
        raise Refused(ProblemId.TICKET_UNUSABLE) from wrong
