"""The sandbox's switchboard in a real browser: a status and a fault are set by hand, and the back end tells them."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect
from starlette.applications import Starlette

from tests.browser.conftest import PHONE, running_browser
from tests.unit.simulation.running import StoppedClock, serving
from tongxing.core.words import RegionId
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.backends.faults import Faults
from tongxing.simulation.sandbox.board import Board
from tongxing.simulation.sandbox.conversing import rehearse
from tongxing.simulation.sandbox.page_serving import page_routes
from tongxing.simulation.sandbox.sites import Site, choose_profiles, open_site

GUANGXI: Final = RegionId("45")
QUERY: Final = "query"


@pytest.fixture
def sites() -> dict[RegionId, Site]:
    profiles = [*choose_profiles("45"), *choose_profiles("54")]
    return {each.region: open_site(each, StoppedClock(), Faults(), people=40, seed=1, port=9) for each in profiles}


@pytest.fixture
def address(sites: dict[RegionId, Site]) -> Iterator[str]:
    site = sites[GUANGXI]
    person = next(site.one_in_each())
    asking = rehearse(site, site.dialect.show(person), StoppedClock().now(), QUERY)
    # The browser's driver has an event loop in this thread, so another thread asks.
    with ThreadPoolExecutor(1) as elsewhere:
        conversation = elsewhere.submit(asyncio.run, asking).result()
    with serving(
        Starlette(routes=[*Board(sites, {site.profile.region: conversation}).routes(), *page_routes()])
    ) as url:
        yield url


@pytest.fixture(scope="module")
def browser(player: Playwright) -> Iterator[Browser]:
    with running_browser(player) as running:
        yield running


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, locale="en-GB", reduced_motion="reduce")
    opened = context.new_page()
    opened.goto(address)
    expect(opened.locator("#family")).to_have_text("colour_query")
    yield opened
    context.close()


def test_the_page_shows_how_a_region_is_asked_and_who_is_there(page: Page, sites: dict[RegionId, Site]) -> None:
    page.get_by_text("How to ask").click()
    expect(page.locator("#asked")).to_contain_text("POST /gateway.do")
    people = sites[GUANGXI].premises.records.people
    expect(page.locator("#people tr").first).to_contain_text(people[0].document.number)


def test_a_status_that_is_chosen_by_hand_is_what_the_back_end_holds(page: Page, sites: dict[RegionId, Site]) -> None:
    row = page.locator("#people tr").first
    row.get_by_role("combobox").select_option("red_red")
    expect(row.locator("td").nth(2)).to_have_text("red")
    premises = sites[GUANGXI].premises
    assert premises.records.record_of(premises.records.people[0], premises.clock.now()).status == "red"
    row.get_by_role("button", name="Show the code's text").click()
    expect(page.locator("#shown")).to_contain_text(sites[GUANGXI].dialect.show(premises.records.people[0]))


def test_a_fault_that_is_chosen_by_hand_strikes_until_it_is_taken_back(page: Page, sites: dict[RegionId, Site]) -> None:
    faults = sites[GUANGXI].premises.faults
    page.get_by_label("Fault", exact=True).select_option("slow")
    page.get_by_label("Seconds, for slow").fill("2.5")
    page.get_by_role("button", name="Set").click()
    expect(page.locator("#fault-done")).to_have_text("Set.")
    assert (faults.kind, faults.seconds) == (FaultKind.SLOW, 2.5)
    page.get_by_label("Fault", exact=True).select_option("")
    page.locator("#fault-done").evaluate("place => { place.textContent = ''; }")
    page.get_by_role("button", name="Set").click()
    expect(page.locator("#fault-done")).to_have_text("Set.")
    assert faults.kind is None


def test_the_region_that_was_chosen_stays_when_the_language_changes(page: Page) -> None:
    page.locator("#region").select_option("54")
    expect(page.locator("#family")).to_have_text("national")
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("#region")).to_have_value("54")
    expect(page.locator("#family")).to_have_text("national")


def test_how_a_region_is_asked_stays_inside_its_card(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_text("How to ask").click()
    body = page.locator("#asked pre").first
    assert body.evaluate("pre => pre.scrollWidth <= pre.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_region_without_a_code_is_told_as_such(page: Page) -> None:
    page.locator("#region").select_option("54")
    expect(page.locator("#no-code")).to_be_visible()
    expect(page.locator("#asked-box")).to_be_hidden()
    expect(page.get_by_role("button", name="Show the code's text")).to_have_count(0)


def test_the_page_says_so_when_the_sandbox_is_gone(page: Page, address: str) -> None:
    page.route(f"{address}/api/**", lambda route: route.abort())
    page.locator("#region").select_option("54")
    expect(page.get_by_role("alert")).to_have_text("The sandbox cannot be reached.")
