"""The editor of rules: closed choices, an example person while typing, the proof, the notice, two operators."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from tests.browser.conftest import phone, running_browser
from tests.browser.hubs import begin_with, hub_with_rules, open_editor
from tests.browser.test_access import CONTRAST, NAMELESS
from tests.running_hub import OPERATORS, RunningHub

PROVING_MS = 90_000
FIRST, SECOND = OPERATORS
MEASURES = (
    "take the temperature",
    "declare the stays of the last 14 days",
    "report to the community of the destination",
    "observe one's own health for 14 days",
)


@pytest.fixture
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with hub_with_rules(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.fixture
def browser(player: Playwright, hub: RunningHub) -> Iterator[Browser]:  # noqa: ARG001 - closed before it
    """Give a browser that ends before the hub."""
    with running_browser(player) as running:
        yield running


@pytest.fixture
def editor(browser: Browser, hub: RunningHub) -> Page:
    """Give the first operator's editor with Guangxi's table open."""
    page = open_editor(phone(browser), hub, FIRST)
    begin_with(page, "Guangxi")
    return page


def expect_reading(page: Page, told: str) -> None:
    expect(page.locator("#reading-told")).to_contain_text(told)


def tick(part: Locator, name: str, *values: str) -> None:
    """Tick values of one input of a row's conditions."""
    part.locator("details.input > summary").filter(has_text=re.compile(f"^{name}: ")).click()
    for value in values:
        part.get_by_role("group", name=name, exact=True).get_by_label(value, exact=True).check()


def add_row(page: Page, *, levels: tuple[str, ...]) -> Locator:
    """Write a row with the form alone: whoever comes from a medium-risk area to a traffic gate declares stays."""
    page.get_by_role("button", name="As a new version").click()
    page.get_by_role("button", name="Add a row").click()
    part = page.locator("details.part[data-kind=row]").first
    part.get_by_label("Id (small letters").fill("declare_stays")
    tick(part, "level", *levels)
    tick(part, "risk of the origin", "from a medium-risk area")
    tick(part, "kind of place", "traffic gate")
    part.get_by_label("Outcome").select_option("PASS_WITH_MEASURES")
    for measure in MEASURES:
        part.get_by_label(measure, exact=True).check()
    part.get_by_label("Reason told to the person").select_option("local_measures")
    part.get_by_label("Legal basis").fill("试验通知")
    part.get_by_label("Last day").fill("2021-03-22")
    expect_reading(page, "Well-formed.")
    return part


def prove(page: Page) -> None:
    page.get_by_role("button", name="Prove it").click()
    page.wait_for_selector("#examine:not([disabled])", timeout=PROVING_MS)


def test_one_operator_proposes_what_is_proven_and_another_publishes_it(
    editor: Page, browser: Browser, hub: RunningHub
) -> None:
    add_row(editor, levels=("low level", "medium level"))
    prove(editor)
    expect(editor.locator("#proof-told")).to_have_text("Proven: nothing is wrong with it.")
    notices = editor.locator("#proof .notice-text")
    expect(notices.nth(0)).to_contain_text("自2020-03-24起")
    expect(notices.nth(1)).to_contain_text("From 2020-03-24 on")
    expect(editor.get_by_role("button", name="Print: Public notice")).to_be_visible()
    editor.locator("#propose").click()
    expect(editor.locator("#propose-told")).to_contain_text("another operator has to approve", timeout=PROVING_MS)
    expect(editor.get_by_text("Your own proposal")).to_be_visible()
    expect(editor.get_by_role("button", name="Approve and publish")).to_have_count(0)

    second = open_editor(phone(browser, "en-GB"), hub, SECOND)
    second.get_by_text("Who is treated differently; the table").click()
    proposal = second.locator(".proposal")
    expect(proposal.locator("ol li").first).to_contain_text("a person at a traffic gate", timeout=PROVING_MS)
    expect(proposal.get_by_role("table")).to_contain_text("declare_stays")
    assert second.evaluate(NAMELESS) == []
    assert second.evaluate(CONTRAST) == []
    second.get_by_role("button", name="Approve and publish").click()
    expect(second.locator("#proposals-told")).to_contain_text("Published in bundle", timeout=PROVING_MS)
    second.goto(f"{hub.url}/rules#45/@2020-03-24")
    second.wait_for_selector("body[data-ready]")
    expect(second.locator("#stack section").first).to_contain_text("declare_stays")
    expect(second.locator("#notices")).to_contain_text("45@2020-03-24.toml")


def test_a_page_that_the_proposer_paired_again_cannot_approve(editor: Page, browser: Browser, hub: RunningHub) -> None:
    add_row(editor, levels=("low level", "medium level"))
    prove(editor)
    editor.locator("#propose").click()
    expect(editor.locator("#propose-told")).to_contain_text("another operator has to approve", timeout=PROVING_MS)
    again = open_editor(phone(browser), hub, FIRST)
    again.get_by_role("button", name="Approve and publish").click()
    expect(again.locator("#proposals-told")).to_contain_text("Nobody approves a table of their own")
    again.get_by_label("Why it is rejected").fill("not yet")
    again.get_by_role("button", name="Reject").click()
    expect(again.locator("#proposals-told")).to_have_text("rejected")
    expect(again.locator(".proposal")).to_contain_text("not yet")


def test_the_proofs_counter_example_is_a_sentence_and_a_person_to_try(editor: Page) -> None:
    add_row(editor, levels=("low level",))
    prove(editor)
    expect(editor.locator("#proof-told")).to_have_text("Refused. Counter-examples:")
    finding = editor.locator(".findings li").first
    expect(finding).to_contain_text("a person at a traffic gate (low level, from a medium-risk area)")
    expect(editor.locator("#propose")).to_be_disabled()
    finding.get_by_role("button", name="Try this person").click()
    expect(editor.locator("#example-title")).to_be_focused()
    expect(editor.locator("#decided .tried").first).to_contain_text("45/guangxi/declare_stays")
    editor.locator("details.part[data-kind=row]").first.get_by_label("Legal basis").fill("另一通知")
    expect(editor.locator("#proof-told")).to_contain_text("prove it again")
    expect(editor.locator("#propose")).to_be_disabled()


def test_an_example_person_is_decided_while_the_form_changes(editor: Page) -> None:
    editor.get_by_label("risk of the origin").select_option("medium")
    with_table, in_force = editor.locator("#decided .tried").nth(0), editor.locator("#decided .tried").nth(1)
    expect(with_table).to_contain_text("00/floor/origin_medium")
    add_row(editor, levels=("low level", "medium level"))
    expect(with_table).to_contain_text("45/guangxi/declare_stays")
    expect(with_table).to_contain_text("declare the stays of the last 14 days")
    expect(in_force).to_contain_text("00/floor/origin_medium")
    expect(with_table).to_contain_text("Nearest change")
    expect(editor.locator("#now")).to_contain_text("45/guangxi/declare_stays")
    with_table.get_by_role("button", name="Try this person").click()
    expect(with_table).not_to_contain_text("45/guangxi/declare_stays")


def test_the_form_keeps_the_comments_of_what_it_does_not_change_and_undoes(editor: Page) -> None:
    before = editor.locator("#table-text").input_value()
    add_row(editor, levels=("low level", "medium level"))
    after = editor.locator("#table-text").input_value()
    assert {line for line in before.splitlines() if line.startswith("#")} <= set(after.splitlines())
    assert 'id = "local_code_from_medium_risk"' in after
    while editor.locator("#undo").is_enabled():
        editor.locator("#undo").click()
    expect(editor.locator("#table-text")).to_have_value(before)
    expect(editor.locator("details.part[data-kind=row]")).to_have_count(1)


def test_a_text_that_is_no_table_is_said_to_be_none_and_can_be_mended(editor: Page) -> None:
    editor.locator("#as-text > summary").click()
    text = editor.locator("#table-text")
    good = text.input_value()
    text.fill(good.replace('"PASS_WITH_MEASURES"', '"PASS_WITH_FLOWERS"'))
    expect_reading(editor, "PASS_WITH_FLOWERS")
    text.fill(good.replace('"PASS_WITH_MEASURES"', '"STOP"'))
    expect_reading(editor, "Not a table yet")
    text.fill(good)
    expect_reading(editor, "Well-formed.")


def test_rows_are_moved_and_taken_away_by_keyboard(editor: Page) -> None:
    add_row(editor, levels=("low level", "medium level"))
    rows = editor.locator("details.part[data-kind=row] > summary code")
    editor.get_by_role("button", name="Down: declare_stays").press("Enter")
    expect(rows).to_have_text(["local_code_from_medium_risk", "declare_stays"])
    expect_reading(editor, "Well-formed.")
    part = editor.locator("details.part[data-kind=row]").nth(1)
    part.get_by_role("button", name="Delete: declare_stays").press("Enter")
    expect(rows).to_have_text(["local_code_from_medium_risk"])


def test_nobody_without_a_key_sees_the_editor(browser: Browser, hub: RunningHub) -> None:
    page = phone(browser).new_page()
    page.goto(f"{hub.url}/editor")
    expect(page.get_by_label("Pairing code")).to_be_visible()
    expect(page.locator("#desk")).to_be_hidden()


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_everything_has_a_name_and_enough_contrast_and_fits_a_phone(
    browser: Browser, hub: RunningHub, locale: str
) -> None:
    page = open_editor(phone(browser, locale), hub, FIRST)
    begin_with(page, "广西" if locale == "zh-CN" else "Guangxi")
    page.locator("#adding button").nth(1).click()
    for _ in range(2):
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    page.locator("#decided .tried").first.wait_for()
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((element) => element.id)")
    assert len(ids) == len(set(ids))
