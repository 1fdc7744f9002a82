"""The calls that the hub answers as the federation itself: evidence, declarations, its codes, its statements."""

from datetime import UTC
from typing import Final

from tongxing.api.calls import Call, NoQuery, Reply
from tongxing.api.gateway_calls import COSE
from tongxing.api.messages import (
    CodeAnswer,
    ConsultationMessage,
    CountAnswer,
    DeclarationAnswer,
    DeclarationMessage,
    EvidenceMessage,
    EvidenceRow,
    FederationExplanationMessage,
    NationalCodeMessage,
)
from tongxing.app.nodes import Hub
from tongxing.core.documents import normalise_document
from tongxing.core.errors import Refused
from tongxing.core.evidence import Evidence
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.recognition.assessing import DECLARATION_COUNTS
from tongxing.recognition.views import CitizenView
from tongxing.services.declarations import Declaration, DeclaredStay
from tongxing.services.peers import StatementRequest

_TOKEN_HEX_CHARACTERS: Final = 32


async def take_in_evidence(node: Hub, call: Call[EvidenceMessage, NoQuery]) -> CountAnswer:
    """Take in an authority's cases, contacts, entries and proofs; documents become subject keys and are not kept."""
    rows = [
        (
            normalise_document(row.document.type, row.document.number),
            _evidence(row),
        )
        for row in call.body.rows
    ]
    said = {dataset: moment.astimezone(UTC) for dataset, moment in call.body.complete_until.items()}
    count = await node.assessor.take_in(rows, names=[row.name for row in call.body.rows], complete_until=said)
    return CountAnswer(count.stored, count.same, count.older)


async def take_in_declaration(node: Hub, call: Call[DeclarationMessage, NoQuery]) -> DeclarationAnswer:
    """Take in a declaration of stays or of health that a gateway hands in for its citizen."""
    message = call.body
    stays = tuple(DeclaredStay(stay.division, stay.since, stay.until) for stay in message.stays)
    # Each gateway counts by itself: its number keeps one region's refs apart from another's.
    declaration = Declaration(f"{call.known_caller.region}.{message.ref}", stays, message.health)
    declared_at = await node.assessor.declare(parse_keys(message.subject_keys), declaration)
    return DeclarationAnswer(declared_at, declared_at + DECLARATION_COUNTS)


async def make_national_code(node: Hub, call: Call[NationalCodeMessage, NoQuery]) -> CodeAnswer:
    """Make a national code of the federation for a gateway's citizen, shown for about a minute."""
    made = await node.federation.make_code(parse_keys(call.body.subject_keys), call.body.masked_hint)
    return CodeAnswer(made.qr_text, made.expires_at)


async def make_federation_statement(node: Hub, call: Call[StatementRequest, NoQuery]) -> Reply:
    """State what is behind the extension token of one of the federation's own codes, once."""
    request = call.body
    if request.qr_text is not None or request.extension_token_hex is None:
        raise Refused(ProblemId.BAD_REQUEST, "the federation has no local codes: give extension_token_hex")
    query_id = _parse_hex16(request.query_id_hex, "query_id_hex")
    token = _parse_hex16(request.extension_token_hex, "extension_token_hex")
    return Reply(await node.federation.answer(call.known_caller.region, query_id, token), COSE)


async def explain_federation_verdict(node: Hub, call: Call[FederationExplanationMessage, NoQuery]) -> CitizenView:
    """Explain a verdict given anywhere on one of the federation's own codes, to the gateway of who showed it."""
    message = call.body
    return await node.explanations.explain(RegionId(message.host), message.ref, message.qr_texts)


async def answer_consultation(node: Hub, call: Call[ConsultationMessage, NoQuery]) -> Reply:
    """Say what other regions report of whoever is sealed in a consultation, signed for the calling region."""
    message = call.body
    answer = await node.federation.consult(
        call.known_caller.region,
        RegionId(message.issuer),
        bytes.fromhex(message.query_id_hex),
        bytes.fromhex(message.sealed_hex),
        frozenset(message.asked),
    )
    return Reply(answer, COSE)


def _evidence(row: EvidenceRow) -> Evidence:
    return Evidence(
        row.kind, row.ref, row.revision, row.since, row.until, row.division, row.cause, row.retracted, row.result
    )


def parse_keys(keys: list[str]) -> SubjectKeys:
    """Return the keys of one subject; their form was checked on the way in."""
    return tuple(SubjectKey(bytes.fromhex(key)) for key in keys)


def _parse_hex16(text: str, name: str) -> bytes:
    try:
        parsed = bytes.fromhex(text)
    except ValueError as wrong:
        raise Refused(ProblemId.BAD_REQUEST, f"{name}: not hexadecimal") from wrong
    if len(text) != _TOKEN_HEX_CHARACTERS:
        raise Refused(ProblemId.BAD_REQUEST, f"{name}: 16 bytes are needed")
    return parsed
