"""The rules as everybody may read them: rows in words, what is assumed, what is to come, the register."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.conftest import phone, running_browser
from tests.browser.hubs import hub_with_rules
from tests.browser.test_access import CONTRAST, NAMELESS
from tests.running_hub import RunningHub


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with hub_with_rules(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(player: Playwright, hub: RunningHub) -> Iterator[Browser]:  # noqa: ARG001 - closed before it
    """Give a browser that ends before the hub."""
    with running_browser(player) as running:
        yield running


def open_rules(browser: Browser, hub: RunningHub, locale: str, address: str = "") -> Page:
    page = phone(browser, locale).new_page()
    page.goto(f"{hub.url}/rules{address}")
    page.wait_for_selector("body[data-ready]")
    return page


@pytest.fixture(params=["en-GB", "zh-CN"])
def page(request: pytest.FixtureRequest, browser: Browser, hub: RunningHub) -> Iterator[Page]:
    """Give the page at the size of a phone, in both languages."""
    opened = open_rules(browser, hub, request.param)
    yield opened
    opened.context.close()


def test_a_row_says_for_whom_with_what_outcome_on_what_basis_and_when(browser: Browser, hub: RunningHub) -> None:
    page = open_rules(browser, hub, "en-GB")
    row = page.get_by_role("row").filter(has=page.get_by_text("level_medium", exact=True))
    for said in (
        "medium level",
        "PASS WITH MEASURES",
        "take the temperature",
        "联防联控机制综发",
        "assumed",
        "in force",
    ):
        expect(row).to_contain_text(said)
    coming = page.get_by_role("row").filter(has=page.get_by_text("freight_positive", exact=True))
    expect(coming).to_contain_text("a driver or crew of goods")
    expect(coming).to_contain_text("to come")
    expect(coming).to_have_attribute("data-held", "false")
    page.context.close()


def test_a_place_is_read_with_every_table_that_it_falls_through_to(browser: Browser, hub: RunningHub) -> None:
    page = open_rules(browser, hub, "zh-CN", "#45/@2020-03-21")
    headings = page.locator("#stack h2")
    expect(headings).to_have_text(["广西壮族自治区查验规则", "全国互认规则"])
    expect(page.get_by_role("region", name="全国互认规则")).to_contain_text("各地不得要求")
    page.locator("#day").fill("2019-01-01")
    page.locator("#place-form button").click()
    expect(page.locator("#told")).to_contain_text("没有查到")
    expect(headings).to_have_count(0)
    page.context.close()


def test_the_register_names_reason_registrar_and_end_of_each_exception(browser: Browser, hub: RunningHub) -> None:
    page = open_rules(browser, hub, "en-GB")
    register = page.get_by_role("table", name="Register of exceptions")
    hubei = register.get_by_role("row").filter(has_text="42/hubei/conditional_recognition")
    for said in ("while the outbreak", "Registered by", "until 2020-04-07", "in force"):
        expect(hubei).to_contain_text(said)
    before = register.get_by_role("row").count()
    page.locator("#ended").check()
    assert register.get_by_role("row").count() >= before
    page.context.close()


def test_a_link_shows_the_same_table_and_day_and_survives_the_other_language(browser: Browser, hub: RunningHub) -> None:
    page = open_rules(browser, hub, "en-GB", "#11/@2020-03-25")
    expect(page.locator("#day")).to_have_value("2020-03-25")
    expect(page.locator("#stack h2").first).to_have_text("Checkpoint rules of Beijing")
    page.locator("#language").click()
    page.wait_for_selector("body[data-ready]")
    expect(page.locator("#stack h2").first).to_contain_text("北京")
    expect(page.locator("#day")).to_have_value("2020-03-25")
    page.context.close()


def test_the_tables_file_is_shown_as_it_was_published(page: Page) -> None:
    page.locator("#stack summary").click()
    expect(page.locator("#stack pre")).to_contain_text('region = "00"')


def test_everything_has_a_name_and_enough_contrast_and_fits_a_phone(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_table_stays_a_table_for_a_screen_reader_though_a_phone_shows_cards(page: Page) -> None:
    table = page.locator("#stack").get_by_role("table").first
    assert table.get_by_role("row").count() > 10
    assert table.get_by_role("columnheader").count() == 5
    assert table.get_by_role("row").nth(1).get_by_role("cell").count() == 5
    # Styles that make cards of rows take away the roles that the tags have of themselves.
    assert (
        page.evaluate(
            "[...document.querySelectorAll('table.cards, .cards *')]"
            ".filter((one) => /^(TABLE|T[BHRD].*)$/.test(one.tagName) && !one.hasAttribute('role')).length"
        )
        == 0
    )
