"""The four kinds of error, by whose fault it is. Anything else is a bug and propagates.

TongxingError
├── Rejected      what was presented is at fault: verdict REFER, alarm where the reason says so
├── Undecidable   trust, rules or status are missing or stale: verdict REFER
├── Refused       the caller or operator is at fault: problem 4xx, CLI exit 2
└── Fault         we are at fault (store, settings): 5xx and an alarm, CLI exit 4; never a verdict

``Rejected`` and ``Undecidable`` carry a slug of the closed table in ``core.reasons``; ``Refused``
carries one of the closed table of problems in ``core.problems``.
"""

from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId


class TongxingError(Exception):
    """Any error that the system raises on purpose."""


class _WithReason(TongxingError):
    def __init__(self, reason: ReasonId, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


class Rejected(_WithReason):
    """What was presented cannot be accepted as a code."""


class Undecidable(_WithReason):
    """What was presented may be good, but what is needed to decide is missing or stale."""


class Refused(TongxingError):
    """The caller asked for something that is not allowed, not well-formed or not possible now."""

    def __init__(self, problem: ProblemId, detail: str = "", *, retry_after_seconds: float = 0.0) -> None:
        super().__init__(f"{problem}: {detail}" if detail else str(problem))
        self.problem = problem
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds
        """Who was asked wants to be asked again no sooner (``Retry-After``); 0 where nothing was said."""


class Fault(TongxingError):
    """We failed: a store, a file, a setting."""
