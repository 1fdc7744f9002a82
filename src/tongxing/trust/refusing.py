"""Why a bundle or a part of it is refused: one closed list of words, each first in the problem's detail.

A caller that acts on one of them asks ``has_fault``; people read the sentence after the word.
"""

from enum import StrEnum

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId


class BundleFault(StrEnum):
    """What can be wrong with a bundle."""

    TOO_LARGE = "too large"
    MALFORMED = "malformed"
    SIGNATURE = "signature"
    FUTURE = "future"
    EXPIRED = "expired"
    ROLLBACK = "rollback"
    FORK = "fork"
    GAP = "gap"
    BROKEN_CHAIN = "broken chain"


def refuse(fault: BundleFault, sentence: str) -> Refused:
    """Return ``Refused(BUNDLE_REFUSED)`` whose detail is ``<fault>: <sentence>``."""
    return Refused(ProblemId.BUNDLE_REFUSED, f"{fault}: {sentence}")


def has_fault(refused: Refused, fault: BundleFault) -> bool:
    """True if a bundle was refused for this fault."""
    return refused.problem is ProblemId.BUNDLE_REFUSED and refused.detail.startswith(f"{fault}: ")
