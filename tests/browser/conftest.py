"""A real Chromium on a real gateway, which runs in this process on a clock that stands still and reaches nobody.

Without Debian's chromium, or where its driver does not start, every test here is skipped, loudly.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize, sync_playwright

from tests.running_gateway import RunningGateway, running_gateway
from tests.world import AT, GUANGXI, ROOT, World
from tongxing.app.key_files import public_text
from tongxing.app.pages import Page as BuiltPage
from tongxing.app.settings import NodeKind, NodeSettings
from tongxing.services.ports import Role
from tongxing.web.building import build_pages

CHROMIUM: Final = shutil.which("chromium")
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
ARGUMENTS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"),
)

OpenPage = Callable[..., Page]


def what_is_absent() -> str | None:
    """Return what this machine lacks for driving a browser, or None if nothing."""
    if CHROMIUM is None:
        return "CHROMIUM IS ABSENT"
    driver = subprocess.run(
        [sys.executable, "-m", "playwright", "--version"], capture_output=True, text=True, check=False
    )
    return None if driver.returncode == 0 else f"THE BROWSER'S DRIVER DOES NOT START ({driver.stderr.strip()[-200:]})"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser where there is none."""
    absent = what_is_absent()
    if absent:
        skipped = pytest.mark.skip(reason=f"{absent}: the pages are not tested")
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(skipped)


@pytest.fixture(scope="session")
def world() -> World:
    """Give the federation whose bundle the gateway holds."""
    return World()


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory, world: World) -> Iterator[RunningGateway]:
    """Give a running gateway that serves its pages."""
    folder = tmp_path_factory.mktemp("gateway")
    with running_gateway(folder, GUANGXI, world.bundle(), AT, build_pages) as running:
        yield running


@pytest.fixture(scope="module")
def player() -> Iterator[Playwright]:
    """Give what drives browsers. It has an event loop in this thread, so it ends before other modules' tests."""
    with sync_playwright() as playing:
        yield playing


@contextmanager
def running_browser(player: Playwright, *more: str) -> Iterator[Browser]:
    """Run Debian's Chromium with a fresh profile."""
    browser = player.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *more])
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture(scope="module")
def browser(player: Playwright, gateway: RunningGateway) -> Iterator[Browser]:  # noqa: ARG001 - closed before it
    """Give the browser that the tests share; each has a profile of its own."""
    with running_browser(player) as running:
        yield running


def phone(browser: Browser, locale: str = "en-GB") -> BrowserContext:
    """Return a fresh profile at the size of a phone."""
    return browser.new_context(viewport=PHONE, locale=locale, permissions=["camera"], reduced_motion="reduce")


def open_paired(context: BrowserContext, gateway: RunningGateway, path: str, role: Role) -> Page:
    """Open a page by the pairing link that an operator handed over; return it ready for use."""
    page = context.new_page()
    page.goto(f"{gateway.url}{path}#pair={gateway.offer_pairing(role)}")
    page.wait_for_selector("body[data-ready]")
    return page


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Give a fresh profile that prefers English."""
    opened = phone(browser)
    yield opened
    opened.close()


@pytest.fixture
def checkpoint(context: BrowserContext, gateway: RunningGateway) -> Page:
    """Give the checkpoint's page, paired as a device."""
    return open_paired(context, gateway, "/checkpoint", Role.DEVICE)


@pytest.fixture
def operator(context: BrowserContext, gateway: RunningGateway) -> Page:
    """Give the operator's page, paired as an operator."""
    return open_paired(context, gateway, "/operator", Role.OPERATOR)


@pytest.fixture(scope="session")
def built_pages(tmp_path_factory: pytest.TempPathFactory) -> tuple[BuiltPage, ...]:
    """Give everything that a gateway serves to browsers."""
    folder = tmp_path_factory.getbasetemp()
    told: dict[str, object] = {
        "node": NodeKind.GATEWAY,
        "region": GUANGXI,
        "state_dir": folder,
        "keys_dir": folder,
        "public_urls": ["http://127.0.0.1:8000"],
        "roots": [public_text(ROOT.public)],
        "hub_url": "http://127.0.0.1:9",
        "back_end_url": "http://127.0.0.1:9",
    }
    return build_pages(NodeSettings.model_validate(told))
