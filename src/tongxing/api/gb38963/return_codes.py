"""Return codes of the face of GB/T 38963-2020, and the one table between problems, reasons and them.

The standard's annex B was not seen. Numbers marked *seen* are those of a terminal of the national code or of a
visitor gate's vendor, in public source code; the rest, from 41000, are assumed. A return code tells a class of
failures: which one it is, the problem's slug tells, beside a sentence in both languages. The HTTP status stays what
it is in the rest of the interface, so that nothing that reads only the status takes a failure for a success.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from tongxing.core.problems import ProblemId
from tongxing.core.reasons import REASONS, ReasonId, Stage
from tongxing.core.words import Sentence


class ReturnCode(IntEnum):
    """The numbers."""

    OK = 10000
    SIGNATURE_WRONG = 10006
    PLATFORM_UNSUPPORTED = 22002
    STATUS_NOT_OBTAINED = 22009
    NOT_AUTHORISED = 40000
    AUTHORISATION_WRONG = 40001
    THIRD_PARTY_BUSY = 40006
    CODE_INVALID_OR_EXPIRED = 40007
    TRY_AGAIN = 40017
    UNDER_MAINTENANCE = 40019
    REQUEST_MALFORMED = 41000
    CONSENT_MISSING = 41001
    LIMIT_REACHED = 41002
    NOT_FOUND = 41003
    CONFLICT = 41004


@dataclass(frozen=True, slots=True)
class ReturnCodeRow:
    """What a number says, and whether it was seen anywhere."""

    words: Sentence
    is_seen: bool


def _seen(zh: str, en: str) -> ReturnCodeRow:
    return ReturnCodeRow(Sentence(zh, en), is_seen=True)


def _assumed(zh: str, en: str) -> ReturnCodeRow:
    return ReturnCodeRow(Sentence(zh, en), is_seen=False)


RETURN_CODES: Final[Mapping[ReturnCode, ReturnCodeRow]] = MappingProxyType(
    {
        ReturnCode.OK: _seen("成功", "done"),
        ReturnCode.SIGNATURE_WRONG: _seen("签名错误", "the signature is wrong"),
        ReturnCode.PLATFORM_UNSUPPORTED: _seen("本地区平台不支持此项", "the region's platform does not offer this"),
        ReturnCode.STATUS_NOT_OBTAINED: _seen("未取得状态", "no status was obtained"),
        ReturnCode.NOT_AUTHORISED: _seen("设备或应用未授权", "the device or application is not authorised"),
        ReturnCode.AUTHORISATION_WRONG: _seen("流水号或随机数错误", "the serial or random number is wrong"),
        ReturnCode.THIRD_PARTY_BUSY: _seen("第三方服务暂不可用", "another service is away or busy"),
        ReturnCode.CODE_INVALID_OR_EXPIRED: _seen("码无效或已过期", "the code is invalid or has expired"),
        ReturnCode.TRY_AGAIN: _seen("请稍后重试", "try again later"),
        ReturnCode.UNDER_MAINTENANCE: _seen("平台维护中", "the platform is being mended"),
        ReturnCode.REQUEST_MALFORMED: _assumed("请求格式有误", "the request is not well-formed"),
        ReturnCode.CONSENT_MISSING: _assumed("需要本人授权或在场", "the person's consent or presence is needed"),
        ReturnCode.LIMIT_REACHED: _assumed("次数已达上限", "the limit has been reached"),
        ReturnCode.NOT_FOUND: _assumed("不存在", "there is no such thing"),
        ReturnCode.CONFLICT: _assumed("与现有内容冲突", "this conflicts with what is held"),
    }
)

_OF_PROBLEM: Final[Mapping[ProblemId, ReturnCode]] = MappingProxyType(
    {
        ProblemId.UNAUTHENTICATED: ReturnCode.NOT_AUTHORISED,
        ProblemId.SESSION_ENDED: ReturnCode.NOT_AUTHORISED,
        ProblemId.FORBIDDEN: ReturnCode.NOT_AUTHORISED,
        ProblemId.SIGNATURE_INVALID: ReturnCode.SIGNATURE_WRONG,
        ProblemId.CLOCK_SKEW: ReturnCode.SIGNATURE_WRONG,
        ProblemId.NONCE_REPLAYED: ReturnCode.SIGNATURE_WRONG,
        ProblemId.TICKET_UNUSABLE: ReturnCode.AUTHORISATION_WRONG,
        ProblemId.CODE_NOT_CONFIRMED: ReturnCode.STATUS_NOT_OBTAINED,
        ProblemId.UPSTREAM_AWAY: ReturnCode.THIRD_PARTY_BUSY,
        ProblemId.OVERLOADED: ReturnCode.TRY_AGAIN,
        ProblemId.REQUEST_TOO_SLOW: ReturnCode.TRY_AGAIN,
        ProblemId.WAY_NOT_USED: ReturnCode.PLATFORM_UNSUPPORTED,
        ProblemId.CONSENT_NEEDED: ReturnCode.CONSENT_MISSING,
        ProblemId.LIMITED: ReturnCode.LIMIT_REACHED,
        ProblemId.NOT_FOUND: ReturnCode.NOT_FOUND,
        ProblemId.CONFLICT: ReturnCode.CONFLICT,
        ProblemId.STORE_FULL: ReturnCode.UNDER_MAINTENANCE,
        ProblemId.FAULT: ReturnCode.UNDER_MAINTENANCE,
    }
)


_NOBODY_ANSWERED: Final = frozenset(
    {
        ReasonId.GATEWAY_AWAY,
        ReasonId.GATEWAY_SLOW,
        ReasonId.HUB_AWAY,
        ReasonId.SOURCE_AWAY,
        ReasonId.SOURCE_SLOW,
        ReasonId.SOURCE_UNREADABLE,
        ReasonId.SOURCE_REFUSED,
        ReasonId.BUNDLE_TOO_OLD,
        ReasonId.BUNDLE_FROM_THE_FUTURE,
        ReasonId.VERIFIER_KEY_MISSING,
    }
)
"""Reasons that say nothing against what was shown."""


def return_code_of(problem: ProblemId) -> ReturnCode:
    """Return the number of a problem: what has no row of its own is about the form of the request."""
    return _OF_PROBLEM.get(problem, ReturnCode.REQUEST_MALFORMED)


def return_code_of_reason(reason: ReasonId) -> ReturnCode:
    """Return the number of the reason of a verdict, to whoever had a code verified.

    Whatever a rule decided on is a code that was verified: what to do about it is told to the query alone.
    """
    stage = REASONS[reason].stage
    if stage >= Stage.DECIDE:
        return ReturnCode.OK
    if stage in {Stage.TRANSLATE, Stage.COMBINE}:
        return ReturnCode.STATUS_NOT_OBTAINED
    return ReturnCode.THIRD_PARTY_BUSY if reason in _NOBODY_ANSWERED else ReturnCode.CODE_INVALID_OR_EXPIRED
