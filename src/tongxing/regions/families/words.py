"""The family ``words``: one query by QR text; the answer is a sentence in words and the moment it was made.

Beijing's code says 未见异常 (nothing abnormal was found), 居家观察 or 集中观察 (under observation at home, at a
central place), or that the system cannot confirm the status. Those words are documented (facts, D); the
interface is not, so every name and number below is assumed:

    POST query {qrText, requestId}
    → {resultCode, data: {qrText, statusText, resultTime, maskedName, personRef, recognisedFrom, validUntil}}

The answer must repeat the QR text that was asked for, else it is another person's record. Where it names a
region that it *recognised from*, the back end shows that region's report inside its own code (design, way 1).
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
from tongxing.regions.families.reading import check_record_behind
from tongxing.regions.families.requests import json_request
from tongxing.regions.profile import Profile


class Field(StrEnum):
    """Every name of this interface, all assumed: replace a name here if the region's documents say otherwise."""

    QR_TEXT = "qrText"
    REQUEST_ID = "requestId"
    RETURN_CODE = "resultCode"
    DATA = "data"
    STATUS = "statusText"
    REFRESHED_AT = "resultTime"
    VALID_UNTIL = "validUntil"
    MASKED_NAME = "maskedName"
    PERSON_REF = "personRef"
    RECOGNISED_FROM = "recognisedFrom"
    RECOGNISED_DIVISION = "recognisedDivision"


RETURN_CODES: Final[Mapping[str, ReasonId]] = MappingProxyType(
    {
        "1001": ReasonId.TICKET_UNKNOWN,  # assumed: no such code
        "1002": ReasonId.TICKET_EXPIRED,  # assumed: a newer result took its place
        "2001": ReasonId.SOURCE_REFUSED,  # assumed: not authorised
        "3001": ReasonId.SOURCE_AWAY,  # assumed: busy
        "3002": ReasonId.SOURCE_AWAY,  # assumed: under maintenance
    }
)
"""Return codes. Any other is SOURCE_REFUSED."""

ALL_IS_WELL: Final = "0"
_ENVELOPE: Final = Envelope(Field.RETURN_CODE, Field.DATA, ALL_IS_WELL, RETURN_CODES)


class Words:
    """The family ``words``."""

    name: Final = "words"

    def recognises(self, text: str, profile: Profile) -> bool:
        """True if ``text`` has the form of the region's QR text."""
        return profile.is_own_code(text)

    def ask(self, text: str, profile: Profile, at: datetime, query_id: str, credentials: Mapping[str, str]) -> Asking:  # noqa: ARG002 - as the protocol has it
        """Ask in one request; see the protocol for what is raised."""
        asked = {Field.QR_TEXT: text, Field.REQUEST_ID: query_id}
        told = _ENVELOPE.open((yield json_request(profile.parameters["query_path"], asked, query_id)))
        if told.word(Field.QR_TEXT) != text:
            raise Undecidable(ReasonId.OTHER_PERSONS_RECORD, "QR text differs")
        return check_record_behind(
            SourceAnswer(
                status=told.word(Field.STATUS),
                refreshed_at=told.find_local_time(Field.REFRESHED_AT),
                valid_until=told.find_local_time(Field.VALID_UNTIL),
                masked_name=told.find_name(Field.MASKED_NAME),
                person_ref=told.find_ref(Field.PERSON_REF),
                derived_from=told.find_region(Field.RECOGNISED_FROM),
                division=told.find_word(Field.RECOGNISED_DIVISION),
            )
        )


WORDS: Final = Words()
