"""A case on its way between two nodes: closed structs, and what each side may say in them.

The region that took a case in tells it, again and again until it is closed; whoever is told answers with all steps
that are known there. So a lost answer loses nothing. Who the case is about travels sealed to the deciding region
(HPKE, ``crypto.sealing``), bound to the case's number.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tongxing.core.cases import (
    CLAIMS_OF,
    SAID_BY_OPENER,
    Case,
    CaseClaim,
    CaseDecision,
    CaseKind,
    CaseOpener,
    CaseStep,
    DecisionGround,
    StepKind,
)
from tongxing.core.errors import Refused
from tongxing.core.limits import CLOCK_SKEW
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document, DocumentType, SubjectKey
from tongxing.core.words import FEDERATION, RegionId
from tongxing.services.case_ports import HeldCase

CASE_LIMIT_MAX: Final = timedelta(days=30)
"""No region gives itself longer than that; a clock that says so is a mistake."""

NUMBER_PATTERN: Final = r"^([0-9]{2}|[0-9]{4})-[0-9]{8}-[0-9A-HJKMNP-TV-Z]{8}\Z"
_SUBJECT: Final = r"^[0-9a-f]{66}\Z"
_REGION: Final = r"^([0-9]{2}|[0-9]{4})\Z"

CaseNumber = Annotated[
    str, Meta(pattern=NUMBER_PATTERN, description="region that took it in, day, eight characters: 45-20200321-7KQ3M9XD")
]
_Region = Annotated[str, Meta(pattern=_REGION)]
_Subject = Annotated[str, Meta(pattern=_SUBJECT, description="subject key: 33 bytes in hexadecimal")]
_Moment = Annotated[datetime, Meta(tz=True)]


class StepMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a case."""

    kind: StepKind
    at: _Moment
    by: _Region
    decision: CaseDecision | None = None
    ground: DecisionGround | None = None


class StepsMessage(msgspec.Struct, frozen=True):
    """All steps of a case that a node knows, durably."""

    steps: Annotated[list[StepMessage], Meta(max_length=len(StepKind))]


class CaseMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A case as the region that took it in tells it. ``sealed_hex`` is for the deciding region alone."""

    number: CaseNumber
    kind: CaseKind
    claim: CaseClaim
    opened_by: CaseOpener
    subject: _Subject
    opener: _Region
    decider: _Region
    decide_by: _Moment
    limit_at: _Moment
    steps: Annotated[list[StepMessage], Meta(min_length=1, max_length=len(StepKind))]
    about: _Subject | None = None
    sealed_hex: Annotated[str, Meta(pattern=r"^([0-9a-f]{2}){49,1024}\Z")] | None = None


def encode_steps(steps: tuple[CaseStep, ...]) -> list[StepMessage]:
    """Return steps as they are told."""
    return [StepMessage(step.kind, step.at, step.by, step.decision, step.ground) for step in steps]


def parse_steps(messages: list[StepMessage]) -> tuple[CaseStep, ...]:
    """Return steps that were told. Raises Refused(BAD_REQUEST) unless a decision, and it alone, has its ground."""
    for told in messages:
        is_whole = told.decision is not None and told.ground is not None
        if is_whole != (told.kind is StepKind.DECIDED) or (told.decision is None) != (told.ground is None):
            raise Refused(ProblemId.BAD_REQUEST, "a decision, and nothing else, says what and on what ground")
    return tuple(
        CaseStep(told.kind, told.at.astimezone(UTC), RegionId(told.by), told.decision, told.ground) for told in messages
    )


def encode_case(held: HeldCase) -> CaseMessage:
    """Return a case as it is told to the region that decides, or to the hub."""
    case = held.case
    return CaseMessage(
        number=case.number,
        kind=case.kind,
        claim=case.claim,
        opened_by=case.opened_by,
        subject=case.subject.hex(),
        opener=case.opener,
        decider=case.decider,
        decide_by=case.decide_by,
        limit_at=case.limit_at,
        steps=encode_steps(case.steps),
        about=None if case.about is None else case.about.hex(),
        sealed_hex=None if held.sealed is None else held.sealed.hex(),
    )


def parse_case(message: CaseMessage, sender: RegionId, own: RegionId, at: datetime) -> HeldCase:
    """Return a case that ``sender`` tells node ``own``, with the steps that it may say.

    The sender's word counts for the sender's steps; what the deciding region said it says itself, except to the hub,
    which only keeps an escalated case. Raises Refused: FORBIDDEN (another region's case), BAD_REQUEST (a clock or claim
    that no case has).
    """
    if message.opener != sender or not message.number.startswith(f"{sender}-"):
        raise Refused(ProblemId.FORBIDDEN, "a region tells its own cases only")
    if own not in {message.decider, FEDERATION}:
        raise Refused(ProblemId.FORBIDDEN, "this case is another region's to decide")
    steps = parse_steps(message.steps)
    opened = steps[0]
    if message.claim not in CLAIMS_OF[message.kind] or opened.kind is not StepKind.OPENED:
        raise Refused(ProblemId.BAD_REQUEST, "a case begins with its opening, and its claim is of its kind")
    decide_by, limit_at = message.decide_by.astimezone(UTC), message.limit_at.astimezone(UTC)
    if not (opened.at <= at + CLOCK_SKEW and opened.at <= decide_by <= limit_at <= opened.at + CASE_LIMIT_MAX):
        raise Refused(ProblemId.BAD_REQUEST, "the case's clock runs backwards, or for longer than any does")
    case = Case(
        number=message.number,
        kind=message.kind,
        claim=message.claim,
        opened_by=message.opened_by,
        subject=SubjectKey(bytes.fromhex(message.subject)),
        opener=sender,
        decider=RegionId(message.decider),
        decide_by=decide_by,
        limit_at=limit_at,
        steps=tuple(step for step in steps if _may_say(step, sender, message.decider, own)),
        about=None if message.about is None else SubjectKey(bytes.fromhex(message.about)),
    )
    return HeldCase(case, None if message.sealed_hex is None else bytes.fromhex(message.sealed_hex))


def _may_say(step: CaseStep, sender: RegionId, decider: str, own: RegionId) -> bool:
    if step.kind in SAID_BY_OPENER:
        return step.by == sender
    return own == FEDERATION != decider and step.by == decider


class _Sealed(msgspec.Struct, frozen=True):
    name: str
    documents: tuple[tuple[str, str], ...]


_DECODER: Final = msgspec.msgpack.Decoder(_Sealed)


class CasePerson(msgspec.Struct, frozen=True):
    """Who a case is about, for whoever decides: the name as it was given, and the documents."""

    name: str
    documents: tuple[Document, ...]

    def __repr__(self) -> str:
        return f"CasePerson({len(self.documents)} documents)"


def encode_person(person: CasePerson) -> bytes:
    """Return who a case is about, ready to be sealed."""
    documents = tuple((document.type.value, document.number) for document in person.documents)
    return msgspec.msgpack.encode(_Sealed(person.name, documents))


def parse_person(data: bytes) -> CasePerson:
    """Return who a case is about. Raises Refused(BAD_REQUEST) for what another node sealed wrongly."""
    try:
        read = _DECODER.decode(data)
        documents = tuple(Document(DocumentType(type_), number) for type_, number in read.documents)
    except (msgspec.MsgspecError, ValueError) as wrong:
        raise Refused(ProblemId.BAD_REQUEST, "what the case sealed cannot be read") from wrong
    return CasePerson(read.name, documents)
