"""Pictures of rules and regions in docs/pages, anew: ``.venv/bin/python -m tests.browser.rule_pictures docs/pages``.

The hub stands on 21 March 2020 with the rules that ship; a driver of goods comes to Guangxi's gate in April 2022.
"""

import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.browser.conftest import PHONE, phone, running_browser
from tests.browser.hubs import begin_with, hub_with_rules, open_editor
from tests.browser.test_checkpoint import note_paper, type_code
from tests.browser.test_citizen import shown_text, sign_in
from tests.browser.test_rule_editor import PROVING_MS, add_row, expect_reading, prove
from tests.running_hub import OPERATORS, RunningHub
from tongxing.core.calendar import BEIJING
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind
from tongxing.services.ports import Role
from tongxing.simulation.arranging import make_transit_pass, newcomer
from tongxing.simulation.federation import PEOPLE_A_REGION_MIN, Federation, run_federation
from tongxing.simulation.founding import gateway_name
from tongxing.simulation.freight_scenes import ERA
from tongxing.simulation.people import Circumstance
from tongxing.simulation.scenes import ANHUI, GUANGXI, HUBEI
from tongxing.simulation.shown import TransitPass
from tongxing.simulation.state import claim_state

DESK: Final[ViewportSize] = {"width": 1180, "height": 1300}
TALL: Final[ViewportSize] = {"width": PHONE["width"], "height": 1200}
COLOURS: Final = 128
RUN_MS: Final = 60_000
ISSUED: Final = TransitPass(Circumstance.GREEN_LOW_RISK_COUNTY, HUBEI, "鄂A12345", ("42", "43", "450100"))
SPRING: Final = datetime(2020, 3, 31, 10, 0, tzinfo=BEIJING)
APRIL: Final = datetime(2022, 4, 20, 18, 0, tzinfo=BEIJING)
_T = TypeVar("_T")


def main() -> None:
    """Take all pictures and put them into the folder that is named."""
    folder = Path(sys.argv[1])
    # What drives the browsers has an event loop in this thread; the nodes are started in another.
    with (
        tempfile.TemporaryDirectory() as kept,
        sync_playwright() as player,
        ThreadPoolExecutor(1) as elsewhere,
    ):
        with begun(hub_with_rules(Path(kept) / "hub"), elsewhere) as hub, running_browser(player) as browser:
            take_rules(browser, hub, folder)
            take_regions(browser, hub, folder)
            take_costs(browser, hub, folder)
            take_editor(browser, hub, folder)
        with begun(running(Path(kept) / "state"), elsewhere) as federation, running_browser(player) as browser:
            take_exception(browser, federation, folder)
            take_goods(browser, federation, folder)


@contextmanager
def begun(context: AbstractContextManager[_T], elsewhere: Executor) -> Iterator[_T]:
    """Enter and leave a context in another thread."""
    yield elsewhere.submit(context.__enter__).result()
    elsewhere.submit(context.__exit__, None, None, None).result()


@contextmanager
def running(path: Path) -> Iterator[Federation]:
    """Run three regions and their hub, founded in 2020."""
    regions = (ANHUI, HUBEI, GUANGXI)
    with claim_state(path) as state, run_federation(state, people=0, first_port=0, regions=regions) as federation:
        for region in regions:
            assert list(federation.dock(region, PEOPLE_A_REGION_MIN))
        yield federation


def take_rules(browser: Browser, hub: RunningHub, folder: Path) -> None:
    """Take Hubei's table at a desk and the national one on a phone."""
    page = open_at(browser, f"{hub.url}/rules#42/@2020-03-21", DESK, "en-GB")
    save(page, folder / "rules.png")
    page = open_at(browser, f"{hub.url}/rules#00/@2020-03-21", PHONE, "zh-CN")
    save(page, folder / "rules-phone.png", "#stack")


def take_regions(browser: Browser, hub: RunningHub, folder: Path) -> None:
    """Take all regions at a desk, one on a phone, and a pair."""
    page = open_at(browser, f"{hub.url}/regions#on=2020-03-21", DESK, "en-GB")
    save(page, folder / "regions.png")
    page = open_at(browser, f"{hub.url}/regions#on=2022-07-01&one=11", TALL, "zh-CN")
    save(page, folder / "regions-one.png", "#shown")
    page = open_at(browser, f"{hub.url}/regions#on=2020-03-21&one=42&other=45", DESK, "en-GB")
    save(page, folder / "regions-pair.png", "#shown")


def take_costs(browser: Browser, hub: RunningHub, folder: Path) -> None:
    """Take the run of 21 March 2020, with and without Hubei's exception."""
    page = open_at(browser, f"{hub.url}/costs", DESK, "en-GB")
    page.locator("#without").select_option("42/hubei/conditional_recognition")
    page.locator("#run-form button").click()
    expect(page.locator("#pictures figure")).to_have_count(2, timeout=RUN_MS)
    save(page, folder / "costs.png", "#heat")
    page = open_at(browser, f"{hub.url}/costs", PHONE, "zh-CN")
    save(page, folder / "costs-phone.png", "#heat")


def take_editor(browser: Browser, hub: RunningHub, folder: Path) -> None:
    """Take a row being written, its counter-example, and the second operator before the approval."""
    first, second = OPERATORS
    page = open_editor(browser.new_context(viewport=DESK, locale="en-GB"), hub, first)
    begin_with(page, "Guangxi")
    part = add_row(page, levels=("low level",))
    page.locator("#example-form").get_by_label("risk of the origin").select_option("medium")
    expect(page.locator("#decided")).to_contain_text("45/guangxi/declare_stays")
    save(page, folder / "editor.png", "#editing")
    prove(page)
    part.locator("> summary").click()
    save(page, folder / "editor-refused.png", "#editing")
    part.locator("> summary").click()
    part.get_by_role("group", name="level", exact=True).get_by_label("medium level", exact=True).check()
    expect(page.locator("#proof-told")).to_contain_text("prove it again")
    expect_reading(page, "Well-formed.")
    prove(page)
    page.locator("#propose").click()
    expect(page.locator("#propose-told")).to_contain_text("another operator", timeout=PROVING_MS)
    page = open_editor(browser.new_context(viewport=TALL, locale="zh-CN"), hub, second)
    save(page, folder / "editor-approving.png")


def take_exception(browser: Browser, federation: Federation, folder: Path) -> None:
    """Take what a person from Guangxi learns of Hubei's exception."""
    federation.clock.set(SPRING)
    page = sign_in(phone(browser), federation, federation.people[GUANGXI].pick(Circumstance.GREEN_LOW_RISK_COUNTY))
    device = federation.device(HUBEI, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    scanned = device.scan(shown_text(page))
    page.locator("#host").select_option(HUBEI)
    page.locator("#reference").fill(scanned.ref)
    page.locator("#why-form button").click()
    page.locator("#why h3").wait_for()
    page.set_viewport_size(TALL)
    save(page, folder / "citizen-exception.png", "#why")


def take_goods(browser: Browser, federation: Federation, folder: Path) -> None:
    """Take what a guard notes of a driver, and the vehicle of the driver's pass."""
    federation.clock.set(APRIL)
    federation.begin_era(ERA)
    qr_text = make_transit_pass(federation, newcomer(federation, HUBEI, ISSUED.circumstance), ISSUED)["qr_text"]
    until = APRIL.replace(hour=23).isoformat()
    offer = {"role": Role.DEVICE, "label": "gate", "valid_until": until}
    pairing = federation.operators[GUANGXI].post("/v1/pairings", offer)["pairing_code"]
    gate = federation.grounds.url(gateway_name(GUANGXI))
    page = open_at(browser, f"{gate}/checkpoint#pair={pairing}", PHONE, "en-GB")
    page.get_by_text("The person, and proofs on paper").click()
    page.get_by_label("a driver or crew of goods").check()
    note_paper(page, "test:negative", "2022-04-19T20:00")
    save(page, folder / "checkpoint-person.png", "#person")
    type_code(page, qr_text)
    expect(page.locator("#verdict")).to_have_attribute("data-outcome", Outcome.PASS)
    save(page, folder / "checkpoint-goods.png")


def open_at(browser: Browser, address: str, size: ViewportSize, locale: str) -> Page:
    """Open a page in a profile of its own; return it once it is ready."""
    page = browser.new_context(viewport=size, locale=locale, reduced_motion="reduce").new_page()
    page.goto(address)
    page.wait_for_selector("body[data-ready]", timeout=RUN_MS)
    return page


def save(page: Page, path: Path, top: str = "body") -> None:
    """Save what is shown, scrolled to ``top``, in few colours."""
    page.locator(top).evaluate("part => scrollTo(0, part.getBoundingClientRect().top + scrollY - 10)")
    page.wait_for_timeout(400)
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
