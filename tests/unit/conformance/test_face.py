"""An examination of the face of GB/T 38963: ours conforms, and a face that is built wrong is found out."""

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.fakes.callers import CALLERS
from tests.unit.api.conftest import templates
from tests.unit.api.nodes import ORIGIN, CallableNode, callable_node
from tests.unit.api.test_ways import know
from tongxing.app.settings import NodeKind
from tongxing.conformance.face_asking import FaceAnswer, FaceAsker, FaceGiven
from tongxing.conformance.face_checks import FACE_CHECKS, FaceCheckId
from tongxing.conformance.face_examining import examine_face
from tongxing.conformance.findings import Examined, Verdict
from tongxing.core.subjects import DocumentType
from tongxing.core.words import RegionId, Sentence
from tongxing.services.ports import Role

pytestmark = pytest.mark.anyio
__all__ = ["templates"]

GIVEN = FaceGiven(
    region=RegionId("45"),
    name=Sentence("广西", "Guangxi"),
    application=CALLERS[Role.BACK_END].key,
    checkpoint=CALLERS[Role.DEVICE].key,
    document_type=DocumentType("20"),
    document_number="E99000001",
    person_name="王五",
)


@pytest.fixture
async def gateway(templates: dict[NodeKind, Path], tmp_path: Path) -> AsyncIterator[CallableNode]:
    async with callable_node(NodeKind.GATEWAY, templates[NodeKind.GATEWAY], tmp_path / "gateway") as node:
        await know(node)
        yield node


def failed(found: Examined) -> set[str]:
    return {check for check, result in found.results.items() if result.verdict is Verdict.FAILED}


async def test_our_face_conforms_and_every_check_was_tried(gateway: CallableNode) -> None:
    found = await examine_face(FaceAsker(gateway.client, ORIGIN, GIVEN, gateway.clock))
    assert {check: result.failures for check, result in found.results.items() if result.failures} == {}
    assert found.conforms
    assert {check for check, result in found.results.items() if result.verdict is Verdict.PASSED} == set(FACE_CHECKS)


class WrongFace(FaceAsker):
    """Our face, whose answers a careless one would give instead."""

    spoil: Callable[[FaceAnswer], FaceAnswer]

    async def send(self, number: Any, content: bytes, headers: Mapping[str, str]) -> FaceAnswer:
        answer = self.spoil(await super().send(number, content, headers))
        self.heard[-1] = answer
        return answer


def told(status: int = 200, **value: object) -> Callable[[FaceAnswer], FaceAnswer]:
    return lambda answer: FaceAnswer(status, {**answer.value, **value})


def with_data(**more: object) -> Callable[[FaceAnswer], FaceAnswer]:
    return lambda answer: FaceAnswer(answer.status, {**answer.value, "data": {**answer.data, **more}})


REFUSALS = {
    *(FaceCheckId.UNSIGNED, FaceCheckId.WRONG_SIGNATURE, FaceCheckId.REPLAYED_CALL, FaceCheckId.OTHER_ROLE),
    *(FaceCheckId.NO_CONSENT, FaceCheckId.MALFORMED_CALL, FaceCheckId.APPLICATION_ONCE, FaceCheckId.GARBAGE_CODE),
    FaceCheckId.RESULT_ONCE,
}


@pytest.mark.parametrize(
    ("spoil", "found_by"),
    [
        (told(errcode=10000), REFUSALS),
        (told(errcode="10000"), {FaceCheckId.FORM}),
        (told(status=500), {FaceCheckId.FORM, FaceCheckId.UNSIGNED}),
        (with_data(BizExtData="A" * 64), {FaceCheckId.OWN_RESULT}),
        (with_data(fxdj="00"), {FaceCheckId.SPARING}),
        (with_data(qrCode="1"), {FaceCheckId.MADE_CODE}),
        (with_data(passResult="PASS"), {FaceCheckId.GARBAGE_CODE}),
        (with_data(randomNumber=None), {FaceCheckId.APPLICATION_ONCE}),
    ],
)
async def test_a_face_that_is_built_wrong_is_found_out(
    gateway: CallableNode, spoil: Callable[[FaceAnswer], FaceAnswer], found_by: set[FaceCheckId]
) -> None:
    asker = WrongFace(gateway.client, ORIGIN, GIVEN, gateway.clock)
    asker.spoil = spoil
    found = await examine_face(asker)
    assert found_by <= failed(found)
    assert not found.conforms


async def test_a_face_that_is_no_json_fails_at_every_answer(gateway: CallableNode) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, text="<html>"))) as page:
        found = await examine_face(FaceAsker(page, ORIGIN, GIVEN, gateway.clock))
    assert FaceCheckId.FORM in failed(found)
    assert msgspec.json.encode({check: str(result.verdict) for check, result in found.results.items()})
