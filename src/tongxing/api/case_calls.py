"""The calls about cases (纠错): opened by people and desks, told between nodes, decided by operators, counted."""

from collections.abc import Sequence
from datetime import datetime

from tongxing.api.calls import Call, NoQuery
from tongxing.api.case_messages import (
    CaseAnswer,
    CaseChoiceAnswer,
    CaseCountAnswer,
    CaseCountsAnswer,
    CaseDecisionMessage,
    CaseExaminationAnswer,
    CaseListQuery,
    CasesAnswer,
    CaseStepAnswer,
    MyCaseMessage,
    OpenCaseMessage,
)
from tongxing.api.messages import DocumentMessage
from tongxing.app.nodes import Gateway, Node
from tongxing.core.cases import (
    CLAIM_WORDS,
    DECISION_WORDS,
    GROUND_WORDS,
    GROUNDS_OF,
    STATE_WORDS,
    STEP_WORDS,
    Case,
    CaseDecision,
    CaseKind,
    CaseOpener,
    CaseStep,
    DecisionGround,
    case_state,
)
from tongxing.core.documents import normalise_document
from tongxing.core.words import FEDERATION, FEDERATION_NAME, RegionId, Sentence
from tongxing.services.case_messages import CaseMessage, StepsMessage, encode_steps
from tongxing.services.cases import CaseReference, CaseRequest
from tongxing.services.ports import Role


async def open_my_case(node: Gateway, call: Call[MyCaseMessage, NoQuery]) -> CaseAnswer:
    """Open a case of the signed-in person's; acknowledged with its number once it is durable."""
    told = call.body
    request = _request(OpenCaseMessage(told.claim, told.against, told.document, told.name), CaseOpener.CITIZEN)
    return _answer(node, await node.cases.intake.open_own(call.citizen, told.member, request))


async def tell_my_cases(node: Gateway, call: Call[None, NoQuery]) -> CasesAnswer:
    """Tell the signed-in person their cases and their children's, each with its clock and what happened to it."""
    return _answers(node, await node.cases.intake.cases_of(call.citizen))


async def withdraw_my_case(node: Gateway, call: Call[None, NoQuery]) -> CaseAnswer:
    """Take back a case of one's own that is not decided."""
    return _answer(node, await node.cases.intake.withdraw(call.citizen, call.path["number"]))


async def open_case(node: Gateway, call: Call[OpenCaseMessage, NoQuery]) -> CaseAnswer:
    """Open a case for somebody at a desk, or for the region's own system."""
    opened_by = CaseOpener.DESK if call.known_caller.role is Role.OPERATOR else CaseOpener.BACK_END
    return _answer(node, await node.cases.intake.open_for_document(_request(call.body, opened_by)))


async def take_in_case(node: Node, call: Call[CaseMessage, NoQuery]) -> StepsMessage:
    """Take in a case that another region tells; answer with what is known of it here."""
    case = await node.cases.desk.take_in(call.body, call.known_caller.region)
    return StepsMessage(encode_steps(case.steps))


async def list_cases(node: Node, call: Call[None, CaseListQuery]) -> CasesAnswer:
    """List what is to be decided here, by when it is due; at the hub what was escalated too."""
    cases = await node.cases.desk.list_cases(is_closed=call.query.closed, limit=call.query.limit)
    return _answers(node, cases)


async def examine_case(node: Node, call: Call[None, NoQuery]) -> CaseExaminationAnswer:
    """Tell an operator who a case is about; the person sees that it was taken up."""
    case, person = await node.cases.desk.examine(call.path["number"])
    return CaseExaminationAnswer(
        _answer(node, case),
        person.name,
        [DocumentMessage(document.type.value, document.number) for document in person.documents],
        [
            CaseChoiceAnswer(decision, ground, _decided(decision, ground))
            for decision in CaseDecision
            for ground in sorted(GROUNDS_OF[case.kind, decision])
        ],
    )


async def decide_case(node: Node, call: Call[CaseDecisionMessage, NoQuery]) -> CaseAnswer:
    """Decide a case that is this region's to decide, for good."""
    decided = call.body
    return _answer(node, await node.cases.desk.decide(call.path["number"], decided.decision, decided.ground))


async def count_cases(node: Node, _call: Call[None, NoQuery]) -> CaseCountsAnswer:
    """Tell everybody how many cases each region has, had and has let wait."""
    return CaseCountsAnswer(
        [
            CaseCountAnswer(
                region=count.decider,
                region_name=_name_of(count.decider, node.cases.reference),
                opened=count.opened,
                open=count.open,
                overdue=count.overdue,
                late=count.late,
                withdrawn=count.withdrawn,
                corrected=count.decided[CaseDecision.CORRECTED],
                upheld=count.decided[CaseDecision.UPHELD],
                rejected=count.decided[CaseDecision.REJECTED],
            )
            for count in await node.cases.desk.count_cases()
        ]
    )


def _request(message: OpenCaseMessage, opened_by: CaseOpener) -> CaseRequest:
    return CaseRequest(
        kind=CaseKind.OBJECTION,
        claim=message.claim,
        against=RegionId(message.against),
        opened_by=opened_by,
        document=normalise_document(message.document.type, message.document.number),
        name=message.name,
    )


def _answers(node: Node, cases: Sequence[Case]) -> CasesAnswer:
    return CasesAnswer([_answer(node, case) for case in cases])


def _answer(node: Node, case: Case) -> CaseAnswer:
    return describe_case(case, node.cases.reference, node.core.clock.now())


def describe_case(case: Case, reference: CaseReference, at: datetime) -> CaseAnswer:
    """Return a case as people read it."""
    state = case_state(case, at)
    return CaseAnswer(
        number=case.number,
        kind=case.kind,
        claim=case.claim,
        claim_sentence=CLAIM_WORDS[case.claim],
        opened_by=case.opened_by,
        opener=case.opener,
        decider=case.decider,
        decider_name=_name_of(case.decider, reference),
        state=state,
        state_sentence=STATE_WORDS[state],
        opened_at=case.opened_at,
        decide_by=case.decide_by,
        limit_at=case.limit_at,
        steps=[_step(step) for step in case.steps],
        now=at,
    )


def _step(step: CaseStep) -> CaseStepAnswer:
    sentence = STEP_WORDS[step.kind]
    if step.decision is not None and step.ground is not None:
        sentence = _decided(step.decision, step.ground)
    return CaseStepAnswer(step.kind, step.at, step.by, step.decision, step.ground, sentence)


def _decided(decision: CaseDecision, ground: DecisionGround) -> Sentence:
    said, why = DECISION_WORDS[decision], GROUND_WORDS[ground]
    return Sentence(f"{said.zh}：{why.zh}", f"{said.en}: {why.en}")


def _name_of(region: RegionId, reference: CaseReference) -> Sentence:
    if region == FEDERATION:
        return FEDERATION_NAME
    record = reference.find_record(region)
    return Sentence(region, region) if record is None else record.name
