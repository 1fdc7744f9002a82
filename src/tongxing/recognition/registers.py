"""What registers hold that proves something for a person: from evidence to the proofs that rules look at.

Of each kind only what decides is told: the newest test, recovery and isolation, the furthest vaccination. A kind
of which a register holds nothing is left unknown: the federation cannot say that its registers are complete.
Spec: domain sheet, *What must be monotone*, (b).
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Final

from tongxing.core.evidence import PROOF_KINDS, Evidence, EvidenceKind, ProofResult
from tongxing.core.proofs import Proof, ProofBasis, ProofKind

_UNDER_WAY: Final = timedelta(days=1)
"""An isolation without an end ends later than now: when is not known, and no rule asks."""

_TESTS: Final = frozenset({ProofKind.TEST, ProofKind.ANTIGEN})
_FURTHEST: Final = (ProofResult.PARTIAL, ProofResult.COMPLETE, ProofResult.BOOSTED)


def proofs_of(evidence: Iterable[Evidence], asked: AbstractSet[ProofKind], *, at: datetime) -> tuple[Proof, ...]:
    """Return at most one proof of each kind that is asked for, by kind; the order of ``evidence`` changes nothing.

    Of each piece the newest revision is expected; what is retracted or begins later than ``at`` is left out.
    """
    found: dict[ProofKind, Proof] = {}
    for piece in evidence:
        if piece.kind not in PROOF_KINDS or piece.retracted or piece.since > at:
            continue
        proof = _proof(piece, at)
        if proof.kind not in asked:
            continue
        known = found.setdefault(proof.kind, proof)
        if _rank(proof) > _rank(known):
            found[proof.kind] = proof
    return tuple(found[kind] for kind in ProofKind if kind in found)


def _proof(piece: Evidence, at: datetime) -> Proof:
    kind, result = ProofKind(piece.kind.value), piece.result
    is_vaccination = kind is ProofKind.VACCINATION
    moment = piece.since
    if piece.kind is EvidenceKind.ISOLATION:
        moment = at + _UNDER_WAY if piece.until is None else piece.until
    return Proof(
        kind=kind,
        at=moment,
        basis=ProofBasis.REGISTER,
        positive=result is ProofResult.POSITIVE if kind in _TESTS else None,
        complete=result in _FURTHEST[1:] if is_vaccination else None,
        boosted=is_vaccination and result is ProofResult.BOOSTED,
    )


def _rank(proof: Proof) -> tuple[bool, bool, datetime, bool]:
    """Return what decides between two proofs of a kind; of two tests of one moment the positive one."""
    return (proof.boosted, proof.complete is True, proof.at, proof.positive is True)
