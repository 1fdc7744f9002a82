"""What a caller is told when a call fails (RFC 9457), and the one table between reasons and problems.

Inside, a code that cannot be accepted is a *reason*; to a caller that asked for something other than
a verdict it is a *problem*. The two worlds meet only in ``PROBLEM_OF_REASON``, which names every
reason. The reason's slug travels along as the extension member ``reason``, so that another gateway
can put it into its own verdict.

Departure from RFC 9457, section 3.1.3: ``title`` is English whatever the request's language; the
extension member ``title_zh`` says the same in Chinese.
"""

from dataclasses import dataclass
from typing import Final

import msgspec

from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.problems import PROBLEMS, ProblemId
from tongxing.core.reasons import ReasonId

DETAIL_MAX_CHARACTERS: Final = 300
_TYPE_PREFIX: Final = "urn:tongxing:problem:"

_CODE = ProblemId.CODE_NOT_CONFIRMED
_TICKET = ProblemId.TICKET_UNUSABLE
_AWAY = ProblemId.UPSTREAM_AWAY

PROBLEM_OF_REASON: dict[ReasonId, ProblemId] = {
    ReasonId.EMPTY_SCAN: _CODE,
    ReasonId.SCAN_TOO_LONG: _CODE,
    ReasonId.NOT_A_CODE: _CODE,
    ReasonId.WEB_ADDRESS: _CODE,
    ReasonId.MALFORMED_CODE: _CODE,
    ReasonId.UNSUPPORTED_VERSION: _CODE,
    ReasonId.PICTURE_UNREADABLE: _CODE,
    ReasonId.PICTURE_TOO_LARGE: _CODE,
    ReasonId.PICTURE_WITHOUT_CODE: _CODE,
    ReasonId.SEVERAL_CODES: _CODE,
    ReasonId.UNKNOWN_ISSUER: _CODE,
    ReasonId.ISSUER_SUSPENDED: _CODE,
    ReasonId.UNKNOWN_KEY: _CODE,
    ReasonId.ALGORITHM_REFUSED: _CODE,
    ReasonId.SIGNATURE_INVALID: _CODE,
    ReasonId.CODE_EXPIRED: _CODE,
    ReasonId.CODE_NOT_YET_VALID: _CODE,
    ReasonId.CODE_LIFE_TOO_LONG: _CODE,
    ReasonId.BUNDLE_TOO_OLD: _AWAY,
    ReasonId.SEALED_PART_UNREADABLE: _CODE,
    ReasonId.TICKET_UNKNOWN: _TICKET,
    ReasonId.TICKET_EXPIRED: _TICKET,
    ReasonId.TICKET_USED: _TICKET,
    ReasonId.GATEWAY_AWAY: _AWAY,
    ReasonId.GATEWAY_SLOW: _AWAY,
    ReasonId.SOURCE_AWAY: _AWAY,
    ReasonId.SOURCE_SLOW: _AWAY,
    ReasonId.SOURCE_UNREADABLE: _AWAY,
    ReasonId.SOURCE_REFUSED: _AWAY,
    ReasonId.OTHER_PERSONS_RECORD: _CODE,
    ReasonId.STATEMENT_FORGED: _CODE,
    ReasonId.STATUS_UNKNOWN: _CODE,
    ReasonId.REPORT_EXPIRED: _CODE,
    ReasonId.REPORT_PENDING: _CODE,
    ReasonId.NO_RECORD: _CODE,
    ReasonId.IDENTITY_MISMATCH: _CODE,
    ReasonId.EARLIER_REPORT_UNRESOLVED: _CODE,
    ReasonId.NOT_CHECKED_HERE: _CODE,
    ReasonId.LOW_LEVEL_LOW_ORIGIN: _CODE,
    ReasonId.LEVEL_HIGH: _CODE,
    ReasonId.LEVEL_MEDIUM: _CODE,
    ReasonId.ORIGIN_HIGH: _CODE,
    ReasonId.ORIGIN_MEDIUM: _CODE,
    ReasonId.ORIGIN_MIXED: _CODE,
    ReasonId.ORIGIN_UNKNOWN: _CODE,
    ReasonId.LOCAL_CONDITION: _CODE,
    ReasonId.NO_RULE_IN_FORCE: _AWAY,
}


class ProblemDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A problem as it is sent (RFC 9457, section 3), with two extension members."""

    type: str
    title: str
    title_zh: str
    status: int
    detail: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """How a call failed: the problem to tell, and the reason where there is one."""

    problem: ProblemId
    detail: str = ""
    reason: ReasonId | None = None

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
            )
        )


def describe_failure(error: Exception) -> Failure:
    """Return what to tell a caller of an error. Of our own faults nothing but that it was ours."""
    match error:
        case Refused():
            return Failure(error.problem, error.detail)
        case Rejected() | Undecidable():
            return Failure(PROBLEM_OF_REASON[error.reason], error.detail, error.reason)
        case _:
            return Failure(ProblemId.FAULT)
