"""Regions as everybody may read them: all, one on a day with its evidence, two compared, a code as another reads it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.conftest import phone, running_browser
from tests.browser.hubs import hub_with_rules
from tests.browser.test_access import CONTRAST, NAMELESS
from tests.running_gateway import RunningGateway
from tests.running_hub import RunningHub

GUANGDONG = "#on=2020-03-21&one=44"
PAIR = "#on=2020-03-21&one=42&other=45"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with hub_with_rules(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(player: Playwright, hub: RunningHub) -> Iterator[Browser]:  # noqa: ARG001 - closed before it
    """Give a browser that ends before the hub."""
    with running_browser(player) as running:
        yield running


def open_regions(browser: Browser, url: str, locale: str = "en-GB", address: str = "") -> Page:
    page = phone(browser, locale).new_page()
    page.goto(f"{url}/regions{address}")
    page.wait_for_selector("body[data-ready]")
    return page


@pytest.fixture(params=["en-GB", "zh-CN"])
def locale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_region_stands_in_the_list_with_its_code_and_its_statuses(browser: Browser, hub: RunningHub) -> None:
    page = open_regions(browser, hub.url, address="#on=2020-03-21")
    rows = page.get_by_role("table", name="All regions").get_by_role("row")
    expect(rows).to_have_count(41)
    guangdong = rows.filter(has=page.get_by_role("link", name="Guangdong", exact=True))
    for said in ("Yuekang Code", "blue", "red", "conversion (way 2)", "assumed"):
        expect(guangdong).to_contain_text(said)
    expect(guangdong.locator(".mark").first).to_have_attribute("data-colour", "blue")
    page.get_by_label("only those who take part").check()
    expect(rows.filter(has_text="Hubei")).to_contain_text("takes part")
    expect(guangdong).to_have_count(0)
    page.context.close()


def test_a_region_is_read_on_a_day_with_the_evidence_for_each_word(browser: Browser, hub: RunningHub) -> None:
    page = open_regions(browser, hub.url)
    page.locator("#day").fill("2020-03-21")
    page.locator("#one").select_option("44")
    region = page.get_by_role("region", name="Guangdong 44")
    red = region.get_by_role("row").filter(has=page.locator(".mark[data-colour=red]"))
    for said in ("a close contact under medical observation (level 10)", "until it changes", "set by", "assumed"):
        expect(red).to_contain_text(said)
    for said in ("Yuekang Code", "passport", "within 48 hours", "shared data (way 1)", "cases"):
        expect(region).to_contain_text(said)
    region.get_by_text("Sources", exact=True).click()
    source = region.get_by_role("table", name="Sources").get_by_role("row").filter(has_text="red and blue only")
    expect(source).to_contain_text("2020-05-01")
    page.context.close()


def test_a_day_of_change_says_what_changed(browser: Browser, hub: RunningHub) -> None:
    page = open_regions(browser, hub.url, address=GUANGDONG)
    page.get_by_role("link", name="2020-05-01").click()
    changed = page.get_by_role("table", name="What differs")
    expect(changed.get_by_role("columnheader")).to_have_text(["What", "2020-04-30", "2020-05-01"])
    expect(changed.get_by_role("row").filter(has_text="status: blue")).to_contain_text("–")
    expect(page.locator("#day")).to_have_value("2020-05-01")
    page.go_back()
    expect(page.locator("#day")).to_have_value("2020-03-21")
    expect(changed).to_have_count(0)
    page.context.close()


def test_a_pair_says_what_is_learnt_shown_lost_and_done_in_both_directions(browser: Browser, hub: RunningHub) -> None:
    page = open_regions(browser, hub.url, address=PAIR)
    there = page.get_by_role("table", name="Hubei → Guangxi")
    contact = there.get_by_role("row").filter(has_text="told as “mqjcz”")
    expect(contact.locator(".mark").first).to_have_attribute("data-colour", "yellow")
    expect(contact.locator(".mark").last).to_have_attribute("data-colour", "red")
    for said in ("a close contact under medical observation, level 10", "STOP", "every kind of place", "Lost"):
        expect(contact).to_contain_text(said)
    expect(page.get_by_role("table", name="Guangxi → Hubei")).to_have_count(1)
    page.get_by_role("button", name="Swap").click()
    expect(page.locator("#shown h2").first).to_have_text("Guangxi → Hubei")
    expect(page.get_by_role("table", name="What differs")).to_contain_text("Guangxi Health Code")
    page.context.close()


def test_a_link_shows_the_same_pair_and_survives_the_other_language(browser: Browser, hub: RunningHub) -> None:
    page = open_regions(browser, hub.url, address=PAIR)
    page.locator("#language").click()
    page.wait_for_selector("body[data-ready]")
    expect(page.locator("#shown h2").first).to_have_text("湖北省 → 广西壮族自治区")
    expect(page.locator("#day")).to_have_value("2020-03-21")
    page.context.close()


def test_a_day_before_there_was_a_code_says_so_and_a_failure_too(browser: Browser, hub: RunningHub) -> None:
    page = open_regions(browser, hub.url, address="#on=2019-12-01&one=42&other=45")
    expect(page.locator("#shown .card").first).to_contain_text("no code on this day")
    page.evaluate("location.hash = '#on=1999-12-31'")
    expect(page.locator("#told")).to_contain_text("Nothing was found out")
    page.context.close()


@pytest.mark.parametrize("address", ["", GUANGDONG, PAIR], ids=["list", "one", "pair"])
def test_everything_has_a_name_and_enough_contrast_and_fits_a_phone(
    browser: Browser, hub: RunningHub, locale: str, address: str
) -> None:
    page = open_regions(browser, hub.url, locale, address)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.get_by_role("table").first.get_by_role("cell").count() > 0
    # Colours are told by words too: no mark is a colour alone.
    assert page.locator(".mark").count() > 0
    assert all(text.strip() for text in page.locator(".mark").all_inner_texts())
    page.context.close()


def test_a_gateway_has_the_page_too(browser: Browser, gateway: RunningGateway) -> None:
    page = open_regions(browser, gateway.url, "zh-CN", PAIR)
    expect(page.get_by_role("table", name="湖北省 → 广西壮族自治区")).to_have_count(1)
    page.context.close()
