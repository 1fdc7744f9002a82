"""Verifying in time: reading a picture and asking the issuer share one deadline."""

import asyncio
import threading

import pytest
from msgspec.structs import replace

from tests.unit.services.desks import Desks
from tests.world import HUBEI_CODE, World
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind
from tongxing.recognition.stages import Scan
from tongxing.services import verification
from tongxing.services.verification import Passing
from tongxing.wire.qr import encode_qr_png

pytestmark = pytest.mark.anyio

GATE = Passing("00112233aabbccdd", "gate 1", PlaceKind.TRAFFIC_GATE)
HANGS_AFTER_SECONDS = 30


async def test_a_picture_that_is_not_read_in_time_is_told_as_overload_and_keeps_its_place(
    both: tuple[Desks, Desks], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads cannot be stopped: so that there are never more of them than places, each keeps its own."""
    _, guangxi = both
    let_go, begun = threading.Event(), []

    def read_slowly(_picture: bytes, scan: Scan) -> Scan:
        begun.append(1)
        let_go.wait(HANGS_AFTER_SECONDS)
        return replace(scan, qr_text=World().national_code())

    monkeypatch.setattr(verification, "scan_picture", read_slowly)
    monkeypatch.setattr(verification, "GATEWAY_DEADLINE_SECONDS", 0.05)
    picture = encode_qr_png("x", 4)
    calls = [guangxi.verification.verify_picture(picture, GATE) for _ in range(5)]
    told = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), HANGS_AFTER_SECONDS)
    assert [each.problem for each in told if isinstance(each, Refused)] == [ProblemId.OVERLOADED] * 5
    assert len(begun) == verification.PICTURES_AT_ONCE
    let_go.set()
    monkeypatch.setattr(verification, "GATEWAY_DEADLINE_SECONDS", HANGS_AFTER_SECONDS)
    verified = await guangxi.verification.verify_picture(picture, GATE)
    assert verified.verdict.outcome is Outcome.PASS


async def test_what_reading_a_picture_took_is_not_left_for_asking(
    both: tuple[Desks, Desks], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole is bounded, not each part anew."""
    _, guangxi = both
    asked_with: list[float] = []
    timeout_at = asyncio.timeout_at

    def watched(when: float | None) -> asyncio.Timeout:
        asked_with.append(when or 0.0)
        return timeout_at(when)

    monkeypatch.setattr(asyncio, "timeout_at", watched)
    guangxi.peers.before = asyncio.Event().wait
    monkeypatch.setattr(verification, "GATEWAY_DEADLINE_SECONDS", 0.5)
    verified = await guangxi.verification.verify_picture(encode_qr_png(HUBEI_CODE, 4), GATE)
    assert verified.verdict.reason is ReasonId.GATEWAY_SLOW
    reading, asking = asked_with[:2]
    assert reading == asking
