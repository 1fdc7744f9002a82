"""Citizens sign in at their region's identity provider over real HTTP, show their code, and ask why."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.scenario.conftest import PEOPLE
from tongxing.core.calendar import BEIJING
from tongxing.core.words import PlaceKind, RegionId
from tongxing.simulation.federation import Federation
from tongxing.simulation.founding import IDENTITY, gateway_name
from tongxing.simulation.people import Circumstance, Person
from tongxing.simulation.scenes import GUANGXI, HUBEI, TIBET

pytestmark = pytest.mark.scenario

DAY = datetime(2020, 3, 31, 10, 0, tzinfo=BEIJING)
NOON = datetime(2020, 3, 31, 12, 0, tzinfo=BEIJING)
assert PEOPLE


class Browser:
    """A browser: it keeps cookies and follows redirects only as far as it is told."""

    def __init__(self, federation: Federation, region: RegionId) -> None:
        self.client = httpx.Client(base_url=federation.grounds.url(gateway_name(region)), timeout=10, trust_env=False)
        self.csrf: dict[str, str] = {}

    def begin(self) -> str:
        """Return the address at the identity provider to which the gateway sends."""
        answer = self.client.get("/v1/my/sign-in")
        assert answer.status_code == 303
        return answer.headers["location"]

    def sign_in(self, person: Person) -> dict[str, Any]:
        chosen = httpx.get(self.begin() + f"&login_hint={person.document.number}", trust_env=False)
        back = self.client.get(chosen.headers["location"])
        assert (back.status_code, back.headers["location"]) == (303, "/my")
        identity: dict[str, Any] = self.client.get("/v1/my/identity").json()
        self.csrf = {"x-csrf-token": identity["csrf_token"]}
        return identity

    def post(self, path: str, body: object = None) -> httpx.Response:
        return (
            self.client.post(path, json=body, headers=self.csrf)
            if body is not None
            else self.client.post(path, headers=self.csrf)
        )


@contextmanager
def browser(federation: Federation, region: RegionId = HUBEI) -> Iterator[Browser]:
    opened = Browser(federation, region)
    with opened.client:
        yield opened


def dock(federation: Federation, *people: Person) -> None:
    """Let the day's reports of these people be there."""
    for person in people:
        for _docked in federation.dock(person.region, person.index + 1):
            pass


@pytest.fixture(autouse=True)
def day(federation: Federation) -> None:
    federation.clock.set(DAY)


def test_the_sign_in_page_offers_the_test_identities(federation: Federation) -> None:
    with browser(federation) as own:
        url = own.begin()
        assert url.startswith(federation.grounds.url(IDENTITY) + "/42/authorize?")
        page = httpx.get(url, trust_env=False).text
    assert Circumstance.YELLOW_CLOSE_CONTACT in page
    assert federation.people[HUBEI][0].name in page


def test_a_citizen_shows_a_code_and_asks_why_and_nobody_else_can(federation: Federation) -> None:
    person = federation.people[HUBEI].pick(Circumstance.YELLOW_CLOSE_CONTACT)
    other = federation.people[HUBEI].pick(Circumstance.GREEN_LOW_RISK_COUNTY)
    dock(federation, person, other)
    with browser(federation) as own, browser(federation) as others:
        identity = own.sign_in(person)
        assert identity["hint"].startswith(person.name[0])
        assert person.document.number not in str(identity)
        made = own.post("/v1/my/codes", {}).json()
        device = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
        device.renew_session()
        scanned = device.scan(made["qr_text"])
        assert scanned.guard["outcome"] == "STOP"
        question = {"host": GUANGXI, "ref": scanned.ref, "receipts": [made["receipt_hex"]]}
        view = own.post("/v1/my/explanations", question).json()
        assert (view["outcome"], view["causes"][0]["cause"]) == ("STOP", "close_contact")
        others.sign_in(other)
        assert others.post("/v1/my/explanations", question).status_code == 403
        mine = others.post("/v1/my/codes", {}).json()["receipt_hex"]
        assert others.post("/v1/my/explanations", {**question, "receipts": [mine]}).status_code == 403
        assert own.client.get("/v1/my/looks").json()["is_whole"] is True


def test_a_citizen_of_a_region_without_a_code_shows_the_federations_and_learns_why_there_too(
    federation: Federation,
) -> None:
    person = federation.people[TIBET].pick(Circumstance.GREEN_LOW_RISK_COUNTY)
    dock(federation, person)
    with browser(federation, TIBET) as own:
        own.sign_in(person)
        made = own.post("/v1/my/codes", {})
        assert made.status_code == 201, made.text
        assert made.json()["qr_text"].startswith("9986")
        device = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
        device.renew_session()
        scanned = device.scan(made.json()["qr_text"])
        question = {"host": GUANGXI, "ref": scanned.ref, "receipts": [made.json()["receipt_hex"]]}
        assert own.post("/v1/my/explanations", question).json()["outcome"] == scanned.guard["outcome"] == "PASS"


def test_a_member_is_bound_by_their_own_sign_in_and_a_child_by_its_guardians(federation: Federation) -> None:
    people = federation.people[HUBEI]
    holder = next(each for each in people if each.index % 2 == 0 and "green" in each.circumstance)
    member = next(each for each in people if "green" in each.circumstance and each.index > holder.index + 1)
    dock(federation, holder, member, people[holder.index + 1])
    with browser(federation) as own, browser(federation) as members:
        (ward,) = own.sign_in(holder)["wards"]
        child = own.post("/v1/my/family", {"ward": ward["ward"]})
        assert (child.status_code, child.json()["ground"]) == (201, "guardian")
        invitation = own.post("/v1/my/family/invitations").json()["invitation"]
        members.sign_in(member)
        asked = {"invitation": invitation, "consent": True}
        bound = members.post("/v1/my/family/consents", asked).json()
        assert bound["hint"].startswith(holder.name[0])
        assert members.post("/v1/my/family/consents", asked).status_code == 409
        shown = own.post("/v1/my/codes", {"member": bound["bond_id"]}).json()
        assert (shown["hint"][0], shown["receipt_hex"]) == (member.name[0], None)
        assert members.post("/v1/my/codes", {"member": bound["bond_id"]}).status_code == 404
        ended = members.client.delete(f"/v1/my/family/{bound['bond_id']}", headers=members.csrf)
        assert ended.status_code == 204
        assert own.post("/v1/my/codes", {"member": bound["bond_id"]}).status_code == 404


def test_a_code_of_the_provider_serves_the_browser_that_began_and_no_other(federation: Federation) -> None:
    person = federation.people[HUBEI][0]
    with browser(federation) as attacker, browser(federation) as victim:
        chosen = httpx.get(attacker.begin() + f"&login_hint={person.document.number}", trust_env=False)
        link = chosen.headers["location"]
        assert urlsplit(link).path == "/v1/my/sign-in/callback"
        assert victim.client.get(link).headers["location"] == "/my?sign_in=sign-in-refused"
        assert victim.client.get("/v1/my/identity").status_code == 401
        assert attacker.client.get(link).headers["location"] == "/my?sign_in=sign-in-refused"


def test_a_session_ends_when_its_citizen_signs_out(federation: Federation) -> None:
    with browser(federation) as own:
        own.sign_in(federation.people[HUBEI][0])
        cookies = dict(own.client.cookies)
        assert own.post("/v1/my/sign-out").status_code == 204
        own.client.cookies.update(cookies)
        assert own.client.get("/v1/my/identity").status_code == 401
