"""What callers send and get, as closed structs: unknown members are refused, texts are bounded.

Times are RFC 3339 in UTC; durations and ages are seconds with the unit in the name; bytes are hex.
Patterns are Python's: digits are named since the class for them takes other scripts' too, and the end is
the text's own since ``$`` takes a line feed after it.
"""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from tongxing.core.causes import Cause
from tongxing.core.checkpoints import DECICELSIUS_MAX, DECICELSIUS_MIN
from tongxing.core.datasets import Dataset
from tongxing.core.documents import DOCUMENT_WORDS
from tongxing.core.evidence import EvidenceKind, ProofResult
from tongxing.core.health_answers import DeclaredHealth
from tongxing.core.limits import EVIDENCE_PER_BATCH_MAX, RECEIPTS_MAX, REPORTS_PER_BATCH_MAX, STAYS_PER_DECLARATION_MAX
from tongxing.core.masking import HINT_MAX_CHARACTERS
from tongxing.core.proofs import ProofKind
from tongxing.core.subjects import SUBJECT_KEYS_MAX
from tongxing.core.verdicts import Ending, Seen
from tongxing.services.ports import Role
from tongxing.trust.directory import KeyUse
from tongxing.wire.consultation import CONSULTATION_MAX_BYTES

ShortText = Annotated[str, Meta(min_length=1, max_length=128)]
SiteText = Annotated[str, Meta(max_length=64, description="the checkpoint at which a device stands")]
DivisionText = Annotated[
    str,
    Meta(
        max_length=64,
        description="where a device's checkpoint stands: GB/T 2260, 4 or 6 digits inside this region; no scan says it",
    ),
]
RegionNumber = Annotated[
    str, Meta(pattern=r"^([0-9]{2}|[0-9]{4})\Z", description="GB/T 2260 number of two or four digits")
]
Hex16Bytes = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z", description="16 bytes in lower-case hexadecimal")]
SubjectKeyHex = Annotated[str, Meta(pattern=r"^[0-9a-f]{66}\Z", description="subject key: 33 bytes in hexadecimal")]
SubjectKeysHex = Annotated[
    list[SubjectKeyHex],
    Meta(min_length=1, max_length=SUBJECT_KEYS_MAX, description="the keys of one subject, the current version's first"),
]
PublicKeyText = Annotated[str, Meta(max_length=160, description="`EdDSA:<hex>` or `ES256:<hex>`")]
Decicelsius = Annotated[
    int, Meta(ge=DECICELSIUS_MIN, le=DECICELSIUS_MAX, description="tenths of a degree Celsius, as 372 for 37.2 °C")
]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339 with its offset from UTC")]


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a caller sends."""


class TemperatureMessage(Message, frozen=True):
    """A reading of the temperature, and whether the person has confirmed it: else it decides nothing."""

    decicelsius: Decicelsius
    confirmed: bool


class EndingMessage(Message, frozen=True):
    """What was seen in the manual lane, and what became of the person."""

    seen: Seen
    outcome: Ending


_TYPES: Final = "; ".join(f"{each}: {said.en}" for each, said in DOCUMENT_WORDS.items())


class DocumentMessage(Message, frozen=True):
    """An identity document: its type by number, and its number. Never kept, never logged."""

    type: Annotated[ShortText, Meta(description=_TYPES, examples=["10"])]
    number: Annotated[
        ShortText,
        Meta(description="as printed; a foreign passport's behind its country (ISO 3166-1 alpha-3): USA:912345678"),
    ]


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


class FederationExplanationMessage(Message, frozen=True):
    """Which verdict, given where, and the federation's codes on which it may have been: the citizen held them all."""

    host: RegionNumber
    ref: Annotated[str, Meta(pattern=r"^[0-9a-f]{1,64}\Z")]
    qr_texts: Annotated[list[Annotated[str, Meta(max_length=4_296)]], Meta(min_length=1, max_length=RECEIPTS_MAX)]


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
    """Which subject's reports a gateway asks for: all keys of the subject that it has."""

    subject_keys: SubjectKeysHex


Division = Annotated[
    str, Meta(pattern=r"^[1-9][0-9]([0-9]{2}){0,2}\Z", description="GB/T 2260 number of 2, 4 or 6 digits")
]


class EvidenceRow(Message, frozen=True):
    """One piece of an authority's evidence, by document; ``ref`` and ``revision`` are the authority's own."""

    document: DocumentMessage
    kind: EvidenceKind
    ref: Annotated[str, Meta(min_length=1, max_length=64)]
    revision: Annotated[int, Meta(ge=0, le=9_007_199_254_740_991)]
    since: Moment
    until: Moment | None = None
    cause: Cause | None = None
    retracted: bool = False
    result: ProofResult | None = None
    division: Division | None = None
    name: Annotated[str, Meta(max_length=64)] = ""


class EvidenceMessage(Message, frozen=True):
    """A batch of an authority's evidence; ``complete_until`` says of datasets that nothing until then is missing.

    Of a name only what may be shown is kept, sealed and apart from what is said of the person.
    """

    rows: Annotated[list[EvidenceRow], Meta(max_length=EVIDENCE_PER_BATCH_MAX)]
    complete_until: dict[Dataset, Moment] = {}


class StayMessage(Message, frozen=True):
    """Where a person was; ``until`` is left out while they are still there."""

    division: Division
    since: Moment
    until: Moment | None = None


class DeclarationMessage(Message, frozen=True):
    """A citizen's declaration of stays, of health or of both; ``ref`` is the gateway's own, so that again counts once.

    Of health comes what follows from the answers, never the answers.
    """

    subject_keys: SubjectKeysHex
    ref: Annotated[str, Meta(pattern=r"^[0-9a-z]{1,48}\Z")]
    stays: Annotated[list[StayMessage], Meta(max_length=STAYS_PER_DECLARATION_MAX)] = []
    health: DeclaredHealth | None = None


class NationalCodeMessage(Message, frozen=True):
    """For whom a code of the federation is made; the hint is masked already, the hub learns no name."""

    subject_keys: SubjectKeysHex
    masked_hint: Annotated[str, Meta(max_length=HINT_MAX_CHARACTERS)]


class ConsultationMessage(Message, frozen=True):
    """A consultation as its issuer sealed it, for the calling region's query, and what registers are asked for."""

    issuer: RegionNumber
    query_id_hex: Hex16Bytes
    sealed_hex: Annotated[str, Meta(pattern=r"^([0-9a-f]{2})+\Z", max_length=2 * CONSULTATION_MAX_BYTES)]
    asked: Annotated[
        list[ProofKind], Meta(max_length=len(ProofKind), description="kinds of proof that the region's rules look at")
    ] = []


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


class CredentialMessage(Message, frozen=True):
    """A key to enrol."""

    public: PublicKeyText
    role: Role
    label: Annotated[str, Meta(min_length=1, max_length=64)]
    valid_until: Moment
    site: SiteText = ""
    division: DivisionText = ""
    datasets: Annotated[list[Dataset], Meta(max_length=16, description="which a source hands in; at the hub")] = []


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
    """For each document, in order, its keys under each version that counts: the current one's first."""

    subject_keys: list[list[str]]


class CountAnswer(msgspec.Struct, frozen=True):
    """What became of the rows of a batch; their sum is the number of rows sent."""

    stored: int
    same: int
    older: int


class ReporterMark(msgspec.Struct, frozen=True):
    """How far a region's reports have come: its last batch, and until when nothing of its is missing."""

    region: str
    last_batch: int
    complete_until: datetime | None


class ReportsAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """Each region's report of a subject, and how far those regions' reports have come."""

    reports: list[ReportRow]
    watermarks: list[ReporterMark] = []


class DeclarationAnswer(msgspec.Struct, frozen=True):
    """When a declaration was made, and from when it counts no more."""

    declared_at: datetime
    counts_until: datetime


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


class CredentialAnswer(msgspec.Struct, frozen=True):
    """An enrolled key. ``division`` is where a device's checkpoint stands, and its newest name in GB/T 2260."""

    key_id: str
    public: str
    role: Role
    label: str
    region: str
    valid_until: datetime | None
    revoked: bool
    site: str = ""
    enrolled_by: str = ""
    division: str = ""
    division_name: str = ""
    datasets: list[Dataset] = []


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
