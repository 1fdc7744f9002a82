"""Links of documents over the API: said at a desk, seen by the person, objected to as a case with a number."""

from typing import Any

import pytest

from tests.fakes.callers import CALLERS
from tests.fakes.outside import INSECURE_TEST_SUBJECTS
from tests.unit.api.nodes import CallableNode
from tests.unit.api.test_citizens import LI, Browser, problem_of
from tongxing.app.nodes import Gateway
from tongxing.core.documents import normalise_document
from tongxing.crypto.subject_keys import derive_subject_keys
from tongxing.services.citizens import Citizen
from tongxing.services.ports import Role

pytestmark = pytest.mark.anyio

OPERATOR = CALLERS[Role.OPERATOR]
PASSPORT, PERMIT = {"type": "20", "number": "E99000001"}, {"type": "20", "number": "USA:912345678"}
SMITH = Citizen(
    derive_subject_keys((INSECURE_TEST_SUBJECTS,), normalise_document("20", "E99000001")),
    "J*",
)


async def know(node: CallableNode) -> None:
    """Let the gateway have been told the keys of both documents; its hub is away."""
    assert isinstance(node.node, Gateway)
    cache = node.node.subject_keys

    class Told:
        async def derive_subject_keys(self, documents: list[Any]) -> list[Any]:
            return [derive_subject_keys((INSECURE_TEST_SUBJECTS,), document) for document in documents]

    away, cache._hub = cache._hub, Told()  # type: ignore[assignment]
    await cache.keys_of_all([normalise_document(each["type"], each["number"]) for each in (PASSPORT, PERMIT)])
    cache._hub = away


async def say(node: CallableNode, name: str = "John Smith", other: str = "SMITH, John") -> dict[str, Any]:
    documents = [{**PASSPORT, "name": name}, {**PERMIT, "name": other}]
    answer = await node.call(OPERATOR, "POST", "/v1/person-links", {"documents": documents})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_person_sees_who_says_that_another_document_is_theirs_and_objects(gateway: CallableNode) -> None:
    await know(gateway)
    assert await say(gateway) == {"standing": 1, "cases": []}
    browser = Browser(gateway, SMITH)
    told = (await browser.call("GET", "/v1/my/documents")).json()
    (link,) = told["links"]
    assert (link["region"], link["ground"], told["is_whole"]) == ("45", "desk", False)
    assert all(link["ground_sentence"].values())
    assert all(link["match_sentence"].values())
    path = f"/v1/my/documents/{link['link_id']}/objection"
    objection = {"document": PASSPORT, "name": "John Smith"}
    case = await browser.call("POST", path, objection)
    assert (case.status_code, case.json()["kind"], case.json()["state"]) == (201, "wrong_link", "received")
    assert problem_of(await browser.call("POST", path, {**objection, "document": PERMIT})) == (403, "forbidden")
    assert problem_of(await Browser(gateway, LI).call("POST", path, objection)) == (404, "not-found")
    decision = {"decision": "corrected", "ground": "two_persons"}
    number = case.json()["number"]
    assert (await gateway.call(OPERATOR, "POST", f"/v1/cases/{number}/decision", decision)).status_code == 201
    assert (await browser.call("GET", "/v1/my/documents")).json()["links"] == []


async def test_names_that_differ_are_answered_with_the_number_of_a_case(gateway: CallableNode) -> None:
    await know(gateway)
    told = await say(gateway, other="Mary Jones")
    assert told["standing"] == 0
    (case,) = (await gateway.call(OPERATOR, "GET", "/v1/cases")).json()["cases"]
    assert told["cases"] == [case["number"]]


async def test_a_link_is_withdrawn_at_the_desk_and_what_nobody_said_cannot_be(gateway: CallableNode) -> None:
    await know(gateway)
    await say(gateway)
    both = {"documents": [PASSPORT, PERMIT]}
    answer = await gateway.call(OPERATOR, "POST", "/v1/person-links/withdrawal", both)
    assert (answer.status_code, answer.json()) == (201, {"taken_back": 1})
    again = await gateway.call(OPERATOR, "POST", "/v1/person-links/withdrawal", both)
    assert problem_of(again) == (404, "not-found")


@pytest.mark.parametrize(
    "documents",
    [[], [{**PASSPORT, "name": "J"}], [{**PASSPORT, "name": "J"}] * 9, [PASSPORT, PERMIT]],
)
async def test_what_no_desk_can_say_is_refused(gateway: CallableNode, documents: list[Any]) -> None:
    answer = await gateway.call(OPERATOR, "POST", "/v1/person-links", {"documents": documents})
    assert problem_of(answer) == (400, "bad-request")


async def test_neither_documents_nor_names_are_in_the_log(gateway: CallableNode) -> None:
    await know(gateway)
    await say(gateway)
    logged = str(gateway.log_lines())
    assert not any(secret in logged for secret in ("E99000001", "912345678", "Smith", "SMITH"))
