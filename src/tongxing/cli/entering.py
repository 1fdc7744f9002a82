"""Reads what a guard enters beside the code, on the command line: ``--group``, ``--shown``, ``--asked``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from tongxing.cli.output import parse_moment
from tongxing.core.entered import FOREIGN_TEXTS_MAX, SHOWN_MAX, Entered, check_moment
from tongxing.core.errors import Refused
from tongxing.core.groups import Group
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import Proof, ProofBasis, ProofKind

SHOWN_HELP: Final = (
    "A proof on paper as KIND=FINDING@MOMENT: test=negative@2022-04-19T08:00:00+08:00; also antigen=, "
    "vaccination=partial|complete|boosted, recovery@, isolation@. Several times."
)
DIVISION_HELP: Final = (
    "Where the checkpoint stands: its city or county in GB/T 2260 (4 or 6 digits). "
    "By its risk, rules may ask for no code."
)
_FINDINGS: Final[dict[str, dict[str, bool]]] = {
    "negative": {"positive": False},
    "positive": {"positive": True},
    "partial": {"complete": False},
    "complete": {"complete": True},
    "boosted": {"complete": True, "boosted": True},
    "": {},
}
"""What can be found, and what a proof then says."""


FOREIGN_HELP: Final = "Text of a foreign code (EU DCC, SMART Health Card, NZ COVID Pass) shown beside. Several times."
DOCUMENT_NAME_HELP: Final = "The name on the identity document, to compare with that of foreign codes."


def read_entered(groups: Sequence[Group], shown: Sequence[str], asked: Sequence[ProofKind], at: datetime) -> Entered:
    """Return what was entered; raises ``Refused(BAD_REQUEST)`` naming the proof that cannot be read or be."""
    if len(shown) > SHOWN_MAX:
        raise Refused(ProblemId.BAD_REQUEST, f"--shown: at most {SHOWN_MAX} proofs")
    return Entered(frozenset(groups), tuple(_read(text, at) for text in shown), frozenset(asked))


def check_foreign(texts: Sequence[str]) -> tuple[str, ...]:
    """Return texts of foreign codes; raises ``Refused(BAD_REQUEST)`` for more than anybody shows."""
    if len(texts) > FOREIGN_TEXTS_MAX:
        raise Refused(ProblemId.BAD_REQUEST, f"--foreign: at most {FOREIGN_TEXTS_MAX} texts")
    return tuple(texts)


def _read(text: str, at: datetime) -> Proof:
    what, marked, moment = text.partition("@")
    kind, _, finding = what.partition("=")
    if not marked or kind not in set(ProofKind) or finding not in _FINDINGS:
        raise Refused(ProblemId.BAD_REQUEST, f"--shown {text[:60]!r}: not KIND=FINDING@MOMENT")
    try:
        proof = Proof(ProofKind(kind), parse_moment(moment), ProofBasis.SHOWN, **_FINDINGS[finding])
        check_moment(proof, at)
    except ValueError as impossible:
        raise Refused(ProblemId.BAD_REQUEST, f"--shown {text[:60]!r}: {impossible}") from impossible
    return proof
