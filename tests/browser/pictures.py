"""The pictures of docs/pages, taken anew: ``.venv/bin/python -m tests.browser.pictures docs/pages``.

A federation in the machine's own time, as ``make demo`` leaves it, and a phone that prefers Chinese. Each picture
is what its page then shows. The map's are taken by hand.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from starlette.applications import Starlette

from tests.browser.conftest import phone, running_browser
from tests.unit.simulation.running import StoppedClock, serving
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind
from tongxing.services.ports import Role
from tongxing.simulation.arranging import document_of
from tongxing.simulation.backends.faults import Faults
from tongxing.simulation.by_hand import PAGE_LIFE, go_on_in_present
from tongxing.simulation.federation import Federation, run_federation
from tongxing.simulation.founding import REGIONS, gateway_name
from tongxing.simulation.people import Circumstance, Person
from tongxing.simulation.sandbox.board import Board
from tongxing.simulation.sandbox.conversing import rehearse
from tongxing.simulation.sandbox.page_serving import page_routes
from tongxing.simulation.sandbox.sites import choose_profiles, open_site
from tongxing.simulation.scenes import GUANGXI, HUBEI
from tongxing.simulation.state import claim_state

PEOPLE: Final = 500
COLOURS: Final = 64
VERDICTS: Final = (
    ("pass", Outcome.PASS, Circumstance.GREEN_LOW_RISK_COUNTY),
    ("measures", Outcome.PASS_WITH_MEASURES, Circumstance.YELLOW_FEVER),
    ("refer", Outcome.REFER, Circumstance.YELLOW_LAPSED),
    ("stop", Outcome.STOP, Circumstance.YELLOW_CLOSE_CONTACT),
)


def main() -> None:
    """Take all pictures and put them into the folder that is named."""
    folder = Path(sys.argv[1])
    with (
        tempfile.TemporaryDirectory() as state,
        running(Path(state) / "state") as federation,
        sync_playwright() as player,
        running_browser(player) as browser,
    ):
        take_checkpoint(browser, federation, folder)
        take_citizen(browser, federation, folder)
        take_operator(browser, federation, folder)
        take_switchboard(browser, folder)


@contextmanager
def running(path: Path) -> Iterator[Federation]:
    """Run a federation whose people are docked, in the machine's own time."""
    with claim_state(path) as state, run_federation(state, people=PEOPLE, first_port=0) as federation:
        for region in REGIONS:
            for _docked in federation.dock(region, PEOPLE):
                pass
        go_on_in_present(federation)
        yield federation


def take_checkpoint(browser: Browser, federation: Federation, folder: Path) -> None:
    """Take the checkpoint: not yet paired, each outcome, and offline."""
    context = phone(browser, "zh-CN")
    page = context.new_page()
    page.goto(address(federation, "/checkpoint"))
    expect(page.locator("#pairing-code")).to_be_visible()
    save(page, folder / "pairing.png")
    page = open_paired(browser, federation, "/checkpoint", Role.DEVICE)
    for name, outcome, circumstance in VERDICTS:
        type_code(page, federation.show_code(HUBEI, circumstance).qr_text)
        expect(page.locator("#verdict")).to_have_attribute("data-outcome", outcome)
        page.locator("#text").evaluate("field => field.closest('details').open = false")
        save(page, folder / f"checkpoint-{name}.png")
    page.context.set_offline(offline=True)
    type_code(page, "x")
    expect(page.locator("#verdict")).to_have_attribute("data-outcome", "NONE")
    page.locator("#text").evaluate("field => field.closest('details').open = false")
    save(page, folder / "checkpoint-offline.png")


def take_citizen(browser: Browser, federation: Federation, folder: Path) -> None:
    """Take the citizen's page: the code, what it says, why a gate decided so on the typed document, a correction."""
    page = sign_in(browser, federation, federation.people[HUBEI].pick(Circumstance.GREEN_LOW_RISK_COUNTY))
    expect(page.locator("#picture path")).to_have_count(1)
    save(page, folder / "citizen-code.png")
    person = federation.people[HUBEI].pick(Circumstance.YELLOW_CLOSE_CONTACT)
    page = sign_in(browser, federation, person)
    expect(page.locator("#report dl")).to_be_visible()
    save(page, folder / "citizen-report.png", page.locator("#report-title"))
    device = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    typed = {"document": document_of(person), "place_kind": "traffic_gate", "presence": True}
    page.locator("#host").select_option(GUANGXI)
    page.locator("#reference").fill(device.post("/v1/verifications/document", typed)["ref"])
    page.locator("#why-form button").click()
    expect(page.locator("#why h3")).to_be_visible()
    save(page, folder / "citizen-why.png", page.locator("#why-title"))
    page.locator("#case-document").fill(person.document.number)
    page.locator("#case-name").fill(person.name)
    page.locator("#case-form button").click()
    expect(page.locator("#cases li").first).to_be_visible()
    save(page, folder / "citizen-case.png", page.locator("#cases-title"))


def take_switchboard(browser: Browser, folder: Path) -> None:
    """Take the sandbox's switchboard: Guangxi's back end, with one person turned red and a fault set."""
    sites = {
        each.region: open_site(each, StoppedClock(), Faults(), people=40, seed=1, port=8501)
        for each in choose_profiles("all")
    }
    site = sites[GUANGXI]
    asking = rehearse(site, site.dialect.show(next(site.one_in_each())), StoppedClock().now(), "query")
    # The browser's driver has an event loop in this thread, so another thread asks.
    with ThreadPoolExecutor(1) as elsewhere:
        rehearsed = {GUANGXI: elsewhere.submit(asyncio.run, asking).result()}
    with serving(Starlette(routes=[*Board(sites, rehearsed).routes(), *page_routes()])) as url:
        page = browser.new_context(viewport={"width": 900, "height": 1250}, locale="en-GB").new_page()
        page.goto(url)
        page.locator("#region").select_option(GUANGXI)
        page.locator("#people tr").first.get_by_role("combobox").select_option("red_red")
        expect(page.locator("#people tr").first.locator("td").nth(2)).to_have_text("red")
        save(page, folder / "switchboard.png")


def take_operator(browser: Browser, federation: Federation, folder: Path) -> None:
    """Take the operator's page as it opens."""
    page = open_paired(browser, federation, "/operator", Role.OPERATOR)
    expect(page.locator("#fresh dd").first).to_be_visible()
    save(page, folder / "operator.png")


def open_paired(browser: Browser, federation: Federation, path: str, role: Role) -> Page:
    """Open a page of Guangxi's gateway by a pairing link."""
    until = (datetime.now(UTC) + PAGE_LIFE).isoformat()
    offer = {"role": role, "label": "南门查验点", "valid_until": until}
    offered = federation.operators[GUANGXI].post("/v1/pairings", offer)["pairing_code"]
    page = phone(browser, "zh-CN").new_page()
    page.goto(f"{address(federation, path)}#pair={offered}")
    page.wait_for_selector("body[data-ready]")
    return page


def sign_in(browser: Browser, federation: Federation, person: Person) -> Page:
    """Sign in as a test identity, in a profile of its own."""
    page = phone(browser, "zh-CN").new_page()
    page.goto(f"{federation.grounds.url(gateway_name(person.region))}/my")
    page.locator("#signed-out a").click()
    page.locator(f"a[href*='{person.document.number}']").first.click()
    page.wait_for_selector("body[data-ready]")
    return page


def type_code(page: Page, text: str) -> None:
    """Give the page a text as a hand scanner does."""
    field = page.locator("#text")
    field.evaluate("field => field.closest('details').open = true")
    field.fill(text)
    field.press("Enter")


def address(federation: Federation, path: str) -> str:
    """Return where Guangxi's gateway serves a page."""
    return federation.grounds.url(gateway_name(GUANGXI)) + path


def save(page: Page, path: Path, top: Locator | None = None) -> None:
    """Save what the phone shows, scrolled to ``top``, in few colours."""
    if top is None:
        page.evaluate("scrollTo(0, 0)")
    else:
        top.evaluate("part => part.closest('section').scrollIntoView()")
    page.wait_for_timeout(300)
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main()
