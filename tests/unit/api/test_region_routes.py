"""Regions over the wire, to everybody: what holds on a day, what differs, as what a code is accepted elsewhere."""

from typing import Any

import pytest

from tests.unit.api.nodes import CallableNode
from tongxing.app.nodes import Gateway
from tongxing.app.packaged import PROFILES, load_files, load_profiles
from tongxing.regions.profile import parse_profile

pytestmark = pytest.mark.anyio

DAY = "2020-03-21"


@pytest.fixture(params=["hub", "gateway"])
def node(request: pytest.FixtureRequest) -> CallableNode:
    """A node of each kind: regions are told by both."""
    found: CallableNode = request.getfixturevalue(request.param)
    return found


async def ask(node: CallableNode, path: str) -> tuple[int, dict[str, Any]]:
    answer = await node.call(None, "GET", path)
    told: dict[str, Any] = answer.json()
    return answer.status_code, told


async def test_every_region_that_ships_is_told_and_who_takes_part(node: CallableNode) -> None:
    status, told = await ask(node, f"/v1/regions?on={DAY}")
    assert status == 200
    heads = {head["region"]: head for head in told["regions"]}
    assert list(heads) == list(load_profiles())
    assert heads["42"]["takes_part"]
    assert not heads["4404"]["takes_part"]
    assert heads["44"]["code_name"]["zh"] == "粤康码"
    assert [mark["colour"] for mark in heads["44"]["statuses"]] == ["blue", "red", "none"]


async def test_what_the_bundle_says_of_a_region_goes_before_what_ships(hub: CallableNode) -> None:
    told = load_files(PROFILES)["44.toml"].replace("粤康码".encode(), "粤安码".encode())
    changed = told.replace(b'region = "44"', b'region = "98"').replace(b"GDYKM:", b"OTHER:")
    assert not isinstance(hub.node, Gateway)
    hub.node.published.profiles = {each.region: each for each in map(parse_profile, (told, changed))}
    _, answer = await ask(hub, f"/v1/regions?on={DAY}")
    names = {head["region"]: head["code_name"]["zh"] for head in answer["regions"] if head["code_name"]}
    assert (names["44"], names["98"], names["11"]) == ("粤安码", "粤安码", "北京健康宝")
    assert list(names)[-1] == "98"


async def test_a_region_is_told_as_it_was_on_the_day(node: CallableNode) -> None:
    before, after = [(await ask(node, f"/v1/regions/44?on={day}"))[1] for day in (DAY, "2020-05-01")]
    colours = [[status["mark"]["colour"] for status in told["statuses"]] for told in (before, after)]
    assert colours == [["blue", "red", "none"], ["green", "yellow", "red", "none"]]
    assert "2020-05-01" in before["days_of_change"]
    assert {fact["topic"] for fact in before["facts"]} >= {"code", "way", "document", "appeal", "refresh", "family"}


async def test_whatever_is_said_of_a_region_names_its_evidence(node: CallableNode) -> None:
    _, told = await ask(node, f"/v1/regions/11?on={DAY}")
    sources = told["evidence"]
    named = [fact["evidence"] for fact in told["facts"]]
    for status in told["statuses"]:
        held = [] if status["holds"] is None else [status["holds"]]
        named += [status["evidence"]] + [each["evidence"] for each in (*status["meanings"], *status["setters"], *held)]
    assert set(named) == set(range(len(sources)))
    assert all(each["source"] for each in sources)
    assert all(each["since"] <= DAY and (each["until"] is None or each["until"] > DAY) for each in sources)


async def test_a_status_says_what_stands_behind_it_its_level_who_sets_it_and_how_long_it_holds(
    node: CallableNode,
) -> None:
    _, told = await ask(node, f"/v1/regions/11?on={DAY}")
    fine, *_, unknown = [each for each in told["statuses"] if not each["mark"]["label"]["zh"].startswith("弹窗")]
    assert fine["mark"]["said"] == {"zh": "未见异常（绿）", "en": "nothing abnormal was found (green)"}
    assert [(each["told"], each["level"]) for each in fine["meanings"]] == [("未见异常", "00")]
    assert fine["holds"]["said"]["en"] == "to 24:00 of the same day"
    assert fine["setters"][0]["said"]["en"] == "set by the region's own database, by itself"
    assert [(each["said"]["en"], each["level"]) for each in unknown["meanings"]] == [("no record", None)]


async def test_two_regions_and_one_on_two_days_are_compared(node: CallableNode) -> None:
    _, two = await ask(node, f"/v1/regions/44/differences/11?on={DAY}")
    assert (two["first"]["region"], two["other"]["region"]) == ("44", "11")
    code = next(each for each in two["differences"] if each["topic"] == "code")
    assert [said["zh"] for said in (*code["first"], *code["other"])] == ["粤康码", "北京健康宝"]
    assert two["alike"] > 0
    _, days = await ask(node, f"/v1/regions/44/differences/44?on={DAY}&other_on=2020-05-01")
    assert {each["topic"] for each in days["differences"]} >= {"status", "cause"}
    _, same = await ask(node, f"/v1/regions/44/differences/44?on={DAY}")
    assert same["differences"] == []


async def test_a_pair_says_what_the_host_learns_shows_loses_and_does(node: CallableNode) -> None:
    _, told = await ask(node, f"/v1/acceptance/42/45?on={DAY}")
    assert (told["issuer"]["region"], told["host"]["region"], told["code_name"]["zh"]) == ("42", "45", "湖北健康码")
    contact = next(each for each in told["cases"] if each["told"] == "mqjcz")
    assert contact["mark"]["colour"] == "yellow"
    assert "close contact" in contact["telling"]["en"]
    assert {answer["outcome"] for answer in contact["answers"]} == {"STOP"}
    assert sum(len(answer["places"]) for answer in contact["answers"]) == 4
    for case in told["cases"]:
        assert case["shown_as"] is not None or case["losses"]
        assert all(answer["sentence"]["zh"] and answer["headline"]["en"] for answer in case["answers"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/regions/98", 404),
        ("/v1/regions/44/differences/98", 404),
        ("/v1/acceptance/42/42", 404),
        ("/v1/acceptance/98/42", 404),
        ("/v1/regions?on=0001-01-01", 400),
        ("/v1/regions/44?on=9999-12-31", 400),
        ("/v1/regions/44/differences/11?other_on=1999-12-31", 400),
        ("/v1/acceptance/42/45?on=yesterday", 400),
        ("/v1/regions?until=2020-03-21", 400),
    ],
)
async def test_what_is_not_known_is_said_to_be_so(node: CallableNode, path: str, status: int) -> None:
    answered, told = await ask(node, path)
    assert answered == status
    assert told["title_zh"]
