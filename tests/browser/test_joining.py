"""The page about joining: a region goes live by the folder whose fingerprint was read out, is suspended, and leaves."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from tests.browser.conftest import phone, running_browser
from tests.browser.hubs import hub_with_rules
from tests.browser.test_access import CONTRAST, NAMELESS
from tests.running_hub import OPERATORS, RunningHub
from tests.world import AT
from tongxing.app.docking_folder import DockingFolder
from tongxing.app.packaged import PROFILES, load_files

REGION = "50"
FILES = ("record.json", "profile.toml", "test-run.json")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with hub_with_rules(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(player: Playwright, hub: RunningHub) -> Iterator[Browser]:  # noqa: ARG001 - closed before it
    """Give a browser that ends before the hub."""
    with running_browser(player) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> DockingFolder:
    joining = DockingFolder(tmp_path / "joining")
    joining.prepare(load_files(PROFILES)[f"{REGION}.toml"], "http://127.0.0.1:9101", AT, os.urandom)
    joining.save_test_run(True, "http://127.0.0.1:9201", AT)
    return joining


def open_page(browser: Browser, hub: RunningHub, locale: str = "en-GB") -> Page:
    page = phone(browser, locale).new_page()
    page.goto(f"{hub.url}/joining#pair={hub.offer_pairing(OPERATORS[0])}")
    page.wait_for_selector("body[data-ready]")
    return page


def row_of(page: Page, region: str) -> Locator:
    return page.get_by_role("table", name="Regions that take part").get_by_role("row").filter(has_text=region)


def choose(page: Page, folder: DockingFolder) -> None:
    page.locator("#live-files").set_input_files([])
    page.locator("#live-files").set_input_files([folder.path / name for name in FILES])


def enter(page: Page, fingerprint: str) -> None:
    page.get_by_label("Fingerprint").fill(fingerprint)
    page.get_by_role("button", name="Go live").click()


def test_a_region_goes_live_is_suspended_and_leaves(browser: Browser, hub: RunningHub, folder: DockingFolder) -> None:
    page = open_page(browser, hub)
    choose(page, folder)
    expect(page.locator("#live-read")).to_contain_text("http://127.0.0.1:9201")
    enter(page, "0000 " * 8)
    expect(page.locator("#live-told")).to_contain_text("Another fingerprint")
    expect(row_of(page, "Chongqing")).to_have_count(0)
    enter(page, folder.fingerprint())
    expect(page.locator("#live-told")).to_have_text("Live: 50")
    expect(row_of(page, "Chongqing")).to_contain_text("takes part")
    expect(row_of(page, "Chongqing")).to_contain_text("nothing has come yet")
    for action, state in (("Suspend", "⚠ suspended"), ("End suspension", "takes part"), ("Have it leave", "has left")):
        row_of(page, "Chongqing").get_by_role("button", name=action).click()
        page.get_by_role("button", name="No, leave it as it is").click()
        row_of(page, "Chongqing").get_by_role("button", name=action).click()
        page.get_by_role("button", name="Do it").click()
        expect(page.locator("#told")).to_contain_text("Done")
        expect(row_of(page, "Chongqing")).to_contain_text(state)
    expect(row_of(page, "Chongqing").get_by_role("button")).to_have_count(0)
    enter(page, folder.fingerprint())
    expect(page.locator("#live-told")).to_contain_text("an ended key stays so")
    page.context.close()


def test_files_that_do_not_fit_are_told_before_anything_is_sent(
    browser: Browser, hub: RunningHub, folder: DockingFolder
) -> None:
    page = open_page(browser, hub)
    page.locator("#live-files").set_input_files([folder.path / "record.json"])
    expect(page.locator("#live-told")).to_have_text("missing: profile.toml, test-run.json")
    record = folder.path / "record.json"
    whole = record.read_text()
    record.write_text(whole.replace('"region": "50"', '"region": "42"'))
    choose(page, folder)
    expect(page.locator("#live-told")).to_contain_text("different regions")
    record.write_text("{")
    choose(page, folder)
    expect(page.locator("#live-told")).to_contain_text("cannot be read")
    record.write_text(whole)
    folder.save_test_run(False, "http://127.0.0.1:9201", AT)
    choose(page, folder)
    expect(page.locator("#live-told")).to_contain_text("did not conform")
    page.context.close()


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_the_page_is_read_by_everybody(browser: Browser, hub: RunningHub, locale: str) -> None:
    page = open_page(browser, hub, locale)
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()
