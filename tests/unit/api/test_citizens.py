"""Citizens' routes: opened by a cookie alone, closed to other sites' pages; nobody opens another's code by an id."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.fakes.callers import CALLERS
from tests.unit.api.nodes import ORIGIN, CallableNode
from tests.world import AT, GUANGXI, origin, report_of
from tongxing.api.calls import RouteRow
from tongxing.api.cookies import session_cookie, set_cookie, sign_in_cookie
from tongxing.api.routes import GATEWAY_ROUTES
from tongxing.app.citizens import Citizens
from tongxing.app.nodes import Gateway
from tongxing.core.causes import Cause
from tongxing.core.levels import Standing
from tongxing.core.limits import (
    CITIZEN_SESSION_LIFE,
    CODES_PER_CITIZEN_PER_MINUTE,
    FAMILY_INVITATION_LIFE,
)
from tongxing.core.looks import Ground, Purpose
from tongxing.core.subjects import SubjectKey
from tongxing.services.citizens import Citizen, Ward
from tongxing.services.looks import Looker
from tongxing.services.ports import Role, SubjectReport

pytestmark = pytest.mark.anyio

ROWS = [row for row in GATEWAY_ROUTES if Role.CITIZEN in row.roles]
CHANGING = [row for row in ROWS if row.method != "GET"]


def key(number: int) -> SubjectKey:
    return SubjectKey(bytes([1]) + number.to_bytes(32, "big"))


CHILD = Ward((key(9),), "小*", AT + timedelta(days=400))
WANG, LI, ZHAO = Citizen((key(1),), "王*", (CHILD,)), Citizen((key(2),), "李*"), Citizen((key(3),), "赵*")


class Browser:
    """A signed-in citizen's browser."""

    def __init__(self, node: CallableNode, citizen: Citizen) -> None:
        self.node = node
        self.token = citizens_of(node).sessions.open(citizen).token
        self.csrf = citizens_of(node).sessions.find(self.token).csrf_token

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        own = {"cookie": f"tongxing-session={self.token}", "x-csrf-token": self.csrf}
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name.encode(): value.encode() for name, value in {**own, **changed}.items() if value}
        if body is None:
            return await self.node.client.request(method, path, headers=sent)
        return await self.node.client.request(method, path, headers=sent, json=body)

    async def bond_with(self, member: "Browser") -> str:
        invited = (await self.call("POST", "/v1/my/family/invitations")).json()["invitation"]
        answer = await member.call("POST", "/v1/my/family/consents", {"invitation": invited, "consent": True})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["bond_id"])


def citizens_of(node: CallableNode) -> Citizens:
    assert isinstance(node.node, Gateway)
    return node.node.citizens


def problem_of(answer: httpx.Response) -> tuple[int, str]:
    told = answer.json()
    return answer.status_code, told["problem"] if "errcode" in told else told["type"].removeprefix(
        "urn:tongxing:problem:"
    )


def target_of(row: RouteRow[Any]) -> str:
    return row.path.format(**dict.fromkeys(("bond_id", "pass_id", "number", "link_id"), "00" * 16))


@pytest.fixture
async def node(gateway: CallableNode) -> CallableNode:
    """A gateway that holds a report of everybody."""
    assert isinstance(gateway.node, Gateway)
    rows = [SubjectReport(key(number), report_of(issuer=GUANGXI), origin()) for number in (1, 2, 3, 9)]
    await gateway.node.core.stores.reports.put_reports(rows)
    return gateway


async def test_every_citizens_route_needs_a_session(node: CallableNode) -> None:
    for row in ROWS:
        answer = await node.client.request(row.method, target_of(row))
        assert problem_of(answer) == (401, "unauthenticated"), row.path
        for cookie in ("tongxing-session=" + "A" * 43, "tongxing-session=x"):
            answer = await node.client.request(row.method, target_of(row), headers={"cookie": cookie})
            assert problem_of(answer) == (401, "session-ended"), row.path


async def test_every_citizens_route_refuses_every_key_and_device_session(node: CallableNode) -> None:
    device = await node.open_session()
    for row in ROWS:
        body = b"{}" if row.body_max_bytes else b""
        for caller in CALLERS.values():
            assert problem_of(await node.call(caller, row.method, target_of(row), body)) == (403, "forbidden")
        answer = await node.client.request(row.method, target_of(row), headers=device)
        assert problem_of(answer) == (401, "unauthenticated"), row.path


async def test_a_citizens_session_opens_nothing_but_citizens_routes(node: CallableNode) -> None:
    browser = Browser(node, WANG)
    for row in GATEWAY_ROUTES:
        if row.roles and Role.CITIZEN not in row.roles:
            target = row.path.format(
                ref="abcdefgh", key_id="00" * 8, number="1", **dict.fromkeys(("conversion_id", "pass_id"), "00" * 16)
            )
            answer = await browser.call(row.method, target)
            assert problem_of(answer) == (401, "unauthenticated"), row.path


async def test_an_ended_session_is_refused(node: CallableNode) -> None:
    browser = Browser(node, WANG)
    node.clock.move(CITIZEN_SESSION_LIFE)
    assert problem_of(await browser.call("GET", "/v1/my/identity")) == (401, "session-ended")


@pytest.mark.parametrize("row", CHANGING, ids=lambda row: f"{row.method} {row.path}")
async def test_whatever_changes_something_shows_that_our_own_page_asks(row: RouteRow[Any], node: CallableNode) -> None:
    browser, other = Browser(node, WANG), Browser(node, LI)
    for headers in (
        {"x_csrf_token": ""},
        {"x_csrf_token": other.csrf},
        {"x_csrf_token": "é"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ):
        answer = await browser.call(row.method, target_of(row), **headers)
        assert problem_of(answer) == (403, "cross-site"), headers
    answer = await browser.call(row.method, target_of(row), origin=ORIGIN)
    assert answer.status_code not in (401, 403)


async def test_a_cookie_that_comes_twice_opens_nothing(node: CallableNode) -> None:
    browser = Browser(node, WANG)
    cookie = f"tongxing-session={browser.token}; tongxing-session={'A' * 43}"
    answer = await browser.call("GET", "/v1/my/identity", cookie=cookie)
    assert problem_of(answer) == (401, "unauthenticated")


async def test_an_identity_tells_no_more_than_a_masked_name(node: CallableNode) -> None:
    told = (await Browser(node, WANG).call("GET", "/v1/my/identity")).json()
    assert (told["hint"], told["region"], told["family_members_max"]) == ("王*", GUANGXI, 4)
    assert [(ward["ward"], ward["hint"]) for ward in told["wards"]] == [(0, "小*")]


async def test_nobody_shows_anothers_code_by_an_id(node: CallableNode) -> None:
    wang, li, zhao = Browser(node, WANG), Browser(node, LI), Browser(node, ZHAO)
    bond = await wang.bond_with(li)
    shown = await wang.call("POST", "/v1/my/codes", {"member": bond})
    assert (shown.status_code, shown.json()["hint"], shown.json()["receipt_hex"]) == (201, "李*", None)
    for browser in (li, zhao):
        for member in (bond, "00" * 16):
            answer = await browser.call("POST", "/v1/my/codes", {"member": member})
            assert problem_of(answer) == (404, "not-found")
    for foreign in (
        {"document": {"type": "20", "number": "E99000001"}},
        {"subject": key(2).hex()},
        {"subject_keys": [key(2).hex()]},
        {"member": key(2).hex()},
    ):
        assert problem_of(await wang.call("POST", "/v1/my/codes", foreign)) == (400, "bad-request")
        assert problem_of(await wang.call("POST", "/v1/my/codes?member=" + bond, {})) == (400, "bad-request")


async def test_only_the_two_who_are_bound_end_a_bond(node: CallableNode) -> None:
    wang, li, zhao = Browser(node, WANG), Browser(node, LI), Browser(node, ZHAO)
    bond = await wang.bond_with(li)
    assert problem_of(await zhao.call("DELETE", f"/v1/my/family/{bond}")) == (404, "not-found")
    assert [held["hint"] for held in (await li.call("GET", "/v1/my/family")).json()["holders"]] == ["王*"]
    assert (await zhao.call("GET", "/v1/my/family")).json() == {"members": [], "holders": [], "members_max": 4}
    assert (await li.call("DELETE", f"/v1/my/family/{bond}")).status_code == 204
    assert problem_of(await wang.call("POST", "/v1/my/codes", {"member": bond})) == (404, "not-found")


async def test_a_child_is_bound_by_its_guardian_alone_and_its_code_has_a_receipt(node: CallableNode) -> None:
    wang, li = Browser(node, WANG), Browser(node, LI)
    assert problem_of(await li.call("POST", "/v1/my/family", {"ward": 0})) == (404, "not-found")
    assert problem_of(await wang.call("POST", "/v1/my/family", {"ward": 1})) == (404, "not-found")
    bound = (await wang.call("POST", "/v1/my/family", {"ward": 0})).json()
    assert (bound["hint"], bound["ground"]) == ("小*", "guardian")
    shown = (await wang.call("POST", "/v1/my/codes", {"member": bound["bond_id"]})).json()
    assert (shown["hint"], shown["receipt_hex"] is None) == ("小*", False)


async def test_a_child_that_is_of_age_is_nobodys_ward(node: CallableNode) -> None:
    half_an_hour = timedelta(minutes=30)
    wang = Browser(node, Citizen(WANG.keys, "王*", (Ward((key(9),), "小*", AT + half_an_hour),)))
    bond = (await wang.call("POST", "/v1/my/family", {"ward": 0})).json()["bond_id"]
    node.clock.move(half_an_hour)
    assert problem_of(await wang.call("POST", "/v1/my/codes", {"member": bond})) == (404, "not-found")
    assert (await wang.call("GET", "/v1/my/identity")).json()["wards"] == []
    assert (await wang.call("GET", "/v1/my/family")).json()["members"] == []
    assert problem_of(await wang.call("POST", "/v1/my/family", {"ward": 0})) == (404, "not-found")


async def test_an_invitation_is_good_once_in_time_and_by_consent(node: CallableNode) -> None:
    wang, li, zhao = Browser(node, WANG), Browser(node, LI), Browser(node, ZHAO)
    invited = {"invitation": (await wang.call("POST", "/v1/my/family/invitations")).json()["invitation"]}
    answer = await li.call("POST", "/v1/my/family/consents", {**invited, "consent": False})
    assert problem_of(answer) == (403, "consent-needed")
    assert (await li.call("POST", "/v1/my/family/consents", {**invited, "consent": True})).status_code == 201
    answer = await zhao.call("POST", "/v1/my/family/consents", {**invited, "consent": True})
    assert problem_of(answer) == (409, "ticket-unusable")
    late = {"invitation": (await wang.call("POST", "/v1/my/family/invitations")).json()["invitation"]}
    node.clock.move(FAMILY_INVITATION_LIFE)
    answer = await zhao.call("POST", "/v1/my/family/consents", {**late, "consent": True})
    assert problem_of(answer) == (409, "ticket-unusable")


async def test_nobody_is_their_own_family_and_a_family_has_a_limit(node: CallableNode) -> None:
    wang = Browser(node, WANG)
    own = {"invitation": (await wang.call("POST", "/v1/my/family/invitations")).json()["invitation"], "consent": True}
    assert problem_of(await wang.call("POST", "/v1/my/family/consents", own)) == (400, "bad-request")
    for number in range(4):
        await wang.bond_with(Browser(node, Citizen((key(20 + number),), "陈*")))
    assert problem_of(await wang.call("POST", "/v1/my/family", {"ward": 0})) == (429, "limited")
    await wang.bond_with(Browser(node, Citizen((key(20),), "陈*")))
    assert len((await wang.call("GET", "/v1/my/family")).json()["members"]) == 4


async def test_a_receipt_is_worth_nothing_to_anybody_else(node: CallableNode) -> None:
    wang, li = Browser(node, WANG), Browser(node, LI)
    receipt = (await wang.call("POST", "/v1/my/codes", {})).json()["receipt_hex"]
    question = {"host": "45", "ref": "abcdefgh", "receipts": [receipt]}
    assert problem_of(await li.call("POST", "/v1/my/explanations", question)) == (403, "forbidden")
    assert problem_of(await wang.call("POST", "/v1/my/explanations", question)) == (404, "not-found")
    for forged in ("00" * 60, receipt[:-2] + ("00" if receipt[-2:] != "00" else "01")):
        answer = await wang.call("POST", "/v1/my/explanations", {**question, "receipts": [forged]})
        assert problem_of(answer) == (403, "forbidden")


async def test_a_citizen_sees_looks_at_themselves_alone(node: CallableNode) -> None:
    assert isinstance(node.node, Gateway)
    looks = node.node.ways.looks
    await looks.record(WANG.keys, Looker("0011aabb", "南宁东站"), Purpose.PASSAGE_WITHOUT_PHONE, Ground.PRESENCE)
    told = (await Browser(node, WANG).call("GET", "/v1/my/looks")).json()
    assert [look["site"] for look in told["looks"]] == ["南宁东站"]
    assert (await Browser(node, LI).call("GET", "/v1/my/looks")).json()["looks"] == []


async def test_codes_are_limited_by_the_minute(node: CallableNode) -> None:
    wang = Browser(node, WANG)
    answers = [await wang.call("POST", "/v1/my/codes", {}) for _ in range(CODES_PER_CITIZEN_PER_MINUTE + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {201}
    assert problem_of(answers[-1]) == (429, "limited")
    assert (await Browser(node, LI).call("POST", "/v1/my/codes", {})).status_code == 201


async def test_without_a_provider_nobody_signs_in(node: CallableNode) -> None:
    assert problem_of(await node.client.get("/v1/my/sign-in")) == (404, "not-found")
    answer = await node.client.get("/v1/my/sign-in/callback?state=a&code=b&more=c")
    assert (answer.status_code, answer.headers["location"]) == (303, "/my?sign_in=not-found")


async def test_a_citizen_cannot_be_enrolled_with_a_key(node: CallableNode) -> None:
    public = "EdDSA:" + CALLERS[Role.DEVICE].key.public.raw.hex()
    until = (AT + timedelta(days=1)).isoformat()
    body = {"public": public, "role": "citizen", "label": "x", "valid_until": until}
    answer = await node.call(CALLERS[Role.OPERATOR], "POST", "/v1/credentials", body)
    assert problem_of(answer) == (400, "bad-request")


async def test_nothing_of_a_session_is_logged(node: CallableNode) -> None:
    wang = Browser(node, WANG)
    await wang.call("POST", "/v1/my/codes", {})
    for _ in range(2):
        # The edge tells of a request at the loop's next turn, and the log is written at the one after.
        await asyncio.sleep(0)
    logged = node.logged.getvalue()
    assert b'"role":"citizen"' in logged.replace(b" ", b"")
    for secret in (wang.token, wang.csrf, key(1).hex(), "王"):
        assert secret.encode() not in logged


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites() -> None:
    name, value = set_cookie(session_cookie("https://my.example"), "abc", timedelta(hours=1))
    assert name == b"set-cookie"
    assert value == b"__Host-tongxing-session=abc; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure"
    _, value = set_cookie(sign_in_cookie("http://127.0.0.1:8000"), "", timedelta(0))
    assert value == b"tongxing-sign-in=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"


async def test_a_citizen_is_told_what_is_behind_their_code_and_nobody_elses(node: CallableNode) -> None:
    """Law 6: why, who says so, until when, what clears it, without any checkpoint."""
    assert isinstance(node.node, Gateway)
    ill = SubjectReport(key(2), report_of(Cause.CLOSE_CONTACT, issuer=GUANGXI, revision=2), origin())
    await node.node.core.stores.reports.put_reports([ill])
    wang, li = Browser(node, WANG), Browser(node, LI)
    told = (await li.call("POST", "/v1/my/report", {})).json()
    assert (told["level"], told["standing"], told["reason"]) == ("10", "current", None)
    assert [cause["cause"] for cause in told["causes"]] == ["close_contact"]
    assert told["causes"][0]["clears"]["zh"]
    assert told["sentence"]["zh"].startswith("广西壮族自治区的报告等级为高")
    assert (told["source"]["en"], told["home_status"]["en"], told["others_consulted"]) == ("Guangxi", "red", False)
    well = (await wang.call("POST", "/v1/my/report", {})).json()
    assert (well["level"], well["home_status"]["en"]) == ("00", "green")
    bond = await wang.bond_with(li)
    assert problem_of(await wang.call("POST", "/v1/my/report", {"member": bond})) == (403, "forbidden")
    assert problem_of(await li.call("POST", "/v1/my/report", {"member": bond})) == (404, "not-found")
    child = (await wang.call("POST", "/v1/my/family", {"ward": 0})).json()["bond_id"]
    assert (await wang.call("POST", "/v1/my/report", {"member": child})).json()["level"] == "00"


@pytest.mark.parametrize(
    ("changes", "reason", "step"),
    [
        ({"valid_until": AT - timedelta(hours=1)}, "report_expired", "Register again"),
        ({"standing": Standing.PENDING, "level": None, "causes": ()}, "report_pending", "your code works once"),
        ({"standing": Standing.MISMATCH, "level": None, "causes": ()}, "identity_mismatch", "correct what it holds"),
    ],
)
async def test_a_code_that_cannot_be_used_says_why_and_what_to_do(
    node: CallableNode, changes: dict[str, Any], reason: str, step: str
) -> None:
    assert isinstance(node.node, Gateway)
    row = SubjectReport(key(2), report_of(issuer=GUANGXI, revision=2, **changes), origin())
    await node.node.core.stores.reports.put_reports([row])
    told = (await Browser(node, LI).call("POST", "/v1/my/report", {})).json()
    assert (told["reason"], told["sentence"]["en"][:4], step in told["next_step"]["en"]) == (reason, "Your", True)


async def test_nobody_is_told_to_have_no_record_while_nobody_could_be_asked(node: CallableNode) -> None:
    stranger = Browser(node, Citizen((key(30),), "陈*"))
    assert problem_of(await stranger.call("POST", "/v1/my/report", {})) == (503, "upstream-away")


async def test_a_declaration_is_taken_only_where_the_region_adopts_the_national_code(node: CallableNode) -> None:
    wang = Browser(node, WANG)
    stay = {"division": "4501", "since": AT.isoformat()}
    assert not (await wang.call("GET", "/v1/my/identity")).json()["takes_declarations"]
    assert problem_of(await wang.call("POST", "/v1/my/declarations", {"stays": [stay]})) == (403, "way-not-used")


async def test_a_receipt_from_before_a_rotation_opens_while_both_keys_count(node: CallableNode) -> None:
    receipt = (await Browser(node, WANG).call("POST", "/v1/my/codes", {})).json()["receipt_hex"]
    question = {"host": "45", "ref": "abcdefgh", "receipts": [receipt]}
    rotated = Browser(node, Citizen((key(40), *WANG.keys), "王*"))
    assert problem_of(await rotated.call("POST", "/v1/my/explanations", question)) == (404, "not-found")
    retired = Browser(node, Citizen((key(40),), "王*"))
    assert problem_of(await retired.call("POST", "/v1/my/explanations", question)) == (403, "forbidden")


async def test_others_receipts_in_one_browser_do_not_close_ones_own(node: CallableNode) -> None:
    wang, li = Browser(node, WANG), Browser(node, LI)
    receipts = [(await each.call("POST", "/v1/my/codes", {})).json()["receipt_hex"] for each in (wang, li)]
    question = {"host": "45", "ref": "abcdefgh", "receipts": receipts}
    assert problem_of(await li.call("POST", "/v1/my/explanations", question)) == (404, "not-found")
