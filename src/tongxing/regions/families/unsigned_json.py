"""The family ``unsigned_json``: the QR text is a JSON object with a code's id and the time of the last report.

Zhuhai's template of March 2020 (facts, A), which holds for seven days after the last report:

    {"codeId":"…","lastReportTime":"2020-03-20 08:00:00"}

Nobody signs it, so anybody can write one: the text alone proves nothing, and the back end is always asked.
Its own time counts and the text's only against it: a text that is older than the last report was copied before
it, one that is newer was never given out. How the back end is asked is assumed:

    POST query {codeId, requestId}
    → {resultCode, data: {codeId, lastReportTime, healthStatus, userName, personId}}

The text is read in the one way in which the template writes it; the profile's ``qr`` is its beginning with the
id, ``{"codeId":"`` included.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tongxing.core.calendar import BEIJING
from tongxing.core.errors import Rejected, Undecidable
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

TEXT_BEGINNING: Final = '{"codeId":"'
VALID_FOR: Final = timedelta(days=7)
"""Seen: counted from the last report."""

_TAIL: Final = re.compile(r'","lastReportTime":"(20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})"\}')
_TAIL_CHARACTERS: Final = len('","lastReportTime":"2020-03-20 08:00:00"}')


class Field(StrEnum):
    """Every name of this interface: replace a name here if the partner's documents say otherwise."""

    CODE_ID = "codeId"  # seen on the code, assumed in the question and the answer
    REPORTED_AT = "lastReportTime"  # seen on the code, assumed in the answer
    REQUEST_ID = "requestId"  # assumed
    RETURN_CODE = "resultCode"  # assumed
    DATA = "data"  # assumed
    STATUS = "healthStatus"  # assumed
    NAME = "userName"  # assumed
    PERSON_REF = "personId"  # assumed


RETURN_CODES: Final[Mapping[str, ReasonId]] = MappingProxyType(
    {
        "1001": ReasonId.TICKET_UNKNOWN,  # assumed: no such code
        "2001": ReasonId.SOURCE_REFUSED,  # assumed: not authorised
        "3001": ReasonId.SOURCE_AWAY,  # assumed: busy
        "3002": ReasonId.SOURCE_AWAY,  # assumed: under maintenance
    }
)
"""Return codes. Any other is SOURCE_REFUSED."""

ALL_IS_WELL: Final = "0"
_ENVELOPE: Final = Envelope(Field.RETURN_CODE, Field.DATA, ALL_IS_WELL, RETURN_CODES)


class UnsignedJson:
    """The family ``unsigned_json``."""

    name: Final = "unsigned_json"

    def recognises(self, text: str, profile: Profile) -> bool:
        """True if ``text`` is such an object, written as the template writes it, with an id of the region's form."""
        return _find_report_time(text) is not None and profile.is_own_code(text[:-_TAIL_CHARACTERS])

    def ask(self, text: str, profile: Profile, at: datetime, query_id: str, credentials: Mapping[str, str]) -> Asking:  # noqa: ARG002 - as the protocol has it
        """Ask in one request; see the protocol for what is raised."""
        code_id = text[:-_TAIL_CHARACTERS].removeprefix(TEXT_BEGINNING)
        asked = {Field.CODE_ID: code_id, Field.REQUEST_ID: query_id}
        told = _ENVELOPE.open((yield json_request(profile.parameters["query_path"], asked, query_id)))
        if told.word(Field.CODE_ID) != code_id:
            raise Undecidable(ReasonId.OTHER_PERSONS_RECORD, "code id differs")
        reported_at = told.find_local_time(Field.REPORTED_AT)
        if reported_at is None:
            raise unreadable(f"field {Field.REPORTED_AT}")
        _check_text_against(_find_report_time(text), reported_at)
        return check_record_behind(
            SourceAnswer(
                status=told.find_word(Field.STATUS) or "",
                refreshed_at=reported_at,
                valid_until=reported_at + VALID_FOR,
                masked_name=told.find_name(Field.NAME),
                person_ref=told.find_ref(Field.PERSON_REF),
            )
        )


UNSIGNED_JSON: Final = UnsignedJson()


def _find_report_time(text: str) -> datetime | None:
    """Return the time that the text tells, aware, or None if it is no such text."""
    tail = _TAIL.fullmatch(text[-_TAIL_CHARACTERS:])
    try:
        return None if tail is None else datetime.fromisoformat(tail[1]).replace(tzinfo=BEIJING).astimezone(UTC)
    except ValueError:
        return None


def _check_text_against(shown: datetime | None, reported_at: datetime) -> None:
    if shown is None or shown > reported_at:
        raise Rejected(ReasonId.TICKET_UNKNOWN, "the text tells a report that the back end has not")
    if shown < reported_at:
        raise Rejected(ReasonId.TICKET_EXPIRED, "a newer report took the place of the text's")
