"""One made-up region for each further family: a packaged profile with another family, a code, and good answers."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tongxing.core.words import RegionId, Sentence
from tongxing.regions.answers import BackEndAnswer
from tongxing.regions.profile import Profile, parse_profile
from tongxing.regions.statuses import Alphabet, QrPattern, Status, Validity

PROFILES = Path(__file__).parent.parent.parent.parent / "src" / "tongxing" / "data" / "profiles"
SECRETS = {
    "app_key": "INSECURE_TEST_KEY",
    "app_secret": "INSECURE_TEST_APP_SECRET",
    "app_id": "INSECURE_TEST_APP_ID",
}


def reply_of(value: object) -> BackEndAnswer:
    return BackEndAnswer(200, "application/json", json.dumps(value, ensure_ascii=False).encode())


def packaged(region: str) -> Profile:
    return parse_profile((PROFILES / f"{region}.toml").read_bytes())


def statuses_of(region: str) -> tuple[Status, ...]:
    return packaged(region).statuses


def made_up(region: str, family: str, prefix: str, statuses: tuple[Status, ...], **parameters: str) -> Profile:
    """Return a region with a family of its own and the statuses of a packaged one; its codes are 32 hex digits."""
    like = packaged("34")
    assert like.qr is not None
    return replace(
        like,
        region=RegionId(region),
        name=Sentence(f"{region} 地区", f"region {region}"),
        family=family,
        parameters=parameters,
        qr=QrPattern(prefix, Alphabet.HEX, 32, one_time=False, evidence=like.qr.evidence),
        statuses=statuses,
    )


def lasting_a_week(status: Status) -> Status:
    return replace(status, validity=Validity(timedelta(days=7), needs_refresh_time=True, evidence=status.evidence))


NUMBERED = tuple(replace(status, value=status.value or "4") for status in statuses_of("34"))
"""Anhui's 1, 2, 3, and its *being issued* as the gate's grey."""

HEX = "0123456789abcdef" * 2
GATE = made_up("91", "gate_numeric", "GATE:", NUMBERED, query_path="/gate/query", device_id="gate-7")
LEVELS = made_up("92", "national_levels", "LEVELS:", statuses_of("54"), query_path="/levels/query")
KEYED = made_up(
    "93",
    "keyed_call",
    "KEYED:",
    statuses_of("42"),
    secret_path="/gateway/secret",
    query_path="/gateway/query",
    department="transport",
    area_code="930000",
)
HOSPITAL = made_up(
    "94", "day_password", "HOSPITAL:", statuses_of("42"), service_path="/ws/code", method_name="GetHealthCode"
)
UNSIGNED = made_up("95", "unsigned_json", '{"codeId":"US', statuses_of("45"), query_path="/report/query")
TRAVEL = made_up("96", "travel_card", "TRAVEL:", statuses_of("54"), query_path="/travel/query")
PAPER = made_up("97", "paper", "PAPER:", statuses_of("54"), query_path="/paper/query")

FURTHER = (GATE, LEVELS, KEYED, HOSPITAL, UNSIGNED, TRAVEL, PAPER)
REPORTED = "2020-03-20 08:00:00"
UNSIGNED_QR = f'{{"codeId":"US{HEX}","lastReportTime":"{REPORTED}"}}'
FURTHER_QR_OF: dict[str, str] = {
    profile.region: UNSIGNED_QR if profile is UNSIGNED else f"{profile.qr.prefix}{HEX}"
    for profile in FURTHER
    if profile.qr is not None
}


def gate(**changes: object) -> dict[str, object]:
    told: dict[str, object] = {
        "qrCode": f"GATE:{HEX}",
        "healthStatus": 1,
        "userName": "张**",
        "checkTime": REPORTED,
        "personId": "person-4",
    }
    return {"code": 0, "msg": "ok", "data": {**told, **changes}}


def province(region: str = "92", risk: object = "00", **changes: object) -> dict[str, object]:
    return {"xzqh": region, "healthyStaus": risk, "updateTime": REPORTED, "warnType": "", **changes}


def levels(*reports: object, overall: object = "00", **changes: object) -> dict[str, object]:
    told: dict[str, object] = {
        "qrCode": f"LEVELS:{HEX}",
        "fxdj": overall,
        "person": {"desensitizeName": "张**", "personId": "person-5"},
        "healthyReport": list(reports or (province(),)),
    }
    return {"errcode": "0", "errmsg": "成功", "data": {**told, **changes}}


def secret(**changes: object) -> dict[str, object]:
    told = {"requestSecret": "secret-of-this-call", "requestSecretEndTime": "1584677400000", **changes}
    return {"code": "00", "msg": "成功", "datas": told}


def keyed(**changes: object) -> dict[str, object]:
    told: dict[str, object] = {
        "key": f"KEYED:{HEX}",
        "codeColour": "yellow",
        "reason": "mqjcz",
        "reasonTime": "2020-03-16 09:30:00",
        "updateTime": REPORTED,
        "userName": "张**",
        "personId": "person-6",
    }
    return {"code": "00", "msg": "成功", "datas": {**told, **changes}}


def hospital(**changes: object) -> dict[str, object]:
    told: dict[str, object] = {
        "Key": f"HOSPITAL:{HEX}",
        "CodeStatus": "yellow",
        "StatusReason": "mqjcz",
        "Name": "张三",
        "UpdateTime": REPORTED,
        "PersonId": "person-7",
    }
    return {"ResultCode": "0", "Message": "成功", "Data": {**told, **changes}}


def unsigned(**changes: object) -> dict[str, object]:
    told: dict[str, object] = {
        "codeId": f"US{HEX}",
        "lastReportTime": REPORTED,
        "healthStatus": "green",
        "userName": "张**",
        "personId": "person-8",
    }
    return {"resultCode": 0, "data": {**told, **changes}}


def travel(*cities: str, number: object = 1, **changes: object) -> dict[str, object]:
    told: dict[str, object] = {
        "qrCode": f"TRAVEL:{HEX}",
        "travelCode": number,
        "cities": [{"cityCode": city, "cityName": "某市"} for city in cities or ("420100",)],
        "updateTime": REPORTED,
        "phone": "139****0000",
    }
    return {"resultCode": 0, "data": {**told, **changes}}


def paper(**changes: object) -> dict[str, object]:
    told: dict[str, object] = {
        "certificateNo": f"PAPER:{HEX}",
        "issueTime": "2020-03-01 09:00:00",
        "validTime": "2020-08-28 09:00:00",
        "withdrawn": False,
        "userName": "张**",
        "personId": "person-9",
    }
    return {"resultCode": 0, "data": {**told, **changes}}


FURTHER_GOOD: Mapping[str, tuple[BackEndAnswer, ...]] = {
    "91": (reply_of(gate()),),
    "92": (reply_of(levels()),),
    "93": (reply_of(secret()), reply_of(keyed())),
    "94": (reply_of(hospital()),),
    "95": (reply_of(unsigned()),),
    "96": (reply_of(travel()),),
    "97": (reply_of(paper()),),
}
