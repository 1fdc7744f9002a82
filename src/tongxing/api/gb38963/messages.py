"""What the seven calls of GB/T 38963-2020 take and give, by our words; the names on the wire are ``names``'.

Closed structs as in ``api.messages``. What is taken is what something follows from: of the fields that were seen in
use, the town and the telephone number of a declaration are not taken, since nobody here would read them.
"""

from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import Meta

from tongxing.api.gb38963.names import wire_name
from tongxing.api.gb38963.values import (
    Application,
    ClaimValue,
    ContactValue,
    MomentText,
    PlaceValue,
    SymptomsText,
    TemperatureText,
    YesNo,
)
from tongxing.api.messages import Hex16Bytes, Message, RegionNumber, ShortText
from tongxing.core.cases import CaseDecision, CaseState
from tongxing.core.levels import Level, Standing
from tongxing.core.limits import SCAN_MAX_CHARACTERS, STAYS_PER_DECLARATION_MAX
from tongxing.core.verdicts import Outcome

DataT = TypeVar("DataT")

DivisionNumber = Annotated[
    str, Meta(pattern=r"^[1-9][0-9]([0-9]{2}){0,2}\Z", description="GB/T 2260 number of 2, 4 or 6 digits")
]
ExchangeToken = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,512}\Z", description="opaque, base64url")]
CaseNumber = Annotated[str, Meta(pattern=r"^[0-9]{2,4}-[0-9]{8}-[0-9A-Z]{8}\Z")]
QrText = Annotated[str, Meta(max_length=SCAN_MAX_CHARACTERS)]


class Answer(msgspec.Struct, Generic[DataT], frozen=True, rename=wire_name):
    """Every answer: the return code, what it says, and the data."""

    return_code: int
    return_message: str
    return_message_en: str
    data: DataT


class FailureAnswer(msgspec.Struct, frozen=True, rename=wire_name):
    """The answer to a call that failed: ``problem`` says which failure of the return code's class it is."""

    return_code: int
    return_message: str
    return_message_en: str
    problem: str


class HealthDeclaration(Message, frozen=True, rename=wire_name):
    """Call 1: a person's answers about their own health. What follows is kept, the answers are not."""

    document_type: ShortText
    document_number: ShortText
    consent: YesNo
    symptoms: SymptomsText
    contact: ContactValue
    been_in_risk_area: YesNo
    temperature: TemperatureText | None = None
    confirmed: YesNo | None = None


class Trip(Message, frozen=True, rename=wire_name):
    """One stay; ``until`` is left out while the person is still there."""

    division: DivisionNumber
    since: MomentText
    until: MomentText | None = None


class TripDeclaration(Message, frozen=True, rename=wire_name):
    """Call 2: where a person was."""

    document_type: ShortText
    document_number: ShortText
    consent: YesNo
    trips: Annotated[list[Trip], Meta(min_length=1, max_length=STAYS_PER_DECLARATION_MAX)]


class DeclarationData(msgspec.Struct, frozen=True, rename=wire_name):
    """A declaration that is durable: its number, when it was made, until when it counts."""

    declaration_number: str
    declared_at: MomentText
    valid_until: MomentText


class HealthQuery(Message, frozen=True, rename=wire_name):
    """Call 3: by the token of a verification, or by document with consent or, at a checkpoint, presence."""

    exchange_token: ExchangeToken | None = None
    document_type: ShortText | None = None
    document_number: ShortText | None = None
    consent: YesNo | None = None
    presence: YesNo | None = None
    place_kind: PlaceValue | None = None


class PersonData(msgspec.Struct, frozen=True, rename=wire_name, omit_defaults=True):
    """Whom it is about, masked."""

    masked_name: str | None = None
    masked_number: str | None = None


class ReportData(msgspec.Struct, frozen=True, rename=wire_name, omit_defaults=True):
    """What one region reports. There is a level only where the report can be used."""

    reporter: str
    standing: Standing
    as_of: MomentText
    level: Level | None = None
    valid_until: MomentText | None = None


class HealthData(msgspec.Struct, frozen=True, rename=wire_name, omit_defaults=True):
    """The answer to a query: at a checkpoint what to do, to an authorised application what is reported.

    A checkpoint is told no level, no report and no source.
    """

    messages: list[str]
    messages_en: list[str]
    verdict_ref: str | None = None
    outcome: Outcome | None = None
    measures: list[str] | None = None
    data_age_seconds: int | None = None
    person: PersonData | None = None
    overall_level: Level | None = None
    standing: Standing | None = None
    reports: list[ReportData] | None = None
    others_consulted: YesNo | None = None


class CallApplication(Message, frozen=True, rename=wire_name):
    """Call 4: what a serial and a random number are applied for."""

    application: Application


class ApplicationData(msgspec.Struct, frozen=True, rename=wire_name):
    """The pair: good once, for the applicant, until it ends."""

    serial: str
    random: str
    expires_at: MomentText


class CodeMaking(Message, frozen=True, rename=wire_name):
    """Call 5: an application, and for whom the code is made."""

    serial: Hex16Bytes
    random: Hex16Bytes
    name: ShortText
    document_type: ShortText
    document_number: ShortText
    consent: YesNo


class CodeData(msgspec.Struct, frozen=True, rename=wire_name):
    """The text of a code, and its picture as modules: rows from the top, one bit a module, dark is 1, no border."""

    qr_text: str
    modules: str
    width: int
    expires_at: MomentText


class CodeVerification(Message, frozen=True, rename=wire_name):
    """Call 6: an application, and what was scanned where."""

    serial: Hex16Bytes
    random: Hex16Bytes
    qr_text: QrText
    place_kind: PlaceValue
    temperature: TemperatureText | None = None
    confirmed: YesNo | None = None


class VerificationData(msgspec.Struct, frozen=True, rename=wire_name):
    """What the result is asked for with, in a minute and once; also where the code was not confirmed."""

    exchange_token: str
    verdict_ref: str


class ErrorCorrection(Message, frozen=True, rename=wire_name):
    """Call 7: what is wrong in which region's word, said anew; or how the correction of a number stands."""

    document_type: ShortText
    document_number: ShortText
    consent: YesNo
    name: ShortText | None = None
    reporter: RegionNumber | None = None
    claim: ClaimValue | None = None
    case_number: CaseNumber | None = None


class CorrectionData(msgspec.Struct, frozen=True, rename=wire_name, omit_defaults=True):
    """A correction that is durable: its number, who decides, its clock, and where it stands."""

    case_number: str
    reporter: str
    state: CaseState
    opened_at: MomentText
    decide_by: MomentText
    limit_at: MomentText
    messages: list[str]
    messages_en: list[str]
    decision: CaseDecision | None = None
