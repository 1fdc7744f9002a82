"""The family ``day_password``: a web service that takes a password which changes at midnight.

A hospital's adapter for Zhejiang's service shows the password and the three fields of the answer (facts, B and C);
how they are wrapped is assumed, and so is that a code's text may stand where the adapter sent a document number:

    POST service {AppId, Method, Password = MD5(AppId + Method + yyyyMMdd), Key}
    → {ResultCode, Data: {Key, CodeStatus, StatusReason, Name, UpdateTime, PersonId}}

The day is Beijing's. Two honest clocks differ by seconds, so a password that is refused within ``CLOCK_SKEW`` of
midnight is tried once more with the day beside. Whoever knows the application's id can make the password of any day,
and sends the id with each request: it is a credential of the gateway's and not in the profile, and the scheme is
worth what the transport below it is worth. The answer must repeat the key that was asked for.
"""

from collections.abc import Generator, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tongxing.core.calendar import BEIJING
from tongxing.core.errors import Undecidable
from tongxing.core.limits import CLOCK_SKEW
from tongxing.core.reasons import ReasonId
from tongxing.crypto.digests import unsafe_md5
from tongxing.regions.answers import TOLD_MAX, BackEndAnswer, BackEndRequest, SourceAnswer
from tongxing.regions.families.envelope import Envelope
from tongxing.regions.families.family import Asking
from tongxing.regions.families.reading import AnswerObject, check_record_behind, parse_answer
from tongxing.regions.families.requests import json_request, secret_of
from tongxing.regions.profile import Profile

APP_ID: Final = "app_id"
"""The one credential that this family needs."""

TOLD_SEPARATOR: Final = "、"


class Field(StrEnum):
    """Every name of this interface: replace a name here if the partner's documents say otherwise."""

    APP_ID = "AppId"  # assumed
    METHOD = "Method"  # assumed
    PASSWORD = "Password"  # noqa: S105 - a name, assumed; how it is made was seen
    KEY = "Key"  # assumed, in the question and repeated in the answer
    RETURN_CODE = "ResultCode"  # assumed
    DATA = "Data"  # assumed
    STATUS = "CodeStatus"  # seen
    TOLD = "StatusReason"  # seen; how several are joined is assumed
    NAME = "Name"  # seen
    REFRESHED_AT = "UpdateTime"  # assumed
    PERSON_REF = "PersonId"  # assumed


WRONG_PASSWORD: Final = "1002"  # noqa: S105 - assumed: a return code
RETURN_CODES: Final[Mapping[str, ReasonId]] = MappingProxyType(
    {
        "1001": ReasonId.SOURCE_REFUSED,  # assumed: no such application or method
        WRONG_PASSWORD: ReasonId.SOURCE_REFUSED,
        "2001": ReasonId.TICKET_UNKNOWN,  # assumed: nobody has this key
        "2002": ReasonId.TICKET_EXPIRED,  # assumed: the code is too old
        "9001": ReasonId.SOURCE_AWAY,  # assumed: busy
        "9002": ReasonId.SOURCE_AWAY,  # assumed: under maintenance
    }
)
"""Return codes. Any other is SOURCE_REFUSED."""

ALL_IS_WELL: Final = "0"
_ENVELOPE: Final = Envelope(Field.RETURN_CODE, Field.DATA, ALL_IS_WELL, RETURN_CODES)


class DayPassword:
    """The family ``day_password``."""

    name: Final = "day_password"

    def recognises(self, text: str, profile: Profile) -> bool:
        """True if ``text`` has the form of the region's QR text."""
        return profile.is_own_code(text)

    def ask(self, text: str, profile: Profile, at: datetime, query_id: str, credentials: Mapping[str, str]) -> Asking:
        """Ask in one request, around midnight in at most two; see the protocol for what is raised. Needs ``APP_ID``."""
        told = _ENVELOPE.open_object(
            (yield from _converse(text, profile, at, query_id, secret_of(credentials, APP_ID)))
        )
        if told.word(Field.KEY) != text:
            raise Undecidable(ReasonId.OTHER_PERSONS_RECORD, "key differs")
        return check_record_behind(
            SourceAnswer(
                status=told.find_word(Field.STATUS) or "",
                told=told.find_words(Field.TOLD, TOLD_SEPARATOR, TOLD_MAX),
                refreshed_at=told.find_local_time(Field.REFRESHED_AT),
                masked_name=told.find_name(Field.NAME),
                person_ref=told.find_ref(Field.PERSON_REF),
            )
        )


DAY_PASSWORD: Final = DayPassword()


def day_password(app_id: str, method: str, at: datetime) -> str:
    """Return the password of the Beijing day of ``at`` (aware): 32 lower-case hex digits."""
    return unsafe_md5(f"{app_id}{method}{at.astimezone(BEIJING):%Y%m%d}".encode()).hex()


def _converse(
    text: str, profile: Profile, at: datetime, query_id: str, app_id: str
) -> Generator[BackEndRequest, BackEndAnswer, AnswerObject]:
    """Return the first answer that is no refusal of the password, or the last."""
    path, method = profile.parameters["service_path"], profile.parameters["method_name"]
    nearby = (at, at + CLOCK_SKEW, at - CLOCK_SKEW)
    passwords = tuple(dict.fromkeys(day_password(app_id, method, moment) for moment in nearby))
    for password in passwords:
        asked = {Field.APP_ID: app_id, Field.METHOD: method, Field.PASSWORD: password, Field.KEY: text}
        reply = parse_answer((yield json_request(path, asked, query_id)))
        if reply.word(Field.RETURN_CODE) != WRONG_PASSWORD:
            return reply
    raise Undecidable(ReasonId.SOURCE_REFUSED, f"return code {WRONG_PASSWORD}")
