"""Cases: what a person, a desk or a register says is wrong, with a number, a clock and an end (纠错, 申诉).

One mechanism for an objection against a state, for names or documents that do not fit, and for a wrong statement
that two documents are one person's. A case is decided by the region that set the state, never by the one that
took it in. What happened to it is a set of steps, each said by one region and once. Nothing in a case changes a
state: the region corrects its own record, and says so.

Specs: GB/T 38963, 6 (user health information error correction); terms by the deciding region's profile
(``regions.particulars.AppealTerm``). Invariants: a decision is never replaced; an undecided case is never forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tongxing.core.subjects import SubjectKey
from tongxing.core.words import RegionId, Sentence


class CaseKind(StrEnum):
    """What a case is about."""

    OBJECTION = "objection"
    NAME_MISMATCH = "name_mismatch"
    WRONG_LINK = "wrong_link"


class CaseClaim(StrEnum):
    """What is said to be wrong: a closed list, each for one kind of case."""

    NEVER_THERE = "never_there"
    NOT_A_CONTACT = "not_a_contact"
    ISOLATION_ENDED = "isolation_ended"
    TEST_MISSING = "test_missing"
    PERSONAL_DATA = "personal_data"
    ANOTHER_PERSON = "another_person"
    OTHER = "other"
    NAMES_DIFFER = "names_differ"
    NOT_MY_DOCUMENT = "not_my_document"


class CaseOpener(StrEnum):
    """Who brought a case in."""

    CITIZEN = "citizen"
    DESK = "desk"
    BACK_END = "back_end"
    SYSTEM = "system"


class CaseDecision(StrEnum):
    """What the deciding region said: put right, examined and stands, or not examined."""

    CORRECTED = "corrected"
    UPHELD = "upheld"
    REJECTED = "rejected"


class DecisionGround(StrEnum):
    """Why it was decided so: a closed list; which goes with what is said by ``GROUNDS_OF``."""

    DATA_WAS_WRONG = "data_was_wrong"
    CONDITION_ENDED = "condition_ended"
    ONE_PERSON = "one_person"
    TWO_PERSONS = "two_persons"
    DATA_CONFIRMED = "data_confirmed"
    CONDITION_LASTS = "condition_lasts"
    NOT_IDENTIFIED = "not_identified"
    NOT_OUR_STATE = "not_our_state"
    NO_SUCH_STATE = "no_such_state"


class StepKind(StrEnum):
    """What can happen to a case, in the order in which it is told. Each happens once."""

    OPENED = "opened"
    RECEIVED = "received"
    TAKEN_UP = "taken_up"
    ESCALATED = "escalated"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class CaseState(StrEnum):
    """Where a case stands at a moment."""

    WAITING = "waiting"
    RECEIVED = "received"
    EXAMINED = "examined"
    LATE = "late"
    OVERDUE = "overdue"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


CLAIMS_OF: Final[Mapping[CaseKind, frozenset[CaseClaim]]] = MappingProxyType(
    {
        CaseKind.OBJECTION: frozenset(
            {
                CaseClaim.NEVER_THERE,
                CaseClaim.NOT_A_CONTACT,
                CaseClaim.ISOLATION_ENDED,
                CaseClaim.TEST_MISSING,
                CaseClaim.PERSONAL_DATA,
                CaseClaim.ANOTHER_PERSON,
                CaseClaim.OTHER,
            }
        ),
        CaseKind.NAME_MISMATCH: frozenset({CaseClaim.NAMES_DIFFER}),
        CaseKind.WRONG_LINK: frozenset({CaseClaim.NOT_MY_DOCUMENT}),
    }
)

_NOT_EXAMINED: Final = frozenset(
    {DecisionGround.NOT_IDENTIFIED, DecisionGround.NOT_OUR_STATE, DecisionGround.NO_SUCH_STATE}
)
GROUNDS_OF: Final[Mapping[tuple[CaseKind, CaseDecision], frozenset[DecisionGround]]] = MappingProxyType(
    {
        (CaseKind.OBJECTION, CaseDecision.CORRECTED): frozenset(
            {DecisionGround.DATA_WAS_WRONG, DecisionGround.CONDITION_ENDED}
        ),
        (CaseKind.OBJECTION, CaseDecision.UPHELD): frozenset(
            {DecisionGround.DATA_CONFIRMED, DecisionGround.CONDITION_LASTS}
        ),
        (CaseKind.OBJECTION, CaseDecision.REJECTED): _NOT_EXAMINED,
        (CaseKind.NAME_MISMATCH, CaseDecision.CORRECTED): frozenset({DecisionGround.ONE_PERSON}),
        (CaseKind.NAME_MISMATCH, CaseDecision.UPHELD): frozenset({DecisionGround.TWO_PERSONS}),
        (CaseKind.NAME_MISMATCH, CaseDecision.REJECTED): _NOT_EXAMINED,
        (CaseKind.WRONG_LINK, CaseDecision.CORRECTED): frozenset({DecisionGround.TWO_PERSONS}),
        (CaseKind.WRONG_LINK, CaseDecision.UPHELD): frozenset({DecisionGround.ONE_PERSON}),
        (CaseKind.WRONG_LINK, CaseDecision.REJECTED): _NOT_EXAMINED,
    }
)
"""On what ground a case of a kind can be decided so. The ground also says what follows for a link of documents."""

SAID_BY_OPENER: Final = frozenset({StepKind.OPENED, StepKind.ESCALATED, StepKind.WITHDRAWN})
"""The steps that only the region which took a case in can say; the others are the deciding region's."""

KIND_WORDS: Final[Mapping[CaseKind, Sentence]] = MappingProxyType(
    {
        CaseKind.OBJECTION: Sentence("健康状态有误", "my status is wrong"),
        CaseKind.NAME_MISMATCH: Sentence("姓名或证件不一致", "names or documents do not fit"),
        CaseKind.WRONG_LINK: Sentence("证件关联有误", "a document is not mine"),
    }
)

CLAIM_WORDS: Final[Mapping[CaseClaim, Sentence]] = MappingProxyType(
    {
        CaseClaim.NEVER_THERE: Sentence("未到过所述地区或场所", "I was never in that area or place"),
        CaseClaim.NOT_A_CONTACT: Sentence("不是病例或密切接触者", "I am neither a case nor a contact"),
        CaseClaim.ISOLATION_ENDED: Sentence("隔离已经解除", "my isolation has ended"),
        CaseClaim.TEST_MISSING: Sentence("检测结果未更新", "a test of mine is missing"),
        CaseClaim.PERSONAL_DATA: Sentence("个人信息有误", "my personal data are wrong"),
        CaseClaim.ANOTHER_PERSON: Sentence("是他人的记录", "the record is another person's"),
        CaseClaim.OTHER: Sentence("其他", "something else"),
        CaseClaim.NAMES_DIFFER: Sentence("两处登记的姓名不一致", "two registers have different names"),
        CaseClaim.NOT_MY_DOCUMENT: Sentence("所关联的证件不是我的", "the linked document is not mine"),
    }
)

OPENER_WORDS: Final[Mapping[CaseOpener, Sentence]] = MappingProxyType(
    {
        CaseOpener.CITIZEN: Sentence("本人", "the person"),
        CaseOpener.DESK: Sentence("服务窗口", "a service desk"),
        CaseOpener.BACK_END: Sentence("本地健康码系统", "the region's own system"),
        CaseOpener.SYSTEM: Sentence("系统比对", "a comparison of registers"),
    }
)

DECISION_WORDS: Final[Mapping[CaseDecision, Sentence]] = MappingProxyType(
    {
        CaseDecision.CORRECTED: Sentence("已更正", "corrected"),
        CaseDecision.UPHELD: Sentence("经核实维持不变", "examined; it stands"),
        CaseDecision.REJECTED: Sentence("不予受理", "not examined"),
    }
)

GROUND_WORDS: Final[Mapping[DecisionGround, Sentence]] = MappingProxyType(
    {
        DecisionGround.DATA_WAS_WRONG: Sentence("数据有误", "the data were wrong"),
        DecisionGround.CONDITION_ENDED: Sentence("原因已消除", "the cause had ended"),
        DecisionGround.ONE_PERSON: Sentence("核实为同一人", "it is one person"),
        DecisionGround.TWO_PERSONS: Sentence("核实为不同的人", "they are two people"),
        DecisionGround.DATA_CONFIRMED: Sentence("数据经核实无误", "the data were confirmed"),
        DecisionGround.CONDITION_LASTS: Sentence("原因仍然存在", "the cause still holds"),
        DecisionGround.NOT_IDENTIFIED: Sentence(
            "无法核实身份，请携带证件到服务窗口", "who asks could not be confirmed; come to a desk with the document"
        ),
        DecisionGround.NOT_OUR_STATE: Sentence("并非本地所赋状态", "another region set this status"),
        DecisionGround.NO_SUCH_STATE: Sentence("目前没有这样的状态", "there is no such status now"),
    }
)

STEP_WORDS: Final[Mapping[StepKind, Sentence]] = MappingProxyType(
    {
        StepKind.OPENED: Sentence("已登记并受理", "opened and acknowledged"),
        StepKind.RECEIVED: Sentence("办理地区收到", "received by the region that decides"),
        StepKind.TAKEN_UP: Sentence("开始核实", "taken up for examination"),
        StepKind.ESCALATED: Sentence("超过最长时限，已报国家平台", "beyond its limit; told to the national platform"),
        StepKind.DECIDED: Sentence("办结", "decided"),
        StepKind.WITHDRAWN: Sentence("本人撤回", "withdrawn by the person"),
    }
)

STATE_WORDS: Final[Mapping[CaseState, Sentence]] = MappingProxyType(
    {
        CaseState.WAITING: Sentence("已登记，正在转交", "registered; being handed on"),
        CaseState.RECEIVED: Sentence("办理地区已收到", "received by the region that decides"),
        CaseState.EXAMINED: Sentence("正在核实", "being examined"),
        CaseState.LATE: Sentence("已超过办结时限", "later than it should be decided"),
        CaseState.OVERDUE: Sentence("已超过最长时限，已报国家平台", "overdue; told to the national platform"),
        CaseState.DECIDED: Sentence("已办结", "decided"),
        CaseState.WITHDRAWN: Sentence("已撤回", "withdrawn"),
    }
)


@dataclass(frozen=True, slots=True)
class CaseStep:
    """What happened to a case, when and by which region's word; ``decision`` and ``ground`` for DECIDED only."""

    kind: StepKind
    at: datetime
    by: RegionId
    decision: CaseDecision | None = None
    ground: DecisionGround | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Case:
    """A case without its person's name or number.

    ``number`` names it: the region that took it in, the day, eight unforeseeable characters. ``subject`` is whom it is
    about, ``about`` the other document of a mismatch or a link. Due to be decided by ``decide_by``, and at the very
    latest by ``limit_at``; both count from its first step.
    """

    number: str
    kind: CaseKind
    claim: CaseClaim
    opened_by: CaseOpener
    subject: SubjectKey
    opener: RegionId
    decider: RegionId
    decide_by: datetime
    limit_at: datetime
    steps: tuple[CaseStep, ...]
    about: SubjectKey | None = None

    @property
    def opened_at(self) -> datetime:
        """When it was opened, which is when it was acknowledged."""
        return self.steps[0].at

    def step(self, kind: StepKind) -> CaseStep | None:
        """Return the step of a kind, or None while it has not happened."""
        return next((step for step in self.steps if step.kind is kind), None)

    @property
    def is_closed(self) -> bool:
        """True once it was decided or withdrawn."""
        return self.step(StepKind.DECIDED) is not None or self.step(StepKind.WITHDRAWN) is not None


def case_state(case: Case, at: datetime) -> CaseState:
    """Return where a case stands at a moment: its end first, then its clock, then how far it has come."""
    if case.step(StepKind.DECIDED) is not None:
        return CaseState.DECIDED
    if case.step(StepKind.WITHDRAWN) is not None:
        return CaseState.WITHDRAWN
    if at >= case.limit_at:
        return CaseState.OVERDUE
    if at >= case.decide_by:
        return CaseState.LATE
    if case.step(StepKind.TAKEN_UP) is not None:
        return CaseState.EXAMINED
    return CaseState.WAITING if case.step(StepKind.RECEIVED) is None else CaseState.RECEIVED
