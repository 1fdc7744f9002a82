"""The family ``travel_card``: where a telephone was in the last fourteen days. It is no health code.

The travel card's numbers are not monotone in risk (facts, B: 1 green, 2 red, 3 yellow) and speak of places, so
they are never read as a level: what is told is where the person was, and no status at all, which the profile calls
*no record*. The numbers 0 (incomplete) and -1 (the query failed) were seen too; how the card is asked is assumed:

    POST query {qrCode, requestId}
    → {resultCode, data: {qrCode, travelCode, cities: [{cityCode}], updateTime, phone}}

A city follows after a stay of four hours, a day late, and cells at a border overlap: origin and nothing more. The
answer must repeat the QR text that was asked for.
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
from tongxing.regions.families.reading import unreadable
from tongxing.regions.families.requests import json_request
from tongxing.regions.profile import Profile

NO_STATUS: Final = ""
CITIES_MAX: Final = 64


class Field(StrEnum):
    """Every name of this interface: replace a name here if the platform's documents say otherwise."""

    QR_TEXT = "qrCode"  # assumed, in the question and repeated in the answer
    REQUEST_ID = "requestId"  # assumed
    RETURN_CODE = "resultCode"  # assumed
    DATA = "data"  # assumed
    TRAVEL_NUMBER = "travelCode"  # seen as TravelCode
    CITIES = "cities"  # assumed
    CITY = "cityCode"  # assumed: a GB/T 2260 number
    REFRESHED_AT = "updateTime"  # assumed


RETURN_CODES: Final[Mapping[str, ReasonId]] = MappingProxyType(
    {
        "1001": ReasonId.TICKET_UNKNOWN,  # assumed: no such card
        "1002": ReasonId.TICKET_EXPIRED,  # assumed: the card was opened too long ago
        "2001": ReasonId.SOURCE_REFUSED,  # assumed: not authorised
        "3001": ReasonId.SOURCE_AWAY,  # assumed: busy
        "3002": ReasonId.SOURCE_AWAY,  # assumed: under maintenance
    }
)
"""Return codes. Any other is SOURCE_REFUSED."""

TRAVEL_NUMBERS: Final[Mapping[str, ReasonId | None]] = MappingProxyType(
    {
        "1": None,
        "2": None,
        "3": None,
        "0": ReasonId.SOURCE_UNREADABLE,
        "-1": ReasonId.SOURCE_AWAY,
    }
)
"""Seen. None where cities are told."""

ALL_IS_WELL: Final = "0"
_ENVELOPE: Final = Envelope(Field.RETURN_CODE, Field.DATA, ALL_IS_WELL, RETURN_CODES)


class TravelCard:
    """The family ``travel_card``."""

    name: Final = "travel_card"

    def recognises(self, text: str, profile: Profile) -> bool:
        """True if ``text`` has the form of the card's QR text."""
        return profile.is_own_code(text)

    def ask(self, text: str, profile: Profile, at: datetime, query_id: str, credentials: Mapping[str, str]) -> Asking:  # noqa: ARG002 - as the protocol has it
        """Ask in one request; see the protocol for what is raised."""
        asked = {Field.QR_TEXT: text, Field.REQUEST_ID: query_id}
        told = _ENVELOPE.open((yield json_request(profile.parameters["query_path"], asked, query_id)))
        if told.word(Field.QR_TEXT) != text:
            raise Undecidable(ReasonId.OTHER_PERSONS_RECORD, "QR text differs")
        _check_number(told.word(Field.TRAVEL_NUMBER))
        cities = tuple(entry.word(Field.CITY) for entry in told.objects(Field.CITIES, CITIES_MAX))
        if not cities:
            raise unreadable(f"field {Field.CITIES}")
        return SourceAnswer(
            status=NO_STATUS,
            refreshed_at=told.find_local_time(Field.REFRESHED_AT),
            visited=tuple(dict.fromkeys(cities)),
        )


TRAVEL_CARD: Final = TravelCard()


def _check_number(number: str) -> None:
    if number not in TRAVEL_NUMBERS:
        raise unreadable(f"field {Field.TRAVEL_NUMBER}")
    reason = TRAVEL_NUMBERS[number]
    if reason is not None:
        raise Undecidable(reason, f"travel number {number}")
