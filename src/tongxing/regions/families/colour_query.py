"""The family ``colour_query``: one query by city and code content; a colour, a refresh time and a masked name.

The interface is a payment platform's, seen in its public client (facts, C):

    POST method=…healthcode.verify, biz_content={city_code, code_content, industry_type}
    → {…_response: {code, code_color, code_content, refresh_time, user_name}}

It tells no cause, so what comes of it is *colour only*. The answer must repeat the code content that
was asked for, else it is another person's record.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from tongxing.core.calendar import BEIJING
from tongxing.core.errors import Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import BackEndAnswer, BackEndRequest, SourceAnswer
from tongxing.regions.families.family import Asking
from tongxing.regions.families.reading import AnswerObject, check_record_behind, parse_answer, refusal
from tongxing.regions.profile import Profile


class Field(StrEnum):
    """Every name of this interface: replace a name here if the partner's documents say otherwise."""

    METHOD = "method"  # seen
    CHARSET = "charset"  # seen
    TIMESTAMP = "timestamp"  # seen
    BIZ_CONTENT = "biz_content"  # seen
    CITY = "city_code"  # seen
    CODE_CONTENT = "code_content"  # seen
    INDUSTRY = "industry_type"  # seen
    RESPONSE = "alipay_ebpp_industry_gov_healthcode_verify_response"  # assumed, after the method's name
    RETURN_CODE = "code"  # seen
    SUB_CODE = "sub_code"  # seen
    COLOUR = "code_color"  # seen
    REFRESHED_AT = "refresh_time"  # seen; may be empty
    MASKED_NAME = "user_name"  # seen


METHOD: Final = "alipay.ebpp.industry.gov.healthcode.verify"

RETURN_CODES: Final[Mapping[str, ReasonId]] = MappingProxyType(
    {
        "20000": ReasonId.SOURCE_AWAY,  # assumed: service not available
        "20001": ReasonId.SOURCE_REFUSED,  # assumed: not authorised
        "40001": ReasonId.SOURCE_REFUSED,  # assumed: a parameter is missing
        "40002": ReasonId.SOURCE_REFUSED,  # assumed: a parameter is wrong
        "40006": ReasonId.SOURCE_REFUSED,  # assumed: no permission
    }
)
"""Return codes of the platform. Any other is SOURCE_REFUSED, unless a sub code says more."""

SUB_CODES: Final[Mapping[str, ReasonId]] = MappingProxyType(
    {
        "CODE_NOT_EXIST": ReasonId.TICKET_UNKNOWN,  # assumed
        "CODE_EXPIRED": ReasonId.TICKET_EXPIRED,  # assumed
        "SYSTEM_ERROR": ReasonId.SOURCE_AWAY,  # assumed
    }
)

_ALL_IS_WELL: Final = "10000"


class ColourQuery:
    """The family ``colour_query``."""

    name: Final = "colour_query"

    def recognises(self, text: str, profile: Profile) -> bool:
        """True if ``text`` has the form of the region's QR text."""
        return profile.is_own_code(text)

    def ask(self, text: str, profile: Profile, at: datetime, query_id: str, credentials: Mapping[str, str]) -> Asking:  # noqa: ARG002 - as the protocol has it
        """Ask in one request; see the protocol for what is raised."""
        reply = _response_of((yield _request(text, profile.parameters, at, query_id)))
        if reply.word(Field.CODE_CONTENT) != text:
            raise Undecidable(ReasonId.OTHER_PERSONS_RECORD, "code content differs")
        return check_record_behind(
            SourceAnswer(
                status=reply.find_word(Field.COLOUR) or "",
                refreshed_at=reply.find_local_time(Field.REFRESHED_AT),
                masked_name=reply.find_name(Field.MASKED_NAME),
            )
        )


COLOUR_QUERY: Final = ColourQuery()


def _request(text: str, parameters: Mapping[str, str], at: datetime, query_id: str) -> BackEndRequest:
    business = {
        Field.CITY: parameters["city_code"],
        Field.CODE_CONTENT: text,
        Field.INDUSTRY: parameters["industry_type"],
    }
    form: dict[str, object] = {
        Field.METHOD: METHOD,
        Field.CHARSET: "utf-8",
        Field.TIMESTAMP: at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
        Field.BIZ_CONTENT: json.dumps(business, ensure_ascii=False),
    }
    headers = {
        "content-type": "application/x-www-form-urlencoded;charset=utf-8",
        "accept": "application/json",
        "x-request-id": query_id,
    }
    return BackEndRequest("POST", parameters["gateway_path"], headers, urlencode(form).encode())


def _response_of(answer: BackEndAnswer) -> AnswerObject:
    reply = parse_answer(answer).object(Field.RESPONSE)
    return_code = reply.word(Field.RETURN_CODE)
    if return_code != _ALL_IS_WELL:
        reason = RETURN_CODES.get(return_code, ReasonId.SOURCE_REFUSED)
        reason = SUB_CODES.get(reply.find_word(Field.SUB_CODE) or "", reason)
        raise refusal(reason, f"return code {return_code if return_code in RETURN_CODES else 'not listed'}")
    return reply
