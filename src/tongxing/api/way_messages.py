"""What callers send and get for the three ways, people without a phone and printed codes.

As in ``api.messages``: closed structs, bounded texts, times in RFC 3339, bytes in hex.
"""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tongxing.api.guard_words import AskedKinds, DocumentName, ForeignTexts, Groups, ShownProofs
from tongxing.api.messages import (
    DocumentMessage,
    Message,
    Moment,
    RegionNumber,
    ShortText,
    SubjectKeyHex,
    TemperatureMessage,
)
from tongxing.core.levels import Level, Standing
from tongxing.core.limits import SCAN_MAX_CHARACTERS, STATEMENT_MAX_BYTES
from tongxing.core.looks import Ground, Purpose
from tongxing.core.verdicts import Direction
from tongxing.core.words import PlaceKind
from tongxing.recognition.view_words import Words
from tongxing.regions.rendering import Loss
from tongxing.regions.statuses import Colour

QrText = Annotated[str, Meta(min_length=1, max_length=SCAN_MAX_CHARACTERS)]
StatementHex = Annotated[
    str,
    Meta(pattern=r"^([0-9a-f]{2})+\Z", max_length=2 * STATEMENT_MAX_BYTES, description="a carried statement, in hex"),
]


class RecognitionMessage(Message, frozen=True):
    """Whom other regions are asked about, for what, and on what ground: consent or presence is needed.

    ``person_ref`` is the caller's own opaque id of the person, which it tells again when the code that shows the answer
    is scanned: by it the others are consulted then.
    """

    document: DocumentMessage
    purpose: Purpose = Purpose.OWN_CODE
    consent: bool = False
    presence: bool = False
    person_ref: ShortText | None = None


class RecognitionAnswer(msgspec.Struct, frozen=True):
    """What the regions say together. ``level`` is null unless ``standing`` is current.

    ``issuer`` is whose report counts. ``derived_from`` is the same where that is another region: whoever
    shows this in a code of their own shows that region's report, and no longer than ``valid_until``.
    ``origin_division`` is where the person comes from, if that is known: it belongs to what is shown.
    """

    level: Level | None
    standing: Standing
    issuer: str | None
    as_of: datetime | None
    valid_until: datetime | None
    sentence: Words
    derived_from: str | None
    others_consulted: bool
    origin_division: str | None = None


class ConversionMessage(Message, frozen=True):
    """What to convert, with the person's consent: exactly one of the three forms.

    ``qr_text``: what the person shows. ``statement_hex`` with ``document``: a statement that the person
    carries, and who carries it. ``document`` alone: what the regions report of that person.
    """

    consent: bool
    qr_text: QrText | None = None
    statement_hex: StatementHex | None = None
    document: DocumentMessage | None = None


class LossAnswer(msgspec.Struct, frozen=True):
    """One thing that the converted code no longer tells."""

    loss: Loss
    words: Words


class ConversionAnswer(msgspec.Struct, frozen=True):
    """A converted code as it is shown now.

    ``renewed`` is false where the source could not be evaluated for this display: then there is no text to
    draw and no status, and ``sentence`` says why.
    """

    conversion_id: str
    qr_text: str | None
    expires_at: datetime
    renewed: bool
    standing: Standing | None
    status: str | None
    colour: Colour | None
    label: Words | None
    losses: list[LossAnswer]
    derived_from: str
    as_of: datetime | None
    masked_hint: str | None
    sentence: Words
    others_consulted: bool


class CarriedStatementMessage(Message, frozen=True):
    """For whom a statement is made, and to which region it will be carried.

    ``qr_text``: the person's own code, over the border of Hong Kong and Macao, where nobody is looked up.
    """

    document: DocumentMessage
    name: ShortText
    audience: RegionNumber
    consent: bool = False
    qr_text: QrText | None = None


class CarriedStatementAnswer(msgspec.Struct, frozen=True):
    """The statement: signed, opaque, taken once and by its audience only."""

    statement_hex: str
    expires_at: datetime


class DocumentScanMessage(Message, frozen=True):
    """A document that a guard has typed in the person's presence, and what the guard says besides."""

    document: DocumentMessage
    place_kind: PlaceKind
    presence: bool = False
    purpose: Purpose = Purpose.PASSAGE_WITHOUT_PHONE
    direction: Direction | None = None
    temperature: TemperatureMessage | None = None
    groups: Groups = ()
    shown: ShownProofs = ()
    asked: AskedKinds = ()
    foreign: ForeignTexts = ()
    document_name: DocumentName = ""


class PrintedCodeMessage(Message, frozen=True):
    """For whom a code is printed."""

    document: DocumentMessage
    name: ShortText
    consent: bool = False
    presence: bool = False


class PrintedCodeAnswer(msgspec.Struct, frozen=True):
    """The text to print as a QR code; the person's earlier one counts no more."""

    qr_text: str
    expires_at: datetime


class LookQueryMessage(Message, frozen=True):
    """Whose looks are asked for: the signed-in person's own."""

    document: DocumentMessage


class LookAnswer(msgspec.Struct, frozen=True):
    """One look: when, in which region, at which site, what for and on what ground."""

    at: datetime
    region: str
    looker: str
    site: str
    purpose: Purpose
    words: Words
    ground: Ground


class LooksAnswer(msgspec.Struct, frozen=True):
    """Looks at one person, the newest first. ``is_whole`` is false where other regions' could not be asked for."""

    looks: list[LookAnswer]
    is_whole: bool


class SharedLookMessage(Message, frozen=True):
    """A look that was made in the sender's own region."""

    subject: SubjectKeyHex
    at: Moment
    looker: ShortText
    site: ShortText
    purpose: Purpose
    ground: Ground


class SharedLookAnswer(msgspec.Struct, frozen=True):
    """A look as the hub keeps it."""

    subject: str
    at: datetime
    region: str
    looker: str
    site: str
    purpose: Purpose
    ground: Ground


class SharedLooksAnswer(msgspec.Struct, frozen=True):
    """The looks at one subject in all regions, the newest first."""

    looks: list[SharedLookAnswer]
