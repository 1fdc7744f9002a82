"""What pages, desks and integrators send and get about cases. Every closed word comes with its sentences."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tongxing.api.messages import DocumentMessage, Hex16Bytes, Message, RegionNumber, ShortText
from tongxing.core.cases import (
    CaseClaim,
    CaseDecision,
    CaseKind,
    CaseOpener,
    CaseState,
    DecisionGround,
    StepKind,
)
from tongxing.core.words import Sentence
from tongxing.services.case_messages import CaseNumber

CASES_LISTED_MAX = 200


class OpenCaseMessage(Message, frozen=True):
    """What is said to be wrong with the status that region ``against`` set, and about whom. Sealed to that region."""

    claim: CaseClaim
    against: RegionNumber
    document: DocumentMessage
    name: ShortText


class MyCaseMessage(Message, frozen=True):
    """As ``OpenCaseMessage``, for the signed-in person or their child by the bond's id; the document must be theirs."""

    claim: CaseClaim
    against: RegionNumber
    document: DocumentMessage
    name: ShortText
    member: Hex16Bytes | None = None


class CaseDecisionMessage(Message, frozen=True):
    """How a case is decided, for good."""

    decision: CaseDecision
    ground: DecisionGround


class CaseListQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which cases: open ones, or those that are closed."""

    closed: bool = False
    limit: Annotated[int, Meta(ge=1, le=CASES_LISTED_MAX)] = 50


class CaseStepAnswer(msgspec.Struct, frozen=True):
    """One step, when, and by which region's word; what was decided and on what ground."""

    kind: StepKind
    at: datetime
    by: str
    decision: CaseDecision | None
    ground: DecisionGround | None
    sentence: Sentence


class CaseAnswer(msgspec.Struct, frozen=True):
    """A case with its clock. ``state`` is where it stands at ``now``."""

    number: CaseNumber
    kind: CaseKind
    claim: CaseClaim
    claim_sentence: Sentence
    opened_by: CaseOpener
    opener: str
    decider: str
    decider_name: Sentence
    state: CaseState
    state_sentence: Sentence
    opened_at: datetime
    decide_by: datetime
    limit_at: datetime
    steps: list[CaseStepAnswer]
    now: datetime


class CasesAnswer(msgspec.Struct, frozen=True):
    """Cases: one's own, the newest first; an operator's, by when they are due."""

    cases: list[CaseAnswer]


class CaseChoiceAnswer(msgspec.Struct, frozen=True):
    """A way to decide a case, on its ground."""

    decision: CaseDecision
    ground: DecisionGround
    sentence: Sentence


class CaseExaminationAnswer(msgspec.Struct, frozen=True):
    """A case with who it is about, and in what ways it can be decided."""

    case: CaseAnswer
    name: str
    documents: list[DocumentMessage]
    choices: list[CaseChoiceAnswer]


class CaseCountAnswer(msgspec.Struct, frozen=True):
    """The cases that one region has to decide. ``late``: decided after they should have been."""

    region: str
    region_name: Sentence
    opened: int
    open: int
    overdue: int
    late: int
    withdrawn: int
    corrected: int
    upheld: int
    rejected: int


class CaseCountsAnswer(msgspec.Struct, frozen=True):
    """Counts by the region that decides, as far as this node knows: its own, and those that it took in."""

    regions: list[CaseCountAnswer]
