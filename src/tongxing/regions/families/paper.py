"""The family ``paper``: a certificate on paper, or a printed code; it says who it was made for, and no status.

Paper codes were bound to a document and good for half a year or a year (facts, G: Shanghai 180 days, Jiangxi 365), and
certificates of villages and of discharge were accepted beside codes. Nothing that is printed can say how somebody is
today, so the answer holds no status, which the profile calls *no record*: what counts is what the regions say of the
person whom the certificate names, its own region first, by what it docked. How a certificate is looked up is assumed:

    POST query {certificateNo, requestId}
    → {resultCode, data: {certificateNo, issueTime, validTime, withdrawn, userName, personId}}

One that was withdrawn or has ended is told as run out. The answer must repeat the number that was asked for.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.limits import CLOCK_SKEW
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.families.envelope import Envelope
from tongxing.regions.families.family import Asking
from tongxing.regions.families.reading import unreadable
from tongxing.regions.families.requests import json_request
from tongxing.regions.profile import Profile

NO_STATUS: Final = ""


class Field(StrEnum):
    """Every name of this interface, all assumed: replace a name here if the region's documents say otherwise."""

    NUMBER = "certificateNo"
    REQUEST_ID = "requestId"
    RETURN_CODE = "resultCode"
    DATA = "data"
    ISSUED_AT = "issueTime"
    VALID_UNTIL = "validTime"
    WITHDRAWN = "withdrawn"
    NAME = "userName"
    PERSON_REF = "personId"


RETURN_CODES: Final[Mapping[str, ReasonId]] = MappingProxyType(
    {
        "1001": ReasonId.TICKET_UNKNOWN,  # assumed: no such certificate
        "2001": ReasonId.SOURCE_REFUSED,  # assumed: not authorised
        "3001": ReasonId.SOURCE_AWAY,  # assumed: busy
        "3002": ReasonId.SOURCE_AWAY,  # assumed: under maintenance
    }
)
"""Return codes. Any other is SOURCE_REFUSED."""

ALL_IS_WELL: Final = "0"
_ENVELOPE: Final = Envelope(Field.RETURN_CODE, Field.DATA, ALL_IS_WELL, RETURN_CODES)


class Paper:
    """The family ``paper``."""

    name: Final = "paper"

    def recognises(self, text: str, profile: Profile) -> bool:
        """True if ``text`` has the form of the region's printed text."""
        return profile.is_own_code(text)

    def ask(self, text: str, profile: Profile, at: datetime, query_id: str, credentials: Mapping[str, str]) -> Asking:  # noqa: ARG002 - as the protocol has it
        """Ask in one request; see the protocol for what is raised."""
        asked = {Field.NUMBER: text, Field.REQUEST_ID: query_id}
        told = _ENVELOPE.open((yield json_request(profile.parameters["query_path"], asked, query_id)))
        if told.word(Field.NUMBER) != text:
            raise Undecidable(ReasonId.OTHER_PERSONS_RECORD, "certificate number differs")
        issued_at, valid_until = told.find_local_time(Field.ISSUED_AT), told.find_local_time(Field.VALID_UNTIL)
        if issued_at is None or valid_until is None or issued_at > at + CLOCK_SKEW:
            raise unreadable(f"field {Field.ISSUED_AT} or {Field.VALID_UNTIL}")
        if told.flag(Field.WITHDRAWN) or at >= valid_until:
            raise Rejected(ReasonId.TICKET_EXPIRED, "withdrawn, or past its end")
        return SourceAnswer(
            status=NO_STATUS,
            masked_name=told.find_name(Field.NAME),
            person_ref=told.find_ref(Field.PERSON_REF),
        )


PAPER: Final = Paper()
