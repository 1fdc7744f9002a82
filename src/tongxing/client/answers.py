"""What a node answered instead of what was asked: a problem (RFC 9457), or a return code of GB/T 38963-2020.

Refused                    no usable answer: ``problem`` is ``UPSTREAM_AWAY``, ``detail`` says why
├── ProblemAnswered        the node's problem, with its whole document
└── ReturnCodeAnswered     the same from the face of GB/T 38963-2020
"""

from typing import NoReturn

import msgspec

from tongxing.api.gb38963.messages import FailureAnswer
from tongxing.api.problems import ProblemDocument
from tongxing.connectors.http_exchange import HttpAnswer
from tongxing.connectors.problems import TYPE_PREFIX
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId


class ProblemAnswered(Refused):
    """The node refused; ``problem`` is from the closed table, ``document`` has words, reason and counter-example."""

    def __init__(self, problem: ProblemId, document: ProblemDocument, retry_after_seconds: float = 0.0) -> None:
        super().__init__(problem, document.detail, retry_after_seconds=retry_after_seconds)
        self.status = document.status
        self.document = document


class ReturnCodeAnswered(Refused):
    """A call of GB/T 38963-2020 failed; ``document`` has the return code and its words."""

    def __init__(self, problem: ProblemId, status: int, document: FailureAnswer) -> None:
        super().__init__(problem, document.return_message_en)
        self.status = status
        self.document = document


def raise_failure(answer: HttpAnswer, who: str) -> NoReturn:
    """Raise what an answer that is no success says. Raises ``Refused``: as a subclass where the node told a problem."""
    try:
        if answer.content_type.startswith("application/problem+json"):
            document = msgspec.json.decode(answer.body, type=ProblemDocument)
            problem = ProblemId(document.type.removeprefix(TYPE_PREFIX))
            raise ProblemAnswered(problem, document, answer.retry_after_seconds)
        told = msgspec.json.decode(answer.body, type=FailureAnswer)
        raise ReturnCodeAnswered(ProblemId(told.problem), answer.status, told)
    except (msgspec.MsgspecError, ValueError) as unreadable:
        raise Refused(ProblemId.UPSTREAM_AWAY, f"{who}: status {answer.status}") from unreadable
