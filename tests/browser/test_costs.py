"""What the rules of a day cost people, as a picture and the same as tables, with and without an exception."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.conftest import phone, running_browser
from tests.browser.hubs import hub_with_rules
from tests.browser.test_access import CONTRAST, NAMELESS
from tests.running_hub import RunningHub

RUN_MS = 60_000


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with hub_with_rules(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(player: Playwright, hub: RunningHub) -> Iterator[Browser]:  # noqa: ARG001 - closed before it
    """Give a browser that ends before the hub."""
    with running_browser(player) as running:
        yield running


@pytest.fixture(params=["en-GB", "zh-CN"])
def page(request: pytest.FixtureRequest, browser: Browser, hub: RunningHub) -> Iterator[Page]:
    """Give the page at the size of a phone, in both languages, with the run of 21 March 2020."""
    context = phone(browser, request.param)
    opened = context.new_page()
    opened.goto(f"{hub.url}/costs")
    opened.wait_for_selector("body[data-ready]", timeout=RUN_MS)
    yield opened
    context.close()


def total(page: Page) -> list[str]:
    """Return the shares of the summary: in force, and without the exception if it was left out."""
    return page.locator("#summary tbody tr td:nth-child(3)").all_inner_texts()


def test_the_table_says_what_the_picture_shows(page: Page) -> None:
    assert page.locator("#pictures svg").count() == 1
    titles = page.locator("#pictures svg rect title").evaluate_all("all => all.map((one) => one.textContent)")
    drawn = [round(float(share)) for title in titles for share in re.findall(r"[\d.]+(?=%)", title)[:1]]
    page.locator("#pairs-title").click()
    assert page.locator("#pairs tbody tr").count() == 31
    told = page.locator("#pairs tbody td").all_inner_texts()
    assert sorted(share for share in drawn if share < 100) == sorted(int(t) for t in told if t not in {"–", "100"})


def test_without_an_exception_more_pass_with_nothing_asked(page: Page) -> None:
    before = total(page)
    page.locator("#without").select_option("42/hubei/conditional_recognition")
    page.locator("#run-form button").click()
    expect(page.locator("#pictures figure")).to_have_count(2, timeout=RUN_MS)
    in_force, changed = total(page)
    assert [in_force] == before
    assert float(changed.rstrip("%")) > float(in_force.rstrip("%"))


def test_one_kind_of_place_can_be_looked_at_alone(page: Page) -> None:
    pairs = page.locator("#summary tbody td").first.inner_text()
    page.locator("#place-kind").select_option("factory")
    page.locator("#run-form button").click()
    expect(page.locator("#summary tbody td").first).not_to_have_text(pairs, timeout=RUN_MS)
    assert 4 * int(page.locator("#summary tbody td").first.inner_text().replace(",", "")) == int(pairs.replace(",", ""))


def test_a_day_without_levels_says_so(page: Page) -> None:
    page.locator("#day").fill("2020-02-01")
    page.locator("#run-form button").click()
    expect(page.locator("#run-told")).to_contain_text("2020-02-01")
    expect(page.locator("#heat")).to_be_hidden()


def test_everything_has_a_name_and_enough_contrast_and_fits_a_phone(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
