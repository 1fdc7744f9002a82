"""The family ``make_validate``: an opaque one-time QR, exchanged for a token, exchanged for health information.

The flow is Hebei's, seen in a public client (facts, B and C; the calls *code-verification request* and
*user health information query* of GB/T 38963-2020, whose own tables were not seen):

    POST validateCode {qrCode}      → data.bizExtData, data.desensitizeCardId
    POST validateInfo {bizExtData}  → data.bizExtData, data.content: a JSON text with the health information

The second answer must carry the token that was asked for and the masked document number of the first,
else it is another person's record.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tongxing.core.errors import Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import TOLD_MAX, SourceAnswer
from tongxing.regions.families.envelope import Envelope
from tongxing.regions.families.family import Asking
from tongxing.regions.families.reading import check_record_behind
from tongxing.regions.families.requests import json_request
from tongxing.regions.profile import Profile

TOLD_SEPARATOR: Final = "^"


class Field(StrEnum):
    """Every name of this interface: replace a name here if the standard's table says otherwise."""

    QR_TEXT = "qrCode"  # seen
    RETURN_CODE = "errcode"  # seen
    DATA = "data"  # seen
    EXT_DATA = "bizExtData"  # seen; that the second answer repeats it is assumed
    CONTENT = "content"  # seen: a JSON text
    PERSON = "person"  # seen
    MASKED_DOCUMENT = "desensitizeCardId"  # seen in the second answer, assumed in the first
    MASKED_NAME = "desensitizeName"  # seen
    PERSON_REF = "personId"  # assumed: an opaque id of the person, the same in every answer
    STATUS = "fxdj"  # seen, with 00, 01 and 10; that Hubei tells its colours there is assumed
    TOLD = "warnType"  # seen; that it holds reason words, joined as ``symptom`` is, is assumed
    SINCE = "warnTime"  # assumed
    REFRESHED_AT = "updateTime"  # assumed
    DIVISION = "xzqh"  # assumed, after xzqhfxdj, the risk of the division


RETURN_CODES: Final[Mapping[str, ReasonId]] = MappingProxyType(
    {
        "10006": ReasonId.SOURCE_REFUSED,  # seen: signature error
        "40000": ReasonId.SOURCE_REFUSED,  # seen: device not authorised
        "40001": ReasonId.SOURCE_REFUSED,  # seen: wrong authorisation code
        "40006": ReasonId.SOURCE_AWAY,  # seen: third-party service busy
        "40007": ReasonId.TICKET_EXPIRED,  # seen: code invalid or expired
        "40010": ReasonId.TICKET_UNKNOWN,  # assumed: no such code
        "40011": ReasonId.TICKET_USED,  # assumed: the one-time code was checked before
        "40017": ReasonId.SOURCE_AWAY,  # seen: try again
        "40019": ReasonId.SOURCE_AWAY,  # seen: platform under maintenance
    }
)
"""Return codes as seen at a terminal of the national code (facts, C). Any other is SOURCE_REFUSED."""

_ALL_IS_WELL: Final = "0"
_ENVELOPE: Final = Envelope(Field.RETURN_CODE, Field.DATA, _ALL_IS_WELL, RETURN_CODES)


class MakeValidate:
    """The family ``make_validate``."""

    name: Final = "make_validate"

    def recognises(self, text: str, profile: Profile) -> bool:
        """True if ``text`` has the form of the region's QR text."""
        return profile.is_own_code(text)

    def ask(self, text: str, profile: Profile, at: datetime, query_id: str, credentials: Mapping[str, str]) -> Asking:  # noqa: ARG002 - as the protocol has it
        """Ask in two requests; see the protocol for what is raised."""
        paths = profile.parameters
        checked = _ENVELOPE.open((yield json_request(paths["validate_code_path"], {Field.QR_TEXT: text}, query_id)))
        token = checked.word(Field.EXT_DATA)
        masked_document = checked.word(Field.MASKED_DOCUMENT)
        told = _ENVELOPE.open((yield json_request(paths["validate_info_path"], {Field.EXT_DATA: token}, query_id)))
        content = told.json_text(Field.CONTENT)
        person = content.object(Field.PERSON)
        if told.word(Field.EXT_DATA) != token or person.word(Field.MASKED_DOCUMENT) != masked_document:
            raise Undecidable(ReasonId.OTHER_PERSONS_RECORD, "token or masked document number differs")
        return check_record_behind(
            SourceAnswer(
                status=content.find_word(Field.STATUS) or "",
                told=content.find_words(Field.TOLD, TOLD_SEPARATOR, TOLD_MAX),
                since=content.find_local_time(Field.SINCE),
                refreshed_at=content.find_local_time(Field.REFRESHED_AT),
                masked_name=person.find_name(Field.MASKED_NAME),
                division=content.find_word(Field.DIVISION),
                person_ref=person.find_ref(Field.PERSON_REF),
            )
        )


MAKE_VALIDATE: Final = MakeValidate()
