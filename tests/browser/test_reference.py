"""The API reference that each node serves of itself: each call and type of its own document, in reach of a keyboard."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import phone
from tests.browser.test_access import CONTRAST, NAMELESS
from tests.running_gateway import RunningGateway


@pytest.fixture(params=["en-GB", "zh-CN"])
def reference(request: pytest.FixtureRequest, browser: Browser, gateway: RunningGateway) -> Iterator[Page]:
    context = phone(browser, str(request.param))
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.goto(f"{gateway.url}/reference")
    page.wait_for_selector("body[data-ready]")
    yield page
    assert [url for url in asked if not url.startswith(gateway.url)] == []
    context.close()


def test_every_call_and_type_of_the_nodes_own_document_is_there(reference: Page, gateway: RunningGateway) -> None:
    told = httpx.get(f"{gateway.url}/openapi.json", trust_env=False).json()
    names = [operation["operationId"] for methods in told["paths"].values() for operation in methods.values()]
    shown = reference.locator("details").evaluate_all("all => all.map((each) => each.id)")
    assert sorted(shown) == sorted([*names, *(f"type-{name}" for name in told["components"]["schemas"])])


def test_everything_opens_without_a_fault_and_names_only_types_that_are_there(reference: Page) -> None:
    faults: list[str] = []
    reference.on("pageerror", lambda fault: faults.append(str(fault)))
    reference.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    expect(reference.locator("details > div:empty")).to_have_count(0)
    links = reference.locator("#main a[href^='#']").evaluate_all("all => all.map((each) => each.hash.slice(1))")
    there = reference.locator("details").evaluate_all("all => all.map((each) => each.id)")
    assert (set(links) - set(there), faults) == (set(), [])
    assert "undefined" not in reference.locator("main").inner_text()


def test_a_call_is_found_by_a_word_and_says_who_may_call_it_with_what(reference: Page) -> None:
    reference.locator("#word").fill("verifications PICTURE")
    expect(reference.locator("#calls details:visible")).to_have_count(1)
    found = reference.locator("#verify_picture")
    found.locator("summary").press("Enter")
    for said in ("/v1/verifications/picture", "verify_picture", "device", "signature | session", "413"):
        expect(found).to_contain_text(said)
    expect(found.get_by_role("link", name="GuardView")).to_be_visible()
    found.get_by_role("link", name="PictureMessage").click()
    expect(reference.locator("#type-PictureMessage")).to_contain_text("place_kind")


def test_a_link_to_a_call_opens_it_and_all_can_be_read(reference: Page) -> None:
    reference.goto(f"{reference.url}#enrol_credential")
    reference.reload()
    expect(reference.locator("#enrol_credential")).to_contain_text("operator")
    expect(reference.locator("#enrol_credential summary")).to_be_focused()
    assert reference.evaluate(NAMELESS) == []
    assert reference.evaluate(CONTRAST) == []
    assert reference.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
