"""What callers send and get, as closed structs: unknown members are refused, texts are bounded.

Times are RFC 3339 in UTC; durations and ages are seconds with the unit in the name; bytes are hex.
Patterns are Python's: digits are named since the class for them takes other scripts' too, and the end is
the text's own since ``$`` takes a line feed after it.
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from tongxing.core.limits import REPORTS_PER_BATCH_MAX
from tongxing.core.words import PlaceKind
from tongxing.services.ports import Role
from tongxing.trust.directory import KeyUse

ShortText = Annotated[str, Meta(min_length=1, max_length=128)]
RegionNumber = Annotated[
    str, Meta(pattern=r"^([0-9]{2}|[0-9]{4})\Z", description="GB/T 2260 number of two or four digits")
]
Hex16Bytes = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z", description="16 bytes in lower-case hexadecimal")]
SubjectKeyHex = Annotated[str, Meta(pattern=r"^[0-9a-f]{66}\Z", description="subject key: 33 bytes in hexadecimal")]
PublicKeyText = Annotated[str, Meta(max_length=160, description="`EdDSA:<hex>` or `ES256:<hex>`")]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339 with its offset from UTC")]


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a caller sends."""


class ScanMessage(Message, frozen=True):
    """What was scanned, as text, and at what kind of place."""

    qr_text: str
    place_kind: PlaceKind


class PictureQuery(Message, frozen=True):
    """The kind of place at which a picture was taken."""

    place_kind: PlaceKind


class DocumentMessage(Message, frozen=True):
    """An identity document: its type by number, and its number. Never kept, never logged."""

    type: ShortText
    number: ShortText


class CodeMessage(Message, frozen=True):
    """A ticket, used up by this, and for whom the code is made."""

    serial: Hex16Bytes
    random: Hex16Bytes
    document: DocumentMessage
    name: ShortText


class ExplanationMessage(Message, frozen=True):
    """Which verdict, given where, on which code. The code proves that the citizen held it."""

    host: RegionNumber
    ref: Annotated[str, Meta(pattern=r"^[0-9a-f]{1,64}\Z")]
    qr_text: Annotated[str, Meta(max_length=4_296)]


class DockedReportsMessage(Message, frozen=True):
    """A batch of a back end's rows in the region's own words."""

    rows: Annotated[list[dict[str, Any]], Meta(max_length=REPORTS_PER_BATCH_MAX)]


class DocumentsMessage(Message, frozen=True):
    """Documents whose subject keys a gateway asks for."""

    documents: Annotated[list[DocumentMessage], Meta(max_length=REPORTS_PER_BATCH_MAX)]


class ReportRow(Message, frozen=True):
    """One region's report of one subject (``tongxing.wire.reports``)."""

    subject: SubjectKeyHex
    report: dict[str, Any]
    origin: dict[str, Any] | None = None


class ReportsMessage(Message, frozen=True):
    """A batch of a region's own reports."""

    reports: Annotated[list[ReportRow], Meta(max_length=REPORTS_PER_BATCH_MAX)]


class ReportQueryMessage(Message, frozen=True):
    """Which subject's reports a gateway asks for."""

    subject: SubjectKeyHex


class KeyRecordMessage(Message, frozen=True):
    """A key of a directory record: its one use and when it counts."""

    use: KeyUse
    public: PublicKeyText
    valid_from: Moment
    valid_until: Moment | None = None


class DirectoryRecordMessage(Message, frozen=True):
    """What everybody is to know of one region."""

    region: RegionNumber
    name_zh: ShortText
    name_en: ShortText
    url: ShortText
    keys: Annotated[list[KeyRecordMessage], Meta(min_length=1, max_length=64)]
    sealing_public_hex: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")] | None = None
    suspended: bool = False


class RegionQuery(Message, frozen=True):
    """Whose rule table is sent."""

    region: RegionNumber


class CredentialMessage(Message, frozen=True):
    """A key to enrol."""

    public: PublicKeyText
    role: Role
    label: Annotated[str, Meta(min_length=1, max_length=64)]
    valid_until: Moment


class LimitQuery(Message, frozen=True):
    """How many at most."""

    limit: Annotated[int, Meta(ge=1, le=1_000)] = 100


class SessionAnswer(msgspec.Struct, frozen=True):
    """A session: the token is shown as ``Authorization: Bearer`` and told only here."""

    token: str
    expires_at: datetime
    expires_in_seconds: int


class TicketAnswer(msgspec.Struct, frozen=True):
    """A ticket for one code."""

    serial: str
    random: str
    expires_at: datetime
    expires_in_seconds: int


class CodeAnswer(msgspec.Struct, frozen=True):
    """The text to draw as a QR code, and when it ends."""

    qr_text: str
    expires_at: datetime


class SubjectKeysAnswer(msgspec.Struct, frozen=True):
    """Subject keys in hex, in the order of the documents."""

    subject_keys: list[str]


class CountAnswer(msgspec.Struct, frozen=True):
    """What became of the rows of a batch; their sum is the number of rows sent."""

    stored: int
    same: int
    older: int


class ReportsAnswer(msgspec.Struct, frozen=True):
    """Each region's report of a subject."""

    reports: list[ReportRow]


class BundleAnswer(msgspec.Struct, frozen=True):
    """A bundle by number, digest and dates."""

    number: int
    digest_hex: str
    issued_at: datetime
    expires_at: datetime


class OddityAnswer(msgspec.Struct, frozen=True):
    """Something odd in a list: told, never repaired."""

    kind: str
    detail: str


class RiskListAnswer(msgspec.Struct, frozen=True):
    """How many entries of a list were placed how exactly, and the bundle that carries it."""

    bundle: BundleAnswer
    as_of: datetime
    entries: int
    by_placement: dict[str, int]
    by_level: dict[str, int]
    oddities: list[OddityAnswer]


class CredentialAnswer(msgspec.Struct, frozen=True):
    """An enrolled key."""

    key_id: str
    public: str
    role: Role
    label: str
    region: str
    valid_until: datetime | None
    revoked: bool


class CredentialsAnswer(msgspec.Struct, frozen=True):
    """All enrolled keys."""

    credentials: list[CredentialAnswer]


class AlarmAnswer(msgspec.Struct, frozen=True):
    """An alarm: when, why, about which passage."""

    at: datetime
    reason: str
    ref: str | None
    detail: str


class AlarmsAnswer(msgspec.Struct, frozen=True):
    """Alarms, the newest first."""

    alarms: list[AlarmAnswer]


class StatusAnswer(msgspec.Struct, frozen=True):
    """How a node is."""

    node: str
    region: str
    version: str
    now: datetime
    is_ready: bool
    bundle_number: int | None
    bundle_issued_at: datetime | None
    bundle_expires_at: datetime | None
    bundle_age_seconds: int | None
    sessions: int


class HealthAnswer(msgspec.Struct, frozen=True):
    """The process runs."""

    status: str


class ReadyAnswer(msgspec.Struct, frozen=True):
    """Whether the node can do its work: a bundle is in force, and the store can be written."""

    is_ready: bool
    has_bundle: bool
    has_store: bool
