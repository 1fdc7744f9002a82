"""The doors of the ways over the API: what is asked of a caller, what is refused and how, what is answered."""

from typing import Any

import httpx
import pytest

from tests.fakes.callers import CALLERS, TestCaller
from tests.unit.api.nodes import CallableNode
from tests.world import GUANGXI, origin, report_of
from tongxing.app.nodes import Gateway
from tongxing.core.causes import Cause
from tongxing.core.documents import normalise_document
from tongxing.core.limits import DOCUMENTS_PER_DEVICE_PER_MINUTE
from tongxing.core.problems import PROBLEMS, ProblemId
from tongxing.crypto.subject_keys import SubjectSecret, derive_subject_keys
from tongxing.services.ports import Role, SubjectReport

pytestmark = pytest.mark.anyio

BACK_END, DEVICE, GATEWAY = CALLERS[Role.BACK_END], CALLERS[Role.DEVICE], CALLERS[Role.GATEWAY]
PASSPORT = {"type": "20", "number": "E99000001"}
KEYS = derive_subject_keys((SubjectSecret(1, bytes(range(32))),), normalise_document("20", "E99000001"))
TYPED = {"document": PASSPORT, "place_kind": "traffic_gate", "presence": True}


async def know(node: CallableNode, *causes: Cause) -> None:
    """Let the gateway have been told the person's keys, and hold a report of its own region; its hub is away."""
    assert isinstance(node.node, Gateway)
    cache = node.node.subject_keys

    class Told:
        async def derive_subject_keys(self, documents: list[Any]) -> list[Any]:
            return [KEYS for _ in documents]

    away, cache._hub = cache._hub, Told()  # type: ignore[assignment]
    await cache.keys_of(normalise_document("20", "E99000001"))
    cache._hub = away
    row = SubjectReport(KEYS[0], report_of(*causes, issuer=GUANGXI), origin())
    await node.node.core.stores.reports.put_reports([row])


async def post(node: CallableNode, caller: TestCaller, path: str, body: object = b"") -> httpx.Response:
    return await node.call(caller, "POST", path, body)


def problem_of(answer: httpx.Response) -> ProblemId:
    slug = ProblemId(answer.json()["type"].removeprefix("urn:tongxing:problem:"))
    assert answer.status_code == PROBLEMS[slug].status
    return slug


@pytest.mark.parametrize(
    ("path", "caller", "body"),
    [
        ("/v1/recognitions", BACK_END, {"document": PASSPORT}),
        ("/v1/conversions", BACK_END, {"qr_text": "x", "consent": False}),
        ("/v1/carried-statements", BACK_END, {"document": PASSPORT, "name": "王五", "audience": "42"}),
        ("/v1/printed-codes", BACK_END, {"document": PASSPORT, "name": "王五"}),
        ("/v1/verifications/document", DEVICE, {**TYPED, "presence": False}),
        ("/v1/conversion-statements", GATEWAY, {"query_id_hex": "00" * 16, "consent": False, "qr_text": "x"}),
    ],
)
async def test_nothing_is_looked_up_without_consent_or_presence(
    gateway: CallableNode, path: str, caller: TestCaller, body: object
) -> None:
    await know(gateway)
    assert problem_of(await post(gateway, caller, path, body)) is ProblemId.CONSENT_NEEDED
    assert (await post(gateway, BACK_END, "/v1/looks", {"document": PASSPORT})).json()["looks"] == []


@pytest.mark.parametrize(
    ("path", "caller", "body"),
    [
        ("/v1/recognitions", BACK_END, {"document": PASSPORT, "consent": True, "purpose": "curiosity"}),
        ("/v1/recognitions", BACK_END, {"document": {"type": "10", "number": "990100"}, "consent": True}),
        ("/v1/conversions", BACK_END, {"consent": True}),
        ("/v1/conversions", BACK_END, {"consent": True, "statement_hex": "00"}),
        ("/v1/conversions", BACK_END, {"consent": True, "statement_hex": "0", "document": PASSPORT}),
        ("/v1/conversions", BACK_END, {"consent": True, "qr_text": "x", "document": PASSPORT}),
        ("/v1/conversion-statements", GATEWAY, {"query_id_hex": "00", "consent": True, "qr_text": "x"}),
        ("/v1/conversion-statements", GATEWAY, {"query_id_hex": "zz" * 16, "consent": True, "qr_text": "x"}),
        ("/v1/conversion-statements", GATEWAY, {"query_id_hex": "00" * 16, "consent": True}),
        ("/v1/conversion-statements", GATEWAY, {"query_id_hex": "00" * 16, "consent": True, "renewal_token_hex": "x"}),
        ("/v1/verifications/document", DEVICE, {**TYPED, "place_kind": "airport"}),
    ],
)
async def test_what_is_not_well_formed_is_refused(
    gateway: CallableNode, path: str, caller: TestCaller, body: object
) -> None:
    assert problem_of(await post(gateway, caller, path, body)) is ProblemId.BAD_REQUEST


async def test_a_recognition_tells_level_standing_and_source_and_no_cause(gateway: CallableNode) -> None:
    await know(gateway, Cause.CLOSE_CONTACT)
    answer = await post(gateway, BACK_END, "/v1/recognitions", {"document": PASSPORT, "consent": True})
    told = answer.json()
    assert answer.status_code == 200
    assert (told["level"], told["standing"], told["issuer"]) == ("10", "current", GUANGXI)
    assert (told["derived_from"], told["others_consulted"]) == (None, False)
    assert set(told["sentence"]) == {"zh", "en"}
    assert "contact" not in answer.text
    assert "密切" not in answer.text


async def test_a_look_is_told_to_its_subject_with_words_for_its_purpose(gateway: CallableNode) -> None:
    await know(gateway)
    await post(gateway, DEVICE, "/v1/verifications/document", TYPED)
    (look,) = (await post(gateway, BACK_END, "/v1/looks", {"document": PASSPORT})).json()["looks"]
    assert (look["purpose"], look["ground"], look["region"]) == ("passage_without_phone", "presence", GUANGXI)
    assert look["looker"] == DEVICE.key_id
    assert look["words"]["zh"]


async def test_a_typed_document_is_decided_for_a_session_too(gateway: CallableNode) -> None:
    await know(gateway)
    session = await gateway.open_session()
    answer = await gateway.client.post("/v1/verifications/document", json=TYPED, headers=session)
    assert answer.status_code == 200
    assert answer.json()["outcome"] in {"PASS", "PASS_WITH_MEASURES"}
    assert answer.json()["hint"] is None


async def test_the_limit_of_a_device_is_told_as_such(gateway: CallableNode) -> None:
    await know(gateway)
    answers = [
        await post(gateway, DEVICE, "/v1/verifications/document", TYPED)
        for _ in range(DOCUMENTS_PER_DEVICE_PER_MINUTE + 1)
    ]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert problem_of(answers[-1]) is ProblemId.LIMITED


async def test_a_carried_statement_of_somebody_without_a_report_is_not_made(gateway: CallableNode) -> None:
    await know(gateway)
    wanted = {"document": PASSPORT, "name": "王五", "audience": "42", "consent": True}
    made = await post(gateway, BACK_END, "/v1/carried-statements", wanted)
    assert made.status_code == 201
    assert bytes.fromhex(made.json()["statement_hex"])
    for audience in (GUANGXI, "99"):
        answer = await post(gateway, BACK_END, "/v1/carried-statements", {**wanted, "audience": audience})
        assert problem_of(answer) is ProblemId.NOT_FOUND


async def test_a_printed_code_is_handed_out_without_a_status(gateway: CallableNode) -> None:
    await know(gateway, Cause.CONFIRMED_CASE)
    wanted = {"document": PASSPORT, "name": "王五", "consent": True}
    answer = await post(gateway, BACK_END, "/v1/printed-codes", wanted)
    assert answer.status_code == 201
    assert set(answer.json()) == {"qr_text", "expires_at"}
    assert answer.json()["qr_text"].startswith("TXP1.45.")


async def test_a_conversion_that_is_not_there_is_not_found(gateway: CallableNode) -> None:
    answer = await post(gateway, BACK_END, f"/v1/conversions/{'00' * 16}/display")
    assert problem_of(answer) is ProblemId.NOT_FOUND


async def test_what_cannot_be_converted_says_why(gateway: CallableNode) -> None:
    answer = await post(gateway, BACK_END, "/v1/conversions", {"qr_text": "HBJKM." + "A" * 43, "consent": True})
    assert problem_of(answer) is ProblemId.NOT_CONVERTED
    assert "gateway_away" in answer.text


async def test_no_document_is_in_the_log(gateway: CallableNode) -> None:
    await know(gateway)
    await post(gateway, DEVICE, "/v1/verifications/document", TYPED)
    await post(gateway, BACK_END, "/v1/recognitions", {"document": PASSPORT, "consent": True})
    assert b"E99000001" not in gateway.logged.getvalue()
