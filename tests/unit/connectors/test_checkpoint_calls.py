"""What a guard says besides a code goes over the wire as it was said, with a text and with a picture."""

import os
from pathlib import Path

import httpx
import pytest

from tests.running_gateway import DEVICE, running_gateway
from tests.world import AT, GUANGXI, World
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.connectors.node import NodeCaller
from tongxing.core.checkpoints import Temperature
from tongxing.core.verdicts import Direction
from tongxing.core.words import PlaceKind
from tongxing.wire.qr import encode_qr_png

pytestmark = pytest.mark.anyio

WORLD = World()
SAID = [
    (None, None, "PASS", 0),
    (Direction.IN, Temperature(372, confirmed=True), "PASS", 0),
    (Direction.OUT, Temperature(373, confirmed=True), "REFER", 1),
    (None, Temperature(373, confirmed=False), "PASS", 1),
]


async def test_texts_and_pictures_are_decided_with_what_the_guard_said(tmp_path: Path) -> None:
    text = WORLD.national_code()
    picture = encode_qr_png(text, 4)
    with running_gateway(tmp_path, GUANGXI, WORLD.bundle(), AT) as gateway:
        async with httpx.AsyncClient(trust_env=False) as client:
            caller = NodeCaller(SignedCaller(client, DEVICE, gateway.clock, os.urandom), gateway.url)
            for direction, temperature, outcome, notes in SAID:
                for answer in (
                    await caller.verify(text, PlaceKind.FACTORY, direction, temperature),
                    await caller.verify_picture(picture, PlaceKind.FACTORY, direction, temperature),
                ):
                    assert answer["outcome"] == outcome
                    assert len(answer["notes"]) == notes  # type: ignore[arg-type]  # decoded JSON
                    assert gateway.trail(str(answer["ref"]))["direction"] == direction
