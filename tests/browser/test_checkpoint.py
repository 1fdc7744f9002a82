"""The checkpoint's page: every way to scan, one large verdict, ready for the next, and what it says when offline."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, Route, expect

from tests.browser.conftest import open_paired, phone, running_browser
from tests.browser.recording import record_video
from tests.browser.test_access import CONTRAST
from tests.running_gateway import RunningGateway
from tests.world import AT, HUBEI, World
from tongxing.core.documents import DOCUMENT_WORDS
from tongxing.core.levels import Level
from tongxing.core.transit import Plate
from tongxing.core.verdicts import OUTCOME_WORDS, Outcome
from tongxing.services.ports import Role
from tongxing.wire.qr import encode_qr_png
from tongxing.wire.transit_pass import TransitPassClaims, encode_transit_pass

LEVELS = {Outcome.PASS: Level.LOW, Outcome.PASS_WITH_MEASURES: Level.MEDIUM, Outcome.STOP: Level.HIGH}


def text_for(world: World, outcome: Outcome) -> str:
    return "no code at all" if outcome is Outcome.REFER else world.national_code(LEVELS[outcome])


def type_code(page: Page, text: str) -> None:
    field = page.get_by_label("Text of the code")
    if not field.is_visible():
        page.get_by_text("Hand scanner, or type a code's text").click()
    field.fill(text)
    field.press("Enter")


def expect_outcome(page: Page, outcome: Outcome) -> None:
    expect(page.locator("#verdict")).to_have_attribute("data-outcome", outcome)


@pytest.mark.parametrize("outcome", Outcome)
def test_a_verdict_is_told_by_words_and_a_shape_of_its_own(checkpoint: Page, world: World, outcome: Outcome) -> None:
    type_code(checkpoint, text_for(world, outcome))
    expect_outcome(checkpoint, outcome)
    words = OUTCOME_WORDS[outcome]
    expect(checkpoint.get_by_role("heading", level=2).first).to_have_text(words.en)
    expect(checkpoint.locator("#headline-other")).to_have_text(words.zh)
    expect(checkpoint.locator(".icons svg:visible")).to_have_count(1)
    expect(checkpoint.locator(f'.icons [data-icon="{outcome}"]')).to_be_visible()
    expect(checkpoint.locator("#age")).to_contain_text("1 h")


def test_measures_are_listed(checkpoint: Page, world: World) -> None:
    type_code(checkpoint, text_for(world, Outcome.PASS_WITH_MEASURES))
    expect(checkpoint.get_by_role("list", name="Measures").get_by_role("listitem").first).to_have_text(
        "take the temperature"
    )


def test_the_page_is_ready_for_the_next_scan_at_once(checkpoint: Page, world: World) -> None:
    for outcome in (Outcome.PASS, Outcome.STOP, Outcome.REFER, Outcome.PASS):
        type_code(checkpoint, text_for(world, outcome))
        expect_outcome(checkpoint, outcome)
    checkpoint.get_by_role("button", name="Next person").click()
    expect(checkpoint.locator("#headline")).to_have_text("Ready to scan")


def test_a_late_answer_never_covers_a_newer_scan(checkpoint: Page, world: World) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    checkpoint.route("**/v1/verifications", hold, times=1)
    type_code(checkpoint, text_for(world, Outcome.PASS))
    expect(checkpoint.locator("#verdict")).to_have_attribute("data-outcome", "CHECKING")
    type_code(checkpoint, text_for(world, Outcome.STOP))
    expect_outcome(checkpoint, Outcome.STOP)
    held[0].continue_()
    checkpoint.wait_for_timeout(500)
    expect_outcome(checkpoint, Outcome.STOP)


def test_a_picture_is_decided(checkpoint: Page, world: World) -> None:
    picture = {"name": "code.png", "mimeType": "image/png", "buffer": encode_qr_png(world.national_code(), 4)}
    checkpoint.get_by_label("Take or choose a picture").set_input_files(picture)  # type: ignore[arg-type]
    expect_outcome(checkpoint, Outcome.PASS)


def test_every_document_that_counts_can_be_chosen_and_a_foreign_passport_is_explained(checkpoint: Page) -> None:
    checkpoint.get_by_text("No phone: identity document").click()
    expect(checkpoint.locator("#document-type option")).to_have_text([said.en for said in DOCUMENT_WORDS.values()])
    expect(checkpoint.get_by_label("Document number")).to_have_accessible_description(re.compile("USA:912345678"))


def test_a_document_needs_the_persons_presence_and_stays_on_no_screen(checkpoint: Page) -> None:
    checkpoint.get_by_text("No phone: identity document").click()
    number = checkpoint.get_by_label("Document number")
    number.fill("E1234567")
    checkpoint.get_by_label("Kind of document").select_option("passport")
    checkpoint.locator("#document-form").get_by_role("button", name="Check").click()
    expect(checkpoint.locator("#verdict")).to_have_attribute("data-outcome", "READY")
    checkpoint.get_by_label(re.compile("The person is present")).check()
    checkpoint.locator("#document-form").get_by_role("button", name="Check").click()
    expect(checkpoint.locator("#verdict")).not_to_have_attribute("data-outcome", re.compile("READY|CHECKING"))
    expect(number).to_have_value("")


def test_a_fever_confirmed_by_the_person_counts_and_is_gone_for_the_next(checkpoint: Page, world: World) -> None:
    checkpoint.get_by_label("Temperature (°C)").fill("37.6")
    checkpoint.get_by_label("The person has confirmed the reading").check()
    type_code(checkpoint, text_for(world, Outcome.PASS))
    expect_outcome(checkpoint, Outcome.REFER)
    expect(checkpoint.get_by_label("Temperature (°C)")).to_have_value("")
    type_code(checkpoint, text_for(world, Outcome.PASS))
    expect_outcome(checkpoint, Outcome.PASS)


def test_the_ending_of_a_referral_is_recorded_once(checkpoint: Page, world: World, gateway: RunningGateway) -> None:
    type_code(checkpoint, text_for(world, Outcome.REFER))
    expect_outcome(checkpoint, Outcome.REFER)
    checkpoint.get_by_label("What was seen").select_option("paper_certificate")
    checkpoint.get_by_role("radio", name="let through after the manual check").check()
    checkpoint.get_by_role("button", name="Record").click()
    expect(checkpoint.locator("#ending-told")).to_have_text("Recorded: let through after the manual check")
    expect(checkpoint.get_by_role("button", name="Record")).to_be_disabled()
    ref = checkpoint.locator("#ref").inner_text().split()[-1]
    assert gateway.trail(ref)["ending"]["outcome"] == "passed"
    type_code(checkpoint, text_for(world, Outcome.PASS))
    expect(checkpoint.get_by_role("form", name="How the manual check ended")).to_have_count(0)
    expect(checkpoint.locator("#ending")).to_be_hidden()


def test_offline_is_seen_and_is_no_verdict(checkpoint: Page, context: BrowserContext, world: World) -> None:
    context.set_offline(offline=True)
    expect(checkpoint.get_by_role("status").first).to_have_text("Gateway not reachable")
    type_code(checkpoint, text_for(world, Outcome.PASS))
    expect(checkpoint.locator("#headline")).to_have_text("No verdict")
    expect(checkpoint.locator("#verdict")).to_have_attribute("data-outcome", "NONE")
    context.set_offline(offline=False)
    expect(checkpoint.get_by_role("status").first).to_have_text("Connected")
    type_code(checkpoint, text_for(world, Outcome.PASS))
    expect_outcome(checkpoint, Outcome.PASS)


def test_a_pairing_link_serves_one_browser_only(browser: Browser, gateway: RunningGateway) -> None:
    link = f"{gateway.url}/checkpoint#pair={gateway.offer_pairing(Role.DEVICE)}"
    first, second = phone(browser), phone(browser)
    try:
        page, late = first.new_page(), second.new_page()
        page.goto(link)
        page.wait_for_selector("body[data-ready]")
        assert "pair=" not in page.url
        late.goto(link)
        expect(late.get_by_role("alert")).to_contain_text("was used, has ended or is unknown")
        expect(late.locator("#desk")).to_be_hidden()
        late.get_by_label("Pairing code").fill(gateway.offer_pairing(Role.DEVICE))
        late.get_by_role("button", name="Enrol").click()
        expect(late.locator("#desk")).to_be_visible()
    finally:
        first.close()
        second.close()


def test_the_browsers_key_stays_and_cannot_be_taken_out(checkpoint: Page, world: World) -> None:
    checkpoint.reload()
    checkpoint.wait_for_selector("body[data-ready]")
    type_code(checkpoint, text_for(world, Outcome.PASS))
    expect_outcome(checkpoint, Outcome.PASS)
    taken = checkpoint.evaluate(
        """async () => {
            const { loadKey } = await import("/pages/keys.js");
            const { privateKey } = await loadKey("device");
            return crypto.subtle.exportKey("pkcs8", privateKey).then(() => "taken", (error) => error.name);
        }"""
    )
    assert taken == "InvalidAccessError"


def test_every_outcome_sounds_otherwise_and_a_referral_least_like_a_stop(checkpoint: Page) -> None:
    tones = checkpoint.evaluate("async () => (await import('/pages/sound.js')).TONES")
    assert set(tones) == set(Outcome)
    assert len({str(tone) for tone in tones.values()}) == len(Outcome)
    refer, stop = tones[Outcome.REFER], tones[Outcome.STOP]
    assert refer["wave"] != stop["wave"]
    assert min(note[0] for note in refer["notes"]) > 2 * max(note[0] for note in stop["notes"])
    assert len(refer["notes"]) != len(stop["notes"])


def test_a_recorded_video_is_read_person_after_person(
    player: Playwright, gateway: RunningGateway, world: World, tmp_path: Path
) -> None:
    codes = [text_for(world, Outcome.PASS), text_for(world, Outcome.STOP)]
    video = record_video(tmp_path / "camera.y4m", [encode_qr_png(code, 4) for code in codes])
    with running_browser(player, f"--use-file-for-fake-video-capture={video}") as browser:
        page = open_paired(phone(browser), gateway, "/checkpoint", Role.DEVICE)
        page.get_by_role("button", name="Start the camera").click()
        expect(page.get_by_role("button", name="Stop the camera")).to_have_attribute("aria-pressed", "true")
        for outcome in (Outcome.PASS, Outcome.STOP, Outcome.PASS):
            expect(page.locator("#verdict")).to_have_attribute("data-outcome", outcome, timeout=20_000)
        page.get_by_role("button", name="Stop the camera").click()
        expect(page.get_by_label("What the camera sees")).to_be_hidden()


def sent_in(request: Request) -> dict[str, Any]:
    sent: dict[str, Any] = json.loads(request.post_data or "{}")
    return sent


def note_paper(page: Page, paper: str, at: str = "") -> None:
    if not page.locator("#paper-form").is_visible():
        page.get_by_text("The person, and proofs on paper").click()
    page.get_by_label("What was shown").select_option(paper)
    if at:
        page.locator("#paper-at").fill(at)
    page.get_by_role("button", name="Note it").click()


def test_what_a_guard_enters_of_the_person_is_sent_with_the_scan_and_gone_for_the_next(
    checkpoint: Page, world: World
) -> None:
    note_paper(checkpoint, "test:negative", "2020-03-20T20:00")
    note_paper(checkpoint, "antigen:none")
    note_paper(checkpoint, "vaccination:boosted", "2020-03-01T09:00")
    checkpoint.get_by_label("a driver or crew of goods").check()
    expect(checkpoint.locator("#person-told")).to_contain_text("nucleic acid test: negative")
    with checkpoint.expect_response("**/v1/verifications") as answered:
        type_code(checkpoint, text_for(world, Outcome.PASS))
    assert answered.value.ok
    sent = sent_in(answered.value.request)
    assert sent["groups"] == ["freight"]
    assert sent["asked"] == ["antigen"]
    assert sent["shown"] == [
        {"kind": "test", "at": "2020-03-20T12:00:00.000Z", "positive": False},
        {"kind": "vaccination", "at": "2020-03-01T01:00:00.000Z", "complete": True, "boosted": True},
    ]
    expect_outcome(checkpoint, Outcome.PASS)
    expect(checkpoint.locator("#person-told")).to_be_empty()
    with checkpoint.expect_request("**/v1/verifications") as asked:
        type_code(checkpoint, text_for(world, Outcome.PASS))
    assert not {"groups", "shown", "asked"} & sent_in(asked.value).keys()


def test_a_code_from_outside_waits_for_the_health_code_and_is_sent_beside_it_once(
    checkpoint: Page, world: World
) -> None:
    type_code(checkpoint, "NZCP:/1/AAAA")
    type_code(checkpoint, "NZCP:/1/AAAA")
    expect(checkpoint.locator("#verdict")).to_have_attribute("data-outcome", "READY")
    expect(checkpoint.locator("#sentence")).to_contain_text("Foreign certificate noted")
    expect(checkpoint.locator("#person-told")).to_have_text("(foreign certificate 1)")
    checkpoint.get_by_label("Name on the identity document").fill("Anna Müller")
    with checkpoint.expect_request("**/v1/verifications") as asked:
        type_code(checkpoint, text_for(world, Outcome.PASS))
    sent = sent_in(asked.value)
    assert (sent["foreign"], sent["document_name"]) == (["NZCP:/1/AAAA"], "Anna Müller")
    expect_outcome(checkpoint, Outcome.PASS)
    expect(checkpoint.locator("#notes")).to_contain_text("A foreign certificate was not used: it cannot be read")
    expect(checkpoint.locator("#document-name")).to_have_value("")
    with checkpoint.expect_request("**/v1/verifications") as asked:
        type_code(checkpoint, text_for(world, Outcome.PASS))
    assert not {"foreign", "document_name"} & sent_in(asked.value).keys()


def test_a_paper_counts_once_of_each_kind_and_can_be_taken_away_again(checkpoint: Page, world: World) -> None:
    note_paper(checkpoint, "test:positive", "2020-03-20T20:00")
    note_paper(checkpoint, "test:negative", "2020-03-20T21:00")
    expect(checkpoint.locator("#papers li")).to_have_count(1)
    checkpoint.get_by_role("button", name="Remove: nucleic acid test: negative").press("Enter")
    expect(checkpoint.locator("#papers li")).to_have_count(0)
    with checkpoint.expect_request("**/v1/verifications") as asked:
        type_code(checkpoint, text_for(world, Outcome.PASS))
    assert "shown" not in sent_in(asked.value)


def test_a_paper_of_the_future_is_no_verdict_and_says_why(checkpoint: Page, world: World) -> None:
    note_paper(checkpoint, "test:negative", "2021-01-01T00:00")
    type_code(checkpoint, text_for(world, Outcome.PASS))
    expect(checkpoint.locator("#verdict")).to_have_attribute("data-outcome", "NONE")
    expect(checkpoint.locator("#sentence")).to_contain_text("a proof of the future")


def transit_pass(world: World) -> str:
    now = int(AT.timestamp())
    claims = TransitPassClaims(
        HUBEI,
        bytes(16),
        now - 3600,
        now - 3600,
        now + 86_400,
        bytes(range(16)),
        Plate("鄂A12345"),
        ("4201", "43", "4501"),
    )
    key = world.code_key(HUBEI)
    return encode_transit_pass(claims, alg=key.public.cose_alg, kid=key.public.kid, sign=key.sign)


def test_the_vehicle_and_way_of_a_transit_pass_stand_large_to_be_compared(checkpoint: Page, world: World) -> None:
    """Its issuer is not reached here, so the driver is referred; the plate is the guard's to compare all the same."""
    type_code(checkpoint, transit_pass(world))
    expect_outcome(checkpoint, Outcome.REFER)
    vehicle = checkpoint.locator("#vehicle")
    expect(vehicle.locator("#plate")).to_have_text("鄂A12345")
    expect(vehicle.locator("#route")).to_contain_text("Hubei 4201 → Hunan → Guangxi")
    expect(vehicle.locator("#pass-until")).to_contain_text("22 Mar 2020")
    assert checkpoint.evaluate(CONTRAST) == []
    assert checkpoint.evaluate("document.documentElement.scrollWidth <= innerWidth")
    type_code(checkpoint, text_for(world, Outcome.PASS))
    expect(vehicle).to_be_hidden()
    expect(checkpoint.locator("#plate")).to_be_empty()
