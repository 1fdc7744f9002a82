"""What a guard enters of a person beside the code: groups they belong to, proofs shown on paper, what was looked for.

Everything here is said by a guard about somebody who stands there; nothing of it is kept.
"""

from datetime import datetime
from typing import Annotated, Protocol

from msgspec import Meta

from tongxing.api.messages import Message, Moment, TemperatureMessage
from tongxing.core.entered import FOREIGN_TEXTS_MAX, SHOWN_MAX, Entered, check_moment
from tongxing.core.errors import Refused
from tongxing.core.groups import Group
from tongxing.core.limits import SCAN_MAX_CHARACTERS
from tongxing.core.names import NAME_MAX_CHARACTERS
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import Proof, ProofBasis, ProofKind
from tongxing.core.verdicts import Direction
from tongxing.core.words import PlaceKind


class ProofMessage(Message, frozen=True):
    """One proof that the guard has read on a paper: of a test when the sample was taken, and what was found."""

    kind: ProofKind
    at: Moment
    positive: bool | None = None
    complete: bool | None = None
    boosted: bool = False


Groups = Annotated[tuple[Group, ...], Meta(max_length=len(Group))]
ShownProofs = Annotated[tuple[ProofMessage, ...], Meta(max_length=SHOWN_MAX)]
ForeignTexts = Annotated[
    tuple[Annotated[str, Meta(max_length=SCAN_MAX_CHARACTERS)], ...], Meta(max_length=FOREIGN_TEXTS_MAX)
]
DocumentName = Annotated[str, Meta(max_length=NAME_MAX_CHARACTERS)]
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
    foreign: ForeignTexts = ()
    document_name: DocumentName = ""


class PictureMessage(Message, frozen=True):
    """A picture file (base64), at what kind of place it was taken, and what the guard says besides.

    All of it is in the body, since addresses are logged by whatever stands on the way.
    """

    picture: bytes
    place_kind: PlaceKind
    direction: Direction | None = None
    temperature: TemperatureMessage | None = None
    groups: Groups = ()
    shown: ShownProofs = ()
    asked: AskedKinds = ()
    foreign: ForeignTexts = ()
    document_name: DocumentName = ""


class EnteredMessage(Protocol):
    """Any message in which a guard enters these things."""

    @property
    def groups(self) -> Groups:
        """Groups the person belongs to."""

    @property
    def shown(self) -> ShownProofs:
        """What was read on paper."""

    @property
    def asked(self) -> AskedKinds:
        """What was looked for."""

    @property
    def foreign(self) -> ForeignTexts:
        """Texts of foreign codes, scanned beside."""

    @property
    def document_name(self) -> DocumentName:
        """The name as the guard reads it on the identity document, to compare with that of foreign codes."""


def has_entered(message: EnteredMessage) -> bool:
    """True if the guard entered anything beside the code."""
    return bool(message.groups or message.shown or message.asked or message.foreign)


def read_entered(message: EnteredMessage, at: datetime) -> Entered:
    """Return what was entered as recognition takes it.

    Raises ``Refused(BAD_REQUEST)`` naming the proof that lies in the future or says what its kind cannot say.
    """
    proofs = tuple(_read(index, shown, at) for index, shown in enumerate(message.shown))
    return Entered(frozenset(message.groups), proofs, frozenset(message.asked), message.foreign, message.document_name)


def _read(index: int, shown: ProofMessage, at: datetime) -> Proof:
    try:
        proof = Proof(shown.kind, shown.at, ProofBasis.SHOWN, shown.positive, shown.complete, boosted=shown.boosted)
        check_moment(proof, at)
    except ValueError as impossible:
        raise Refused(ProblemId.BAD_REQUEST, f"shown[{index}]: {impossible}") from impossible
    return proof
