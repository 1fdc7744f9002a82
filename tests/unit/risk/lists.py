"""Small risk lists in the platform's form, and the gazetteer that is shipped."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tongxing.risk.divisions import parse_divisions
from tongxing.risk.official_list import OfficialList, parse_official_list
from tongxing.risk.placing import PlacedEntry, place_list
from tongxing.risk.risk_map import RiskMap

PACKAGE = Path(__file__).parents[3] / "src" / "tongxing"
SHARED = Path(__file__).parents[4] / "shared" / "data"
DIVISIONS = PACKAGE / "data" / "divisions"
GAZETTEER = parse_divisions((DIVISIONS / "divisions.csv").read_bytes(), (DIVISIONS / "streets.csv").read_bytes())
AT = datetime(2022, 12, 31, tzinfo=UTC)


def row(province: str, city: str, county: str, *communities: str) -> dict[str, Any]:
    return {
        "type": "2",
        "province": province,
        "city": city,
        "county": county,
        "area_name": f"{province} {city} {county}",
        "communitys": list(communities),
    }


def answer(hour: str = "2022-04-15 11时", **lists: list[dict[str, Any]]) -> dict[str, Any]:
    """Return an answer with the lists ``high``, ``middle`` and ``low``, and counts as the platform counts."""
    data: dict[str, Any] = {"end_update_time": hour}
    for name in ("high", "middle", "low"):
        rows = lists.get(name, [])
        data[f"{name}list"] = rows
        data[f"{name[0]}count"] = sum(len(one["communitys"]) for one in rows)
    return {"data": data, "code": 0, "msg": "查询成功"}


def encode(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def official(hour: str = "2022-04-15 11时", **lists: list[dict[str, Any]]) -> OfficialList:
    return parse_official_list(encode(answer(hour, **lists)), at=AT)


def placed(*rows: dict[str, Any], hour: str = "2022-04-15 11时") -> tuple[PlacedEntry, ...]:
    return place_list(official(hour, high=list(rows)), GAZETTEER).entries


def risk_map(hour: str = "2022-04-15 11时", **lists: list[dict[str, Any]]) -> RiskMap:
    return RiskMap.of(place_list(official(hour, **lists), GAZETTEER))
