"""What a guard enters of a person beside the code: groups they belong to, proofs shown on paper, what was looked for.

Everything here is said by a guard about somebody who stands there; nothing of it is kept.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta

from tongxing.api.messages import Message, Moment, TemperatureMessage
from tongxing.core.errors import Refused
from tongxing.core.groups import Group
from tongxing.core.limits import CLOCK_SKEW
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import Proof, ProofBasis, ProofKind
from tongxing.core.verdicts import Direction
from tongxing.core.words import PlaceKind

SHOWN_MAX: Final = 8
"""Nobody shows a guard more papers than that."""

_ENDS_AHEAD: Final = frozenset({ProofKind.ISOLATION})
"""What may lie in the future: an isolation that is under way."""


class ProofMessage(Message, frozen=True):
    """One proof that the guard has read on a paper: of a test when the sample was taken, and what was found."""

    kind: ProofKind
    at: Moment
    positive: bool | None = None
    complete: bool | None = None
    boosted: bool = False


Groups = Annotated[tuple[Group, ...], Meta(max_length=len(Group))]
ShownProofs = Annotated[tuple[ProofMessage, ...], Meta(max_length=SHOWN_MAX)]
AskedKinds = Annotated[tuple[ProofKind, ...], Meta(max_length=len(ProofKind))]


class ScanMessage(Message, frozen=True):
    """What was scanned, as text, at what kind of place, and what the guard says besides."""

    qr_text: str
    place_kind: PlaceKind
    direction: Direction | None = None
    temperature: TemperatureMessage | None = None
    groups: Groups = ()
    shown: ShownProofs = ()
    asked: AskedKinds = ()


def read_shown(shown: Sequence[ProofMessage], at: datetime) -> tuple[Proof, ...]:
    """Return the proofs as recognition takes them.

    Raises ``Refused(BAD_REQUEST)`` naming the proof that lies in the future or says what its kind cannot say.
    """
    return tuple(_read(index, message, at) for index, message in enumerate(shown))


def _read(index: int, message: ProofMessage, at: datetime) -> Proof:
    if message.at > at + CLOCK_SKEW and message.kind not in _ENDS_AHEAD:
        raise Refused(ProblemId.BAD_REQUEST, f"shown[{index}].at: in the future")
    try:
        return Proof(
            message.kind, message.at, ProofBasis.SHOWN, message.positive, message.complete, boosted=message.boosted
        )
    except ValueError as impossible:
        raise Refused(ProblemId.BAD_REQUEST, f"shown[{index}]: {impossible}") from impossible
