"""The calls of the three ways, of people without a phone and of printed codes, at a gateway."""

import time
from typing import Final

from tongxing.api.calls import Call, NoQuery, Reply
from tongxing.api.guard_words import read_entered
from tongxing.api.messages import DocumentMessage
from tongxing.api.way_messages import (
    CarriedStatementAnswer,
    CarriedStatementMessage,
    ConversionAnswer,
    ConversionMessage,
    DocumentScanMessage,
    LookAnswer,
    LookQueryMessage,
    LooksAnswer,
    LossAnswer,
    PrintedCodeAnswer,
    PrintedCodeMessage,
    RecognitionAnswer,
    RecognitionMessage,
)
from tongxing.app.nodes import Gateway
from tongxing.core.checkpoints import Temperature
from tongxing.core.documents import normalise_document
from tongxing.core.errors import Refused
from tongxing.core.looks import PURPOSE_WORDS, Look
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document
from tongxing.core.words import RegionId, Sentence
from tongxing.recognition.view_words import Words
from tongxing.recognition.views import GuardView
from tongxing.regions.rendering import LOSS_WORDS
from tongxing.services.access import Caller
from tongxing.services.conversions import Displayed
from tongxing.services.looks import Looker, TotalLooks, ground_of
from tongxing.services.observing import Stretch
from tongxing.services.verification import Passing
from tongxing.services.way_ports import ConversionStatementRequest

COSE: Final = "application/cose"
_QUERY_ID_BYTES: Final = 16


async def recognise_visitor(node: Gateway, call: Call[RecognitionMessage, NoQuery]) -> RecognitionAnswer:
    """Tell the region's own system what other regions say of a visitor (way 1); recorded as a look."""
    message = call.body
    ground = ground_of(consent=message.consent, presence=message.presence)
    recognition = await node.ways.recognitions.recognise(
        _document(message.document), message.purpose, ground, _looker(call.known_caller), message.person_ref
    )
    told = recognition.recognised
    return RecognitionAnswer(
        told.level,
        told.standing,
        told.issuer,
        told.as_of,
        told.valid_until,
        _words(told.sentence),
        None if told.issuer == node.core.settings.region_id else told.issuer,
        recognition.others_consulted,
        told.origin_division,
    )


async def convert_code(node: Gateway, call: Call[ConversionMessage, NoQuery]) -> ConversionAnswer:
    """Convert a visitor's code into this region's (way 2), with the visitor's consent."""
    message, desk = call.body, node.ways.conversions
    ground = ground_of(consent=message.consent, presence=False)
    match message:
        case ConversionMessage(qr_text=str(qr_text), statement_hex=None, document=None):
            return _displayed(await desk.convert_shown(qr_text))
        case ConversionMessage(qr_text=None, statement_hex=str(carried), document=DocumentMessage() as document):
            return _displayed(await desk.convert_carried(bytes.fromhex(carried), _document(document)))
        case ConversionMessage(qr_text=None, statement_hex=None, document=DocumentMessage() as document):
            looker = _looker(call.known_caller)
            return _displayed(await desk.convert_asked(_document(document), ground, looker))
        case _:
            raise Refused(ProblemId.BAD_REQUEST, "give qr_text, or statement_hex with document, or document")


async def display_conversion(node: Gateway, call: Call[None, NoQuery]) -> ConversionAnswer:
    """Show a converted code: its source is evaluated anew."""
    return _displayed(await node.ways.conversions.display(call.path["conversion_id"]))


async def make_conversion_statement(node: Gateway, call: Call[ConversionStatementRequest, NoQuery]) -> Reply:
    """State what this region says of one of its people, for the asking region to convert."""
    request = call.body
    if not request.consent:
        raise Refused(ProblemId.CONSENT_NEEDED, "a conversion needs the person's consent")
    query_id = _parse_hex(request.query_id_hex, "query_id_hex")
    if len(query_id) != _QUERY_ID_BYTES:
        raise Refused(ProblemId.BAD_REQUEST, f"query_id_hex: {_QUERY_ID_BYTES} bytes are needed")
    token = None
    if request.renewal_token_hex is not None:
        token = _parse_hex(request.renewal_token_hex, "renewal_token_hex")
    audience = call.known_caller.region
    return Reply(await node.ways.conversion_statements.answer(audience, query_id, request.qr_text, token), COSE)


async def make_carried_statement(node: Gateway, call: Call[CarriedStatementMessage, NoQuery]) -> CarriedStatementAnswer:
    """Make a statement for one of this region's people to carry to another region."""
    message = call.body
    ground = ground_of(consent=message.consent, presence=False)
    carried = await node.ways.conversion_statements.carry(
        _document(message.document),
        message.name,
        RegionId(message.audience),
        ground,
        _looker(call.known_caller),
        message.qr_text,
    )
    return CarriedStatementAnswer(carried.data.hex(), carried.expires_at)


async def verify_document(node: Gateway, call: Call[DocumentScanMessage, NoQuery]) -> GuardView:
    """Decide on a person without a phone by the document that the guard has typed; recorded as a look."""
    started = time.perf_counter()
    message, caller = call.body, call.known_caller
    if not message.presence:
        raise Refused(ProblemId.CONSENT_NEEDED, "a guard types a document in the person's presence only")
    told = message.temperature
    temperature = None if told is None else Temperature(told.decicelsius, told.confirmed)
    passing = Passing(
        caller.key_id,
        caller.site,
        message.place_kind,
        message.direction,
        temperature,
        read_entered(message, node.core.clock.now()),
        caller.division,
    )
    verified = await node.ways.documents.verify(_document(message.document), message.purpose, passing)
    node.core.observer.stretch_took(Stretch.VERIFY, time.perf_counter() - started)
    call.trace.verdict = verified.verdict
    return verified.guard


async def issue_printed_code(node: Gateway, call: Call[PrintedCodeMessage, NoQuery]) -> PrintedCodeAnswer:
    """Issue a printed code, which carries no status; an earlier one counts no more."""
    message = call.body
    ground = ground_of(consent=message.consent, presence=message.presence)
    made = await node.ways.printed_codes.issue(
        _document(message.document), message.name, ground, _looker(call.known_caller)
    )
    return PrintedCodeAnswer(made.qr_text, made.expires_at)


async def tell_looks(node: Gateway, call: Call[LookQueryMessage, NoQuery]) -> LooksAnswer:
    """Tell a signed-in person who has looked them up, here and in other regions."""
    keys = await node.subject_keys.keys_of(_document(call.body.document))
    return describe_looks(await node.ways.looks.looks_at(keys))


def describe_looks(told: TotalLooks) -> LooksAnswer:
    """Return looks as the person whom they were at is told of them."""
    return LooksAnswer([_look(look) for look in told.looks], told.is_whole)


def _look(look: Look) -> LookAnswer:
    words = _words(PURPOSE_WORDS[look.purpose])
    return LookAnswer(look.at, look.region, look.looker, look.site, look.purpose, words, look.ground)


def _displayed(shown: Displayed) -> ConversionAnswer:
    rendered = shown.rendered
    return ConversionAnswer(
        conversion_id=shown.conversion_id,
        qr_text=shown.qr_text,
        expires_at=shown.expires_at,
        renewed=shown.renewed,
        standing=None if rendered is None else rendered.standing,
        status=None if rendered is None else rendered.value,
        colour=None if rendered is None else rendered.colour,
        label=None if rendered is None or rendered.label is None else _words(rendered.label),
        losses=[] if rendered is None else [LossAnswer(loss, _words(LOSS_WORDS[loss])) for loss in rendered.losses],
        derived_from=shown.derived_from,
        as_of=shown.as_of,
        masked_hint=shown.masked_hint,
        sentence=_words(shown.sentence),
        others_consulted=shown.others_consulted,
    )


def _document(message: DocumentMessage) -> Document:
    return normalise_document(message.type, message.number)


def _looker(caller: Caller) -> Looker:
    return Looker(caller.key_id, caller.site or caller.key_id)


def _words(sentence: Sentence) -> Words:
    return Words(sentence.zh, sentence.en)


def _parse_hex(text: str, name: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as wrong:
        raise Refused(ProblemId.BAD_REQUEST, f"{name}: not hexadecimal") from wrong
