"""Every name that the face of GB/T 38963-2020 sends or takes: the one table to replace.

The body of the standard could not be read; only its table of contents was. So each name says how sure it is:
``contents`` stands in the standard's own table of contents, ``seen`` in the program of somebody who integrated with
the national platform (spelling as there, also where it is odd), ``assumed`` was chosen here. Whoever has the text puts
its names here, and calls, answers, the OpenAPI document and the page of docs follow: no other module knows a name.
The same word of ours has the same name in every call.

Spec: GB/T 38963-2020, 6.2 and annex A, by their titles.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

from tongxing.core.words import Sentence


class NameSure(StrEnum):
    """How sure a name is."""

    CONTENTS = "contents"
    SEEN = "seen"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class WireName:
    """A name on the wire, how sure it is, and what it means."""

    wire: str
    sure: NameSure
    words: Sentence


class CallNumber(IntEnum):
    """The seven calls, in the order of the standard's contents."""

    HEALTH_DECLARATION = 1
    TRIP_DECLARATION = 2
    HEALTH_QUERY = 3
    CALL_APPLICATION = 4
    CODE_MAKING = 5
    CODE_VERIFICATION = 6
    ERROR_CORRECTION = 7


@dataclass(frozen=True, slots=True)
class CallName:
    """One call: its path, and its title in the standard's contents."""

    path: str
    sure: NameSure
    title: Sentence


PREFIX: Final = "/gb38963"

CALL_NAMES: Final[Mapping[CallNumber, CallName]] = MappingProxyType(
    {
        number: CallName(f"{PREFIX}/{path}", NameSure.ASSUMED, Sentence(zh, en))
        for number, path, zh, en in (
            (CallNumber.HEALTH_DECLARATION, "health-declaration", "用户健康信息申报", "declaration of health"),
            (CallNumber.TRIP_DECLARATION, "trip-declaration", "用户行程申报", "declaration of trips"),
            (CallNumber.HEALTH_QUERY, "health-query", "用户健康信息查询", "query of health"),
            (CallNumber.CALL_APPLICATION, "call-application", "健康码调用申请", "application for a call"),
            (CallNumber.CODE_MAKING, "code-making", "健康码制码请求", "making a code"),
            (CallNumber.CODE_VERIFICATION, "code-verification", "健康码验码请求", "verifying a code"),
            (CallNumber.ERROR_CORRECTION, "error-correction", "用户健康信息纠错", "correction of an error"),
        )
    }
)


def _contents(wire: str, zh: str, en: str) -> WireName:
    return WireName(wire, NameSure.CONTENTS, Sentence(zh, en))


def _seen(wire: str, zh: str, en: str) -> WireName:
    return WireName(wire, NameSure.SEEN, Sentence(zh, en))


def _assumed(wire: str, zh: str, en: str) -> WireName:
    return WireName(wire, NameSure.ASSUMED, Sentence(zh, en))


# fmt: off
NAMES: Final[Mapping[str, WireName]] = MappingProxyType({
    "return_code": _seen("errcode", "返回码", "return code"),
    "return_message": _assumed("errmsg", "返回说明", "what the return code says"),
    "return_message_en": _assumed("errmsgEn", "返回说明（英文）", "the same in English"),
    "problem": _assumed("problem", "问题标识（本系统）", "this system's own slug of what is wrong"),
    "data": _seen("data", "返回内容", "the answer"),
    "name": _assumed("name", "姓名", "name"),
    "document_type": _assumed("idType", "证件类型", "type of identity document"),
    "document_number": _assumed("idNumber", "证件号码", "number of the document"),
    "consent": _assumed("isAuthorized", "本人是否授权", "whether the person has consented"),
    "presence": _assumed("isPresent", "本人是否在场", "whether the person is present"),
    "temperature": _seen("temperature", "体温（摄氏度）", "temperature in degrees Celsius"),
    "confirmed": _assumed("isConfirmed", "体温是否经本人确认", "whether the person confirmed the temperature"),
    "symptoms": _seen("symptom", "症状（以^连接）", "symptoms, joined by ^"),
    "contact": _seen("isContactPatient", "是否接触过患者", "contact with a patient"),
    "been_in_risk_area": _seen("isEpidemicAreaRisk", "是否到过高风险地区", "been to a high-risk area"),
    "trips": _seen("xcgjAllList", "行程列表", "the trips"),
    "division": _assumed("xzqh", "行政区划代码", "number of the division"),
    "since": _assumed("startTime", "开始时间", "from when"),
    "until": _assumed("endTime", "结束时间", "until when"),
    "declaration_number": _assumed("declareNo", "申报编号", "number of the declaration"),
    "declared_at": _assumed("declareTime", "申报时间", "when it was declared"),
    "valid_until": _assumed("validTime", "有效期至", "until when it counts"),
    "application": _assumed("applyType", "调用类型", "what is applied for"),
    "serial": _seen("bsn", "业务流水号", "one-time serial number"),
    "random": _seen("randomNumber", "随机数", "random number"),
    "expires_at": _assumed("expireTime", "失效时间", "when it ends"),
    "qr_text": _seen("qrCode", "二维码内容", "text of the code"),
    "modules": _seen("imgStream", "码图点阵（base64）", "modules of the picture, base64"),
    "width": _seen("width", "码图每边点数", "modules on each side"),
    "place_kind": _assumed("placeType", "场所类型", "kind of place"),
    "exchange_token": _contents("BizExtData", "扩展数据", "extension data: an opaque token"),
    "verdict_ref": _seen("uuid", "本次查询标识", "id of this query"),
    "outcome": _assumed("passResult", "通行结论", "what to do"),
    "messages": _seen("warmMsgs", "提示信息", "messages"),
    "messages_en": _assumed("warmMsgsEn", "提示信息（英文）", "the same in English"),
    "measures": _assumed("measures", "措施", "what is asked of whoever passes"),
    "data_age_seconds": _assumed("dataAgeSeconds", "数据时效（秒）", "age of the data in seconds"),
    "person": _seen("person", "个人信息", "the person"),
    "masked_name": _seen("desensitizeName", "脱敏姓名", "masked name"),
    "masked_number": _seen("desensitizeCardId", "脱敏证件号码", "masked number"),
    "reports": _seen("healthyReport", "各地健康状况报告", "what each region reports"),
    "reporter": _assumed("reportProvince", "报告地区代码", "number of the reporting region"),
    "level": _seen("healthyStaus", "健康状态", "level that one region reports"),
    "overall_level": _seen("fxdj", "风险等级", "overall level"),
    "standing": _assumed("reportState", "报告有效状态", "whether the report can be used"),
    "as_of": _seen("updateTime", "更新时间", "as of when"),
    "case_number": _assumed("correctNo", "纠错编号", "number of the correction"),
    "claim": _assumed("correctType", "纠错事项", "what is said to be wrong"),
    "state": _assumed("correctState", "办理状态", "where the correction stands"),
    "decision": _assumed("correctResult", "办理结果", "what was decided"),
    "opened_at": _assumed("acceptTime", "受理时间", "when it was acknowledged"),
    "decide_by": _assumed("decideTime", "办结时限", "by when it should be decided"),
    "limit_at": _assumed("limitTime", "最长时限", "by when at the very latest"),
    "others_consulted": _assumed("isOthersQueried", "是否已查询其他地区", "whether other regions were asked"),
})
# fmt: on


def wire_name(ours: str) -> str:
    """Return the name on the wire of one of our words. Raises ``KeyError`` for a word without a row."""
    return NAMES[ours].wire
