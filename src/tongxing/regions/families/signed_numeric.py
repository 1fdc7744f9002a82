"""The family ``signed_numeric``: a signed query by QR text; a number for the status, and whose code it was.

Anhui's interface as a gate vendor's notes and public client code show it (facts, C):

    POST query {appId, nonceStr, qrCode, timestamp, sign}
    → {flag, data: {flag, errMsg, data: {healthLevel, name, idCardNo, dataSource, …}}}

``sign`` is the SHA-256, in upper-case hex, of the parameters sorted by name and joined as ``name=value&…``
with the partner's secret at the end. ``healthLevel`` is 1, 2, 3, or empty while the code is being issued.
``dataSource`` 2 says that the national code answered: then what comes is the federation's, relayed.

The document number in the answer is not read: a back end's documents stay with it. The answer must
repeat the QR text that was asked for, else it is another person's record.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tongxing.core.errors import Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.core.words import FEDERATION, RegionId
from tongxing.crypto.digests import sha256
from tongxing.regions.answers import BackEndAnswer, SourceAnswer
from tongxing.regions.families.family import Asking
from tongxing.regions.families.reading import AnswerObject, check_record_behind, parse_answer, refusal, unreadable
from tongxing.regions.families.requests import json_request
from tongxing.regions.profile import Profile

SIGNING_SECRET: Final = "signing_secret"  # noqa: S105 - the name of the credential, not its value
"""The one credential that this family needs."""


class Field(StrEnum):
    """Every name of this interface: replace a name here if the partner's documents say otherwise."""

    APP_ID = "appId"  # assumed
    NONCE = "nonceStr"  # assumed
    QR_TEXT = "qrCode"  # assumed, in the question and repeated in the answer
    TIMESTAMP = "timestamp"  # assumed: milliseconds since 1970
    SIGN = "sign"  # seen; how secret and parameters are joined is assumed
    FLAG = "flag"  # seen, outside and inside
    ERROR = "errMsg"  # seen
    DATA = "data"  # seen, outside and inside
    STATUS = "healthLevel"  # seen: 1, 2, 3 or empty
    NAME = "name"  # seen
    DOCUMENT_NUMBER = "idCardNo"  # seen; never read
    DATA_SOURCE = "dataSource"  # seen: 1 Anhui, 2 national
    PERSON_REF = "personId"  # assumed


ERRORS: Final[Mapping[str, ReasonId]] = MappingProxyType(
    {
        "二维码不存在": ReasonId.TICKET_UNKNOWN,  # assumed: no such code
        "二维码已失效": ReasonId.TICKET_EXPIRED,  # assumed: the code is too old
        "签名错误": ReasonId.SOURCE_REFUSED,  # assumed: the signature does not fit
        "系统繁忙": ReasonId.SOURCE_AWAY,  # assumed: busy
        "系统维护": ReasonId.SOURCE_AWAY,  # assumed: under maintenance
    }
)
"""What ``errMsg`` can say where a flag is false. Anything else is SOURCE_REFUSED."""

SOURCES: Final[Mapping[str, RegionId | None]] = MappingProxyType({"1": None, "2": FEDERATION})
"""Who answered, by ``dataSource``: the region itself, or whose report it relays."""


class SignedNumeric:
    """The family ``signed_numeric``."""

    name: Final = "signed_numeric"

    def recognises(self, text: str, profile: Profile) -> bool:
        """True if ``text`` has the form of the region's QR text."""
        return profile.is_own_code(text)

    def ask(self, text: str, profile: Profile, at: datetime, query_id: str, credentials: Mapping[str, str]) -> Asking:
        """Ask in one signed request; see the protocol for what is raised. Needs ``SIGNING_SECRET``."""
        secret = credentials.get(SIGNING_SECRET)
        if not secret:
            raise Undecidable(ReasonId.SOURCE_REFUSED, f"this gateway has no credential {SIGNING_SECRET}")
        parameters: dict[str, str] = {
            Field.APP_ID: profile.parameters["app_id"],
            Field.NONCE: query_id,
            Field.QR_TEXT: text,
            Field.TIMESTAMP: str(int(at.timestamp() * 1000)),
        }
        signed = {**parameters, Field.SIGN: sign_parameters(parameters, secret)}
        told = _data_of((yield json_request(profile.parameters["query_path"], signed, query_id)))
        if told.word(Field.QR_TEXT) != text:
            raise Undecidable(ReasonId.OTHER_PERSONS_RECORD, "QR text differs")
        source = told.word(Field.DATA_SOURCE)
        if source not in SOURCES:
            raise unreadable(f"field {Field.DATA_SOURCE}")
        return check_record_behind(
            SourceAnswer(
                status=told.word_or_empty(Field.STATUS),
                masked_name=told.find_name(Field.NAME),
                person_ref=told.find_ref(Field.PERSON_REF),
                derived_from=SOURCES[source],
            )
        )


SIGNED_NUMERIC: Final = SignedNumeric()


def sign_parameters(parameters: Mapping[str, str], secret: str) -> str:
    """Return the signature of a request's parameters: 64 upper-case hex digits.

    A partner's scheme, to be spoken where the partner speaks it and not to rely on: values are joined
    unescaped, so none may hold ``&`` or ``=``, and the secret is hashed with them and not a key of a MAC.
    """
    joined = "&".join(f"{name}={parameters[name]}" for name in sorted(parameters))
    return sha256(f"{joined}&key={secret}".encode()).hex().upper()


def _data_of(answer: BackEndAnswer) -> AnswerObject:
    reply = parse_answer(answer)
    _check_flag(reply)
    inner = reply.object(Field.DATA)
    _check_flag(inner)
    return inner.object(Field.DATA)


def _check_flag(reply: AnswerObject) -> None:
    if not reply.flag(Field.FLAG):
        said = reply.find_word(Field.ERROR) or ""
        reason = ERRORS.get(said, ReasonId.SOURCE_REFUSED)
        raise refusal(reason, f"flag false, {'a listed error' if said in ERRORS else 'an error that is not listed'}")
