"""Rule tables over the wire: read by everybody, tried and proposed by an operator, put in force by two."""

from typing import Any

import pytest

from tests.fakes.callers import CALLERS, SECOND_OPERATOR, TestCaller, insecure_test_key
from tests.unit.api.nodes import CallableNode
from tests.unit.services.test_rule_desk import BELOW, HEAD, IN_TIME, OWN, SOON
from tongxing.app.key_files import public_text
from tongxing.core.limits import PROPOSAL_LIFE
from tongxing.services.ports import Role

pytestmark = pytest.mark.anyio

OPERATOR = CALLERS[Role.OPERATOR]
SITUATION = {
    "level": "low",
    "colour_only": False,
    "origin_risk": "medium",
    "others_consulted": True,
    "place_kind": "traffic_gate",
    "causes": ["nothing_found"],
}


@pytest.fixture
async def hub(hub: CallableNode) -> CallableNode:
    """A hub with two operators, neither of whom enrolled the other."""
    await hub.node.core.stores.credentials.enrol(SECOND_OPERATOR.credential())
    return hub


async def call(
    hub: CallableNode, caller: TestCaller | None, method: str, path: str, body: object = b"", **how: Any
) -> tuple[int, dict[str, Any]]:
    answer = await hub.call(caller, method, path, body, **how)
    told: dict[str, Any] = answer.json()
    return answer.status_code, told


async def propose(hub: CallableNode, table: bytes, caller: TestCaller = OPERATOR) -> tuple[int, dict[str, Any]]:
    return await call(hub, caller, "POST", "/v1/rule-proposals", table, media_type="application/toml")


async def approve(hub: CallableNode, proposal_id: str, caller: TestCaller = SECOND_OPERATOR, **how: Any) -> Any:
    return await call(hub, caller, "POST", f"/v1/rule-proposals/{proposal_id}/approval", **how)


async def test_a_table_is_in_force_once_a_second_operator_has_approved_it(hub: CallableNode) -> None:
    status, proposal = await propose(hub, IN_TIME)
    assert (status, proposal["state"], proposal["proposed_by"]) == (201, "open", OPERATOR.key_id)
    proposal_id = proposal["proposal_id"]
    assert (await call(hub, None, "GET", "/v1/rule-notices"))[1] == {"notices": []}
    status, approved = await approve(hub, proposal_id)
    assert (status, approved["state"], approved["bundle_number"]) == (201, "approved", 2)
    assert (await call(hub, OPERATOR, "GET", f"/v1/rule-proposals/{proposal_id}"))[1] == approved
    assert (await call(hub, OPERATOR, "GET", "/v1/rule-proposals"))[1] == {"proposals": [approved]}
    told = (await call(hub, None, "GET", "/v1/rule-notices"))[1]["notices"]
    assert [notice["notice"] for notice in told] == [approved["notice"]]
    table = (await call(hub, None, "GET", "/v1/rules/45"))[1]
    assert table["toml"] == IN_TIME.decode()
    assert "declare_stays" in [row["id"] for row in table["rows"]]


async def test_an_operator_cannot_approve_what_they_proposed(hub: CallableNode) -> None:
    _, proposal = await propose(hub, IN_TIME)
    status, told = await approve(hub, proposal["proposal_id"], OPERATOR)
    assert (status, told["type"]) == (403, "urn:tongxing:problem:forbidden")
    assert (await call(hub, OPERATOR, "GET", f"/v1/rule-proposals/{proposal['proposal_id']}"))[1]["state"] == "open"


async def test_nor_with_a_key_that_they_enrolled_for_themselves(hub: CallableNode) -> None:
    """By a credential, and by pairing a page."""
    pages = [TestCaller(insecure_test_key(name), Role.OPERATOR) for name in ("PAGE", "PHONE")]
    until = hub.clock.now().replace(day=29)
    enrol = {"public": public_text(pages[0].key.public), "role": "operator", "label": "second", "valid_until": until}
    assert (await hub.call(OPERATOR, "POST", "/v1/credentials", enrol)).status_code == 201
    offer = {"role": "operator", "label": "page", "valid_until": until}
    pairing = (await hub.call(OPERATOR, "POST", "/v1/pairings", offer)).json()["pairing_code"]
    redeemed = {"pairing_code": pairing, "public": public_text(pages[1].key.public)}
    assert (await hub.call(None, "POST", "/v1/pairings/redeemed", redeemed)).status_code == 201
    _, proposal = await propose(hub, IN_TIME)
    for page in pages:
        assert (await approve(hub, proposal["proposal_id"], page))[0] == 403
    assert (await approve(hub, proposal["proposal_id"]))[0] == 201


async def test_a_replayed_approval_is_refused_and_one_sent_anew_counts_once(hub: CallableNode) -> None:
    _, proposal = await propose(hub, IN_TIME)
    nonce = "0" * 32
    assert (await approve(hub, proposal["proposal_id"], nonce=nonce))[1]["bundle_number"] == 2
    status, told = await approve(hub, proposal["proposal_id"], nonce=nonce)
    assert (status, told["type"]) == (401, "urn:tongxing:problem:nonce-replayed")
    assert (await approve(hub, proposal["proposal_id"]))[1]["bundle_number"] == 2
    assert (await call(hub, OPERATOR, "GET", "/v1/status"))[1]["bundle_number"] == 2


async def test_an_expired_proposal_is_told_as_such_and_cannot_be_approved(hub: CallableNode) -> None:
    _, proposal = await propose(hub, IN_TIME)
    hub.clock.move(PROPOSAL_LIFE)
    assert (await approve(hub, proposal["proposal_id"]))[0] == 409
    told = (await call(hub, OPERATOR, "GET", "/v1/rule-proposals?limit=1"))[1]["proposals"]
    assert [each["state"] for each in told] == ["expired"]


async def test_a_rejected_proposal_says_why(hub: CallableNode) -> None:
    _, proposal = await propose(hub, IN_TIME)
    path = f"/v1/rule-proposals/{proposal['proposal_id']}/rejection"
    assert (await call(hub, SECOND_OPERATOR, "POST", path, {"why": ""}))[0] == 400
    status, told = await call(hub, SECOND_OPERATOR, "POST", path, {"why": "依据不足"})
    assert (status, told["state"], told["why"], told["decided_by"]) == (
        201,
        "rejected",
        "依据不足",
        SECOND_OPERATOR.key_id,
    )
    assert (await approve(hub, proposal["proposal_id"]))[0] == 409


async def test_what_changes_too_soon_is_refused_with_the_first_day_that_would_do(hub: CallableNode) -> None:
    _, proposal = await propose(hub, SOON)
    status, told = await approve(hub, proposal["proposal_id"])
    assert (status, told["type"]) == (422, "urn:tongxing:problem:notice-too-short")
    assert "2020-03-24" in told["detail"]


async def test_a_table_below_the_floor_is_refused_with_its_counter_example(hub: CallableNode) -> None:
    """Law 5, over the wire."""
    before = (await hub.call(None, "GET", "/v1/bundles/latest")).content
    status, told = await propose(hub, BELOW.encode())
    assert (status, told["type"]) == (422, "urn:tongxing:problem:rules-refused")
    assert "owes a plain PASS to a person" in told["detail"]
    assert told["finding"]["kind"] == "below_floor"
    again = {"region": "45", "on": told["finding"]["day"], "situation": told["finding"]["situation"], "table": BELOW}
    decided = (await call(hub, OPERATOR, "POST", "/v1/rule-trials", again))[1]["decision"]
    assert (decided["row"], decided["outcome"]) == (told["finding"]["rows"][0], "PASS_WITH_MEASURES")
    assert (await propose(hub, b"\xff"))[0] == 422
    assert (await hub.call(None, "GET", "/v1/bundles/latest")).content == before


async def test_a_trial_decides_an_example_person_and_tells_the_nearest_change(hub: CallableNode) -> None:
    body = {"region": "45", "on": "2020-03-24", "situation": SITUATION}
    status, told = await call(hub, OPERATOR, "POST", "/v1/rule-trials", body)
    assert (status, told["decision"]["row"]) == (200, "00/floor/origin_medium")
    assert told["decision"]["outcome"] == "PASS_WITH_MEASURES"
    assert {each["input"] for each in told["decision"]["inputs_used"]} >= {"level", "origin_risk"}
    after = await call(
        hub, OPERATOR, "POST", "/v1/rule-trials", {**body, "situation": told["nearest_change"]["situation"]}
    )
    assert after[1]["decision"]["outcome"] == told["nearest_change"]["outcome"] != told["decision"]["outcome"]
    with_table = await call(hub, OPERATOR, "POST", "/v1/rule-trials", {**body, "table": IN_TIME.decode()})
    assert with_table[1]["decision"]["row"] == "45/guangxi/declare_stays"
    assert told["findings"] is None


async def test_a_trial_shows_the_proofs_answer_and_the_notice_and_keeps_nothing(hub: CallableNode) -> None:
    body = {"region": "45", "table": BELOW, "examine": True}
    _, told = await call(hub, OPERATOR, "POST", "/v1/rule-trials", body)
    assert "below_floor" in [finding["kind"] for finding in told["findings"]]
    _, told = await call(hub, OPERATOR, "POST", "/v1/rule-trials", {**body, "table": IN_TIME.decode()})
    assert (told["findings"], told["decision"]) == ([], None)
    assert "2020-03-24" in told["notice"]["zh"]
    assert [each["day"] for each in told["differences"]] == ["2020-03-24"] * len(told["differences"])
    assert (await call(hub, OPERATOR, "GET", "/v1/rule-proposals"))[1] == {"proposals": []}
    assert (await call(hub, None, "GET", "/v1/rules/45"))[1]["toml"] == OWN


@pytest.mark.parametrize(
    "wrong",
    [
        {"situation": {**SITUATION, "level": "purple"}},
        {"situation": {**SITUATION, "wealth": "high"}},
        {"situation": {**SITUATION, "causes": ["confirmed_case"]}},
        {"situation": {"level": "low"}},
        {"situation": SITUATION, "table": "[table]"},
    ],
    ids=str,
)
async def test_a_trial_of_what_cannot_be_is_refused_by_name(hub: CallableNode, wrong: dict[str, object]) -> None:
    status, told = await call(hub, OPERATOR, "POST", "/v1/rule-trials", {"region": "45", **wrong})
    assert (status, told["type"]) == (422, "urn:tongxing:problem:rules-refused")
    assert told["detail"]


async def test_everybody_reads_the_rules_at_the_hub_and_at_a_gateway(hub: CallableNode, gateway: CallableNode) -> None:
    for node in (hub, gateway):
        status, rules = await call(node, None, "GET", "/v1/rules")
        assert status == 200
        assert {(table["region"], table["in_force"]) for table in rules["tables"]} >= {("00", True), ("42", True)}
    assert (await call(gateway, None, "GET", "/v1/rules/45"))[1]["toml"] is None


async def test_everybody_reads_the_register_of_exceptions(hub: CallableNode, gateway: CallableNode) -> None:
    for node in (hub, gateway):
        _, register = await call(node, None, "GET", "/v1/exceptions")
        entry = next(each for each in register["exceptions"] if each["id"] == "42/hubei/conditional_recognition")
        assert entry["in_force"]
        assert entry["why"]["zh"]
        assert entry["registrar"]["zh"]
        assert entry["last_day"] == "2020-04-07"
        assert "low-risk" in str(entry["when"])
        node.clock.move(node.clock.now().replace(month=4, day=8) - node.clock.now())
        later = (await call(node, None, "GET", "/v1/exceptions"))[1]["exceptions"]
        assert not next(each for each in later if each["id"] == entry["id"])["in_force"]


async def test_a_place_without_a_table_of_its_own_says_so(hub: CallableNode) -> None:
    assert (await call(hub, None, "GET", "/v1/rules/99"))[0] == 404
    assert (await call(hub, None, "GET", "/v1/rules/45?site=north_station"))[0] == 404
    assert (await call(hub, None, "GET", "/v1/rules/45?on=2019-12-31"))[0] == 404
    assert (await call(hub, None, "GET", "/v1/rules/45?on=tomorrow"))[0] == 400


async def test_the_directory_names_the_exceptions_of_each_region(hub: CallableNode) -> None:
    told = {each["region"]: each for each in (await call(hub, OPERATOR, "GET", "/v1/directory"))[1]["regions"]}
    assert "42/hubei/conditional_recognition" in told["42"]["exceptions"]
    assert told["45"]["exceptions"] == []


def test_the_tables_of_these_tests_differ_as_they_say() -> None:
    assert HEAD in OWN.encode()


async def read(hub: CallableNode, table: bytes, caller: TestCaller = OPERATOR) -> tuple[int, dict[str, Any]]:
    return await call(hub, caller, "POST", "/v1/rule-readings", table, media_type="application/toml")


async def test_a_table_is_read_back_as_it_is_written_and_in_words(hub: CallableNode) -> None:
    status, told = await read(hub, IN_TIME)
    assert (status, told["refused"]) == (200, None)
    assert told["content"]["table"]["region"] == "45"
    written = [row["id"] for row in told["content"]["row"]]
    assert [row["id"] for row in told["table"]["rows"]] == written
    assert written


async def test_a_table_that_contradicts_itself_can_still_be_read_for_mending(hub: CallableNode) -> None:
    status, told = await read(hub, IN_TIME.replace(b'"PASS_WITH_MEASURES"', b'"STOP"'))
    assert (status, told["table"]) == (200, None)
    assert "the reason" in told["refused"]
    assert told["content"]["row"]


async def test_what_is_no_table_at_all_is_refused_by_name(hub: CallableNode) -> None:
    status, told = await read(hub, b"[table]")
    assert (status, told["type"]) == (422, "urn:tongxing:problem:rules-refused")


async def test_a_trial_leaves_no_blank_in_its_sentence(hub: CallableNode) -> None:
    """Nobody's report decided, so no region is named."""
    ill = {**SITUATION, "level": "high", "causes": ["confirmed_case"]}
    _, told = await call(hub, OPERATOR, "POST", "/v1/rule-trials", {"region": "45", "situation": ill})
    assert told["decision"]["outcome"] == "STOP"
    assert "a region" in told["decision"]["sentence"]["en"]
    assert "{" not in "".join(told["decision"]["sentence"].values())
