"""The pages can be used with a keyboard and by a screen reader, and load nothing but themselves."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import open_paired, phone
from tests.running_gateway import RunningGateway
from tests.world import World
from tongxing.app.pages import Page as BuiltPage
from tongxing.core.levels import Level
from tongxing.core.verdicts import Outcome
from tongxing.services.ports import Role

PAGES = {"/checkpoint": Role.DEVICE, "/operator": Role.OPERATOR}
ASSETS_MAX_BYTES = 100_000
LOADED_BY_EACH = 4

NAMELESS = """() => [...document.querySelectorAll("button, a[href], input, select, summary, video, [role=region]")]
    .filter((element) => {
        const labels = [...(element.labels ?? [])].map((label) => label.textContent).join("");
        const by = document.getElementById(element.getAttribute("aria-labelledby"))?.textContent ?? "";
        return !(labels + by + (element.getAttribute("aria-label") ?? "") + element.textContent).trim();
    })
    .map((element) => element.outerHTML.slice(0, 80))"""

CONTRAST = """() => {
    const parse = (text) => text.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b]
        .map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    const behind = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const colour = parse(getComputedStyle(each).backgroundColor);
            if (colour.length === 3 || colour[3] > 0) return colour;
        }
        return [255, 255, 255];
    };
    return [...document.querySelectorAll("body *")]
        .filter((element) => element.checkVisibility()
            && [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
            && element.tagName !== "OPTION" && !element.closest(".skip"))
        .map((element) => {
            const [one, other] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
            return [(Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05), element.outerHTML.slice(0, 80)];
        })
        .filter(([ratio]) => ratio < 4.5);
}"""


@pytest.fixture(params=[(path, lang) for path in PAGES for lang in ("zh", "en")], ids="-".join)
def shown(request: pytest.FixtureRequest, browser: Browser, gateway: RunningGateway) -> Iterator[Page]:
    path, lang = request.param
    context = phone(browser, {"zh": "zh-CN", "en": "en-GB"}[lang])
    yield open_paired(context, gateway, path, PAGES[path])
    context.close()


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_everything_that_can_be_used_has_a_name(shown: Page) -> None:
    shown.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert shown.evaluate(NAMELESS) == []


def test_a_page_has_its_landmarks_and_its_language(shown: Page) -> None:
    expect(shown.get_by_role("banner")).to_have_count(1)
    expect(shown.get_by_role("main")).to_have_count(1)
    expect(shown.get_by_role("heading", level=1)).to_have_count(1)
    assert shown.locator("html").get_attribute("lang") in {"zh-CN", "en"}
    ids = shown.evaluate("[...document.querySelectorAll('[id]')].map((element) => element.id)")
    assert len(ids) == len(set(ids))


def test_text_stands_out_from_its_ground(shown: Page) -> None:
    shown.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert shown.evaluate(CONTRAST) == []


def test_a_phone_need_not_scroll_sideways(shown: Page) -> None:
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("outcome", [*Outcome, "NONE", "CHECKING"])
def test_a_verdict_stands_out_from_its_ground(checkpoint: Page, outcome: str) -> None:
    checkpoint.evaluate(f"document.querySelector('#verdict').dataset.outcome = '{outcome}'")
    assert checkpoint.evaluate(CONTRAST) == []


def test_the_verdict_is_announced_at_once(checkpoint: Page) -> None:
    live = checkpoint.locator("#spoken")
    expect(live).to_have_attribute("aria-live", "assertive")
    expect(live).to_have_attribute("aria-atomic", "true")
    expect(live.get_by_role("heading")).to_have_text("Ready to scan")
    expect(checkpoint.get_by_role("region", name="Ready to scan")).to_have_count(1)


def test_a_checkpoint_works_by_keyboard_alone(checkpoint: Page, world: World) -> None:
    keys = checkpoint.keyboard
    keys.press("Tab")
    expect(checkpoint.get_by_role("link", name="Skip to the content")).to_be_focused()
    keys.press("Enter")
    tab_to(checkpoint, lambda: checkpoint.evaluate("document.activeElement.textContent").startswith("Hand scanner"))
    keys.press("Enter")
    keys.press("Tab")
    assert focused(checkpoint) == "text"
    keys.insert_text(world.national_code(Level.HIGH))
    keys.press("Enter")
    expect(checkpoint.locator("#verdict")).to_have_attribute("data-outcome", Outcome.STOP)
    assert focused(checkpoint) == "text"
    keys.insert_text("nothing of ours")
    keys.press("Enter")
    expect(checkpoint.locator("#verdict")).to_have_attribute("data-outcome", Outcome.REFER)
    tab_to(checkpoint, lambda: focused(checkpoint) == "ending-seen", "Shift+Tab")
    keys.press("Tab")
    keys.press("Space")
    keys.press("Tab")
    keys.press("Enter")
    expect(checkpoint.locator("#ending-told")).to_contain_text("Recorded")


def tab_to(page: Page, is_there: "object", key: str = "Tab") -> None:
    for _ in range(40):
        if is_there():  # type: ignore[operator]
            return
        page.keyboard.press(key)
    raise AssertionError("the keyboard never came there")


def test_what_has_the_focus_is_seen(checkpoint: Page) -> None:
    checkpoint.keyboard.press("Tab")
    checkpoint.keyboard.press("Tab")
    width = checkpoint.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert width == "3px"


def test_the_language_can_be_switched_and_stays_paired(checkpoint: Page) -> None:
    checkpoint.get_by_role("link", name="中文").click()
    checkpoint.wait_for_selector("body[data-ready]")
    expect(checkpoint.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(checkpoint.locator("#headline")).to_have_text("请扫码")
    checkpoint.get_by_role("link", name="English").click()
    expect(checkpoint.locator("#headline")).to_have_text("Ready to scan")


def test_pages_load_nothing_but_themselves_and_break_no_policy(
    context: BrowserContext, gateway: RunningGateway
) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    for path, role in PAGES.items():
        open_paired(context, gateway, path, role)
    page = context.new_page()
    page.goto(f"{gateway.url}/checkpoint")
    page.wait_for_selector("body[data-ready]")
    page.evaluate("import('/pages/vendor/qr.js')")
    assert [url for url in asked if not url.startswith(gateway.url)] == []
    assert complaints == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_holds_no_script_and_no_style_of_its_own(gateway: RunningGateway, path: str) -> None:
    answer = gateway.client.get(gateway.url + path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert re.findall(r"<script(?![^>]*src=)", answer.text) == []
    assert re.findall(r"<style|style=|\son[a-z]+=", answer.text) == []


def test_a_page_that_has_not_changed_is_not_sent_again(gateway: RunningGateway) -> None:
    first = gateway.client.get(f"{gateway.url}/pages/style.css")
    again = gateway.client.get(f"{gateway.url}/pages/style.css", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (httpx.codes.NOT_MODIFIED, b"")
    assert gateway.client.post(f"{gateway.url}/checkpoint").status_code == httpx.codes.METHOD_NOT_ALLOWED


def test_the_language_is_the_first_of_ours_that_a_browser_asks_for(gateway: RunningGateway) -> None:
    def language(accepted: str, query: str = "") -> str:
        headers = {"accept-language": accepted}
        return gateway.client.get(f"{gateway.url}/checkpoint{query}", headers=headers).headers["content-language"]

    assert language("de, en-GB;q=0.8, zh;q=0.5") == "en"
    assert language("zh-CN,en") == "zh"
    assert language("fr") == "zh"
    assert language("zh-CN", "?lang=en") == "en"


def test_the_scripts_styles_and_pictures_that_a_page_loads_are_small_together(
    built_pages: tuple[BuiltPage, ...],
) -> None:
    parts = {page.path: next(iter(page.bodies.values())) for page in built_pages}
    for page in (path for path in parts if not path.startswith("/pages/")):
        loaded: set[str] = set()
        wanted = {page}
        while wanted:
            text = parts[wanted.pop()].decode()
            named = {f"/pages/{name}" for name in re.findall(r'["(](?:/pages|\.)/([\w/.]+\.\w+)["?)]', text)}
            wanted |= (named & parts.keys()) - loaded
            loaded |= named & parts.keys()
        assert len(loaded) >= LOADED_BY_EACH
        assert sum(len(parts[path]) for path in loaded) <= ASSETS_MAX_BYTES, (page, loaded)
