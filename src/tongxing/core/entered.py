"""What a guard enters of a person beside the code: groups they belong to, proofs on paper, what was looked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tongxing.core.groups import Group
from tongxing.core.limits import CLOCK_SKEW
from tongxing.core.proofs import Proof, ProofKind

SHOWN_MAX: Final = 8
"""Nobody shows a guard more papers than that."""

FOREIGN_TEXTS_MAX: Final = 8
"""Texts of foreign codes beside one health code: a card's chunks count one each."""


@dataclass(frozen=True, slots=True)
class Entered:
    """One person as a guard describes them. ``asked`` are the kinds of proof that were looked for.

    ``foreign_texts`` are texts of foreign codes scanned beside, at most ``FOREIGN_TEXTS_MAX``, and ``document_name``
    is the name as the guard reads it on the identity document, to compare with theirs.
    """

    groups: frozenset[Group] = frozenset()
    proofs: tuple[Proof, ...] = ()
    asked: frozenset[ProofKind] = frozenset()
    foreign_texts: tuple[str, ...] = ()
    document_name: str = ""

    @property
    def kinds_asked(self) -> frozenset[ProofKind]:
        """The kinds that were looked for: what was shown was looked for too."""
        return self.asked | {proof.kind for proof in self.proofs} if self.proofs else self.asked


NOTHING_ENTERED: Final = Entered()


def check_moment(proof: Proof, at: datetime) -> None:
    """Raise ``ValueError`` for a proof of the future. Only an isolation that is under way ends there."""
    if proof.at > at + CLOCK_SKEW and proof.kind is not ProofKind.ISOLATION:
        raise ValueError("a proof of the future")
