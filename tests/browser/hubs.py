"""A hub with the rules that ship, for the pages about rules, and its two operators' browsers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from tests.fakes.callers import TestCaller
from tests.running_hub import RunningHub, running_hub
from tests.world import AT, World
from tongxing.app.packaged import RULES, load_files
from tongxing.web.building import build_pages


@contextmanager
def hub_with_rules(folder: Path) -> Iterator[RunningHub]:
    """Run a hub on 21 March 2020 with every rule table that ships, and an empty risk list."""
    risk = json.dumps({"data": {"end_update_time": "2020-03-21 11时", "highlist": [], "middlelist": []}}).encode()
    bundle = World(rules=dict(load_files(RULES))).bundle()
    with running_hub(folder, bundle, [(AT, risk)], build_pages) as running:
        yield running


def open_editor(context: BrowserContext, hub: RunningHub, operator: TestCaller) -> Page:
    """Open the editor in a browser that an operator has paired; return it ready for use."""
    page = context.new_page()
    page.goto(f"{hub.url}/editor#pair={hub.offer_pairing(operator)}")
    page.wait_for_selector("body[data-ready]")
    return page


def begin_with(page: Page, name: str) -> None:
    """Open the table of a place in the editor."""
    options = page.locator("#which option").all_inner_texts()
    page.locator("#which").select_option(index=next(i for i, text in enumerate(options) if name in text))
    page.locator("#begin-form button[type=submit]").click()
    page.locator("#form details.part").first.wait_for()
