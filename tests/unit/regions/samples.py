"""What the tests of regions share: the packaged profiles, one more region's, a clock, good answers, a driver."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.regions.dialect_samples import FURTHER, FURTHER_GOOD, FURTHER_QR_OF, SECRETS
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import BackEndAnswer, BackEndRequest, SourceAnswer
from tongxing.regions.families import FAMILIES
from tongxing.regions.profile import Profile, parse_profile

PROFILES = Path(__file__).parent.parent.parent.parent / "src" / "tongxing" / "data" / "profiles"
AT = datetime(2020, 3, 20, 4, 0, tzinfo=UTC)
QUERY_ID = "00112233445566778899aabbccddeeff"
CREDENTIALS = {"signing_secret": "INSECURE_TEST_SECRET", **SECRETS}


def profile_text(region: str) -> str:
    return (PROFILES / f"{region}.toml").read_text(encoding="utf-8")


def load_profile(region: str) -> Profile:
    return parse_profile(profile_text(region).encode())


HUBEI = load_profile("42")
GUANGXI = load_profile("45")
BEIJING = load_profile("11")
ANHUI = load_profile("34")
GUANGDONG = load_profile("44")
GUANGZHOU = load_profile("4401")
TIBET = load_profile("54")
EVERY_PACKAGED = tuple(load_profile(path.stem) for path in sorted(PROFILES.glob("*.toml")))
HUBEI_QR = "HBJKM." + "aB3-_" * 8 + "xyz"
GUANGXI_QR = "GXJKM:" + "0123456789abcdef" * 2
BEIJING_QR = "BJJKB." + "aB3-_xyz" * 4
ANHUI_QR = "AHAKM." + "Zy9_-abc" * 4

ZHEJIANG_TEXT = """
region = "33"
name = { zh = "浙江省", en = "Zhejiang" }
ways = [{ name = "conversion", evidence = "all" }]
documents = [{ type = "10", evidence = "all" }]
refreshes = [{ kind = "data", every_hours = 24, evidence = "all" }]
appeals = [
    { step = "acknowledge", hours = 0, evidence = "all" },
    { step = "decide", hours = 24, evidence = "all" },
    { step = "limit", hours = 48, evidence = "all" },
]
[code]
name = { zh = "浙江健康码", en = "Zhejiang Health Code" }
evidence = "all"
[family]
name = "make_validate"
evidence = "all"
parameters = { validate_code_path = "/code/validate", validate_info_path = "/health/info" }
[qr]
prefix = "ZJJKM."
alphabet = "base64url"
length = 22
one_time = false
evidence = "all"
[sources_checked]
names = ["cases"]
evidence = "all"
[[status]]
value = "1"
colour = "green"
label = { zh = "绿码", en = "green" }
standing = "current"
evidence = "all"
setters = [{ who = "database", does = "sets", evidence = "all" }]
[[status.meaning]]
told = "none"
cause = "nothing_found"
evidence = "all"
[[status]]
value = "2"
colour = "yellow"
label = { zh = "黄码", en = "yellow" }
standing = "current"
evidence = "all"
setters = [{ who = "database", does = "sets", evidence = "all" }]
[[status.meaning]]
told = "fever"
cause = "fever_measured"
evidence = "all"
[[status]]
value = "3"
colour = "red"
label = { zh = "红码", en = "red" }
standing = "current"
evidence = "all"
setters = [{ who = "database", does = "sets", evidence = "all" }]
[[status.meaning]]
told = "contact"
cause = "close_contact"
evidence = "all"
[[status.meaning]]
told = "case"
cause = "confirmed_case"
evidence = "all"
[evidence.all]
sure = "assumed"
source = "made up for a test"
since = 2020-02-01
"""
ZHEJIANG = parse_profile(ZHEJIANG_TEXT.encode())
"""A third region: nothing but data, with another colour for the same cause."""


def json_answer(value: object, status: int = 200) -> BackEndAnswer:
    return BackEndAnswer(status, "application/json", json.dumps(value, ensure_ascii=False).encode())


def converse(profile: Profile, qr_text: str, answers: Iterable[BackEndAnswer]) -> tuple[list[BackEndRequest], object]:
    """Drive the profile's family with answers, one a request; return what it asked and what it returned, if it did."""
    asking = FAMILIES[profile.family].ask(qr_text, profile, AT, QUERY_ID, CREDENTIALS)
    requests = [next(asking)]
    for answer in answers:
        try:
            requests.append(asking.send(answer))
        except StopIteration as end:
            return requests, end.value
    return requests, None


def ask_with(profile: Profile, qr_text: str, answers: Iterable[BackEndAnswer]) -> SourceAnswer:
    """Return what the family makes of the answers."""
    told = converse(profile, qr_text, answers)[1]
    assert isinstance(told, SourceAnswer)
    return told


MASKED = "99**************1X"
CHECKED = {"errcode": 0, "errmsg": "成功", "data": {"bizExtData": "token-1", "desensitizeCardId": MASKED}}
CONTENT: Mapping[str, object] = {
    "uuid": "0123",
    "person": {"desensitizeName": "张**", "desensitizeCardId": MASKED, "personId": "person-1"},
    "fxdj": "yellow",
    "warnType": "mqjcz",
    "warnTime": "2020-03-16 09:30:00",
    "updateTime": "2020-03-20 08:00:00",
    "xzqh": "420106",
}


def info(content: object, ext_data: str = "token-1") -> dict[str, object]:
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return {"errcode": "0", "data": {"bizExtData": ext_data, "content": text}}


def colour(**changes: object) -> dict[str, object]:
    reply: dict[str, object] = {
        "code": "10000",
        "msg": "Success",
        "code_color": "green",
        "code_content": GUANGXI_QR,
        "refresh_time": "2020-03-19 20:15:00",
        "user_name": "李*",
    }
    return {"alipay_ebpp_industry_gov_healthcode_verify_response": {**reply, **changes}, "sign": ""}


def words(**changes: object) -> dict[str, object]:
    told: dict[str, object] = {
        "qrText": BEIJING_QR,
        "statusText": "未见异常",
        "resultTime": "2020-03-20 08:00:00",
        "maskedName": "张**",
        "personRef": "person-2",
    }
    return {"resultCode": "0", "resultMsg": "成功", "data": {**told, **changes}}


def numeric(**changes: object) -> dict[str, object]:
    told: dict[str, object] = {
        "qrCode": ANHUI_QR,
        "healthLevel": "1",
        "name": "李四",
        "idCardNo": "993400199001011234",
        "dataSource": 1,
        "personId": "person-3",
    }
    return {"flag": True, "errMsg": "", "data": {"flag": True, "errMsg": "成功", "data": {**told, **changes}}}


QR_OF: Mapping[str, str] = {"42": HUBEI_QR, "45": GUANGXI_QR, "11": BEIJING_QR, "34": ANHUI_QR, **FURTHER_QR_OF}
"""By region: the text of a code."""

GOOD: Mapping[str, tuple[BackEndAnswer, ...]] = {
    "42": (json_answer(CHECKED), json_answer(info(CONTENT))),
    "45": (json_answer(colour()),),
    "11": (json_answer(words()),),
    "34": (json_answer(numeric()),),
    **FURTHER_GOOD,
}
"""By region: the answers of a conversation in which all is well."""

WITH_BACK_END = (HUBEI, GUANGXI, BEIJING, ANHUI, *FURTHER)
"""One region of each family that has a back end to ask."""


def reason_of(profile: Profile, answers: Iterable[BackEndAnswer]) -> ReasonId:
    """Return why the family makes nothing of the answers."""
    with pytest.raises((Rejected, Undecidable)) as why:
        ask_with(profile, QR_OF[profile.region], answers)
    is_ticket = why.value.reason.startswith("ticket_")
    assert isinstance(why.value, Rejected) is is_ticket
    return why.value.reason
