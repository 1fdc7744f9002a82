"""Stage (6), its first half: ask the hub what other regions say of the same subject.

What cannot be had changes nothing of the presented report; the verdict then says *other regions not
consulted*, and the host's table says what that costs (domain sheet, *Combining*).
"""

from collections.abc import Generator
from dataclasses import replace
from datetime import datetime

from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.limits import CLOCK_SKEW, STATEMENT_LIFE
from tongxing.core.proofs import ProofKind
from tongxing.core.reasons import ReasonId
from tongxing.core.words import FEDERATION
from tongxing.crypto.suites import SignatureMismatch
from tongxing.recognition.knowledge import Knowledge
from tongxing.recognition.stages import Fetched, OthersFetched, OthersNeeded, Status, weigh_report
from tongxing.trust.directory import KeyUse
from tongxing.wire.consultation import ConsultationAnswer, parse_consultation_answer


def consult_others(
    status: Status, knowledge: Knowledge, at: datetime, asked: frozenset[ProofKind] = frozenset()
) -> Generator[OthersNeeded, Fetched, Status]:
    """Return ``status`` with what other regions say, where its issuer's statement lets the hub be asked.

    Of the kinds ``asked`` it has what registers hold; where they hold nothing, nobody knows.
    """
    if status.consultation is None:
        return status
    try:
        needed = replace(status.consultation, asked=asked)
        fetched = yield needed
        if not isinstance(fetched, OthersFetched):
            raise TypeError("the pipeline asked what others say")
        answer = accept_consultation_answer(fetched.data, needed.query_id, knowledge, at)
    except (Rejected, Undecidable):
        return status
    status.others = tuple(weigh_report(report, at) for report in answer.reports)
    status.proofs += tuple(proof for proof in answer.proofs if proof.kind in asked)
    status.others_consulted = True
    status.others_whole_until = answer.whole_until
    return status


def accept_consultation_answer(data: bytes, query_id: bytes, knowledge: Knowledge, at: datetime) -> ConsultationAnswer:
    """Check that the hub itself answered this host on this query now, and return what it said.

    Raises ``Rejected`` or ``Undecidable``. Spec: consultation, section 5.
    """
    unverified = parse_consultation_answer(data)
    key = knowledge.directory.find_key(FEDERATION, KeyUse.STATEMENT, unverified.kid, at)
    try:
        answer = unverified.answer_after(key.verify)
    except SignatureMismatch as mismatch:
        raise Rejected(ReasonId.STATEMENT_FORGED) from mismatch
    if answer.audience != knowledge.host or answer.query_id != query_id:
        raise Rejected(ReasonId.STATEMENT_FOR_ANOTHER_QUERY)
    if not answer.answered_at - CLOCK_SKEW <= at < answer.answered_at + STATEMENT_LIFE + CLOCK_SKEW:
        raise Undecidable(ReasonId.STATEMENT_OUT_OF_TIME)
    return answer
