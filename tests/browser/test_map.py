"""The map of risk areas on the hub: what it colours, what its table says, at any moment that is asked for."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.conftest import phone, running_browser
from tests.browser.test_access import CONTRAST, NAMELESS
from tests.running_hub import RunningHub, running_hub
from tests.world import World
from tongxing.web.building import build_pages

FIRST, SECOND = datetime(2022, 4, 15, 4, tzinfo=UTC), datetime(2022, 7, 6, 4, tzinfo=UTC)


def row(province: str, city: str, county: str, *communities: str) -> dict[str, Any]:
    return {"province": province, "city": city, "county": county, "communitys": list(communities)}


def listed(hour: str, high: list[dict[str, Any]], middle: list[dict[str, Any]]) -> bytes:
    return json.dumps({"data": {"end_update_time": hour, "highlist": high, "middlelist": middle}}).encode()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """Give a hub of July 2022: Wuhan was parts above low in April, a whole city high is Sanya, now Changchun."""
    street = row("湖北省", "武汉市", "江岸区", "二七街道甲社区")
    lists = [
        (FIRST, listed("2022-04-15 11时", [row("海南省", "三亚市", "三亚市")], [street])),
        (SECOND, listed("2022-07-06 10时", [], [row("吉林省", "长春市", "经开区", "兴隆山镇分水村")])),
    ]
    with running_hub(tmp_path_factory.mktemp("hub"), World().bundle(), lists, build_pages) as running:
        yield running


@pytest.fixture(scope="module")
def browser(player: Playwright, hub: RunningHub) -> Iterator[Browser]:  # noqa: ARG001 - closed before it
    """Give a browser that ends before the hub."""
    with running_browser(player) as running:
        yield running


@pytest.fixture(params=["en-GB", "zh-CN"])
def page(request: pytest.FixtureRequest, browser: Browser, hub: RunningHub) -> Iterator[Page]:
    """Give the page at the size of a phone, in both languages."""
    context = phone(browser, request.param)
    opened = context.new_page()
    opened.goto(f"{hub.url}/map")
    opened.wait_for_selector("body[data-ready]")
    yield opened
    context.close()


def ask(page: Page, moment: str) -> None:
    with page.expect_response("**/v1/risk-map**"):
        page.locator("#moment").fill(moment)
        page.locator("#moment-form button[type=submit]").click()


def risks(page: Page) -> dict[str, str]:
    """Return what the table says of each place that is not low."""
    rows = page.locator("#rows tr")
    found = rows.evaluate_all("rows => rows.map((row) => [row.cells[1].textContent, row.cells[2].dataset.risk])")
    return {name: risk for name, risk in found if risk != "low"}


def coloured(page: Page) -> dict[str, str]:
    """Return how each city that is not low is coloured."""
    found = page.locator("#areas path").evaluate_all(
        "paths => paths.map(({ dataset }) => [dataset.number, dataset.risk])"
    )
    return {number: risk for number, risk in found if risk not in ("low", "unknown")}


def test_the_map_colours_what_the_table_says_now_and_at_a_past_moment(page: Page) -> None:
    is_drawn = page.locator("#map").is_visible()
    assert risks(page) == {"长春市": "mixed"}
    assert not is_drawn or coloured(page) == {"2201": "mixed"}
    ask(page, "2022-04-15T12:00")
    expect(page.locator("#rows")).to_contain_text("三亚市")
    page.wait_for_function("document.querySelectorAll('#rows [data-risk=high]').length === 1")
    assert risks(page) == {"武汉市": "mixed", "三亚市": "high"}
    assert not is_drawn or coloured(page) == {"4201": "mixed", "4602": "high"}


def test_without_the_drawing_there_is_the_table_and_the_page_says_so(browser: Browser, hub: RunningHub) -> None:
    context = phone(browser)
    page = context.new_page()
    page.route("**/pages/vendor/map.json", lambda route: route.fulfill(status=404, body="{}"))
    page.goto(f"{hub.url}/map")
    page.wait_for_selector("body[data-ready]")
    expect(page.locator("#map")).to_be_hidden()
    expect(page.locator("#map-says")).to_have_text("The map is not installed here: see the table below.")
    assert risks(page) == {"长春市": "mixed"}
    context.close()


def test_a_part_and_only_what_is_not_low_can_be_chosen(page: Page) -> None:
    page.locator("#part").select_option("22")
    assert page.locator("#rows tr").count() == 9
    page.locator("#only").check()
    assert page.locator("#rows tr").count() == 1
    page.locator("#by input[value=provinces]").check()
    assert risks(page) == {page.locator("#rows tr td").nth(1).inner_text(): "mixed"}
    assert page.locator("#rows tr").count() == 1


def test_a_street_is_found_at_the_moment_when_a_list_named_it(page: Page) -> None:
    page.locator("#place").fill("二七街道")
    page.locator("#find-form button").click()
    expect(page.locator("#find-says")).not_to_be_empty()
    assert page.locator("#found li").count() == 0
    ask(page, "2022-05-01T00:00")
    page.locator("#find-form button").click()
    expect(page.locator("#found li")).to_have_count(1)
    expect(page.locator("#found")).to_contain_text("湖北省 武汉市 江岸区 二七街道甲社区")


def test_a_moment_before_any_list_is_unknown_and_never_low(page: Page) -> None:
    ask(page, "2019-12-31T00:00")
    page.wait_for_function("document.querySelectorAll('#rows [data-risk]').length === 0")
    assert set(page.locator("#areas path").evaluate_all("paths => paths.map((p) => p.dataset.risk)")) <= {"unknown"}


def test_everything_has_a_name_and_enough_contrast_and_fits_a_phone(page: Page) -> None:
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
