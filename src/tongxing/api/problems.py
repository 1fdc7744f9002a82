"""What a caller is told when a call fails (RFC 9457), and the one table between reasons and problems.

Inside, a code that cannot be accepted is a *reason*; to a caller that asked for something other than
a verdict it is a *problem*. The two worlds meet only in the table below. The reason's slug travels
along as the extension member ``reason``, so that another gateway can put it into its own verdict. A rule table
that was refused for what it says brings its counter-example as ``finding``: a sentence and runnable inputs.

Departure from RFC 9457, section 3.1.3: ``title`` is English whatever the request's language; the
extension member ``title_zh`` says the same in Chinese.
"""

from dataclasses import dataclass
from typing import Final

import msgspec

from tongxing.api.rule_answers import describe_finding
from tongxing.api.rule_messages import FindingAnswer
from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.problems import PROBLEMS, ProblemId
from tongxing.core.reasons import REASONS, ReasonId, Stage
from tongxing.rules.findings import Finding, RulesRefused

DETAIL_MAX_CHARACTERS: Final = 300
_TYPE_PREFIX: Final = "urn:tongxing:problem:"

PROBLEM_OF_STAGE: dict[Stage, ProblemId] = {
    Stage.READ: ProblemId.CODE_NOT_CONFIRMED,
    Stage.AUTHENTICATE: ProblemId.CODE_NOT_CONFIRMED,
    Stage.TIME: ProblemId.CODE_NOT_CONFIRMED,
    Stage.STATUS: ProblemId.UPSTREAM_AWAY,
    Stage.TRANSLATE: ProblemId.CODE_NOT_CONFIRMED,
    Stage.COMBINE: ProblemId.CODE_NOT_CONFIRMED,
    Stage.DECIDE: ProblemId.CODE_NOT_CONFIRMED,
    Stage.RECORD: ProblemId.FAULT,
}
"""The table between the two worlds: which problem a reason of each stage is."""

PROBLEM_OF_REASON: dict[ReasonId, ProblemId] = {
    ReasonId.BUNDLE_TOO_OLD: ProblemId.UPSTREAM_AWAY,
    ReasonId.NO_RULE_IN_FORCE: ProblemId.UPSTREAM_AWAY,
    ReasonId.TICKET_UNKNOWN: ProblemId.TICKET_UNUSABLE,
    ReasonId.TICKET_EXPIRED: ProblemId.TICKET_UNUSABLE,
    ReasonId.TICKET_USED: ProblemId.TICKET_UNUSABLE,
    ReasonId.SEALED_PART_UNREADABLE: ProblemId.CODE_NOT_CONFIRMED,
    ReasonId.OTHER_PERSONS_RECORD: ProblemId.CODE_NOT_CONFIRMED,
    ReasonId.STATEMENT_FORGED: ProblemId.CODE_NOT_CONFIRMED,
    ReasonId.STATEMENT_FOR_ANOTHER_QUERY: ProblemId.CODE_NOT_CONFIRMED,
}
"""The reasons that are another problem than the rest of their stage."""


class ProblemDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A problem as it is sent (RFC 9457, section 3), with three extension members.

    ``finding`` is the counter-example to a rule table that was refused for what it says.
    """

    type: str
    title: str
    title_zh: str
    status: int
    detail: str = ""
    reason: str = ""
    finding: FindingAnswer | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """How a call failed: the problem to tell, and the reason or the counter-example where there is one."""

    problem: ProblemId
    detail: str = ""
    reason: ReasonId | None = None
    finding: Finding | None = None

    @property
    def status(self) -> int:
        """The HTTP status."""
        return PROBLEMS[self.problem].status

    def encode(self) -> bytes:
        """Return the ``application/problem+json`` body."""
        row = PROBLEMS[self.problem]
        return msgspec.json.encode(
            ProblemDocument(
                type=f"{_TYPE_PREFIX}{self.problem}",
                title=row.title.en,
                title_zh=row.title.zh,
                status=row.status,
                detail=self.detail[:DETAIL_MAX_CHARACTERS],
                reason=self.reason or "",
                finding=None if self.finding is None else describe_finding(self.finding),
            )
        )


def describe_failure(error: Exception) -> Failure:
    """Return what to tell a caller of an error. Of our own faults nothing but that it was ours."""
    match error:
        case RulesRefused():
            return Failure(error.problem, error.detail, finding=error.finding)
        case Refused():
            return Failure(error.problem, error.detail)
        case Rejected() | Undecidable():
            return Failure(problem_of(error.reason), error.detail, error.reason)
        case _:
            return Failure(ProblemId.FAULT)


def problem_of(reason: ReasonId) -> ProblemId:
    """Return the problem that a reason is to a caller who did not ask for a verdict."""
    return PROBLEM_OF_REASON.get(reason, PROBLEM_OF_STAGE[REASONS[reason].stage])
