"""Evidence: what the federation's assessor weighs of one subject, piece by piece (domain sheet, *Report*)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tongxing.core.causes import Cause


class EvidenceKind(StrEnum):
    """What a piece of evidence is about. What a citizen declares is apart from what a health authority says."""

    CASE = "case"
    CONTACT = "contact"
    ENTRY = "entry"
    DECLARATION = "declaration"
    STAY = "stay"
    TEST = "test"
    ANTIGEN = "antigen"
    VACCINATION = "vaccination"
    RECOVERY = "recovery"
    ISOLATION = "isolation"
    FLIGHT = "flight"
    TRAIN = "train"
    HEALTH = "health"
    CONCERN = "concern"
    DECLARED_CONTACT = "declared_contact"


class ProofResult(StrEnum):
    """What a test found, or how far a vaccination has come."""

    NEGATIVE = "negative"
    POSITIVE = "positive"
    PARTIAL = "partial"
    COMPLETE = "complete"
    BOOSTED = "boosted"


_TESTED = frozenset({ProofResult.NEGATIVE, ProofResult.POSITIVE})
RESULTS: Mapping[EvidenceKind, frozenset[ProofResult]] = {
    EvidenceKind.TEST: _TESTED,
    EvidenceKind.ANTIGEN: _TESTED,
    EvidenceKind.VACCINATION: frozenset({ProofResult.PARTIAL, ProofResult.COMPLETE, ProofResult.BOOSTED}),
}
"""The results of each kind of evidence that has one, and then always."""

PROOF_KINDS = frozenset({*RESULTS, EvidenceKind.RECOVERY, EvidenceKind.ISOLATION})
"""What registers hold that proves something for a person. The assessor draws no cause from it."""

JOURNEY_KINDS = frozenset({EvidenceKind.FLIGHT, EvidenceKind.TRAIN})
"""What carriers hold: where a person boarded."""

AUTHORITY_KINDS = frozenset({EvidenceKind.CASE, EvidenceKind.CONTACT, EvidenceKind.ENTRY}) | PROOF_KINDS | JOURNEY_KINDS
"""What only an authority or a carrier can say; the rest is the person's own declaration."""

HEALTH_KINDS = frozenset({EvidenceKind.HEALTH, EvidenceKind.CONCERN, EvidenceKind.DECLARED_CONTACT})
"""What a person declared of their own health (``core.health_answers``), of which each declaration has one."""

CASE_CAUSES = frozenset({Cause.CONFIRMED_CASE, Cause.SUSPECTED_CASE, Cause.ASYMPTOMATIC_CASE, Cause.FEVER_CASE})
"""What kind of case a case can be."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece: ``ref`` is its source's own opaque number, ``revision`` counted by that source. Aware UTC.

    - ``CASE``: ``cause`` says which; ``since`` registered, ``until`` the discharge or the excluded suspicion.
    - ``CONTACT``: ``since`` the last contact, ``until`` the end of observation as the community reported it.
    - ``ENTRY``: ``since`` the entry from abroad, ``until`` the end of observation where it is another than usual.
    - ``DECLARATION``: ``since`` the moment of declaring; its stays are pieces of their own.
    - ``STAY``: in ``division`` from ``since`` to ``until``, None while the person is still there.
    - ``HEALTH``, ``CONCERN``, ``DECLARED_CONTACT``: ``since`` the moment of declaring one's own health.
    - ``TEST``, ``ANTIGEN``, ``VACCINATION``: ``since`` the sample or the dose, ``result`` what came of it.
    - ``RECOVERY``: ``since`` the recovery. ``ISOLATION``: from ``since`` to ``until``, None while it is under way.
    - ``FLIGHT``, ``TRAIN``: boarded in ``division``, the departure ``since``, the arrival ``until``.

    A retracted piece is a tombstone that outranks every lower revision.
    """

    kind: EvidenceKind
    ref: str
    revision: int
    since: datetime
    until: datetime | None = None
    division: str | None = None
    cause: Cause | None = None
    retracted: bool = False
    result: ProofResult | None = None
