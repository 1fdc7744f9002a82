"""The citizen's page in a real browser, signed in at the simulated identity provider, over a running federation."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.browser.conftest import phone, running_browser
from tests.browser.test_access import CONTRAST, NAMELESS
from tests.scenario.conftest import run_docked_federation
from tongxing.core.calendar import BEIJING
from tongxing.core.words import PlaceKind
from tongxing.simulation.arranging import document_of
from tongxing.simulation.federation import Federation
from tongxing.simulation.founding import gateway_name
from tongxing.simulation.people import Circumstance, Person
from tongxing.simulation.scenes import GUANGXI, HUBEI, TIBET
from tongxing.wire.qr import read_picture

pytestmark = pytest.mark.scenario

DAY = datetime(2020, 3, 31, 10, 0, tzinfo=BEIJING)


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    # What drives the browsers has an event loop in this thread; founding a federation needs one of its own.
    running = run_docked_federation(tmp_path_factory.mktemp("citizens") / "state")
    with ThreadPoolExecutor(1) as elsewhere:
        yield elsewhere.submit(next, running).result()
        elsewhere.submit(next, running, None).result()


@pytest.fixture(scope="module")
def federation_browser(player: Playwright, federation: Federation) -> Iterator[Browser]:  # noqa: ARG001 - closed before
    with running_browser(player) as running:
        yield running


@pytest.fixture
def context(federation_browser: Browser, federation: Federation) -> Iterator[BrowserContext]:
    federation.clock.set(DAY)
    opened = phone(federation_browser)
    yield opened
    opened.close()


def sign_in(context: BrowserContext, federation: Federation, person: Person) -> Page:
    """Sign in as a test identity, as a person does: from our page to the provider's, and back."""
    for _docked in federation.dock(person.region, person.index + 1):
        pass
    page = context.new_page()
    page.goto(f"{federation.grounds.url(gateway_name(person.region))}/my")
    page.get_by_role("link", name="Sign in").click()
    page.locator(f"a[href*='{person.document.number}']").first.click()
    page.wait_for_selector("body[data-ready]")
    expect(page.locator("#desk")).to_be_visible()
    return page


def shown_text(page: Page) -> str:
    """Return what a scanner reads from the page."""
    expect(page.locator("#picture path")).to_have_count(1)
    picture = Image.open(io.BytesIO(page.locator("#picture").screenshot())).convert("RGB")
    stored = io.BytesIO()
    picture.save(stored, "PNG")
    return read_picture(stored.getvalue())


def test_nobody_sees_anything_before_the_sign_in(context: BrowserContext, federation: Federation) -> None:
    page = context.new_page()
    page.goto(f"{federation.grounds.url(gateway_name(HUBEI))}/my?sign_in=sign-in-refused")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    expect(page.get_by_role("alert").first).to_have_text("The sign-in did not succeed; try again.")
    expect(page.locator("#desk")).to_be_hidden()


def test_the_code_on_the_page_is_scanned_and_explained(context: BrowserContext, federation: Federation) -> None:
    person = federation.people[HUBEI].pick(Circumstance.YELLOW_CLOSE_CONTACT)
    page = sign_in(context, federation, person)
    device = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    scanned = device.scan(shown_text(page))
    assert scanned.guard["outcome"] == "STOP"
    page.get_by_label("Region of the checkpoint").select_option(GUANGXI)
    page.get_by_label("Reference").fill(scanned.ref)
    page.get_by_role("button", name="Explain").click()
    report = page.locator("#report")
    for said in ("The report of Hubei has the", "close contact", "What clears it", "Shown at home as", "yellow"):
        expect(report).to_contain_text(said)
    why = page.locator("#why")
    expect(why.get_by_role("heading")).to_have_text("STOP")
    expect(why.get_by_role("heading")).to_be_focused()
    for said in (
        "What to do",
        "wait for the health officer",
        "close contact",
        "What clears it",
        "Who says so",
        "Valid until",
        "Objection",
        "00/floor/level_high",
        "Legal basis",
        "What was looked at",
        "level: high level",
    ):
        expect(why).to_contain_text(said)
    assert person.document.number not in page.content()
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_exception_is_named_with_its_reason_its_registrar_its_end_and_the_nearest_way_out(
    context: BrowserContext, federation: Federation
) -> None:
    page = sign_in(context, federation, federation.people[GUANGXI].pick(Circumstance.GREEN_LOW_RISK_COUNTY))
    device = federation.device(HUBEI, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    scanned = device.scan(shown_text(page))
    assert scanned.guard["outcome"] == "PASS_WITH_MEASURES"
    assert "exception" not in scanned.guard
    page.get_by_label("Region of the checkpoint").select_option(HUBEI)
    page.get_by_label("Reference").fill(scanned.ref)
    page.get_by_role("button", name="Explain").click()
    why = page.locator("#why")
    for said in ("Registered exception", "while the outbreak", "command for epidemic control", "until 2020-04-07"):
        expect(why).to_contain_text(said, ignore_case=True)
    expect(why).to_contain_text("42/hubei/conditional_recognition")
    expect(why).to_contain_text("What would alter it")
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_who_declares_a_stay_shows_the_federations_code_and_learns_why(
    context: BrowserContext, federation: Federation
) -> None:
    """Way 3, with nothing but the page: declare, show, be scanned at home and elsewhere, ask why."""
    person = federation.people[TIBET].pick(Circumstance.GREEN_LOW_RISK_COUNTY)
    page = sign_in(context, federation, person)
    expect(page.locator("#report")).to_contain_text("The report of Tibet")
    page.get_by_label("Province or city").select_option("5401")
    page.get_by_label("Since which day").fill("2020-03-01")
    page.get_by_role("button", name="Declare").click()
    expect(page.locator("#declare-told")).to_have_text("Done")
    expect(page.locator("#report")).to_contain_text("The report of the federation: nothing abnormal")
    device = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    scanned = device.scan(shown_text(page))
    assert scanned.guard["outcome"] == "PASS"
    page.get_by_label("Region of the checkpoint").select_option(GUANGXI)
    page.get_by_label("Reference").fill(scanned.ref)
    page.get_by_role("button", name="Explain").click()
    expect(page.locator("#why").get_by_role("heading")).to_have_text("PASS")
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(CONTRAST) == []


def test_a_region_with_a_code_of_its_own_takes_no_declarations(context: BrowserContext, federation: Federation) -> None:
    page = sign_in(context, federation, federation.people[HUBEI].pick(Circumstance.GREEN_LOW_RISK_COUNTY))
    expect(page.locator("#report")).to_contain_text("The report of Hubei: nothing abnormal")
    expect(page.locator("#declaring")).to_be_hidden()


def test_a_verdict_on_the_typed_document_is_explained_without_any_code(
    context: BrowserContext, federation: Federation
) -> None:
    person = federation.people[HUBEI].pick(Circumstance.YELLOW_CLOSE_CONTACT)
    page = sign_in(context, federation, person)
    device = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    typed = {"document": document_of(person), "place_kind": "traffic_gate", "presence": True}
    guard = device.post("/v1/verifications/document", typed)
    assert guard["outcome"] == "STOP"
    page.get_by_label("Region of the checkpoint").select_option(GUANGXI)
    page.get_by_label("Reference").fill(guard["ref"])
    page.get_by_role("button", name="Explain").click()
    expect(page.locator("#why").get_by_role("heading")).to_have_text("STOP")
    expect(page.locator("#why")).to_contain_text("close contact")


def test_the_code_is_made_anew_and_an_ended_one_is_never_shown(context: BrowserContext, federation: Federation) -> None:
    page = sign_in(context, federation, federation.people[HUBEI].pick(Circumstance.GREEN_LOW_RISK_COUNTY))
    first = shown_text(page)
    made = page.expect_response("**/v1/my/codes", timeout=70_000)
    page.clock.install()
    with made:
        page.clock.run_for(58_000)
    page.clock.resume()
    page.wait_for_timeout(500)
    assert shown_text(page) != first
    page.route("**/v1/my/codes", lambda route: route.abort())
    page.clock.fast_forward(90_000)
    expect(page.locator("#picture")).to_be_hidden()


def test_a_sign_out_leaves_nothing(context: BrowserContext, federation: Federation) -> None:
    page = sign_in(context, federation, federation.people[HUBEI].pick(Circumstance.GREEN_LOW_RISK_COUNTY))
    shown_text(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_focused()
    expect(page.locator("#picture path")).to_have_count(0)
    page.reload()
    expect(page.locator("#desk")).to_be_hidden()
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0


def test_a_person_objects_on_the_page_and_reads_there_what_was_decided(
    context: BrowserContext, federation: Federation
) -> None:
    """From the form to the number, the clock, the operator's decision and its ground."""
    person = federation.people[HUBEI].pick(Circumstance.YELLOW_CLOSE_CONTACT)
    page = sign_in(context, federation, person)
    expect(page.locator("#documents-told")).to_contain_text("No other document is linked")
    page.get_by_label("What is wrong").select_option("not_a_contact")
    expect(page.get_by_label("Which region set it")).to_have_value(HUBEI)
    page.get_by_label("Kind of document").select_option(str(person.document.type))
    page.get_by_label("Document number").fill("E99000001")
    page.get_by_label("Name on the document").fill(person.name)
    submit = page.get_by_role("button", name="Submit")
    page.get_by_label("Kind of document").select_option("20")
    submit.click()
    expect(page.locator("#case-told")).to_have_text("Give the document that you signed in with.")
    page.get_by_label("Kind of document").select_option(str(person.document.type))
    page.get_by_label("Document number").fill(person.document.number)
    submit.click()
    expect(page.locator("#case-told")).to_contain_text("Registered, number 42-2020")
    case = page.locator("#cases > li")
    for said in ("I am neither a case nor a contact", "To be decided by", "received by the region that decides"):
        expect(case).to_contain_text(said)
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    (waiting,) = federation.operators[HUBEI].get("/v1/cases")["cases"]
    seen = federation.operators[HUBEI].post(f"/v1/cases/{waiting['number']}/examination")
    assert (seen["name"], seen["documents"][0]["number"]) == (person.name, person.document.number)
    decision = {"decision": "upheld", "ground": "data_confirmed"}
    federation.operators[HUBEI].post(f"/v1/cases/{waiting['number']}/decision", decision)
    page.reload()
    page.wait_for_selector("body[data-ready]")
    expect(page.locator("#cases > li")).to_contain_text("examined; it stands: the data were confirmed")
    assert person.document.number not in page.content()


def test_everything_that_is_known_is_shown_when_the_person_asks_and_every_source_has_its_age_or_absence(
    context: BrowserContext, federation: Federation
) -> None:
    person = federation.people[HUBEI].pick(Circumstance.GREEN_LOW_RISK_COUNTY)
    page = sign_in(context, federation, person)
    expect(page.locator("#everything")).to_be_empty()
    page.locator("#everything-show").click()
    shown = page.locator("#everything")
    expect(shown).to_contain_text("nothing abnormal")
    expect(shown).to_contain_text("Hubei")
    expect(shown).to_contain_text("vaccinations · not docked yet")
