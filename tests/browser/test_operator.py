"""The operator's page: how fresh the data are, who takes part, what was alarmed, and new devices."""

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_access import CONTRAST, NAMELESS
from tests.running_gateway import RunningGateway
from tests.world import World
from tongxing.core.words import PlaceKind
from tongxing.services.ports import Role


def test_the_bundles_age_and_the_directory_are_shown(operator: Page) -> None:
    fresh = operator.locator("#fresh")
    expect(fresh).to_contain_text("Bundle issued")
    expect(fresh).to_contain_text("1 h old")
    expect(fresh).to_contain_text("Key rotation")
    rows = operator.get_by_role("region", name="Directory").get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("42 Hubei")
    expect(rows.nth(1)).to_contain_text("takes part")


def test_a_forged_code_shows_as_an_alarm(operator: Page, gateway: RunningGateway, world: World) -> None:
    honest = world.national_code(number=78)
    forged = honest[:-1] + ("8" if honest.endswith("9") else "9")
    ref = gateway.verify(forged, PlaceKind.FACTORY)["ref"]
    operator.get_by_role("button", name="Refresh").click()
    alarms = operator.get_by_role("region", name="Alarms")
    expect(alarms).to_contain_text("signature_invalid")
    expect(alarms).to_contain_text(ref)


def test_a_device_is_enrolled_by_a_link_of_the_page(operator: Page, context: BrowserContext) -> None:
    operator.get_by_label("Name of the device").fill("East gate")
    operator.get_by_role("button", name="Make a pairing link").click()
    link = operator.locator("#offered a").get_attribute("href")
    assert link is not None
    page = context.new_page()
    page.goto(link)
    expect(page.locator("#headline")).to_have_text("Ready to scan")
    operator.get_by_role("button", name="Refresh").click()
    expect(operator.get_by_role("region", name="Enrolled keys")).to_contain_text("East gate")


def test_a_device_is_enrolled_at_its_site_and_in_its_division(operator: Page, context: BrowserContext) -> None:
    operator.get_by_label("Name of the device").fill("Mill gate")
    operator.get_by_label("Site (may be left empty)").fill("mill")
    operator.get_by_label("Division where it stands").fill("450102")
    operator.get_by_role("button", name="Make a pairing link").click()
    offered = operator.locator("#offered")
    expect(offered).to_contain_text("mill 450102 兴宁区")
    link = offered.locator("a").get_attribute("href")
    assert link is not None
    page = context.new_page()
    page.goto(link)
    expect(page.locator("#headline")).to_have_text("Ready to scan")
    operator.get_by_role("button", name="Refresh").click()
    expect(operator.get_by_role("row").filter(has_text="Mill gate")).to_contain_text("mill 450102 兴宁区")


def test_a_wrong_division_is_refused_on_the_page_in_words(operator: Page) -> None:
    operator.get_by_label("Name of the device").fill("Stray gate")
    operator.get_by_label("Division where it stands").fill("420106")
    operator.get_by_role("button", name="Make a pairing link").click()
    expect(operator.locator("#offered")).to_contain_text("420106 lies outside region 45")
    assert operator.locator("#offered a").count() == 0


def test_a_lost_devices_key_is_revoked_from_the_page_after_asking_once_more(
    operator: Page, context: BrowserContext, gateway: RunningGateway
) -> None:
    page = context.new_page()
    page.goto(f"{gateway.url}/checkpoint#pair={gateway.offer_pairing(Role.DEVICE, 'West gate')}")
    expect(page.locator("#headline")).to_have_text("Ready to scan")
    operator.get_by_role("button", name="Refresh").click()
    button = operator.get_by_role("button", name="Revoke: West gate (device)")
    button.press("Enter")
    dialog = operator.get_by_role("dialog", name="Revoke this key?")
    expect(dialog).to_contain_text("West gate (device)")
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    assert operator.evaluate(NAMELESS) == []
    assert operator.evaluate(CONTRAST) == []
    dialog.get_by_role("button", name="Keep it").press("Enter")
    expect(dialog).to_be_hidden()
    row = operator.get_by_role("row").filter(has_text="West gate")
    expect(row).to_contain_text("in force")
    button.press("Enter")
    dialog.get_by_role("button", name="Yes, revoke it").press("Enter")
    expect(row).to_contain_text("revoked")
    expect(row.get_by_role("button")).to_have_count(0)
    expect(operator.locator("#revoke-told")).to_have_text("revoked: West gate (device)")
    page.get_by_text("Hand scanner, or type a code's text").click()
    page.get_by_label("Text of the code").fill("x")
    page.get_by_label("Text of the code").press("Enter")
    expect(page.locator("#verdict")).to_contain_text("This device's enrolment has ended")


def test_a_device_cannot_use_the_operators_page(checkpoint: Page, gateway: RunningGateway) -> None:
    checkpoint.goto(f"{gateway.url}/operator")
    expect(checkpoint.get_by_label("Pairing code")).to_be_visible()
    expect(checkpoint.locator("#desk")).to_be_hidden()
