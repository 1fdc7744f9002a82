"""What a piece of an authority's evidence must be, and how long it is kept: the same by whatever way it comes in."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from tongxing.core.datasets import DATASET_OF, DATASETS, Part
from tongxing.core.errors import Refused
from tongxing.core.evidence import AUTHORITY_KINDS, CASE_CAUSES, HEALTH_KINDS, RESULTS, Evidence, EvidenceKind
from tongxing.core.limits import CLOCK_SKEW
from tongxing.core.problems import ProblemId
from tongxing.recognition.assessing import OBSERVATION

_COUNTS_FOR: Final[Mapping[EvidenceKind, timedelta]] = {
    EvidenceKind.ENTRY: OBSERVATION,
    EvidenceKind.DECLARATION: OBSERVATION,
    EvidenceKind.STAY: OBSERVATION,
    **dict.fromkeys(HEALTH_KINDS, OBSERVATION),
    EvidenceKind.TEST: OBSERVATION,
    EvidenceKind.ANTIGEN: OBSERVATION,
}
"""For how long what has no end of its own counts from its beginning."""

_UNTIL_ENDED: Final = frozenset({EvidenceKind.CASE, EvidenceKind.CONTACT, EvidenceKind.ISOLATION})
"""What counts until it is ended: an observation that nobody closed is never forgotten into a green."""


def check_authority(piece: Evidence, at: datetime) -> None:
    """Check that an authority can say this piece; ``at`` is now.

    Raises ``Refused(BAD_REQUEST)``, whose sentence quotes nothing of it: a kind that is a person's own to declare, a
    case of no kind of case, a result that its kind has not, parts that its dataset has not or lacks, an end before its
    beginning, a beginning in the future.
    """
    if piece.kind not in AUTHORITY_KINDS:
        raise Refused(ProblemId.BAD_REQUEST, f"a {piece.kind} is declared by the person alone")
    if (piece.cause is not None) != (piece.kind is EvidenceKind.CASE) or piece.cause not in {None, *CASE_CAUSES}:
        raise Refused(ProblemId.BAD_REQUEST, "a case, and nothing else, says which kind of case")
    if piece.result not in (RESULTS.get(piece.kind) or {None}):
        raise Refused(ProblemId.BAD_REQUEST, _result_words(piece))
    row = DATASETS[DATASET_OF[piece.kind]]
    given = {part for part in Part if getattr(piece, part.value) is not None}
    if not row.needed <= given <= row.needed | row.allowed:
        wrong = sorted((row.needed - given) | (given - row.needed - row.allowed))
        raise Refused(ProblemId.BAD_REQUEST, f"a {piece.kind} is written otherwise: {', '.join(wrong)}")
    check_span(piece.since, piece.until, at)


def check_span(since: datetime, until: datetime | None, at: datetime) -> None:
    """Check that something has begun and ends after that. Raises ``Refused(BAD_REQUEST)``."""
    if since > at + CLOCK_SKEW:
        raise Refused(ProblemId.BAD_REQUEST, "begins in the future")
    if until is not None and until < since:
        raise Refused(ProblemId.BAD_REQUEST, "ends before it begins")


def kept_until(piece: Evidence, at: datetime) -> datetime | None:
    """Return when a piece can be forgotten: None while it has no end. A tombstone outlives what it corrects."""
    kept = DATASETS[DATASET_OF[piece.kind]].kept
    if piece.retracted:
        return max(at, piece.until or at) + 2 * kept
    if piece.until is not None:
        return max(at, piece.until) + kept
    if piece.kind in _UNTIL_ENDED:
        return None
    return max(at, piece.since + _COUNTS_FOR.get(piece.kind, timedelta())) + kept


def _result_words(piece: Evidence) -> str:
    allowed = RESULTS.get(piece.kind)
    return f"a {piece.kind} has no result" if allowed is None else f"a {piece.kind} says {', '.join(sorted(allowed))}"
