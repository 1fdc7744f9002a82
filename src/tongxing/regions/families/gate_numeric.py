"""The family ``gate_numeric``: a gate asks by QR text; the answer is a number from 1 to 4, the last of them grey.

The numbers are those of a gate vendor's development kit, the return codes those of another (facts, B and C); how
request and answer are put together is assumed:

    POST query {deviceId, qrCode, requestId}
    → {code, msg, data: {qrCode, healthStatus, userName, checkTime, personId}}

``healthStatus`` is 1 green, 2 yellow, 3 red, 4 grey. Grey is no level: the profile says which standing it is. The
answer must repeat the QR text that was asked for, else it is another person's record; a number with neither name
nor moment nor id is a default of the gate's own, and nobody's record.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tongxing.core.errors import Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.families.envelope import Envelope
from tongxing.regions.families.family import Asking
from tongxing.regions.families.reading import (
    check_record_behind,
    unreadable,
)
from tongxing.regions.families.requests import json_request
from tongxing.regions.profile import Profile


class Field(StrEnum):
    """Every name of this interface: replace a name here if the partner's documents say otherwise."""

    DEVICE = "deviceId"  # assumed
    QR_TEXT = "qrCode"  # assumed, in the question and repeated in the answer
    REQUEST_ID = "requestId"  # assumed
    RETURN_CODE = "code"  # assumed
    DATA = "data"  # assumed
    STATUS = "healthStatus"  # assumed; its numbers were seen
    NAME = "userName"  # assumed
    REFRESHED_AT = "checkTime"  # assumed; may be empty
    PERSON_REF = "personId"  # assumed


STATUSES: Final = frozenset({"1", "2", "3", "4"})
"""Seen. 0 is another gate's green, so a number beyond these is not read at all."""

RETURN_CODES: Final[Mapping[str, ReasonId]] = MappingProxyType(
    {
        "22001": ReasonId.SOURCE_REFUSED,  # seen: token invalid
        "22002": ReasonId.SOURCE_REFUSED,  # seen: platform unsupported
        "22006": ReasonId.SOURCE_AWAY,  # seen: call of the platform failed
        "22007": ReasonId.TICKET_UNKNOWN,  # seen: code illegal
        "22008": ReasonId.TICKET_EXPIRED,  # assumed: code run out
        "22009": ReasonId.SOURCE_AWAY,  # seen: status not obtained
        "22010": ReasonId.SOURCE_REFUSED,  # seen: neither document nor code given
        "22011": ReasonId.SOURCE_REFUSED,  # seen: the code is wanted, not its text
    }
)
"""Return codes. Any other is SOURCE_REFUSED."""

ALL_IS_WELL: Final = "0"
_ENVELOPE: Final = Envelope(Field.RETURN_CODE, Field.DATA, ALL_IS_WELL, RETURN_CODES)


class GateNumeric:
    """The family ``gate_numeric``."""

    name: Final = "gate_numeric"

    def recognises(self, text: str, profile: Profile) -> bool:
        """True if ``text`` has the form of the region's QR text."""
        return profile.is_own_code(text)

    def ask(self, text: str, profile: Profile, at: datetime, query_id: str, credentials: Mapping[str, str]) -> Asking:  # noqa: ARG002 - as the protocol has it
        """Ask in one request; see the protocol for what is raised."""
        parameters = profile.parameters
        asked = {Field.DEVICE: parameters["device_id"], Field.QR_TEXT: text, Field.REQUEST_ID: query_id}
        told = _ENVELOPE.open((yield json_request(parameters["query_path"], asked, query_id)))
        if told.word(Field.QR_TEXT) != text:
            raise Undecidable(ReasonId.OTHER_PERSONS_RECORD, "QR text differs")
        status = told.word(Field.STATUS)
        if status not in STATUSES:
            raise unreadable(f"field {Field.STATUS}")
        return check_record_behind(
            SourceAnswer(
                status=status,
                refreshed_at=told.find_local_time(Field.REFRESHED_AT),
                masked_name=told.find_name(Field.NAME),
                person_ref=told.find_ref(Field.PERSON_REF),
            )
        )


GATE_NUMERIC: Final = GateNumeric()
