"""What a guard enters besides the code, over the API: groups and proofs count, and what cannot be is refused."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.fakes.callers import CALLERS
from tests.unit.api.nodes import CallableNode
from tests.unit.api.test_ways import PASSPORT, know, post, problem_of
from tests.world import AT, World
from tongxing.app.nodes import Gateway
from tongxing.core.groups import Group
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import Proof, ProofBasis, ProofKind
from tongxing.core.verdicts import FOREIGN_NOTE_WORDS, Note
from tongxing.core.words import PlaceKind
from tongxing.services.ports import Role
from tongxing.services.verification import Passing
from tongxing.wire.qr import encode_qr_png

pytestmark = pytest.mark.anyio

DEVICE = CALLERS[Role.DEVICE]
TEST = {"kind": "test", "at": (AT - timedelta(hours=40)).isoformat(), "positive": False}


async def scan(gateway: CallableNode, **told: Any) -> httpx.Response:
    body = {"qr_text": World().national_code(), "place_kind": "traffic_gate", **told}
    return await post(gateway, DEVICE, "/v1/verifications", body)


async def test_groups_and_papers_reach_the_pipeline_as_they_were_entered(
    gateway: CallableNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(gateway.node, Gateway)
    seen: list[Passing] = []
    verify = type(gateway.node.verification).verify

    async def watched(self: Any, qr_text: str, passing: Passing) -> Any:
        seen.append(passing)
        return await verify(self, qr_text, passing)

    monkeypatch.setattr(type(gateway.node.verification), "verify", watched)
    answer = await scan(gateway, groups=["freight", "child"], shown=[TEST], asked=["antigen"])
    assert answer.status_code == 200
    scanned = seen[0].scan("", gateway.node.core.settings.region_id)
    assert scanned.groups == {Group.FREIGHT, Group.CHILD}
    assert scanned.proofs == (Proof(ProofKind.TEST, AT - timedelta(hours=40), ProofBasis.SHOWN, positive=False),)
    assert scanned.asked == {ProofKind.TEST, ProofKind.ANTIGEN}


async def test_foreign_codes_and_the_name_on_the_document_reach_the_pipeline_and_are_told_of(
    gateway: CallableNode,
) -> None:
    answer = await scan(gateway, foreign=["HC1:X", "NZCP:/1/AAAA"], document_name="Anna Müller")
    assert answer.status_code == 200
    notes = [note["en"] for note in answer.json()["notes"]]
    assert notes == [FOREIGN_NOTE_WORDS[Note.FOREIGN_UNREADABLE].en]


@pytest.mark.parametrize(
    "told", [{"foreign": ["HC1:X"] * 9}, {"foreign": ["A" * 5_000]}, {"foreign": "HC1:X"}, {"document_name": "A" * 200}]
)
async def test_more_than_anybody_shows_is_refused(gateway: CallableNode, told: dict[str, Any]) -> None:
    assert (await scan(gateway, **told)).status_code == 400


async def test_a_scan_without_them_asks_for_nothing(gateway: CallableNode) -> None:
    assert (await scan(gateway)).status_code == 200
    plain = Passing("d", "s", PlaceKind.TRAFFIC_GATE).scan("", World().knowledge().host)
    assert (plain.groups, plain.proofs, plain.asked) == (frozenset(), (), frozenset())


@pytest.mark.parametrize(
    "told",
    [
        {"groups": ["lorry"]},
        {"groups": ["child"] * 7},
        {"groups": "child"},
        {"asked": ["blood"]},
        {"shown": [{**TEST, "positive": None}]},
        {"shown": [{**TEST, "complete": True}]},
        {"shown": [{**TEST, "kind": "vaccination"}]},
        {"shown": [{"kind": "vaccination", "at": TEST["at"], "complete": False, "boosted": True}]},
        {"shown": [{**TEST, "at": (AT + timedelta(hours=1)).isoformat()}]},
        {"shown": [{**TEST, "at": "2020-03-20T00:00:00"}]},
        {"shown": [{**TEST, "name": "王小明"}]},
        {"shown": [TEST] * 9},
    ],
    ids=repr,
)
async def test_what_cannot_be_is_refused(gateway: CallableNode, told: dict[str, object]) -> None:
    assert problem_of(await scan(gateway, **told)) is ProblemId.BAD_REQUEST


async def test_an_isolation_that_is_under_way_ends_in_the_future(gateway: CallableNode) -> None:
    under_way = {"kind": "isolation", "at": (AT + timedelta(days=3)).isoformat()}
    assert (await scan(gateway, shown=[under_way])).status_code == 200


async def test_they_are_entered_with_a_typed_document_too(gateway: CallableNode) -> None:
    await know(gateway)
    typed = {"document": PASSPORT, "place_kind": "traffic_gate", "presence": True}
    good = await post(gateway, DEVICE, "/v1/verifications/document", {**typed, "groups": ["child"], "shown": [TEST]})
    assert good.status_code == 200
    bad = await post(gateway, DEVICE, "/v1/verifications/document", {**typed, "shown": [{**TEST, "positive": None}]})
    assert problem_of(bad) is ProblemId.BAD_REQUEST


async def test_they_are_entered_with_a_picture_too(gateway: CallableNode, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(gateway.node, Gateway)
    seen: list[Passing] = []
    verify = type(gateway.node.verification).verify_picture

    async def watched(self: Any, picture: bytes, passing: Passing) -> Any:
        seen.append(passing)
        return await verify(self, picture, passing)

    monkeypatch.setattr(type(gateway.node.verification), "verify_picture", watched)
    picture = b64encode(encode_qr_png(World().national_code(), 4)).decode()
    shown = {"picture": picture, "place_kind": "traffic_gate", "groups": ["freight"], "shown": [TEST]}
    assert (await post(gateway, DEVICE, "/v1/verifications/picture", shown)).status_code == 200
    assert seen[0].entered.groups == {Group.FREIGHT}
    assert seen[0].entered.kinds_asked == {ProofKind.TEST}
    shown["shown"] = [{**TEST, "positive": None}]
    assert problem_of(await post(gateway, DEVICE, "/v1/verifications/picture", shown)) is ProblemId.BAD_REQUEST
