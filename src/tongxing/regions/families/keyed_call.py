"""The family ``keyed_call``: every call is signed with a secret of its own, which is fetched before it.

The scheme is Zhejiang's data platform's, as a bus operator's public client speaks it (facts, C); the answers' names
are assumed, and so is that a code's text may stand where that client sent a document number:

    POST secret {appKey, requestTime, sign = MD5(appKey + app_secret + requestTime)}
    → {code, datas: {requestSecret, requestSecretEndTime}}
    POST query  {appKey, requestTime, sign = MD5(appKey + requestSecret + requestTime), key}
    → {code, datas: {key, codeColour, reason, reasonTime, updateTime, userName, personId}}

The query's headers name the department that asks and the area. Key and secret are the gateway's credentials. MD5 is
what the partner demands; nothing of ours rests on it. The answer must repeat the key that was asked for, else it is
another person's record; a colour with no record behind it is none.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tongxing.core.errors import Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.crypto.digests import unsafe_md5
from tongxing.regions.answers import TOLD_MAX, SourceAnswer
from tongxing.regions.families.envelope import Envelope
from tongxing.regions.families.family import Asking
from tongxing.regions.families.reading import check_record_behind
from tongxing.regions.families.requests import json_request, milliseconds, secret_of
from tongxing.regions.profile import Profile

APP_KEY: Final = "app_key"
APP_SECRET: Final = "app_secret"  # noqa: S105 - the name of the credential, not its value
"""The two credentials that this family needs."""

TOLD_SEPARATOR: Final = ","


class Field(StrEnum):
    """Every name of this interface: replace a name here if the partner's documents say otherwise."""

    APP_KEY = "appKey"  # seen
    REQUEST_TIME = "requestTime"  # seen: milliseconds since 1970
    SIGN = "sign"  # seen
    REQUEST_SECRET = "requestSecret"  # seen # noqa: S105 - a name
    SECRET_UNTIL = "requestSecretEndTime"  # assumed: milliseconds since 1970  # noqa: S105 - a name
    KEY = "key"  # seen with a document number; the code's text in its place is assumed
    RETURN_CODE = "code"  # assumed
    DATA = "datas"  # assumed
    STATUS = "codeColour"  # assumed
    TOLD = "reason"  # assumed: the reason words, joined by commas
    SINCE = "reasonTime"  # assumed
    REFRESHED_AT = "updateTime"  # assumed
    NAME = "userName"  # assumed
    PERSON_REF = "personId"  # assumed


DEPARTMENT_HEADER: Final = "x-request-department"
AREA_HEADER: Final = "x-area-code"
"""That headers name department and area was seen, how they are called is assumed."""

RETURN_CODES: Final[Mapping[str, ReasonId]] = MappingProxyType(
    {
        "01": ReasonId.TICKET_UNKNOWN,  # assumed: nobody has this key
        "02": ReasonId.TICKET_EXPIRED,  # assumed: the code is too old
        "14": ReasonId.SOURCE_REFUSED,  # assumed: the signature does not fit
        "15": ReasonId.SOURCE_REFUSED,  # assumed: the secret has run out or was used
        "16": ReasonId.SOURCE_REFUSED,  # assumed: not authorised for this department
        "98": ReasonId.SOURCE_AWAY,  # assumed: busy
        "99": ReasonId.SOURCE_AWAY,  # assumed: under maintenance
    }
)
"""Return codes. Any other is SOURCE_REFUSED."""

ALL_IS_WELL: Final = "00"
_ENVELOPE: Final = Envelope(Field.RETURN_CODE, Field.DATA, ALL_IS_WELL, RETURN_CODES)


class KeyedCall:
    """The family ``keyed_call``."""

    name: Final = "keyed_call"

    def recognises(self, text: str, profile: Profile) -> bool:
        """True if ``text`` has the form of the region's QR text."""
        return profile.is_own_code(text)

    def ask(self, text: str, profile: Profile, at: datetime, query_id: str, credentials: Mapping[str, str]) -> Asking:
        """Ask in two requests; see the protocol for what is raised. Needs ``APP_KEY`` and ``APP_SECRET``."""
        app_key, app_secret = secret_of(credentials, APP_KEY), secret_of(credentials, APP_SECRET)
        parameters, now = profile.parameters, milliseconds(at)
        given = _ENVELOPE.open(
            (yield json_request(parameters["secret_path"], signed_call(app_key, app_secret, now), query_id))
        )
        call_secret = given.word(Field.REQUEST_SECRET)
        if _has_run_out(given.find_word(Field.SECRET_UNTIL), now):
            raise Undecidable(ReasonId.SOURCE_REFUSED, "the secret given for the call has run out")
        asked = {**signed_call(app_key, call_secret, now), Field.KEY: text}
        headers = {DEPARTMENT_HEADER: parameters["department"], AREA_HEADER: parameters["area_code"]}
        told = _ENVELOPE.open((yield json_request(parameters["query_path"], asked, query_id, headers)))
        if told.word(Field.KEY) != text:
            raise Undecidable(ReasonId.OTHER_PERSONS_RECORD, "key differs")
        return check_record_behind(
            SourceAnswer(
                status=told.find_word(Field.STATUS) or "",
                told=told.find_words(Field.TOLD, TOLD_SEPARATOR, TOLD_MAX),
                since=told.find_local_time(Field.SINCE),
                refreshed_at=told.find_local_time(Field.REFRESHED_AT),
                masked_name=told.find_name(Field.NAME),
                person_ref=told.find_ref(Field.PERSON_REF),
            )
        )


KEYED_CALL: Final = KeyedCall()


def signed_call(app_key: str, secret: str, request_time: str) -> dict[str, str]:
    """Return what every call carries: key, time in milliseconds, and 32 lower-case hex digits over both and ``secret``.

    The parts are joined with nothing between them and what is asked is not signed at all: a scheme to be
    spoken where the partner speaks it.
    """
    return {
        Field.APP_KEY: app_key,
        Field.REQUEST_TIME: request_time,
        Field.SIGN: unsafe_md5(f"{app_key}{secret}{request_time}".encode()).hex(),
    }


def _has_run_out(until: str | None, now: str) -> bool:
    """True if a moment is told, in milliseconds, and is past; what is no number is no end that can be trusted."""
    if until is None:
        return False
    return not (until.isascii() and until.isdecimal() and len(until) == len(now) and until > now)
