"""Cases over the API: a person opens one about themselves and sees its clock; an operator of the region decides it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.callers import CALLERS
from tests.unit.api.nodes import CallableNode
from tests.unit.api.test_citizens import LI, ZHAO, Browser, problem_of
from tests.unit.api.test_ways import KEYS, PASSPORT, know
from tests.world import AT, GUANGXI, HUBEI
from tongxing.core.cases import CaseDecision, DecisionGround
from tongxing.core.documents import normalise_document
from tongxing.services.case_messages import encode_case
from tongxing.services.case_ports import HeldCase
from tongxing.services.citizens import Citizen, Ward
from tongxing.services.ports import Role

pytestmark = pytest.mark.anyio

BACK_END, OPERATOR, GATEWAY = CALLERS[Role.BACK_END], CALLERS[Role.OPERATOR], CALLERS[Role.GATEWAY]
WANG = Citizen(KEYS, "王*")
WRONG = {"claim": "never_there", "against": GUANGXI, "document": PASSPORT, "name": "王五"}


async def opened(node: CallableNode) -> tuple[Browser, dict[str, Any]]:
    await know(node)
    browser = Browser(node, WANG)
    answer = await browser.call("POST", "/v1/my/cases", WRONG)
    assert answer.status_code == 201, answer.text
    case: dict[str, Any] = answer.json()
    return browser, case


async def test_a_person_gets_a_number_and_sees_the_clock_and_every_step_in_words(gateway: CallableNode) -> None:
    browser, case = await opened(gateway)
    (told,) = (await browser.call("GET", "/v1/my/cases")).json()["cases"]
    assert (told["number"], told["state"]) == (case["number"], "received")
    assert told["decide_by"] == (AT + timedelta(hours=24)).isoformat().replace("+00:00", "Z")
    assert [step["kind"] for step in told["steps"]] == ["opened", "received"]
    assert all(step["sentence"]["zh"] and step["sentence"]["en"] for step in told["steps"])
    assert told["decider_name"]["zh"] == "广西壮族自治区"
    assert PASSPORT["number"] not in str(told)
    assert "王五" not in str(told)


async def test_an_operator_reads_who_it_is_and_decides_and_the_person_reads_why(gateway: CallableNode) -> None:
    browser, case = await opened(gateway)
    (listed,) = (await gateway.call(OPERATOR, "GET", "/v1/cases")).json()["cases"]
    assert "王" not in str(listed)
    path = f"/v1/cases/{case['number']}"
    seen = (await gateway.call(OPERATOR, "POST", f"{path}/examination")).json()
    assert (seen["name"], seen["documents"]) == ("王五", [PASSPORT])
    assert [choice["ground"] for choice in seen["choices"][:2]] == ["condition_ended", "data_was_wrong"]
    decision = {"decision": CaseDecision.CORRECTED, "ground": DecisionGround.DATA_WAS_WRONG}
    assert (await gateway.call(OPERATOR, "POST", f"{path}/decision", decision)).status_code == 201
    (told,) = (await browser.call("GET", "/v1/my/cases")).json()["cases"]
    assert told["state"] == "decided"
    assert told["steps"][-1]["sentence"] == {"zh": "已更正：数据有误", "en": "corrected: the data were wrong"}
    assert problem_of(await gateway.call(OPERATOR, "POST", f"{path}/examination")) == (409, "conflict")
    (count,) = (await gateway.call(None, "GET", "/v1/case-counts")).json()["regions"]
    assert (count["region"], count["opened"], count["open"], count["corrected"]) == (GUANGXI, 1, 0, 1)


async def test_nobody_opens_a_case_about_another_persons_document_or_sees_their_case(gateway: CallableNode) -> None:
    _, case = await opened(gateway)
    other = Browser(gateway, LI)
    assert problem_of(await other.call("POST", "/v1/my/cases", WRONG)) == (403, "forbidden")
    assert (await other.call("GET", "/v1/my/cases")).json()["cases"] == []
    answer = await other.call("POST", f"/v1/my/cases/{case['number']}/withdrawal")
    assert problem_of(answer) == (404, "not-found")


async def test_a_person_takes_back_their_own_case(gateway: CallableNode) -> None:
    browser, case = await opened(gateway)
    answer = await browser.call("POST", f"/v1/my/cases/{case['number']}/withdrawal")
    assert (answer.status_code, answer.json()["state"]) == (201, "withdrawn")


@pytest.mark.parametrize(("caller", "opener"), [(BACK_END, "back_end"), (OPERATOR, "desk")])
async def test_a_desk_and_the_regions_own_system_open_cases_for_people(
    gateway: CallableNode, caller: Any, opener: str
) -> None:
    await know(gateway)
    answer = await gateway.call(caller, "POST", "/v1/cases", WRONG)
    assert (answer.status_code, answer.json()["opened_by"]) == (201, opener)


async def test_a_forwarded_case_of_another_region_than_the_caller_is_refused(gateway: CallableNode) -> None:
    await opened(gateway)
    cases = await gateway.node.cases.desk.cases_of(KEYS)
    message = encode_case(HeldCase(replace(cases[0], opener=HUBEI), None))
    answer = await gateway.call(GATEWAY, "POST", "/v1/forwarded-cases", message)
    assert problem_of(answer) == (403, "forbidden")


@pytest.mark.parametrize(
    "wrong",
    [
        {**WRONG, "claim": "names_differ"},
        {**WRONG, "claim": "because"},
        {**WRONG, "against": "4"},
        {**WRONG, "name": "7"},
        {**WRONG, "document": {"type": "10", "number": "990100"}},
        {**WRONG, "decision": "corrected"},
    ],
)
async def test_what_no_case_can_say_is_refused(gateway: CallableNode, wrong: dict[str, Any]) -> None:
    await know(gateway)
    assert problem_of(await gateway.call(OPERATOR, "POST", "/v1/cases", wrong)) == (400, "bad-request")


async def test_no_log_line_names_whom_a_case_is_about(gateway: CallableNode) -> None:
    _, case = await opened(gateway)
    await gateway.call(OPERATOR, "POST", f"/v1/cases/{case['number']}/examination")
    logged = str(gateway.log_lines())
    assert PASSPORT["number"] not in logged
    assert normalise_document("20", PASSPORT["number"]).number not in logged
    assert "王五" not in logged


async def test_a_guardian_opens_sees_and_takes_back_a_childs_case_and_nobody_of_age_is_spoken_for(
    gateway: CallableNode,
) -> None:
    await know(gateway)
    guardian = Browser(gateway, Citizen(LI.keys, "李*", (Ward(KEYS, "王*", AT + timedelta(days=400)),)))
    bond = (await guardian.call("POST", "/v1/my/family", {"ward": 0})).json()["bond_id"]
    opened = await guardian.call("POST", "/v1/my/cases", {**WRONG, "member": bond})
    assert opened.status_code == 201, opened.text
    (seen,) = (await guardian.call("GET", "/v1/my/cases")).json()["cases"]
    assert seen["number"] == opened.json()["number"]
    assert len((await Browser(gateway, WANG).call("GET", "/v1/my/cases")).json()["cases"]) == 1
    answer = await guardian.call("POST", f"/v1/my/cases/{seen['number']}/withdrawal")
    assert answer.json()["state"] == "withdrawn"
    member = Browser(gateway, WANG)
    holder = Browser(gateway, ZHAO)
    adult = await holder.bond_with(member)
    assert problem_of(await holder.call("POST", "/v1/my/cases", {**WRONG, "member": adult})) == (403, "forbidden")
    assert (await holder.call("GET", "/v1/my/cases")).json()["cases"] == []
