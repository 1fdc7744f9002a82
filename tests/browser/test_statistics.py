"""The page for those who decide: counts by region in tables and plots, in which no few people stand out."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.conftest import phone, running_browser
from tests.browser.hubs import hub_with_rules
from tests.browser.test_access import CONTRAST, NAMELESS
from tests.contract.samples import row
from tests.running_hub import OPERATORS, RunningHub
from tests.world import GUANGXI, HUBEI
from tongxing.core.levels import Level
from tongxing.stores.sqlite.stores import open_stores


async def fill(path: Path) -> None:
    """Have the hub hold 40 people of Hubei, 25 of Guangxi, and 3 with a high level there."""
    stores = open_stores(path)
    rows = [*(row(number, HUBEI) for number in range(40)), *(row(number, GUANGXI) for number in range(25))]
    await stores.reports.put_reports([*rows, *(row(100 + number, GUANGXI, level=Level.HIGH) for number in range(3))])
    await stores.aclose()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    folder = tmp_path_factory.mktemp("hub")
    (folder / "state").mkdir(mode=0o700)
    # The player's loop runs in this thread.
    filling = threading.Thread(target=lambda: asyncio.run(fill(folder / "state" / "node.sqlite")))
    filling.start()
    filling.join()
    with hub_with_rules(folder) as running:
        yield running


@pytest.fixture(scope="module")
def browser(player: Playwright, hub: RunningHub) -> Iterator[Browser]:  # noqa: ARG001 - closed before it
    """Give a browser that ends before the hub."""
    with running_browser(player) as running:
        yield running


def open_statistics(browser: Browser, hub: RunningHub, locale: str) -> Page:
    page = phone(browser, locale).new_page()
    page.goto(f"{hub.url}/statistics#pair={hub.offer_pairing(OPERATORS[0])}")
    page.wait_for_selector("body[data-ready]")
    return page


def test_levels_are_told_by_region_as_a_plot_and_a_table_without_few_people(browser: Browser, hub: RunningHub) -> None:
    page = open_statistics(browser, hub, "en-GB")
    levels = page.get_by_role("region", name="People by region and level")
    expect(levels.get_by_role("img", name="How each region's people divide")).to_be_visible()
    line = levels.get_by_role("row").filter(has_text="Guangxi")
    expect(line.get_by_role("cell").nth(2)).to_have_text("—")
    expect(levels.get_by_role("row").filter(has_text="Hubei")).to_be_visible()
    assert "3" not in line.get_by_role("cell").all_inner_texts()
    expect(page.get_by_role("region", name="People of medium and high level by day")).to_be_visible()
    page.context.close()


def test_a_table_is_downloaded_as_csv(browser: Browser, hub: RunningHub, tmp_path: Path) -> None:
    page = open_statistics(browser, hub, "en-GB")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download CSV: People by region and level").click()
    saved.value.save_as(tmp_path / "levels.csv")
    assert saved.value.suggested_filename == "levels-2020-03-21.csv"
    assert "湖北省" in (tmp_path / "levels.csv").read_text("utf-8-sig")
    page.context.close()


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_everybody_reads_how_fresh_each_source_is(browser: Browser, hub: RunningHub, locale: str) -> None:
    page = phone(browser, locale).new_page()
    page.goto(f"{hub.url}/status")
    page.wait_for_selector("body[data-ready]")
    table = page.get_by_role("table")
    expect(table.get_by_role("row").filter(has_text={"en-GB": "Guangxi", "zh-CN": "广西"}[locale])).to_contain_text("⚠")
    expect(table).to_contain_text({"en-GB": "nothing has come yet", "zh-CN": "尚无数据"}[locale])
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_the_page_is_read_by_everybody(browser: Browser, hub: RunningHub, locale: str) -> None:
    page = open_statistics(browser, hub, locale)
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()
