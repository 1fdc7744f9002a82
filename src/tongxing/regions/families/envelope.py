"""What most families' answers are wrapped in: a return code, and the data beside it where all is well."""

from collections.abc import Mapping
from dataclasses import dataclass

from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import BackEndAnswer
from tongxing.regions.families.reading import AnswerObject, check_return_code, parse_answer


@dataclass(frozen=True, slots=True)
class Envelope:
    """The names of both fields, the return code that says that all is well, and the reasons for the others."""

    return_code: str
    data: str
    all_is_well: str
    reasons: Mapping[str, ReasonId]

    def open(self, answer: BackEndAnswer) -> AnswerObject:
        """Return the data of an answer; raises as ``parse_answer`` and ``check_return_code`` do."""
        return self.open_object(parse_answer(answer))

    def open_object(self, reply: AnswerObject) -> AnswerObject:
        """Return the data of an answer that has been read."""
        check_return_code(reply, self.return_code, self.all_is_well, self.reasons)
        return reply.object(self.data)
